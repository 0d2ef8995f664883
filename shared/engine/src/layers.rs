//! Where the time of an inference goes, layer by layer.

use std::time::Duration;

use crate::fusion::Fused;
use lakshan_kernels::{Layer, Step, Times};

/// One layer of the integer part in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerTime {
    /// The node that it stems from.
    pub name: String,
    /// What it computes, such as `3x3 stride 1`.
    pub class: String,
    /// Its multiplications.
    pub macs: u64,
    /// How long it took, the waiting for all threads included.
    pub time: Duration,
}

/// Runs the integer part alone and times its layers.
pub(crate) fn time(fused: &Fused, input: &[f32]) -> Vec<LayerTime> {
    let mut times = Times::new();
    fused.program.run(input, Some(&mut times));
    let layer = |(step, time): (&Step, Duration)| LayerTime {
        name: step.name.clone(),
        class: class(step),
        macs: fused.program.macs(step) as u64,
        time,
    };
    fused.program.steps().iter().zip(times).map(layer).collect()
}

fn class(step: &Step) -> String {
    match &step.layer {
        Layer::Quantize { .. } => "to bytes".to_owned(),
        Layer::MaxPool(window) => format!("max pool {0}x{0}", window.size),
        Layer::Average { .. } => "average".to_owned(),
        Layer::Conv(conv) => {
            let geometry = conv.geometry();
            let add = if step.residual.is_some() { " + add" } else { "" };
            let way = if conv.is_winograd() { ", Winograd" } else { "" };
            format!("{}x{} stride {}{add}{way}", geometry.kernel[0], geometry.kernel[1], geometry.stride[0])
        }
    }
}
