//! Finds what of a network this crate's own kernels can compute: the integer part of a quantized one, which is taken out of
//! the ONNX graph, or the whole of a small float network ([`floats`]).
//!
//! What is found of a quantized network, from the network's input on, while every value is a QuantizeLinear + DequantizeLinear pair with zero
//! point 0:
//!
//! | nodes | become |
//! |---|---|
//! | QuantizeLinear of the input | one step to bytes |
//! | Conv (+ Add of a quantized value) (+ Relu) + QuantizeLinear | one integer convolution |
//! | MaxPool + QuantizeLinear at the same scale | one step |
//! | GlobalAveragePool + QuantizeLinear | one step |
//! | (Flatten +) Gemm | one dense layer to floats |
//!
//! All of them together become one node, [`OPERATOR`], which hands floats to what could not be fused. Nodes that remain
//! run in tract, as any other network does; when none does, tract is not asked.

mod build;
mod constants;
mod draft;
mod floats;
mod matching;

use std::collections::{HashMap, HashSet};

use crate::onnx::{GraphProto, ModelProto, NodeProto};
use constants::Constants;
use draft::{Draft, Exit};
pub(crate) use floats::FusedFloats;
use lakshan_kernels::floats::FloatKernel;
use lakshan_kernels::{Kernel, Program};

/// The fused node's operator name. The dot keeps it apart from the names of the ONNX specification.
pub(crate) const OPERATOR: &str = "lakshan.Integers";

/// What became of a node of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeFate {
    /// The node's name.
    pub name: String,
    /// Its ONNX operator.
    pub operator: String,
    /// Why tract computes it; `None` when it is part of what this crate's own kernels compute.
    pub obstacle: Option<String>,
}

/// The integer part of a network.
pub(crate) struct Fused {
    pub(crate) program: Program,
    /// The shape of each of its outputs.
    pub(crate) shapes: Vec<Vec<usize>>,
    /// The shape of its input.
    pub(crate) input: Vec<usize>,
}

/// What could be fused of a network.
pub(crate) enum Fusion {
    /// Nothing: tract computes it.
    None,
    /// The integer part; the fused node stands for it in the graph, and tract computes the rest.
    Part(Fused),
    /// All of it, in integers.
    Integers(Fused),
    /// All of it, in floats.
    Floats(FusedFloats),
}

/// Takes what can be fused out of `model`, for `threads` threads.
///
/// Whatever is odd about a node is a reason not to fuse it: errors are left to tract, which names them.
pub(crate) fn fuse(
    model: &mut ModelProto,
    kernel: &'static Kernel,
    floats: &'static FloatKernel,
    threads: usize,
) -> (Fusion, Vec<NodeFate>) {
    let Some(graph) = model.graph.as_mut() else { return (Fusion::None, Vec::new()) };
    let quantized = graph.node.iter().any(|node| node.op_type == "QuantizeLinear");
    if quantized { fuse_integers(graph, kernel, threads) } else { fuse_floats(graph, floats) }
}

/// All of a float network, or nothing.
fn fuse_floats(graph: &GraphProto, kernel: &'static FloatKernel) -> (Fusion, Vec<NodeFate>) {
    let fused = floats::fuse(graph, &Constants::new(graph), kernel);
    let fate = |(index, node): (usize, &NodeProto)| NodeFate {
        name: node.name.clone(),
        operator: node.op_type.clone(),
        obstacle: fused
            .as_ref()
            .err()
            .map(|obstacles| obstacles[index].clone().unwrap_or_else(|| "another node has no float kernel".to_owned())),
    };
    let fates = graph.node.iter().enumerate().map(fate).collect();
    (fused.map_or(Fusion::None, Fusion::Floats), fates)
}

