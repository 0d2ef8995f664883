//! ResNet-50 over named tensors.

use std::collections::BTreeMap;

use tch::{Device, Kind, Tensor};

use crate::chance::Chance;
use crate::weights::{Architecture, Array, StrideOn, Weights};

/// Blocks in each of the four stages.
const BLOCKS: [usize; 4] = [3, 4, 6, 3];
/// How much a new batch moves the running statistics.
const BN_MOMENTUM: f64 = 0.1;

/// The network's parts, from the picture to the logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// First convolution.
    Stem,
    /// `layer1` to `layer4`, counted from 1.
    Layer(usize),
    /// The dense layer, and the one that names signs in training.
    Head,
}

impl Stage {
    /// The stage of the tensor `name`.
    pub fn of(name: &str) -> Self {
        match name.as_bytes() {
            [b'l', b'a', b'y', b'e', b'r', digit, b'.', ..] => Self::Layer(usize::from(digit - b'0')),
            [b'f', b'c', b'.', ..] | [b's', b'i', b'g', b'n', b's', b'.', ..] => Self::Head,
            _ => Self::Stem,
        }
    }
}

/// The names of the second head's arrays, which names signs (see [`signs`](super::signs)).
const SIGNS: [&str; 2] = ["signs.weight", "signs.bias"];

/// Numbers in which convolutions are computed; weights, normalization, head and loss are always f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floating point.
    F32,
    /// bfloat16: faster where the processor multiplies it in hardware.
    Bf16,
    /// Half precision: what older GPUs multiply fast. Its small range asks for a scaled loss.
    F16,
}

impl Precision {
    fn kind(self) -> Kind {
        match self {
            Self::F32 => Kind::Float,
            Self::Bf16 => Kind::BFloat16,
            Self::F16 => Kind::Half,
        }
    }
}

/// How a forward pass behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pass {
    /// Normalizes by the batch's own statistics (and updates the running ones) in stages that are not frozen.
    pub train: bool,
    /// Stages before this one need no gradient.
    pub first_trained: Stage,
    /// Numbers of the convolutions.
    pub precision: Precision,
}

impl Pass {
    /// Evaluation, in f32.
    pub const EVALUATE: Self = Self { train: false, first_trained: Stage::Head, precision: Precision::F32 };
}

/// Weights that are not those of a ResNet-50.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// An array is missing.
    #[error("the weights lack array {0}")]
    Missing(String),
    /// An array has another shape.
    #[error("array {name} is {found:?}, not {wanted:?}")]
    Shape {
        /// Which array.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape wanted.
        wanted: Vec<i64>,
    },
    /// libtorch failed, e.g. for want of memory.
    #[error("libtorch failed")]
    Torch(#[from] tch::TchError),
}

/// A ResNet-50 whose head has any number of classes. In training it may have a second head, for signs.
#[derive(Debug)]
pub struct Resnet50 {
    architecture: Architecture,
    tensors: BTreeMap<String, Tensor>,
    device: Device,
}

impl Resnet50 {
    /// Builds the network from `weights`, head included, and the second head if it is there.
    ///
    /// # Errors
    /// When an array is missing or of another shape.
    pub fn new(weights: &Weights, device: Device) -> Result<Self, LoadError> {
        let classes = weights.arrays.get("fc.bias").map_or(0, |bias| bias.values.len());
        let mut tensors = BTreeMap::new();
        let signs = weights.arrays.get(SIGNS[1]).map(|bias| bias.values.len() as i64);
        let second = signs.map(|signs| SIGNS.map(str::to_owned).into_iter().zip([vec![signs, 2048], vec![signs]]));
        for (name, shape) in expected_shapes(classes).into_iter().chain(second.into_iter().flatten()) {
            let array = weights.arrays.get(&name).ok_or_else(|| LoadError::Missing(name.clone()))?;
            tensors.insert(name.clone(), to_tensor(&name, array, &shape, device)?);
        }
        Ok(Self { architecture: weights.architecture, tensors, device })
    }

    /// Number of outputs.
    pub fn classes(&self) -> i64 {
        self.tensors["fc.bias"].size()[0]
    }

    /// Where it computes.
    pub fn device(&self) -> Device {
        self.device
    }

    /// Replaces the head by one of `classes` outputs that are all 0: every class is as likely as none.
    pub fn reset_head(&mut self, classes: i64) {
        let options = (Kind::Float, self.device);
        self.tensors.insert("fc.weight".into(), Tensor::zeros([classes, 2048], options));
        self.tensors.insert("fc.bias".into(), Tensor::zeros([classes], options));
    }

