//! What the network says: twelve logits, and the probabilities made of them.

use crate::Syndrome;

/// A network output that holds NaN or infinity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the network's output for class {0} is not a finite number")]
pub struct NotFinite(pub Syndrome);

/// The twelve raw outputs of the network, all finite, in the order of [`Syndrome::ALL`].
///
/// Training gives them a zero point: they are the log-odds of each class against "none of the twelve"
/// (a softmax over thirteen in which the thirteenth logit is fixed at 0), so their log-sum-exp says how
/// much the face looks like *any* of the classes. See [`Logits::affected_log_odds`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logits([f32; Syndrome::COUNT]);

impl Logits {
    /// Takes the network's output.
    ///
    /// # Errors
    /// When a value is NaN or infinite; names the first such class.
    pub fn new(values: [f32; Syndrome::COUNT]) -> Result<Self, NotFinite> {
        match values.iter().position(|value| !value.is_finite()) {
            Some(index) => Err(NotFinite(Syndrome::ALL[index])),
            None => Ok(Self(values)),
        }
    }

    /// The values, in class order.
    pub fn values(&self) -> &[f32; Syndrome::COUNT] {
        &self.0
    }

    /// The class with the largest logit; the first of equals.
    pub fn top(&self) -> Syndrome {
        let mut best = 0;
        for index in 1..Syndrome::COUNT {
            if self.0[index] > self.0[best] {
                best = index;
            }
        }
        Syndrome::ALL[best]
    }

    /// Log-odds that the face belongs to any of the twelve rather than to none: `ln(sum(exp(logit)))`.
    pub fn affected_log_odds(&self) -> f32 {
        let largest = self.0[self.top().index()];
        largest + self.0.iter().map(|value| (value - largest).exp()).sum::<f32>().ln()
    }

    /// Softmax over the twelve at `temperature` (> 0): which class, *given* that it is one of them.
    pub fn probabilities(&self, temperature: f32) -> Probabilities {
        let largest = self.0[self.top().index()];
        let mut values = self.0.map(|value| ((value - largest) / temperature).exp());
        let sum: f32 = values.iter().sum();
        for value in &mut values {
            *value /= sum;
        }
        Probabilities(values)
    }
}

/// Twelve probabilities that add up to one, in the order of [`Syndrome::ALL`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probabilities([f32; Syndrome::COUNT]);

impl Probabilities {
    /// The values, in class order.
    pub fn values(&self) -> &[f32; Syndrome::COUNT] {
        &self.0
    }

    /// The probability of one class.
    pub fn of(&self, class: Syndrome) -> f32 {
        self.0[class.index()]
    }

    /// All classes, the likeliest first; equals keep class order.
    pub fn ranked(&self) -> [(Syndrome, f32); Syndrome::COUNT] {
        let mut ranked = Syndrome::ALL.map(|class| (class, self.of(class)));
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logits(first: f32) -> Logits {
        let mut values = [0.0; Syndrome::COUNT];
        values[0] = first;
        Logits::new(values).unwrap()
    }

    #[test]
    fn refuses_what_is_not_finite() {
        let mut values = [0.0; Syndrome::COUNT];
        values[4] = f32::NAN;
        assert_eq!(Logits::new(values), Err(NotFinite(Syndrome::Down)));
    }

    #[test]
    fn probabilities_are_a_softmax() {
        let p = logits(2.0).probabilities(1.0);
        let e = 2.0_f32.exp();
        assert!((p.of(Syndrome::Deletion22q11) - e / (e + 11.0)).abs() < 1e-6);
        assert!((p.values().iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(p.ranked()[0].0, Syndrome::Deletion22q11);
        assert_eq!(p.ranked()[1].0, Syndrome::Angelman);
    }

    #[test]
    fn huge_logits_stay_finite() {
        let p = logits(1e30).probabilities(0.1);
        assert_eq!(p.of(Syndrome::Deletion22q11), 1.0);
        assert_eq!(logits(1e30).affected_log_odds(), 1e30);
    }

    #[test]
    fn affected_log_odds_is_log_sum_exp() {
        assert!((logits(0.0).affected_log_odds() - 12.0_f32.ln()).abs() < 1e-6);
    }
}
