//! From scores to a finding: a pure function of the twelve logits and the bundle's numbers.
//!
//! | photograph | refusal score | conformal set | finding |
//! |---|---|---|---|
//! | refused by the quality gate | not asked | not asked | retake, with the reason (`lakshan-vision` decides this) |
//! | accepted | below the threshold | any | no match |
//! | accepted | at or above it | empty, or more than [`MAX_CLASSES`] | not clear |
//! | accepted | at or above it | one to [`MAX_CLASSES`] classes | resembles those, the likeliest first |
//!
//! A refusal always wins over a resemblance, and no class outside the conformal set is ever named. There is no finding
//! that says a person is well.

use serde::{Deserialize, Serialize};

use crate::{Finding, Logits, Probabilities, Resemblance, Syndrome};

/// The most classes that a finding names.
pub const MAX_CLASSES: usize = 3;

/// The calibrated numbers of a bundle, fitted on its calibration split with the graph that ships.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Divides the logits before the softmax; greater than zero.
    pub temperature: f32,
    /// Added to the logits before the softmax, in class order; all zero where biases did not help on held-out folds, and
    /// then not written, so that older programs open the bundle.
    #[serde(default, skip_serializing_if = "is_unbiased")]
    pub class_bias: [f32; Syndrome::COUNT],
    /// The temperature of the refusal score, [`Logits::energy`]: 1 is the log-odds of "any" against "none", and then not
    /// written; 0 is the largest logit.
    #[serde(default = "log_odds", skip_serializing_if = "is_log_odds")]
    pub refusal_temperature: f32,
    /// The least refusal score that is answered with a resemblance.
    pub refusal_threshold: f32,
    /// A class belongs to the conformal set when its probability is at least this; in class order, 0 to 1.
    pub set_thresholds: [f32; Syndrome::COUNT],
}

fn is_unbiased(bias: &[f32; Syndrome::COUNT]) -> bool {
    bias.iter().all(|bias| *bias == 0.0)
}

fn log_odds() -> f32 {
    1.0
}

fn is_log_odds(temperature: &f32) -> bool {
    *temperature == log_odds()
}

impl Policy {
    /// A fault that makes these numbers unusable, in words.
    pub fn fault(&self) -> Option<String> {
        if !(self.temperature.is_finite() && self.temperature > 0.0) {
            return Some(format!("temperature {} is not a positive number", self.temperature));
        }
        if let Some(class) =
            Syndrome::ALL.into_iter().find(|class| !(-100.0..=100.0).contains(&self.class_bias[class.index()]))
        {
            return Some(format!("bias of class {class} is not between -100 and 100"));
        }
        if !(self.refusal_temperature.is_finite() && self.refusal_temperature >= 0.0) {
            return Some(format!(
                "refusal temperature {} is neither 0 nor a positive number",
                self.refusal_temperature
            ));
        }
        if !self.refusal_threshold.is_finite() {
            return Some("refusal threshold is not a finite number".to_owned());
        }
        let wrong = Syndrome::ALL.into_iter().find(|class| !(0.0..=1.0).contains(&self.set_thresholds[class.index()]));
        wrong.map(|class| format!("set threshold of class {class} is not between 0 and 1"))
    }

    /// How much the face looks like any of the twelve; below [`refusal_threshold`](Self::refusal_threshold) it is refused.
    pub fn refusal_score(&self, logits: &Logits) -> f32 {
        logits.energy(self.refusal_temperature)
    }

    /// The calibrated probabilities, given that it is one of the twelve.
    pub fn probabilities(&self, logits: &Logits) -> Probabilities {
        // A sum that is not finite needs a logit beyond 1e38, next to which no bias of 100 counts.
        logits.biased(&self.class_bias).as_ref().unwrap_or(logits).probabilities(self.temperature)
    }

    /// The conformal set, the likeliest class first. It may be empty or hold all twelve.
    pub fn set(&self, probabilities: &Probabilities) -> Vec<Resemblance> {
        let ranked = probabilities.ranked().into_iter();
        ranked
            .filter(|(class, p)| *p >= self.set_thresholds[class.index()])
            .map(|(class, probability)| Resemblance { class, probability })
            .collect()
    }

