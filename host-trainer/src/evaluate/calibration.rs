//! Fits the numbers that turn logits into a finding: temperature, refusal threshold, conformal set thresholds.
//!
//! They are fitted on the calibration split, with the outputs of the very graph that ships.

use lakshan_core::manifest::{FileEntry, Provenance};
use lakshan_core::policy::Policy;
use lakshan_core::{Logits, Syndrome};
use serde::{Deserialize, Serialize};

use super::bias::{self, BiasTrial};
use super::metrics::{Scored, specificity_threshold, subjects};
use super::novelty::{self, FeatureBank, ScoreComparison};

/// What is asked of the thresholds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Targets {
    /// The share of negatives that the refusal threshold refuses on the calibration split.
    pub specificity: f64,
    /// The share of true classes that the conformal sets may miss. A network that errs less often than this gets empty
    /// sets, which are "not clear": ask for less then.
    pub alpha: f64,
}

impl Default for Targets {
    fn default() -> Self {
        Self { specificity: 0.90, alpha: 0.10 }
    }
}

impl Targets {
    /// A class with fewer calibration subjects takes the threshold of all classes pooled: fewer values say nothing about
    /// the tail. 9 at an alpha of 0.1.
    pub fn min_class_subjects(self) -> usize {
        (1.0 / self.alpha - 1.0 - 1e-9).ceil().max(1.0) as usize
    }
}

/// `calibration.json`: the policy, and how it was fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The numbers that ship.
    pub policy: Policy,
    /// How they were fitted.
    pub fit: Fit,
    /// Name of the data set.
    pub dataset: String,
    /// Where its photographs come from.
    pub provenance: Provenance,
    /// Stands beside every figure while the photographs are synthetic.
    pub notice: Option<String>,
    /// The ONNX file whose outputs were calibrated.
    pub network: FileEntry,
}

/// How a [`Policy`] was fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fit {
    /// Photographs of the twelve classes.
    pub affected_photographs: usize,
    /// Their subjects.
    pub affected_subjects: usize,
    /// Photographs of negatives.
    pub negative_photographs: usize,
    /// Their subjects.
    pub negative_subjects: usize,
    /// Mean negative log-likelihood of the true class at temperature 1.
    pub nll_before: f64,
    /// The same at the fitted temperature.
    pub nll_after: f64,
    /// What the refusal threshold was asked for.
    pub specificity: f64,
    /// Share of affected photographs that the threshold lets through.
    pub sensitivity: f64,
    /// What the conformal sets were asked for.
    pub alpha: f64,
    /// Mean number of classes in the set of an affected photograph.
    pub mean_set_size: f64,
    /// Classes with fewer than [`Targets::min_class_subjects`] subjects, which took the pooled threshold.
    pub pooled_classes: Vec<Syndrome>,
    /// What held-out folds said of a bias for each class; `None` in files of older programs.
    #[serde(default)]
    pub bias: Option<BiasTrial>,
    /// The refusal scores that were compared; empty in files of older programs.
    #[serde(default)]
    pub refusal_scores: Vec<ScoreComparison>,
}

/// A calibration split that cannot calibrate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// Too few subjects of the twelve classes.
    #[error("the calibration split has {found} subjects of the twelve classes, at least {needed} are needed")]
    TooFewAffected {
        /// How many it has.
        found: usize,
        /// How many alpha asks for.
        needed: usize,
    },
    /// No negatives.
    #[error("the calibration split has no negatives, so there is nothing to set the refusal threshold by")]
    NoNegatives,
}

/// Pooled features: those of the training split, and those of the calibration split in the order of its outputs.
pub struct Features {
    /// The training split's.
    pub bank: FeatureBank,
    /// The calibration split's, one row a photograph.
    pub calibration: Vec<Vec<f32>>,
}

