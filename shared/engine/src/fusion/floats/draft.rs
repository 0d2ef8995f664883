//! Walks over a float network's nodes and drafts the program. Each node fits, or there is a reason in words.

use std::collections::HashMap;

use crate::fusion::constants::{self, Constants};
use crate::fusion::matching::{Fit, Fits, attribute, attributes, input};
use crate::onnx::tensor_proto::DataType;
use crate::onnx::tensor_shape_proto::dimension::Value as Size;
use crate::onnx::{GraphProto, NodeProto, type_proto};
use lakshan_kernels::floats::Window;

/// The most floats of all planes together: a program for a larger network is not worth a file that lies.
const MOST_FLOATS: usize = 1 << 26;
/// The most rows or columns of a window's size, stride or padding.
const MOST_WINDOW: usize = 16;

/// A plane of the program, by number. The first is the input.
type Slot = usize;

/// A float program on paper.
pub(super) struct Draft {
    /// Height, width, channels.
    pub(super) planes: Vec<[usize; 3]>,
    pub(super) steps: Vec<DraftStep>,
    /// Each output's plane, and the shape that the file gives it.
    pub(super) outputs: Vec<(Slot, Vec<usize>)>,
}

pub(super) struct DraftStep {
    /// The index of the node that it stems from.
    pub(super) node: usize,
    pub(super) work: DraftWork,
    pub(super) from: Slot,
    pub(super) to: Slot,
}

#[derive(Clone)]
pub(super) enum DraftWork {
    /// With the depthwise convolution before it, and whether that one has a ReLU.
    Conv {
        depthwise: Option<(DraftConv, bool)>,
        conv: DraftConv,
        residual: Option<Slot>,
        relu: bool,
    },
    Depthwise(DraftConv, bool),
    MaxPool(Window),
}

impl DraftWork {
    /// The window that reads the step's input.
    fn window(&self) -> &Window {
        match self {
            Self::Conv { depthwise: Some((conv, _)), .. } | Self::Conv { conv, .. } | Self::Depthwise(conv, _) => {
                &conv.window
            }
            Self::MaxPool(window) => window,
        }
    }

    /// How many pixels of border the input needs.
    pub(super) fn border(&self) -> usize {
        self.window().border()
    }
}

/// A convolution on paper: names of constant tensors.
#[derive(Clone)]
pub(super) struct DraftConv {
    pub(super) window: Window,
    pub(super) outputs: usize,
    pub(super) weights: String,
    pub(super) bias: Option<String>,
}

/// What a tensor of the file is.
#[derive(Clone)]
enum Value {
    /// The network's input: height x width x channels.
    Input,
    /// A plane; in the file its channels come first.
    Plane(Slot),
    /// A layer that more may be added to, as long as one node alone reads it.
    Pending(Box<Pending>),
    /// A plane with channels of zeros behind its own, so many together.
    Widened(Slot, usize),
    /// Zeros: height, width, channels.
    Zeros([usize; 3]),
    /// A plane as it lies, channels last, in this shape.
    Last(Slot, Vec<usize>),
}

#[derive(Clone)]
struct Pending {
    node: usize,
    from: Slot,
    work: DraftWork,
}

struct Matcher<'a> {
    graph: &'a GraphProto,
    constants: &'a Constants<'a>,
    draft: Draft,
    values: HashMap<&'a str, Value>,
    /// How many nodes and outputs read a tensor.
    readers: HashMap<&'a str, usize>,
    floats: usize,
}

/// Drafts the program, or says for each node why it does not fit; for none, when the fault lies elsewhere.
pub(super) fn run(graph: &GraphProto, constants: &Constants) -> Result<Draft, Vec<Option<String>>> {
    let mut readers = HashMap::new();
    let outputs = graph.output.iter().map(|output| &output.name);
    for name in graph.node.iter().flat_map(|node| &node.input).chain(outputs) {
        *readers.entry(name.as_str()).or_default() += 1;
    }
    let draft = Draft { planes: Vec::new(), steps: Vec::new(), outputs: Vec::new() };
    let mut matcher = Matcher { graph, constants, draft, values: HashMap::new(), readers, floats: 0 };
    if let Err(why) = matcher.input() {
        return Err(vec![Some(why); graph.node.len()]);
    }
    let visits = graph.node.iter().enumerate();
    let obstacles: Vec<_> = visits.map(|(index, node)| matcher.visit(index, node).err()).collect();
    if obstacles.iter().all(Option::is_none) && matcher.outputs() { Ok(matcher.draft) } else { Err(obstacles) }
}

