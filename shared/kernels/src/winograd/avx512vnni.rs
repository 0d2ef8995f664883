//! The parts for AVX-512 with VNNI: `vpdpwssd` adds two products of words to a 32-bit sum, and wraps.

#![expect(clippy::needless_range_loop, reason = "iterators make the compiler keep the sums in memory")]

use std::arch::asm;
use std::arch::x86_64::{
    __m512i, _mm_max_epi8, _mm_set1_epi8, _mm_storeu_si128, _mm256_loadu_si256, _mm512_add_epi16, _mm512_add_epi32,
    _mm512_cvtepi8_epi16, _mm512_cvtepi32_ps, _mm512_cvtepu8_epi16, _mm512_cvtps_epi32, _mm512_cvtsepi32_epi8,
    _mm512_cvtusepi32_epi8, _mm512_loadu_ps, _mm512_loadu_si512, _mm512_max_epi32, _mm512_mul_ps, _mm512_mullo_epi32,
    _mm512_set1_epi32, _mm512_setzero_si512, _mm512_slli_epi16, _mm512_slli_epi32, _mm512_srai_epi32,
    _mm512_storeu_si512, _mm512_sub_epi16, _mm512_sub_epi32,
};

use super::super::range::Range;
use super::super::x86::fetch;
use super::Kernel;
use super::transform::{self, Patch, Product, Square, Sums, Taps, Words};

/// Vectors of 16 channels in a matrix product.
const VECTORS: usize = 2;
/// Output channels in a matrix product.
const CHANNELS: usize = 16 * VECTORS;

pub(in super::super) const KERNEL: Kernel =
    Kernel { rows: 12, channels: CHANNELS, least_squares: 16, weights, input, product, output };

/// # Safety
/// As [`Kernel::weights`] says.
// SAFETY: see above.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn weights(taps: &Taps) {
    // SAFETY: the caller's promise is passed on.
    unsafe { transform::weights::<Vector>(taps) };
}

/// # Safety
/// As [`Kernel::input`] says.
// SAFETY: see above.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn input(patch: &Patch) {
    fetch(patch.ahead);
    // SAFETY: the caller's promise is passed on.
    unsafe { transform::input::<Vector>(patch) };
}

/// # Safety
/// As [`Kernel::output`] says.
// SAFETY: see above.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn output(square: &Square) {
    // SAFETY: the caller's promise is passed on.
    unsafe { transform::output::<Vector>(square) };
}

/// # Safety
/// As [`Kernel::product`] says.
// SAFETY: see above.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn product(product: &Product) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match product.rows {
            1 => rows::<1>(product),
            2 => rows::<2>(product),
            3 => rows::<3>(product),
            4 => rows::<4>(product),
            5 => rows::<5>(product),
            6 => rows::<6>(product),
            7 => rows::<7>(product),
            8 => rows::<8>(product),
            9 => rows::<9>(product),
            10 => rows::<10>(product),
            11 => rows::<11>(product),
            _ => rows::<12>(product),
        }
    }
}

/// # Safety
/// As [`Kernel::product`] says, with `ROWS` squares.
// SAFETY: see above.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn rows<const ROWS: usize>(product: &Product) {
    fetch(product.ahead);
    let mut sums = [[_mm512_setzero_si512(); VECTORS]; ROWS];
    let (mut words, mut weights) = (product.words, product.weights);
    for _ in 0..product.inputs / 2 {
        // SAFETY: each pair of inputs has two words in each row, and two for each channel of the panel.
        unsafe {
            let weight = [_mm512_loadu_si512(weights.cast()), _mm512_loadu_si512(weights.add(32).cast())];
            for row in 0..ROWS {
                let pair = _mm512_set1_epi32(words.add(row * product.inputs).cast::<i32>().read_unaligned());
                for vector in 0..VECTORS {
                    multiply_add(&mut sums[row][vector], pair, weight[vector]);
                }
            }
            words = words.add(2);
            weights = weights.add(2 * CHANNELS);
        }
    }
    for row in 0..ROWS {
        for vector in 0..VECTORS {
            // SAFETY: there is room for `CHANNELS` sums of each row.
            unsafe { _mm512_storeu_si512(product.sums.add(row * CHANNELS + 16 * vector).cast(), sums[row][vector]) };
        }
    }
}

/// `vpdpwssd`, as written: of the intrinsic, the compiler makes a multiplication and an addition, which take longer.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn multiply_add(sum: &mut __m512i, a: __m512i, b: __m512i) {
    // SAFETY: the instruction works on registers alone.
    unsafe {
        asm!(
            "vpdpwssd {sum}, {a}, {b}",
            sum = inout(zmm_reg) *sum,
            a = in(zmm_reg) a,
            b = in(zmm_reg) b,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
}

/// 32 words or 16 sums.
#[derive(Clone, Copy)]
struct Vector(__m512i);

impl Words for Vector {
    const LANES: usize = 32;

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_cvtepu8_epi16(_mm256_loadu_si256(from.cast())) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn load_signed(from: *const i8) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_cvtepi8_epi16(_mm256_loadu_si256(from.cast())) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn store(self, to: *mut i16) {
        // SAFETY: the caller's promise is passed on.
        unsafe { _mm512_storeu_si512(to.cast(), self.0) };
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_add_epi16(self.0, other.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn minus(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_sub_epi16(self.0, other.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn times_two(self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_slli_epi16::<1>(self.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn times_four(self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_slli_epi16::<2>(self.0) })
    }
}

impl Sums for Vector {
    const LANES: usize = 16;

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn load(from: *const i32) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_loadu_si512(from.cast()) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn all(value: i32) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_set1_epi32(value) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_add_epi32(self.0, other.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn minus(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_sub_epi32(self.0, other.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn times_two(self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_slli_epi32::<1>(self.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn times_four(self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_slli_epi32::<2>(self.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn times(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_mullo_epi32(self.0, other.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn divided(self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm512_srai_epi32::<6>(self.0) })
    }

    // SAFETY: the trait says what must hold.
    #[inline(always)]
    unsafe fn store(self, multiplier: *const f32, range: Range, to: *mut u8) {
        // SAFETY: the caller's promise is passed on.
        unsafe {
            let value = _mm512_mul_ps(_mm512_cvtepi32_ps(self.0), _mm512_loadu_ps(multiplier));
            let integers = _mm512_cvtps_epi32(value);
            let bytes = if range == Range::Unsigned {
                // The conversion clamps unsigned integers.
                _mm512_cvtusepi32_epi8(_mm512_max_epi32(integers, _mm512_setzero_si512()))
            } else {
                _mm_max_epi8(_mm512_cvtsepi32_epi8(integers), _mm_set1_epi8(range.lowest() as i8))
            };
            _mm_storeu_si128(to.cast(), bytes);
        }
    }
}
