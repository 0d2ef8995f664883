//! What can go wrong between an ONNX file and its results.

use lakshan_core::NotFinite;

/// tract's own account of a fault, with its chain of causes; the innermost ones name the node.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a network does not load or run.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The bytes are no ONNX protobuf: another file, or cut off.
    #[error("it is not a whole ONNX file")]
    Decode(#[source] prost::DecodeError),
    /// The protobuf holds no usable network.
    #[error("the network is malformed: {0}")]
    Malformed(String),
    /// tract refuses the network: an operator that it does not know, or shapes that do not fit.
    #[error("the network cannot be built")]
    Build(#[source] Cause),
    /// A size is left open that must be known in advance.
    #[error("{port} has the shape {found}, but every size must be a number")]
    OpenShape {
        /// Which input or output.
        port: String,
        /// What the file says.
        found: String,
    },
    /// The network takes or gives something other than this program needs.
    #[error("{port} is {found}, expected {expected}")]
    Shape {
        /// Which input or output, or which number of them.
        port: String,
        /// What the network has.
        found: String,
        /// What is needed.
        expected: String,
    },
    /// tract failed while computing.
    #[error("the network failed while running")]
    Run(#[source] Cause),
    /// A kernel was asked for that does not exist or needs another processor.
    #[error("this processor has no kernel '{asked}'; it has {available}")]
    NoInstructionSet {
        /// The name.
        asked: String,
        /// The names of those that it has.
        available: String,
    },
    /// A result is NaN or infinite.
    #[error(transparent)]
    NotFinite(#[from] NotFinite),
    /// tract panicked; the process goes on. Met with files that were tampered with.
    #[error("the network is malformed: the runtime stopped with '{words}'")]
    Panicked {
        /// What the panic said.
        words: String,
        /// Source file and line at which it began.
        place: String,
    },
}