/// The integer part of a quantized network.
fn fuse_integers(graph: &mut GraphProto, kernel: &'static Kernel, threads: usize) -> (Fusion, Vec<NodeFate>) {
    let constants = Constants::new(graph);
    let (mut draft, mut obstacles) = matching::run(graph, &constants);
    let mut kept = Kept::new(graph, &draft);
    let whole = kept.is_whole(graph, &draft.input_name, &constants);
    draft.keep_only(&mut kept.exits);
    let built = if draft.is_worth_it() {
        build::program(&draft, &kept.exits, &constants, kernel, threads)
    } else {
        Err((None, "no convolution can be computed in integers".to_owned()))
    };
    let fused = match built {
        Ok(fused) => Some(fused),
        Err((node, why)) => {
            // One layer that the kernels refuse leaves the whole network to tract: this does not happen to files that
            // host-trainer makes.
            for (index, obstacle) in obstacles.iter_mut().enumerate() {
                let of_this_node = node.is_none_or(|node| node == index);
                obstacle.get_or_insert_with(|| {
                    if of_this_node { why.clone() } else { "another layer cannot be fused".to_owned() }
                });
            }
            None
        }
    };
    let fate = |(index, node): (usize, &NodeProto)| NodeFate {
        name: node.name.clone(),
        operator: node.op_type.clone(),
        obstacle: match (&fused, kept.nodes.contains(&index)) {
            (Some(_), false) => None,
            _ => Some(obstacles[index].clone().unwrap_or_else(|| "its result is needed in floats".to_owned())),
        },
    };
    let fates = graph.node.iter().enumerate().map(fate).collect();
    drop(constants);
    let fusion = match fused {
        None => Fusion::None,
        Some(fused) if whole => Fusion::Integers(fused),
        Some(fused) => {
            replace(graph, &kept, &draft.input_name);
            Fusion::Part(fused)
        }
    };
    (fusion, fates)
}

/// The nodes of a network of which no part is computed in integers.
pub(crate) fn unfused(model: &ModelProto, why: &str) -> Vec<NodeFate> {
    let fate = |node: &NodeProto| NodeFate {
        name: node.name.clone(),
        operator: node.op_type.clone(),
        obstacle: Some(why.to_owned()),
    };
    model.graph.iter().flat_map(|graph| &graph.node).map(fate).collect()
}

/// What the network's outputs still need from outside the integer part.
struct Kept {
    /// Nodes that stay, by index.
    nodes: HashSet<usize>,
    /// Values that the integer part hands out.
    exits: Vec<Exit>,
}

impl Kept {
    fn new(graph: &GraphProto, draft: &Draft) -> Self {
        let producer: HashMap<&str, usize> = graph
            .node
            .iter()
            .enumerate()
            .flat_map(|(index, node)| node.output.iter().map(move |name| (name.as_str(), index)))
            .collect();
        let mut kept = Self { nodes: HashSet::new(), exits: Vec::new() };
        let mut asked: HashSet<&str> = HashSet::new();
        let mut wanted: Vec<&str> = graph.output.iter().map(|output| output.name.as_str()).collect();
        while let Some(name) = wanted.pop() {
            if !asked.insert(name) {
                continue;
            }
            if let Some(exit) = draft.exit(name) {
                kept.exits.push(exit);
            } else if let Some(index) = producer.get(name)
                && kept.nodes.insert(*index)
            {
                wanted.extend(graph.node[*index].input.iter().map(String::as_str));
            }
        }
        kept
    }

    /// Whether nothing stays. If so, the exits are put into the order of the outputs.
    fn is_whole(&mut self, graph: &GraphProto, input: &str, constants: &Constants) -> bool {
        let inputs = graph.input.iter().map(|port| port.name.as_str()).filter(|name| !constants.contains(name));
        let mut outputs = graph.output.iter().map(|port| port.name.as_str());
        self.exits.sort_by_key(|exit| outputs.clone().position(|name| name == exit.name));
        self.nodes.is_empty()
            && inputs.eq([input])
            && self.exits.len() == graph.output.len()
            && self.exits.iter().all(|exit| outputs.next() == Some(&exit.name))
    }
}

/// Puts the fused node in the place of those that it computes, and drops what only they read.
fn replace(graph: &mut GraphProto, kept: &Kept, input: &str) {
    let fused = NodeProto {
        name: "integers".to_owned(),
        op_type: OPERATOR.to_owned(),
        input: vec![input.to_owned()],
        output: kept.exits.iter().map(|exit| exit.name.clone()).collect(),
        ..NodeProto::default()
    };
    let nodes = std::mem::take(&mut graph.node);
    let remaining = nodes.into_iter().enumerate().filter(|(index, _)| kept.nodes.contains(index)).map(|(_, node)| node);
    graph.node = std::iter::once(fused).chain(remaining).collect();
    let read: HashSet<&str> = graph
        .node
        .iter()
        .flat_map(|node| &node.input)
        .chain(graph.output.iter().map(|output| &output.name))
        .map(String::as_str)
        .collect();
    graph.initializer.retain(|tensor| read.contains(tensor.name.as_str()));
    graph.value_info.retain(|info| read.contains(info.name.as_str()));
}
