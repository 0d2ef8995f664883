//! The workstation program: labelled photographs in, a bundle for the device out.
//!
//! ```text
//! photographs -> Dataset -> crops -> batches -> network -> checkpoint -> ONNX -> int8 ONNX -> bundle
//! ```
//!
//! [`dataset`] reads and checks photographs and caches their face crops, [`weights`] brings the ImageNet weights,
//! [`evaluate`] measures and calibrates, [`evidence`] makes the report of it, [`torch`] holds everything that touches libtorch, [`runs`] is what a training leaves on
//! disk, [`cmd`] is one file a subcommand.

pub mod atomic_file;
pub mod bundle;
pub mod chance;
pub mod cmd;
pub mod dataset;
pub mod evaluate;
pub mod evidence;
pub mod import;
pub mod onnx;
pub mod progress;
pub mod quantize;
pub mod runs;
pub mod torch;
pub mod weights;

#[cfg(test)]
#[path = "../tests/python/run.rs"]
mod python;
