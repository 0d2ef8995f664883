//! From a draft to a program: packs the weights.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use lakshan_kernels::{
    Conv, Dense, Geometry, Kernel, Layer, Memory, Output, Parameters, Program, Range, Shape, Shelf, Step,
};

use super::Fused;
use super::constants::Constants;
use super::draft::{Draft, DraftLayer, DraftStep, Exit, Weights};
use crate::panics;

/// The most bytes of an activation with its border: twenty times a ResNet-50's largest. Sums of so many bytes fit 32 bits.
const MOST_BYTES: usize = 1 << 24;
/// The most channels, eight times a ResNet-50's: what a kernel needs beside the activations grows with them.
const MOST_CHANNELS: usize = 1 << 14;
/// The most bytes of all activations and packed weights, ten times a ResNet-50's.
const MOST_BYTES_IN_ALL: u64 = 1 << 28;

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
    let memory = |(slot, step)| memory(draft, slot, step).map_err(|why| (Some(step.node), why.to_owned()));
    let slots: Vec<Memory> = draft.steps.iter().enumerate().map(memory).collect::<Result<_, _>>()?;
    if total(&slots, draft, kernel) > MOST_BYTES_IN_ALL {
        return Err((None, "it needs more memory than any device has".to_owned()));
    }
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
                Output::Values { from, scale, range: exit.from.range }
            }
        });
    }
    let shelf = Shelf::new(draft.steps.iter().filter_map(|step| match &step.layer {
        // What is not used takes none of the memory.
        DraftLayer::Conv { geometry, .. } => Some(geometry.packed(kernel.channels) / 8 * 9),
        _ => None,
    }));
    let (next, packed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let slot = next.fetch_add(1, Ordering::Relaxed);
            let Some(step) = draft.steps.get(slot) else { break };
            let layer = pack(step, &slots[step.from].shape, constants, kernel, &shelf)
                .map_err(|why| (Some(step.node), why.to_owned()));
            packed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((slot, layer));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| panics::quietly(work));
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

/// The memory of a step's output, with the border that its readers need. All that the kernels compute with sizes and
/// offsets rests on this: an activation within [`MOST_BYTES`] cannot overflow any of it.
fn memory(draft: &Draft, slot: usize, step: &DraftStep) -> Result<Memory, &'static str> {
    let [height, width, channels] = step.shape;
    let readers = draft.steps.iter().enumerate().filter(|(at, reader)| reader.from == slot && *at != slot);
    let border = readers.map(|(_, reader)| reader.layer.border()).max().unwrap_or(0);
    let range = if matches!(step.layer, DraftLayer::Quantize { .. }) { Range::Picture } else { Range::Signed };
    let side = |size: usize| 2_u128 * border as u128 + size as u128;
    let bytes = side(height).saturating_mul(side(width)).saturating_mul(channels as u128);
    if channels > MOST_CHANNELS || bytes > MOST_BYTES as u128 {
        return Err("its result is too large");
    }
    Ok(Memory { shape: Shape { height, width, channels, border }, border: range.zero() })
}

/// Bytes of all activations and packed weights.
fn total(slots: &[Memory], draft: &Draft, kernel: &Kernel) -> u64 {
    let weights = |step: &DraftStep| match &step.layer {
        DraftLayer::Conv { geometry: Geometry { inputs, outputs, kernel: [height, width], .. }, .. } => {
            let row = (*width as u64).saturating_mul(*inputs as u64).saturating_add(3);
            let panels = outputs.next_multiple_of(kernel.channels) as u64;
            row.saturating_mul(*height as u64).saturating_mul(panels)
        }
        _ => 0,
    };
    let activations = slots.iter().map(|slot| slot.shape.bytes() as u64);
    activations.chain(draft.steps.iter().map(weights)).fold(0, u64::saturating_add)
}

fn pack(
    step: &DraftStep,
    from: &Shape,
    constants: &Constants,
    kernel: &'static Kernel,
    shelf: &Shelf,
) -> Result<Layer, &'static str> {
    Ok(match &step.layer {
        DraftLayer::Quantize { scale } => Layer::Quantize { scale: *scale },
        DraftLayer::MaxPool(window) => Layer::MaxPool(*window),
        DraftLayer::Average { multiplier, range } => Layer::Average { multiplier: *multiplier, range: *range },
        DraftLayer::Conv { geometry, weights, multiplier, residual, input, output } => {
            let (values, bias) = numbers(weights, constants)?;
            let parameters = Parameters {
                weights: &values,
                bias: &bias,
                multiplier,
                residual: *residual,
                input: *input,
                output: *output,
            };
            let mut conv = Conv::new(kernel, *geometry, *from, &parameters)?;
            conv.settle(shelf);
            Layer::Conv(Box::new(conv))
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
    // 255 x 127 x inputs, and a bias of as much.
    let fits = inputs < 1 << 15 && bias.iter().all(|bias| bias.unsigned_abs() < 1 << 30);
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
