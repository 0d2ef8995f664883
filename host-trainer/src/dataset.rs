//! Labelled photographs on disk: reading, checking, and their cached face crops.
//!
//! A data set is a folder:
//!
//! ```text
//! DIR/dataset.json     name, provenance, how it was made
//! DIR/photos.jsonl     one photograph a line: file, subject, label, split, what is known about the subject
//! DIR/photos/...       the photographs, unless dataset.json says that they lie elsewhere
//! DIR/.crops-v2/       face crops, made on first use
//! ```
//!
//! JSON lines, because a line can be named in an error, read by any tool, compared by `diff` and appended to.

pub mod check;
pub mod crops;
pub mod duplicates;
mod error;
pub mod forget;
mod record;
pub mod splits;
pub mod withdrawn;

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};

use lakshan_core::manifest::Provenance;
use serde::{Deserialize, Serialize};

pub use error::DatasetError;
pub(crate) use record::nearest_label;
pub use record::{Label, NegativeKind, Photo, ShownFeature, Split};

use crate::atomic_file::{WriteError, write_json, write_json_lines};

/// The description's file name.
pub const INFO_FILE: &str = "dataset.json";
/// The table's file name.
pub const PHOTOS_FILE: &str = "photos.jsonl";
/// The only format that this program reads and writes.
pub const FORMAT_VERSION: u32 = 1;

/// `dataset.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Info {
    /// See [`FORMAT_VERSION`].
    pub format_version: u32,
    /// Short name.
    pub name: String,
    /// Synthetic faces or patients.
    pub provenance: Provenance,
    /// The folder that the photographs' paths begin in, where it is not the data set's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photographs: Option<PathBuf>,
    /// Which program made it, with which arguments; for people.
    #[serde(default)]
    pub generator: serde_json::Value,
}

/// A data set that has passed every check that needs no pixels.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The folder.
    pub root: PathBuf,
    /// Its description.
    pub info: Info,
    /// The photographs, in the order of the table.
    pub photos: Vec<Photo>,
}

impl Dataset {
    /// Reads and checks the data set in `root`.
    ///
    /// # Errors
    /// On the first fault: a file or photograph that is not there, a line that is no record, an unknown class, the
    /// same photograph twice, a subject in two splits or under two labels.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, DatasetError> {
        Self::read(root.into(), true)
    }

    /// Like [`Dataset::open`], for a table whose photographs may be gone.
    ///
    /// # Errors
    /// On every fault but that.
    pub fn open_table(root: impl Into<PathBuf>) -> Result<Self, DatasetError> {
        Self::read(root.into(), false)
    }

    fn read(root: PathBuf, files_must_exist: bool) -> Result<Self, DatasetError> {
        let info_path = root.join(INFO_FILE);
        let text = fs::read_to_string(&info_path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => DatasetError::NotADataset { path: root.clone() },
            _ => DatasetError::Read { path: info_path.clone(), source },
        })?;
        let info: Info = serde_json::from_str(&text).map_err(|source| DatasetError::Json {
            path: info_path.clone(),
            line: source.line(),
            source,
        })?;
        if info.format_version != FORMAT_VERSION {
            return Err(DatasetError::Version { path: info_path, found: info.format_version });
        }
        let table = root.join(PHOTOS_FILE);
        let text = fs::read_to_string(&table).map_err(|source| DatasetError::Read { path: table.clone(), source })?;
        let photographs = info.photographs.as_deref().unwrap_or(&root);
        let photos = read_table(photographs, &table, &text, files_must_exist)?;
        Ok(Self { root, info, photos })
    }

    /// Writes `dataset.json` and `photos.jsonl`; the description last, because it makes the folder a data set.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self) -> Result<(), WriteError> {
        write_json_lines(&self.root.join(PHOTOS_FILE), &self.photos)?;
        write_json(&self.root.join(INFO_FILE), &self.info)
    }

    /// Where photograph `index` lies.
    pub fn path(&self, index: usize) -> PathBuf {
        self.photographs().join(&self.photos[index].photo)
    }

    /// The description as runs and bundles keep it: without the place of the photographs, which is nobody else's business.
    pub fn info_for_records(&self) -> Info {
        Info { photographs: None, ..self.info.clone() }
    }

    /// The folder that the photographs' paths begin in.
    pub fn photographs(&self) -> &Path {
        self.info.photographs.as_deref().unwrap_or(&self.root)
    }

    /// The people, in order of their ids.
    pub fn subjects(&self) -> BTreeSet<&str> {
        self.photos.iter().map(|photo| photo.subject.as_str()).collect()
    }

    /// The indices of the photographs in `split`, in table order.
    pub fn split(&self, split: Split) -> Vec<usize> {
        (0..self.photos.len()).filter(|&index| self.photos[index].split == split).collect()
    }
}

fn read_table(root: &Path, table: &Path, text: &str, files_must_exist: bool) -> Result<Vec<Photo>, DatasetError> {
    let mut photos: Vec<Photo> = Vec::new();
    let mut seen: HashMap<PathBuf, usize> = HashMap::new();
    // Subject -> (line, index of its first photograph).
    let mut subjects: HashMap<String, (usize, usize)> = HashMap::new();
    for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        if line.trim().is_empty() {
            continue;
        }
        let photo = record::parse(table, number, line)?;
        if photo.photo.is_absolute() || photo.photo.components().any(|part| part == Component::ParentDir) {
            return Err(DatasetError::Outside { table: table.to_owned(), line: number, photo: photo.photo });
        }
        if let Some(&first) = seen.get(&photo.photo) {
            return Err(DatasetError::Duplicate { table: table.to_owned(), line: number, first, photo: photo.photo });
        }
        if let Some(&(first_line, first)) = subjects.get(&photo.subject) {
            let first: &Photo = &photos[first];
            if first.split != photo.split {
                return Err(DatasetError::TwoSplits {
                    table: table.to_owned(),
                    subject: photo.subject,
                    first: (first.split, first_line),
                    second: (photo.split, number),
                });
            }
            if first.label != photo.label {
                return Err(DatasetError::TwoLabels {
                    table: table.to_owned(),
                    subject: photo.subject,
                    first: (first.label.id(), first_line),
                    second: (photo.label.id(), number),
                });
            }
        }
        if files_must_exist && !root.join(&photo.photo).is_file() {
            return Err(DatasetError::Missing { table: table.to_owned(), line: number, photo: root.join(photo.photo) });
        }
        seen.insert(photo.photo.clone(), number);
        subjects.entry(photo.subject.clone()).or_insert((number, photos.len()));
        photos.push(photo);
    }
    if photos.is_empty() {
        return Err(DatasetError::Empty { table: table.to_owned() });
    }
    Ok(photos)
}

#[cfg(test)]
pub(crate) mod tests;
