//! The ONNX file format: its protobuf messages, and the trait that encodes and decodes them.
//!
//! ```
//! use lakshan_engine::onnx::{Message, ModelProto};
//!
//! let model = ModelProto { ir_version: 8, ..Default::default() };
//! let bytes = model.encode_to_vec();
//! assert_eq!(ModelProto::decode(bytes.as_slice())?.ir_version, 8);
//! # Ok::<(), lakshan_engine::onnx::DecodeError>(())
//! ```

pub use prost::{DecodeError, Message};
pub use tract_onnx::pb::*;
