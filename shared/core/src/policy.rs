//! From scores to a finding: a pure function of the twelve logits and the bundle's numbers.
//!
//! | affected log-odds | conformal set | finding |
//! |---|---|---|
//! | below the refusal threshold | any | no match |
//! | at or above it | empty, or more than [`MAX_CLASSES`] | not clear |
//! | at or above it | one to [`MAX_CLASSES`] classes | resembles those, the likeliest first |
//!
//! A refusal always wins over a resemblance, and no class outside the conformal set is ever named.

use serde::{Deserialize, Serialize};

use crate::{Finding, Logits, Resemblance, Syndrome};

/// The most classes that a finding names.
pub const MAX_CLASSES: usize = 3;

/// The calibrated numbers of a bundle, fitted on its calibration split with the graph that ships.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Divides the logits before the softmax; greater than zero.
    pub temperature: f32,
    /// The least [`Logits::affected_log_odds`] that is answered with a resemblance.
    pub refusal_threshold: f32,
    /// A class belongs to the conformal set when its probability is at least this; in class order, 0 to 1.
    pub set_thresholds: [f32; Syndrome::COUNT],
}

impl Policy {
    /// A fault that makes these numbers unusable, in words.
    pub fn fault(&self) -> Option<String> {
        if !(self.temperature.is_finite() && self.temperature > 0.0) {
            return Some(format!("temperature {} is not a positive number", self.temperature));
        }
        if !self.refusal_threshold.is_finite() {
            return Some("refusal threshold is not a finite number".to_owned());
        }
        let wrong = Syndrome::ALL.into_iter().find(|class| !(0.0..=1.0).contains(&self.set_thresholds[class.index()]));
        wrong.map(|class| format!("set threshold of class {class} is not between 0 and 1"))
    }

    /// The finding for one accepted photograph.
    pub fn decide(&self, logits: &Logits) -> Finding {
        if logits.affected_log_odds() < self.refusal_threshold {
            return Finding::NoMatch;
        }
        let probabilities = logits.probabilities(self.temperature);
        let set: Vec<Resemblance> = probabilities
            .ranked()
            .into_iter()
            .filter(|(class, p)| *p >= self.set_thresholds[class.index()])
            .map(|(class, probability)| Resemblance { class, probability })
            .collect();
        if set.is_empty() || set.len() > MAX_CLASSES { Finding::NotClear } else { Finding::Resembles(set) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy { temperature: 1.0, refusal_threshold: 3.0, set_thresholds: [0.2; 12] };

    fn decide(large: &[(usize, f32)]) -> Finding {
        let mut values = [-4.0; Syndrome::COUNT];
        for (index, value) in large {
            values[*index] = *value;
        }
        POLICY.decide(&Logits::new(values).unwrap())
    }

    #[test]
    fn follows_the_table() {
        assert_eq!(decide(&[(4, 2.9)]), Finding::NoMatch);
        let Finding::Resembles(set) = decide(&[(4, 8.0), (7, 7.5)]) else { panic!("expected a resemblance") };
        assert_eq!(set.iter().map(|r| r.class).collect::<Vec<_>>(), [Syndrome::Down, Syndrome::FragileX]);
        assert_eq!(decide(&[(0, 5.0), (1, 5.0), (2, 5.0), (3, 5.0)]), Finding::NotClear, "four classes fit");
        assert_eq!(decide(&[(0, 5.), (1, 5.), (2, 5.), (3, 5.), (4, 5.), (5, 5.)]), Finding::NotClear, "none fits");
    }

    #[test]
    fn names_its_fault() {
        assert_eq!(POLICY.fault(), None);
        let wrong = Policy { temperature: 0.0, ..POLICY };
        assert!(wrong.fault().unwrap().contains("temperature"));
        let mut wrong = POLICY;
        wrong.set_thresholds[4] = f32::NAN;
        assert!(wrong.fault().unwrap().contains("down"));
    }
}
