//! AVX2 with FMA: eight floats. 512-bit vectors are left alone: a detector's few channels fill them badly.

use std::arch::x86_64::{
    __m256, _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_max_ps, _mm256_set1_ps, _mm256_storeu_ps,
};

use super::rows::{self, ConvRow, DepthwiseRow, FloatKernel};
use super::vector::Vector;

pub(super) const KERNEL: FloatKernel =
    FloatKernel { name: "avx2 fma", lanes: 8, conv: conv_row, depthwise: depthwise_row, max: max_row };

/// Whether this processor has it.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

#[derive(Clone, Copy)]
struct Eight(__m256);

// Each body is one instruction of AVX or FMA.
impl Vector for Eight {
    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise is passed on.
        unsafe { _mm256_storeu_ps(to, self.0) };
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_fmadd_ps(self.0, factor.0, addend.0) })
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { _mm256_max_ps(self.0, other.0) })
    }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn conv_row(row: &ConvRow, output: &mut [f32]) {
    // SAFETY: this function has the instructions, so the processor has them.
    unsafe { rows::conv::<Eight>(row, output) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn depthwise_row(row: &DepthwiseRow, output: &mut [f32]) {
    // SAFETY: this function has the instructions, so the processor has them.
    unsafe { rows::depthwise::<Eight>(row, output) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn max_row(larger: &mut [f32], values: &[f32]) {
    // SAFETY: this function has the instructions, so the processor has them.
    unsafe { rows::max::<Eight>(larger, values) }
}
