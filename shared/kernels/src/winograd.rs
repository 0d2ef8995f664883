//! Convolutions of 3 x 3 taps and stride 1 with a quarter of the multiplications: Winograd's F(4 x 4, 3 x 3), exactly.
//!
//! Four by four neighbouring outputs, a *square*, depend on six by six inputs `d`. With the 3 x 3 taps `g`, Winograd's
//! algorithm computes them as `A' [(G g G') * (B' d B)] A`, where `*` multiplies element by
//! element: 36 multiplications for each pair of channels in place of 144. Products are summed over the input channels
//! before the last transform, so the middle is 36 matrix products, of squares times inputs by inputs times outputs.
//! (Lavin and Gray, *Fast Algorithms for Convolutional Neural Networks*, 2016, section 4.2.)
//!
//! # Why it is exact
//!
//! Every step here is a sum or product of integers modulo 2^32, and the result is the sum itself, not something near it:
//!
//! 1. Inputs are 0 to 255. Each row of `B'` has entries whose magnitudes sum to at most 10, so after both passes a value is
//!    at most 10 * 10 * 255 = 25500 in magnitude: it fits 16 bits, and so does everything on the way.
//! 2. `G` has fractions. Its rows are taken 24, 12, 12, 24, 24 and 6 times as large, which makes them whole:
//!    (6 0 0), (2 2 2), (2 -2 2), (1 2 4), (1 -2 4), (0 0 6), two of them with the opposite sign.
//!    Magnitudes in a row sum to at most 7, so a transformed weight is at most 7 * 7 * 127 = 6223 in magnitude.
//! 3. Two products together are at most 2 * 25500 * 6223 < 2^31, so the instructions that add two of them cannot saturate.
//!    Sums over many channels may pass 2^31; they wrap, and stay right modulo 2^32.
//! 4. `A'` takes back what was done to `G`: its first row gives 24 times the output, and the others 12 times. So element
//!    (i, j) of a square is found as `Z = s * y` modulo 2^32, with `s` = 9 * 64 for the first element, 9 * 32 for the others
//!    of the first row and column, and 9 * 16 elsewhere.
//! 5. 9 is odd, so it has an [inverse](NINTH) modulo 2^32. `Z` times this inverse, times 1, 2 or 4, is 64 * y modulo 2^32. When
//!    |y| < 2^25 that is 64 * y itself, as a signed number, and a shift by 6 gives `y`. What is known of the weights proves
//!    this in advance: |y| is at most the largest input times the sum of a channel's weights' magnitudes. Where it is not proven,
//!    [`Winograd::new`] refuses.
//!
//! Squares at the lower and right edge may reach beyond the picture. Outputs there are not stored; what the inputs there
//! are does not matter, for an output depends on its own nine inputs alone, exactly. A square
//! of which only one or two rows or columns are inside is *short* there: F(2, 3) computes these from the same transformed
//! weights, those of the points 0, 1, -1 and infinity in positions 0, 1, 2 and 5, and gives 12 times the output.
//!
//! # When it pays
//!
//! Words are multiplied at half the rate of bytes, so this halves the time of the products at best, and adds the three
//! transforms. Transformed weights are eight times as many bytes: kept in memory, fetching them takes longer than the
//! multiplications that they save (14 x 14 pixels, 256 channels: 0.77 ms, where the plain way takes 0.52). So each run
//! transforms them anew, panel by panel, into the second-level cache, while the next panel's bytes are fetched. That is
//! worth it when enough squares use them: [`Kernel::least_squares`].
//!
//! Milliseconds on one core (Zen 4) for the four sizes of a ResNet-50, which are the same number of multiplications each:
//!
//! | output | squares | AVX-512 VNNI, plain | Winograd | AVX2, plain | Winograd |
//! |---|---|---|---|---|---|
//! | 56 x 56 x 64 | 196 | 0.51 | 0.34 | 0.89 | 0.47 |
//! | 28 x 28 x 128 | 49 | 0.51 | 0.32 | 0.88 | 0.45 |
//! | 14 x 14 x 256 | 16, 7 of them short | 0.52 | 0.40 | 0.89 | 0.57 |
//! | 7 x 7 x 512 | 4 | 0.64 | 0.72 | 1.00 | 0.78 |
//!
//! A layer with a residual behind it takes the plain way: this engine's networks have none of 3 x 3.
//!
//! # Another instruction set
//!
//! One file in `winograd/`: [`transform::Words`] and [`transform::Sums`] for its vectors, and the matrix product; see
//! `winograd/scalar.rs` for the least of it.

