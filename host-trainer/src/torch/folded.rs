//! The folded network in libtorch: f32, and int8 simulated by rounding in f32. For calibration and quick comparison.
//!
//! The simulation rounds where the exported graph has a QuantizeLinear, ties to even; its sums are f32 instead of int32,
//! so that a value on the very edge between two steps may fall to the other side.

use std::collections::BTreeMap;

use lakshan_core::{InputTensor, preprocess};
use tch::{Kind, TchError, Tensor};

use crate::onnx::{FoldedConv, FoldedNetwork};
use crate::quantize::{INPUT_POINT, MAX_LEVEL, POOL_POINT, Quantization};

/// libtorch could not compute something.
#[derive(Debug, thiserror::Error)]
#[error("libtorch failed")]
pub struct FoldedError(#[from] TchError);

/// Where in the network a tensor was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen<'a> {
    /// A layer's output before addition and ReLU, by the layer's name.
    Sum(&'a str),
    /// A tensor that the int8 graph rounds, by its point's name.
    Point(&'a str),
}

/// A layer's parameters.
struct Layer {
    weight: Tensor,
    bias: Tensor,
    stride: i64,
    padding: i64,
}

struct Block {
    name: String,
    convs: [String; 3],
    downsample: Option<String>,
}

/// A network whose parameters are libtorch tensors.
pub struct Folded {
    layers: BTreeMap<String, Layer>,
    stem: String,
    blocks: Vec<Block>,
    dense: String,
    /// Step of every rounded tensor; empty in f32.
    scales: BTreeMap<String, f32>,
}

impl Folded {
    /// The network in f32.
    ///
    /// # Errors
    /// When libtorch refuses the tensors.
    pub fn new(network: &FoldedNetwork) -> Result<Self, FoldedError> {
        Self::build(network, None)
    }

    /// The network as its int8 graph computes it.
    ///
    /// # Errors
    /// When libtorch refuses the tensors.
    pub fn simulating(network: &FoldedNetwork, quantization: &Quantization) -> Result<Self, FoldedError> {
        Self::build(network, Some(quantization))
    }

    fn build(network: &FoldedNetwork, quantization: Option<&Quantization>) -> Result<Self, FoldedError> {
        let parameters = |name: &str, weight: &[f32], bias: &[f32], dims: &[i64]| {
            let rounded = quantization.map(|q| q.layer(name).dequantized());
            let (weight, bias) = rounded.as_ref().map_or((weight, bias), |(weight, bias)| (weight, bias));
            Ok::<_, TchError>((Tensor::f_from_slice(weight)?.f_reshape(dims)?, Tensor::f_from_slice(bias)?))
        };
        let mut layers = BTreeMap::new();
        for conv in network.convs() {
            let FoldedConv { outputs, inputs, kernel, .. } = *conv;
            let dims = [outputs as i64, inputs as i64, kernel as i64, kernel as i64];
            let (weight, bias) = parameters(&conv.name, &conv.weight, &conv.bias, &dims)?;
            let layer = Layer { weight, bias, stride: conv.stride as i64, padding: conv.padding() as i64 };
            layers.insert(conv.name.clone(), layer);
        }
        let dense = &network.dense;
        let dims = [dense.outputs as i64, dense.inputs as i64];
        let (weight, bias) = parameters(&dense.name, &dense.weight, &dense.bias, &dims)?;
        layers.insert(dense.name.clone(), Layer { weight, bias, stride: 1, padding: 0 });
        let blocks = network.blocks.iter().map(|block| Block {
            name: block.name.clone(),
            convs: [&block.conv1, &block.conv2, &block.conv3].map(|conv| conv.name.clone()),
            downsample: block.downsample.as_ref().map(|conv| conv.name.clone()),
        });
        Ok(Self {
            layers,
            stem: network.stem.name.clone(),
            blocks: blocks.collect(),
            dense: dense.name.clone(),
            scales: quantization.map(|q| q.scales().clone()).unwrap_or_default(),
        })
    }

    /// The outputs of a batch, one vector a picture.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn logits(&self, batch: &[InputTensor]) -> Result<Vec<Vec<f32>>, FoldedError> {
        let outputs = self.forward(batch, &mut |seen, x| self.round(seen, x))?;
        let classes = outputs.size()[1] as usize;
        Ok(values(&outputs)?.chunks_exact(classes).map(<[f32]>::to_vec).collect())
    }

    /// Shows every tensor that the int8 graph rounds: its point's name, its number of channels, its values (NCHW).
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn observe(&self, batch: &[InputTensor], mut see: impl FnMut(&str, usize, &[f32])) -> Result<(), FoldedError> {
        let _logits = self.forward(batch, &mut |seen, x| {
            if let Seen::Point(point) = seen {
                see(point, x.size()[1] as usize, &values(&x)?);
            }
            self.round(seen, x)
        })?;
        Ok(())
    }

    /// Each layer's mean output per channel, before addition and ReLU, over the batch and all places.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn mean_sums(&self, batch: &[InputTensor]) -> Result<BTreeMap<String, Vec<f32>>, FoldedError> {
        let mut means = BTreeMap::new();
        let outputs = self.forward(batch, &mut |seen, x| {
            if let Seen::Sum(layer) = seen {
                means.insert(layer.to_owned(), channel_means(&x)?);
            }
            self.round(seen, x)
        })?;
        means.insert(self.dense.clone(), channel_means(&outputs)?);
        Ok(means)
    }

    /// How much to add to each layer's bias so that its mean outputs become `targets`. Each layer is judged with all
    /// layers before it already corrected.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn bias_shifts(
        &self,
        batch: &[InputTensor],
        targets: &BTreeMap<String, Vec<f32>>,
    ) -> Result<BTreeMap<String, Vec<f32>>, FoldedError> {
        let mut shifts = BTreeMap::new();
        let shift_of = |layer: &str, x: &Tensor| {
            let shift: Vec<f32> =
                targets[layer].iter().zip(channel_means(x)?).map(|(target, mean)| target - mean).collect();
            Ok::<_, TchError>(shift)
        };
        let outputs = self.forward(batch, &mut |seen, x| {
            let Seen::Sum(layer) = seen else { return self.round(seen, x) };
            let shift = shift_of(layer, &x)?;
            let x = x.f_add(&Tensor::f_from_slice(&shift)?.f_reshape([1, -1, 1, 1])?)?;
            shifts.insert(layer.to_owned(), shift);
            Ok(x)
        })?;
        shifts.insert(self.dense.clone(), shift_of(&self.dense, &outputs)?);
        Ok(shifts)
    }

    /// Rounds a tensor at its point, as the int8 graph does; leaves it alone in f32.
    fn round(&self, seen: Seen<'_>, x: Tensor) -> Result<Tensor, TchError> {
        let Seen::Point(point) = seen else { return Ok(x) };
        match self.scales.get(point) {
            None => Ok(x),
            Some(scale) => x.f_fake_quantize_per_tensor_affine(f64::from(*scale), 0, -MAX_LEVEL - 1, MAX_LEVEL),
        }
    }

    fn forward(
        &self,
        batch: &[InputTensor],
        hook: &mut dyn FnMut(Seen<'_>, Tensor) -> Result<Tensor, TchError>,
    ) -> Result<Tensor, FoldedError> {
        let _no_gradients = tch::no_grad_guard();
        let side = preprocess::SIZE as i64;
        let pixels: Vec<f32> = batch.iter().flat_map(|input| input.values().iter().copied()).collect();
        let mut x = Tensor::f_from_slice(&pixels)?.f_reshape([batch.len() as i64, 3, side, side])?;
        x = hook(Seen::Point(INPUT_POINT), x)?;
        x = self.conv(&self.stem, &x, hook)?.f_relu_()?;
        x = hook(Seen::Point(&self.stem), x)?;
        x = x.f_max_pool2d([3, 3], [2, 2], [1, 1], [1, 1], false)?;
        for block in &self.blocks {
            let skip = match &block.downsample {
                Some(name) => {
                    let skip = self.conv(name, &x, hook)?;
                    hook(Seen::Point(name), skip)?
                }
                None => x.shallow_clone(),
            };
            for name in &block.convs[..2] {
                x = self.conv(name, &x, hook)?.f_relu_()?;
                x = hook(Seen::Point(name), x)?;
            }
            x = self.conv(&block.convs[2], &x, hook)?.f_add_(&skip)?.f_relu_()?;
            x = hook(Seen::Point(&block.name), x)?;
        }
        x = x.f_mean_dim([2_i64, 3].as_slice(), true, Kind::Float)?;
        x = hook(Seen::Point(POOL_POINT), x)?;
        let dense = &self.layers[&self.dense];
        Ok(x.f_flatten(1, -1)?.f_linear(&dense.weight, Some(&dense.bias))?)
    }

    fn conv(
        &self,
        name: &str,
        x: &Tensor,
        hook: &mut dyn FnMut(Seen<'_>, Tensor) -> Result<Tensor, TchError>,
    ) -> Result<Tensor, TchError> {
        let Layer { weight, bias, stride, padding } = &self.layers[name];
        let y = x.f_conv2d(weight, Some(bias), [*stride; 2], [*padding; 2], [1, 1], 1)?;
        hook(Seen::Sum(name), y)
    }
}

/// Means over the batch and all places: one value a channel.
fn channel_means(x: &Tensor) -> Result<Vec<f32>, TchError> {
    let dims: &[i64] = if x.dim() == 4 { &[0, 2, 3] } else { &[0] };
    values(&x.f_mean_dim(dims, false, Kind::Float)?)
}

fn values(x: &Tensor) -> Result<Vec<f32>, TchError> {
    let x = x.f_contiguous()?;
    let mut values = vec![0.0; x.numel()];
    x.f_copy_data(&mut values, x.numel())?;
    Ok(values)
}
