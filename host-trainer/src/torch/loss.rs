//! The loss: cross-entropy over the twelve classes and "none of them", whose logit is fixed at 0.
//!
//! A photograph of a class has that class as its target, a negative has the thirteenth. So the twelve outputs become
//! log-odds of each class against "none", and `logsumexp` of them the log-odds of "any" against "none".
//!
//! The usual way to use negatives is outlier exposure (Hendrycks, Mazeika, Dietterich 2019): push the softmax of the
//! twelve towards uniform on negatives. That asks for equal logits of any height, so how high they are stays without a
//! meaning, and a face that resembles two classes equally looks like a negative. Energy-based training (Liu et al. 2020)
//! scores by `logsumexp` but needs two margins that somebody has to choose. Fixing one logit at 0 is a proper likelihood
//! of the thirteen outcomes: it has no margin to choose, it gives the energy score its zero point, and it costs no
//! thirteenth output, so that the network that ships still has twelve.

use tch::{Kind, Reduction, TchError, Tensor};

/// The target of a negative.
pub const NONE_TARGET: i64 = 12;

/// Appends the fixed logit: `[n, 12]` to `[n, 13]`.
///
/// # Errors
/// When `logits` is no matrix.
pub fn with_none(logits: &Tensor) -> Result<Tensor, TchError> {
    let (rows, _) = logits.size2()?;
    let zeros = Tensor::f_zeros([rows, 1], (logits.kind(), logits.device()))?;
    Tensor::f_cat(&[logits, &zeros], 1)
}

/// Weighted mean cross-entropy of `logits` `[n, 12]` against `targets` `[n]`, with a share of `smoothing` spread over all
/// outcomes. `weights` by target say which outcomes there are: `[13]` with "none", `[12]` without it, for a network that is
/// never to refuse.
///
/// # Errors
/// When shapes disagree.
pub fn cross_entropy(logits: &Tensor, targets: &Tensor, weights: &Tensor, smoothing: f64) -> Result<Tensor, TchError> {
    let logits = if weights.numel() > NONE_TARGET as usize { with_none(logits)? } else { logits.shallow_clone() };
    logits.f_to_kind(Kind::Float)?.f_cross_entropy_loss(targets, Some(weights), Reduction::Mean, -100, smoothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uniform() -> Tensor {
        Tensor::ones([13], (Kind::Float, tch::Device::Cpu))
    }

    #[test]
    fn the_gradient_is_probability_less_target() {
        let values: Vec<f32> = (0..24).map(|at| (at as f32 * 0.7).sin() * 2.0).collect();
        let logits = Tensor::from_slice(&values).reshape([2, 12]).set_requires_grad(true);
        let loss = cross_entropy(&logits, &Tensor::from_slice(&[3_i64, NONE_TARGET]), &uniform(), 0.0).unwrap();
        loss.backward();
        let gradient = logits.grad();
        for row in 0..2 {
            let z = &values[row * 12..][..12];
            let total: f32 = 1.0 + z.iter().map(|z| z.exp()).sum::<f32>();
            for (class, z) in z.iter().enumerate() {
                let target = if row == 0 && class == 3 { 1.0 } else { 0.0 };
                let expected = f64::from((z.exp() / total - target) / 2.0);
                let found = gradient.double_value(&[row as i64, class as i64]);
                assert!((found - expected).abs() < 1e-6, "{row} {class}: {found} {expected}");
            }
        }
    }

    #[test]
    fn a_negative_pushes_every_class_down() {
        let logits = Tensor::zeros([1, 12], (Kind::Float, tch::Device::Cpu)).set_requires_grad(true);
        cross_entropy(&logits, &Tensor::from_slice(&[NONE_TARGET]), &uniform(), 0.0).unwrap().backward();
        let gradient = logits.grad();
        assert!((0..12).all(|class| gradient.double_value(&[0, class]) > 0.0));
    }

    #[test]
    fn without_a_thirteenth_weight_only_the_twelve_compete() {
        let logits = Tensor::zeros([1, 12], (Kind::Float, tch::Device::Cpu));
        let twelve = Tensor::ones([12], (Kind::Float, tch::Device::Cpu));
        let of = |weights: &Tensor| {
            let loss = cross_entropy(&logits, &Tensor::from_slice(&[3_i64]), weights, 0.0).unwrap();
            f64::try_from(loss).unwrap()
        };
        assert!((of(&uniform()) - 13_f64.ln()).abs() < 1e-6 && (of(&twelve) - 12_f64.ln()).abs() < 1e-6);
    }

    #[test]
    fn shapes_that_disagree_are_an_error() {
        let logits = Tensor::zeros([1, 12], (Kind::Float, tch::Device::Cpu));
        assert!(cross_entropy(&logits, &Tensor::from_slice(&[1_i64, 2]), &uniform(), 0.0).is_err());
    }
}