#[cfg(target_arch = "x86_64")]
pub(super) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(super) mod avx512vnni;
pub(super) mod scalar;
mod transform;

use std::cell::RefCell;
use std::ops::Range;

use super::activation::Activation;
use super::conv::Parts;
use super::memory::{Block, LINE, Weights};
use transform::{Patch, Product, Square, Taps};

/// Outputs of a square, in one direction.
const SIDE: usize = 4;
/// Inputs that a square depends on, in one direction.
const PATCH: usize = SIDE + 2;
/// Rows and columns of positions that a short square leaves out.
const MIDDLE: Range<usize> = 3..5;
/// Matrix products.
const POSITIONS: usize = PATCH * PATCH;
/// Weights of a pair of channels.
const TAPS: usize = 9;
/// 1 / 9 modulo 2^32.
const NINTH: i32 = 954_437_177;
/// Sums must stay below this.
const LARGEST_SUM: i64 = 1 << 25;
/// Input channels must be a multiple of this, which is a multiple of the lanes of every kernel.
const INPUTS: usize = 32;
/// Squares that are worked on together, at most: their transformed inputs and sums stay in the second-level cache.
const SQUARES: usize = 48;
/// Transformed weights that are used together, at most, unless a single panel has more: they stay there as well.
const WEIGHT_BYTES: usize = 600 << 10;
/// With more squares than this, threads share them out; with fewer, the panels of outputs.
const MANY_SQUARES: usize = 64;

/// The parts of one instruction set.
pub(super) struct Kernel {
    /// The most squares in a matrix product.
    pub(super) rows: usize,
    /// Output channels in a matrix product; also the outputs of a panel of weights.
    pub(super) channels: usize,
    /// The fewest squares for which this is faster than the kernel's plain way: see [the module](self).
    pub(super) least_squares: usize,
    /// Transforms a panel of weights.
    ///
    /// # Safety
    /// The processor has the instruction set, and the pointers are good for what [`Taps`] says.
    // SAFETY: see above.
    pub(super) weights: unsafe fn(&Taps),
    /// Transforms the inputs of a square.
    ///
    /// # Safety
    /// The processor has the instruction set, and the pointers are good for what [`Patch`] says.
    // SAFETY: see above.
    pub(super) input: unsafe fn(&Patch),
    /// Multiplies squares by a panel of weights, at one position.
    ///
    /// # Safety
    /// The processor has the instruction set, and the pointers are good for what [`Product`] says.
    // SAFETY: see above.
    pub(super) product: unsafe fn(&Product),
    /// Transforms sums to a square of outputs.
    ///
    /// # Safety
    /// The processor has the instruction set, and the pointers are good for what [`Square`] says.
    // SAFETY: see above.
    pub(super) output: unsafe fn(&Square),
}

/// The weights of a convolution, in the order in which each run transforms them anew: [the module](self) says why.
pub(super) struct Winograd {
    kernel: &'static Kernel,
    inputs: usize,
    outputs: usize,
    padding: [usize; 2],
    /// Panels x pairs of inputs x taps x a panel's outputs x 2.
    weights: Weights,
}

/// What follows the sums.
pub(super) struct Finish<'a> {
    pub(super) bias: &'a [i32],
    pub(super) multiplier: &'a [f32],
    pub(super) range: super::range::Range,
}

thread_local! {
    /// Transformed weights, transformed inputs, and sums that this thread works on; and how many bytes there is room for.
    static SCRATCH: RefCell<Option<(Block, usize)>> = const { RefCell::new(None) };
}

