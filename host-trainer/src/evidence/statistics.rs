//! The statistics of the report on plain arrays. `tests/statistics.rs` holds them against scikit-learn and scipy.

/// Two-sided 95 % quantile of the normal distribution.
pub const Z95: f64 = 1.959_963_984_540_054;

/// Wilson's 95 % interval for a share `value` that was found on `n` independent subjects; `None` without any.
pub fn wilson(value: f64, n: usize) -> Option<(f64, f64)> {
    if n == 0 || !value.is_finite() {
        return None;
    }
    let n = n as f64;
    let centre = value + Z95 * Z95 / (2.0 * n);
    let half = Z95 * (value * (1.0 - value) / n + Z95 * Z95 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z95 * Z95 / n;
    Some((((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0)))
}

/// The `q`th quantile (0 to 1) by linear interpolation between order statistics, numpy's default; `None` of nothing.
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = q * (sorted.len().checked_sub(1)?) as f64;
    let below = place.floor() as usize;
    let above = sorted[(below + 1).min(sorted.len() - 1)];
    Some(sorted[below] + (above - sorted[below]) * (place - below as f64))
}

/// Scores with their truth, the highest score first.
fn descending(scores: &[f64], positive: &[bool]) -> Vec<(f64, bool)> {
    let mut all: Vec<(f64, bool)> = scores.iter().copied().zip(positive.iter().copied()).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all
}

/// For each distinct score, the highest first: how many positives and negatives reach it.
fn reached(scores: &[f64], positive: &[bool]) -> Vec<(f64, f64, f64)> {
    let (mut points, mut hits, mut alarms): (Vec<(f64, f64, f64)>, f64, f64) = (Vec::new(), 0.0, 0.0);
    for (score, is_positive) in descending(scores, positive) {
        if is_positive {
            hits += 1.0;
        } else {
            alarms += 1.0;
        }
        match points.last_mut() {
            Some(last) if last.0 == score => (last.1, last.2) = (hits, alarms),
            _ => points.push((score, hits, alarms)),
        }
    }
    points
}

/// The ROC curve as (false positive rate, true positive rate), from (0, 0) to (1, 1); `None` when a side is empty.
pub fn roc(scores: &[f64], positive: &[bool]) -> Option<Vec<(f64, f64)>> {
    let reached = reached(scores, positive);
    let (_, hits, alarms) = *reached.last()?;
    if hits == 0.0 || alarms == 0.0 {
        return None;
    }
    Some([(0.0, 0.0)].into_iter().chain(reached.into_iter().map(|(_, h, a)| (a / alarms, h / hits))).collect())
}

/// Area under the ROC curve, ties counting half; `None` when a side is empty.
pub fn auroc(scores: &[f64], positive: &[bool]) -> Option<f64> {
    let curve = roc(scores, positive)?;
    Some(curve.windows(2).map(|pair| (pair[1].0 - pair[0].0) * (pair[1].1 + pair[0].1) / 2.0).sum())
}

/// The precision-recall curve as (recall, precision), recall rising; `None` without a positive.
pub fn precision_recall(scores: &[f64], positive: &[bool]) -> Option<Vec<(f64, f64)>> {
    let reached = reached(scores, positive);
    let hits = reached.last().map(|last| last.1).filter(|hits| *hits > 0.0)?;
    Some(reached.into_iter().map(|(_, h, a)| (h / hits, h / (h + a))).collect())
}

/// Average precision: the precision at each score, weighted by the recall that it adds; `None` without a positive.
pub fn average_precision(scores: &[f64], positive: &[bool]) -> Option<f64> {
    let mut before = 0.0;
    let step = |(recall, precision): (f64, f64)| {
        let added = recall - before;
        before = recall;
        added * precision
    };
    Some(precision_recall(scores, positive)?.into_iter().map(step).sum())
}

/// The false positive rate at the first score, from the top, that at least a share `sensitivity` of the positives reach.
pub fn false_positive_rate_at(scores: &[f64], positive: &[bool], sensitivity: f64) -> Option<f64> {
    roc(scores, positive)?.into_iter().find(|(_, hits)| *hits >= sensitivity - 1e-12).map(|(alarms, _)| alarms)
}

/// One bin of a reliability diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Mean of the stated probabilities.
    pub stated: f64,
    /// Share that was so.
    pub observed: f64,
    /// How many.
    pub count: usize,
}

