//! Writes a model to disk so that a reader sees the old file or the whole new one, never a part.

use std::io::Write;
use std::path::Path;

use lakshan_engine::onnx::{Message, ModelProto};

use crate::atomic_file::{WriteError, write_atomically};

/// Writes `model` to `path` and returns the number of bytes.
///
/// # Errors
/// When the file cannot be written.
pub fn write(model: &ModelProto, path: &Path) -> Result<usize, WriteError> {
    let bytes = model.encode_to_vec();
    write_atomically(path, |file| file.write_all(&bytes))?;
    Ok(bytes.len())
}
