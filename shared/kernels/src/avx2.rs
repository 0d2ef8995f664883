//! The kernel for AVX2: `vpmaddubsw` adds two products of an unsigned and a signed byte in 16 bits, and saturates.
//!
//! Two products of inputs up to 127 never saturate; those of bytes up to 255 may, and such weights are cut into two halves.
//! Where the weights prove that even the sums of two groups fit 16 bits, they are added there, before `vpmaddwd` widens
//! them to 32: a *pair*, which saves a quarter of the instructions. [`pack`] finds the pairs, which are nearly all groups
//! of a trained network. A tile is 4 pixels times 16 channels.

#![expect(clippy::needless_range_loop, reason = "iterators make the compiler keep the sums in memory")]

use std::arch::asm;
use std::arch::x86_64::{
    __m128i, __m256i, _mm_loadu_si128, _mm_max_epi8, _mm_packs_epi16, _mm_packus_epi16, _mm_set1_epi8,
    _mm_storeu_si128, _mm_unpackhi_epi64, _mm256_add_epi16, _mm256_add_epi32, _mm256_add_ps, _mm256_castsi256_si128,
    _mm256_cvtepi8_epi32, _mm256_cvtepi32_ps, _mm256_cvtepu8_epi32, _mm256_cvtps_epi32, _mm256_extracti128_si256,
    _mm256_loadu_ps, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_mul_ps, _mm256_packs_epi32,
    _mm256_permute4x64_epi64, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_ps,
    _mm256_setzero_si256,
};

use super::range::Range;
use super::tile::{Groups, Kernel, Packed, Panel, Tile};
use super::winograd;
use super::x86::{fetch, fetch_ends, for_rows};

/// Output channels in a tile.
pub(super) const CHANNELS: usize = 16;
/// Bytes of a group's weights.
const GROUP: usize = CHANNELS * 4;
/// Sums of two products in a group.
const LANES: usize = GROUP / 2;
/// How many groups are tried as the partner of one.
const WINDOW: usize = 64;

pub(super) const KERNEL: Kernel = Kernel {
    name: "avx2",
    rows: 4,
    channels: CHANNELS,
    pack,
    tile,
    winograd: Some(&winograd::avx2::KERNEL),
    multiply: Some(multiply),
};

/// Whether this processor has it.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx2")
}

/// Of `vpmaddubsw` alone. Widening its sums takes a multiplier as well, so that a third of this, or half where groups do
/// not pair, is out of reach.
///
/// # Safety
/// As [`Kernel::multiply`] says.
// SAFETY: see above.
#[target_feature(enable = "avx2")]
unsafe fn multiply(turns: usize) -> usize {
    let factor = _mm256_setzero_si256();
    for _ in 0..turns {
        // SAFETY: the instruction works on registers alone. In assembly, for of an intrinsic whose result is not used the
        // compiler makes nothing.
        unsafe {
            asm!(
                "vpmaddubsw {a}, {factor}, {factor}",
                "vpmaddubsw {b}, {factor}, {factor}",
                "vpmaddubsw {c}, {factor}, {factor}",
                "vpmaddubsw {d}, {factor}, {factor}",
                "vpmaddubsw {a}, {factor}, {factor}",
                "vpmaddubsw {b}, {factor}, {factor}",
                "vpmaddubsw {c}, {factor}, {factor}",
                "vpmaddubsw {d}, {factor}, {factor}",
                a = out(ymm_reg) _,
                b = out(ymm_reg) _,
                c = out(ymm_reg) _,
                d = out(ymm_reg) _,
                factor = in(ymm_reg) factor,
                options(nomem, nostack, preserves_flags)
            );
        }
    }
    turns * 8 * 32
}

/// A group with, of each lane, the sums of its positive and of its negative weights.
struct Group {
    offset: u32,
    weights: [i8; GROUP],
    positive: [i16; LANES],
    negative: [i16; LANES],
}

impl Group {
    fn new(offset: u32, weights: [i8; GROUP]) -> Self {
        let lane = |lane: usize, sign: i16| {
            weights[2 * lane..][..2].iter().map(|weight| (i16::from(*weight) * sign).max(0)).sum::<i16>()
        };
        let (positive, negative) = (std::array::from_fn(|at| lane(at, 1)), std::array::from_fn(|at| lane(at, -1)));
        Self { offset, weights, positive, negative }
    }

    fn fits(&self, limit: i16) -> bool {
        self.positive.iter().chain(&self.negative).all(|sum| *sum <= limit)
    }

