//! Walks over a graph's nodes and drafts the integer program. Each node fits, or there is a reason in words.

use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::tract_core::internal::TractResult;

use super::constants::Constants;
use super::draft::{Draft, DraftDense, DraftLayer, DraftStep, Value, Weights};
use crate::onnx::tensor_proto::DataType;
use crate::onnx::tensor_shape_proto::dimension;
use crate::onnx::{GraphProto, NodeProto, type_proto};
use lakshan_kernels::{Geometry, Range, Residual, Window};

/// A bias may differ from weight scale times input scale by this much of itself: both are 32-bit floats.
const SCALE_TOLERANCE: f32 = 1e-5;

/// The most outputs of a layer. A shape may name any number of them when another of its sizes is 0.
const MOST_OUTPUTS: usize = 1 << 16;
/// The most scales of weights and biases in all: a hundred times a ResNet-50's. Nodes may share a tensor of them, so their
/// number is not bounded by the file's length.
const MOST_SCALES: usize = 1 << 22;

/// What fits, or why not.
pub(super) type Fit<T = ()> = Result<T, String>;

/// A float value that becomes an integer one when a QuantizeLinear follows.
enum Pending {
    Conv { node: usize, from: Value, geometry: Geometry, weights: Weights, residual: Option<Value>, relu: bool },
    MaxPool { node: usize, from: Value, window: Window },
    Average { node: usize, from: Value },
}

/// A DequantizeLinear of constants: the integers' name, and what a step is worth, one for all or one for each.
struct Dequantized {
    tensor: String,
    scales: Arc<[f32]>,
}

struct Matcher<'a> {
    graph: &'a GraphProto,
    constants: &'a Constants<'a>,
    draft: Draft,
    /// By the name of the integer tensor that QuantizeLinear makes.
    integers: HashMap<String, Value>,
    pending: HashMap<String, Pending>,
    dequantized: HashMap<String, Dequantized>,
    /// How many scales `dequantized` holds.
    scales: usize,
}

/// Drafts the program. For each node, why it does not fit, or `None`.
pub(super) fn run(graph: &GraphProto, constants: &Constants) -> (Draft, Vec<Option<String>>) {
    let mut matcher = Matcher {
        graph,
        constants,
        draft: Draft::default(),
        integers: HashMap::new(),
        pending: HashMap::new(),
        dequantized: HashMap::new(),
        scales: 0,
    };
    let obstacles = graph.node.iter().enumerate().map(|(index, node)| matcher.visit(index, node).err()).collect();
    (matcher.draft, obstacles)
}

