//! From a draft to a program: packs the weights.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Fused;
use super::constants::Constants;
use super::draft::{Draft, DraftLayer, DraftStep, Exit, Range, Weights};
use lakshan_kernels::{Conv, Dense, Kernel, Layer, Memory, Output, Parameters, Program, Shape, Step};

/// The node that stands in the way, when it is one, and why.
type Obstacle = (Option<usize>, String);

/// Packs all layers, several at a time, and puts the program together.
pub(super) fn program(
    draft: &Draft,
    exits: &[Exit],
    constants: &Constants,
    kernel: &'static Kernel,
    threads: usize,
) -> Result<Fused, Obstacle> {
    let slots: Vec<Memory> = draft.steps.iter().enumerate().map(|(slot, step)| memory(draft, slot, step)).collect();
    let mut outputs = Vec::new();
    let mut shapes = Vec::new();
    for exit in exits {
        let [height, width, channels] = draft.steps[exit.from.slot].shape;
        let (from, scale) = (exit.from.slot, exit.from.scale);
        outputs.push(match &exit.dense {
            Some(dense) => {
                shapes.push(vec![1, dense.weights.scales.len()]);
                let dense = pack_dense(&dense.weights, scale, channels, constants)
                    .map_err(|why| (Some(dense.node), why.to_owned()))?;
                Output::Dense { from, dense }
            }
            None => {
                shapes.push(if exit.from.flat { vec![1, channels] } else { vec![1, channels, height, width] });
                Output::Values { from, scale, picture: exit.from.range == Range::Picture }
            }
        });
    }
    let (next, packed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let slot = next.fetch_add(1, Ordering::Relaxed);
            let Some(step) = draft.steps.get(slot) else { break };
            let layer =
                pack(step, &slots[step.from].shape, constants, kernel).map_err(|why| (Some(step.node), why.to_owned()));
            packed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((slot, layer));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let mut packed = packed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    packed.sort_by_key(|(slot, _)| *slot);
    let mut steps = Vec::new();
    for ((slot, layer), step) in packed.into_iter().zip(&draft.steps) {
        let (name, from, residual) = (step.name.clone(), step.from, step.residual);
        steps.push(Step { name, layer: layer?, from, residual, to: slot });
    }
    Ok(Fused { program: Program::new(steps, outputs, slots, threads), shapes, input: draft.input_shape.clone() })
}

/// The memory of a step's output, with the border that its readers need.
fn memory(draft: &Draft, slot: usize, step: &DraftStep) -> Memory {
    let [height, width, channels] = step.shape;
    let readers = draft.steps.iter().enumerate().filter(|(at, reader)| reader.from == slot && *at != slot);
    let border = readers.map(|(_, reader)| reader.layer.border()).max().unwrap_or(0);
    let picture = matches!(step.layer, DraftLayer::Quantize { .. });
    Memory { shape: Shape { height, width, channels, border }, border: if picture { 128 } else { 0 } }
}

fn pack(step: &DraftStep, from: &Shape, constants: &Constants, kernel: &'static Kernel) -> Result<Layer, &'static str> {
    Ok(match &step.layer {
        DraftLayer::Quantize { scale } => Layer::Quantize { scale: *scale },
        DraftLayer::MaxPool(window) => Layer::MaxPool(*window),
        DraftLayer::Average { multiplier } => Layer::Average { multiplier: *multiplier },
        DraftLayer::Conv { geometry, weights, multiplier, residual_scale, relu, input } => {
            let (values, bias) = numbers(weights, constants)?;
            let parameters = Parameters {
                weights: &values,
                bias: &bias,
                multiplier,
                residual_scale: *residual_scale,
                relu: *relu,
                input: *input,
            };
            Layer::Conv(Box::new(Conv::new(kernel, *geometry, *from, &parameters)?))
        }
    })
}

fn pack_dense(
    weights: &Weights,
    input_scale: f32,
    inputs: usize,
    constants: &Constants,
) -> Result<Dense, &'static str> {
    let (values, bias) = numbers(weights, constants)?;
    let outputs = weights.scales.len();
    // 127 x 127 x inputs, and a bias of as much.
    let fits = inputs < 1 << 16 && bias.iter().all(|bias| bias.unsigned_abs() < 1 << 30);
    if values.len() != outputs * inputs || bias.len() != outputs || !fits {
        return Err("its tensors do not fit each other");
    }
    let scale = weights.scales.iter().map(|scale| scale * input_scale).collect();
    Ok(Dense { weights: values, bias, scale })
}

/// The integers of a layer.
fn numbers(weights: &Weights, constants: &Constants) -> Result<(Vec<i8>, Vec<i32>), &'static str> {
    let values = constants.values::<i8>(&weights.tensor).ok_or("its weights are not signed bytes")?;
    let bias = match &weights.bias {
        None => vec![0; weights.scales.len()],
        Some(name) => constants.values::<i32>(name).ok_or("its bias is not made of 32-bit integers")?,
    };
    Ok((values, bias))
}