impl Winograd {
    /// Orders weights, outputs x inputs x 3 x 3, for an output of `size`, height and width. `None` when the plain way is
    /// faster, when they do not fit the kernel's panels, or when a sum might be too large to be found again.
    pub(super) fn new(
        kernel: &'static Kernel,
        weights: &[i8],
        largest_input: i32,
        outputs: usize,
        padding: [usize; 2],
        size: [usize; 2],
    ) -> Option<Self> {
        let inputs = weights.len() / (TAPS * outputs);
        let squares = Squares::new(size).count();
        let small = |weights: &[i8]| {
            i64::from(largest_input) * weights.iter().map(|weight| i64::from(weight.unsigned_abs())).sum::<i64>()
                < LARGEST_SUM
        };
        if squares < kernel.least_squares
            || !inputs.is_multiple_of(INPUTS)
            || !outputs.is_multiple_of(kernel.channels)
            || !weights.chunks_exact(TAPS * inputs).all(small)
        {
            return None;
        }
        let width = 2 * kernel.channels;
        let mut ordered = vec![0; weights.len()];
        for (output, weights) in weights.chunks_exact(TAPS * inputs).enumerate() {
            let panel = &mut ordered[output / kernel.channels * TAPS * inputs * kernel.channels..];
            let (taps, _) = weights.as_chunks::<TAPS>();
            for (input, taps) in taps.iter().enumerate() {
                let pair = &mut panel[input / 2 * TAPS * width + output % kernel.channels * 2 + input % 2..];
                for (to, tap) in pair.iter_mut().step_by(width).zip(taps) {
                    *to = *tap;
                }
            }
        }
        Some(Self { kernel, inputs, outputs, padding, weights: Weights::Made(ordered) })
    }

    /// The weights as they are kept.
    pub(super) fn weights(&mut self) -> &mut Weights {
        &mut self.weights
    }

    /// How to cut an output of `size` for `threads` threads.
    pub(super) fn parts(&self, size: [usize; 2], threads: usize) -> Parts {
        // Each part transforms the weights of its panels and the inputs of its squares: no more parts than balance needs.
        let least = if threads == 1 { 1 } else { 2 * threads };
        let squares = Squares::new(size).count();
        let panels = if squares > MANY_SQUARES { 1 } else { least.min(self.panels()) };
        Parts { pixels: least.div_ceil(panels).min(squares), panels }
    }

    /// How many panels of outputs there are.
    pub(super) fn panels(&self) -> usize {
        self.outputs / self.kernel.channels
    }

    /// Computes the outputs `panels` of block `block` of `blocks`.
    ///
    /// # Safety
    /// Nobody writes to `input` meanwhile, and nobody touches these channels of this block's squares in `output`.
    // SAFETY: see above.
    pub(super) unsafe fn run(
        &self,
        [block, blocks]: [usize; 2],
        panels: Range<usize>,
        finish: &Finish,
        input: &Activation,
        output: &Activation,
    ) {
        let (from, to) = (*input.shape(), *output.shape());
        assert!(from.channels == self.inputs && to.channels == self.outputs && panels.end <= self.panels());
        assert!(finish.bias.len() >= self.outputs && finish.multiplier.len() >= self.outputs);
        assert!(self.padding.iter().all(|padding| *padding <= from.border));
        assert_eq!(to.height + 2, from.height + 2 * self.padding[0]);
        assert_eq!(to.width + 2, from.width + 2 * self.padding[1]);
        let all = Squares::new([to.height, to.width]);
        let squares = all.count() * block / blocks..all.count() * (block + 1) / blocks;
        let blocks = squares.len().div_ceil(SQUARES);
        let most = squares.len().div_ceil(blocks);
        let panel_bytes = POSITIONS * self.inputs * self.kernel.channels * 2;
        let group = (WEIGHT_BYTES / panel_bytes).clamp(1, panels.len());
        let size = TAPS * self.inputs * self.kernel.channels;
        SCRATCH.with_borrow_mut(|room| {
            let scratch = Scratch::new(room, self, group, most);
            // The weights of a group are fetched while inputs are transformed or products computed.
            let first = &self.weights[panels.start * size..panels.end.min(panels.start + group) * size];
            let mut ahead = Ahead::new(first, squares.len());
            for first in panels.clone().step_by(group) {
                let next = panels.end.min(first + group);
                for block in 0..blocks {
                    let cut = |at: usize| squares.start + squares.len() * at / blocks;
                    let squares = cut(block)..cut(block + 1);
                    // SAFETY: the scratch has room for `group` panels, and for the words and sums of `most` squares.
                    unsafe {
                        if blocks > 1 || first == panels.start {
                            self.transform_inputs(&all, squares.clone(), input, &scratch, &mut ahead);
                        }
                        if block == 0 {
                            self.transform_weights(first..next, &scratch);
                            let weights = &self.weights[next * size..panels.end.min(next + group) * size];
                            let products = POSITIONS * squares.len().div_ceil(self.kernel.rows);
                            ahead = Ahead::new(weights, (next - first) * products);
                        }
                        for panel in first..next {
                            self.multiply(panel - first, &all, &squares, &scratch, &mut ahead);
                            self.finish(panel, &all, squares.clone(), finish, output, &scratch);
                        }
                    }
                }
            }
        });
    }

