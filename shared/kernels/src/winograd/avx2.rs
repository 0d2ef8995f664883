//! The parts for AVX2: `vpmaddwd` adds two products of words in 32 bits.

#![expect(clippy::needless_range_loop, reason = "iterators make the compiler keep the sums in memory")]

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm_setzero_si128, _mm_storel_epi64, _mm256_add_epi16, _mm256_add_epi32,
    _mm256_castsi256_si128, _mm256_cvtepi8_epi16, _mm256_cvtepi32_ps, _mm256_cvtepu8_epi16, _mm256_cvtps_epi32,
    _mm256_loadu_ps, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_mul_ps, _mm256_mullo_epi32, _mm256_packs_epi32,
    _mm256_permute4x64_epi64, _mm256_set1_epi32, _mm256_setzero_si256, _mm256_slli_epi16, _mm256_slli_epi32,
    _mm256_srai_epi32, _mm256_storeu_si256, _mm256_sub_epi16, _mm256_sub_epi32,
};

use super::super::avx2::pack_words;
use super::super::range::Range;
use super::super::x86::fetch;
use super::Kernel;
use super::transform::{self, Patch, Product, Square, Sums, Taps, Words};

/// Output channels in a matrix product: two vectors.
const CHANNELS: usize = 16;

pub(in super::super) const KERNEL: Kernel =
    Kernel { rows: 4, channels: CHANNELS, least_squares: 4, weights, input, product, output };

/// # Safety
/// As [`Kernel::weights`] says.
// SAFETY: see above.
#[target_feature(enable = "avx2")]
unsafe fn weights(taps: &Taps) {
    // SAFETY: the caller's promise is passed on.
    unsafe { transform::weights::<Vector>(taps) };
}

/// # Safety
/// As [`Kernel::input`] says.
// SAFETY: see above.
#[target_feature(enable = "avx2")]
unsafe fn input(patch: &Patch) {
    fetch(patch.ahead);
    // SAFETY: the caller's promise is passed on.
    unsafe { transform::input::<Vector>(patch) };
}

/// # Safety
/// As [`Kernel::output`] says.
// SAFETY: see above.
#[target_feature(enable = "avx2")]
unsafe fn output(square: &Square) {
    // SAFETY: the caller's promise is passed on.
    unsafe { transform::output::<Vector>(square) };
}

/// # Safety
/// As [`Kernel::product`] says.
// SAFETY: see above.
#[target_feature(enable = "avx2")]
unsafe fn product(product: &Product) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match product.rows {
            1 => rows::<1>(product),
            2 => rows::<2>(product),
            3 => rows::<3>(product),
            _ => rows::<4>(product),
        }
    }
}

/// # Safety
/// As [`Kernel::product`] says, with `ROWS` squares.
// SAFETY: see above.
#[target_feature(enable = "avx2")]
unsafe fn rows<const ROWS: usize>(product: &Product) {
    fetch(product.ahead);
    let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
    let (mut words, mut weights) = (product.words, product.weights);
    for _ in 0..product.inputs / 2 {
        // SAFETY: each pair of inputs has two words in each row, and two for each channel of the panel.
        unsafe {
            let weight = [_mm256_loadu_si256(weights.cast()), _mm256_loadu_si256(weights.add(16).cast())];
            for row in 0..ROWS {
                let pair = _mm256_set1_epi32(words.add(row * product.inputs).cast::<i32>().read_unaligned());
                for half in 0..2 {
                    sums[row][half] = _mm256_add_epi32(sums[row][half], _mm256_madd_epi16(pair, weight[half]));
                }
            }
            words = words.add(2);
            weights = weights.add(2 * CHANNELS);
        }
    }
    for row in 0..ROWS {
        for half in 0..2 {
            // SAFETY: there is room for `CHANNELS` sums of each row.
            unsafe { _mm256_storeu_si256(product.sums.add(row * CHANNELS + 8 * half).cast(), sums[row][half]) };
        }
    }
}

/// 16 words or 8 sums.
#[derive(Clone, Copy)]
struct Vector(__m256i);

impl Words for Vector {
    const LANES: usize = 16;

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_cvtepu8_epi16(_mm_loadu_si128(from.cast())) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn load_signed(from: *const i8) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_cvtepi8_epi16(_mm_loadu_si128(from.cast())) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn store(self, to: *mut i16) {
        // SAFETY: the caller's promise is passed on.
        unsafe { _mm256_storeu_si256(to.cast(), self.0) };
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_add_epi16(self.0, other.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn minus(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_sub_epi16(self.0, other.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn times_two(self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_slli_epi16::<1>(self.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn times_four(self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_slli_epi16::<2>(self.0) })
    }
}

impl Sums for Vector {
    const LANES: usize = 8;

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn load(from: *const i32) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_loadu_si256(from.cast()) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn all(value: i32) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_set1_epi32(value) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_add_epi32(self.0, other.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn minus(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_sub_epi32(self.0, other.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn times_two(self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_slli_epi32::<1>(self.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn times_four(self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_slli_epi32::<2>(self.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn times(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_mullo_epi32(self.0, other.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn divided(self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_srai_epi32::<6>(self.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn store(self, multiplier: *const f32, range: Range, to: *mut u8) {
        // SAFETY: the caller's promise is passed on.
        unsafe {
            let value = _mm256_mul_ps(_mm256_cvtepi32_ps(self.0), _mm256_loadu_ps(multiplier));
            let words = _mm256_packs_epi32(_mm256_cvtps_epi32(value), _mm256_setzero_si256());
            // Packing works in halves of a vector: the second four words stand in the upper one.
            let words = _mm256_permute4x64_epi64::<0b10_00>(words);
            _mm_storel_epi64(to.cast(), pack_words(_mm256_castsi256_si128(words), _mm_setzero_si128(), range));
        }
    }
}