    fn fits_with(&self, other: &Self, limit: i16) -> bool {
        let fit = |a: &[i16; LANES], b: &[i16; LANES]| a.iter().zip(b).fold(true, |fit, (a, b)| fit & (a + b <= limit));
        fit(&self.positive, &other.positive) && fit(&self.negative, &other.negative)
    }

    /// Two groups that together are this one, none with a weight beyond 64.
    fn halves(&self) -> [Self; 2] {
        let lower = self.weights.map(|weight| weight >> 1);
        let upper = std::array::from_fn(|at| self.weights[at] - lower[at]);
        [lower, upper].map(|weights| Self::new(self.offset, weights))
    }
}

/// Pairs the groups that may be paired; groups of nothing but zeros are left out.
fn pack(groups: &Groups, packed: &mut Packed) {
    let limit = (i32::from(i16::MAX) / groups.largest_input) as i16;
    let (weights, _) = groups.weights.as_chunks::<GROUP>();
    let mut waiting = Vec::with_capacity(groups.offsets.len());
    for (offset, weights) in groups.offsets.iter().zip(weights).filter(|(_, weights)| **weights != [0; GROUP]) {
        let group = Group::new(*offset, *weights);
        if group.fits(limit) {
            waiting.push(group);
        } else {
            waiting.extend(group.halves());
        }
    }
    let mut used = vec![false; waiting.len()];
    let (mut pairs, mut singles) = (Vec::with_capacity(waiting.len()), Vec::new());
    for first in 0..waiting.len() {
        if std::mem::replace(&mut used[first], true) {
            continue;
        }
        let partners = first + 1..waiting.len().min(first + 1 + WINDOW);
        let fits = |second: &usize| !used[*second] && waiting[first].fits_with(&waiting[*second], limit);
        match partners.clone().find(fits) {
            Some(second) => {
                used[second] = true;
                pairs.extend([first, second]);
            }
            None => singles.push(first),
        }
    }
    packed.panels.push(Panel {
        first_offset: packed.offsets.len(),
        first_weight: packed.weights.len(),
        pairs: pairs.len() / 2,
        singles: singles.len(),
    });
    for group in pairs.into_iter().chain(singles).map(|at| &waiting[at]) {
        packed.offsets.push(group.offset);
        packed.weights.extend_from_slice(&group.weights);
    }
}

/// # Safety
/// As [`Kernel::tile`] says.
// SAFETY: see above.
#[target_feature(enable = "avx2")]
unsafe fn tile(tile: &Tile) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        for_rows!(rows, tile, 1 2 3 4);
    }
}

/// # Safety
/// As [`Kernel::tile`] says, with `ROWS` pixels.
// SAFETY: see above.
#[target_feature(enable = "avx2")]
unsafe fn rows<const ROWS: usize, const RESIDUAL: bool>(tile: &Tile) {
    fetch(tile.ahead);
    fetch_ends::<ROWS, RESIDUAL>(tile);
    // Plain loops all along: a closure that is given to a function without these instructions, such as an iterator's, may
    // not become part of it, and then each vector goes through memory.
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
    let ones = _mm256_set1_epi16(1);
    let (mut offsets, mut weights) = (tile.offsets, tile.weights);
    for _ in 0..tile.pairs {
        // SAFETY: there are two offsets and groups of weights for each pair; the input is good for four bytes at each.
        unsafe {
            let (first, second) = (*offsets as usize, *offsets.add(1) as usize);
            for row in 0..ROWS {
                let input = _mm256_set1_epi32(inputs[row].add(first).cast::<i32>().read_unaligned());
                let mut low = _mm256_maddubs_epi16(input, vector(weights, 0));
                let mut high = _mm256_maddubs_epi16(input, vector(weights, 1));
                let input = _mm256_set1_epi32(inputs[row].add(second).cast::<i32>().read_unaligned());
                low = _mm256_add_epi16(low, _mm256_maddubs_epi16(input, vector(weights, 2)));
                high = _mm256_add_epi16(high, _mm256_maddubs_epi16(input, vector(weights, 3)));
                sums[row][0] = _mm256_add_epi32(sums[row][0], _mm256_madd_epi16(low, ones));
                sums[row][1] = _mm256_add_epi32(sums[row][1], _mm256_madd_epi16(high, ones));
            }
            offsets = offsets.add(2);
            weights = weights.add(2 * GROUP);
        }
    }
    for _ in 0..tile.singles {
        // SAFETY: after the pairs there are an offset and a group of weights for each; the input is good for four bytes.
        unsafe {
            for row in 0..ROWS {
                let input = _mm256_set1_epi32(inputs[row].add(*offsets as usize).cast::<i32>().read_unaligned());
                let low = _mm256_maddubs_epi16(input, vector(weights, 0));
                let high = _mm256_maddubs_epi16(input, vector(weights, 1));
                sums[row][0] = _mm256_add_epi32(sums[row][0], _mm256_madd_epi16(low, ones));
                sums[row][1] = _mm256_add_epi32(sums[row][1], _mm256_madd_epi16(high, ones));
            }
            offsets = offsets.add(1);
            weights = weights.add(GROUP);
        }
    }
    // SAFETY: the caller's promise is passed on.
    unsafe { finish::<ROWS, RESIDUAL>(tile, sums) };
}