impl Matcher<'_> {
    fn visit(&mut self, index: usize, node: &NodeProto) -> Fit {
        let [output] = &node.output[..] else { return Err("it has not one output".to_owned()) };
        if !node.domain.is_empty() && node.domain != "ai.onnx" {
            return Err(format!("operators of '{}' are unknown", node.domain));
        }
        match node.op_type.as_str() {
            "DequantizeLinear" => self.dequantize(node, output),
            "QuantizeLinear" => self.quantize(index, node, output),
            "Conv" => self.conv(index, node, output),
            "Add" => self.add(node, output),
            "Relu" => self.relu(node, output),
            "MaxPool" => self.max_pool(index, node, output),
            "GlobalAveragePool" => {
                let from = self.positive(node, 0)?;
                self.pending.insert(output.clone(), Pending::Average { node: index, from });
                Ok(())
            }
            "Flatten" => self.flatten(node, output),
            "Gemm" => self.gemm(index, node, output),
            _ => Err("there is no integer form of this operator".to_owned()),
        }
    }

    fn dequantize(&mut self, node: &NodeProto, output: &str) -> Fit {
        if let Some(value) = self.integers.get(input(node, 0)?).copied() {
            if self.tensor_scale(node)? != (value.scale, value.range == Range::Unsigned) {
                return Err("its scale or zero point is not that of the quantizer before it".to_owned());
            }
            self.draft.values.insert(output.to_owned(), value);
            return Ok(());
        }
        let tensor = input(node, 0)?.to_owned();
        if !self.constants.contains(&tensor) {
            return Err("its input is not known in integers".to_owned());
        }
        let scales = self.constants.values::<f32>(input(node, 1)?).ok_or("its scale is not constant")?;
        let zero = node.input.get(2);
        if !zero.is_none_or(|name| self.constants.are_zero::<i8>(name) || self.constants.are_zero::<i32>(name)) {
            return Err("its zero point is not 0".to_owned());
        }
        if attribute(node, "block_size", 0)? != 0 || scales.len() > 1 && attribute(node, "axis", 1)? != 0 {
            return Err("its scales are not one for each output channel".to_owned());
        }
        self.scales += scales.len();
        if self.scales > MOST_SCALES {
            return Err("the network has too many scales".to_owned());
        }
        let scales = scales.into();
        self.dequantized.insert(output.to_owned(), Dequantized { tensor, scales });
        Ok(())
    }

    fn quantize(&mut self, index: usize, node: &NodeProto, output: &str) -> Fit {
        let (scale, unsigned) = self.tensor_scale(node)?;
        // What comes out of a ReLU or an unsigned quantizer.
        let positive = if unsigned { Range::Unsigned } else { Range::Positive };
        let name = input(node, 0)?;
        let value = match self.pending.get(name) {
            None if unsigned => return Err("its zero point is not 0 of signed bytes".to_owned()),
            None => self.quantize_input(index, node, scale)?,
            Some(Pending::Conv { node, from, geometry, weights, residual, relu }) => {
                let [height, width, _] = self.draft.steps[from.slot].shape;
                let [height, width] = geometry.output(height, width).ok_or("the kernel is larger than the picture")?;
                let step = |weight: &f32| (f64::from(from.scale) * f64::from(*weight) / f64::from(scale)) as f32;
                let range = if *relu || unsigned { positive } else { Range::Signed };
                let layer = DraftLayer::Conv {
                    geometry: *geometry,
                    weights: weights.clone(),
                    multiplier: weights.scales.iter().map(step).collect(),
                    residual: residual
                        .map(|residual| Residual { scale: residual.scale / scale, range: residual.range }),
                    input: from.range,
                    output: range,
                };
                let (node, from, residual) = (*node, *from, *residual);
                self.step(node, layer, from, residual, [height, width, geometry.outputs], scale, range)
            }
            Some(Pending::MaxPool { from, .. }) if (from.scale, from.range) != (scale, positive) => {
                return Err("its scale or zero point is not that of the pool's input".to_owned());
            }
            Some(Pending::MaxPool { node, from, window }) => {
                let [height, width, channels] = self.draft.steps[from.slot].shape;
                let sizes = (window.output(height), window.output(width));
                let (Some(height), Some(width)) = sizes else {
                    return Err("the window is larger than the picture".to_owned());
                };
                let (node, from, layer) = (*node, *from, DraftLayer::MaxPool(*window));
                self.step(node, layer, from, None, [height, width, channels], scale, positive)
            }
            Some(Pending::Average { node, from }) => {
                let [height, width, channels] = self.draft.steps[from.slot].shape;
                let multiplier = f64::from(from.scale) / (f64::from(scale) * (height * width) as f64);
                let (node, from) = (*node, *from);
                let layer = DraftLayer::Average { multiplier: multiplier as f32, range: positive };
                self.step(node, layer, from, None, [1, 1, channels], scale, positive)
            }
        };
        self.integers.insert(output.to_owned(), value);
        Ok(())
    }

    /// QuantizeLinear of the network's input: where the program begins.
    fn quantize_input(&mut self, index: usize, node: &NodeProto, scale: f32) -> Fit<Value> {
        let name = input(node, 0)?;
        let port = self.graph.input.iter().find(|port| port.name == name);
        let port = port.filter(|port| !self.constants.contains(&port.name));
        let port = port.ok_or("what it quantizes is neither the network's input nor a fused layer's result")?;
        let Some(type_proto::Value::TensorType(tensor)) = port.r#type.as_ref().and_then(|kind| kind.value.as_ref())
        else {
            return Err("the input is no tensor".to_owned());
        };
        let size = |dim: &crate::onnx::tensor_shape_proto::Dimension| match dim.value {
            Some(dimension::Value::DimValue(size)) => usize::try_from(size).ok().filter(|size| *size > 0),
            _ => None,
        };
        let shape = tensor.shape.as_ref().and_then(|shape| shape.dim.iter().map(size).collect::<Option<Vec<_>>>());
        let Some(shape) = shape.filter(|shape| shape.len() == 4 && shape[0] == 1) else {
            return Err("the input is not one picture of a known size".to_owned());
        };
        if tensor.elem_type != DataType::Float as i32 {
            return Err("the input is not made of 32-bit floats".to_owned());
        }
        if !self.draft.input_name.is_empty() && self.draft.input_name != name {
            return Err("another input is computed in integers".to_owned());
        }
        self.draft.input_name = name.to_owned();
        let size = [shape[2], shape[3], shape[1]];
        self.draft.input_shape = shape;
        let from = Value { slot: self.draft.steps.len(), scale, range: Range::Picture, flat: false };
        Ok(self.step(index, DraftLayer::Quantize { scale }, from, None, size, scale, Range::Picture))
    }

    #[expect(clippy::too_many_arguments, reason = "a step has this many parts")]
    fn step(
        &mut self,
        node: usize,
        layer: DraftLayer,
        from: Value,
        residual: Option<Value>,
        shape: [usize; 3],
        scale: f32,
        range: Range,
    ) -> Value {
        let slot = self.draft.steps.len();
        let name = self.graph.node[node].name.clone();
        let residual = residual.map(|residual| residual.slot);
        self.draft.steps.push(DraftStep { node, name, layer, from: from.slot, residual, shape });
        Value { slot, scale, range, flat: false }
    }

    fn conv(&mut self, index: usize, node: &NodeProto, output: &str) -> Fit {
        let from = self.value(node, 0)?;
        if from.range == Range::Signed || from.flat {
            return Err("its input may be negative".to_owned());
        }
        let weights = self.weights(node, from.scale)?;
        let shape = self.constants.shape(&weights.tensor).unwrap_or_default();
        let &[outputs, inputs, height, width] = &shape[..] else { return Err("it has not two axes".to_owned()) };
        if attributes(node, "kernel_shape", &[height, width])? != [height, width] {
            return Err("its weights have not the shape of its kernel".to_owned());
        }
        let pads = attributes(node, "pads", &[0; 4])?;
        let strides = attributes(node, "strides", &[1; 2])?;
        let plain = attribute(node, "group", 1)? == 1
            && attributes(node, "dilations", &[1; 2])? == [1, 1]
            && node.get_attr_opt::<&str>("auto_pad").fits()?.is_none_or(|pad| pad == "NOTSET");
        if !plain || inputs != self.draft.steps[from.slot].shape[2] {
            return Err("it has groups, dilation or automatic padding".to_owned());
        }
        let (&[top, left, bottom, right], &[down, across]) = (&pads[..], &strides[..]) else {
            return Err("it has not two axes".to_owned());
        };
        if top != bottom || left != right || down == 0 || across == 0 {
            return Err("its padding is not the same on both sides".to_owned());
        }
        let geometry =
            Geometry { inputs, outputs, kernel: [height, width], stride: [down, across], padding: [top, left] };
        let pending = Pending::Conv { node: index, from, geometry, weights, residual: None, relu: false };
        self.pending.insert(output.to_owned(), pending);
        Ok(())
    }

    /// A convolution's sums plus a quantized value of the same shape.
    fn add(&mut self, node: &NodeProto, output: &str) -> Fit {
        for (sums, other) in [(0, 1), (1, 0)] {
            let Some(value) = self.draft.values.get(input(node, other)?).copied() else { continue };
            let Some(Pending::Conv { node, from, geometry, weights, residual: None, relu: false }) =
                self.pending.get(input(node, sums)?)
            else {
                continue;
            };
            let [height, width, _] = self.draft.steps[from.slot].shape;
            let same = geometry
                .output(height, width)
                .is_some_and(|[height, width]| self.draft.steps[value.slot].shape == [height, width, geometry.outputs]);
            if !same || value.range == Range::Picture || value.flat {
                return Err("its inputs have different shapes".to_owned());
            }
            let (node, from, geometry, weights) = (*node, *from, *geometry, weights.clone());
            let pending = Pending::Conv { node, from, geometry, weights, residual: Some(value), relu: false };
            self.pending.insert(output.to_owned(), pending);
            return Ok(());
        }
        Err("its inputs are not a convolution and a quantized value".to_owned())
    }

    fn relu(&mut self, node: &NodeProto, output: &str) -> Fit {
        match self.pending.get(input(node, 0)?) {
            Some(Pending::Conv { node, from, geometry, weights, residual, .. }) => {
                let (node, from, geometry, weights, residual) = (*node, *from, *geometry, weights.clone(), *residual);
                let pending = Pending::Conv { node, from, geometry, weights, residual, relu: true };
                self.pending.insert(output.to_owned(), pending);
                Ok(())
            }
            _ => Err("what it reads is no fused convolution".to_owned()),
        }
    }

    fn max_pool(&mut self, index: usize, node: &NodeProto, output: &str) -> Fit {
        let from = self.positive(node, 0)?;
        let same = |values: Vec<usize>| values.iter().all(|value| *value == values[0]).then(|| values[0]);
        let window = (
            same(attributes(node, "kernel_shape", &[0; 2])?),
            same(attributes(node, "strides", &[1; 2])?),
            same(attributes(node, "pads", &[0; 4])?),
        );
        let plain = attribute(node, "ceil_mode", 0)? == 0
            && attributes(node, "dilations", &[1; 2])? == [1, 1]
            && node.get_attr_opt::<&str>("auto_pad").fits()?.is_none_or(|pad| pad == "NOTSET");
        let (Some(size @ 1..), Some(stride @ 1..), Some(padding), true) = (window.0, window.1, window.2, plain) else {
            return Err("its window is not a plain square".to_owned());
        };
        if padding >= size {
            return Err("its padding is as wide as its window".to_owned());
        }
        let pending = Pending::MaxPool { node: index, from, window: Window { size, stride, padding } };
        self.pending.insert(output.to_owned(), pending);
        Ok(())
    }

    fn flatten(&mut self, node: &NodeProto, output: &str) -> Fit {
        let from = self.positive(node, 0)?;
        if attribute(node, "axis", 1)? != 1 || self.draft.steps[from.slot].shape[..2] != [1, 1] {
            return Err("it flattens more than one pixel".to_owned());
        }
        self.draft.values.insert(output.to_owned(), Value { flat: true, ..from });
        Ok(())
    }

    fn gemm(&mut self, index: usize, node: &NodeProto, output: &str) -> Fit {
        let from = self.positive(node, 0)?;
        let weights = self.weights(node, from.scale)?;
        let factor = |name| node.get_attr_opt::<f32>(name).fits().map(|factor| factor.unwrap_or(1.0));
        let plain = attribute(node, "transB", 0)? == 1
            && attribute(node, "transA", 0)? == 0
            && factor("alpha")? == 1.0
            && factor("beta")? == 1.0;
        let inputs = self.draft.steps[from.slot].shape[2];
        let shape = self.constants.shape(&weights.tensor).unwrap_or_default();
        if !plain || !from.flat || shape != [weights.scales.len(), inputs] {
            return Err("it is not a plain product with one row".to_owned());
        }
        self.draft.dense.insert(output.to_owned(), DraftDense { node: index, from, weights });
        Ok(())
    }

    /// The weights and biases of inputs 1 and 2, with one scale for each output.
    fn weights(&self, node: &NodeProto, input_scale: f32) -> Fit<Weights> {
        let weights = self.dequantized.get(input(node, 1)?).ok_or("its weights are not quantized")?;
        let outputs = self.constants.shape(&weights.tensor).and_then(|shape| shape.first().copied()).unwrap_or(0);
        if outputs > MOST_OUTPUTS {
            return Err("it has too many outputs".to_owned());
        }
        let spread = |scales: &Arc<[f32]>| match scales[..] {
            [scale] => Some(vec![scale; outputs].into()),
            _ => (scales.len() == outputs).then(|| Arc::clone(scales)),
        };
        let scales = spread(&weights.scales).ok_or("its scales are not one for each output channel")?;
        let bias = match node.input.get(2).filter(|name| !name.is_empty()) {
            None => None,
            Some(name) => {
                let bias = self.dequantized.get(name).ok_or("its bias is not quantized")?;
                let steps = spread(&bias.scales).ok_or("its bias has not one scale for each output channel")?;
                let close = |(step, weight): (&f32, &f32)| {
                    (step - weight * input_scale).abs() <= SCALE_TOLERANCE * (weight * input_scale).abs()
                };
                if !steps.iter().zip(scales.iter()).all(close) {
                    return Err("its bias has not the scale of its sums".to_owned());
                }
                Some(bias.tensor.clone())
            }
        };
        Ok(Weights { tensor: weights.tensor.clone(), bias, scales })
    }

    fn value(&self, node: &NodeProto, index: usize) -> Fit<Value> {
        let value = self.draft.values.get(input(node, index)?).copied();
        value.ok_or_else(|| "its input is not known in integers".to_owned())
    }

    fn positive(&self, node: &NodeProto, index: usize) -> Fit<Value> {
        let value = self.value(node, index)?;
        if value.range.lowest() == 0 { Ok(value) } else { Err("its input may be negative".to_owned()) }
    }

    /// The scale of a Q or DQ node with one scale and the zero point 0, and whether its bytes are unsigned.
    fn tensor_scale(&self, node: &NodeProto) -> Fit<(f32, bool)> {
        let scale = self.constants.scale(input(node, 1)?).ok_or("its scale is not one constant")?;
        let zero = node.input.get(2).ok_or("it has no zero point")?;
        let unsigned = self.constants.are_zero::<u8>(zero);
        if unsigned || self.constants.are_zero::<i8>(zero) {
            Ok((scale, unsigned))
        } else {
            Err("its zero point is not 0".to_owned())
        }
    }
}

pub(super) fn input(node: &NodeProto, index: usize) -> Fit<&str> {
    node.input.get(index).map(String::as_str).ok_or_else(|| "it lacks an input".to_owned())
}

/// An attribute that tract can read, or words.
pub(super) trait Fits<T> {
    fn fits(self) -> Fit<T>;
}

impl<T> Fits<T> for TractResult<T> {
    fn fits(self) -> Fit<T> {
        self.map_err(|error| error.to_string())
    }
}

pub(super) fn attribute(node: &NodeProto, name: &str, default: i64) -> Fit<i64> {
    Ok(node.get_attr_opt::<i64>(name).fits()?.unwrap_or(default))
}

pub(super) fn attributes(node: &NodeProto, name: &str, default: &[usize]) -> Fit<Vec<usize>> {
    let found = node.get_attr_opt_vec::<usize>(name).fits()?;
    let values = found.unwrap_or_else(|| default.to_vec());
    if values.len() == default.len() { Ok(values) } else { Err(format!("its {name} are not {}", default.len())) }
}
