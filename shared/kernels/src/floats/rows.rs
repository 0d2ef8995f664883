//! The float kernels: one row of a layer's output at a time, in the order of operations that [`super`] states.

use super::vector::Vector;

/// The kernels of one instruction set.
pub struct FloatKernel {
    /// As `bench` prints it.
    pub name: &'static str,
    /// Floats in a vector. Channels are padded to a multiple of it.
    pub lanes: usize,
    /// # Safety
    /// The processor has the instruction set.
    // SAFETY: see above.
    pub(super) conv: unsafe fn(&ConvRow, &mut [f32]),
    /// # Safety
    /// The processor has the instruction set.
    // SAFETY: see above.
    pub(super) depthwise: unsafe fn(&DepthwiseRow, &mut [f32]),
    /// Keeps the larger of each two; the first slice is as long as the second, a multiple of the lanes.
    ///
    /// # Safety
    /// The processor has the instruction set.
    // SAFETY: see above.
    pub(super) max: unsafe fn(&mut [f32], &[f32]),
}

/// Vectors of output channels in a panel at most: with [`PIXELS`] and the weights they fill 16 registers.
pub(super) const MOST_VECTORS: usize = 3;
/// Pixels that are computed together.
const PIXELS: usize = 4;

/// Neighbouring floats of the input that are taps of a pixel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taps {
    /// From the pixel's first tap.
    pub(super) offset: usize,
    pub(super) count: usize,
}

/// What a row of a convolution is made of.
pub(super) struct ConvRow<'a> {
    /// From the first tap of the first pixel on.
    pub(super) input: &'a [f32],
    /// Floats from a pixel's first tap to the next one's.
    pub(super) step: usize,
    pub(super) taps: &'a [Taps],
    /// For each panel, for each tap in order, a weight for each of its channels.
    pub(super) weights: &'a [f32],
    /// One for each output channel; its length is the padded number of channels.
    pub(super) bias: &'a [f32],
    /// Added to the sums.
    pub(super) residual: Option<Residual<'a>>,
    /// Whether what is not positive becomes 0.
    pub(super) relu: bool,
}

/// A row to be added; channels that it does not have are 0.
#[derive(Clone, Copy)]
pub(super) struct Residual<'a> {
    pub(super) row: &'a [f32],
    /// Its padded number of channels.
    pub(super) channels: usize,
}

/// What a row of a depthwise convolution is made of.
pub(super) struct DepthwiseRow<'a> {
    /// From the first tap of the first pixel on.
    pub(super) input: &'a [f32],
    /// Floats from a pixel's first tap to the next one's.
    pub(super) step: usize,
    /// Where each tap stands, from the first.
    pub(super) taps: &'a [usize],
    /// For each tap, a weight for each channel.
    pub(super) weights: &'a [f32],
    /// One for each channel; its length is the padded number of channels.
    pub(super) bias: &'a [f32],
    pub(super) relu: bool,
}

/// The sizes of the panels that `vectors` vectors are cut into: as equal as can be, the larger first.
pub(super) fn panels(vectors: usize) -> impl Iterator<Item = usize> {
    let count = vectors.div_ceil(MOST_VECTORS);
    (0..count).map(move |at| vectors / count + usize::from(at < vectors % count))
}

/// Computes a row of a convolution. `output` is a whole number of pixels.
///
/// # Safety
/// The processor has the instruction set of `V`.
///
/// # Panics
/// When the slices are shorter than the row needs.
// SAFETY: see above.
#[inline(always)]
pub(super) unsafe fn conv<V: Vector>(row: &ConvRow, output: &mut [f32]) {
    let channels = row.bias.len();
    let pixels = output.len() / channels;
    let count: usize = row.taps.iter().map(|taps| taps.count).sum();
    let reach = row.taps.iter().map(|taps| taps.offset + taps.count).max().unwrap_or(0);
    assert!(channels.is_multiple_of(V::LANES) && output.len() == pixels * channels && pixels > 0);
    assert!((pixels - 1) * row.step + reach <= row.input.len() && count * channels <= row.weights.len());
    if let Some(Residual { row, channels }) = row.residual {
        assert!(channels.is_multiple_of(V::LANES) && row.len() == pixels * channels);
    }
    let (mut first, mut weights) = (0, row.weights.as_ptr());
    for vectors in panels(channels / V::LANES) {
        let mut pixel = 0;
        while pixel < pixels {
            let rest = pixels - pixel;
            // SAFETY: the assertions above; a panel's weights are its channels times all taps, one after the other.
            unsafe {
                match (rest, vectors) {
                    (PIXELS.., 3) => tile::<V, PIXELS, 3>(row, output, first, weights, pixel),
                    (PIXELS.., 2) => tile::<V, PIXELS, 2>(row, output, first, weights, pixel),
                    (PIXELS.., _) => tile::<V, PIXELS, 1>(row, output, first, weights, pixel),
                    (_, 3) => tile::<V, 1, 3>(row, output, first, weights, pixel),
                    (_, 2) => tile::<V, 1, 2>(row, output, first, weights, pixel),
                    (_, _) => tile::<V, 1, 1>(row, output, first, weights, pixel),
                }
            }
            pixel += if rest >= PIXELS { PIXELS } else { 1 };
        }
        first += vectors * V::LANES;
        weights = weights.wrapping_add(vectors * V::LANES * count);
    }
}

