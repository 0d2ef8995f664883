//! Scores that say whether a face resembles any of the twelve, compared on the calibration split.
//!
//! From the logits: log-odds of "any", the largest logit, the energy at the fitted temperature, the largest probability.
//! From pooled features, fitted to the training split: Mahalanobis distance to the nearest class (Lee et al. 2018), distance
//! to the tenth nearest affected face (Sun et al. 2022), and that less the distance to the tenth nearest negative.

use lakshan_core::Syndrome;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::metrics::{Scored, Truth, specificity_threshold};
use crate::evidence::bootstrap::Bootstrap;
use crate::evidence::statistics;

/// Which neighbour's distance is the score.
const NEIGHBOUR: usize = 10;
/// Share of the mean variance that is added to every direction's, so that 2048 of them can be inverted.
const SHRINKAGE: f64 = 0.1;

/// One score on the calibration split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreComparison {
    /// What it is, in words.
    pub name: String,
    /// For scores that the device computes: the temperature of its energy.
    pub refusal_temperature: Option<f32>,
    /// Affected against unaffected people.
    pub auroc_unaffected: Option<f64>,
    /// Affected against people with other conditions.
    pub auroc_other: Option<f64>,
    /// Affected against all negatives.
    pub auroc: Option<f64>,
    /// 95 % interval of the difference of that to the log-odds' (paired, patient-level bootstrap).
    pub gain: Option<(f64, f64)>,
    /// Share of affected let through where the asked share of negatives is refused.
    pub sensitivity: Option<f64>,
    /// Whether it ships.
    pub chosen: bool,
}

/// Pooled features and labels of the training split.
pub struct FeatureBank {
    /// One row a photograph.
    pub features: Vec<Vec<f32>>,
    /// What each shows.
    pub truths: Vec<Truth>,
}

/// A score: its name, its refusal temperature if the device can compute it, its value for each photograph (large:
/// resembles one of the twelve).
pub type Score = (String, Option<f32>, Vec<f32>);

/// The scores that logits alone give.
pub fn of_logits(scored: &[Scored], temperature: f32) -> Vec<Score> {
    let energy = |name: &str, t: f32| (name.to_owned(), Some(t), scored.iter().map(|s| s.logits.energy(t)).collect());
    let probability = scored.iter().map(|s| s.logits.probabilities(temperature).ranked()[0].1).collect();
    vec![
        energy("log-odds of any of the twelve (energy at temperature 1)", 1.0),
        energy("largest logit", 0.0),
        energy(&format!("energy at the fitted temperature, {temperature:.2}"), temperature),
        ("largest probability among the twelve".to_owned(), None, probability),
    ]
}

/// The scores that features give, fitted to `bank`; none when the bank holds too little.
pub fn of_features(bank: &FeatureBank, features: &[Vec<f32>]) -> Vec<Score> {
    let affected = |keep: bool| {
        let rows = bank.features.iter().zip(&bank.truths).filter(move |(_, t)| t.class().is_some() == keep);
        rows.map(|(row, _)| normalised(row)).collect::<Vec<_>>()
    };
    let (positives, negatives) = (affected(true), affected(false));
    if positives.len() < NEIGHBOUR * 2 {
        return Vec::new();
    }
    let score = |name: &str, values: Vec<f32>| (name.to_owned(), None, values);
    let to_affected: Vec<f32> = features.par_iter().map(|x| neighbour(&positives, &normalised(x))).collect();
    let mut scores = vec![
        score("features: Mahalanobis distance to the nearest class", mahalanobis(bank, features)),
        score("features: distance to the 10th nearest affected", to_affected.iter().map(|d| -d).collect()),
    ];
    if negatives.len() >= NEIGHBOUR * 2 {
        let away: Vec<f32> = features.par_iter().map(|x| neighbour(&negatives, &normalised(x))).collect();
        let values = away.iter().zip(&to_affected).map(|(away, near)| away - near).collect();
        scores.push(score("features: that less the distance to the 10th nearest negative", values));
    }
    scores
}

