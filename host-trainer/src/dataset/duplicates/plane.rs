//! The brightness of a face crop as a small square of numbers: smoothed, halved, mirrored, read between its pixels.

use lakshan_core::preprocess;

/// Side of the finest plane: a pixel is the mean of 4 x 4 of the crop.
pub(super) const SIDE: usize = 56;
const STEP: usize = preprocess::SIZE / SIDE;
/// What brightness 1 is in a kept plane.
const FULL: f32 = u16::MAX as f32;

/// A square of numbers, row-major.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    pub(super) side: usize,
    pub(super) values: Vec<f32>,
}

/// The luma (Rec. 601) of a crop, 224 x 224 RGB, in 56 x 56 numbers of 16 bits: all that is kept of each photograph.
///
/// # Panics
/// When the crop has another length.
pub(super) fn luma(crop: &[u8]) -> Vec<u16> {
    assert_eq!(crop.len(), preprocess::SIZE * preprocess::SIZE * 3, "a crop has 224 x 224 pixels");
    let mut sums = vec![0_u32; SIDE * SIDE];
    for (index, pixel) in crop.chunks_exact(3).enumerate() {
        let (x, y) = (index % preprocess::SIZE / STEP, index / preprocess::SIZE / STEP);
        sums[y * SIDE + x] += 299 * u32::from(pixel[0]) + 587 * u32::from(pixel[1]) + 114 * u32::from(pixel[2]);
    }
    let full = (1000 * 255 * STEP * STEP) as u64;
    sums.into_iter().map(|sum| (u64::from(sum) * u64::from(u16::MAX) / full) as u16).collect()
}

impl Plane {
    /// What [`luma`] kept; brightness from 0 to 1.
    pub(super) fn of(luma: &[u16]) -> Self {
        Self { side: SIDE, values: luma.iter().map(|value| f32::from(*value) / FULL).collect() }
    }

    /// Left and right exchanged.
    pub(super) fn mirrored(&self) -> Self {
        let values = self.values.chunks_exact(self.side).flat_map(|row| row.iter().rev().copied()).collect();
        Self { side: self.side, values }
    }

    /// Means of 2 x 2.
    pub(super) fn halved(&self) -> Self {
        let side = self.side / 2;
        let mean = |index: usize| {
            let corner = index / side * 2 * self.side + index % side * 2;
            let rows = [corner, corner + self.side].map(|at| self.values[at] + self.values[at + 1]);
            (rows[0] + rows[1]) / 4.0
        };
        Self { side, values: (0..side * side).map(mean).collect() }
    }

    /// Each number a mean of its neighbourhood, weighted 1 2 1 along both sides, so many `times`: nearly a Gaussian whose
    /// variance is half a pixel for each time. At the rim the outermost numbers repeat.
    pub(super) fn smoothed(&self, times: usize) -> Self {
        let (side, mut values) = (self.side, self.values.clone());
        let mut other = values.clone();
        for _ in 0..times {
            for (row, out) in values.chunks_exact(side).zip(other.chunks_exact_mut(side)) {
                for x in 1..side - 1 {
                    out[x] = (row[x - 1] + 2.0 * row[x] + row[x + 1]) / 4.0;
                }
                out[0] = (3.0 * row[0] + row[1]) / 4.0;
                out[side - 1] = (row[side - 2] + 3.0 * row[side - 1]) / 4.0;
            }
            for y in 0..side {
                let rows = [y.saturating_sub(1), y, (y + 1).min(side - 1)].map(|y| &other[y * side..][..side]);
                for (x, out) in values[y * side..][..side].iter_mut().enumerate() {
                    *out = (rows[0][x] + 2.0 * rows[1][x] + rows[2][x]) / 4.0;
                }
            }
        }
        Self { side, values }
    }

    /// What lies between the finest detail and the coarse pattern of light: skin, hair and features, without the lighting.
    pub(super) fn detail(&self) -> Self {
        let (fine, coarse) = (self.smoothed(1), self.smoothed(18));
        let values = fine.values.iter().zip(&coarse.values).map(|(fine, coarse)| fine - coarse).collect();
        Self { side: self.side, values }
    }

    /// The value at a place, in units of half a side from the centre, interpolated between four pixels. Outside, the
    /// rim's.
    pub(super) fn at(&self, (x, y): (f32, f32)) -> f32 {
        let last = (self.side - 1) as f32;
        let pixels = |place: f32| (place * last / 2.0 + last / 2.0).clamp(0.0, last - 1e-3);
        let (x, y) = (pixels(x), pixels(y));
        let (left, top) = (x as usize, y as usize);
        let (right, below) = (x - left as f32, y - top as f32);
        let rows = [0, self.side].map(|row| {
            let at = top * self.side + left + row;
            self.values[at] * (1.0 - right) + self.values[at + 1] * right
        });
        rows[0] * (1.0 - below) + rows[1] * below
    }
}

/// Shifts the numbers to mean zero and scales them to length one, so that the product of two such is their correlation.
pub(super) fn normalise(values: &mut [f32]) {
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    let length = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>().sqrt().max(1e-6);
    values.iter_mut().for_each(|value| *value = (*value - mean) / length);
}

/// The sum of products.
pub(super) fn product(a: &[f32], b: &[f32]) -> f32 {
    // Sixteen sums, so that the processor may add in parallel; a single one must keep the order of the additions.
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    let mut sums = [0.0; 16];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}
