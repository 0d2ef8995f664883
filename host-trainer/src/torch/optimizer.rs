//! AdamW and SGD whose state can be saved and restored, with a learning rate of its own for every tensor.
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

/// How gradients become steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Algorithm {
    /// Decoupled weight decay (Loshchilov, Hutter 2019).
    AdamW,
    /// Nesterov momentum, with the same decoupled decay.
    Sgd {
        /// How much of the last step is kept.
        momentum: f64,
    },
}

/// One trained tensor.
#[derive(Debug)]
struct Slot {
    parameter: Tensor,
    /// AdamW: mean of gradients. SGD: momentum.
    first: Tensor,
    /// AdamW: decayed sum of squared gradients, which is their mean over `1 - BETA2`.
    squares: Option<Tensor>,
    /// Steps done, `[1]`: a stage that is released late begins to count late.
    steps: Tensor,
    /// Factor of the learning rate.
    rate: f64,
    /// Factor of the weight decay: 0 for biases and normalization, else 1.
    decay: f64,
}

/// Moves weights along their gradients.
#[derive(Debug)]
pub struct Optimizer {
    algorithm: Algorithm,
    slots: BTreeMap<String, Slot>,
    /// Steps done.
    steps: u32,
}

impl Optimizer {
    /// Takes the tensors to train, each with the factor of its learning rate.
    pub fn new(algorithm: Algorithm, parameters: impl IntoIterator<Item = (String, Tensor, f64)>) -> Self {
        let slots = parameters.into_iter().map(|(name, parameter, rate)| {
            let first = parameter.detach().zeros_like();
            let squares = (algorithm == Algorithm::AdamW).then(|| first.zeros_like());
            let decay = if parameter.dim() > 1 { 1.0 } else { 0.0 };
            let steps = Tensor::from_slice(&[0.0_f32]);
            (name, Slot { parameter, first, squares, steps, rate, decay })
        });
        Self { algorithm, slots: slots.collect(), steps: 0 }
    }

    /// Forgets all gradients.
    pub fn zero_gradients(&mut self) {
        for slot in self.slots.values_mut() {
            slot.parameter.zero_grad();
        }
    }

    /// Multiplies all gradients by `factor`.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn scale_gradients(&mut self, factor: f64) -> Result<(), TchError> {
        tch::no_grad(|| {
            for slot in self.slots.values().filter(|slot| slot.parameter.grad().defined()) {
                let _ = slot.parameter.grad().f_mul_scalar_(factor)?;
            }
            Ok(())
        })
    }

    /// Scales all gradients down so that their common norm is at most `largest`; returns the norm before.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn clip_gradients(&mut self, largest: f64) -> Result<f64, TchError> {
        let norm = tch::no_grad(|| {
            let gradients = self.slots.values().map(|slot| slot.parameter.grad()).filter(Tensor::defined);
            let norms = gradients.map(|gradient| gradient.f_norm()).collect::<Result<Vec<_>, _>>()?;
            f64::try_from(Tensor::f_stack(&norms, 0)?.f_norm()?)
        })?;
        if norm > largest {
            self.scale_gradients(largest / norm)?;
        }
        Ok(norm)
    }

    /// One step at learning rate `rate`, of every tensor that has a gradient.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn step(&mut self, rate: f64, weight_decay: f64) -> Result<(), TchError> {
        self.steps += 1;
        tch::no_grad(|| {
            for slot in self.slots.values_mut() {
                let gradient = slot.parameter.grad();
                if !gradient.defined() {
                    continue;
                }
                let _ = slot.steps.f_add_scalar_(1.0)?;
                let rate = rate * slot.rate;
                if weight_decay * slot.decay > 0.0 {
                    let _ = slot.parameter.f_mul_scalar_(1.0 - rate * weight_decay * slot.decay)?;
                }
                match self.algorithm {
                    Algorithm::AdamW => slot.adam(&gradient, rate)?,
                    Algorithm::Sgd { momentum } => slot.nesterov(&gradient, rate, momentum)?,
                }
            }
            Ok(())
        })
    }

    /// Steps done.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// The state, by `optimizer.first.NAME`, `optimizer.squares.NAME` and `optimizer.steps.NAME`.
    pub fn state(&self) -> impl Iterator<Item = (String, &Tensor)> {
        self.slots.iter().flat_map(|(name, slot)| {
            let squares = slot.squares.as_ref().map(|squares| (format!("optimizer.squares.{name}"), squares));
            [(format!("optimizer.first.{name}"), &slot.first), (format!("optimizer.steps.{name}"), &slot.steps)]
                .into_iter()
                .chain(squares)
        })
    }

    /// Restores a state: `steps` done, tensors as [`Optimizer::state`] names them, each given by `tensor`.
    ///
    /// # Errors
    /// What `tensor` returns.
    pub fn restore<E>(&mut self, steps: u32, tensor: impl Fn(&str, &[i64]) -> Result<Tensor, E>) -> Result<(), E> {
        self.steps = steps;
        for (name, slot) in &mut self.slots {
            let shape = slot.first.size();
            slot.first = tensor(&format!("optimizer.first.{name}"), &shape)?;
            slot.steps = tensor(&format!("optimizer.steps.{name}"), &[1])?.to(tch::Device::Cpu);
            if let Some(squares) = &mut slot.squares {
                *squares = tensor(&format!("optimizer.squares.{name}"), &shape)?;
            }
        }
        Ok(())
    }
}