/// Compares scores and chooses among those that the device can compute. The log-odds, the first, stay unless the gain of
/// another is surely above nothing.
pub fn compare(scored: &[Scored], scores: &[Score], specificity: f64) -> Vec<ScoreComparison> {
    let bootstrap = Bootstrap::new(scored.iter().map(|s| s.subject.as_str()));
    let positive: Vec<bool> = scored.iter().map(|s| s.truth.class().is_some()).collect();
    let auroc = |values: &[f32], drawn: &[usize], keep: &dyn Fn(Truth) -> bool| {
        let kept = drawn.iter().filter(|at| positive[**at] || keep(scored[**at].truth));
        let (values, is): (Vec<f64>, Vec<bool>) = kept.map(|at| (f64::from(values[*at]), positive[*at])).unzip();
        statistics::auroc(&values, &is)
    };
    let all: Vec<usize> = (0..scored.len()).collect();
    let any = |_: Truth| true;
    let base = scores.first().map(|(_, _, values)| values.as_slice()).unwrap_or_default();
    let mut compared: Vec<ScoreComparison> = scores
        .iter()
        .enumerate()
        .map(|(place, (name, refusal_temperature, values))| {
            let of = |keep: bool| values.iter().zip(&positive).filter(move |(_, p)| **p == keep).map(|(v, _)| *v);
            let (hits, misses): (Vec<f32>, Vec<f32>) = (of(true).collect(), of(false).collect());
            let sensitivity = specificity_threshold(&misses, specificity)
                .filter(|_| !hits.is_empty())
                .map(|threshold| hits.iter().filter(|value| **value >= threshold).count() as f64 / hits.len() as f64);
            let gain = |drawn: &[usize]| Some(auroc(values, drawn, &any)? - auroc(base, drawn, &any)?);
            ScoreComparison {
                name: name.clone(),
                refusal_temperature: *refusal_temperature,
                auroc_unaffected: auroc(values, &all, &|truth| truth == Truth::Unaffected),
                auroc_other: auroc(values, &all, &|truth| truth == Truth::OtherCondition),
                auroc: auroc(values, &all, &any),
                gain: if place == 0 { None } else { bootstrap.interval(gain) },
                sensitivity,
                chosen: false,
            }
        })
        .collect();
    let surely_better = |s: &ScoreComparison| s.gain.is_some_and(|(low, _)| low > 0.0);
    let candidates =
        (1..compared.len()).filter(|at| compared[*at].refusal_temperature.is_some() && surely_better(&compared[*at]));
    let auroc_of = |at: &usize| compared[*at].auroc.unwrap_or(0.0);
    let best = candidates.max_by(|a, b| auroc_of(a).total_cmp(&auroc_of(b))).unwrap_or(0);
    if let Some(best) = compared.get_mut(best) {
        best.chosen = true;
    }
    compared
}

fn normalised(row: &[f32]) -> Vec<f32> {
    let length = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    row.iter().map(|x| x / length).collect()
}

/// Distance of `x` to its tenth nearest row.
fn neighbour(rows: &[Vec<f32>], x: &[f32]) -> f32 {
    let mut distances: Vec<f32> = rows.iter().map(|row| squared_distance(row, x)).collect();
    *distances.select_nth_unstable_by(NEIGHBOUR - 1, f32::total_cmp).1
}

fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums side by side, so that the compiler can use vectors.
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for lane in 0..8 {
            sums[lane] += (a[lane] - b[lane]) * (a[lane] - b[lane]);
        }
    }
    let rest = a.chunks_exact(8).remainder().iter().zip(b.chunks_exact(8).remainder());
    sums.iter().sum::<f32>() + rest.map(|(a, b)| (a - b) * (a - b)).sum::<f32>()
}

/// Negative squared Mahalanobis distance to the nearest class mean, with one shrunk covariance for all classes.
fn mahalanobis(bank: &FeatureBank, features: &[Vec<f32>]) -> Vec<f32> {
    let width = bank.features[0].len();
    let means: Vec<Option<Vec<f64>>> = Syndrome::ALL
        .into_iter()
        .map(|class| {
            let rows = bank.features.iter().zip(&bank.truths).filter(|(_, truth)| truth.class() == Some(class));
            let (mut sum, mut count) = (vec![0.0; width], 0.0);
            for (row, _) in rows {
                sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
                count += 1.0;
            }
            (count > 0.0).then(|| sum.into_iter().map(|sum| sum / count).collect())
        })
        .collect();
    // One column a direction, centred on the class means.
    let centred: Vec<Vec<f64>> = bank
        .features
        .iter()
        .zip(&bank.truths)
        .filter_map(|(row, truth)| {
            let mean = means[truth.class()?.index()].as_ref()?;
            Some(row.iter().zip(mean).map(|(x, mean)| f64::from(*x) - mean).collect())
        })
        .collect();
    let columns: Vec<Vec<f64>> = (0..width).map(|at| centred.iter().map(|row| row[at]).collect()).collect();
    let n = centred.len() as f64;
    let mut covariance: Vec<Vec<f64>> = (0..width)
        .into_par_iter()
        .map(|row| (0..=row).map(|column| dot(&columns[row], &columns[column]) / n).collect())
        .collect();
    let mean_variance = (0..width).map(|at| covariance[at][at]).sum::<f64>() / width as f64;
    for (at, row) in covariance.iter_mut().enumerate() {
        row[at] += SHRINKAGE * mean_variance + 1e-12;
    }
    let factor = cholesky(covariance);
    let whitened: Vec<Vec<f64>> = means.iter().flatten().map(|mean| solve(&factor, mean)).collect();
    let score = |row: &Vec<f32>| {
        let x = solve(&factor, &row.iter().copied().map(f64::from).collect::<Vec<_>>());
        let distance = |mean: &Vec<f64>| mean.iter().zip(&x).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        -whitened.iter().map(distance).fold(f64::INFINITY, f64::min) as f32
    };
    features.par_iter().map(score).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0_f64; 4];
    for (a, b) in a.chunks_exact(4).zip(b.chunks_exact(4)) {
        for lane in 0..4 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest = a.chunks_exact(4).remainder().iter().zip(b.chunks_exact(4).remainder());
    sums.iter().sum::<f64>() + rest.map(|(a, b)| a * b).sum::<f64>()
}