/// Fits a policy to the outputs for the calibration split. With `features`, distances between them are compared with the
/// refusal scores of the logits; they are never chosen, because the device computes no features.
///
/// # Errors
/// When there are too few affected subjects, or no negatives.
pub fn fit(scored: &[Scored], features: Option<&Features>, targets: Targets) -> Result<(Policy, Fit), FitError> {
    let affected: Vec<(Syndrome, &Scored)> = scored.iter().filter_map(|s| Some((s.truth.class()?, s))).collect();
    let negatives: Vec<&Scored> = scored.iter().filter(|s| s.truth.class().is_none()).collect();
    let affected_subjects = subjects(affected.iter().map(|(_, s)| *s));
    let needed = targets.min_class_subjects();
    if affected_subjects < needed {
        return Err(FitError::TooFewAffected { found: affected_subjects, needed });
    }
    if negatives.is_empty() {
        return Err(FitError::NoNegatives);
    }
    let examples: Vec<bias::Example> =
        affected.iter().map(|(class, s)| (s.subject.as_str(), *class, &s.logits)).collect();
    let (class_bias, bias) = bias::fit(&examples, &temperature);
    let plain: Vec<(Syndrome, Logits)> = affected.iter().map(|(class, s)| (*class, s.logits)).collect();
    let moved: Vec<(Syndrome, Logits)> =
        plain.iter().map(|(class, logits)| (*class, bias::moved(logits, &class_bias))).collect();
    let temperature = temperature(&moved);

    let mut scores = novelty::of_logits(scored, temperature);
    if let Some(features) = features {
        scores.extend(novelty::of_features(&features.bank, &features.calibration));
    }
    let refusal_scores = novelty::compare(scored, &scores, targets.specificity);
    let chosen = refusal_scores.iter().find(|score| score.chosen).and_then(|score| score.refusal_temperature);
    let refusal_temperature = chosen.unwrap_or(1.0);
    let refusals: Vec<f32> = negatives.iter().map(|s| s.logits.energy(refusal_temperature)).collect();
    let refusal_threshold = specificity_threshold(&refusals, targets.specificity).ok_or(FitError::NoNegatives)?;

    let (set_thresholds, pooled_classes) = set_thresholds(scored, &moved, temperature, targets);
    let policy = Policy { temperature, class_bias, refusal_temperature, refusal_threshold, set_thresholds };
    let set_size = |scored: &Scored| policy.set(&policy.probabilities(&scored.logits)).len();
    let passed = affected.iter().filter(|(_, s)| policy.refusal_score(&s.logits) >= refusal_threshold).count();
    let fit = Fit {
        affected_photographs: affected.len(),
        affected_subjects,
        negative_photographs: negatives.len(),
        negative_subjects: subjects(negatives.iter().copied()),
        nll_before: nll(&plain, 1.0),
        nll_after: nll(&moved, temperature),
        specificity: targets.specificity,
        sensitivity: passed as f64 / affected.len() as f64,
        alpha: targets.alpha,
        mean_set_size: affected.iter().map(|(_, s)| set_size(s)).sum::<usize>() as f64 / affected.len() as f64,
        pooled_classes,
        bias: Some(bias),
        refusal_scores,
    };
    Ok((policy, fit))
}

/// The same policy with conformal thresholds for another `alpha`, fitted to the same calibration split; and the classes
/// whose threshold was pooled.
pub fn with_alpha(policy: &Policy, scored: &[Scored], alpha: f64) -> (Policy, Vec<Syndrome>) {
    let affected = scored.iter().filter_map(|s| Some((s.truth.class()?, s)));
    let moved: Vec<_> = affected.map(|(class, s)| (class, bias::moved(&s.logits, &policy.class_bias))).collect();
    let targets = Targets { alpha, ..Targets::default() };
    let (set_thresholds, pooled) = set_thresholds(scored, &moved, policy.temperature, targets);
    (Policy { set_thresholds, ..policy.clone() }, pooled)
}

/// Class-conditional thresholds; classes with too few subjects take that of all classes pooled. `moved` holds the
/// affected of `scored`, in order, biases added.
fn set_thresholds(
    scored: &[Scored],
    moved: &[(Syndrome, Logits)],
    temperature: f32,
    targets: Targets,
) -> ([f32; Syndrome::COUNT], Vec<Syndrome>) {
    let probability = |(class, logits): &(Syndrome, Logits)| logits.probabilities(temperature).of(*class);
    let pooled = set_threshold(moved.iter().map(probability).collect(), targets.alpha);
    let mut pooled_classes = Vec::new();
    let thresholds = Syndrome::ALL.map(|class| {
        let of_class = scored.iter().filter(|s| s.truth.class() == Some(class));
        if subjects(of_class) < targets.min_class_subjects() {
            pooled_classes.push(class);
            pooled
        } else {
            let of_class = moved.iter().filter(|(other, _)| *other == class);
            set_threshold(of_class.map(probability).collect(), targets.alpha)
        }
    });
    (thresholds, pooled_classes)
}

/// Mean negative log-likelihood of the true classes, among the twelve, in nats.
fn nll(truths: &[(Syndrome, Logits)], temperature: f32) -> f64 {
    let loss = |(class, logits): &(Syndrome, Logits)| {
        let scaled = logits.values().map(|value| f64::from(value / temperature));
        let largest = scaled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let log_sum = largest + scaled.iter().map(|value| (value - largest).exp()).sum::<f64>().ln();
        log_sum - scaled[class.index()]
    };
    truths.iter().map(loss).sum::<f64>() / truths.len() as f64
}

