//! The kernel for AVX-512 with VNNI: `vpdpbusd` multiplies unsigned by signed bytes and adds four products to a 32-bit
//! sum, exactly.
//!
//! A tile is 6 pixels times 64 channels: 24 vectors of sums, 4 of weights and one of inputs, of 32. The multiplications
//! then take 24 cycles for each group, its ten loads take ten.

#![expect(clippy::needless_range_loop, reason = "iterators make the compiler keep the sums in memory")]

use std::arch::x86_64::{
    __m512i, _mm_loadu_si128, _mm_maskz_loadu_epi8, _mm512_add_ps, _mm512_cvtepi8_epi32, _mm512_cvtepi32_ps,
    _mm512_cvtepu8_epi32, _mm512_cvtps_epi32, _mm512_dpbusd_epi32, _mm512_loadu_ps, _mm512_loadu_si512,
    _mm512_mask_storeu_epi8, _mm512_max_epi8, _mm512_mul_ps, _mm512_packs_epi16, _mm512_packs_epi32,
    _mm512_packus_epi16, _mm512_permutexvar_epi32, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_set1_ps,
    _mm512_setr_epi32, _mm512_setzero_ps, _mm512_setzero_si512, _mm512_storeu_si512,
};
use std::hint::black_box;

use super::range::Range;
use super::scalar::pack_in_order;
use super::tile::{Kernel, Tile};
use super::winograd;
use super::x86::{Ahead, fetch_ends, for_rows};

/// Vectors of 16 channels in a tile.
const VECTORS: usize = 4;
/// Output channels in a tile.
const CHANNELS: usize = 16 * VECTORS;

pub(super) const KERNEL: Kernel = Kernel {
    name: "avx512vnni",
    rows: 6,
    channels: CHANNELS,
    pack: pack_in_order,
    tile,
    winograd: Some(&winograd::avx512vnni::KERNEL),
    multiply: Some(multiply),
};

/// Whether this processor has it.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni")
}

/// # Safety
/// As [`Kernel::multiply`] says.
// SAFETY: see above.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn multiply(turns: usize) -> usize {
    let factor = black_box(_mm512_setzero_si512());
    let mut sums = [factor; 12];
    for _ in 0..turns {
        for sum in &mut sums {
            *sum = _mm512_dpbusd_epi32(*sum, factor, factor);
        }
    }
    black_box(sums);
    turns * sums.len() * 64
}

/// # Safety
/// As [`Kernel::tile`] says.
// SAFETY: see above.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn tile(tile: &Tile) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        for_rows!(rows, tile, 1 2 3 4 5 6);
    }
}

/// # Safety
/// As [`Kernel::tile`] says, with `ROWS` pixels.
// SAFETY: see above.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn rows<const ROWS: usize, const RESIDUAL: bool>(tile: &Tile) {
    // Plain loops all along: a closure that is given to a function without these instructions, such as an iterator's, may
    // not become part of it, and then each vector goes through memory.
    let mut bias = [_mm512_setzero_si512(); VECTORS];
    for vector in 0..VECTORS {
        // SAFETY: `bias` holds `CHANNELS` values.
        bias[vector] = unsafe { _mm512_loadu_si512(tile.bias[vector * 16..][..16].as_ptr().cast()) };
    }
    let ahead = Ahead::new(tile.ahead, tile.singles);
    fetch_ends::<ROWS, RESIDUAL>(tile);
    let mut sums = [bias; ROWS];
    let mut inputs = [tile.input; ROWS];
    for row in 0..ROWS {
        inputs[row] = tile.input.wrapping_add(tile.input_offsets[row] as usize);
    }
    let mut weights = tile.weights;
    for group in 0..tile.singles {
        ahead.fetch(group);
        // SAFETY: there are `singles` offsets and as many groups of weights; the input is good for four bytes at each.
        unsafe {
            let offset = *tile.offsets.add(group) as usize;
            let weight = [
                _mm512_loadu_si512(weights.cast()),
                _mm512_loadu_si512(weights.add(64).cast()),
                _mm512_loadu_si512(weights.add(128).cast()),
                _mm512_loadu_si512(weights.add(192).cast()),
            ];
            for row in 0..ROWS {
                let input = _mm512_set1_epi32(inputs[row].add(offset).cast::<i32>().read_unaligned());
                for vector in 0..VECTORS {
                    sums[row][vector] = _mm512_dpbusd_epi32(sums[row][vector], input, weight[vector]);
                }
            }
            weights = weights.add(CHANNELS * 4);
        }
    }
    // SAFETY: the caller's promise is passed on.
    unsafe { finish::<ROWS, RESIDUAL>(tile, sums) };
}

/// From sums to bytes.
///
/// # Safety
/// As [`Kernel::tile`] says, with `ROWS` pixels.
// SAFETY: see above.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn finish<const ROWS: usize, const RESIDUAL: bool>(tile: &Tile, sums: [[__m512i; VECTORS]; ROWS]) {
    let whole = tile.channels == CHANNELS;
    let mask = if whole { u64::MAX } else { (1 << tile.channels) - 1 };
    let residual_scale = _mm512_set1_ps(tile.residual_scale);
    let lowest = _mm512_set1_epi8(tile.range.lowest() as i8);
    // Packing works in quarters of a vector: quarter q then holds four channels of each of the four vectors.
    let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    let mut multiplier = [_mm512_setzero_ps(); VECTORS];
    for vector in 0..VECTORS {
        // SAFETY: `multiplier` holds `CHANNELS` values.
        multiplier[vector] = unsafe { _mm512_loadu_ps(tile.multiplier[vector * 16..][..16].as_ptr()) };
    }
    for row in 0..ROWS {
        let mut integers = [lowest; VECTORS];
        for vector in 0..VECTORS {
            let mut value = _mm512_mul_ps(_mm512_cvtepi32_ps(sums[row][vector]), multiplier[vector]);
            if RESIDUAL {
                let at = tile.residual.wrapping_add(tile.residual_offsets[row] as usize + vector * 16);
                // SAFETY: the residual is good for `channels` bytes at its offset.
                let bytes = unsafe {
                    if whole {
                        _mm_loadu_si128(at.cast())
                    } else {
                        _mm_maskz_loadu_epi8((mask >> (vector * 16)) as u16, at.cast())
                    }
                };
                let integers = if tile.residual_range == Range::Signed {
                    _mm512_cvtepi8_epi32(bytes)
                } else {
                    _mm512_cvtepu8_epi32(bytes)
                };
                let residual = _mm512_cvtepi32_ps(integers);
                value = _mm512_add_ps(value, _mm512_mul_ps(residual, residual_scale));
            }
            integers[vector] = _mm512_cvtps_epi32(value);
        }
        let halves = [_mm512_packs_epi32(integers[0], integers[1]), _mm512_packs_epi32(integers[2], integers[3])];
        let bytes = if tile.range == Range::Unsigned {
            _mm512_packus_epi16(halves[0], halves[1])
        } else {
            _mm512_max_epi8(_mm512_packs_epi16(halves[0], halves[1]), lowest)
        };
        let bytes = _mm512_permutexvar_epi32(order, bytes);
        // SAFETY: the output is good for `channels` bytes at its offset.
        unsafe {
            let at = tile.output.add(tile.output_offsets[row] as usize);
            if whole {
                _mm512_storeu_si512(at.cast(), bytes);
            } else {
                _mm512_mask_storeu_epi8(at.cast(), mask, bytes);
            }
        }
    }
}