impl<'a> Matcher<'a> {
    /// The one input: a picture of floats, channels last.
    fn input(&mut self) -> Fit {
        let mut ports = self.graph.input.iter().filter(|port| !self.constants.contains(&port.name));
        let (Some(port), None) = (ports.next(), ports.next()) else {
            return Err("the network has not one input".to_owned());
        };
        let Some(type_proto::Value::TensorType(tensor)) = port.r#type.as_ref().and_then(|kind| kind.value.as_ref())
        else {
            return Err("the input is no tensor".to_owned());
        };
        let sizes = tensor.shape.iter().flat_map(|shape| &shape.dim).map(|dim| match dim.value {
            Some(Size::DimValue(size)) => usize::try_from(size).ok().filter(|size| *size > 0),
            _ => None,
        });
        let Some(&[1, height, width, channels]) = sizes.collect::<Option<Vec<_>>>().as_deref() else {
            return Err("the input is not one picture of a known size".to_owned());
        };
        if tensor.elem_type != DataType::Float as i32 {
            return Err("the input is not made of 32-bit floats".to_owned());
        }
        self.values.insert(&port.name, Value::Input);
        self.plane([height, width, channels]).map(|_| ())
    }

    /// Whether every output is a plane, channels last; if so, they are noted.
    fn outputs(&mut self) -> bool {
        for output in &self.graph.output {
            let Some(Value::Last(slot, shape)) = self.values.get(output.name.as_str()) else { return false };
            self.draft.outputs.push((*slot, shape.clone()));
        }
        !self.draft.outputs.is_empty() && !self.draft.steps.is_empty()
    }

    fn visit(&mut self, index: usize, node: &'a NodeProto) -> Fit {
        let [output] = &node.output[..] else { return Err("it has not one output".to_owned()) };
        if !node.domain.is_empty() && node.domain != "ai.onnx" {
            return Err(format!("operators of '{}' are unknown", node.domain));
        }
        let value = match node.op_type.as_str() {
            "Transpose" => self.transpose(node),
            "Conv" => self.conv(index, node),
            "Relu" => self.relu(node),
            "Add" => self.add(node),
            "MaxPool" => self.max_pool(index, node),
            "ConstantOfShape" => self.zeros(node),
            "Concat" => self.concat(node),
            "Reshape" => self.reshape(node),
            _ => Err("there is no float kernel of this operator".to_owned()),
        }?;
        self.values.insert(output, value);
        Ok(())
    }

    fn transpose(&mut self, node: &'a NodeProto) -> Fit<Value> {
        let name = input(node, 0)?;
        match (self.values.get(name), &attributes(node, "perm", &[0; 4])?[..]) {
            (Some(Value::Input), [0, 3, 1, 2]) => Ok(Value::Plane(0)),
            (Some(Value::Plane(_) | Value::Pending(_)), [0, 2, 3, 1]) => {
                let slot = self.settle(name)?;
                let [height, width, channels] = self.draft.planes[slot];
                Ok(Value::Last(slot, vec![1, height, width, channels]))
            }
            _ => Err("it does not move the channels of the input or of an output".to_owned()),
        }
    }

    fn conv(&mut self, index: usize, node: &'a NodeProto) -> Fit<Value> {
        let weights = input(node, 1)?;
        let bias = node.input.get(2).filter(|name| !name.is_empty()).cloned();
        if bias.as_ref().is_some_and(|name| !self.constants.contains(name)) {
            return Err("its bias is not constant".to_owned());
        }
        let shape = self.constants.shape(weights).ok_or("its weights are not constant")?;
        let &[outputs, inputs, height, width] = &shape[..] else { return Err("it has not two axes".to_owned()) };
        let window = window(node, [height, width])?;
        let conv = DraftConv { window, outputs, weights: weights.to_owned(), bias };
        let group = attribute(node, "group", 1)?;
        let name = input(node, 0)?;
        let pending = if group == 1 {
            let pixel = Window { size: [1; 2], stride: [1; 2], before: [0; 2], after: [0; 2] };
            match self.pending(name) {
                Some(Pending { from, work: DraftWork::Depthwise(depthwise, relu), .. })
                    if window == pixel && inputs == depthwise.outputs =>
                {
                    let depthwise = Some((depthwise, relu));
                    Pending {
                        node: index,
                        from,
                        work: DraftWork::Conv { depthwise, conv, residual: None, relu: false },
                    }
                }
                _ => {
                    let from = self.settle(name)?;
                    if self.draft.planes[from][2] != inputs {
                        return Err("its weights are for another number of channels".to_owned());
                    }
                    let work = DraftWork::Conv { depthwise: None, conv, residual: None, relu: false };
                    Pending { node: index, from, work }
                }
            }
        } else {
            let from = self.settle(name)?;
            let channels = self.draft.planes[from][2];
            let each = inputs == 1 && outputs == channels && usize::try_from(group) == Ok(channels);
            if !each || from == 0 {
                return Err("its groups are not one for each channel".to_owned());
            }
            Pending { node: index, from, work: DraftWork::Depthwise(conv, false) }
        };
        self.shape(&pending)?;
        Ok(Value::Pending(Box::new(pending)))
    }

