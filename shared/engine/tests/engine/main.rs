//! Tests of the engine's public interface.
//!
//! - [`network`]: results equal to onnxruntime's, shapes refused by name
//! - [`integers`]: the integer part equals the floats, whatever the threads
//! - [`floats`]: the face detector by the float kernels, the same bits everywhere
//! - [`malformed`]: cut-off and altered ONNX files give errors; [`quantized`] makes networks, [`mutation`] alters them, and
//!   [`trial`] loads and runs them, here and in the fuzzer
//! - [`bundle`]: each fault of a bundle's folder is named

mod bundle;
mod floats;
mod integers;
mod malformed;
mod mutation;
mod network;
mod quantized;
mod trial;

/// A small quantized network; see fixtures/make_tiny_qdq.py.
const TINY_QDQ: &[u8] = include_bytes!("../fixtures/tiny_qdq.onnx");
/// The logits that onnxruntime computes with it.
const TINY_QDQ_LOGITS: &str = include_str!("../fixtures/tiny_qdq.txt");

/// The error with all its causes, a line each.
fn chain(error: &dyn std::error::Error) -> String {
    let mut lines = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        lines.push('\n');
        lines.push_str(&error.to_string());
        cause = error.source();
    }
    lines
}