    /// The finding for one accepted photograph.
    pub fn decide(&self, logits: &Logits) -> Finding {
        if self.refusal_score(logits) < self.refusal_threshold {
            return Finding::NoMatch;
        }
        let set = self.set(&self.probabilities(logits));
        if set.is_empty() || set.len() > MAX_CLASSES { Finding::NotClear } else { Finding::Resembles(set) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    const POLICY: Policy = Policy {
        temperature: 1.0,
        class_bias: [0.0; 12],
        refusal_temperature: 1.0,
        refusal_threshold: 3.0,
        set_thresholds: [0.2; 12],
    };

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

    #[test]
    fn numbers_of_an_older_bundle_mean_what_they_did() {
        let zeros = ["0.5"; 12].join(",");
        let json = format!(r#"{{"temperature":2,"refusal_threshold":1,"set_thresholds":[{zeros}]}}"#);
        let policy: Policy = serde_json::from_str(&json).unwrap();
        assert_eq!((policy.class_bias, policy.refusal_temperature), ([0.0; 12], 1.0));
        let written = serde_json::to_string(&policy).unwrap();
        assert!(!written.contains("class_bias") && !written.contains("refusal_temperature"), "{written}");
        let logits = Logits::new(std::array::from_fn(|at| at as f32)).unwrap();
        assert_eq!(policy.refusal_score(&logits), logits.affected_log_odds());
        assert_eq!(policy.probabilities(&logits), logits.probabilities(2.0));
    }

    #[test]
    fn a_bias_moves_its_class() {
        let mut policy = POLICY;
        policy.class_bias[7] = 2.0;
        let logits = Logits::new([1.0; 12]).unwrap();
        assert_eq!(policy.probabilities(&logits).ranked()[0].0, Syndrome::FragileX);
        policy.class_bias[7] = f32::NAN;
        assert!(policy.fault().unwrap().contains("fragile_x"));
    }

    fn policies() -> impl Strategy<Value = Policy> {
        let thresholds = proptest::array::uniform12(prop_oneof![Just(0.0_f32), Just(1.0), 0.0..1.0_f32]);
        let bias = proptest::array::uniform12(prop_oneof![Just(0.0_f32), -100.0..100.0_f32]);
        let numbers = (0.02..20.0_f32, prop_oneof![Just(0.0_f32), Just(1.0), 0.01..10.0_f32], -30.0..30.0_f32);
        (numbers, bias, thresholds).prop_map(
            |((temperature, refusal_temperature, refusal_threshold), class_bias, t)| Policy {
                temperature,
                class_bias,
                refusal_temperature,
                refusal_threshold,
                set_thresholds: t,
            },
        )
    }

    fn any_logits() -> impl Strategy<Value = Logits> {
        let value = prop_oneof![8 => -12.0..12.0_f32, 1 => Just(0.0), 1 => -1e30..1e30_f32];
        proptest::array::uniform12(value).prop_map(|values| Logits::new(values).expect("finite"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Every row of the table, for whatever numbers: nothing outside the set, refusals win, at most three, likeliest
        /// first, and exactly one row fits.
        #[test]
        fn the_table_holds_for_all_numbers(policy in policies(), logits in any_logits()) {
            prop_assert_eq!(policy.fault(), None);
            let refused = policy.refusal_score(&logits) < policy.refusal_threshold;
            let probabilities = policy.probabilities(&logits);
            prop_assert!((probabilities.values().iter().sum::<f32>() - 1.0).abs() < 1e-4);
            let in_set = |class: Syndrome| probabilities.of(class) >= policy.set_thresholds[class.index()];
            let size = Syndrome::ALL.into_iter().filter(|class| in_set(*class)).count();
            match policy.decide(&logits) {
                Finding::NoMatch => prop_assert!(refused),
                Finding::NotClear => prop_assert!(!refused && !(1..=MAX_CLASSES).contains(&size)),
                Finding::Resembles(named) => {
                    prop_assert!(!refused, "a refusal wins");
                    prop_assert_eq!(named.len(), size);
                    prop_assert!((1..=MAX_CLASSES).contains(&size));
                    prop_assert!(named.iter().all(|r| in_set(r.class) && r.probability == probabilities.of(r.class)));
                    prop_assert!(named.windows(2).all(|pair| pair[0].probability >= pair[1].probability));
                    let mut classes: Vec<_> = named.iter().map(|r| r.class).collect();
                    classes.sort();
                    classes.dedup();
                    prop_assert_eq!(classes.len(), size, "a class is named once");
                }
                Finding::Retake(reason) => prop_assert!(false, "scores ask for no new photograph: {}", reason),
            }
        }

        /// More of "any of the twelve" never turns an answer into a refusal.
        #[test]
        fn raising_a_logit_never_makes_it_refuse(policy in policies(), logits in any_logits(), at in 0..12_usize) {
            let mut values = *logits.values();
            values[at] += values[at].abs() * 0.01 + 1.0;
            let raised = Logits::new(values).expect("finite");
            // Sums of 12 exponentials in f32: equal to a few units of the last place.
            let slack = policy.refusal_score(&logits).abs() * 1e-5 + 1e-5;
            prop_assert!(policy.refusal_score(&raised) >= policy.refusal_score(&logits) - slack);
        }

        /// The kinds of finding are these four, in words as in code: none of them calls a person well.
        #[test]
        fn it_never_says_healthy(policy in policies(), logits in any_logits()) {
            let kind = policy.decide(&logits).kind();
            prop_assert!(["not_clear", "no_match", "resembles"].contains(&kind), "{}", kind);
        }
    }
}
