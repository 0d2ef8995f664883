//! What a kernel of any instruction set works on: some pixels times some output channels.

use super::range::Range;
use super::winograd;

/// The largest number of pixels in a tile of any kernel.
pub(super) const MOST_ROWS: usize = 8;

/// The kernel of one instruction set.
///
/// Four neighbouring input channels of a pixel, or of neighbouring taps, make a *group*: they are one 32-bit load. A
/// *panel* is the weights of [`channels`](Self::channels) output channels: for each group, the four weights of the first
/// channel, then of the next. Where the groups of a panel begin, relative to a pixel's first tap, stands in a table of
/// offsets, so that a kernel may put them into any order.
pub struct Kernel {
    /// As `bench` prints it.
    pub name: &'static str,
    /// The most pixels in a tile; at most [`MOST_ROWS`].
    pub(crate) rows: usize,
    /// Output channels in a tile.
    pub channels: usize,
    /// Puts the groups of one panel into the kernel's own order.
    pub(super) pack: fn(groups: &Groups, packed: &mut Packed),
    /// Computes a tile.
    ///
    /// # Safety
    /// The processor has the instruction set, and the pointers of the tile are good for what [`Tile`] says.
    // SAFETY: see above.
    pub(super) tile: unsafe fn(&Tile),
    /// Its parts of Winograd's algorithm.
    pub(super) winograd: Option<&'static winograd::Kernel>,
    /// Repeats its multiplication on registers, in `turns` turns of a loop that does nothing else, and gives how many
    /// products of bytes that was. `None` when the compiler chooses the instruction.
    ///
    /// # Safety
    /// The processor has the instruction set.
    // SAFETY: see above.
    pub(super) multiply: Option<unsafe fn(turns: usize) -> usize>,
}

/// The groups of one panel in their natural order.
pub(super) struct Groups<'a> {
    /// Of each group, where it begins relative to a pixel's first tap.
    pub(super) offsets: &'a [u32],
    /// Of each group, four weights for each channel of the panel.
    pub(super) weights: &'a [i8],
    /// The largest byte of the input: 127 or 255.
    pub(super) largest_input: i32,
}

/// The weights of a convolution in a kernel's order.
#[derive(Default)]
pub(crate) struct Packed {
    pub(super) panels: Vec<Panel>,
    pub(super) offsets: Vec<u32>,
    pub(super) weights: Vec<i8>,
    /// Whether the kernel reads bytes up to 255 as signed numbers, 128 less; see [`Tile::flip`].
    pub(super) signed: bool,
}

/// Where a panel stands in [`Packed`]. The paired groups come first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel {
    pub(super) first_offset: usize,
    pub(super) first_weight: usize,
    /// Pairs of groups whose products may be added in 16 bits.
    pub(super) pairs: usize,
    /// Groups that stand alone.
    pub(super) singles: usize,
}

/// Some pixels times the output channels of one panel: `output = clamp(round(sum * multiplier + residual * scale))`.
///
/// Sums are exact in 32 bits. The rest is one float multiplication and, with a residual, another and an addition, each
/// rounded by itself; then rounding to the nearest integer, ties to even. So every kernel gives the same bytes.
pub(super) struct Tile<'a> {
    /// Pixels, at least 1 and at most the kernel's rows.
    pub(super) rows: usize,
    /// Output channels, at least 1 and at most the kernel's channels; less only in the last panel.
    pub(super) channels: usize,
    /// Input: from here on each pixel's offset, and from there on the groups' offsets.
    pub(super) input: *const u8,
    /// `rows` offsets of the pixels' first taps.
    pub(super) input_offsets: &'a [u32],
    /// `2 * pairs + singles` offsets.
    pub(super) offsets: *const u32,
    /// As many groups of weights.
    pub(super) weights: *const i8,
    pub(super) pairs: usize,
    pub(super) singles: usize,
    /// Memory to fetch meanwhile, because what comes next reads it.
    pub(super) ahead: &'a [i8],
    /// Biases and multipliers of the kernel's channels; beyond `channels` they mean nothing.
    pub(super) bias: &'a [i32],
    pub(super) multiplier: &'a [f32],
    /// What a kernel that multiplies signed bytes has to flip in each byte of the input: the highest bit when they go up to
    /// 255, which takes 128 off, else nothing. 0 for all kernels that did not set [`Packed::signed`].
    #[cfg_attr(
        not(target_arch = "aarch64"),
        expect(dead_code, reason = "the kernels for x86 multiply unsigned bytes")
    )]
    pub(super) flip: u8,
    /// What the output's bytes stand for: not a picture.
    pub(super) range: Range,
    /// Output: at each offset, `channels` bytes are written.
    pub(super) output: *mut u8,
    pub(super) output_offsets: &'a [u32],
    /// Residual: at each offset, `channels` bytes are read; null when there is none.
    pub(super) residual: *const u8,
    pub(super) residual_offsets: &'a [u32],
    pub(super) residual_scale: f32,
    /// What the residual's bytes stand for: not a picture.
    pub(super) residual_range: Range,
}
