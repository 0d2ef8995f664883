//! A checkpoint with every BatchNorm folded into the convolution before it: the network as it is exported and quantized.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};

/// A convolution with bias: OIHW weights, square kernel, padding of half a kernel on each side, one group.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedConv {
    /// Name in the checkpoint, e.g. `layer1.0.conv1`.
    pub name: String,
    /// Number of output channels.
    pub outputs: usize,
    /// Number of input channels.
    pub inputs: usize,
    /// Side of the square kernel.
    pub kernel: usize,
    /// Step in both directions.
    pub stride: usize,
    /// `outputs * inputs * kernel * kernel` values, output channel outermost.
    pub weight: Vec<f32>,
    /// One value an output channel.
    pub bias: Vec<f32>,
}

impl FoldedConv {
    /// Zeros added at each border.
    pub fn padding(&self) -> usize {
        self.kernel / 2
    }

    /// Weights of one output channel: `inputs * kernel * kernel`.
    pub fn weights_per_output(&self) -> usize {
        self.inputs * self.kernel * self.kernel
    }
}

/// A bottleneck: `relu(conv3(relu(conv2(relu(conv1(x))))) + skip)`, the skip being `x` or `downsample(x)`.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedBlock {
    /// Name in the checkpoint, e.g. `layer1.0`.
    pub name: String,
    /// 1x1, narrows.
    pub conv1: FoldedConv,
    /// 3x3.
    pub conv2: FoldedConv,
    /// 1x1, widens.
    pub conv3: FoldedConv,
    /// 1x1 on the skip branch of a stage's first block.
    pub downsample: Option<FoldedConv>,
}

/// The dense layer at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedDense {
    /// Name in the checkpoint: `fc`.
    pub name: String,
    /// Number of classes.
    pub outputs: usize,
    /// Number of pooled features.
    pub inputs: usize,
    /// `outputs * inputs` values, output outermost.
    pub weight: Vec<f32>,
    /// One value an output.
    pub bias: Vec<f32>,
}

/// A ResNet of bottlenecks: stem, 3x3 max-pool of stride 2, blocks, global average pool, dense layer.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedNetwork {
    /// 7x7, stride 2, followed by ReLU and the max-pool.
    pub stem: FoldedConv,
    /// All bottlenecks in order.
    pub blocks: Vec<FoldedBlock>,
    /// The classifier.
    pub dense: FoldedDense,
}

/// A checkpoint that cannot be folded.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// The file cannot be read.
    #[error("cannot read checkpoint {path}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not a safetensors file.
    #[error("{path} is not a safetensors checkpoint")]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: safetensors::SafeTensorError,
    },
    /// The metadata lack an entry, or it has a value that this program does not know.
    #[error("metadata '{key}' is {found}, expected {expected}")]
    Metadata {
        /// Name of the entry.
        key: &'static str,
        /// What stands there.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// A tensor that the network needs is not there.
    #[error("tensor '{0}' is missing")]
    Missing(String),
    /// A tensor has a shape that does not fit the others.
    #[error("tensor '{name}' has shape {found:?}, expected {expected}")]
    Shape {
        /// Which tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// What would fit.
        expected: String,
    },
    /// A tensor is not stored as f32.
    #[error("tensor '{name}' holds {found:?} values, expected F32")]
    Type {
        /// Which tensor.
        name: String,
        /// How it is stored.
        found: Dtype,
    },
    /// A weight is NaN or infinite after folding.
    #[error("layer '{0}' holds a value that is not a finite number")]
    NotFinite(String),
}

impl FoldedNetwork {
    /// Reads a checkpoint file and folds it.
    ///
    /// # Errors
    /// When the file cannot be read, is no checkpoint, or its tensors make no network.
    pub fn read(path: &Path) -> Result<Self, FoldError> {
        let bytes = std::fs::read(path).map_err(|source| FoldError::Read { path: path.to_owned(), source })?;
        let format = |source| FoldError::Format { path: path.to_owned(), source };
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(format)?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let tensors = SafeTensors::deserialize(&bytes).map_err(format)?;
        Checkpoint::new(&tensors, &metadata)?.network()
    }

