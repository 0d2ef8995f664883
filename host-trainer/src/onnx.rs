//! Writing ONNX: the checkpoint folded ([`fold`]), the graph built node by node ([`graph`]), the file written ([`write`]).

pub mod fold;
pub mod graph;
mod network;
pub mod write;

pub use fold::{FoldError, FoldedBlock, FoldedConv, FoldedDense, FoldedNetwork};
pub use network::{float_model, quantized_model};
