//! What the kernels for ARM share: blocks of sixteen taps, products that are added in 16 bits, and from sums to bytes.

#![expect(clippy::needless_range_loop, reason = "iterators may make the compiler keep the sums in memory")]

use std::arch::aarch64::{
    float32x4_t, int32x4_t, vaddq_f32, vaddq_s32, vcombine_s16, vcreate_s8, vcreate_u8, vcvtnq_s32_f32, vcvtq_f32_s32,
    vdup_n_s8, vdupq_n_f32, vdupq_n_s16, vdupq_n_s32, vget_high_s16, vget_lane_u64, vget_low_s16, vld1q_f32, vld1q_s32,
    vmax_s8, vmlal_s8, vmovl_s8, vmovl_s16, vmovl_u8, vmulq_f32, vpaddq_s32, vqmovn_s16, vqmovn_s32, vqmovun_s16,
    vreinterpret_u64_s8, vreinterpret_u64_u8, vreinterpretq_s16_u16,
};
use std::arch::asm;
use std::hint::black_box;

use super::range::Range;
use super::tile::{Groups, Packed, Panel, Tile};

/// Taps of a block: a vector of bytes.
pub(super) const TAPS: usize = 16;
/// Groups of four taps in it.
const GROUPS: usize = TAPS / 4;
/// Output channels in a tile of the kernels that add in 16 bits.
pub(super) const CHANNELS: usize = 4;
/// Pixels in a tile of theirs.
pub(super) const ROWS: usize = 4;
/// Bytes of a block's weights for them.
const BLOCK: usize = CHANNELS * TAPS;
/// Sums of two products in such a block: those of each channel's taps `n` and `n + 8`.
const LANES: usize = BLOCK / 2;
/// How many blocks are tried as the partner of one.
const WINDOW: usize = 64;

/// Joins groups that follow each other in memory into blocks of sixteen taps, with zeros where fewer do. Gives where each
/// block begins, and its groups' weights. Blocks of nothing but zeros are left out.
pub(super) fn blocks<const BYTES: usize>(groups: &Groups) -> Vec<(u32, [i8; BYTES])> {
    let (weights, rest) = groups.weights.as_chunks::<BYTES>();
    let bytes = BYTES / GROUPS;
    let mut blocks: Vec<(u32, [i8; BYTES])> = Vec::with_capacity(weights.len() + usize::from(!rest.is_empty()));
    for (offset, weights) in groups.offsets.iter().zip(groups.weights.chunks_exact(bytes)) {
        let place = blocks.last().and_then(|(first, _)| offset.checked_sub(*first)).map(|away| away as usize);
        let place = match place {
            Some(away) if away % 4 == 0 && away < TAPS => away / 4,
            _ => {
                blocks.push((*offset, [0; BYTES]));
                0
            }
        };
        if let Some((_, block)) = blocks.last_mut() {
            block[place * bytes..][..bytes].copy_from_slice(weights);
        }
    }
    blocks.retain(|(_, weights)| *weights != [0; BYTES]);
    blocks
}

/// A block's weights, channel by channel, with the sums of the positive and of the negative ones in each lane.
struct Block {
    offset: u32,
    weights: [i8; BLOCK],
    positive: [i16; LANES],
    negative: [i16; LANES],
}

impl Block {
    /// From groups, each with four weights of every channel.
    fn new(offset: u32, groups: &[i8; BLOCK]) -> Self {
        let weights = std::array::from_fn(|at| {
            let (channel, tap) = (at / TAPS, at % TAPS);
            groups[tap / 4 * CHANNELS * 4 + channel * 4 + tap % 4]
        });
        let mut block = Self { offset, weights, positive: [0; LANES], negative: [0; LANES] };
        for (at, weight) in block.weights.into_iter().enumerate() {
            let (lane, weight) = (at / TAPS * 8 + at % 8, i16::from(weight));
            block.positive[lane] += weight.max(0);
            block.negative[lane] += (-weight).max(0);
        }
        block
    }

