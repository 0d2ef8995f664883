//! The folded network in libtorch: f32, int8 simulated by rounding in f32, and int8 that learns.
//!
//! The simulation rounds where the exported graph has a QuantizeLinear, ties to even; its sums are f32 instead of int32,
//! so that a value on the very edge between two steps may fall to the other side. A network that learns keeps f32
//! weights and rounds them in every pass; gradients go straight through the rounding of what is within the range
//! (Bengio and others 2013).

use std::collections::BTreeMap;

use lakshan_core::{InputTensor, preprocess};
use tch::{Device, Kind, TchError, Tensor};

use crate::onnx::{FoldedConv, FoldedNetwork};
use crate::quantize::{INPUT_POINT, MAX_LEVEL, POOL_POINT, Quantization, Step};

/// libtorch could not compute something.
#[derive(Debug, thiserror::Error)]
#[error("libtorch failed")]
pub struct FoldedError(#[from] TchError);

/// A layer's parameters.
struct Layer {
    weight: Tensor,
    bias: Tensor,
    /// Steps of the weights, one an output channel, where they are still to be rounded.
    weight_scale: Option<Tensor>,
    stride: i64,
    padding: i64,
}

impl Layer {
    fn weight(&self) -> Result<Tensor, TchError> {
        let Some(scale) = &self.weight_scale else { return Ok(self.weight.shallow_clone()) };
        let zero_points = scale.f_zeros_like()?.f_to_kind(Kind::Int)?;
        self.weight.f_fake_quantize_per_channel_affine(scale, &zero_points, 0, -MAX_LEVEL, MAX_LEVEL)
    }
}

struct Block {
    name: String,
    convs: [String; 3],
    downsample: Option<String>,
}

/// What a network says of a batch.
pub(crate) struct Outputs {
    /// The pooled features, rounded in int8: `[n, features]`.
    pub(crate) features: Tensor,
    /// `[n, classes]`.
    pub(crate) logits: Tensor,
}

/// How a tensor is rounded.
struct Rounding {
    step: Step,
    /// The step's scale where it is learned, `[1]`. Its gradient is that of learned step size quantization (Esser and
    /// others 2020).
    learned: Option<Tensor>,
}

impl Rounding {
    fn round(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let (lowest, highest) = (self.step.lowest(), self.step.highest());
        match &self.learned {
            None => x.f_fake_quantize_per_tensor_affine(f64::from(self.step.scale), 0, lowest, highest),
            Some(scale) => {
                let size = (x.numel() as f64 * highest as f64).sqrt().recip();
                let zero_point = scale.f_detach()?.f_zeros_like()?;
                x.f_internal_fake_quantize_learnable_per_tensor_affine(scale, &zero_point, lowest, highest, size)
            }
        }
    }
}

/// What becomes of a tensor that the int8 graph rounds, by its point's name.
type Hook<'a> = dyn FnMut(&str, Tensor) -> Result<Tensor, TchError> + 'a;

/// Is shown what each layer reads.
type Reader<'a> = dyn FnMut(&str, &Tensor) -> Result<(), TchError> + 'a;

/// A network whose parameters are libtorch tensors.
pub struct Folded {
    layers: BTreeMap<String, Layer>,
    stem: String,
    blocks: Vec<Block>,
    dense: String,
    /// Of every rounded tensor; empty in f32.
    roundings: BTreeMap<String, Rounding>,
    device: Device,
}

impl Folded {
    /// The network in f32, on the CPU.
    ///
    /// # Errors
    /// When libtorch refuses the tensors.
    pub fn new(network: &FoldedNetwork) -> Result<Self, FoldedError> {
        Self::on(network, Device::Cpu)
    }

    /// The network in f32.
    ///
    /// # Errors
    /// When libtorch refuses the tensors.
    pub fn on(network: &FoldedNetwork, device: Device) -> Result<Self, FoldedError> {
        Self::build(network, BTreeMap::new(), device, |_, weight, bias| Parameters::plain(weight, bias))
    }

    /// The network as its int8 graph computes it, on the CPU.
    ///
    /// # Errors
    /// When libtorch refuses the tensors.
    pub fn simulating(network: &FoldedNetwork, quantization: &Quantization) -> Result<Self, FoldedError> {
        let roundings =
            quantization.steps().iter().map(|(point, step)| (point.clone(), Rounding { step: *step, learned: None }));
        Self::build(network, roundings.collect(), Device::Cpu, |name, _, _| {
            let (weight, bias) = quantization.layer(name).dequantized();
            Parameters::plain(&weight, &bias)
        })
    }

    /// The network with parameters that can be trained: f32 weights and biases, rounded in every pass, and the steps of
    /// all activations but the input's, all from those of `quantization` on.
    ///
    /// # Errors
    /// When libtorch refuses the tensors.
    pub(crate) fn learning(
        network: &FoldedNetwork,
        quantization: &Quantization,
        device: Device,
    ) -> Result<Self, FoldedError> {
        let roundings = quantization.steps().iter().map(|(point, step)| {
            let learned = match point.as_str() {
                INPUT_POINT => None,
                _ => Some(Tensor::f_from_slice(&[step.scale])?.f_to(device)?.f_set_requires_grad(true)?),
            };
            Ok::<_, TchError>((point.clone(), Rounding { step: *step, learned }))
        });
        let roundings = roundings.collect::<Result<_, _>>()?;
        let mut folded = Self::build(network, roundings, device, |name, _, _| {
            let layer = quantization.layer(name);
            let (weight, bias) = layer.dequantized();
            let scale = Tensor::f_from_slice(&layer.weight_scale)?;
            Ok(Parameters { scale: Some(scale), ..Parameters::plain(&weight, &bias)? })
        })?;
        for layer in folded.layers.values_mut() {
            layer.weight = layer.weight.f_set_requires_grad(true)?;
            layer.bias = layer.bias.f_set_requires_grad(true)?;
        }
        Ok(folded)
    }

    fn build(
        network: &FoldedNetwork,
        roundings: BTreeMap<String, Rounding>,
        device: Device,
        parameters: impl Fn(&str, &[f32], &[f32]) -> Result<Parameters, TchError>,
    ) -> Result<Self, FoldedError> {
        let mut layers = BTreeMap::new();
        let mut add = |name: &str, weight: &[f32], bias: &[f32], dims: &[usize], stride: usize, padding: usize| {
            let Parameters { weight, bias, scale } = parameters(name, weight, bias)?;
            let dims: Vec<i64> = dims.iter().map(|dim| *dim as i64).collect();
            let layer = Layer {
                weight: weight.f_reshape(&dims)?.f_to(device)?,
                bias: bias.f_to(device)?,
                weight_scale: scale.map(|scale| scale.f_to(device)).transpose()?,
                stride: stride as i64,
                padding: padding as i64,
            };
            layers.insert(name.to_owned(), layer);
            Ok::<_, TchError>(())
        };
        for conv in network.convs() {
            let FoldedConv { outputs, inputs, kernel, stride, .. } = *conv;
            add(&conv.name, &conv.weight, &conv.bias, &[outputs, inputs, kernel, kernel], stride, conv.padding())?;
        }
        let dense = &network.dense;
        add(&dense.name, &dense.weight, &dense.bias, &[dense.outputs, dense.inputs], 1, 0)?;
        let blocks = network.blocks.iter().map(|block| Block {
            name: block.name.clone(),
            convs: [&block.conv1, &block.conv2, &block.conv3].map(|conv| conv.name.clone()),
            downsample: block.downsample.as_ref().map(|conv| conv.name.clone()),
        });
        let (stem, dense, blocks) = (network.stem.name.clone(), dense.name.clone(), blocks.collect());
        Ok(Self { layers, stem, blocks, dense, roundings, device })
    }

    /// The outputs of a batch, one vector a picture.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn logits(&self, batch: &[InputTensor]) -> Result<Vec<Vec<f32>>, FoldedError> {
        let logits = tch::no_grad(|| self.run(&pictures(batch)?))?.logits;
        let classes = logits.size()[1] as usize;
        Ok(values(&logits)?.chunks_exact(classes).map(<[f32]>::to_vec).collect())
    }

    /// Shows every tensor that the int8 graph rounds: its point's name, its number of channels, its values (NCHW).
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn observe(&self, batch: &[InputTensor], mut see: impl FnMut(&str, usize, &[f32])) -> Result<(), FoldedError> {
        tch::no_grad(|| {
            let mut hook = |point: &str, x: Tensor| {
                see(point, x.size()[1] as usize, &values(&x)?);
                self.round(point, x)
            };
            self.forward(&pictures(batch)?, &mut hook, &mut |_, _| Ok(()))
        })?;
        Ok(())
    }

    /// Adds, for each layer, the products of each two of its inputs, summed over all places of all pictures:
    /// `[inputs, inputs]`, in the order of the weights of one output.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn add_moments(
        &self,
        batch: &[InputTensor],
        moments: &mut BTreeMap<String, Tensor>,
    ) -> Result<(), FoldedError> {
        let mut read = |name: &str, x: &Tensor| {
            let layer = &self.layers[name];
            // `[n, inputs, places]`
            let inputs = match layer.weight.size()[..] {
                [_, _, height, width] => x.f_im2col([height, width], [1, 1], [layer.padding; 2], [layer.stride; 2])?,
                _ => x.f_unsqueeze(2)?,
            };
            let products = inputs.f_matmul(&inputs.f_transpose(1, 2)?)?;
            let products = products.f_sum_dim_intlist([0_i64].as_slice(), false, Kind::Float)?;
            match moments.get_mut(name) {
                Some(sums) => *sums = sums.f_add(&products)?,
                None => drop(moments.insert(name.to_owned(), products)),
            }
            Ok(())
        };
        tch::no_grad(|| self.forward(&pictures(batch)?, &mut |point, x| self.round(point, x), &mut read))?;
        Ok(())
    }

    /// What the network says of `pictures` (`[n, 3, side, side]`, on its device), with gradients where it learns.
    ///
    /// # Errors
    /// When libtorch fails.
    pub(crate) fn run(&self, pictures: &Tensor) -> Result<Outputs, TchError> {
        self.forward(pictures, &mut |point, x| self.round(point, x), &mut |_, _| Ok(()))
    }

    /// Each layer's name, weight and bias.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&str, &Tensor, &Tensor)> {
        self.layers.iter().map(|(name, layer)| (name.as_str(), &layer.weight, &layer.bias))
    }

    /// Each learned step, by its point.
    pub(crate) fn learned_steps(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.roundings.iter().filter_map(|(point, rounding)| Some((point.as_str(), rounding.learned.as_ref()?)))
    }

    /// Rounds a tensor at its point, as the int8 graph does; leaves it alone in f32.
    fn round(&self, point: &str, x: Tensor) -> Result<Tensor, TchError> {
        self.roundings.get(point).map_or_else(|| Ok(x.shallow_clone()), |rounding| rounding.round(&x))
    }

    fn forward(&self, pictures: &Tensor, hook: &mut Hook, read: &mut Reader) -> Result<Outputs, TchError> {
        let mut conv = |name: &str, x: &Tensor| {
            read(name, x)?;
            self.conv(name, x)
        };
        let mut x = hook(INPUT_POINT, pictures.f_to(self.device)?)?;
        x = conv(&self.stem, &x)?.f_relu_()?;
        x = hook(&self.stem, x)?;
        x = x.f_max_pool2d([3, 3], [2, 2], [1, 1], [1, 1], false)?;
        for block in &self.blocks {
            let skip = match &block.downsample {
                Some(name) => hook(name, conv(name, &x)?)?,
                None => x.shallow_clone(),
            };
            for name in &block.convs[..2] {
                x = conv(name, &x)?.f_relu_()?;
                x = hook(name, x)?;
            }
            x = conv(&block.convs[2], &x)?.f_add_(&skip)?.f_relu_()?;
            x = hook(&block.name, x)?;
        }
        x = x.f_mean_dim([2_i64, 3].as_slice(), true, Kind::Float)?;
        x = hook(POOL_POINT, x)?;
        let dense = &self.layers[&self.dense];
        let features = x.f_flatten(1, -1)?;
        read(&self.dense, &features)?;
        let logits = features.f_linear(&dense.weight()?, Some(&dense.bias))?;
        Ok(Outputs { features, logits })
    }

    fn conv(&self, name: &str, x: &Tensor) -> Result<Tensor, TchError> {
        let layer = &self.layers[name];
        x.f_conv2d(&layer.weight()?, Some(&layer.bias), [layer.stride; 2], [layer.padding; 2], [1, 1], 1)
    }
}

