//! A float network as steps over planes.
//!
//! One thread runs it: a look of the face detector takes about a millisecond, a good part of which waking others would
//! cost. Threads that look at different pictures share a program.

use std::sync::{Mutex, PoisonError};

use super::layers::{self, Convolution, Depthwise, Plane, Window};
use super::rows::{FloatKernel, Residual};

/// A plane of a [`FloatProgram`], by number. The first is the input.
pub type Slot = usize;

/// One layer: what it computes, which planes it reads, and which it writes.
pub struct FloatStep {
    /// What it computes.
    pub work: Work,
    /// The plane that it reads.
    pub from: Slot,
    /// The plane that it writes.
    pub to: Slot,
}

/// What a step computes.
pub enum Work {
    /// A convolution, behind a depthwise one when there is one: row by row, so that what lies between stays in the cache.
    Conv {
        /// The depthwise one before it.
        depthwise: Option<Depthwise>,
        /// The convolution.
        conv: Convolution,
        /// The plane that is added to the sums; channels that it does not have are 0.
        residual: Option<Slot>,
        /// Whether what is not positive becomes 0.
        relu: bool,
    },
    /// A depthwise convolution alone.
    Depthwise(Depthwise),
    /// The largest under a window without padding.
    MaxPool(Window),
}

/// Steps in an order in which each reads what earlier ones wrote.
pub struct FloatProgram {
    kernel: &'static FloatKernel,
    steps: Vec<FloatStep>,
    outputs: Vec<Slot>,
    planes: Vec<Plane>,
    /// For each plane, which memory of an arena holds it: planes that are never needed together share one.
    places: Vec<usize>,
    /// Memory that no run uses at present.
    arenas: Mutex<Vec<Vec<Vec<f32>>>>,
}

impl FloatProgram {
    /// Puts a program together.
    ///
    /// # Panics
    /// When a step reads what was not written, or shapes do not fit: whoever builds the program sees to that.
    pub fn new(kernel: &'static FloatKernel, steps: Vec<FloatStep>, outputs: Vec<Slot>, planes: Vec<Plane>) -> Self {
        let mut written = vec![false; planes.len()];
        written[0] = true;
        for FloatStep { work, from, to } in &steps {
            assert!(written[*from] && !std::mem::replace(&mut written[*to], true), "out of order");
            let (from, to) = (&planes[*from], &planes[*to]);
            let shape = |window: &Window, channels: usize| {
                let [height, width] = window.output(from.height, from.width)?;
                (window.border() <= from.border).then_some([height, width, channels])
            };
            let found = match work {
                Work::MaxPool(window) => shape(window, from.channels).filter(|_| window.border() == 0),
                Work::Depthwise(depthwise) => shape(depthwise.window(), depthwise.channels()),
                Work::Conv { depthwise: None, conv, .. } => shape(conv.window(), conv.channels()[1]),
                Work::Conv { depthwise: Some(depthwise), conv, .. } => {
                    let pixel = Window { size: [1; 2], stride: [1; 2], before: [0; 2], after: [0; 2] };
                    let fits = *conv.window() == pixel && conv.channels()[0] == depthwise.channels();
                    shape(depthwise.window(), conv.channels()[1]).filter(|_| fits)
                }
            };
            assert_eq!(found, Some([to.height, to.width, to.channels]), "a step does not fit its output");
            assert_eq!(to.step, to.channels.next_multiple_of(kernel.lanes));
            if let Work::Conv { residual: Some(slot), .. } = work {
                let plane = &planes[*slot];
                let fits = (plane.height, plane.width) == (to.height, to.width) && plane.channels <= to.channels;
                assert!(written[*slot] && fits && plane.step.is_multiple_of(kernel.lanes), "the residual does not fit");
            }
        }
        assert!(outputs.iter().all(|slot| written[*slot]));
        let places = places(&steps, &outputs, &planes);
        Self { kernel, steps, outputs, planes, places, arenas: Mutex::default() }
    }

