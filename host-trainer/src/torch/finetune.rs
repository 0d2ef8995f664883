//! Quantization-aware fine-tuning: the f32 network teaches the rounded one to give the same answers.
//!
//! Weights, biases and the steps of the activations move; the steps of the weights stay. The target is the f32 network's output, not the label: what is
//! wanted is the same network in eight bits, not another one. Views are varied as in training, and need no label.

use std::sync::Arc;

use lakshan_core::preprocess;
use tch::{Device, Kind, TchError, Tensor};

use super::folded::{Folded, FoldedError, Outputs, values};
use super::loader::{Drawing, Example, Loader, Plan};
use super::optimizer::{Algorithm, Optimizer};
use super::recipe::Recipe;
use crate::dataset::crops::CropCache;
use crate::onnx::FoldedNetwork;
use crate::quantize::calibrate::Quantized;

/// Weight of the pooled features' error beside that of the logits.
const FEATURE_WEIGHT: f64 = 0.5;
/// Largest norm of the gradient.
const CLIP: f64 = 1.0;
/// How much faster the steps of the activations learn than the weights do.
const STEP_RATE: f64 = 5.0;
/// Share of the steps in which the rate rises.
const WARMUP: f64 = 0.05;

/// Choices of the fine-tuning.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Options {
    /// Steps of the optimizer; some hundreds.
    pub steps: usize,
    /// Photographs in a batch.
    pub batch: usize,
    /// Side of the pictures; smaller ones take less time, and round alike.
    pub side: usize,
    /// Learning rate, relative to the size of each tensor's values.
    pub rate: f64,
    /// Seed of the views and of their order.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { steps: 300, batch: 16, side: preprocess::SIZE, rate: 2e-4, seed: 1 }
    }
}

