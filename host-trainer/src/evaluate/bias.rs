//! A bias for each class beside the temperature, kept only where held-out folds say that it helps.

use lakshan_core::{Logits, Syndrome};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Folds of the calibration split; a subject is in one.
const FOLDS: usize = 5;
/// Weight of the squared biases: as if each class had one more photograph that wants no bias.
const PRIOR_PHOTOGRAPHS: f64 = 1.0;
const STEPS: usize = 60;

/// What held-out folds said of biases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BiasTrial {
    /// Mean negative log-likelihood on held-out folds with the temperature alone.
    pub nll_temperature: f64,
    /// The same with biases.
    pub nll_biased: f64,
    /// Standard error of the difference, over photographs.
    pub standard_error: f64,
    /// Whether biases were kept: they lowered it by more than two standard errors.
    pub kept: bool,
}

/// A photograph of the calibration split: subject, class, logits.
pub type Example<'a> = (&'a str, Syndrome, &'a Logits);

/// Fits a temperature to classes and their logits.
pub type FitTemperature<'a> = &'a dyn Fn(&[(Syndrome, Logits)]) -> f32;

/// Biases for all of `examples`, if held-out folds say that they help; else zeros. `temperature` fits a temperature.
pub fn fit(examples: &[Example], temperature: FitTemperature) -> ([f32; Syndrome::COUNT], BiasTrial) {
    let mut differences = Vec::with_capacity(examples.len());
    let (mut plain, mut biased) = (0.0, 0.0);
    for held_out in 0..FOLDS {
        let (out, kept): (Vec<&Example>, Vec<&Example>) = examples.iter().partition(|e| fold(e.0) == held_out);
        if out.is_empty() || kept.is_empty() {
            continue;
        }
        let kept: Vec<(Syndrome, Logits)> = kept.into_iter().map(|(_, class, logits)| (*class, **logits)).collect();
        let without = temperature(&kept);
        let bias = biases(&kept, without);
        let moved: Vec<(Syndrome, Logits)> =
            kept.iter().map(|(class, logits)| (*class, moved(logits, &bias))).collect();
        let with = temperature(&moved);
        for (_, class, logits) in out {
            let before = loss(*class, logits, without);
            let after = loss(*class, &self::moved(logits, &bias), with);
            (plain, biased) = (plain + before, biased + after);
            differences.push(before - after);
        }
    }
    let n = differences.len().max(1) as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let standard_error = (variance / n).sqrt();
    let kept = differences.len() > 1 && mean > 2.0 * standard_error;
    let trial = BiasTrial { nll_temperature: plain / n, nll_biased: biased / n, standard_error, kept };
    if !kept {
        return ([0.0; Syndrome::COUNT], trial);
    }
    let all: Vec<(Syndrome, Logits)> = examples.iter().map(|(_, class, logits)| (*class, **logits)).collect();
    (biases(&all, temperature(&all)), trial)
}

/// The fold of a subject: the same whatever other subjects there are.
fn fold(subject: &str) -> usize {
    usize::from(Sha256::digest(subject)[0]) % FOLDS
}

/// The logits with biases; biases are small, so the sum stays finite unless a logit is at the end of f32.
pub fn moved(logits: &Logits, bias: &[f32; Syndrome::COUNT]) -> Logits {
    logits.biased(bias).unwrap_or(*logits)
}

fn loss(class: Syndrome, logits: &Logits, temperature: f32) -> f64 {
    -f64::from(logits.probabilities(temperature).of(class)).max(1e-300).ln()
}

/// Minimises the penalised loss by Newton steps on each bias; the loss is convex in them.
fn biases(examples: &[(Syndrome, Logits)], temperature: f32) -> [f32; Syndrome::COUNT] {
    let (n, t) = (examples.len() as f64, f64::from(temperature));
    let mut bias = [0.0_f64; Syndrome::COUNT];
    for _ in 0..STEPS {
        let shift = bias.map(|b| b as f32);
        let mut gradient = bias.map(|b| b * PRIOR_PHOTOGRAPHS / n);
        let mut curvature = [PRIOR_PHOTOGRAPHS / n; Syndrome::COUNT];
        for (class, logits) in examples {
            let p = moved(logits, &shift).probabilities(temperature);
            for index in 0..Syndrome::COUNT {
                let p = f64::from(p.values()[index]);
                gradient[index] += (p - f64::from(index == class.index())) / t / n;
                curvature[index] += p * (1.0 - p) / (t * t) / n;
            }
        }
        // Half a step: the curvature between classes is left out.
        for index in 0..Syndrome::COUNT {
            bias[index] -= (0.5 * gradient[index] / curvature[index]).clamp(-1.0, 1.0);
        }
    }
    bias.map(|b| b.clamp(-20.0, 20.0) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Photographs that are of class 0 or 1 with even chances, whose logits favour class 0 by `lean`.
    fn examples(lean: f32) -> Vec<(String, Syndrome, Logits)> {
        let of = |at: usize| {
            let class = Syndrome::ALL[at % 2];
            // The other ten are out of the question, or taking them back would help.
            let mut values = [-30.0; Syndrome::COUNT];
            values[0] = lean;
            values[1] = 0.0;
            values[class.index()] += if at % 10 < 8 { 1.5 } else { -1.5 };
            (format!("s{at}"), class, Logits::new(values).unwrap())
        };
        (0..400).map(of).collect()
    }

    fn trial(lean: f32) -> ([f32; 12], BiasTrial) {
        let owned = examples(lean);
        let examples: Vec<Example> = owned.iter().map(|(s, c, l)| (s.as_str(), *c, l)).collect();
        fit(&examples, &|_| 1.0)
    }

    #[test]
    fn a_lean_is_taken_back_and_nothing_is_left_alone() {
        let (bias, found) = trial(2.0);
        assert!(found.kept && found.nll_biased < found.nll_temperature, "{found:?}");
        assert!((bias[0] - bias[1] + 2.0).abs() < 0.3, "{bias:?}");
        let (bias, found) = trial(0.0);
        assert!(!found.kept, "{found:?}");
        assert_eq!(bias, [0.0; 12]);
    }
}
