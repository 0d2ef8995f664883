//! A network as steps over activations, and the way through them with several threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::activation::{Activation, Shape};
use super::conv::{Conv, Parts};
use super::layers::{self, Dense, Window};
use super::memory::Shelf;
use super::pool::Pool;
use super::range::Range;

/// An activation of a [`Program`], by number.
pub type Slot = usize;

/// One layer: what it computes, which activations it reads, and which it writes.
pub struct Step {
    /// The name of the node that it stems from.
    pub name: String,
    /// What it computes.
    pub layer: Layer,
    /// What it reads.
    pub from: Slot,
    /// What is added to a convolution's output.
    pub residual: Option<Slot>,
    /// What it writes.
    pub to: Slot,
}

/// What a step computes.
pub enum Layer {
    /// From the input's floats, in planes, to a picture: value / scale, rounded, plus 128. It reads no activation.
    Quantize {
        /// The value of one step.
        scale: f32,
    },
    /// See [`Conv`].
    Conv(Box<Conv>),
    /// The largest under a window.
    MaxPool(Window),
    /// The mean of all pixels times a multiplier.
    Average {
        /// From the sum over the pixels to steps of the output.
        multiplier: f32,
        /// What the output's bytes stand for: [`Range::Positive`] or [`Range::Unsigned`].
        range: Range,
    },
}

/// What a program gives: floats.
pub enum Output {
    /// Of an activation with one pixel.
    Dense {
        /// The activation.
        from: Slot,
        /// The layer.
        dense: Dense,
    },
    /// An activation as it is, in planes.
    Values {
        /// The activation.
        from: Slot,
        /// The value of one step.
        scale: f32,
        /// What its bytes stand for.
        range: Range,
    },
}

/// Activations' shapes and what their border holds; see [`Program::new`].
pub struct Memory {
    /// Its size.
    pub shape: Shape,
    /// Each byte of the border.
    pub border: u8,
}

/// Steps in an order in which each reads what earlier ones wrote.
pub struct Program {
    steps: Vec<Step>,
    outputs: Vec<Output>,
    slots: Vec<Memory>,
    /// For each slot, which activation of an [`Arena`] holds it: slots that are never needed together share one.
    places: Vec<usize>,
    pool: Pool,
    /// Activations that no run uses at present.
    arenas: Mutex<Vec<Arena>>,
}

type Arena = Vec<Activation>;

/// How long the steps of a run took.
pub type Times = Vec<Duration>;

/// Turns that a thread waits without giving its processor away: a few microseconds.
const SPINS: usize = if cfg!(miri) { 1 } else { 4000 };

impl Program {
    /// # Panics
    /// When a slot has no shape, a step reads what was not written, or shapes do not fit: whoever builds the program
    /// sees to that.
    pub fn new(steps: Vec<Step>, outputs: Vec<Output>, slots: Vec<Memory>, threads: usize) -> Self {
        let mut written = vec![false; slots.len()];
        for step in &steps {
            let shape = &slots[step.to].shape;
            assert!(!std::mem::replace(&mut written[step.to], true), "written twice");
            let reads = if matches!(step.layer, Layer::Quantize { .. }) { None } else { Some(step.from) };
            assert!(reads.iter().chain(&step.residual).all(|slot| written[*slot] && *slot != step.to));
            let from = &slots[step.from].shape;
            let fits = match &step.layer {
                Layer::Quantize { .. } => true,
                Layer::Conv(conv) => {
                    conv.geometry().output(from.height, from.width) == Some([shape.height, shape.width])
                }
                Layer::MaxPool(window) => {
                    window.output(from.height) == Some(shape.height)
                        && window.output(from.width) == Some(shape.width)
                        && window.padding <= from.border
                        && from.channels == shape.channels
                }
                Layer::Average { .. } => (shape.height, shape.width, shape.channels) == (1, 1, from.channels),
            };
            assert!(fits, "step {} does not fit its output", step.name);
        }
        let places = places(&steps, &outputs, &slots);
        Self { steps, outputs, slots, places, pool: Pool::new(threads), arenas: Mutex::default() }
    }

    /// The steps in the order in which they run.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How many threads work on a run.
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    /// Multiplications of a step in a run.
    pub fn macs(&self, step: &Step) -> usize {
        match &step.layer {
            Layer::Conv(conv) => conv.geometry().macs_per_pixel() * self.slots[step.to].shape.pixels(),
            _ => 0,
        }
    }

    /// The shape of an activation.
    pub fn shape(&self, slot: Slot) -> &Shape {
        &self.slots[slot].shape
    }

    /// Computes the outputs of one input: planes of floats. `times`, when given, gets the time of each step.
    ///
    /// # Panics
    /// When the input has another length than the first step's output.
    pub fn run(&self, input: &[f32], times: Option<&mut Times>) -> Vec<Vec<f32>> {
        let arena = self.arenas.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let arena = arena.unwrap_or_else(|| self.arena());
        for step in self.steps.iter().filter(|step| matches!(step.layer, Layer::Quantize { .. })) {
            let shape = self.shape(step.to);
            assert_eq!(input.len(), shape.channels * shape.pixels(), "the input's length");
        }
        let run = Run {
            program: self,
            arena: &arena,
            input,
            parts: self.steps.iter().map(|step| self.parts(step)).collect(),
            progress: self.steps.iter().map(|_| Progress::default()).collect(),
            failed: AtomicBool::new(false),
            times: Mutex::new(times),
        };
        self.pool.run(&|| run.work());
        let outputs = self.outputs.iter().map(|output| self.output(output, &arena)).collect();
        self.arenas.lock().unwrap_or_else(PoisonError::into_inner).push(arena);
        outputs
    }