/// Fine-tuning cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum FinetuneError {
    /// libtorch.
    #[error(transparent)]
    Torch(#[from] FoldedError),
    /// A crop.
    #[error("cannot read a face crop")]
    Crop(#[source] std::io::Error),
    /// Too high a rate, mostly.
    #[error("the rounded network's output is no longer a finite number")]
    NotFinite,
}

impl From<TchError> for FinetuneError {
    fn from(error: TchError) -> Self {
        Self::Torch(error.into())
    }
}

/// Fine-tunes `quantized` on the crops of `photos`. `done` is told the loss of each step: the squared error of logits and
/// features as a share of their variance.
///
/// # Errors
/// When a crop cannot be read or libtorch fails; `quantized` is as it was then.
pub fn finetune(
    quantized: &mut Quantized,
    crops: &Arc<CropCache>,
    photos: &[usize],
    options: Options,
    device: Device,
    mut done: impl FnMut(f64),
) -> Result<(), FinetuneError> {
    let teacher = Folded::on(&quantized.network, device)?;
    let student = Folded::learning(&quantized.network, &quantized.quantization, device)?;
    let mut optimizer = Optimizer::new(Algorithm::AdamW, slots(&student)?);
    let examples: Vec<Example> = photos.iter().map(|photo| Example { photo: *photo, target: 0 }).collect();
    let mut step = 0;
    let views = Recipe::default().views;
    for epoch in 0.. {
        if step >= options.steps || examples.is_empty() {
            break;
        }
        let views = Drawing { views: views.clone(), seed: options.seed, epoch: Some(epoch) };
        let plan = Plan {
            batch: options.batch,
            side: options.side,
            order: Some((options.seed, epoch)),
            views: Some(views),
            skip: 0,
        };
        for batch in Loader::start(Arc::clone(crops), &examples, plan).take(options.steps - step) {
            let (pictures, _) = batch.map_err(FinetuneError::Crop)?.to_device(device)?;
            let wanted = tch::no_grad(|| teacher.run(&pictures))?;
            optimizer.zero_gradients();
            let loss = loss(&student.run(&pictures)?, &wanted)?;
            let value = f64::try_from(&loss)?;
            if !value.is_finite() {
                return Err(FinetuneError::NotFinite);
            }
            loss.f_backward()?;
            optimizer.clip_gradients(CLIP)?;
            optimizer.step(rate(options, step), 0.0)?;
            step += 1;
            done(value);
        }
    }
    let steps = student.learned_steps().map(|(point, step)| Ok((point, values(step)?[0])));
    let steps = steps.collect::<Result<Vec<_>, TchError>>()?;
    let layers = student.parameters().map(|(name, weight, bias)| Ok((name, values(weight)?, values(bias)?)));
    let layers = layers.collect::<Result<Vec<_>, TchError>>()?;
    for (point, step) in steps {
        quantized.quantization.set_scale(point, step.max(f32::MIN_POSITIVE * 1e6));
    }
    for (name, weight, bias) in layers {
        quantized.quantization.set_layer(name, &weight, &bias);
        set_layer(&mut quantized.network, name, weight, bias);
    }
    Ok(())
}

/// Rises, then falls along a cosine to nothing.
fn rate(options: Options, step: usize) -> f64 {
    let at = (step as f64 + 1.0) / options.steps as f64;
    let warm = (at / WARMUP).min(1.0);
    options.rate * warm * (1.0 + (at.min(1.0) * std::f64::consts::PI).cos()) / 2.0
}

/// Every tensor, its rate in proportion to its values: layers of very different size learn alike.
fn slots(student: &Folded) -> Result<Vec<(String, Tensor, f64)>, TchError> {
    let size = |x: &Tensor| f64::try_from(x.f_detach()?.f_square()?.f_mean(Kind::Float)?.f_sqrt()?);
    let mut slots = Vec::new();
    for (name, weight, bias) in student.parameters() {
        slots.push((format!("{name}.weight"), weight.shallow_clone(), size(weight)?));
        slots.push((format!("{name}.bias"), bias.shallow_clone(), size(bias)?));
    }
    for (point, step) in student.learned_steps() {
        slots.push((format!("{point}.step"), step.shallow_clone(), STEP_RATE * size(step)?));
    }
    Ok(slots)
}

fn loss(found: &Outputs, wanted: &Outputs) -> Result<Tensor, TchError> {
    let features = relative_error(&found.features, &wanted.features)?.f_mul_scalar(FEATURE_WEIGHT)?;
    relative_error(&found.logits, &wanted.logits)?.f_add(&features)
}

/// Squared error as a share of the spread of what is wanted.
fn relative_error(found: &Tensor, wanted: &Tensor) -> Result<Tensor, TchError> {
    let spread = wanted.f_sub(&wanted.f_mean_dim([1_i64].as_slice(), true, Kind::Float)?)?.f_square()?;
    let error = found.f_sub(wanted)?.f_square()?.f_mean(Kind::Float)?;
    error.f_div(&spread.f_mean(Kind::Float)?.f_clamp_min(f64::from(f32::MIN_POSITIVE))?)
}

fn set_layer(network: &mut FoldedNetwork, name: &str, weight: Vec<f32>, bias: Vec<f32>) {
    if network.dense.name == name {
        (network.dense.weight, network.dense.bias) = (weight, bias);
    } else if let Some(conv) = network.convs_mut().find(|conv| conv.name == name) {
        (conv.weight, conv.bias) = (weight, bias);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::onnx::fold::tests::{crops, toy};
    use crate::quantize::calibrate::{Observed, Reference};
    use crate::quantize::equalise::Equalise;
    use crate::quantize::ranges::RangeMethod;
    use crate::quantize::unsigned::Unsigned;
    use crate::quantize::{INPUT_POINT, Quantization, Step};

    #[test]
    fn the_rounded_network_comes_nearer() {
        let network = toy(8, 2, 12);
        let crops = crops(12);
        let mut quantized = Observed::new(network.clone(), &crops, Equalise::None, |_| ())
            .unwrap()
            .quantize(RangeMethod::MinMax, Unsigned::None);
        // Coarse steps: about four bits where the toy network would need few more.
        let coarse = quantized.quantization.steps().iter().map(|(point, step)| match point.as_str() {
            INPUT_POINT => (point.clone(), *step),
            _ => (point.clone(), Step { scale: step.scale * 8.0, ..*step }),
        });
        quantized.quantization = Quantization::new(&network, coarse.collect(), &BTreeMap::new());
        let reference = Reference::new(&network, &crops, |_| ()).unwrap();
        let error = |quantized: &Quantized| reference.compare(quantized, |_| ()).unwrap().relative_error;
        let before = error(&quantized);
        let folder = tempfile::tempdir().unwrap();
        let bytes: Vec<Vec<u8>> = crops.iter().map(|crop| crop.frame().rgb().to_vec()).collect();
        let cache = Arc::new(CropCache::of_crops(&folder.path().join("crops.rgb"), &bytes).unwrap());
        let photos: Vec<usize> = (0..12).collect();
        let options = Options { steps: 40, batch: 6, rate: 3e-3, ..Options::default() };
        let mut losses = Vec::new();
        finetune(&mut quantized, &cache, &photos, options, Device::Cpu, |loss| losses.push(loss)).unwrap();
        let after = error(&quantized);
        assert_eq!(losses.len(), 40);
        assert!(after < 0.7 * before, "{before} before, {after} after");
    }

    #[test]
    fn the_rate_rises_and_falls_to_nothing() {
        let options = Options { steps: 100, ..Options::default() };
        assert!(rate(options, 0) < rate(options, 4));
        assert!(rate(options, 50) < rate(options, 10));
        assert!(rate(options, 99) < 1e-6);
    }
}
