//! Rounds a layer's weights to int8 per output channel, and its biases to int32.

use rayon::prelude::*;

use super::MAX_LEVEL;
use crate::torch::compensate::Compensation;

/// The largest bias, so that adding the sum of a convolution cannot overflow 32 bits.
const MAX_BIAS: f64 = (1 << 30) as f64;
/// Shares of a channel's largest weight that are tried as its range.
const RANGE_SHARES: [f32; 17] =
    [1.0, 0.98, 0.96, 0.94, 0.92, 0.9, 0.88, 0.86, 0.84, 0.82, 0.8, 0.78, 0.76, 0.74, 0.72, 0.7, 0.65];

/// A layer in integers: `y = (sum(weight * x) + bias) * weight_scale * input_scale`.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantizedLayer {
    /// In the layout of the layer's f32 weights, -127 to 127.
    pub weight: Vec<i8>,
    /// Step of each output channel's weights.
    pub weight_scale: Vec<f32>,
    /// One value an output channel.
    pub bias: Vec<i32>,
    /// Step of the layer's input.
    pub input_scale: f32,
}

impl QuantizedLayer {
    /// Rounds a layer, each channel at the step with the least squared error: to the nearest levels, or so that errors
    /// make up for each other.
    ///
    /// # Panics
    /// When the compensation is another layer's.
    pub fn new(weight: &[f32], bias: &[f32], input_scale: f32, compensation: Option<&Compensation>) -> Self {
        let per_output = weight.len() / bias.len();
        let mut layer = Self { weight: Vec::new(), weight_scale: Vec::new(), bias: Vec::new(), input_scale };
        for (values, bias) in weight.chunks_exact(per_output).zip(bias) {
            // A channel of tiny weights and a large bias gets a step at which the bias still fits.
            let least = (f64::from(bias.abs()) / (MAX_BIAS * f64::from(input_scale))) as f32;
            let scale = best_scale(values).max(least).max(f32::MIN_POSITIVE * 1e6);
            layer.weight_scale.push(scale);
        }
        layer.set(weight, bias);
        if let Some(compensation) = compensation {
            let channels = weight.par_chunks_exact(per_output).zip(&layer.weight_scale);
            layer.weight = channels.flat_map_iter(|(values, scale)| compensation.round(values, *scale)).collect();
        }
        layer
    }

    /// Rounds other values to the nearest levels of the same steps.
    ///
    /// # Panics
    /// When there are not as many biases as channels.
    pub fn set(&mut self, weight: &[f32], bias: &[f32]) {
        assert_eq!(bias.len(), self.weight_scale.len(), "one bias a channel");
        let channels = weight.chunks_exact(weight.len() / bias.len()).zip(&self.weight_scale);
        self.weight = channels.flat_map(|(values, scale)| values.iter().map(|v| level(*v, *scale))).collect();
        let biases = bias.iter().zip(self.bias_scale()).map(|(bias, scale)| {
            (f64::from(*bias) / f64::from(scale)).round_ties_even().clamp(-MAX_BIAS, MAX_BIAS) as i32
        });
        self.bias = biases.collect();
    }

    /// Adds to the biases, one value an output channel.
    pub fn add_to_bias(&mut self, values: &[f64]) {
        let scales = self.bias_scale();
        for ((bias, value), scale) in self.bias.iter_mut().zip(values).zip(scales) {
            let raised = f64::from(*bias) + (value / f64::from(scale)).round_ties_even();
            *bias = raised.clamp(-MAX_BIAS, MAX_BIAS) as i32;
        }
    }

    /// Step of each output channel's bias and sum: weight step times input step.
    pub fn bias_scale(&self) -> Vec<f32> {
        self.weight_scale.iter().map(|scale| scale * self.input_scale).collect()
    }

    /// Weights and biases as the integers stand for.
    pub fn dequantized(&self) -> (Vec<f32>, Vec<f32>) {
        let per_output = self.weight.len() / self.bias.len();
        let channels = self.weight.chunks_exact(per_output).zip(&self.weight_scale);
        let weight = channels.flat_map(|(values, scale)| values.iter().map(move |v| f32::from(*v) * scale)).collect();
        let bias = self.bias.iter().zip(self.bias_scale()).map(|(bias, scale)| *bias as f32 * scale).collect();
        (weight, bias)
    }
}

/// The level nearest to a weight.
pub(crate) fn level(value: f32, scale: f32) -> i8 {
    (value / scale).round_ties_even().clamp(-(MAX_LEVEL as f32), MAX_LEVEL as f32) as i8
}

/// The step with the least squared error over a channel.
fn best_scale(values: &[f32]) -> f32 {
    let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let error = |scale: f32| -> f64 {
        values.iter().map(|value| f64::from(value - f32::from(level(*value, scale)) * scale).powi(2)).sum()
    };
    let scales = RANGE_SHARES.map(|share| share * largest / MAX_LEVEL as f32);
    if largest < f32::MIN_POSITIVE * 1e8 {
        return scales[0];
    }
    scales.into_iter().map(|scale| (scale, error(scale))).min_by(|a, b| a.1.total_cmp(&b.1)).expect("not empty").0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_even_within_127() {
        let layer = QuantizedLayer::new(&[127.0, 0.5, 1.5, -127.0], &[10.0], 0.5, None);
        assert_eq!(layer.weight, [127, 0, 2, -127]);
        assert_eq!(layer.bias, [20], "bias step is 1 * 0.5");
        assert_eq!(layer.dequantized().1, [10.0]);
    }

    #[test]
    fn a_bias_moves_by_whole_steps_and_stays_within_its_range() {
        let mut layer = QuantizedLayer::new(&[127.0, 127.0], &[10.0, 0.0], 0.5, None);
        layer.add_to_bias(&[-1.2, 1e12]);
        assert_eq!(layer.bias, [18, 1 << 30]);
    }

    #[test]
    fn every_channel_has_its_own_step() {
        let layer = QuantizedLayer::new(&[1.0, -0.5, 0.01, 0.005], &[0.0, 0.0], 1.0, None);
        assert!((layer.weight_scale[0] / layer.weight_scale[1] - 100.0).abs() < 1.0);
        let (weight, _) = layer.dequantized();
        for (found, expected) in weight.iter().zip([1.0, -0.5, 0.01, 0.005]) {
            assert!((found - expected).abs() <= expected.abs() * 0.02, "{found} for {expected}");
        }
    }

    #[test]
    fn a_dead_channel_keeps_its_bias() {
        let layer = QuantizedLayer::new(&[0.0, 0.0, 1e-30, 0.0], &[3.0, -2.0], 0.01, None);
        let (weight, bias) = layer.dequantized();
        assert!(weight.iter().all(|value| value.abs() < 1e-6));
        assert!((bias[0] - 3.0).abs() < 1e-5 && (bias[1] + 2.0).abs() < 1e-5, "{bias:?}");
    }
}
