//! The layers beside the convolutions: a small part of the work, in plain Rust that compiles to vector code.

use super::activation::Activation;

/// Added to a float below 2^22 and taken away again, it leaves the nearest integer, ties to even: above it a float has no
/// fraction bits. The processor does this many values at a time, where `round_ties_even` may be a call for each.
const ROUND_TO_EVEN: f32 = 12_582_912.0;

/// To the nearest integer of `lowest` to `highest`, ties to even. NaN becomes 0.
fn round(value: f32, lowest: f32, highest: f32) -> i32 {
    let clamped = value.clamp(lowest, highest);
    ((clamped + ROUND_TO_EVEN) - ROUND_TO_EVEN) as i32
}

/// One row of a picture: from planes of floats to bytes, each 128 more than its value.
///
/// # Safety
/// Nobody else touches row `y` of `output`.
// SAFETY: see above.
pub(super) unsafe fn quantize_row(input: &[f32], scale: f32, y: usize, output: &Activation) {
    let shape = output.shape();
    // SAFETY: the caller's promise is passed on.
    let row = unsafe { output.row_mut(y) };
    let mut bytes = vec![0_u8; shape.width];
    for channel in 0..shape.channels {
        let plane = &input[(channel * shape.height + y) * shape.width..][..shape.width];
        for (byte, value) in bytes.iter_mut().zip(plane) {
            *byte = (round(value / scale, -128.0, 127.0) + 128) as u8;
        }
        for (to, byte) in row[channel..].iter_mut().step_by(shape.channels).zip(&bytes) {
            *to = *byte;
        }
    }
}

/// A window that moves over an activation, the same in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) size: usize,
    pub(crate) stride: usize,
    /// Pixels of padding; at most the input's border, which is 0, and less than `size`.
    pub(crate) padding: usize,
}

impl Window {
    /// The output's height or width for an input's; `None` when the window is larger than the padded input.
    pub(crate) fn output(&self, size: usize) -> Option<usize> {
        Some((size + 2 * self.padding).checked_sub(self.size)? / self.stride + 1)
    }
}

/// One row of the largest byte under a window. No byte is negative, so the border's 0 is never the largest.
///
/// # Safety
/// Nobody writes to `input`, nobody else touches row `y` of `output`.
// SAFETY: see above.
pub(super) unsafe fn max_pool_row(window: Window, input: &Activation, y: usize, output: &Activation) {
    let channels = output.shape().channels;
    let corner = input.shape().border - window.padding;
    // SAFETY: the caller's promise is passed on.
    let row = unsafe { output.row_mut(y) };
    row.fill(0);
    for down in 0..window.size {
        let width = (output.shape().width - 1) * window.stride + window.size;
        // SAFETY: the caller's promise is passed on.
        let above = unsafe { input.row(corner + y * window.stride + down, corner..corner + width) };
        for (x, pixel) in row.chunks_exact_mut(channels).enumerate() {
            for tap in above[x * window.stride * channels..][..window.size * channels].chunks_exact(channels) {
                for (largest, byte) in pixel.iter_mut().zip(tap) {
                    *largest = (*largest).max(*byte);
                }
            }
        }
    }
}

/// The mean over all pixels, times a multiplier.
///
/// # Safety
/// Nobody writes to `input`, nobody else touches `output`.
// SAFETY: see above.
pub(super) unsafe fn average(multiplier: f32, input: &Activation, output: &Activation) {
    let shape = input.shape();
    let mut sums = vec![0_u32; shape.channels];
    for y in 0..shape.height {
        // SAFETY: the caller's promise is passed on.
        let row = unsafe { input.row(y + shape.border, shape.border..shape.border + shape.width) };
        for pixel in row.chunks_exact(shape.channels) {
            for (sum, byte) in sums.iter_mut().zip(pixel) {
                *sum += u32::from(*byte);
            }
        }
    }
    // SAFETY: the caller's promise is passed on.
    for (to, sum) in unsafe { output.row_mut(0) }.iter_mut().zip(sums) {
        *to = round(sum as f32 * multiplier, 0.0, 127.0) as u8;
    }
}

/// A dense layer to floats.
pub(crate) struct Dense {
    /// Outputs x inputs.
    pub(crate) weights: Vec<i8>,
    /// One for each output.
    pub(crate) bias: Vec<i32>,
    /// From sums to values, one for each output.
    pub(crate) scale: Vec<f32>,
}

impl Dense {
    /// The values for inputs 0 to 127.
    pub(super) fn run(&self, input: &[u8]) -> Vec<f32> {
        let rows = self.weights.chunks_exact(input.len());
        let row = |((weights, bias), scale): ((&[i8], &i32), &f32)| {
            let products = weights.iter().zip(input).map(|(weight, byte)| i32::from(*weight) * i32::from(*byte));
            (bias + products.sum::<i32>()) as f32 * scale
        };
        rows.zip(&self.bias).zip(&self.scale).map(row).collect()
    }
}

/// An activation as planes of floats. Its bytes are signed; a picture's are 128 more than their value.
///
/// # Safety
/// Nobody writes to `input`.
// SAFETY: see above.
pub(super) unsafe fn dequantize(input: &Activation, scale: f32, picture: bool) -> Vec<f32> {
    let shape = input.shape();
    let mut values = vec![0.0; shape.channels * shape.pixels()];
    for y in 0..shape.height {
        // SAFETY: the caller's promise is passed on.
        let row = unsafe { input.row(y + shape.border, shape.border..shape.border + shape.width) };
        for (x, pixel) in row.chunks_exact(shape.channels).enumerate() {
            for (channel, byte) in pixel.iter().enumerate() {
                let value = if picture { i32::from(*byte) - 128 } else { i32::from(*byte as i8) };
                values[(channel * shape.height + y) * shape.width + x] = value as f32 * scale;
            }
        }
    }
    values
}
