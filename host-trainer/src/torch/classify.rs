//! One picture through a network: for tests of weights, and for looking at a single crop.

use lakshan_core::{FaceCrop, InputTensor, preprocess::SIZE};
use tch::{Device, Tensor};

use super::resnet50::{LoadError, Pass, Precision, Resnet50};
use crate::weights::Weights;

/// The logits of `crop`, one for each of the network's classes, on the CPU.
///
/// # Errors
/// When the weights do not fit.
pub fn logits(weights: &Weights, crop: &FaceCrop, precision: Precision) -> Result<Vec<f32>, LoadError> {
    let network = Resnet50::new(weights, Device::Cpu)?;
    let side = SIZE as i64;
    let input = Tensor::f_from_slice(InputTensor::from_crop(crop).values())?.f_reshape([1, 3, side, side])?;
    let pass = Pass { precision, ..Pass::EVALUATE };
    let logits = tch::no_grad(|| network.forward(&input, pass))?.f_view([-1])?;
    let mut values = vec![0.0; logits.numel()];
    let count = values.len();
    logits.f_copy_data(&mut values, count)?;
    Ok(values)
}

/// The index of the largest logit.
///
/// # Errors
/// When the weights do not fit.
pub fn top1(weights: &Weights, crop: &FaceCrop, precision: Precision) -> Result<usize, LoadError> {
    let logits = logits(weights, crop, precision)?;
    let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
    Ok(best.unwrap_or_default())
}
