//! Moves scale between the channels of a tensor: exact in f32, and kinder to one step per tensor.
//!
//! ReLU, max-pool and average pool pass a positive factor through. So the output channel `c` of the layers that produce
//! a tensor may be divided by `f[c]` if the layers that consume it multiply their input channel `c` by the same; the
//! network computes what it computed before. Weights have a step per *output* channel, so the division costs nothing,
//! and channels that used a fraction of the tensor's range come to use more of it. How much difficulty moves from the
//! activations into the consumers' weights is `strength`: `f = a^strength / w^(1 - strength)`, as SmoothQuant has it
//! (Xiao and others 2023, equation 4), with `a` the channel's size and `w` that of its weights.

use std::collections::BTreeMap;

use crate::onnx::{FoldedConv, FoldedNetwork};

/// Channels smaller than this share of the largest count as this large: their factor must not blow up.
const LEAST_SHARE: f32 = 1e-3;

/// Which tensors are equalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Equalise {
    /// None.
    None,
    /// The stem's output, whose channels differ the most, until each fills the range.
    Stem,
    /// All but the input, half way.
    All,
}

/// Equalises tensors of `network`. `sizes` holds the channel sizes of each point.
///
/// # Panics
/// When a point of the network is not in `sizes`.
pub fn equalise(network: &mut FoldedNetwork, sizes: &BTreeMap<String, Vec<f32>>, which: Equalise) {
    match which {
        Equalise::None => (),
        Equalise::Stem => stem(network, sizes, 1.0),
        Equalise::All => all(network, sizes, 0.5),
    }
}

/// Equalises the stem's output, unless the first block adds to it: then it belongs to that block's stage.
fn stem(network: &mut FoldedNetwork, sizes: &BTreeMap<String, Vec<f32>>, strength: f32) {
    if network.blocks.first().is_none_or(|block| block.downsample.is_some()) {
        let sizes = sizes[&network.stem.name].clone();
        trunk(network, &sizes, None, 0, strength);
    }
}

fn all(network: &mut FoldedNetwork, sizes: &BTreeMap<String, Vec<f32>>, strength: f32) {
    for block in &mut network.blocks {
        let inner = [(&mut block.conv1, &mut block.conv2)];
        for (producer, consumer) in inner {
            let factors = factors(&sizes[&producer.name], &[Weights::of(consumer)], strength);
            divide_outputs(producer, &factors);
            multiply_inputs(consumer, &factors);
        }
        let (producer, consumer) = (&mut block.conv2, &mut block.conv3);
        let factors = factors(&sizes[&producer.name], &[Weights::of(consumer)], strength);
        divide_outputs(producer, &factors);
        multiply_inputs(consumer, &factors);
    }
    // The trunk: one tensor behind the stem, then one a stage, which all blocks of the stage add to.
    let mut starts: Vec<usize> =
        (0..network.blocks.len()).filter(|at| network.blocks[*at].downsample.is_some()).collect();
    stem(network, sizes, strength);
    if starts.first() != Some(&0) {
        // The first stage has no tensor of its own to equalise: its blocks add to the stem's output.
        starts.retain(|start| *start > 0);
    }
    for (which, start) in starts.iter().enumerate() {
        let end = starts.get(which + 1).copied().unwrap_or(network.blocks.len());
        let mut largest = vec![0.0_f32; network.blocks[*start].conv3.outputs];
        for block in &network.blocks[*start..end] {
            // What the projection adds is rounded too, before the ReLU, and has larger channels than the sum behind it.
            for point in block.downsample.iter().map(|conv| &conv.name).chain([&block.name]) {
                for (largest, size) in largest.iter_mut().zip(&sizes[point]) {
                    *largest = largest.max(*size);
                }
            }
        }
        trunk(network, &largest, Some(*start), end, strength);
    }
}

/// Equalises the trunk between its producers (the stem, or the blocks from `start`) and the consumers at `end`.
fn trunk(network: &mut FoldedNetwork, sizes: &[f32], start: Option<usize>, end: usize, strength: f32) {
    let inside = start.map_or(0..0, |start| start + 1..end);
    let mut consumers: Vec<Weights> = inside.clone().map(|at| Weights::of(&network.blocks[at].conv1)).collect();
    match network.blocks.get(end) {
        Some(next) => consumers.extend(next.downsample.iter().chain([&next.conv1]).map(Weights::of)),
        None => {
            let dense = &network.dense;
            consumers.push(Weights { values: &dense.weight, inputs: dense.inputs, places: 1 });
        }
    }
    let factors = factors(sizes, &consumers, strength);
    match start {
        None => divide_outputs(&mut network.stem, &factors),
        Some(start) => {
            for block in &mut network.blocks[start..end] {
                divide_outputs(&mut block.conv3, &factors);
            }
            if let Some(downsample) = &mut network.blocks[start].downsample {
                divide_outputs(downsample, &factors);
            }
        }
    }
    for at in inside {
        multiply_inputs(&mut network.blocks[at].conv1, &factors);
    }
    match network.blocks.get_mut(end) {
        Some(next) => {
            multiply_inputs(&mut next.conv1, &factors);
            if let Some(downsample) = &mut next.downsample {
                multiply_inputs(downsample, &factors);
            }
        }
        None => {
            let dense = &mut network.dense;
            for row in dense.weight.chunks_exact_mut(dense.inputs) {
                row.iter_mut().zip(&factors).for_each(|(weight, factor)| *weight *= factor);
            }
        }
    }
}

