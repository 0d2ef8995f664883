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

    /// The likeliest of the thirteen outcomes: a class, or `None` for none of the twelve, whose logit is fixed at 0.
    /// Nothing is calibrated here; what the device says is [`Policy::decide`](crate::policy::Policy::decide).
    pub fn answer(&self) -> Option<Syndrome> {
        Some(self.top()).filter(|class| self.0[class.index()] > 0.0)
    }

    /// Log-odds that the face belongs to any of the twelve rather than to none: `ln(sum(exp(logit)))`.
    pub fn affected_log_odds(&self) -> f32 {
        let largest = self.0[self.top().index()];
        largest + self.0.iter().map(|value| (value - largest).exp()).sum::<f32>().ln()
    }

    /// The energy score at `temperature` t >= 0, without its sign: `t ln(sum(exp(logit / t)))` (Liu et al. 2020). At 1 it is
    /// [`affected_log_odds`](Self::affected_log_odds); at 0, its limit, it is the largest logit.
    pub fn energy(&self, temperature: f32) -> f32 {
        let largest = self.0[self.top().index()];
        if temperature == 0.0 {
            return largest;
        }
        let sum = self.0.iter().map(|value| ((value - largest) / temperature).exp()).sum::<f32>();
        largest + temperature * sum.ln()
    }

    /// Each logit plus a bias of its class; `None` when a sum is not finite.
    pub fn biased(&self, bias: &[f32; Syndrome::COUNT]) -> Option<Self> {
        Self::new(std::array::from_fn(|index| self.0[index] + bias[index])).ok()
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
    fn the_answer_is_one_of_thirteen() {
        assert_eq!(logits(0.5).answer(), Some(Syndrome::Deletion22q11));
        assert_eq!(logits(0.0).answer(), None, "a tie with none is none");
        assert_eq!(Logits::new([-1.0; Syndrome::COUNT]).unwrap().answer(), None);
    }

    #[test]
    fn energy_goes_from_the_largest_logit_to_the_log_odds() {
        let logits = logits(2.0);
        assert_eq!(logits.energy(0.0), 2.0);
        assert_eq!(logits.energy(1.0), logits.affected_log_odds());
        assert!((logits.energy(0.01) - 2.0).abs() < 1e-5);
        assert!((logits.energy(2.0) - 2.0 * (1.0_f32.exp() + 11.0).ln()).abs() < 1e-5);
    }

    #[test]
    fn affected_log_odds_is_log_sum_exp() {
        assert!((logits(0.0).affected_log_odds() - 12.0_f32.ln()).abs() < 1e-6);
    }
}
