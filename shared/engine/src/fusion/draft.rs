//! An integer program on paper: which layers, before any weight is packed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use lakshan_kernels::{Geometry, Range, Residual, Slot, Window};

/// A value that is known in integers: steps of `scale`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub(super) slot: Slot,
    pub(super) scale: f32,
    pub(super) range: Range,
    /// Flattened to one axis behind the first.
    pub(super) flat: bool,
}

/// A layer's weights and biases: names of constant tensors, and what a step of each weight is worth.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    pub(super) tensor: String,
    pub(super) bias: Option<String>,
    /// One for each output. Shared: several nodes may stand between a convolution and its quantizer.
    pub(super) scales: Arc<[f32]>,
}

/// A layer on paper. It writes the slot that has its own number.
#[derive(Clone, Debug)]
pub(super) struct DraftStep {
    /// The index of the node that it stems from.
    pub(super) node: usize,
    pub(super) name: String,
    pub(super) layer: DraftLayer,
    pub(super) from: Slot,
    pub(super) residual: Option<Slot>,
    /// Height, width, channels.
    pub(super) shape: [usize; 3],
}

#[derive(Clone, Debug)]
pub(super) enum DraftLayer {
    Quantize {
        scale: f32,
    },
    Conv {
        geometry: Geometry,
        weights: Weights,
        multiplier: Vec<f32>,
        residual: Option<Residual>,
        input: Range,
        output: Range,
    },
    MaxPool(Window),
    Average {
        multiplier: f32,
        range: Range,
    },
}

impl DraftLayer {
    /// How many pixels of border its input needs.
    pub(super) fn border(&self) -> usize {
        match self {
            Self::Conv { geometry, .. } => geometry.padding[0].max(geometry.padding[1]),
            Self::MaxPool(window) => window.padding,
            _ => 0,
        }
    }
}

/// A dense layer on paper.
#[derive(Clone, Debug)]
pub(super) struct DraftDense {
    pub(super) node: usize,
    pub(super) from: Value,
    pub(super) weights: Weights,
}

/// A value in floats that the program hands out.
pub(super) struct Exit {
    pub(super) name: String,
    pub(super) from: Value,
    pub(super) dense: Option<DraftDense>,
}

/// An integer program on paper.
#[derive(Default)]
pub(super) struct Draft {
    /// The name of the network's input.
    pub(super) input_name: String,
    /// Its shape: 1 x channels x height x width.
    pub(super) input_shape: Vec<usize>,
    pub(super) steps: Vec<DraftStep>,
    /// Values by the name of the float tensor that DequantizeLinear makes of them.
    pub(super) values: HashMap<String, Value>,
    /// Dense layers by the name of the float tensor that they make.
    pub(super) dense: HashMap<String, DraftDense>,
}

impl Draft {
    /// The program's way to the float tensor `name`.
    pub(super) fn exit(&self, name: &str) -> Option<Exit> {
        let dense = self.dense.get(name).cloned();
        let from = dense.as_ref().map(|dense| dense.from).or_else(|| self.values.get(name).copied())?;
        Some(Exit { name: name.to_owned(), from, dense })
    }

    /// Whether there is a convolution in it.
    pub(super) fn is_worth_it(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.layer, DraftLayer::Conv { .. }))
    }

    /// Drops the steps that no exit needs, and counts the others anew.
    pub(super) fn keep_only(&mut self, exits: &mut [Exit]) {
        let mut wanted: Vec<Slot> = exits.iter().map(|exit| exit.from.slot).collect();
        let mut needed = HashSet::new();
        while let Some(slot) = wanted.pop() {
            if needed.insert(slot) {
                let step = &self.steps[slot];
                wanted.extend([step.from].iter().chain(&step.residual));
            }
        }
        let mut number = HashMap::new();
        let steps = std::mem::take(&mut self.steps);
        for (old, mut step) in steps.into_iter().enumerate().filter(|(slot, _)| needed.contains(slot)) {
            number.insert(old, self.steps.len());
            step.from = number[&step.from];
            step.residual = step.residual.map(|slot| number[&slot]);
            self.steps.push(step);
        }
        for exit in exits {
            exit.from.slot = number[&exit.from.slot];
        }
    }
}