/// A layer's parameters before they have their shape.
struct Parameters {
    weight: Tensor,
    bias: Tensor,
    scale: Option<Tensor>,
}

impl Parameters {
    fn plain(weight: &[f32], bias: &[f32]) -> Result<Self, TchError> {
        Ok(Self { weight: Tensor::f_from_slice(weight)?, bias: Tensor::f_from_slice(bias)?, scale: None })
    }
}

fn pictures(batch: &[InputTensor]) -> Result<Tensor, TchError> {
    let side = preprocess::SIZE as i64;
    let pixels: Vec<f32> = batch.iter().flat_map(|input| input.values().iter().copied()).collect();
    Tensor::f_from_slice(&pixels)?.f_reshape([batch.len() as i64, 3, side, side])
}

/// A tensor's values in order, from whichever device.
pub(crate) fn values(x: &Tensor) -> Result<Vec<f32>, TchError> {
    let x = x.f_detach()?.f_to(Device::Cpu)?.f_contiguous()?;
    let mut values = vec![0.0; x.numel()];
    x.f_copy_data(&mut values, x.numel())?;
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::fold::tests::{crops, toy};
    use crate::quantize::calibrate::Observed;
    use crate::quantize::equalise::Equalise;
    use crate::quantize::ranges::RangeMethod;
    use crate::quantize::unsigned::Unsigned;

    #[test]
    fn a_network_that_learns_begins_as_the_simulated_one() {
        let crops = crops(6);
        let quantized = Observed::new(toy(8, 2, 12), &crops, Equalise::All, |_| ())
            .unwrap()
            .quantize(RangeMethod::Percentile, Unsigned::None);
        let batch: Vec<InputTensor> = crops.iter().map(InputTensor::from_crop).collect();
        let simulated = Folded::simulating(&quantized.network, &quantized.quantization).unwrap();
        let learning = Folded::learning(&quantized.network, &quantized.quantization, Device::Cpu).unwrap();
        let (simulated, learning) =
            (simulated.logits(&batch).unwrap().concat(), learning.logits(&batch).unwrap().concat());
        let size = |values: &mut dyn Iterator<Item = f32>| values.map(|v| v * v).sum::<f32>().sqrt();
        let apart = size(&mut simulated.iter().zip(&learning).map(|(a, b)| a - b));
        // Not equal: a value at the very edge between two steps may fall to either side.
        assert!(apart < 0.01 * size(&mut simulated.iter().copied()), "{simulated:?} {learning:?}");
    }
}
