//! Quantization: bytes with zero point 0, weights per output channel, activations per tensor.
//!
//! Activations are calibrated on crops of the training split: [`statistics`] are gathered in f32, [`equalise`] moves
//! scale between channels, [`unsigned`] says which tensors use all 256 levels for what is not negative, [`ranges`] picks
//! each tensor's step, [`weights`] rounds each channel, [`compensate`](crate::torch::compensate) makes the errors cancel, and [`calibrate`] runs it
//! all. [`finetune`](crate::torch::finetune) then lets the rounded network learn the f32 network's logits.

pub mod calibrate;
pub mod equalise;
pub mod ranges;
pub mod statistics;
pub mod unsigned;
pub mod weights;

use std::collections::BTreeMap;

use crate::onnx::FoldedNetwork;
use crate::torch::compensate::Compensation;

pub use weights::QuantizedLayer;

/// Name of the input's point; its step is exactly 1, because pixels - 128 are whole numbers already.
pub const INPUT_POINT: &str = "input";
/// Name of the point behind the global average pool.
pub const POOL_POINT: &str = "avgpool";
/// The largest level of a weight.
pub const MAX_LEVEL: i64 = 127;

/// How an activation is rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The value of one step.
    pub scale: f32,
    /// Whether levels are 0 to 255, not -128 to 127.
    pub unsigned: bool,
}

impl Step {
    /// The lowest level.
    pub fn lowest(self) -> i64 {
        if self.unsigned { 0 } else { -128 }
    }

    /// The highest level.
    pub fn highest(self) -> i64 {
        if self.unsigned { 255 } else { 127 }
    }
}

/// All integers of the int8 network: each layer's, and the step of each rounded tensor.
///
/// Points are named after the tensor's layer: `conv1`, `layer1.0.conv1`, `layer1.0.downsample`, `layer1.0` (the block's
/// output), [`INPUT_POINT`] and [`POOL_POINT`].
#[derive(Clone, Debug, PartialEq)]
pub struct Quantization {
    layers: BTreeMap<String, QuantizedLayer>,
    /// The point that each layer reads.
    inputs: BTreeMap<String, String>,
    steps: BTreeMap<String, Step>,
}

impl Quantization {
    /// Rounds the weights of `network` for activations with `steps`, one for each of [`points`]; to the nearest levels
    /// where a layer has no `compensation`.
    ///
    /// # Panics
    /// When a point of the network has no step, or a compensation is another layer's.
    pub fn new(
        network: &FoldedNetwork,
        steps: BTreeMap<String, Step>,
        compensation: &BTreeMap<String, Compensation>,
    ) -> Self {
        let (mut layers, mut inputs) = (BTreeMap::new(), BTreeMap::new());
        let mut add = |name: &str, point: &str, weight: &[f32], bias: &[f32]| {
            inputs.insert(name.to_owned(), point.to_owned());
            let layer = QuantizedLayer::new(weight, bias, steps[point].scale, compensation.get(name));
            layers.insert(name.to_owned(), layer);
        };
        add(&network.stem.name, INPUT_POINT, &network.stem.weight, &network.stem.bias);
        let mut point = network.stem.name.as_str();
        for block in &network.blocks {
            let first = block.downsample.iter().chain([&block.conv1]).map(|conv| (conv, point));
            let second = [(&block.conv2, block.conv1.name.as_str()), (&block.conv3, block.conv2.name.as_str())];
            for (conv, point) in first.chain(second) {
                add(&conv.name, point, &conv.weight, &conv.bias);
            }
            point = &block.name;
        }
        let dense = &network.dense;
        add(&dense.name, POOL_POINT, &dense.weight, &dense.bias);
        Self { layers, inputs, steps }
    }

    /// The integers of a layer.
    ///
    /// # Panics
    /// When there is no such layer.
    pub fn layer(&self, name: &str) -> &QuantizedLayer {
        self.layers.get(name).unwrap_or_else(|| panic!("layer {name} was not quantized"))
    }

    /// Rounds new values of a layer at the steps that it has.
    ///
    /// # Panics
    /// When there is no such layer, or it has another shape.
    pub fn set_layer(&mut self, name: &str, weight: &[f32], bias: &[f32]) {
        self.layers.get_mut(name).unwrap_or_else(|| panic!("layer {name} was not quantized")).set(weight, bias);
    }

    /// Adds to the biases of a layer, whose weights stay as they are rounded.
    ///
    /// # Panics
    /// When there is no such layer.
    pub fn add_to_bias(&mut self, name: &str, values: &[f64]) {
        self.layers.get_mut(name).unwrap_or_else(|| panic!("layer {name} was not quantized")).add_to_bias(values);
    }

    /// Changes the step of a point. The layers that read it are to be set anew.
    ///
    /// # Panics
    /// When there is no such point.
    pub fn set_scale(&mut self, point: &str, scale: f32) {
        self.steps.get_mut(point).unwrap_or_else(|| panic!("point {point} was not calibrated")).scale = scale;
        for (layer, _) in self.inputs.iter().filter(|(_, input)| *input == point) {
            self.layers.get_mut(layer).expect("every layer has a point").input_scale = scale;
        }
    }

    /// The step of a point.
    ///
    /// # Panics
    /// When there is no such point.
    pub fn step(&self, point: &str) -> Step {
        *self.steps.get(point).unwrap_or_else(|| panic!("point {point} was not calibrated"))
    }

    /// The steps of all points.
    pub fn steps(&self) -> &BTreeMap<String, Step> {
        &self.steps
    }
}

/// The points of a network, in the order of the data.
pub fn points(network: &FoldedNetwork) -> Vec<String> {
    let mut points = vec![INPUT_POINT.to_owned(), network.stem.name.clone()];
    for block in &network.blocks {
        points.extend(block.downsample.iter().chain([&block.conv1, &block.conv2]).map(|conv| conv.name.clone()));
        points.push(block.name.clone());
    }
    points.push(POOL_POINT.to_owned());
    points
}