    fn relu(&mut self, node: &NodeProto) -> Fit<Value> {
        let mut pending =
            self.pending(input(node, 0)?).ok_or("what it reads is no convolution, or is read elsewhere")?;
        match &mut pending.work {
            DraftWork::Conv { relu, .. } | DraftWork::Depthwise(_, relu) => *relu = true,
            DraftWork::MaxPool(_) => return Err("what it reads is no convolution".to_owned()),
        }
        Ok(Value::Pending(Box::new(pending)))
    }

    /// A convolution's sums plus an earlier value with no more channels.
    fn add(&mut self, node: &'a NodeProto) -> Fit<Value> {
        for (sums, other) in [(0, 1), (1, 0)] {
            let (sums, other) = (input(node, sums)?, input(node, other)?);
            let Some(Pending { node, from, work: DraftWork::Conv { depthwise, conv, residual: None, relu: false } }) =
                self.pending(sums)
            else {
                continue;
            };
            let (slot, channels) = match self.values.get(other) {
                Some(Value::Widened(slot, channels)) => (*slot, *channels),
                Some(Value::Plane(slot)) => (*slot, self.draft.planes[*slot][2]),
                _ => continue,
            };
            let work = DraftWork::Conv { depthwise, conv, residual: Some(slot), relu: false };
            let pending = Pending { node, from, work };
            let [height, width, _] = self.draft.planes[slot];
            if slot == 0 || self.shape(&pending)? != [height, width, channels] {
                return Err("its inputs have different shapes".to_owned());
            }
            return Ok(Value::Pending(Box::new(pending)));
        }
        Err("its inputs are not a convolution and an earlier value".to_owned())
    }

    fn max_pool(&mut self, index: usize, node: &'a NodeProto) -> Fit<Value> {
        let from = self.settle(input(node, 0)?)?;
        let &[height, width] = &attributes(node, "kernel_shape", &[0; 2])?[..] else {
            return Err("it has not two axes".to_owned());
        };
        let window = window(node, [height, width])?;
        if window.border() != 0 || attribute(node, "ceil_mode", 0)? != 0 || from == 0 {
            return Err("its window reaches beyond the picture, or it reads the input".to_owned());
        }
        let pending = Pending { node: index, from, work: DraftWork::MaxPool(window) };
        self.shape(&pending)?;
        Ok(Value::Pending(Box::new(pending)))
    }

    fn zeros(&self, node: &NodeProto) -> Fit<Value> {
        let shape = self.constants.values::<i64>(input(node, 0)?).ok_or("its shape is not constant")?;
        let shape: Option<Vec<usize>> = shape.into_iter().map(|size| usize::try_from(size).ok()).collect();
        let Some(&[1, channels, height, width]) = shape.as_deref() else {
            return Err("its shape is not that of a picture".to_owned());
        };
        let value = node.attribute.iter().find(|attribute| attribute.name == "value");
        let zero = match value {
            None => true,
            Some(value) => value.t.as_ref().and_then(constants::numbers::<f32>).is_some_and(|value| value == [0.0]),
        };
        if zero { Ok(Value::Zeros([height, width, channels])) } else { Err("its value is not a float's 0".to_owned()) }
    }

