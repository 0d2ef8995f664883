//! The layers beside the convolutions: a small part of the work, in plain Rust that compiles to vector code.

use super::activation::Activation;
use super::range::Range;

/// Added to a float below 2^22, it leaves the nearest integer, ties to even, in the lowest bits: above 2^23 a float has no
/// fraction bits. The processor does this many values at a time, where a conversion also has to look for NaN.
const ROUND_TO_EVEN: f32 = 12_582_912.0;

/// To the nearest integer of `lowest` to `highest`, ties to even; both fit a byte, signed or not. NaN becomes 0.
fn round(value: f32, lowest: f32, highest: f32) -> u8 {
    (value.clamp(lowest, highest) + ROUND_TO_EVEN).to_bits() as u8
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
    let mut bytes = vec![0_u8; shape.channels * shape.width];
    for (channel, bytes) in bytes.chunks_exact_mut(shape.width).enumerate() {
        let plane = &input[(channel * shape.height + y) * shape.width..][..shape.width];
        for (byte, value) in bytes.iter_mut().zip(plane) {
            *byte = round(value / scale, -128.0, 127.0) ^ 0x80;
        }
    }
    if shape.channels == 3 {
        // What the compiler knows the number of, it writes many at a time.
        return interleave::<3>(&bytes, row);
    }
    for (x, pixel) in row.chunks_exact_mut(shape.channels).enumerate() {
        pixel.iter_mut().zip(bytes[x..].iter().step_by(shape.width)).for_each(|(to, byte)| *to = *byte);
    }
}

/// From one row of each plane to pixels.
fn interleave<const CHANNELS: usize>(planes: &[u8], row: &mut [u8]) {
    let (pixels, _) = row.as_chunks_mut::<CHANNELS>();
    let width = pixels.len();
    let planes: [&[u8]; CHANNELS] = std::array::from_fn(|channel| &planes[channel * width..][..width]);
    for (x, pixel) in pixels.iter_mut().enumerate() {
        *pixel = std::array::from_fn(|channel| planes[channel][x]);
    }
}

/// A window that moves over an activation, the same in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Pixels from its first to its last.
    pub size: usize,
    /// Pixels from one to the next.
    pub stride: usize,
    /// Pixels of padding; at most the input's border, which is 0, and less than `size`.
    pub padding: usize,
}

impl Window {
    /// The output's height or width for an input's; `None` when the window is larger than the padded input.
    pub fn output(&self, size: usize) -> Option<usize> {
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
    let width = (output.shape().width - 1) * window.stride + window.size;
    // First down each column, in one long loop, then along the row.
    let mut columns = vec![0_u8; width * channels];
    for down in 0..window.size {
        // SAFETY: the caller's promise is passed on.
        let above = unsafe { input.row(corner + y * window.stride + down, corner..corner + width) };
        for (largest, byte) in columns.iter_mut().zip(above) {
            *largest = (*largest).max(*byte);
        }
    }
    // SAFETY: the caller's promise is passed on.
    let row = unsafe { output.row_mut(y) };
    for (x, pixel) in row.chunks_exact_mut(channels).enumerate() {
        let mut taps = columns[x * window.stride * channels..][..window.size * channels].chunks_exact(channels);
        pixel.copy_from_slice(taps.next().unwrap_or_default());
        for tap in taps {
            for (largest, byte) in pixel.iter_mut().zip(tap) {
                *largest = (*largest).max(*byte);
            }
        }
    }
}

/// The mean over all pixels, times a multiplier; no byte of `input` is negative.
///
/// # Safety
/// Nobody writes to `input`, nobody else touches `output`.
// SAFETY: see above.
pub(super) unsafe fn average(multiplier: f32, range: Range, input: &Activation, output: &Activation) {
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
        *to = round(sum as f32 * multiplier, 0.0, range.highest() as f32);
    }
}

/// A dense layer to floats.
pub struct Dense {
    /// Outputs x inputs.
    pub weights: Vec<i8>,
    /// One for each output.
    pub bias: Vec<i32>,
    /// From sums to values, one for each output.
    pub scale: Vec<f32>,
}

impl Dense {
    /// The values for inputs 0 to 255.
    pub(super) fn run(&self, input: &[u8]) -> Vec<f32> {
        let rows = self.weights.chunks_exact(input.len());
        let row = |((weights, bias), scale): ((&[i8], &i32), &f32)| {
            let products = weights.iter().zip(input).map(|(weight, byte)| i32::from(*weight) * i32::from(*byte));
            (bias + products.sum::<i32>()) as f32 * scale
        };
        rows.zip(&self.bias).zip(&self.scale).map(row).collect()
    }
}

/// An activation as planes of floats.
///
/// # Safety
/// Nobody writes to `input`.
// SAFETY: see above.
pub(super) unsafe fn dequantize(input: &Activation, scale: f32, range: Range) -> Vec<f32> {
    let shape = input.shape();
    let mut values = vec![0.0; shape.channels * shape.pixels()];
    for y in 0..shape.height {
        // SAFETY: the caller's promise is passed on.
        let row = unsafe { input.row(y + shape.border, shape.border..shape.border + shape.width) };
        for (x, pixel) in row.chunks_exact(shape.channels).enumerate() {
            for (channel, byte) in pixel.iter().enumerate() {
                values[(channel * shape.height + y) * shape.width + x] = range.value(*byte) as f32 * scale;
            }
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::super::activation::Shape;
    use super::*;

    #[test]
    fn rounds_ties_to_even_and_clamps() {
        let values = [0.5, 1.5, 2.5, -0.5, -1.5, 126.5, 127.4, 1e30, -1e30, f32::NAN, -127.6];
        let found = values.map(|value| round(value, -128.0, 127.0) as i8);
        assert_eq!(found, [0, 2, 2, 0, -2, 126, 127, 127, -128, 0, -128]);
    }

    #[test]
    fn the_largest_under_each_window() {
        let input = Activation::new(Shape { height: 3, width: 4, channels: 1, border: 1 }, 0);
        let output = Activation::new(Shape { height: 2, width: 2, channels: 1, border: 0 }, 0);
        for (y, row) in [[1, 2, 3, 4], [5, 90, 7, 8], [9, 10, 11, 12]].into_iter().enumerate() {
            // SAFETY: this thread is the only one.
            unsafe { input.row_mut(y) }.copy_from_slice(&row);
        }
        let window = Window { size: 3, stride: 2, padding: 1 };
        assert_eq!((window.output(3), window.output(4)), (Some(2), Some(2)));
        for (y, expected) in [[90, 90], [90, 90]].into_iter().enumerate() {
            // SAFETY: this thread is the only one.
            unsafe {
                max_pool_row(window, &input, y, &output);
                assert_eq!(output.row_mut(y), expected);
            }
        }
    }

    #[test]
    fn a_picture_goes_to_bytes_and_back() {
        let values: Vec<f32> = (-128..128).map(|value| value as f32).collect();
        for channels in [1, 2, 3, 4] {
            let shape = Shape { height: 2, width: 5, channels, border: 1 };
            let picture = Activation::new(shape, 128);
            let values = &values[..channels * shape.pixels()];
            // SAFETY: this thread is the only one.
            let back = unsafe {
                quantize_row(values, 1.0, 0, &picture);
                quantize_row(values, 1.0, 1, &picture);
                dequantize(&picture, 1.0, Range::Picture)
            };
            assert_eq!(back, values, "{channels} channels");
        }
    }
}