    /// # Safety
    /// The scratch has room for these panels.
    // SAFETY: see above.
    unsafe fn transform_weights(&self, panels: Range<usize>, scratch: &Scratch) {
        let size = TAPS * self.inputs * self.kernel.channels;
        for (at, panel) in panels.enumerate() {
            let taps = Taps {
                taps: self.weights[panel * size..][..size].as_ptr(),
                pairs: self.inputs / 2,
                width: 2 * self.kernel.channels,
                words: scratch.weights.wrapping_add(at * scratch.panel_stride),
                stride: scratch.weight_stride,
            };
            // SAFETY: the panel's taps are there; the caller promises the room.
            unsafe { (self.kernel.weights)(&taps) };
        }
    }

    /// # Safety
    /// The scratch has room for the words of these squares. Nobody writes to `input` meanwhile.
    // SAFETY: see above.
    unsafe fn transform_inputs(
        &self,
        all: &Squares,
        squares: Range<usize>,
        input: &Activation,
        scratch: &Scratch,
        ahead: &mut Ahead,
    ) {
        let from = *input.shape();
        let edge = |axis: usize, first: usize, size: usize| {
            let first = from.border - self.padding[axis] + first;
            std::array::from_fn::<_, PATCH, _>(|at| (first + at).min(size + 2 * from.border - 1))
        };
        for (at, square) in squares.enumerate() {
            let (corner, short) = all.at(square);
            let (ys, xs) = (edge(0, corner[0], from.height), edge(1, corner[1], from.width));
            let patch = Patch {
                input: input.start(),
                rows: ys.map(|y| from.in_border(y, 0)),
                columns: xs.map(|x| from.in_border(0, x)),
                short,
                channels: self.inputs,
                ahead: ahead.share(),
                words: scratch.words.wrapping_add(at * self.inputs),
                stride: scratch.word_stride,
            };
            // SAFETY: rows and columns are inside the input; the caller promises the room.
            unsafe { (self.kernel.input)(&patch) };
        }
    }

    /// All matrix products of some squares with a panel of the scratch.
    ///
    /// # Safety
    /// The scratch holds this panel and the words of these squares, and has room for their sums.
    // SAFETY: see above.
    unsafe fn multiply(
        &self,
        panel: usize,
        all: &Squares,
        squares: &Range<usize>,
        scratch: &Scratch,
        ahead: &mut Ahead,
    ) {
        for position in 0..POSITIONS {
            let weights = scratch.weights.wrapping_add(panel * scratch.panel_stride + position * scratch.weight_stride);
            let used = all.using([position / PATCH, position % PATCH]);
            let first = used.start.max(squares.start) - squares.start;
            let count = used.end.min(squares.end).saturating_sub(squares.start + first);
            let blocks = count.div_ceil(self.kernel.rows);
            for block in 0..blocks {
                let squares = first + count * block / blocks..first + count * (block + 1) / blocks;
                let words = position * scratch.word_stride + squares.start * self.inputs;
                let sums = position * scratch.sum_stride + squares.start * self.kernel.channels;
                let product = Product {
                    rows: squares.len(),
                    words: scratch.words.wrapping_add(words),
                    inputs: self.inputs,
                    weights,
                    ahead: ahead.share(),
                    sums: scratch.sums.wrapping_add(sums),
                };
                // SAFETY: the caller's promise is passed on.
                unsafe { (self.kernel.product)(&product) };
            }
        }
    }

    /// From the sums to these squares of the output.
    ///
    /// # Safety
    /// The scratch holds the sums. Nobody else touches these squares in the outputs of this panel.
    // SAFETY: see above.
    unsafe fn finish(
        &self,
        panel: usize,
        all: &Squares,
        squares: Range<usize>,
        finish: &Finish,
        output: &Activation,
        scratch: &Scratch,
    ) {
        let to = *output.shape();
        let channels = self.kernel.channels;
        let first = panel * channels;
        for (at, square) in squares.enumerate() {
            let ([y, x], short) = all.at(square);
            let square = Square {
                sums: scratch.sums.wrapping_add(at * channels),
                stride: scratch.sum_stride,
                channels,
                bias: finish.bias[first..][..channels].as_ptr(),
                multiplier: finish.multiplier[first..][..channels].as_ptr(),
                range: finish.range,
                output: output.start().wrapping_add(to.at(y, x) + first),
                short,
                height: SIDE.min(to.height - y),
                width: SIDE.min(to.width - x),
                pitch: to.pitch(),
                step: to.channels,
            };
            // SAFETY: height and width end at the output's edge; the caller promises the rest.
            unsafe { (self.kernel.output)(&square) };
        }
    }
}

