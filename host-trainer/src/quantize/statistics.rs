//! What calibration remembers of a tensor: a histogram of its magnitudes and the size of each channel.

/// Bins of a histogram.
pub const BINS: usize = 2048;

/// Counts of magnitudes in equal bins from 0 to a range that doubles when a larger value comes. Exact zeros are left
/// out: they cost nothing at any step.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    counts: Vec<u64>,
    bin_width: f32,
    largest: f32,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BINS], bin_width: f32::MIN_POSITIVE, largest: 0.0 }
    }
}

impl Histogram {
    /// Counts the magnitudes of `values`, all finite.
    pub fn add(&mut self, values: &[f32]) {
        let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        if largest == 0.0 {
            return;
        }
        if self.largest == 0.0 {
            self.bin_width = largest * 1.25 / BINS as f32;
        }
        while largest >= self.bin_width * BINS as f32 {
            self.halve();
        }
        self.largest = self.largest.max(largest);
        let per_width = 1.0 / self.bin_width;
        for value in values.iter().filter(|value| **value != 0.0) {
            let bin = ((value.abs() * per_width) as usize).min(BINS - 1);
            self.counts[bin] += 1;
        }
    }

    /// Doubles the range.
    fn halve(&mut self) {
        for bin in 0..BINS {
            self.counts[bin] = if bin < BINS / 2 { self.counts[2 * bin] + self.counts[2 * bin + 1] } else { 0 };
        }
        self.bin_width *= 2.0;
    }

    /// The counts, from the smallest magnitudes to the largest.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Width of a bin.
    pub fn bin_width(&self) -> f32 {
        self.bin_width
    }

    /// The largest magnitude seen.
    pub fn largest(&self) -> f32 {
        self.largest
    }

    /// Middle of a bin.
    pub fn middle(&self, bin: usize) -> f32 {
        (bin as f32 + 0.5) * self.bin_width
    }

    /// Number of values counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// Each channel's size: the largest magnitude that it reached in any picture. Not a mean: a channel that is seldom used
/// must keep room for when it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelSizes(Vec<f32>);

impl ChannelSizes {
    /// Adds pictures of `channels` channels (NCHW).
    pub fn add(&mut self, pictures: usize, channels: usize, values: &[f32]) {
        self.0.resize(channels, 0.0);
        let plane = values.len() / (pictures * channels);
        for picture in values.chunks_exact(channels * plane) {
            for (size, channel) in self.0.iter_mut().zip(picture.chunks_exact(plane)) {
                *size = channel.iter().fold(*size, |largest, value| largest.max(value.abs()));
            }
        }
    }

    /// One value a channel.
    pub fn into_values(self) -> Vec<f32> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_grows_and_loses_nothing() {
        let mut histogram = Histogram::default();
        histogram.add(&[0.0, 0.5, -1.0]);
        histogram.add(&[100.0, 0.0]);
        assert_eq!(histogram.total(), 3, "zeros are left out");
        assert_eq!(histogram.largest(), 100.0);
        let bin = |value: f32| (value / histogram.bin_width()) as usize;
        assert_eq!(histogram.counts()[bin(100.0)], 1);
        assert_eq!(histogram.counts()[bin(0.5)], 1);
        assert!((histogram.middle(bin(100.0)) - 100.0).abs() <= histogram.bin_width());
    }

    #[test]
    fn a_channel_is_as_large_as_its_largest_value() {
        let mut sizes = ChannelSizes::default();
        sizes.add(2, 2, &[1., -2., 0., 3., 4., 0., 0., 1.]);
        sizes.add(1, 2, &[0., 0., 0., -3.5]);
        assert_eq!(sizes.into_values(), [4.0, 3.5]);
    }
}
