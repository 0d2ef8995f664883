//! How fast a processor multiplies at most: what the speed of layers is measured against.

use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use super::Kernel;

/// Turns of the loop in one measurement: some ten microseconds, so that few are disturbed.
const TURNS: usize = 4096;
/// Measurements, of which the best counts: enough to reach the full clock.
const MEASUREMENTS: usize = 400;

/// Multiplications a second of a kernel's own instruction, on registers, with `threads` threads at the same time; `None`
/// when it has no such instruction.
pub fn peak(kernel: &'static Kernel, threads: usize) -> Option<f64> {
    let multiply = kernel.multiply?;
    let barrier = Barrier::new(threads);
    let measure = || {
        barrier.wait();
        let mut best = 0.0_f64;
        for _ in 0..MEASUREMENTS {
            let start = Instant::now();
            // SAFETY: a kernel is chosen by what the processor has.
            let done = unsafe { multiply(TURNS) };
            best = best.max(done as f64 / start.elapsed().as_secs_f64());
        }
        best
    };
    thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads).map(|_| scope.spawn(measure)).collect();
        let own = measure();
        helpers.into_iter().try_fold(own, |sum, helper| Some(sum + helper.join().ok()?))
    })
}