    /// The instruction set.
    pub fn kernel(&self) -> &'static str {
        self.kernel.name
    }

    /// Computes the outputs of one input, both height x width x channels.
    ///
    /// # Panics
    /// When the input has another length than the first plane.
    pub fn run(&self, input: &[f32]) -> Vec<Vec<f32>> {
        let arena = self.arenas.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut arena = arena.unwrap_or_else(|| self.arena());
        let plane = &self.planes[0];
        assert_eq!(input.len(), plane.height * plane.width * plane.channels, "the input's length");
        for (y, row) in input.chunks_exact(plane.width * plane.channels).enumerate() {
            let pixels = arena[self.places[0]][plane.row(y)].chunks_exact_mut(plane.step);
            for (to, from) in pixels.zip(row.chunks_exact(plane.channels)) {
                to[..plane.channels].copy_from_slice(from);
            }
        }
        let mut between = Vec::new();
        for step in &self.steps {
            let mut output = std::mem::take(&mut arena[self.places[step.to]]);
            self.step(step, &arena, &mut between, &mut output);
            arena[self.places[step.to]] = output;
        }
        let outputs = self.outputs.iter().map(|slot| self.output(*slot, &arena)).collect();
        self.arenas.lock().unwrap_or_else(PoisonError::into_inner).push(arena);
        outputs
    }

    fn arena(&self) -> Vec<Vec<f32>> {
        let count = self.places.iter().max().map_or(0, |last| last + 1);
        let mut arena = vec![Vec::new(); count];
        for (plane, place) in self.planes.iter().zip(&self.places) {
            arena[*place].resize(plane.len(), 0.0);
        }
        arena
    }

    fn step(&self, step: &FloatStep, arena: &[Vec<f32>], between: &mut Vec<f32>, output: &mut [f32]) {
        let (plane, to) = (&self.planes[step.from], &self.planes[step.to]);
        let input = &arena[self.places[step.from]];
        for y in 0..to.height {
            let row = &mut output[to.row(y)];
            match &step.work {
                Work::MaxPool(window) => layers::max_pool_row(self.kernel, window, plane, input, y, row),
                Work::Depthwise(depthwise) => depthwise.row(plane, input, y, row),
                Work::Conv { depthwise, conv, residual, relu } => {
                    let residual = residual.map(|slot| {
                        let plane = &self.planes[slot];
                        Residual { row: &arena[self.places[slot]][plane.row(y)], channels: plane.step }
                    });
                    match depthwise {
                        None => conv.row(plane, input, y, residual, *relu, row),
                        Some(depthwise) => {
                            let line = between_plane(to.width, plane);
                            between.resize(line.len(), 0.0);
                            depthwise.row(plane, input, y, between);
                            conv.row(&line, between, 0, residual, *relu, row);
                        }
                    }
                }
            }
        }
    }

    fn output(&self, slot: Slot, arena: &[Vec<f32>]) -> Vec<f32> {
        let plane = &self.planes[slot];
        let values = &arena[self.places[slot]];
        let mut output = Vec::with_capacity(plane.height * plane.width * plane.channels);
        for y in 0..plane.height {
            for pixel in values[plane.row(y)].chunks_exact(plane.step) {
                output.extend_from_slice(&pixel[..plane.channels]);
            }
        }
        output
    }
}

/// The row that a depthwise convolution of pixels such as `input`'s makes before a convolution reads it.
pub fn between_plane(width: usize, input: &Plane) -> Plane {
    Plane { height: 1, width, channels: input.channels, step: input.step, border: 0 }
}

/// Gives each plane a place. Planes of the same layout share one when the first is no longer read by the time that the
/// second is written: so the border and the padding, which no step writes to but with zeros, stay what they are.
fn places(steps: &[FloatStep], outputs: &[Slot], planes: &[Plane]) -> Vec<usize> {
    let mut last_read = vec![0; planes.len()];
    for (at, step) in steps.iter().enumerate() {
        last_read[step.from] = at;
        if let Work::Conv { residual: Some(slot), .. } = step.work {
            last_read[slot] = at;
        }
    }
    for slot in outputs {
        last_read[*slot] = usize::MAX;
    }
    let mut places = vec![0; planes.len()];
    // Of each place, the plane that it holds at present; the input has one for itself.
    let mut holds: Vec<Slot> = vec![0];
    for (at, step) in steps.iter().enumerate() {
        let free = |held: &Slot| *held != 0 && planes[*held] == planes[step.to] && last_read[*held] < at;
        match holds.iter().position(free) {
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