    fn concat(&mut self, node: &'a NodeProto) -> Fit<Value> {
        let [first, second] = &node.input[..] else { return Err("it has not two inputs".to_owned()) };
        let Some(Value::Zeros(zeros)) = self.values.get(second.as_str()).cloned() else {
            return Err("its second input is not zeros".to_owned());
        };
        let slot = self.settle(first)?;
        let [height, width, channels] = self.draft.planes[slot];
        if attribute(node, "axis", 0)? != 1 || zeros[..2] != [height, width] {
            return Err("it does not add channels".to_owned());
        }
        Ok(Value::Widened(slot, channels.saturating_add(zeros[2])))
    }

    fn reshape(&self, node: &NodeProto) -> Fit<Value> {
        let Some(Value::Last(slot, from)) = self.values.get(input(node, 0)?) else {
            return Err("what it reads has not its channels last".to_owned());
        };
        let shape = self.constants.values::<i64>(input(node, 1)?).ok_or("its shape is not constant")?;
        let shape: Option<Vec<usize>> = shape.into_iter().map(|size| usize::try_from(size).ok()).collect();
        let same = |shape: &Vec<usize>| {
            shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size)) == Some(from.iter().product())
        };
        let shape = shape.filter(same).ok_or("its shape is not one with as many values")?;
        Ok(Value::Last(*slot, shape))
    }

    /// A layer that this node alone reads.
    fn pending(&self, name: &str) -> Option<Pending> {
        match self.values.get(name) {
            Some(Value::Pending(pending)) if self.readers.get(name) == Some(&1) => Some(Pending::clone(pending)),
            _ => None,
        }
    }

    /// The plane of a value whose channels come first in the file; a layer that was pending becomes a step.
    fn settle(&mut self, name: &'a str) -> Fit<Slot> {
        match self.values.get(name) {
            Some(Value::Plane(slot)) => Ok(*slot),
            Some(Value::Pending(pending)) => {
                let pending = pending.clone();
                let shape = self.shape(&pending)?;
                let to = self.plane(shape)?;
                let Pending { node, from, work } = *pending;
                self.draft.steps.push(DraftStep { node, work, from, to });
                self.values.insert(name, Value::Plane(to));
                Ok(to)
            }
            _ => Err("its input is not the result of a fused layer".to_owned()),
        }
    }

    /// Height, width and channels of a layer's output.
    fn shape(&self, pending: &Pending) -> Fit<[usize; 3]> {
        let [height, width, channels] = self.draft.planes[pending.from];
        let size = pending.work.window().output(height, width);
        let [height, width] = size.ok_or("its window is larger than the picture")?;
        let channels = match &pending.work {
            DraftWork::Conv { conv, .. } | DraftWork::Depthwise(conv, _) => conv.outputs,
            DraftWork::MaxPool(_) => channels,
        };
        Ok([height, width, channels])
    }

    fn plane(&mut self, shape: [usize; 3]) -> Fit<Slot> {
        let [height, width, channels] = shape;
        // At its widest border, and padded for any kernel.
        let size = [height.checked_add(2 * MOST_WINDOW), width.checked_add(2 * MOST_WINDOW), channels.checked_add(16)];
        let floats = size.into_iter().try_fold(1_usize, |product, size| product.checked_mul(size?));
        let total = floats.and_then(|floats| floats.checked_add(self.floats));
        self.floats = total.filter(|total| *total <= MOST_FLOATS).ok_or("the network is too large")?;
        self.draft.planes.push(shape);
        Ok(self.draft.planes.len() - 1)
    }
}

/// The window of a Conv or MaxPool.
fn window(node: &NodeProto, size: [usize; 2]) -> Fit<Window> {
    let plain = attributes(node, "dilations", &[1; 2])? == [1, 1]
        && node.get_attr_opt::<&str>("auto_pad").fits()?.is_none_or(|pad| pad == "NOTSET");
    let (pads, strides) = (attributes(node, "pads", &[0; 4])?, attributes(node, "strides", &[1; 2])?);
    let (&[top, left, bottom, right], &[down, across]) = (&pads[..], &strides[..]) else {
        return Err("it has not two axes".to_owned());
    };
    let window = Window { size, stride: [down, across], before: [top, left], after: [bottom, right] };
    let sizes = [size, window.stride].concat();
    if !plain || sizes.iter().any(|size| !(1..=MOST_WINDOW).contains(size)) || window.border() > MOST_WINDOW {
        return Err("it has dilation, automatic padding or an unusual window".to_owned());
    }
    Ok(window)
}