    /// Adds a second head, of `signs` outputs that are all 0.
    pub fn add_sign_head(&mut self, signs: usize) {
        let options = (Kind::Float, self.device);
        self.tensors.insert(SIGNS[0].into(), Tensor::zeros([signs as i64, 2048], options));
        self.tensors.insert(SIGNS[1].into(), Tensor::zeros([signs as i64], options));
    }

    /// Number of signs that the second head names; 0 without it.
    pub fn sign_count(&self) -> usize {
        self.tensors.get(SIGNS[1]).map_or(0, Tensor::numel)
    }

    /// All tensors by name, running statistics among them.
    pub fn tensors(&self) -> &BTreeMap<String, Tensor> {
        &self.tensors
    }

    /// Marks the tensors of `first_trained` and later stages as trained, the others as not; returns the trained ones'
    /// names. Running statistics are never among them.
    pub fn set_trained(&mut self, first_trained: Stage) -> Vec<String> {
        let mut trained = Vec::new();
        for (name, tensor) in &mut self.tensors {
            let train = Stage::of(name) >= first_trained && !name.contains("running_");
            *tensor = tensor.detach().set_requires_grad(train);
            if train {
                trained.push(name.clone());
            }
        }
        trained
    }

    /// A copy with tensors of its own.
    pub fn copy(&self) -> Self {
        let tensors = self.tensors.iter().map(|(name, tensor)| (name.clone(), tensor.detach().copy())).collect();
        Self { architecture: self.architecture, tensors, device: self.device }
    }

