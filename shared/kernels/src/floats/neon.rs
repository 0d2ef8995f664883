//! NEON, which every 64-bit ARM processor has: four floats.

use std::arch::aarch64::{float32x4_t, vaddq_f32, vbslq_f32, vcgtq_f32, vdupq_n_f32, vfmaq_f32, vld1q_f32, vst1q_f32};

use super::rows::{self, ConvRow, DepthwiseRow, FloatKernel};
use super::vector::Vector;

pub(super) const KERNEL: FloatKernel =
    FloatKernel { name: "neon", lanes: 4, conv: conv_row, depthwise: depthwise_row, max: max_row };

#[derive(Clone, Copy)]
struct Four(float32x4_t);

impl Vector for Four {
    const LANES: usize = 4;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { vld1q_f32(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise is passed on.
        unsafe { vst1q_f32(to, self.0) };
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { vdupq_n_f32(value) })
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { vfmaq_f32(addend.0, self.0, factor.0) })
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { vaddq_f32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        // FMAX itself prefers +0 to -0 and keeps what is no number; the others do not.
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { vbslq_f32(vcgtq_f32(self.0, other.0), self.0, other.0) })
    }
}

#[target_feature(enable = "neon")]
unsafe fn conv_row(row: &ConvRow, output: &mut [f32]) {
    // SAFETY: this function has the instructions, so the processor has them.
    unsafe { rows::conv::<Four>(row, output) }
}

#[target_feature(enable = "neon")]
unsafe fn depthwise_row(row: &DepthwiseRow, output: &mut [f32]) {
    // SAFETY: this function has the instructions, so the processor has them.
    unsafe { rows::depthwise::<Four>(row, output) }
}

#[target_feature(enable = "neon")]
unsafe fn max_row(larger: &mut [f32], values: &[f32]) {
    // SAFETY: this function has the instructions, so the processor has them.
    unsafe { rows::max::<Four>(larger, values) }
}