    fn fits_with(&self, other: &Self, limit: i16) -> bool {
        let fit = |a: &[i16; LANES], b: &[i16; LANES]| a.iter().zip(b).fold(true, |fit, (a, b)| fit & (a + b <= limit));
        fit(&self.positive, &other.positive) && fit(&self.negative, &other.negative)
    }
}

/// Pairs blocks whose weights prove that four products may be added in 16 bits. Two always may: at most
/// 2 * 128 * 127 = 32512 with inputs of -128 to 127.
pub(super) fn pack(groups: &Groups, packed: &mut Packed) {
    let flipped = groups.largest_input > 127;
    let limit = i16::MAX / groups.largest_input as i16;
    let waiting: Vec<Block> = blocks(groups).iter().map(|(offset, groups)| Block::new(*offset, groups)).collect();
    let mut used = vec![false; waiting.len()];
    let (mut pairs, mut singles) = (Vec::with_capacity(waiting.len()), Vec::new());
    for first in 0..waiting.len() {
        if std::mem::replace(&mut used[first], true) {
            continue;
        }
        let mut partners = first + 1..waiting.len().min(first + 1 + WINDOW);
        let fits = |second: &usize| !used[*second] && waiting[first].fits_with(&waiting[*second], limit);
        // The kernels turn bytes up to 255 into signed ones where blocks stand alone.
        match partners.find(fits).filter(|_| !flipped) {
            Some(second) => {
                used[second] = true;
                pairs.extend([first, second]);
            }
            None => singles.push(first),
        }
    }
    packed.signed = true;
    packed.panels.push(Panel {
        first_offset: packed.offsets.len(),
        first_weight: packed.weights.len(),
        pairs: pairs.len() / 2,
        singles: singles.len(),
    });
    for block in pairs.into_iter().chain(singles).map(|at| &waiting[at]) {
        packed.offsets.push(block.offset);
        packed.weights.extend_from_slice(&block.weights);
    }
}

/// Where each row of the input begins. Rows beyond the tile's last are the last once more.
pub(super) fn inputs<const ROWS: usize>(tile: &Tile) -> [*const u8; ROWS] {
    std::array::from_fn(|row| tile.input.wrapping_add(tile.input_offsets[row.min(tile.rows - 1)] as usize))
}

/// Fetches what comes next to the second-level cache.
pub(super) fn prefetch(tile: &Tile) {
    for line in tile.ahead.chunks(64) {
        // SAFETY: a hint; it reads nothing and cannot fault.
        unsafe {
            asm!("prfm pldl2keep, [{}]", in(reg) line.as_ptr(), options(readonly, nostack, preserves_flags));
        }
    }
}

/// As [`Kernel::multiply`](super::tile::Kernel::multiply) says, for the kernels that add in 16 bits.
///
/// # Safety
/// None: every such processor has the instructions.
// SAFETY: see above.
#[target_feature(enable = "neon")]
pub(super) unsafe fn multiply(turns: usize) -> usize {
    let factor = black_box(vdup_n_s8(0));
    let mut sums = [black_box(vdupq_n_s16(0)); 16];
    for _ in 0..turns {
        for sum in &mut sums {
            *sum = vmlal_s8(*sum, factor, factor);
        }
    }
    black_box(sums);
    turns * sums.len() * 8
}

