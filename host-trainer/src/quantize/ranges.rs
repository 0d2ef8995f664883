//! From a tensor's histogram to the magnitude at which it is clipped.

use super::statistics::{BINS, Histogram};

/// How the range of an activation is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RangeMethod {
    /// The largest magnitude seen.
    MinMax,
    /// The magnitude that 99.99 % of the non-zero values stay below.
    Percentile,
    /// The range with the least squared error of rounding and clipping together.
    Mse,
    /// The range whose rounded distribution diverges least from the true one (Kullback-Leibler).
    Entropy,
}

impl RangeMethod {
    /// The clipping magnitude for `histogram`, whose largest level is `levels`; greater than zero.
    pub fn clip(self, histogram: &Histogram, levels: usize) -> f32 {
        if histogram.total() == 0 {
            // Nothing but zeros was seen; any step serves.
            return 1.0;
        }
        match self {
            Self::MinMax => histogram.largest(),
            Self::Percentile => percentile(histogram, 0.9999),
            Self::Mse => least(histogram, levels, squared_error),
            Self::Entropy => least(histogram, levels, divergence),
        }
    }
}

fn percentile(histogram: &Histogram, share: f64) -> f32 {
    let wanted = histogram.total() as f64 * share;
    let mut seen = 0;
    for (bin, count) in histogram.counts().iter().enumerate() {
        seen += count;
        if seen as f64 >= wanted {
            return ((bin + 1) as f32 * histogram.bin_width()).min(histogram.largest());
        }
    }
    histogram.largest()
}

/// The clipping magnitude, on a bin's edge, with the least `cost(histogram, bins kept, levels)`.
fn least(histogram: &Histogram, levels: usize, cost: impl Fn(&Histogram, usize, usize) -> f64) -> f32 {
    let last = histogram.counts().iter().rposition(|count| *count > 0).unwrap_or(BINS - 1) + 1;
    let first = (levels + 1).min(last);
    let step = (last / 200).max(1);
    let kept = (first..=last).rev().step_by(step);
    let best = kept.map(|kept| (kept, cost(histogram, kept, levels))).min_by(|a, b| a.1.total_cmp(&b.1));
    let kept = best.expect("not empty").0;
    (kept as f32 * histogram.bin_width()).min(histogram.largest())
}

/// Sum of squared errors when the first `kept` bins are rounded to the levels and the others clipped.
fn squared_error(histogram: &Histogram, kept: usize, levels: usize) -> f64 {
    let clip = kept as f32 * histogram.bin_width();
    let scale = clip / levels as f32;
    let errors = histogram.counts().iter().enumerate().filter(|(_, count)| **count > 0).map(|(bin, count)| {
        let value = histogram.middle(bin);
        let rounded = (value / scale).round_ties_even().min(levels as f32) * scale;
        *count as f64 * f64::from(value - rounded).powi(2)
    });
    errors.sum()
}

/// Kullback-Leibler divergence of the rounded distribution from the clipped true one.
fn divergence(histogram: &Histogram, kept: usize, levels: usize) -> f64 {
    let counts = histogram.counts();
    let mut truth: Vec<f64> = counts[..kept].iter().map(|count| *count as f64).collect();
    truth[kept - 1] += counts[kept..].iter().sum::<u64>() as f64;
    let levels = levels + 1;
    let mut rounded = vec![0.0; kept];
    for level in 0..levels {
        let (from, to) = (level * kept / levels, (level + 1) * kept / levels);
        let filled = counts[from..to].iter().filter(|count| **count > 0).count();
        if filled > 0 {
            let share = counts[from..to].iter().sum::<u64>() as f64 / filled as f64;
            for bin in (from..to).filter(|bin| counts[*bin] > 0) {
                rounded[bin] = share;
            }
        }
    }
    let (true_sum, rounded_sum) = (truth.iter().sum::<f64>(), rounded.iter().sum::<f64>());
    let terms = truth.iter().zip(&rounded).filter(|(p, _)| **p > 0.0).map(|(p, q)| {
        let (p, q) = (p / true_sum, (q / rounded_sum).max(1e-12));
        p * (p / q).ln()
    });
    terms.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 10,000 values spread over 0..1 and one far outlier.
    fn with_outlier() -> Histogram {
        let mut histogram = Histogram::default();
        let mut values: Vec<f32> = (1..=10_000).map(|i| i as f32 / 10_000.0).collect();
        values.push(10.0);
        histogram.add(&values);
        histogram
    }

    #[test]
    fn min_max_keeps_the_outlier_and_the_others_drop_it() {
        let histogram = with_outlier();
        assert_eq!(RangeMethod::MinMax.clip(&histogram, 127), 10.0);
        let clip = RangeMethod::Percentile.clip(&histogram, 127);
        assert!((0.99..1.01).contains(&clip), "{clip}");
        let clip = RangeMethod::Mse.clip(&histogram, 127);
        // Clipping one value costs (10 - c)^2, rounding ten thousand costs c^2 / 127^2 / 12 each: the best c is near 9.5.
        assert!((9.0..10.0).contains(&clip), "{clip}");
    }

    #[test]
    fn entropy_gives_up_an_outlier_for_finer_steps() {
        // Exponential, mean 1, up to 11.5; at a range of 100 the whole of it would share 15 levels.
        let mut values: Vec<f32> = (0..100_000).map(|i| -((i as f32 + 0.5) / 100_000.0).ln()).collect();
        values.push(100.0);
        let mut histogram = Histogram::default();
        histogram.add(&values);
        let clip = RangeMethod::Entropy.clip(&histogram, 127);
        assert!((5.0..20.0).contains(&clip), "{clip}");
    }

    #[test]
    fn mse_of_a_spread_distribution_is_its_range() {
        let mut histogram = Histogram::default();
        histogram.add(&(1..=10_000).map(|i| i as f32 / 10_000.0).collect::<Vec<_>>());
        let clip = RangeMethod::Mse.clip(&histogram, 127);
        assert!((0.97..=1.0).contains(&clip), "{clip}");
    }

    #[test]
    fn nothing_but_zeros_has_a_range() {
        let mut histogram = Histogram::default();
        histogram.add(&[0.0; 8]);
        assert_eq!(RangeMethod::Mse.clip(&histogram, 127), 1.0);
    }
}
