//! Quantization: symmetric int8 with zero point 0, weights per output channel, activations per tensor.
//!
//! Activations are calibrated on crops of the training split: [`statistics`] are gathered in f32, [`equalise`] moves
//! scale between channels, [`ranges`] picks each tensor's step, [`weights`] rounds each channel, and [`calibrate`] runs
//! it all. [`finetune`](crate::torch::finetune) then lets the rounded network learn the f32 network's logits.

pub mod calibrate;
pub mod equalise;
pub mod ranges;
pub mod statistics;
pub mod weights;

use std::collections::BTreeMap;

use crate::onnx::FoldedNetwork;

pub use weights::QuantizedLayer;

/// Name of the input's point; its step is exactly 1, because pixels - 128 are whole numbers already.
pub const INPUT_POINT: &str = "input";
/// Name of the point behind the global average pool.
pub const POOL_POINT: &str = "avgpool";
/// The largest level of a weight or an activation. Past a ReLU, activations are 0..=127: seven bits, so that two
/// products fit into 16 bits on every processor.
pub const MAX_LEVEL: i64 = 127;

/// All integers of the int8 network: each layer's, and the step of each rounded tensor.
///
/// Points are named after the tensor's layer: `conv1`, `layer1.0.conv1`, `layer1.0.downsample`, `layer1.0` (the block's
/// output), [`INPUT_POINT`] and [`POOL_POINT`].
#[derive(Clone, Debug, PartialEq)]
pub struct Quantization {
    layers: BTreeMap<String, QuantizedLayer>,
    /// The point that each layer reads.
    inputs: BTreeMap<String, String>,
    scales: BTreeMap<String, f32>,
}

impl Quantization {
    /// Rounds the weights of `network` for activations with the steps `scales`, one for each of [`points`].
    ///
    /// # Panics
    /// When a point of the network has no step.
    pub fn new(network: &FoldedNetwork, scales: BTreeMap<String, f32>) -> Self {
        let (mut layers, mut inputs) = (BTreeMap::new(), BTreeMap::new());
        let mut add = |name: &str, point: &str, weight: &[f32], bias: &[f32]| {
            inputs.insert(name.to_owned(), point.to_owned());
            layers.insert(name.to_owned(), QuantizedLayer::new(weight, bias, scales[point]));
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
        Self { layers, inputs, scales }
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

    /// Changes the step of a point. The layers that read it are to be set anew.
    ///
    /// # Panics
    /// When there is no such point.
    pub fn set_scale(&mut self, point: &str, scale: f32) {
        *self.scales.get_mut(point).unwrap_or_else(|| panic!("point {point} was not calibrated")) = scale;
        for (layer, _) in self.inputs.iter().filter(|(_, input)| *input == point) {
            self.layers.get_mut(layer).expect("every layer has a point").input_scale = scale;
        }
    }

    /// The step of a point.
    ///
    /// # Panics
    /// When there is no such point.
    pub fn scale(&self, point: &str) -> f32 {
        *self.scales.get(point).unwrap_or_else(|| panic!("point {point} was not calibrated"))
    }

    /// The steps of all points.
    pub fn scales(&self) -> &BTreeMap<String, f32> {
        &self.scales
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
