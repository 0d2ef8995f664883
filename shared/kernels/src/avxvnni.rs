//! The kernel for AVX-VNNI: `vpdpbusd` on 256-bit vectors, for processors that have it without AVX-512.
//!
//! A tile is 6 pixels times 16 channels: 12 vectors of sums, 2 of weights and one of inputs, of 16. What surrounds the
//! multiplications is the AVX2 kernel's.

use std::arch::x86_64::{_mm256_dpbusd_avx_epi32, _mm256_setzero_si256};
use std::hint::black_box;

use super::scalar::pack_in_order;
use super::tile::Kernel;
use super::{avx2, winograd};

pub(super) const KERNEL: Kernel = Kernel {
    name: "avxvnni",
    rows: 6,
    channels: avx2::CHANNELS,
    pack: pack_in_order,
    tile: vex::tile,
    winograd: Some(&winograd::avx2::KERNEL),
    multiply: Some(multiply),
};

/// Whether this processor has it.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("avxvnni")
}

/// # Safety
/// As [`Kernel::multiply`] says.
// SAFETY: see above.
#[target_feature(enable = "avx2,avxvnni")]
unsafe fn multiply(turns: usize) -> usize {
    let factor = black_box(_mm256_setzero_si256());
    let mut sums = [factor; 12];
    for _ in 0..turns {
        for sum in &mut sums {
            *sum = _mm256_dpbusd_avx_epi32(*sum, factor, factor);
        }
    }
    black_box(sums);
    turns * sums.len() * 32
}

/// The tile with one of the two encodings of the instruction: processors with AVX-512 have the other, for tests.
macro_rules! tile {
    ($module:ident, $features:literal, $multiply_add:ident) => {
        mod $module {
            use std::arch::x86_64::{
                $multiply_add, _mm256_loadu_si256, _mm256_set1_epi32, _mm256_setzero_si256,
            };

            use super::super::avx2::{CHANNELS, finish};
            use super::super::tile::Tile;
            use super::super::x86::{Ahead, fetch_ends, for_rows};

            /// # Safety
            /// As [`Kernel::tile`](super::Kernel::tile) says.
            // SAFETY: see above.
            #[target_feature(enable = $features)]
            pub(super) unsafe fn tile(tile: &Tile) {
                // SAFETY: the caller's promise is passed on.
                unsafe { for_rows!(rows, tile, 1 2 3 4 5 6) }
            }

            /// # Safety
            /// As [`Kernel::tile`](super::Kernel::tile) says, with `ROWS` pixels.
            // SAFETY: see above.
            #[target_feature(enable = $features)]
            unsafe fn rows<const ROWS: usize, const RESIDUAL: bool>(tile: &Tile) {
                let ahead = Ahead::new(tile.ahead, tile.singles);
                fetch_ends::<ROWS, RESIDUAL>(tile);
                let mut bias = [_mm256_setzero_si256(); 2];
                for half in 0..2 {
                    // SAFETY: `bias` holds `CHANNELS` values.
                    bias[half] = unsafe { _mm256_loadu_si256(tile.bias[half * 8..][..8].as_ptr().cast()) };
                }
                let mut sums = [bias; ROWS];
                let mut inputs = [tile.input; ROWS];
                for row in 0..ROWS {
                    inputs[row] = tile.input.wrapping_add(tile.input_offsets[row] as usize);
                }
                let mut weights = tile.weights;
                for group in 0..tile.singles {
                    ahead.fetch(group);
                    // SAFETY: there are `singles` offsets and as many groups of weights; the input is good for four
                    // bytes at each.
                    unsafe {
                        let offset = *tile.offsets.add(group) as usize;
                        let weight =
                            [_mm256_loadu_si256(weights.cast()), _mm256_loadu_si256(weights.add(32).cast())];
                        for row in 0..ROWS {
                            let input = _mm256_set1_epi32(inputs[row].add(offset).cast::<i32>().read_unaligned());
                            for half in 0..2 {
                                sums[row][half] = $multiply_add(sums[row][half], input, weight[half]);
                            }
                        }
                        weights = weights.add(CHANNELS * 4);
                    }
                }
                // SAFETY: the caller's promise is passed on.
                unsafe { finish::<ROWS, RESIDUAL>(tile, sums) };
            }
        }
    };
}

tile!(vex, "avx2,avxvnni", _mm256_dpbusd_avx_epi32);

#[cfg(test)]
tile!(evex, "avx2,avx512vl,avx512vnni", _mm256_dpbusd_epi32);

/// This kernel on a processor with AVX-512, which need not have AVX-VNNI: the same but for the encoding.
#[cfg(test)]
pub(super) const ENCODED_FOR_AVX512: Kernel =
    Kernel { name: "avxvnni, AVX-512's encoding", tile: evex::tile, multiply: None, ..KERNEL };
