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

    /// Adds a person and writes the list.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, subject: &str) -> Result<(), WriteError> {
        self.hashes.insert(hash(subject));
        write_atomically(&self.path, |file| self.hashes.iter().try_for_each(|hash| writeln!(file, "{hash}")))
    }
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
        list.add("anna").unwrap();
        let again = Withdrawn::read(folder.path()).unwrap();
        assert!(again.holds("anna") && !again.holds("bob"));
        assert!(!fs::read_to_string(folder.path().join(WITHDRAWN_FILE)).unwrap().contains("anna"));
    }
}