    /// Every convolution in the order of the data: the stem, then each block's, the skip branch first.
    pub fn convs(&self) -> impl Iterator<Item = &FoldedConv> {
        let blocks = self.blocks.iter().flat_map(|b| b.downsample.iter().chain([&b.conv1, &b.conv2, &b.conv3]));
        std::iter::once(&self.stem).chain(blocks)
    }

    /// The same convolutions, to be changed.
    pub fn convs_mut(&mut self) -> impl Iterator<Item = &mut FoldedConv> {
        let blocks = self
            .blocks
            .iter_mut()
            .flat_map(|b| b.downsample.iter_mut().chain([&mut b.conv1, &mut b.conv2, &mut b.conv3]));
        std::iter::once(&mut self.stem).chain(blocks)
    }
}

/// Tensors by name, with the numbers that the metadata state.
struct Checkpoint<'a> {
    tensors: &'a SafeTensors<'a>,
    stride_on_3x3: bool,
    bn_eps: f64,
}

impl<'a> Checkpoint<'a> {
    fn new(tensors: &'a SafeTensors<'a>, metadata: &HashMap<String, String>) -> Result<Self, FoldError> {
        let value = |key: &'static str, expected: &'static str| {
            metadata.get(key).ok_or(FoldError::Metadata { key, found: "missing".to_owned(), expected })
        };
        let wrong = |key, found: &str, expected| FoldError::Metadata { key, found: format!("'{found}'"), expected };
        for (key, expected) in [("arch", "resnet50"), ("input", "rgb-128")] {
            let found = value(key, expected)?;
            if found != expected {
                return Err(wrong(key, found, expected));
            }
        }
        let stride_on_3x3 = match value("stride_on", "1x1 or 3x3")?.as_str() {
            "1x1" => false,
            "3x3" => true,
            other => return Err(wrong("stride_on", other, "1x1 or 3x3")),
        };
        let eps = value("bn_eps", "a positive number")?;
        let bn_eps = eps.parse().ok().filter(|e: &f64| e.is_finite() && *e > 0.0);
        let bn_eps = bn_eps.ok_or_else(|| wrong("bn_eps", eps, "a positive number"))?;
        Ok(Self { tensors, stride_on_3x3, bn_eps })
    }

    fn network(&self) -> Result<FoldedNetwork, FoldError> {
        let stem = self.conv("conv1", "bn1", 2, Some(3))?;
        let mut width = stem.outputs;
        let mut blocks = Vec::new();
        for stage in 1.. {
            let before = blocks.len();
            for index in 0.. {
                let name = format!("layer{stage}.{index}");
                if !self.has(&format!("{name}.conv1.weight")) {
                    break;
                }
                let stride = if stage > 1 && index == 0 { 2 } else { 1 };
                let block = self.block(name, width, stride)?;
                width = block.conv3.outputs;
                blocks.push(block);
            }
            if blocks.len() == before {
                break;
            }
        }
        if blocks.is_empty() {
            return Err(FoldError::Missing("layer1.0.conv1.weight".to_owned()));
        }
        Ok(FoldedNetwork { stem, blocks, dense: self.dense(width)? })
    }

    fn block(&self, name: String, inputs: usize, stride: usize) -> Result<FoldedBlock, FoldError> {
        let (on_1x1, on_3x3) = if self.stride_on_3x3 { (1, stride) } else { (stride, 1) };
        let part = |part: usize, stride, inputs| {
            self.conv(&format!("{name}.conv{part}"), &format!("{name}.bn{part}"), stride, Some(inputs))
        };
        let conv1 = part(1, on_1x1, inputs)?;
        let conv2 = part(2, on_3x3, conv1.outputs)?;
        let conv3 = part(3, 1, conv2.outputs)?;
        let downsample = if self.has(&format!("{name}.downsample.0.weight")) {
            let conv =
                self.conv(&format!("{name}.downsample.0"), &format!("{name}.downsample.1"), stride, Some(inputs))?;
            Some(FoldedConv { name: format!("{name}.downsample"), ..conv })
        } else {
            None
        };
        let skip = downsample.as_ref().map_or(inputs, |conv| conv.outputs);
        if skip != conv3.outputs || (downsample.is_none() && stride != 1) {
            return Err(FoldError::Missing(format!("{name}.downsample.0.weight")));
        }
        Ok(FoldedBlock { name, conv1, conv2, conv3, downsample })
    }