/// The weights of a consumer: `[outputs, inputs, places]`.
struct Weights<'a> {
    values: &'a [f32],
    inputs: usize,
    places: usize,
}

impl<'a> Weights<'a> {
    fn of(conv: &'a FoldedConv) -> Self {
        Self { values: &conv.weight, inputs: conv.inputs, places: conv.kernel * conv.kernel }
    }

    /// For each input channel its largest weight, as a share of the largest in the same row (the row has one step).
    fn raise_shares(&self, shares: &mut [f32]) {
        for row in self.values.chunks_exact(self.inputs * self.places) {
            let largest = largest(row).max(f32::MIN_POSITIVE);
            for (share, channel) in shares.iter_mut().zip(row.chunks_exact(self.places)) {
                *share = share.max(self::largest(channel) / largest);
            }
        }
    }
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

/// The factor of each channel; their geometric mean is 1.
fn factors(sizes: &[f32], consumers: &[Weights], strength: f32) -> Vec<f32> {
    let mut shares = vec![0.0; sizes.len()];
    for consumer in consumers {
        consumer.raise_shares(&mut shares);
    }
    let (least_size, least_share) = (largest(sizes) * LEAST_SHARE, largest(&shares) * LEAST_SHARE);
    if least_size == 0.0 || least_share == 0.0 {
        return vec![1.0; sizes.len()];
    }
    let channels = sizes.iter().zip(&shares);
    let mut factors: Vec<f32> = channels
        .map(|(size, share)| size.max(least_size).powf(strength) / share.max(least_share).powf(1.0 - strength))
        .collect();
    let mean_log = factors.iter().map(|factor| f64::from(*factor).ln()).sum::<f64>() / factors.len() as f64;
    let mean = mean_log.exp() as f32;
    factors.iter_mut().for_each(|factor| *factor /= mean);
    factors
}

fn divide_outputs(conv: &mut FoldedConv, factors: &[f32]) {
    let per_output = conv.weights_per_output();
    for ((weights, bias), factor) in conv.weight.chunks_exact_mut(per_output).zip(&mut conv.bias).zip(factors) {
        weights.iter_mut().for_each(|weight| *weight /= factor);
        *bias /= factor;
    }
}

fn multiply_inputs(conv: &mut FoldedConv, factors: &[f32]) {
    let places = conv.kernel * conv.kernel;
    for row in conv.weight.chunks_exact_mut(conv.inputs * places) {
        for (channel, factor) in row.chunks_exact_mut(places).zip(factors) {
            channel.iter_mut().for_each(|weight| *weight *= factor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::fold::tests::toy;
    use crate::quantize::points;

    #[test]
    fn what_a_projection_adds_counts_as_the_sum_behind_it() {
        let network = toy(8, 2, 12);
        let (first, channels) = (&network.blocks[0], network.blocks[0].conv3.outputs);
        let projection = first.downsample.as_ref().expect("the first block projects");
        // The last channel is large before the ReLU alone.
        let size = |point: &str, at: usize| if point == projection.name && at + 1 == channels { 64.0 } else { 1.0 };
        let sizes = |point: String| {
            let conv = network.convs().find(|conv| conv.name == point);
            let block = network.blocks.iter().find(|block| block.name == point).map(|block| &block.conv3);
            let count = conv.or(block).map_or(1, |conv| conv.outputs);
            (point.clone(), (0..count).map(|at| size(&point, at)).collect())
        };
        let sizes = points(&network).into_iter().map(sizes).collect();
        let mut equalised = network.clone();
        equalise(&mut equalised, &sizes, Equalise::All);
        let factor = |at: usize| first.conv3.bias[at] / equalised.blocks[0].conv3.bias[at];
        let others = (0..channels - 1).map(factor).fold(0.0, f32::max);
        assert!(factor(channels - 1) > 2.0 * others, "{} and {others}", factor(channels - 1));
    }

    #[test]
    fn channels_of_unequal_size_come_closer() {
        let weight = [1.0, 1.0, 1.0, 1.0];
        let consumer = || [Weights { values: &weight, inputs: 2, places: 1 }];
        let half = factors(&[4.0, 1.0], &consumer(), 0.5);
        assert!((half[0] / half[1] - 2.0).abs() < 1e-5, "a ratio of 4 becomes 2: {half:?}");
        assert!((half[0] * half[1] - 1.0).abs() < 1e-5);
        let dead = factors(&[4.0, 0.0], &consumer(), 1.0);
        assert!((dead[0] / dead[1] - 1000.0).abs() < 0.1, "a dead channel is held at a thousandth: {dead:?}");
    }
}
