//! AdamW whose state can be saved and restored, with a learning rate of its own for every tensor.
//!
//! libtorch's own optimizers keep their state where tch cannot reach it, so a run could not be resumed exactly.

use std::collections::BTreeMap;

use tch::{TchError, Tensor};

/// Decay of the mean of gradients.
const BETA1: f64 = 0.9;
/// Decay of the mean of squared gradients.
const BETA2: f64 = 0.999;
/// Keeps the quotient finite.
const EPSILON: f64 = 1e-8;

/// One trained tensor.
#[derive(Debug)]
struct Slot {
    parameter: Tensor,
    /// Mean of gradients.
    first: Tensor,
    /// Decayed sum of squared gradients: their mean over `1 - BETA2`.
    squares: Tensor,
    /// Factor of the learning rate.
    rate: f64,
    /// Factor of the weight decay: 0 for biases and normalization, else 1.
    decay: f64,
}

/// Decoupled weight decay (Loshchilov, Hutter 2019).
#[derive(Debug)]
pub struct AdamW {
    slots: BTreeMap<String, Slot>,
    /// Steps done.
    steps: u32,
}

impl AdamW {
    /// Takes the tensors to train, each with the factor of its learning rate.
    pub fn new(parameters: impl IntoIterator<Item = (String, Tensor, f64)>) -> Self {
        let slots = parameters.into_iter().map(|(name, parameter, rate)| {
            let first = parameter.detach().zeros_like();
            let squares = first.zeros_like();
            let decay = if parameter.dim() > 1 { 1.0 } else { 0.0 };
            (name, Slot { parameter, first, squares, rate, decay })
        });
        Self { slots: slots.collect(), steps: 0 }
    }

    /// Forgets all gradients.
    pub fn zero_gradients(&mut self) {
        for slot in self.slots.values_mut() {
            slot.parameter.zero_grad();
        }
    }

    /// Scales all gradients down so that their common norm is at most `largest`; returns the norm before.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn clip_gradients(&mut self, largest: f64) -> Result<f64, TchError> {
        tch::no_grad(|| {
            let norms =
                self.slots.values().map(|slot| slot.parameter.grad().f_norm()).collect::<Result<Vec<_>, _>>()?;
            let norm = f64::try_from(Tensor::f_stack(&norms, 0)?.f_norm()?)?;
            if norm > largest {
                for slot in self.slots.values() {
                    let _ = slot.parameter.grad().f_mul_scalar_(largest / norm)?;
                }
            }
            Ok(norm)
        })
    }

    /// One step at learning rate `rate`.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn step(&mut self, rate: f64, weight_decay: f64) -> Result<(), TchError> {
        self.steps += 1;
        let steps = f64::from(self.steps);
        let (unbias1, unbias2) = (1.0 - BETA1.powf(steps), 1.0 - BETA2.powf(steps));
        tch::no_grad(|| {
            for slot in self.slots.values_mut() {
                let gradient = slot.parameter.grad();
                let rate = rate * slot.rate;
                let _ = slot.first.f_lerp_(&gradient, 1.0 - BETA1)?;
                let _ = slot.squares.f_mul_scalar_(BETA2)?;
                let _ = slot.squares.f_addcmul_(&gradient, &gradient)?;
                if weight_decay * slot.decay > 0.0 {
                    let _ = slot.parameter.f_mul_scalar_(1.0 - rate * weight_decay * slot.decay)?;
                }
                // parameter -= rate * (first / unbias1) / (sqrt(second / unbias2) + epsilon), with every factor moved
                // into the divisor: one temporary tensor, and few passes over memory.
                let factor = -unbias1 / rate.max(f64::MIN_POSITIVE);
                let mut divisor = slot.squares.f_sqrt()?;
                let _ = divisor.f_mul_scalar_(factor * ((1.0 - BETA2) / unbias2).sqrt())?;
                let _ = divisor.f_add_scalar_(factor * EPSILON)?;
                let _ = slot.parameter.f_addcdiv_(&slot.first, &divisor)?;
            }
            Ok(())
        })
    }

    /// Steps done.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// The state, by `adam.first.NAME` and `adam.squares.NAME`.
    pub fn state(&self) -> impl Iterator<Item = (String, &Tensor)> {
        self.slots.iter().flat_map(|(name, slot)| {
            [(format!("adam.first.{name}"), &slot.first), (format!("adam.squares.{name}"), &slot.squares)]
        })
    }

    /// Restores a state: `steps` done, tensors as [`AdamW::state`] names them, each given by `tensor`.
    ///
    /// # Errors
    /// What `tensor` returns.
    pub fn restore<E>(&mut self, steps: u32, tensor: impl Fn(&str, &[i64]) -> Result<Tensor, E>) -> Result<(), E> {
        self.steps = steps;
        for (name, slot) in &mut self.slots {
            let shape = slot.first.size();
            slot.first = tensor(&format!("adam.first.{name}"), &shape)?;
            slot.squares = tensor(&format!("adam.squares.{name}"), &shape)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    #[test]
    fn equals_libtorchs_adamw() {
        use tch::nn::{self, OptimizerConfig};
        let start: Vec<f32> = vec![0.3, -0.2, 0.9, 0.1];
        let goal = Tensor::from_slice(&[1.0_f32, 2.0, 3.0, 4.0]).reshape([2, 2]);
        let ours = Tensor::from_slice(&start).reshape([2, 2]).set_requires_grad(true);
        let mut adam = AdamW::new([("w".to_owned(), ours.shallow_clone(), 1.0)]);
        let store = nn::VarStore::new(Device::Cpu);
        let mut theirs = store.root().zeros("w", &[2, 2]);
        tch::no_grad(|| theirs.copy_(&Tensor::from_slice(&start).reshape([2, 2])));
        let mut reference = nn::AdamW { wd: 0.1, ..nn::AdamW::default() }.build(&store, 0.05).unwrap();
        for _ in 0..20 {
            adam.zero_gradients();
            (&ours - &goal).square().sum(Kind::Float).backward();
            adam.step(0.05, 0.1).unwrap();
            reference.backward_step(&(&theirs - &goal).square().sum(Kind::Float));
        }
        assert!(ours.allclose(&theirs, 1e-5, 1e-6, false));
    }

    #[test]
    fn clipping_keeps_the_direction() {
        let w = Tensor::zeros([2], (Kind::Float, Device::Cpu)).set_requires_grad(true);
        let mut adam = AdamW::new([("w".to_owned(), w.shallow_clone(), 1.0)]);
        (&w * Tensor::from_slice(&[3.0_f32, 4.0])).sum(Kind::Float).backward();
        assert!((adam.clip_gradients(1.0).unwrap() - 5.0).abs() < 1e-6);
        assert!((w.grad().double_value(&[0]) - 0.6).abs() < 1e-6);
    }
}
