//! Finds out whether a whole float network, such as the face detector, can be computed by the float kernels.
//!
//! All of it or nothing: either every output stems from these nodes, from the one input on, or tract runs the network.
//!
//! | nodes | become |
//! |---|---|
//! | Transpose of the input, height x width x channels | nothing: that is how planes lie |
//! | depthwise Conv (+ Relu), 1x1 Conv (+ Add of an earlier value) (+ Relu) | one step |
//! | Conv (+ Add of an earlier value) (+ Relu) | one step |
//! | Concat of an earlier value and zeros, read by such an Add | nothing: channels that are not there are 0 |
//! | MaxPool without padding | one step |
//! | Transpose to height x width x channels (+ Reshape) at an output | nothing |

mod draft;

use super::constants::Constants;
use crate::onnx::GraphProto;
use draft::{Draft, DraftConv, DraftWork};
use lakshan_kernels::floats::{
    Convolution, Depthwise, FloatKernel, FloatProgram, FloatStep, Plane, Work, between_plane,
};

/// A network that is computed by the float kernels alone.
pub(crate) struct FusedFloats {
    pub(crate) program: FloatProgram,
    /// The shape of its input.
    pub(crate) input: Vec<usize>,
    /// The shape of each of its outputs, in the order of the file.
    pub(crate) outputs: Vec<Vec<usize>>,
}

/// The program of a network, or for each node why it does not fit, if it is known.
pub(super) fn fuse(
    graph: &GraphProto,
    constants: &Constants,
    kernel: &'static FloatKernel,
) -> Result<FusedFloats, Vec<Option<String>>> {
    let draft = draft::run(graph, constants)?;
    build(&draft, constants, kernel).map_err(|(node, why)| {
        let mut obstacles = vec![None; graph.node.len()];
        obstacles[node] = Some(why.to_owned());
        obstacles
    })
}

/// Packs the weights.
fn build(
    draft: &Draft,
    constants: &Constants,
    kernel: &'static FloatKernel,
) -> Result<FusedFloats, (usize, &'static str)> {
    let mut planes = Vec::new();
    for (slot, &[height, width, channels]) in draft.planes.iter().enumerate() {
        // The input has no padding, so that a row of taps is one run of floats.
        let step = if slot == 0 { channels } else { channels.next_multiple_of(kernel.lanes) };
        let readers = draft.steps.iter().filter(|step| step.from == slot);
        let border = readers.map(|step| step.work.border()).max().unwrap_or(0);
        planes.push(Plane { height, width, channels, step, border });
    }
    let mut steps = Vec::new();
    for step in &draft.steps {
        let fault = |why| (step.node, why);
        let from = planes[step.from];
        let depthwise = |conv: &DraftConv, relu: bool| {
            let (weights, bias) = numbers(conv, constants)?;
            Depthwise::new(kernel, conv.window, &from, &weights, &bias, relu)
        };
        let work = match &step.work {
            DraftWork::MaxPool(window) => Work::MaxPool(*window),
            DraftWork::Depthwise(conv, relu) => Work::Depthwise(depthwise(conv, *relu).map_err(fault)?),
            DraftWork::Conv { depthwise: before, conv, residual, relu } => {
                let before = before.as_ref().map(|(conv, relu)| depthwise(conv, *relu)).transpose().map_err(fault)?;
                let plane = if before.is_some() { between_plane(planes[step.to].width, &from) } else { from };
                let (weights, bias) = numbers(conv, constants).map_err(fault)?;
                let conv = Convolution::new(kernel, conv.window, &plane, &weights, &bias).map_err(fault)?;
                Work::Conv { depthwise: before, conv, residual: *residual, relu: *relu }
            }
        };
        steps.push(FloatStep { work, from: step.from, to: step.to });
    }
    let slots = draft.outputs.iter().map(|(slot, _)| *slot).collect();
    let [height, width, channels] = draft.planes[0];
    Ok(FusedFloats {
        program: FloatProgram::new(kernel, steps, slots, planes),
        input: vec![1, height, width, channels],
        outputs: draft.outputs.iter().map(|(_, shape)| shape.clone()).collect(),
    })
}

/// The weights and biases of a layer.
fn numbers(conv: &DraftConv, constants: &Constants) -> Result<(Vec<f32>, Vec<f32>), &'static str> {
    let weights = constants.values::<f32>(&conv.weights).ok_or("its weights are not 32-bit floats")?;
    let bias = match &conv.bias {
        None => vec![0.0; conv.outputs],
        Some(name) => constants.values::<f32>(name).ok_or("its bias is not made of 32-bit floats")?,
    };
    if bias.len() != conv.outputs {
        return Err("its tensors do not fit each other");
    }
    Ok((weights, bias))
}
