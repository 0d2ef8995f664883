//! A file that is the old one or the new one, whenever the power goes.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Replaces `path` in `folder`, which must exist.
pub(crate) fn write(folder: &Path, name: &str, contents: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".lakshan-").tempfile_in(folder)?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name)).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// What was renamed or removed in `folder` stays so when the power goes.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