/// From the sums of one row, four channels in each vector and without bias, to bytes.
///
/// # Safety
/// As [`Kernel::tile`](super::tile::Kernel::tile) says; `VECTORS` is 1 or 2, a quarter of the kernel's channels.
// SAFETY: see above.
#[inline]
#[target_feature(enable = "neon")]
pub(super) unsafe fn finish_row<const VECTORS: usize>(tile: &Tile, row: usize, sums: [int32x4_t; VECTORS]) {
    let mut integers = [vdupq_n_s32(0); 2];
    let residual = if tile.residual.is_null() {
        None
    } else {
        // SAFETY: the residual is good for `channels` bytes at its offset.
        let bytes = unsafe { load(tile.residual.add(tile.residual_offsets[row] as usize), tile.channels) };
        Some(if tile.residual_range == Range::Signed {
            vmovl_s8(vcreate_s8(bytes))
        } else {
            vreinterpretq_s16_u16(vmovl_u8(vcreate_u8(bytes)))
        })
    };
    for vector in 0..VECTORS {
        let at = vector * 4;
        // SAFETY: `bias` and `multiplier` hold the kernel's channels.
        let (bias, multiplier) =
            unsafe { (vld1q_s32(tile.bias[at..][..4].as_ptr()), vld1q_f32(tile.multiplier[at..][..4].as_ptr())) };
        let mut value: float32x4_t = vmulq_f32(vcvtq_f32_s32(vaddq_s32(sums[vector], bias)), multiplier);
        if let Some(residual) = residual {
            let words = if vector == 0 { vget_low_s16(residual) } else { vget_high_s16(residual) };
            let residual = vcvtq_f32_s32(vmovl_s16(words));
            // Not fused: the product is rounded by itself.
            value = vaddq_f32(value, vmulq_f32(residual, vdupq_n_f32(tile.residual_scale)));
        }
        // To the nearest, ties to even.
        integers[vector] = vcvtnq_s32_f32(value);
    }
    let words = vcombine_s16(vqmovn_s32(integers[0]), vqmovn_s32(integers[1]));
    let bytes = vget_lane_u64::<0>(if tile.range == Range::Unsigned {
        vreinterpret_u64_u8(vqmovun_s16(words))
    } else {
        vreinterpret_u64_s8(vmax_s8(vqmovn_s16(words), vdup_n_s8(tile.range.lowest() as i8)))
    });
    // SAFETY: the output is good for `channels` bytes at its offset.
    unsafe { store(tile.output.add(tile.output_offsets[row] as usize), tile.channels, bytes) };
}

/// Up to 8 bytes; the others are 0.
///
/// # Safety
/// `from` is good for `count` bytes.
// SAFETY: see above.
#[inline]
#[target_feature(enable = "neon")]
unsafe fn load(from: *const u8, count: usize) -> u64 {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match count {
            8 => from.cast::<u64>().read_unaligned(),
            4 => u64::from(from.cast::<u32>().read_unaligned()),
            _ => {
                let mut bytes = [0_u8; 8];
                from.copy_to_nonoverlapping(bytes.as_mut_ptr(), count);
                u64::from_le_bytes(bytes)
            }
        }
    }
}

/// # Safety
/// `to` is good for `count` bytes, at most 8.
// SAFETY: see above.
#[inline]
#[target_feature(enable = "neon")]
unsafe fn store(to: *mut u8, count: usize, bytes: u64) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match count {
            8 => to.cast::<u64>().write_unaligned(bytes),
            4 => to.cast::<u32>().write_unaligned(bytes as u32),
            _ => to.copy_from_nonoverlapping(bytes.to_le_bytes().as_ptr(), count),
        }
    }
}

/// From the sums of four pixels and four channels to bytes. `sums[channel][row]` holds four parts of one sum.
///
/// # Safety
/// As [`Kernel::tile`](super::tile::Kernel::tile) says, with 4 channels and at most 4 pixels.
// SAFETY: see above.
#[inline]
#[target_feature(enable = "neon")]
pub(super) unsafe fn finish(tile: &Tile, sums: &[[int32x4_t; ROWS]; CHANNELS]) {
    for row in 0..ROWS.min(tile.rows) {
        let [a, b, c, d] = std::array::from_fn(|channel| sums[channel][row]);
        let row_sums = vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
        // SAFETY: the caller's promise is passed on.
        unsafe { finish_row(tile, row, [row_sums]) };
    }
}