/// 32 bytes of weights.
///
/// # Safety
/// They are there.
// SAFETY: see above.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn vector(weights: *const i8, index: usize) -> __m256i {
    // SAFETY: the caller's promise is passed on.
    unsafe { _mm256_loadu_si256(weights.add(32 * index).cast()) }
}

/// From sums to bytes.
///
/// # Safety
/// As [`Kernel::tile`] says, with `ROWS` pixels.
// SAFETY: see above.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) unsafe fn finish<const ROWS: usize, const RESIDUAL: bool>(tile: &Tile, sums: [[__m256i; 2]; ROWS]) {
    let mut multiplier = [_mm256_setzero_ps(); 2];
    for half in 0..2 {
        // SAFETY: `multiplier` holds `CHANNELS` values.
        multiplier[half] = unsafe { _mm256_loadu_ps(tile.multiplier[half * 8..][..8].as_ptr()) };
    }
    let residual_scale = _mm256_set1_ps(tile.residual_scale);
    for row in 0..ROWS {
        let mut values = [_mm256_set1_ps(0.0); 2];
        for half in 0..2 {
            values[half] = _mm256_mul_ps(_mm256_cvtepi32_ps(sums[row][half]), multiplier[half]);
        }
        if RESIDUAL {
            let at = tile.residual.wrapping_add(tile.residual_offsets[row] as usize);
            // SAFETY: the residual is good for `channels` bytes at its offset.
            let bytes = unsafe { load(at, tile.channels) };
            let halves = [bytes, _mm_unpackhi_epi64(bytes, bytes)];
            for half in 0..2 {
                let integers = if tile.residual_range == Range::Signed {
                    _mm256_cvtepi8_epi32(halves[half])
                } else {
                    _mm256_cvtepu8_epi32(halves[half])
                };
                let residual = _mm256_cvtepi32_ps(integers);
                values[half] = _mm256_add_ps(values[half], _mm256_mul_ps(residual, residual_scale));
            }
        }
        let words = _mm256_packs_epi32(_mm256_cvtps_epi32(values[0]), _mm256_cvtps_epi32(values[1]));
        // Packing works in halves of a vector: the middle quarters are the wrong way round.
        let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
        let bytes = pack_words(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words), tile.range);
        // SAFETY: the output is good for `channels` bytes at its offset.
        unsafe { store(tile.output.add(tile.output_offsets[row] as usize), tile.channels, bytes) };
    }
}

/// Clamps words to bytes.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn pack_words(low: __m128i, high: __m128i, range: Range) -> __m128i {
    if range == Range::Unsigned {
        _mm_packus_epi16(low, high)
    } else {
        _mm_max_epi8(_mm_packs_epi16(low, high), _mm_set1_epi8(range.lowest() as i8))
    }
}

/// Up to 16 bytes; the others are 0.
///
/// # Safety
/// `from` is good for `count` bytes.
// SAFETY: see above.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load(from: *const u8, count: usize) -> __m128i {
    let mut bytes = [0_u8; CHANNELS];
    // SAFETY: the caller's promise is passed on.
    unsafe {
        if count >= CHANNELS {
            return _mm_loadu_si128(from.cast());
        }
        from.copy_to_nonoverlapping(bytes.as_mut_ptr(), count);
        _mm_loadu_si128(bytes.as_ptr().cast())
    }
}

/// # Safety
/// `to` is good for `count` bytes.
// SAFETY: see above.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn store(to: *mut u8, count: usize, vector: __m128i) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        if count >= CHANNELS {
            _mm_storeu_si128(to.cast(), vector);
        } else {
            let mut bytes = [0_u8; CHANNELS];
            _mm_storeu_si128(bytes.as_mut_ptr().cast(), vector);
            to.copy_from_nonoverlapping(bytes.as_ptr(), count);
        }
    }
}