/// Some pixels of one panel, whose first channel is `first`.
///
/// # Safety
/// The processor has the instruction set, and the slices are as long as [`conv`] asserts.
// SAFETY: see above.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "iterators make the compiler keep the sums in memory")]
unsafe fn tile<V: Vector, const PIXELS: usize, const VECTORS: usize>(
    row: &ConvRow,
    output: &mut [f32],
    first: usize,
    weights: *const f32,
    pixel: usize,
) {
    // SAFETY: all reads and writes are inside what the caller asserts; see there.
    unsafe {
        let mut sums = [[V::splat(0.0); VECTORS]; PIXELS];
        for vector in 0..VECTORS {
            let bias = V::load(row.bias.as_ptr().add(first + vector * V::LANES));
            for at in 0..PIXELS {
                sums[at][vector] = bias;
            }
        }
        let input = row.input.as_ptr().add(pixel * row.step);
        let mut weights = weights;
        for taps in row.taps {
            let mut from = input.add(taps.offset);
            for _ in 0..taps.count {
                let mut factors = [V::splat(0.0); VECTORS];
                for vector in 0..VECTORS {
                    factors[vector] = V::load(weights.add(vector * V::LANES));
                }
                for at in 0..PIXELS {
                    let value = V::splat(*from.add(at * row.step));
                    for vector in 0..VECTORS {
                        sums[at][vector] = value.mul_add(factors[vector], sums[at][vector]);
                    }
                }
                from = from.add(1);
                weights = weights.add(VECTORS * V::LANES);
            }
        }
        let channels = row.bias.len();
        for at in 0..PIXELS {
            for vector in 0..VECTORS {
                let channel = first + vector * V::LANES;
                let mut sum = sums[at][vector];
                if let Some(residual) = &row.residual {
                    let other = if channel < residual.channels {
                        V::load(residual.row.as_ptr().add((pixel + at) * residual.channels + channel))
                    } else {
                        V::splat(0.0)
                    };
                    sum = sum.add(other);
                }
                if row.relu {
                    sum = sum.max(V::splat(0.0));
                }
                sum.store(output.as_mut_ptr().add((pixel + at) * channels + channel));
            }
        }
    }
}

/// Computes a row of a depthwise convolution. `output` is a whole number of pixels.
///
/// # Safety
/// The processor has the instruction set of `V`.
///
/// # Panics
/// When the slices are shorter than the row needs.
// SAFETY: see above.
#[inline(always)]
pub(super) unsafe fn depthwise<V: Vector>(row: &DepthwiseRow, output: &mut [f32]) {
    let channels = row.bias.len();
    let pixels = output.len() / channels;
    let reach = row.taps.iter().max().map_or(0, |offset| offset + channels);
    assert!(channels.is_multiple_of(V::LANES) && output.len() == pixels * channels && pixels > 0);
    assert!((pixels - 1) * row.step + reach <= row.input.len() && row.taps.len() * channels <= row.weights.len());
    for channel in (0..channels).step_by(V::LANES) {
        let mut pixel = 0;
        while pixel + PIXELS <= pixels {
            // SAFETY: the assertions above.
            unsafe { depthwise_tile::<V, PIXELS>(row, output, channel, pixel) };
            pixel += PIXELS;
        }
        while pixel < pixels {
            // SAFETY: the assertions above.
            unsafe { depthwise_tile::<V, 1>(row, output, channel, pixel) };
            pixel += 1;
        }
    }
}

/// Some pixels of one vector of channels.
///
/// # Safety
/// The processor has the instruction set, and the slices are as long as [`depthwise`] asserts.
// SAFETY: see above.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "iterators make the compiler keep the sums in memory")]
unsafe fn depthwise_tile<V: Vector, const PIXELS: usize>(
    row: &DepthwiseRow,
    output: &mut [f32],
    channel: usize,
    pixel: usize,
) {
    // SAFETY: all reads and writes are inside what the caller asserts; see there.
    unsafe {
        let channels = row.bias.len();
        let mut sums = [V::load(row.bias.as_ptr().add(channel)); PIXELS];
        let input = row.input.as_ptr().add(pixel * row.step + channel);
        let mut weights = row.weights.as_ptr().add(channel);
        for offset in row.taps {
            let factor = V::load(weights);
            for at in 0..PIXELS {
                sums[at] = V::load(input.add(at * row.step + offset)).mul_add(factor, sums[at]);
            }
            // Behind the last tap it may point beyond the weights, where nothing is read.
            weights = weights.wrapping_add(channels);
        }
        for at in 0..PIXELS {
            let sum = if row.relu { sums[at].max(V::splat(0.0)) } else { sums[at] };
            sum.store(output.as_mut_ptr().add((pixel + at) * channels + channel));
        }
    }
}

/// Keeps the larger of each two.
///
/// # Safety
/// The processor has the instruction set of `V`.
///
/// # Panics
/// When the slices have different lengths, or none that is a multiple of the lanes.
// SAFETY: see above.
#[inline(always)]
pub(super) unsafe fn max<V: Vector>(larger: &mut [f32], values: &[f32]) {
    assert!(larger.len() == values.len() && larger.len().is_multiple_of(V::LANES));
    for at in (0..larger.len()).step_by(V::LANES) {
        // SAFETY: `at` and the floats after it are inside both by the line above.
        unsafe {
            V::load(larger.as_ptr().add(at)).max(V::load(values.as_ptr().add(at))).store(larger.as_mut_ptr().add(at))
        };
    }
}
