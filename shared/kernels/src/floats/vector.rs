//! What an instruction set must offer to the float kernels; and one float at a time, the reference.

use super::rows::{self, ConvRow, DepthwiseRow, FloatKernel};

/// Some floats that are computed with together. No method rounds otherwise than IEEE 754 says, so all implementations agree
/// bit for bit.
///
/// # Safety
/// Every method: the processor has the instruction set. Inlining into functions that enable it makes them its instructions.
pub(super) trait Vector: Copy {
    /// How many.
    const LANES: usize;

    /// # Safety
    /// As the trait says, and `from` is good for [`LANES`](Self::LANES) floats.
    unsafe fn load(from: *const f32) -> Self;

    /// # Safety
    /// As the trait says, and `to` is good for [`LANES`](Self::LANES) floats.
    unsafe fn store(self, to: *mut f32);

    /// The same float everywhere.
    ///
    /// # Safety
    /// As the trait says.
    unsafe fn splat(value: f32) -> Self;

    /// `self * factor + addend`, rounded once.
    ///
    /// # Safety
    /// As the trait says.
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self;

    /// # Safety
    /// As the trait says.
    unsafe fn add(self, other: Self) -> Self;

    /// `self` where it is greater than `other`, else `other`: also where they are zeros of either sign, or one is no number.
    ///
    /// # Safety
    /// As the trait says.
    unsafe fn max(self, other: Self) -> Self;
}

impl Vector for f32 {
    const LANES: usize = 1;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise is passed on.
        unsafe { *from }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise is passed on.
        unsafe { *to = self };
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        value
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self {
        f32::mul_add(self, factor, addend)
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self + other
    }

    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
}

/// One float at a time. Without a fused multiply-add of the processor each is a call, and slow.
pub(super) const KERNEL: FloatKernel =
    FloatKernel { name: "scalar", lanes: 1, conv: conv_row, depthwise: depthwise_row, max: max_row };

unsafe fn conv_row(row: &ConvRow, output: &mut [f32]) {
    // SAFETY: every processor has these instructions.
    unsafe { rows::conv::<f32>(row, output) }
}

unsafe fn depthwise_row(row: &DepthwiseRow, output: &mut [f32]) {
    // SAFETY: every processor has these instructions.
    unsafe { rows::depthwise::<f32>(row, output) }
}

unsafe fn max_row(larger: &mut [f32], values: &[f32]) {
    // SAFETY: every processor has these instructions.
    unsafe { rows::max::<f32>(larger, values) }
}