    /// Moves every tensor of the stages from `first_trained` on towards `other`'s: `decay` of the old stays.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn follow(&mut self, other: &Self, decay: f64, first_trained: Stage) -> Result<(), tch::TchError> {
        tch::no_grad(|| {
            for (name, tensor) in &mut self.tensors {
                if Stage::of(name) >= first_trained {
                    let _ = tensor.f_lerp_(&other.tensors[name], 1.0 - decay)?;
                }
            }
            Ok(())
        })
    }

    /// The weights as plain arrays, without the second head: what a bundle is made of.
    ///
    /// # Errors
    /// When libtorch cannot copy them.
    pub fn weights_to_keep(&self) -> Result<Weights, LoadError> {
        let mut weights = self.weights()?;
        weights.arrays.retain(|name, _| !SIGNS.contains(&name.as_str()));
        Ok(weights)
    }

    /// The weights as plain arrays.
    ///
    /// # Errors
    /// When libtorch cannot copy them.
    pub fn weights(&self) -> Result<Weights, LoadError> {
        let arrays = self.tensors.iter().map(|(name, tensor)| Ok((name.clone(), to_array(tensor)?)));
        let arrays = arrays.collect::<Result<_, LoadError>>()?;
        Ok(Weights { architecture: self.architecture, notes: BTreeMap::new(), arrays })
    }

    /// Logits `[n, classes]` of pictures `[n, 3, height, width]` (RGB - 128), f32.
    ///
    /// # Errors
    /// When the picture does not fit or memory runs out.
    pub fn forward(&self, input: &Tensor, pass: Pass) -> Result<Tensor, tch::TchError> {
        self.forward_from(Stage::Stem, input, pass)
    }

    /// Logits `[n, classes]` of what comes out of the stages before `first`, as [`Resnet50::until`] gives it.
    ///
    /// # Errors
    /// When the input does not fit or memory runs out.
    pub fn forward_from(&self, first: Stage, input: &Tensor, pass: Pass) -> Result<Tensor, tch::TchError> {
        self.logits(&self.features_from(first, input, pass)?)
    }

    /// Pooled features, f32 `[n, 2048]`, of what comes out of the stages before `first`.
    ///
    /// # Errors
    /// When the input does not fit or memory runs out.
    pub fn features_from(&self, first: Stage, input: &Tensor, pass: Pass) -> Result<Tensor, tch::TchError> {
        self.between(first, Stage::Head, input, pass)
    }

    /// Logits `[n, classes]` of pooled features.
    ///
    /// # Errors
    /// When the features do not fit or memory runs out.
    pub fn logits(&self, features: &Tensor) -> Result<Tensor, tch::TchError> {
        features.f_linear(&self.tensors["fc.weight"], Some(&self.tensors["fc.bias"]))
    }

    /// The second head's logits `[n, signs]` of pooled features.
    ///
    /// # Errors
    /// When the features do not fit or memory runs out.
    ///
    /// # Panics
    /// When there is no second head.
    pub fn sign_logits(&self, features: &Tensor) -> Result<Tensor, tch::TchError> {
        let [weight, bias] = SIGNS.map(|name| &self.tensors[name]);
        features.f_linear(weight, Some(bias))
    }

    /// What the stages before `end` make of pictures: `[n, channels, height, width]` in the pass's numbers, or
    /// pooled features in f32 before the head.
    ///
    /// # Errors
    /// When the picture does not fit or memory runs out.
    pub fn until(&self, end: Stage, input: &Tensor, pass: Pass) -> Result<Tensor, tch::TchError> {
        self.between(Stage::Stem, end, input, pass)
    }

    /// The stages from `first` to before `end`.
    fn between(&self, first: Stage, end: Stage, input: &Tensor, pass: Pass) -> Result<Tensor, tch::TchError> {
        if first == Stage::Head {
            return Ok(input.shallow_clone());
        }
        let mut x = input.f_to_kind(pass.precision.kind())?;
        if first == Stage::Stem && end > Stage::Stem {
            x = self.stage(Stage::Stem, pass, &x, |x| {
                let x = self.unit(x, "conv1", "bn1", 2, 3, Stage::Stem, pass)?;
                x.f_relu()?.f_max_pool2d([3, 3], [2, 2], [1, 1], [1, 1], false)
            })?;
        }
        for (index, blocks) in BLOCKS.into_iter().enumerate() {
            let stage = Stage::Layer(index + 1);
            if stage < first || stage >= end {
                continue;
            }
            x = self.stage(stage, pass, &x, |x| {
                let mut x = x.shallow_clone();
                for block in 0..blocks {
                    let stride = if index > 0 && block == 0 { 2 } else { 1 };
                    x = self.block(&x, &format!("layer{}.{block}", index + 1), stride, stage, pass)?;
                }
                Ok(x)
            })?;
        }
        if end < Stage::Head {
            return Ok(x);
        }
        x.f_to_kind(Kind::Float)?.f_mean_dim(&[2_i64, 3][..], false, Kind::Float)
    }

    /// Runs a stage, without recording it where no gradient is needed.
    fn stage(
        &self,
        stage: Stage,
        pass: Pass,
        x: &Tensor,
        run: impl Fn(&Tensor) -> Result<Tensor, tch::TchError>,
    ) -> Result<Tensor, tch::TchError> {
        if stage < pass.first_trained { tch::no_grad(|| run(x)) } else { run(x) }
    }

    fn block(&self, x: &Tensor, name: &str, stride: i64, stage: Stage, pass: Pass) -> Result<Tensor, tch::TchError> {
        let (first, middle) = match self.architecture.stride_on {
            StrideOn::First1x1 => (stride, 1),
            StrideOn::Middle3x3 => (1, stride),
        };
        let unit = |x: &Tensor, conv: &str, bn: &str, stride, padding| {
            self.unit(x, &format!("{name}.{conv}"), &format!("{name}.{bn}"), stride, padding, stage, pass)
        };
        let mut y = unit(x, "conv1", "bn1", first, 0)?.f_relu_()?;
        y = unit(&y, "conv2", "bn2", middle, 1)?.f_relu_()?;
        y = unit(&y, "conv3", "bn3", 1, 0)?;
        let shortcut = if self.tensors.contains_key(&format!("{name}.downsample.0.weight")) {
            unit(x, "downsample.0", "downsample.1", stride, 0)?
        } else {
            x.shallow_clone()
        };
        y.f_add_(&shortcut)?.f_relu_()
    }

    /// One convolution and its batch normalization.
    #[expect(clippy::too_many_arguments, reason = "the geometry of one layer")]
    fn unit(
        &self,
        x: &Tensor,
        conv: &str,
        bn: &str,
        stride: i64,
        padding: i64,
        stage: Stage,
        pass: Pass,
    ) -> Result<Tensor, tch::TchError> {
        let weight = self.tensors[&format!("{conv}.weight")].to_kind(x.kind());
        let y = x.f_conv2d(&weight, None::<&Tensor>, [stride, stride], [padding, padding], [1, 1], 1)?;
        let part = |part: &str| Some(&self.tensors[&format!("{bn}.{part}")]);
        let train = pass.train && stage >= pass.first_trained;
        y.f_batch_norm(
            part("weight"),
            part("bias"),
            part("running_mean"),
            part("running_var"),
            train,
            BN_MOMENTUM,
            self.architecture.bn_eps,
            true,
        )
    }
}

