//! Runs an ONNX network, in its own kernels or with tract, and opens a bundle: the one crate that names the runtime.
//!
//! | item | job |
//! |---|---|
//! | [`Bundle`] | a bundle's folder, read and checked whole: manifest, hashes, network |
//! | [`Network`] | the twelve-class classifier: [`InputTensor`](lakshan_core::InputTensor) to [`Logits`](lakshan_core::Logits) |
//! | [`Graph`] | any other float network with fixed shapes, such as the face detector |
//! | [`onnx`] | the ONNX file format's own types, for whoever writes such a file |
//! | [`Options`] | how many threads, whether to use integers, and with which [`InstructionSet`] |
//!
//! A quantized network is plain ONNX with QuantizeLinear and DequantizeLinear nodes. What fits the pattern of a ResNet
//! is computed in integers, by kernels for the processor at hand that all give the same bytes. A small float network of
//! convolutions, depthwise ones, additions and maximum pools, such as the face detector, is computed by float kernels
//! that give the same bits on every processor. Anything else is computed by tract in 32-bit floats, exactly as the nodes say; there a pair folds into one step or into the weights while
//! loading. [`Graph::explain`] says which node went which way.
//!
//! A file is input from outside. Its names, sizes and tensors are checked before anything is allocated; where tract panics
//! all the same, the panic becomes an [`EngineError`]. So that its line does not appear on a user's screen, the first load
//! puts a hook before the process's panic hook; other panics pass through.
//!
//! Running a network needs its bytes and nothing else:
//!
//! ```
//! use lakshan_engine::Graph;
//!
//! let onnx = include_bytes!("../../../models/face-detector/blazeface_short_range_128.onnx");
//! let detector = Graph::from_onnx(onnx)?;
//! assert_eq!(detector.inputs()[0].shape, [1, 128, 128, 3]);
//!
//! let grey = vec![0.0; 128 * 128 * 3];
//! let outputs = detector.run(&[(&[1, 128, 128, 3], &grey)])?;
//! assert_eq!(outputs[0].shape, [1, 512, 1]);
//! assert!(outputs[0].values.iter().all(|score| *score < 0.0), "no face in a grey picture");
//! # Ok::<(), lakshan_engine::EngineError>(())
//! ```

#![forbid(unsafe_code)]

mod bundle;
mod checks;
mod error;
mod fusion;
mod graph;
mod instruction_set;
mod integers;
mod layers;
mod network;
pub mod onnx;
mod options;
mod panics;
mod quantized;

pub use bundle::{Bundle, BundleError};
pub use error::EngineError;
pub use fusion::NodeFate;
pub use graph::{Array, Graph, Port};
pub use instruction_set::InstructionSet;
pub use layers::LayerTime;
pub use network::Network;
pub use options::Options;
