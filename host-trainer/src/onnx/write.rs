//! Writes a model to disk so that a reader sees the old file or the whole new one, never a part.

use std::path::Path;

use lakshan_engine::onnx as pb;
use prost::Message;

/// Writes `model` to `path` atomically and returns its bytes.
///
/// # Errors
/// What the system says while writing.
pub fn write(model: &pb::ModelProto, path: &Path) -> std::io::Result<Vec<u8>> {
    let bytes = model.encode_to_vec();
    atomically(path, &bytes)?;
    Ok(bytes)
}

/// Writes `contents` to a new file beside `path`, syncs it and renames it over `path`.
///
/// # Errors
/// What the system says while writing.
pub fn atomically(path: &Path, contents: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new().prefix(".writing-").tempfile_in(folder)?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    std::fs::File::open(folder)?.sync_all()
}
