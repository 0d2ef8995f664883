//! Files from a stick: never a device, a pipe or a folder, and never longer than expected.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Opens a file that is no device, pipe or folder.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a plain file"));
    }
    File::open(path)
}

/// The contents of such a file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    let fits = bytes.len() as u64 <= limit;
    if fits { Ok(bytes) } else { Err(io::Error::new(io::ErrorKind::InvalidData, "it is too long")) }
}
