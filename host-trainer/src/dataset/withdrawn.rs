//! People who withdrew: kept as hashes, so that the list names nobody and a later import leaves them out again.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::DatasetError;
use crate::atomic_file::{WriteError, write_atomically};

/// The list's file name inside a data set.
pub const WITHDRAWN_FILE: &str = "withdrawn.txt";

/// The people who withdrew from one data set.
#[derive(Clone, Debug)]
pub struct Withdrawn {
    path: PathBuf,
    hashes: BTreeSet<String>,
}

impl Withdrawn {
    /// Reads the list of the data set in `root`; no file is an empty list.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(root: &Path) -> Result<Self, DatasetError> {
        let path = root.join(WITHDRAWN_FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(DatasetError::Read { path, source }),
        };
        Ok(Self { path, hashes: text.lines().map(str::to_owned).collect() })
    }

    /// Whether this person withdrew.
    pub fn holds(&self, subject: &str) -> bool {
        self.hashes.contains(&hash(subject))
    }

    /// Whether this photograph, by its path in the source, was of a person who withdrew.
    pub fn holds_photo(&self, photo: &Path) -> bool {
        self.hashes.contains(&hash(&photo_key(photo)))
    }

    /// Adds a person with the photographs' paths in the source, and writes the list.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add<'a>(&mut self, subject: &str, photos: impl IntoIterator<Item = &'a Path>) -> Result<(), WriteError> {
        self.hashes.insert(hash(subject));
        self.hashes.extend(photos.into_iter().map(|photo| hash(&photo_key(photo))));
        write_atomically(&self.path, |file| self.hashes.iter().try_for_each(|hash| writeln!(file, "{hash}")))
    }
}

/// The photographs of a person without an id are known by their paths alone.
fn photo_key(photo: &Path) -> String {
    format!("photograph {}", photo.display())
}

fn hash(subject: &str) -> String {
    Sha256::digest(format!("lakshan withdrawn {subject}")).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_kept_and_names_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let mut list = Withdrawn::read(folder.path()).unwrap();
        assert!(!list.holds("anna"));
        list.add("anna", [Path::new("a/anna.jpg")]).unwrap();
        let again = Withdrawn::read(folder.path()).unwrap();
        assert!(again.holds("anna") && !again.holds("bob"));
        assert!(again.holds_photo(Path::new("a/anna.jpg")) && !again.holds_photo(Path::new("anna.jpg")));
        assert!(!fs::read_to_string(folder.path().join(WITHDRAWN_FILE)).unwrap().contains("anna"));
    }
}