/// The squares of an output, in the order in which they are worked on: those of the last column when it is short, then
/// those that are not short at all, then the last row when it is, and its corner. So the squares that use a position are
/// neighbours.
struct Squares {
    /// Rows and columns of squares that are not short.
    whole: [usize; 2],
    short: [bool; 2],
}

impl Squares {
    /// For an output of `size`, height and width.
    fn new(size: [usize; 2]) -> Self {
        let short = size.map(|size| (1..=SIDE / 2).contains(&(size % SIDE)));
        let whole = [0, 1].map(|axis| size[axis].div_ceil(SIDE) - usize::from(short[axis]));
        Self { whole, short }
    }

    fn count(&self) -> usize {
        [0, 1].map(|axis| self.whole[axis] + usize::from(self.short[axis])).iter().product()
    }

    /// Where the squares of the last column end, and where those end that are not short.
    fn ends(&self) -> [usize; 2] {
        let column = if self.short[1] { self.whole[0] } else { 0 };
        [column, column + self.whole[0] * self.whole[1]]
    }

    /// The first output pixel of a square, and whether it is short; each down and across.
    fn at(&self, index: usize) -> ([usize; 2], [bool; 2]) {
        let [rows, columns] = self.whole;
        let [column, whole] = self.ends();
        let (square, short) = if index < column {
            ([index, columns], [false, true])
        } else if index < whole {
            ([(index - column) / columns, (index - column) % columns], [false; 2])
        } else {
            ([rows, index - whole], [true, index - whole == columns])
        };
        (square.map(|square| square * SIDE), short)
    }

    /// The squares that use a position.
    fn using(&self, position: [usize; 2]) -> Range<usize> {
        let [column, whole] = self.ends();
        let corner = usize::from(self.short[0] && self.short[1]);
        match position.map(|position| MIDDLE.contains(&position)) {
            [false, false] => 0..self.count(),
            [false, true] => column..self.count() - corner,
            [true, false] => 0..whole,
            [true, true] => column..whole,
        }
    }
}

/// Weights to fetch from memory before they are needed, in several shares.
struct Ahead<'a> {
    weights: std::slice::Chunks<'a, i8>,
}

impl<'a> Ahead<'a> {
    fn new(weights: &'a [i8], shares: usize) -> Self {
        Self { weights: weights.chunks(weights.len().div_ceil(shares).next_multiple_of(LINE).max(LINE)) }
    }

    fn share(&mut self) -> &'a [i8] {
        self.weights.next().unwrap_or_default()
    }
}

/// Where a thread keeps what is between the transforms. Strides go from one position to the next, or to the next panel.
struct Scratch {
    weights: *mut i16,
    weight_stride: usize,
    panel_stride: usize,
    words: *mut i16,
    word_stride: usize,
    sums: *mut i32,
    sum_stride: usize,
}

impl Scratch {
    /// Room for the weights of some panels, and for the words of some squares and their sums with one panel.
    fn new(room: &mut Option<(Block, usize)>, layer: &Winograd, panels: usize, squares: usize) -> Self {
        let (inputs, channels) = (layer.inputs, layer.kernel.channels);
        // With an even number of lines between positions, many would fall onto the same few lines of the cache.
        let [weight, word, sum] =
            [inputs * channels * 2, squares * inputs * 2, squares * channels * 4].map(|bytes| bytes.div_ceil(LINE) | 1);
        let needed = POSITIONS * (panels * weight + word + sum) * LINE;
        let block = match room.take() {
            Some((block, size)) if size >= needed => room.insert((block, size)),
            _ => room.insert((Block::zeroed(needed), needed)),
        };
        let start = block.0.start();
        let words = start.wrapping_add(POSITIONS * panels * weight * LINE);
        Self {
            weights: start.cast(),
            weight_stride: weight * LINE / 2,
            panel_stride: POSITIONS * weight * LINE / 2,
            words: words.cast(),
            word_stride: word * LINE / 2,
            sums: words.wrapping_add(POSITIONS * word * LINE).cast(),
            sum_stride: sum * LINE / 4,
        }
    }
}
