//! A few threads that sleep until a network runs, and then work on it together.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::JoinHandle;

/// What the threads do together: each calls it once, and it returns when nothing is left to do.
type Work<'a> = &'a (dyn Fn() + Sync);

/// Threads that wait for work. The one that brings the work takes part in it, so there is one thread less in here.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
    /// Held while a network runs.
    busy: Mutex<()>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// There is work, or the pool ends.
    wake: Condvar,
    /// A helper has finished.
    idle: Condvar,
}

#[derive(Default)]
struct State {
    work: Option<Work<'static>>,
    /// Counts the works, so that a helper takes each at most once.
    turn: u64,
    /// Helpers that are at work.
    active: usize,
    ended: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    /// A pool in which `threads` threads work, the caller included. A thread that the system refuses is done without.
    pub(crate) fn new(threads: usize) -> Self {
        let shared = Arc::new(Shared::default());
        let helpers = (1..threads)
            .map_while(|index| {
                let shared = Arc::clone(&shared);
                std::thread::Builder::new().name(format!("engine-{index}")).spawn(move || help(&shared)).ok()
            })
            .collect();
        Self { shared, helpers, busy: Mutex::new(()) }
    }

    /// How many threads work, the caller included.
    pub(crate) fn threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Calls `work` in this thread and, unless they are busy with other work, in all others. Returns when every call
    /// has returned; a helper that has not woken by the time this thread is through no longer begins.
    pub(crate) fn run(&self, work: Work) {
        let alone = self.helpers.is_empty();
        let guard = match self.busy.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        if alone || guard.is_none() {
            return work();
        }
        // SAFETY: the helpers use `work` only between taking it from the state and counting themselves out, and
        // `Withdraw` does not let this function end, not even by a panic, before all have.
        let forever = unsafe { std::mem::transmute::<Work<'_>, Work<'static>>(work) };
        {
            let mut state = self.shared.lock();
            state.work = Some(forever);
            state.turn += 1;
        }
        let withdraw = Withdraw(&self.shared);
        self.shared.wake.notify_all();
        work();
        drop(withdraw);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.wake.notify_all();
        for helper in self.helpers.drain(..) {
            // A helper does not panic: it contains what `work` does.
            let _ = helper.join();
        }
    }
}

/// Takes the work away and waits for those who are at it.
struct Withdraw<'a>(&'a Shared);

impl Drop for Withdraw<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.work = None;
        while state.active > 0 {
            state = self.0.idle.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The life of a helper.
fn help(shared: &Shared) {
    let mut turn = 0;
    let mut state = shared.lock();
    while !state.ended {
        match state.work {
            Some(work) if state.turn != turn => {
                turn = state.turn;
                state.active += 1;
                drop(state);
                // The work says by itself that it failed: its other threads would wait for ever otherwise.
                let _ = catch_unwind(AssertUnwindSafe(work));
                state = shared.lock();
                state.active -= 1;
                shared.idle.notify_all();
            }
            _ => state = shared.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn threads_work_together_again_and_again() {
        for threads in [1, 2, 5] {
            let pool = Pool::new(threads);
            assert_eq!(pool.threads(), threads);
            for _ in 0..200 {
                let (next, sum) = (AtomicUsize::new(0), AtomicUsize::new(0));
                pool.run(&|| {
                    while let at @ ..100 = next.fetch_add(1, Ordering::Relaxed) {
                        sum.fetch_add(at, Ordering::Relaxed);
                    }
                });
                assert_eq!(sum.into_inner(), 4950);
            }
        }
    }

    #[test]
    fn a_busy_pool_leaves_the_caller_alone() {
        let (pool, calls) = (Pool::new(3), AtomicUsize::new(0));
        pool.run(&|| pool.run(&|| _ = calls.fetch_add(1, Ordering::Relaxed)));
        assert!((1..=3).contains(&calls.into_inner()));
    }

    #[test]
    fn a_panic_reaches_the_caller_after_all_others_are_through() {
        let pool = Pool::new(3);
        let result = catch_unwind(AssertUnwindSafe(|| pool.run(&|| panic!("no"))));
        assert!(result.is_err());
        let calls = AtomicUsize::new(0);
        pool.run(&|| _ = calls.fetch_add(1, Ordering::Relaxed));
        assert!(calls.into_inner() >= 1);
    }
}