    /// `gamma * (w*x - mean) / sqrt(var + eps) + beta` as one convolution with bias, computed in f64.
    fn conv(&self, name: &str, norm: &str, stride: usize, inputs: Option<usize>) -> Result<FoldedConv, FoldError> {
        let weight_name = format!("{name}.weight");
        let (shape, mut weight) = self.tensor(&weight_name)?;
        let fits = matches!(shape[..], [o, i, h, w] if o > 0 && h == w && h % 2 == 1 && inputs.is_none_or(|n| n == i));
        if !fits {
            let expected = format!("[outputs, {}, k, k] with k odd", inputs.map_or("inputs".into(), |n| n.to_string()));
            return Err(FoldError::Shape { name: weight_name, found: shape, expected });
        }
        let (outputs, inputs, kernel) = (shape[0], shape[1], shape[2]);
        let per_channel = |part: &str| self.vector(&format!("{norm}.{part}"), outputs);
        let (gamma, beta) = (per_channel("weight")?, per_channel("bias")?);
        let (mean, variance) = (per_channel("running_mean")?, per_channel("running_var")?);
        let mut bias = Vec::with_capacity(outputs);
        for (channel, values) in weight.chunks_exact_mut(inputs * kernel * kernel).enumerate() {
            let factor = f64::from(gamma[channel]) / (f64::from(variance[channel]) + self.bn_eps).sqrt();
            for value in values {
                *value = (f64::from(*value) * factor) as f32;
            }
            bias.push((f64::from(beta[channel]) - f64::from(mean[channel]) * factor) as f32);
        }
        all_finite(name, weight.iter().chain(&bias))?;
        Ok(FoldedConv { name: name.to_owned(), outputs, inputs, kernel, stride, weight, bias })
    }

    fn dense(&self, inputs: usize) -> Result<FoldedDense, FoldError> {
        let (shape, weight) = self.tensor("fc.weight")?;
        let outputs = match shape[..] {
            [outputs, found] if found == inputs && outputs > 0 => outputs,
            _ => {
                let expected = format!("[classes, {inputs}]");
                return Err(FoldError::Shape { name: "fc.weight".to_owned(), found: shape, expected });
            }
        };
        let bias = self.vector("fc.bias", outputs)?;
        all_finite("fc", weight.iter().chain(&bias))?;
        Ok(FoldedDense { name: "fc".to_owned(), outputs, inputs, weight, bias })
    }

    fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, FoldError> {
        let (shape, values) = self.tensor(name)?;
        if shape != [len] {
            return Err(FoldError::Shape { name: name.to_owned(), found: shape, expected: format!("[{len}]") });
        }
        Ok(values)
    }

    fn tensor(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>), FoldError> {
        let view = self.tensors.tensor(name).map_err(|_| FoldError::Missing(name.to_owned()))?;
        if view.dtype() != Dtype::F32 {
            return Err(FoldError::Type { name: name.to_owned(), found: view.dtype() });
        }
        let values = view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        Ok((view.shape().to_vec(), values))
    }
}

fn all_finite<'v>(layer: &str, mut values: impl Iterator<Item = &'v f32>) -> Result<(), FoldError> {
    if values.all(|value| value.is_finite()) { Ok(()) } else { Err(FoldError::NotFinite(layer.to_owned())) }
}

#[cfg(test)]
pub(crate) mod tests;
