//! Writing ONNX: the checkpoint folded ([`fold`]), the graph built node by node ([`graph`]), the file written ([`mod@write`]);
//! [`features`] cuts the last layer off a file.

pub mod features;
pub mod fold;
pub mod graph;
mod network;
pub mod write;

pub use features::{NoDenseLayer, without_dense};
pub use fold::{FoldError, FoldedBlock, FoldedConv, FoldedDense, FoldedNetwork};
pub use network::{float_model, quantized_model};

/// Whether an ONNX file holds a quantized network.
pub fn is_quantized(bytes: &[u8]) -> bool {
    use lakshan_engine::onnx::{Message, ModelProto};
    ModelProto::decode(bytes)
        .ok()
        .and_then(|model| model.graph)
        .is_some_and(|graph| graph.node.iter().any(|node| node.op_type == "QuantizeLinear"))
}

#[cfg(test)]
mod tests;
