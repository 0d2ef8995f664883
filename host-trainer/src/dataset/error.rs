//! What can be wrong with a data set.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::check::Twin;
use super::{FORMAT_VERSION, INFO_FILE, PHOTOS_FILE, Split};
use crate::atomic_file::WriteError;

/// A data set that cannot be used. Lines count from 1.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// The folder holds no `dataset.json`.
    #[error("{} is not a data set: it holds no {INFO_FILE}", path.display())]
    NotADataset {
        /// The folder.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Text that is not the JSON it should be.
    #[error("{}:{line} is not a valid record", path.display())]
    Json {
        /// Which file.
        path: PathBuf,
        /// Which line.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A data set of another format.
    #[error("{} has format version {found}; this program reads version {FORMAT_VERSION}", path.display())]
    Version {
        /// Which file.
        path: PathBuf,
        /// What it says.
        found: u32,
    },
    /// A label that is neither a class nor `negative`.
    #[error("{}:{line}: unknown class '{label}'; the nearest known is '{nearest}'", table.display())]
    UnknownClass {
        /// Which table.
        table: PathBuf,
        /// Which line.
        line: usize,
        /// What stands there.
        label: String,
        /// What was probably meant.
        nearest: &'static str,
    },
    /// A negative without, or a class with, a kind of negative.
    #[error("{}:{line}: negative_kind must be there for label 'negative' and for no other", table.display())]
    NegativeKind {
        /// Which table.
        table: PathBuf,
        /// Which line.
        line: usize,
    },
    /// A photograph outside the data set's folder.
    #[error("{}:{line}: {} does not lie inside the data set", table.display(), photo.display())]
    Outside {
        /// Which table.
        table: PathBuf,
        /// Which line.
        line: usize,
        /// The path.
        photo: PathBuf,
    },
    /// The same file twice.
    #[error("{}:{line}: {} stands in line {first} already", table.display(), photo.display())]
    Duplicate {
        /// Which table.
        table: PathBuf,
        /// Which line.
        line: usize,
        /// The line before.
        first: usize,
        /// The path.
        photo: PathBuf,
    },
    /// The leak that makes every figure worthless.
    #[error(
        "{}: subject '{subject}' is in two splits: {} (line {}) and {} (line {})",
        table.display(), first.0, first.1, second.0, second.1
    )]
    TwoSplits {
        /// Which table.
        table: PathBuf,
        /// Which subject.
        subject: String,
        /// Split and line.
        first: (Split, usize),
        /// Split and line.
        second: (Split, usize),
    },
    /// One person under two labels.
    #[error(
        "{}: subject '{subject}' has two labels: {} (line {}) and {} (line {})",
        table.display(), first.0, first.1, second.0, second.1
    )]
    TwoLabels {
        /// Which table.
        table: PathBuf,
        /// Which subject.
        subject: String,
        /// Label and line.
        first: (&'static str, usize),
        /// Label and line.
        second: (&'static str, usize),
    },
    /// A photograph that is not there.
    #[error("{}:{line}: no such file: {}", table.display(), photo.display())]
    Missing {
        /// Which table.
        table: PathBuf,
        /// Which line.
        line: usize,
        /// The path.
        photo: PathBuf,
    },
    /// A table without a line.
    #[error("{} lists no photograph", table.display())]
    Empty {
        /// Which table.
        table: PathBuf,
    },
    /// Photographs that cannot be decoded.
    #[error("{} photographs cannot be read:{}", faults.len(), Listed(faults))]
    Unreadable {
        /// Which, and why.
        faults: Vec<(PathBuf, String)>,
    },
    /// Nobody of that name.
    #[error("{} holds no subject '{subject}'", root.display())]
    NoSubject {
        /// The data set's folder.
        root: PathBuf,
        /// The name.
        subject: String,
    },
    /// The same picture trains and tests.
    #[error("{}: the same picture stands in two splits, {} times:{}", root.display(), leaks.len(), Lines(leaks))]
    Leak {
        /// The data set's folder.
        root: PathBuf,
        /// The pairs.
        leaks: Vec<Twin>,
    },
    /// The face detector failed, which is a fault of the program.
    #[error("the face detector failed")]
    Detector(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl DatasetError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotADataset { .. } => {
                Some("make one with `host-trainer synth --out DIR`, or name the folder that holds dataset.json".into())
            }
            Self::TwoSplits { .. } => {
                Some("all photographs of a person must be in one split, or the test measures memory".into())
            }
            Self::Leak { .. } => Some(
                "give both photographs one subject and draw the splits anew with `host-trainer dataset split`, or remove \
                 one; --allow-leaks trains all the same, and says so in the bundle"
                    .into(),
            ),
            Self::Unreadable { .. } => Some("mend or remove them, or leave them out with --skip-unreadable".into()),
            Self::Missing { .. } => Some(format!("bring the file back, or remove its line from {PHOTOS_FILE}")),
            Self::Write(error) if error.is_full() => Some("free some space and run the same command again".into()),
            Self::Write(error) if error.is_forbidden() => Some(
                "face crops are kept in the data set's folder: make it writable, or import the photographs into a folder \
                 that is (they stay where they are)"
                    .into(),
            ),
            _ => None,
        }
    }
}

/// At most ten faults, one a line.
struct Listed<'a>(&'a [(PathBuf, String)]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(|(path, fault)| format!("{}: {fault}", path.display())).collect();
        Lines(&lines).fmt(f)
    }
}

/// At most ten things, one a line.
struct Lines<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for Lines<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.iter().take(10) {
            write!(f, "\n  {line}")?;
        }
        if self.0.len() > 10 {
            write!(f, "\n  and {} more", self.0.len() - 10)?;
        }
        Ok(())
    }
}
