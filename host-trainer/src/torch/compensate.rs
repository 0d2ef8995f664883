//! Rounds weights so that what their errors do to a layer's sums cancels out.
//!
//! Weights of one output are rounded one after the other, and each time those that are still to come are moved to make up
//! for the error as well as they can: by least squares over the inputs that the layer sees on calibration crops. That is
//! optimal brain surgery (Hassibi and Stork 1993) with its order fixed, as GPTQ has it (Frantar and others 2023).

use tch::{Kind, TchError, Tensor};

use crate::quantize::weights::level;

/// Added to the squares of every input, as a share of their mean: few crops do not show all that inputs can be.
const DAMPING: f64 = 0.01;

/// How the error of each weight of a layer is made up for by those behind it.
#[derive(Clone, Debug)]
pub struct Compensation {
    /// The order in which the weights of an output are rounded: those with the largest inputs first, while there are many
    /// others to make up for them.
    order: Vec<usize>,
    /// For each weight in that order, by how much each weight is lowered for one unit of its error.
    shares: Vec<f32>,
}

impl Compensation {
    /// From the sums of products of each two inputs, `[inputs, inputs]`.
    ///
    /// # Errors
    /// When libtorch fails, or the products are not finite.
    pub fn new(moments: &Tensor) -> Result<Self, TchError> {
        let squares = moments.f_diagonal(0, 0, 1)?;
        let order = squares.f_argsort_stable(true, 0, true)?;
        let sorted = moments.f_to_kind(Kind::Double)?.f_index_select(0, &order)?.f_index_select(1, &order)?;
        let damping = squares.f_to_kind(Kind::Double)?.f_mean(Kind::Double)?.f_mul_scalar(DAMPING)?;
        // Where no input was ever other than 0, anything will do.
        let damping = damping.f_clamp_min(f64::from(f32::MIN_POSITIVE))?;
        let size = order.size()[0];
        let damped = sorted.f_add(&Tensor::f_eye(size, (Kind::Double, sorted.device()))?.f_mul(&damping)?)?;
        let inverse = damped.f_linalg_cholesky(false)?.f_cholesky_inverse(false)?;
        let upper = inverse.f_linalg_cholesky(true)?;
        let shares = upper.f_div(&upper.f_diagonal(0, 0, 1)?.f_unsqueeze(1)?)?;
        Ok(Self {
            order: Vec::<i64>::try_from(&order)?.into_iter().map(|at| at as usize).collect(),
            shares: Vec::<f32>::try_from(shares.f_flatten(0, -1)?.f_to_kind(Kind::Float)?)?,
        })
    }

    /// The levels of one output's weights at `scale`.
    ///
    /// # Panics
    /// When there are not as many weights as inputs.
    pub fn round(&self, weights: &[f32], scale: f32) -> Vec<i8> {
        assert_eq!(weights.len(), self.order.len(), "one weight an input");
        let mut left: Vec<f32> = self.order.iter().map(|at| weights[*at]).collect();
        let mut levels = vec![0; weights.len()];
        for (turn, (at, shares)) in self.order.iter().zip(self.shares.chunks_exact(weights.len())).enumerate() {
            levels[*at] = level(left[turn], scale);
            let error = left[turn] - f32::from(levels[*at]) * scale;
            for (weight, share) in left[turn + 1..].iter_mut().zip(&shares[turn + 1..]) {
                *weight -= error * share;
            }
        }
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: f32 = 0.1;

    /// The squared error of the sums.
    fn error(moments: &Tensor, weights: &[f32], levels: &[i8]) -> f64 {
        let errors: Vec<f32> =
            weights.iter().zip(levels).map(|(weight, level)| weight - f32::from(*level) * SCALE).collect();
        let errors = Tensor::from_slice(&errors);
        f64::try_from(errors.dot(&moments.matmul(&errors))).unwrap()
    }

    #[test]
    fn inputs_that_go_together_cancel_the_errors() {
        tch::manual_seed(3);
        let options = (Kind::Float, tch::Device::Cpu);
        // 32 inputs that are mixtures of four.
        let inputs = Tensor::randn([200, 4], options).matmul(&Tensor::randn([4, 32], options));
        let inputs = inputs + Tensor::randn([200, 32], options) * 0.05;
        let moments = inputs.tr().matmul(&inputs);
        let weights = Vec::<f32>::try_from(Tensor::randn([32], options)).unwrap();
        let compensated = Compensation::new(&moments).unwrap().round(&weights, SCALE);
        let nearest: Vec<i8> = weights.iter().map(|weight| level(*weight, SCALE)).collect();
        let (compensated, nearest) = (error(&moments, &weights, &compensated), error(&moments, &weights, &nearest));
        assert!(compensated < 0.3 * nearest, "{compensated} against {nearest}");
    }

    #[test]
    fn inputs_that_are_apart_or_never_seen_are_rounded_to_the_nearest() {
        let weights = [0.31_f32, -0.26, 0.05, 12.0, -0.149];
        let nearest = [3, -3, 0, 120, -1];
        for moments in
            [Tensor::from_slice(&[1.0_f32, 9.0, 4.0, 0.0, 2.0]).diag(0), Tensor::zeros([5, 5], tch::kind::FLOAT_CPU)]
        {
            assert_eq!(Compensation::new(&moments).unwrap().round(&weights, SCALE), nearest);
        }
    }
}
