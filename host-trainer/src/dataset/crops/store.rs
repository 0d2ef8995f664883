//! The files of kept crops: pixels in one, what became of each photograph in the other, both only ever appended to.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use lakshan_core::preprocess;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::CROP_BYTES;
use crate::atomic_file::WriteError;

/// The folder of kept crops inside a data set.
const FOLDER: &str = ".crops-v2";
/// That of earlier programs, which nobody reads any more.
const EARLIER_FOLDER: &str = ".crops-v1";

/// What a photograph looked like from outside when it was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// Bytes of the file.
    length: u64,
    /// When it was last changed, nanoseconds since 1970.
    changed: u64,
}

impl Stamp {
    /// That of a file; `None` when there is none.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let facts = fs::metadata(path).ok()?;
        let changed = facts.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Some(Self { length: facts.len(), changed: changed.map_or(0, |since| since.as_nanos() as u64) })
    }
}

/// What became of a photograph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// The largest face was cut.
    Crop {
        /// Which record of the pixels.
        record: u32,
        /// There were several faces.
        several: bool,
    },
    /// No face was found.
    NoFace,
    /// It cannot be read.
    Unreadable {
        /// Why.
        fault: String,
    },
}

/// A line of the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The path in the table.
    pub(super) photo: PathBuf,
    /// What it looked like then.
    pub(super) stamp: Stamp,
    /// What became of it.
    pub(super) outcome: Outcome,
}

/// What the index says: the last line of each photograph.
pub(super) type Known = HashMap<PathBuf, Entry>;

/// The two files of one data set.
pub(super) struct Store {
    folder: PathBuf,
    pub(super) pixels: PathBuf,
    index: PathBuf,
}

impl Store {
    pub(super) fn of(root: &Path) -> Self {
        let (folder, key) = (root.join(FOLDER), key());
        Self { pixels: folder.join(format!("{key}.rgb")), index: folder.join(format!("{key}.jsonl")), folder }
    }

    /// Reads the index. A line that was cut short, or whose pixels are not there, counts for nothing.
    pub(super) fn read(&self) -> Known {
        let text = fs::read_to_string(&self.index).unwrap_or_default();
        let records = fs::metadata(&self.pixels).map_or(0, |facts| facts.len() / CROP_BYTES as u64);
        let entries = text.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok());
        let whole = |entry: &Entry| match entry.outcome {
            Outcome::Crop { record, .. } => u64::from(record) < records,
            _ => true,
        };
        entries.filter(whole).map(|entry| (entry.photo.clone(), entry)).collect()
    }

    /// Makes both files ready to be appended to, alone: another program that cuts at the same time waits here. Crops of
    /// other versions are removed.
    pub(super) fn open(&self) -> Result<Appender, WriteError> {
        let fault = |path: &Path| {
            let path = path.to_owned();
            move |source| WriteError { path, source }
        };
        fs::create_dir_all(&self.folder).map_err(fault(&self.folder))?;
        // Faces are for their owner's eyes only.
        let options = || OpenOptions::new().create(true).read(true).mode(0o600).clone();
        let index = options().append(true).open(&self.index).map_err(fault(&self.index))?;
        index.lock().map_err(fault(&self.index))?;
        let pixels = options().write(true).truncate(false).open(&self.pixels).map_err(fault(&self.pixels))?;
        self.remove_others();
        Ok(Appender { pixels, index, index_path: self.index.clone(), pixels_path: self.pixels.clone() })
    }

    /// Removes what earlier programs and other versions left.
    fn remove_others(&self) {
        if let Some(root) = self.folder.parent() {
            let _ = fs::remove_dir_all(root.join(EARLIER_FOLDER));
        }
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if entry.path() != self.pixels && entry.path() != self.index {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Removes every crop but those of `photos`, in place: it takes no room and can be run again when interrupted.
    pub(super) fn keep_only(&self, photos: &HashSet<&Path>) -> Result<(), WriteError> {
        if !self.folder.exists() {
            self.remove_others();
            return Ok(());
        }
        let appender = self.open()?;
        let mut kept: Vec<Entry> =
            self.read().into_values().filter(|entry| photos.contains(entry.photo.as_path())).collect();
        let record = |entry: &Entry| match entry.outcome {
            Outcome::Crop { record, .. } => record,
            _ => u32::MAX,
        };
        kept.sort_by(|a, b| (record(a), &a.photo).cmp(&(record(b), &b.photo)));
        // Without an index nothing is read, so that records may move.
        appender.index.set_len(0).and_then(|()| appender.index.sync_all()).map_err(appender.index_fault())?;
        let mut next = 0;
        let mut crop = vec![0; CROP_BYTES];
        for entry in &mut kept {
            if let Outcome::Crop { record, .. } = &mut entry.outcome {
                appender.pixels.read_exact_at(&mut crop, place(*record)).map_err(appender.pixels_fault())?;
                appender.write(next, &crop)?;
                *record = next;
                next += 1;
            }
        }
        appender.pixels.set_len(place(next)).map_err(appender.pixels_fault())?;
        appender.append(&kept)
    }
}

/// Where a record begins.
pub(super) fn place(record: u32) -> u64 {
    u64::from(record) * CROP_BYTES as u64
}

/// The two files, open and locked.
pub(super) struct Appender {
    pixels: File,
    index: File,
    pixels_path: PathBuf,
    index_path: PathBuf,
}

impl Appender {
    /// Writes the pixels of a record, which nobody reads until [`Appender::append`] names it.
    pub(super) fn write(&self, record: u32, crop: &[u8]) -> Result<(), WriteError> {
        self.pixels.write_all_at(crop, place(record)).map_err(self.pixels_fault())
    }

    /// Names photographs whose pixels are written: pixels first on the disk, then the lines.
    pub(super) fn append(&self, entries: &[Entry]) -> Result<(), WriteError> {
        self.pixels.sync_data().map_err(self.pixels_fault())?;
        // Begins a line of its own, should the last one have been cut short.
        let mut lines = vec![b'\n'];
        for entry in entries {
            serde_json::to_writer(&mut lines, entry).map_err(|error| self.index_fault()(error.into()))?;
            lines.push(b'\n');
        }
        let mut index = &self.index;
        index.write_all(&lines).and_then(|()| index.sync_data()).map_err(self.index_fault())
    }

    fn pixels_fault(&self) -> impl FnOnce(io::Error) -> WriteError + '_ {
        |source| WriteError { path: self.pixels_path.clone(), source }
    }

    fn index_fault(&self) -> impl FnOnce(io::Error) -> WriteError + '_ {
        |source| WriteError { path: self.index_path.clone(), source }
    }
}

/// What all crops depend on: the arithmetic from photograph to crop.
fn key() -> String {
    let versions = format!("{} {}", preprocess::VERSION, lakshan_vision::VERSION);
    Sha256::digest(versions).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