    fn arena(&self) -> Arena {
        let count = self.places.iter().max().map_or(0, |last| last + 1);
        let slot = |place| self.places.iter().position(|at| *at == place);
        let held: Vec<&Memory> = (0..count).filter_map(slot).map(|slot| &self.slots[slot]).collect();
        let shelf = Shelf::new(held.iter().map(|memory| memory.shape.memory()));
        held.into_iter().map(|memory| Activation::on(&shelf, memory.shape, memory.border)).collect()
    }

    fn parts(&self, step: &Step) -> Parts {
        let rows = |most: usize| Parts { pixels: self.shape(step.to).height.min(most), panels: 1 };
        match &step.layer {
            Layer::Conv(conv) => conv.parts(self.threads()),
            Layer::Quantize { .. } | Layer::MaxPool(_) if self.threads() > 1 => rows(4 * self.threads()),
            _ => rows(1),
        }
    }

    fn output(&self, output: &Output, arena: &Arena) -> Vec<f32> {
        match output {
            Output::Dense { from, dense } => {
                let activation = &arena[self.places[*from]];
                let Shape { border, width, .. } = *activation.shape();
                // SAFETY: all threads are through with the steps.
                dense.run(unsafe { activation.row(border, border..border + width) })
            }
            Output::Values { from, scale, range } => {
                // SAFETY: all threads are through with the steps.
                unsafe { layers::dequantize(&arena[self.places[*from]], *scale, *range) }
            }
        }
    }
}

/// Gives each slot a place. Slots of the same shape and border share one when the first is no longer read by the time
/// that the second is written: so the border, which no step writes, stays what it is.
fn places(steps: &[Step], outputs: &[Output], slots: &[Memory]) -> Vec<usize> {
    let mut last_read = vec![0; slots.len()];
    for (at, step) in steps.iter().enumerate() {
        for slot in [step.from].iter().chain(&step.residual) {
            last_read[*slot] = at;
        }
    }
    for output in outputs {
        let (Output::Dense { from, .. } | Output::Values { from, .. }) = output;
        last_read[*from] = usize::MAX;
    }
    let mut places = vec![0; slots.len()];
    // Of each place, the slot that it holds at present.
    let mut holds: Vec<Slot> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let alike =
            |held: &Slot| slots[*held].shape == slots[step.to].shape && slots[*held].border == slots[step.to].border;
        match holds.iter().position(|held| alike(held) && last_read[*held] < at) {
            Some(place) => {
                places[step.to] = place;
                holds[place] = step.to;
            }
            None => {
                places[step.to] = holds.len();
                holds.push(step.to);
            }
        }
    }
    places
}

/// One run, as all its threads see it.
struct Run<'a> {
    program: &'a Program,
    arena: &'a Arena,
    input: &'a [f32],
    parts: Vec<Parts>,
    progress: Vec<Progress>,
    /// A thread panicked; the others must not wait for it.
    failed: AtomicBool,
    times: Mutex<Option<&'a mut Times>>,
}

/// How far a step is. On a cache line of its own.
#[derive(Default)]
#[repr(align(64))]
struct Progress {
    next: AtomicUsize,
    done: AtomicUsize,
}

impl Run<'_> {
    /// Takes parts of step after step; goes on to the next step when all parts of the last are done.
    fn work(&self) {
        let guard = Guard(&self.failed);
        let mut start = Instant::now();
        for (index, step) in self.program.steps.iter().enumerate() {
            let (progress, count) = (&self.progress[index], self.parts[index].count());
            loop {
                let part = progress.next.fetch_add(1, Ordering::Relaxed);
                if part >= count {
                    break;
                }
                // SAFETY: `next` gives each part to one thread, and the loop below has seen all earlier steps done.
                unsafe { self.part(step, self.parts[index], part) };
                progress.done.fetch_add(1, Ordering::Release);
            }
            let mut spins = 0;
            while progress.done.load(Ordering::Acquire) < count {
                assert!(!self.failed.load(Ordering::Relaxed), "another thread of the network failed");
                spins += 1;
                if spins < SPINS { std::hint::spin_loop() } else { std::thread::yield_now() }
            }
            self.note(index, &mut start);
        }
        std::mem::forget(guard);
    }

    /// Notes the time of a step, for the first thread that is through with it.
    fn note(&self, index: usize, start: &mut Instant) {
        let begun = std::mem::replace(start, Instant::now());
        if let Ok(mut times) = self.times.try_lock()
            && let Some(times) = times.as_mut()
            && times.len() == index
        {
            times.push(*start - begun);
        }
    }

    /// # Safety
    /// All steps before are done, and nobody else does this part.
    // SAFETY: see above.
    unsafe fn part(&self, step: &Step, parts: Parts, part: usize) {
        let activation = |slot: Slot| &self.arena[self.program.places[slot]];
        let to = activation(step.to);
        let height = to.shape().height;
        let rows = height * part / parts.count()..height * (part + 1) / parts.count();
        // SAFETY: `places` gives a step's output memory that no slot in use has, so nobody but the parts of this step
        // touches it, and those write to rows of their own; what a step reads was written by earlier steps.
        unsafe {
            match &step.layer {
                Layer::Conv(conv) => conv.run(parts, part, activation(step.from), step.residual.map(activation), to),
                Layer::Quantize { scale } => rows.for_each(|y| layers::quantize_row(self.input, *scale, y, to)),
                Layer::MaxPool(window) => {
                    rows.for_each(|y| layers::max_pool_row(*window, activation(step.from), y, to));
                }
                Layer::Average { multiplier, range } => layers::average(*multiplier, *range, activation(step.from), to),
            }
        }
    }
}

/// Says so when a thread panics.
struct Guard<'a>(&'a AtomicBool);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