/// The lower triangle L of a symmetric positive matrix given by its lower triangle: L times its transpose is the matrix.
fn cholesky(mut matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for row in 0..matrix.len() {
        let (done, rest) = matrix.split_at_mut(row);
        let current = &mut rest[0];
        for column in 0..row {
            let sum = dot(&current[..column], &done[column][..column]);
            current[column] = (current[column] - sum) / done[column][column];
        }
        let sum = dot(&current[..row], &current[..row]);
        current[row] = (current[row] - sum).max(1e-300).sqrt();
    }
    matrix
}

/// `x` with `L x = b`.
fn solve(factor: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
    let mut x = Vec::with_capacity(b.len());
    for (row, value) in factor.iter().zip(b) {
        let sum = dot(&row[..x.len()], &x);
        x.push((value - sum) / row[x.len()]);
    }
    x
}

#[cfg(test)]
mod tests {
    use lakshan_core::Logits;

    use super::*;
    use crate::chance::Chance;

    #[test]
    fn cholesky_and_solve_by_hand() {
        let factor = cholesky(vec![vec![4.0], vec![2.0, 5.0]]);
        assert_eq!(factor, [vec![2.0], vec![1.0, 2.0]]);
        assert_eq!(solve(&factor, &[2.0, 5.0]), [1.0, 2.0]);
    }

    /// Two classes around (10, 0) and (0, 10), negatives around (10, 10).
    fn bank() -> (FeatureBank, Vec<Scored>) {
        let mut chance = Chance::new("test", &[1]);
        let (mut features, mut truths, mut scored) = (Vec::new(), Vec::new(), Vec::new());
        for at in 0..120 {
            let (truth, centre) = match at % 3 {
                0 => (Truth::Class(Syndrome::Down), [10.0, 0.0]),
                1 => (Truth::Class(Syndrome::Apert), [0.0, 10.0]),
                _ => (Truth::Unaffected, [10.0, 10.0]),
            };
            features.push(centre.iter().map(|c| c + chance.range(-1.0, 1.0)).collect());
            truths.push(truth);
            // Logits that know nothing.
            let logits = Logits::new(std::array::from_fn(|_| chance.range(-1.0, 1.0))).unwrap();
            scored.push(Scored { subject: at.to_string(), truth, logits });
        }
        (FeatureBank { features, truths }, scored)
    }

    #[test]
    fn features_tell_apart_what_lies_apart() {
        let (bank, scored) = bank();
        let mut scores = of_logits(&scored, 1.0);
        scores.extend(of_features(&bank, &bank.features));
        let compared = compare(&scored, &scores, 0.9);
        assert_eq!(compared.len(), 7);
        for found in &compared[4..] {
            assert_eq!(found.auroc, Some(1.0), "{found:?}");
            assert_eq!(found.sensitivity, Some(1.0));
            assert!(found.gain.unwrap().0 > 0.0);
        }
        assert_eq!(compared.iter().filter(|found| found.chosen).count(), 1);
        assert!(compared[0].chosen, "features do not ship: {compared:?}");
        assert_eq!(compared[0].auroc_other, None, "there are none");
    }

    #[test]
    fn a_score_that_is_surely_better_is_chosen() {
        let (_, scored) = bank();
        let better: Vec<f32> = scored.iter().map(|s| f32::from(u8::from(s.truth.class().is_some()))).collect();
        let base = of_logits(&scored, 1.0).remove(0);
        let compared = compare(&scored, &[base, ("better".into(), Some(0.0), better)], 0.9);
        assert!(compared[1].chosen && !compared[0].chosen);
    }
}