/// The temperature with the least negative log-likelihood, between 1/20 and 20. The loss is convex in 1 / temperature, hence has one
/// valley, which golden-section search over the logarithm finds.
pub fn temperature(truths: &[(Syndrome, Logits)]) -> f32 {
    let golden = (5.0_f32.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.05_f32.ln(), 20.0_f32.ln());
    let loss = |log: f32| nll(truths, log.exp());
    let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_left, mut at_right) = (loss(left), loss(right));
    for _ in 0..40 {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - golden * (high - low);
            at_left = loss(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + golden * (high - low);
            at_right = loss(right);
        }
    }
    ((low + high) / 2.0).exp()
}

/// Split conformal prediction: the probability of the true class of a new photograph reaches the `floor(alpha * (n + 1))`th
/// smallest of `n` calibration probabilities at least `1 - alpha` of the time (Vovk; Sadinle, Lei and Wasserman 2019).
fn set_threshold(mut probabilities: Vec<f32>, alpha: f64) -> f32 {
    probabilities.sort_by(f32::total_cmp);
    let rank = (alpha * (probabilities.len() + 1) as f64 + 1e-9).floor() as usize;
    // Too few values to leave any out: every class belongs to the set.
    rank.checked_sub(1).map_or(0.0, |place| probabilities[place])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::metrics::Truth;

    fn scored(subject: usize, truth: Truth, class: Syndrome, logit: f32) -> Scored {
        let mut values = [0.0; Syndrome::COUNT];
        values[class.index()] = logit;
        Scored { subject: format!("s{subject}"), truth, logits: Logits::new(values).unwrap() }
    }

    /// Twenty subjects of Down and four of Apert, named at log-odds 8 and right three times of four; ten negatives.
    fn split() -> Vec<Scored> {
        let mut scored_all = Vec::new();
        for subject in 0..24 {
            let class = if subject < 20 { Syndrome::Down } else { Syndrome::Apert };
            let named = if subject % 4 == 3 { Syndrome::Marfan } else { class };
            scored_all.push(scored(subject, Truth::Class(class), named, 8.0));
        }
        scored_all.extend((0..10).map(|i| scored(100 + i, Truth::Unaffected, Syndrome::Down, i as f32 - 5.0)));
        scored_all
    }

    #[test]
    fn temperature_makes_confidence_equal_accuracy() {
        let truths = split().into_iter().filter_map(|s| Some((s.truth.class()?, s.logits)));
        let temperature = temperature(&truths.collect::<Vec<_>>());
        // Right 3 times of 4, and every wrong one equally wrong: softmax must say 3/4 for the class named, so
        // e^(8/T) / (e^(8/T) + 11) = 3/4, T = 8 / ln 33.
        assert!((temperature - 8.0 / 33.0_f32.ln()).abs() < 2e-3, "{temperature}");
        let (policy, fit) = fit(&split(), None, Targets::default()).unwrap();
        assert!(fit.nll_after < fit.nll_before);
        assert_eq!(policy.fault(), None);
    }

    #[test]
    fn refusal_threshold_has_its_specificity() {
        let all = split();
        let (policy, fit) = fit(&all, None, Targets::default()).unwrap();
        let negatives = all.iter().filter(|s| s.truth == Truth::Unaffected);
        assert_eq!(negatives.filter(|s| s.logits.affected_log_odds() < policy.refusal_threshold).count(), 9);
        assert_eq!((fit.negative_subjects, fit.sensitivity), (10, 1.0));
    }

    #[test]
    fn small_classes_are_pooled_and_named() {
        let (policy, fit) = fit(&split(), None, Targets::default()).unwrap();
        assert_eq!(fit.pooled_classes.len(), 11);
        assert!(!fit.pooled_classes.contains(&Syndrome::Down));
        assert_eq!(policy.set_thresholds[Syndrome::Apert.index()], policy.set_thresholds[Syndrome::Turner.index()]);
    }

    #[test]
    fn set_threshold_by_hand() {
        let probabilities: Vec<f32> = (1..=19).map(|i| i as f32 / 20.0).collect();
        assert_eq!(set_threshold(probabilities.clone(), 0.1), 0.1, "0.1 * 20 = 2nd smallest");
        assert_eq!(set_threshold(probabilities[..9].to_vec(), 0.1), 0.05, "0.1 * 10 = the smallest");
        assert_eq!(set_threshold(probabilities[..8].to_vec(), 0.1), 0.0, "too few");
        assert_eq!(set_threshold(probabilities, 0.05), 0.05, "0.05 * 20 = the smallest");
        let needed = |alpha| Targets { alpha, ..Targets::default() }.min_class_subjects();
        assert_eq!([needed(0.1), needed(0.05)], [9, 19]);
    }

    #[test]
    fn refuses_what_it_cannot_fit() {
        assert_eq!(
            fit(&split()[..5], None, Targets::default()).unwrap_err(),
            FitError::TooFewAffected { found: 5, needed: 9 }
        );
        assert_eq!(fit(&split()[..24], None, Targets::default()).unwrap_err(), FitError::NoNegatives);
    }
}