impl Slot {
    fn adam(&mut self, gradient: &Tensor, rate: f64) -> Result<(), TchError> {
        let Some(squares) = &mut self.squares else { return Ok(()) };
        let steps = self.steps.double_value(&[0]);
        let (unbias1, unbias2) = (1.0 - BETA1.powf(steps), 1.0 - BETA2.powf(steps));
        let _ = self.first.f_lerp_(gradient, 1.0 - BETA1)?;
        let _ = squares.f_mul_scalar_(BETA2)?;
        let _ = squares.f_addcmul_(gradient, gradient)?;
        // parameter -= rate * (first / unbias1) / (sqrt(second / unbias2) + epsilon), with every factor moved
        // into the divisor: one temporary tensor, and few passes over memory.
        let factor = -unbias1 / rate.max(f64::MIN_POSITIVE);
        let mut divisor = squares.f_sqrt()?;
        let _ = divisor.f_mul_scalar_(factor * ((1.0 - BETA2) / unbias2).sqrt())?;
        let _ = divisor.f_add_scalar_(factor * EPSILON)?;
        let _ = self.parameter.f_addcdiv_(&self.first, &divisor)?;
        Ok(())
    }

    fn nesterov(&mut self, gradient: &Tensor, rate: f64, momentum: f64) -> Result<(), TchError> {
        let _ = self.first.f_mul_scalar_(momentum)?;
        let _ = self.first.f_add_(gradient)?;
        // Where the momentum is about to carry it: gradient + momentum * first.
        let ahead = self.first.f_mul_scalar(momentum)?.f_add(gradient)?;
        let _ = self.parameter.f_sub_(&ahead.f_mul_scalar(rate)?)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::nn::{self, OptimizerConfig};
    use tch::{Device, Kind};

    /// Twenty steps towards a goal by ours and by libtorch's.
    fn compare(algorithm: Algorithm, weight_decay: f64, theirs_of: impl Fn(&nn::VarStore) -> nn::Optimizer) {
        let start: Vec<f32> = vec![0.3, -0.2, 0.9, 0.1];
        let goal = Tensor::from_slice(&[1.0_f32, 2.0, 3.0, 4.0]).reshape([2, 2]);
        let ours = Tensor::from_slice(&start).reshape([2, 2]).set_requires_grad(true);
        let mut optimizer = Optimizer::new(algorithm, [("w".to_owned(), ours.shallow_clone(), 1.0)]);
        let store = nn::VarStore::new(Device::Cpu);
        let mut theirs = store.root().zeros("w", &[2, 2]);
        tch::no_grad(|| theirs.copy_(&Tensor::from_slice(&start).reshape([2, 2])));
        let mut reference = theirs_of(&store);
        for _ in 0..20 {
            optimizer.zero_gradients();
            (&ours - &goal).square().sum(Kind::Float).backward();
            optimizer.step(0.05, weight_decay).unwrap();
            reference.backward_step(&(&theirs - &goal).square().sum(Kind::Float));
        }
        assert!(ours.allclose(&theirs, 1e-5, 1e-6, false), "{ours:?} {theirs:?}");
    }

    #[test]
    fn equals_libtorchs_adamw() {
        compare(Algorithm::AdamW, 0.1, |store| {
            nn::AdamW { wd: 0.1, ..nn::AdamW::default() }.build(store, 0.05).unwrap()
        });
    }

    #[test]
    fn equals_libtorchs_sgd() {
        compare(Algorithm::Sgd { momentum: 0.9 }, 0.0, |store| {
            nn::Sgd { momentum: 0.9, dampening: 0.0, wd: 0.0, nesterov: true }.build(store, 0.05).unwrap()
        });
    }

    #[test]
    fn what_has_no_gradient_stays_and_counts_no_step() {
        let [moved, still] = [1.0_f32, 2.0].map(|value| Tensor::from_slice(&[value]).set_requires_grad(true));
        let parameters = [("moved", &moved), ("still", &still)];
        let parameters = parameters.map(|(name, tensor)| (name.to_owned(), tensor.shallow_clone(), 1.0));
        let mut optimizer = Optimizer::new(Algorithm::AdamW, parameters);
        moved.square().sum(Kind::Float).backward();
        optimizer.clip_gradients(1.0).unwrap();
        optimizer.step(0.1, 0.1).unwrap();
        assert!(moved.double_value(&[0]) < 1.0);
        assert_eq!(still.double_value(&[0]), 2.0);
        let state: BTreeMap<_, _> = optimizer.state().map(|(name, tensor)| (name, tensor.double_value(&[0]))).collect();
        assert_eq!((state["optimizer.steps.moved"], state["optimizer.steps.still"]), (1.0, 0.0));
    }

    #[test]
    fn clipping_keeps_the_direction() {
        let w = Tensor::zeros([2], (Kind::Float, Device::Cpu)).set_requires_grad(true);
        let mut adam = Optimizer::new(Algorithm::AdamW, [("w".to_owned(), w.shallow_clone(), 1.0)]);
        (&w * Tensor::from_slice(&[3.0_f32, 4.0])).sum(Kind::Float).backward();
        assert!((adam.clip_gradients(1.0).unwrap() - 5.0).abs() < 1e-6);
        assert!((w.grad().double_value(&[0]) - 0.6).abs() < 1e-6);
    }
}
