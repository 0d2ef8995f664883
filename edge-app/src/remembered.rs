//! What the device remembers from one start to the next: the language, in a file of one line. Nothing else, ever.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::atomic_file::{self, Readers};

/// The file's name in the folder of the device's state.
const FILE: &str = "language";
/// A longer file is not ours.
const MAX_BYTES: u64 = 64;

/// Something that cannot be remembered.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub struct RememberError {
    /// The file.
    pub path: PathBuf,
    /// What the system says.
    #[source]
    pub source: io::Error,
}

/// The language that was chosen last; `None` when none was, or the file is damaged: then the device asks again.
pub fn language(folder: &Path) -> Option<String> {
    let path = folder.join(FILE);
    if fs::metadata(&path).ok()?.len() > MAX_BYTES {
        return None;
    }
    let code = fs::read_to_string(path).ok()?.trim().to_owned();
    (!code.is_empty()).then_some(code)
}

/// Remembers the language: the file is whole, old or new, whenever the power goes.
///
/// # Errors
/// When folder or file cannot be written.
pub fn set_language(folder: &Path, code: &str) -> Result<(), RememberError> {
    let path = folder.join(FILE);
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        atomic_file::write(&path, format!("{code}\n").as_bytes(), Readers::Owner)
    };
    write().map_err(|source| RememberError { path: path.clone(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_language_is_remembered() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("deep/state");
        assert_eq!(language(&folder), None);
        set_language(&folder, "hi").unwrap();
        set_language(&folder, "ta").unwrap();
        assert_eq!(language(&folder).as_deref(), Some("ta"));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::write(folder.join(FILE), "x".repeat(65)).unwrap();
        assert_eq!(language(&folder), None);
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(set_language(&file, "hi").unwrap_err().to_string().contains("file/language"));
    }
}
