//! The kernel for ARM processors with the dot product, such as the Cortex-A76: `sdot` multiplies signed bytes and adds four
//! products to a 32-bit sum, exactly.
//!
//! A tile is 8 pixels times 8 channels: 16 vectors of sums, 8 of inputs and 2 of weights, of 32. The 64 products of a block
//! of sixteen taps then take 32 cycles on two units, its 16 loads take 8.

#![expect(clippy::needless_range_loop, reason = "iterators may make the compiler keep the sums in memory")]

use std::arch::aarch64::{int8x16_t, int32x4_t, vdupq_n_s8, vdupq_n_s32, veorq_s8, vld1q_s8};
use std::arch::asm;
use std::hint::black_box;

use super::neon::{TAPS, blocks, finish_row, inputs, prefetch};
use super::tile::{Groups, Kernel, Packed, Panel, Tile};

/// Output channels in a tile.
const CHANNELS: usize = 8;
/// Bytes of a block's weights.
const BLOCK: usize = CHANNELS * TAPS;

pub(super) const KERNEL: Kernel =
    Kernel { name: "neon-dotprod", rows: 8, channels: CHANNELS, pack, tile, winograd: None, multiply: Some(multiply) };

/// Whether this processor has it.
pub(super) fn is_available() -> bool {
    std::arch::is_aarch64_feature_detected!("dotprod")
}

fn pack(groups: &Groups, packed: &mut Packed) {
    let blocks = blocks::<BLOCK>(groups);
    packed.signed = true;
    packed.panels.push(Panel {
        first_offset: packed.offsets.len(),
        first_weight: packed.weights.len(),
        pairs: 0,
        singles: blocks.len(),
    });
    for (offset, weights) in blocks {
        packed.offsets.push(offset);
        packed.weights.extend_from_slice(&weights);
    }
}

/// # Safety
/// As [`Kernel::multiply`] says.
// SAFETY: see above.
#[target_feature(enable = "neon,dotprod")]
unsafe fn multiply(turns: usize) -> usize {
    let factor = black_box(vdupq_n_s8(0));
    let mut sums = [black_box(vdupq_n_s32(0)); 16];
    for _ in 0..turns {
        for sum in &mut sums {
            *sum = dot::<0>(*sum, factor, factor);
        }
    }
    black_box(sums);
    turns * sums.len() * 16
}

/// # Safety
/// As [`Kernel::tile`] says.
// SAFETY: see above.
#[target_feature(enable = "neon,dotprod")]
unsafe fn tile(tile: &Tile) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        if tile.flip != 0 {
            return rows::<8, true>(tile);
        }
        match tile.rows {
            1 => rows::<1, false>(tile),
            2 => rows::<2, false>(tile),
            3 => rows::<3, false>(tile),
            4 => rows::<4, false>(tile),
            5 => rows::<5, false>(tile),
            6 => rows::<6, false>(tile),
            7 => rows::<7, false>(tile),
            _ => rows::<8, false>(tile),
        }
    }
}

/// Adds to each of four sums the products of four weights and the four inputs of group `GROUP`. The intrinsic is not
/// stable yet.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn dot<const GROUP: usize>(mut sums: int32x4_t, weights: int8x16_t, input: int8x16_t) -> int32x4_t {
    // SAFETY: it works on registers alone, and the function has the instruction.
    unsafe {
        asm!(
            "sdot {sums:v}.4s, {weights:v}.16b, {input:v}.4b[{group}]",
            sums = inlateout(vreg) sums,
            weights = in(vreg) weights,
            input = in(vreg) input,
            group = const GROUP,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}

/// # Safety
/// As [`Kernel::tile`] says, with at most `ROWS` pixels; `FLIP` is whether there is something to flip.
// SAFETY: see above.
#[target_feature(enable = "neon,dotprod")]
unsafe fn rows<const ROWS: usize, const FLIP: bool>(tile: &Tile) {
    prefetch(tile);
    let pixels: [*const u8; ROWS] = inputs(tile);
    let flip = vdupq_n_s8(tile.flip as i8);
    let mut sums = [[vdupq_n_s32(0); 2]; ROWS];
    let (mut offsets, mut weights) = (tile.offsets, tile.weights);
    for _ in 0..tile.singles {
        // SAFETY: there are `singles` offsets and as many blocks of weights; the input is good for a vector at each.
        unsafe {
            let offset = *offsets as usize;
            let mut input = [flip; ROWS];
            for row in 0..ROWS {
                input[row] = vld1q_s8(pixels[row].add(offset).cast());
                if FLIP {
                    input[row] = veorq_s8(input[row], flip);
                }
            }
            macro_rules! group {
                ($group:literal) => {
                    for half in 0..2 {
                        let weight = vld1q_s8(weights.add(32 * $group + 16 * half));
                        for row in 0..ROWS {
                            sums[row][half] = dot::<$group>(sums[row][half], weight, input[row]);
                        }
                    }
                };
            }
            group!(0);
            group!(1);
            group!(2);
            group!(3);
            offsets = offsets.add(1);
            weights = weights.add(BLOCK);
        }
    }
    for row in 0..ROWS.min(tile.rows) {
        // SAFETY: the caller's promise is passed on.
        unsafe { finish_row(tile, row, sums[row]) };
    }
}