/// At most `bins` bins with as equal numbers as can be (numpy's `array_split` of the values sorted by probability).
/// `stated` are probabilities: not negative. Among equal ones those that did not come true count as the smaller, so that
/// bins stay equal and depend on no order.
pub fn equal_mass_bins(stated: &[f64], so: &[bool], bins: usize) -> Vec<Bin> {
    // The bits of numbers that are not negative have the numbers' order, and the sign's place is free for the truth: a
    // report sorts each class a thousand times, and integers sort several times faster.
    let mut keys: Vec<u64> = stated.iter().zip(so).map(|(p, so)| (p.to_bits() << 1) | u64::from(*so)).collect();
    keys.sort_unstable();
    let all: Vec<(f64, bool)> = keys.into_iter().map(|key| (f64::from_bits(key >> 1), key & 1 == 1)).collect();
    let bins = bins.min(all.len()).max(1);
    let (size, larger) = (all.len() / bins, all.len() % bins);
    let mut rest = all.as_slice();
    let mut made = Vec::with_capacity(bins);
    for bin in 0..bins {
        let (here, after) = rest.split_at(size + usize::from(bin < larger));
        rest = after;
        if here.is_empty() {
            continue;
        }
        let count = here.len() as f64;
        made.push(Bin {
            stated: here.iter().map(|(p, _)| p).sum::<f64>() / count,
            observed: here.iter().filter(|(_, so)| *so).count() as f64 / count,
            count: here.len(),
        });
    }
    made
}

/// Expected calibration error over [`equal_mass_bins`]; `None` of nothing.
pub fn calibration_error(stated: &[f64], so: &[bool], bins: usize) -> Option<f64> {
    if stated.is_empty() {
        return None;
    }
    let bins = equal_mass_bins(stated, so, bins);
    let error = |bin: &Bin| bin.count as f64 * (bin.stated - bin.observed).abs();
    Some(bins.iter().map(error).sum::<f64>() / stated.len() as f64)
}

/// Brier score of several classes: the mean summed squared difference from the truth, 0 to 2; `None` of nothing.
pub fn brier<P: AsRef<[f64]>>(probabilities: &[P], truths: &[usize]) -> Option<f64> {
    let loss = |(p, truth): (&P, &usize)| {
        p.as_ref().iter().enumerate().map(|(class, p)| (p - f64::from(class == *truth)).powi(2)).sum::<f64>()
    };
    mean(probabilities.iter().zip(truths).map(loss))
}

/// Mean negative log of the probability of the truth, in nats; `None` of nothing.
pub fn log_loss<P: AsRef<[f64]>>(probabilities: &[P], truths: &[usize]) -> Option<f64> {
    mean(probabilities.iter().zip(truths).map(|(p, truth)| -p.as_ref()[*truth].max(1e-300).ln()))
}

/// Matthews' correlation for several classes (Gorodkin 2004); `None` when all truths or all answers are one class.
pub fn matthews(truths: &[usize], answers: &[usize], classes: usize) -> Option<f64> {
    let (mut is, mut named, mut right) = (vec![0.0; classes], vec![0.0; classes], 0.0);
    for (truth, answer) in truths.iter().zip(answers) {
        is[*truth] += 1.0;
        named[*answer] += 1.0;
        right += f64::from(truth == answer);
    }
    let n = truths.len() as f64;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let spread = (n * n - dot(&named, &named)) * (n * n - dot(&is, &is));
    (spread > 0.0).then(|| (right * n - dot(&is, &named)) / spread.sqrt())
}

/// Mean sensitivity of the classes that occur; `None` of nothing.
pub fn balanced_accuracy(truths: &[usize], answers: &[usize], classes: usize) -> Option<f64> {
    mean((0..classes).filter_map(|class| {
        let of_class = truths.iter().zip(answers).filter(|(truth, _)| **truth == class);
        mean(of_class.map(|(_, answer)| f64::from(*answer == class)))
    }))
}