/// Whether `weights` are those of a ResNet-50, without building one.
///
/// # Errors
/// When an array is missing or of another shape.
pub fn check(weights: &Weights) -> Result<(), LoadError> {
    let classes = weights.arrays.get("fc.bias").map_or(0, |bias| bias.values.len());
    for (name, wanted) in expected_shapes(classes) {
        let array = weights.arrays.get(&name).ok_or_else(|| LoadError::Missing(name.clone()))?;
        if array.shape.iter().map(|&side| side as i64).ne(wanted.iter().copied()) {
            return Err(LoadError::Shape { name, found: array.shape.clone(), wanted });
        }
    }
    Ok(())
}

/// A network of small random weights (He's deviation), for tests.
pub fn random_weights(classes: usize, seed: u64) -> Weights {
    let mut arrays = BTreeMap::new();
    for (name, shape) in expected_shapes(classes) {
        let shape: Vec<usize> = shape.into_iter().map(|side| side as usize).collect();
        let count = shape.iter().product();
        let mut chance = Chance::new(&name, &[seed]);
        let values = if shape.len() > 1 {
            let inputs: usize = shape[1..].iter().product();
            // Uniform numbers of +-a have the variance a * a / 3.
            let reach = (6.0 / inputs as f32).sqrt();
            (0..count).map(|_| chance.range(-reach, reach)).collect()
        } else if name.ends_with("running_var") || name.ends_with(".weight") {
            vec![1.0; count]
        } else {
            vec![0.0; count]
        };
        arrays.insert(name, Array { shape, values });
    }
    let architecture = Architecture { stride_on: StrideOn::First1x1, bn_eps: 1e-3 };
    Weights { architecture, notes: BTreeMap::new(), arrays }
}

/// Names and shapes of all tensors, in no particular order.
fn expected_shapes(classes: usize) -> Vec<(String, Vec<i64>)> {
    let mut shapes = Vec::new();
    let mut unit = |conv: String, bn: String, out: i64, inputs: i64, side: i64| {
        shapes.push((format!("{conv}.weight"), vec![out, inputs, side, side]));
        for part in ["weight", "bias", "running_mean", "running_var"] {
            shapes.push((format!("{bn}.{part}"), vec![out]));
        }
    };
    unit("conv1".into(), "bn1".into(), 64, 3, 7);
    let mut inputs = 64;
    for (index, blocks) in BLOCKS.into_iter().enumerate() {
        let width = 64 << index;
        for block in 0..blocks {
            let name = format!("layer{}.{block}", index + 1);
            unit(format!("{name}.conv1"), format!("{name}.bn1"), width, inputs, 1);
            unit(format!("{name}.conv2"), format!("{name}.bn2"), width, width, 3);
            unit(format!("{name}.conv3"), format!("{name}.bn3"), width * 4, width, 1);
            if block == 0 {
                unit(format!("{name}.downsample.0"), format!("{name}.downsample.1"), width * 4, inputs, 1);
            }
            inputs = width * 4;
        }
    }
    shapes.push(("fc.weight".into(), vec![classes as i64, 2048]));
    shapes.push(("fc.bias".into(), vec![classes as i64]));
    shapes
}

/// Copies an array to the device. Kernels come to lie channels-last, the order in which pictures come, so that no
/// convolution has to reorder them.
pub(super) fn to_tensor(name: &str, array: &Array, shape: &[i64], device: Device) -> Result<Tensor, LoadError> {
    if array.shape.iter().map(|&side| side as i64).ne(shape.iter().copied()) {
        return Err(LoadError::Shape { name: name.to_owned(), found: array.shape.clone(), wanted: shape.to_vec() });
    }
    let tensor = Tensor::f_from_slice(&array.values)?.f_reshape(shape)?.f_to(device)?;
    if shape.len() == 4 {
        return Ok(tensor.f_permute([0, 2, 3, 1])?.f_contiguous()?.f_permute([0, 3, 1, 2])?);
    }
    Ok(tensor)
}

/// Copies a tensor to a plain array.
pub(super) fn to_array(tensor: &Tensor) -> Result<Array, LoadError> {
    let shape = tensor.size().into_iter().map(|side| side as usize).collect();
    let flat = tensor.detach().f_to(Device::Cpu)?.f_to_kind(Kind::Float)?.f_contiguous()?.f_view([-1])?;
    let mut values = vec![0.0; flat.numel()];
    let count = values.len();
    flat.f_copy_data(&mut values, count)?;
    Ok(Array { shape, values })
}