/// Mean F1 of the classes that occur; `None` of nothing.
pub fn macro_f1(truths: &[usize], answers: &[usize], classes: usize) -> Option<f64> {
    mean((0..classes).filter_map(|class| {
        let is = truths.iter().filter(|truth| **truth == class).count();
        let named = answers.iter().filter(|answer| **answer == class).count();
        let right = truths.iter().zip(answers).filter(|(t, a)| t == a && **t == class).count();
        (is > 0).then(|| 2.0 * right as f64 / (is + named) as f64)
    }))
}

/// The risk-coverage curve: for each number of answers, the surest first, (share answered, share of them wrong).
pub fn risk_coverage(confidence: &[f64], right: &[bool]) -> Vec<(f64, f64)> {
    let n = confidence.len() as f64;
    let mut wrong = 0.0;
    let point = |(at, (_, right)): (usize, (f64, bool))| {
        wrong += f64::from(!right);
        ((at + 1) as f64 / n, wrong / (at + 1) as f64)
    };
    descending(confidence, right).into_iter().enumerate().map(point).collect()
}

/// Area under the risk-coverage curve: the mean risk over all coverages (Geifman and El-Yaniv 2017); `None` of nothing.
pub fn area_under_risk_coverage(confidence: &[f64], right: &[bool]) -> Option<f64> {
    mean(risk_coverage(confidence, right).into_iter().map(|(_, risk)| risk))
}

/// The chance that a positive answer is right, at a prevalence (Bayes); `None` when nothing would be answered.
pub fn predictive_value(sensitivity: f64, specificity: f64, prevalence: f64) -> Option<f64> {
    let (hits, alarms) = (sensitivity * prevalence, (1.0 - specificity) * (1.0 - prevalence));
    (hits + alarms > 0.0).then(|| hits / (hits + alarms))
}

/// Two-sided exact McNemar test: the chance of a split at least as uneven as `a` against `b` if both were equally likely.
pub fn mcnemar(a: usize, b: usize) -> f64 {
    let n = a + b;
    let (mut log_term, mut below) = (-(n as f64) * 2.0_f64.ln(), 0.0);
    for k in 0..=a.min(b) {
        below += log_term.exp();
        log_term += ((n - k) as f64).ln() - ((k + 1) as f64).ln();
    }
    (2.0 * below).min(1.0)
}

/// The mean; `None` of nothing.
pub fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_not_measurable() {
        assert_eq!((wilson(0.5, 0), quantile(&[], 0.5), auroc(&[], &[])), (None, None, None));
        assert_eq!((auroc(&[1.0], &[true]), average_precision(&[1.0], &[false])), (None, None));
        assert_eq!(
            (calibration_error(&[], &[], 15), brier::<[f64; 2]>(&[], &[]), log_loss::<[f64; 2]>(&[], &[])),
            (None, None, None)
        );
        assert_eq!((matthews(&[1, 1], &[1, 1], 2), balanced_accuracy(&[], &[], 2)), (None, None));
        assert_eq!(predictive_value(0.0, 1.0, 0.5), None);
    }

    #[test]
    fn by_hand() {
        assert_eq!(quantile(&[4.0, 1.0, 2.0, 3.0], 0.5), Some(2.5));
        assert_eq!(auroc(&[3.0, 1.0, 2.0, 1.0, 3.0], &[true, true, false, false, false]), Some(0.5));
        assert_eq!(false_positive_rate_at(&[4.0, 3.0, 2.0, 1.0], &[true, false, true, false], 0.95), Some(0.5));
        assert_eq!(risk_coverage(&[0.2, 0.9], &[false, true]), [(0.5, 0.0), (1.0, 0.5)]);
        assert_eq!(area_under_risk_coverage(&[0.2, 0.9], &[false, true]), Some(0.25));
        // 1 in 1000 at sensitivity .90 and specificity .86: .6 % (facts of screening).
        assert!((predictive_value(0.90, 0.86, 0.001).unwrap() - 0.0064).abs() < 1e-4);
        // Five of five one way: 2 / 32.
        assert!((mcnemar(0, 5) - 0.0625).abs() < 1e-12);
        assert_eq!(mcnemar(0, 0), 1.0);
    }
}
