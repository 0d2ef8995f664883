//! Training runs on disk: what a run was made of, how it went, what came of it.
//!
//! ```text
//! RUN/config.json         recipe, data, starting weights, program
//! RUN/metrics.jsonl       one epoch a line
//! RUN/events.out.tfevents.0.lakshan   the same for TensorBoard
//! RUN/curve.svg           the same as a picture
//! RUN/last.safetensors    where it goes on
//! RUN/best.safetensors    the best network so far
//! RUN/summary.json        written at the end
//! RUN/test.jsonl          logits of the test split, of a round of cross-validation
//! RUN/features-*.bin      kept features of frozen stages; they may be deleted
//! ```
//!
//! A cross-validation is a folder of such folders, `fold-0`, `fold-1`, ...

pub mod curve;
pub mod events;
pub mod log;
pub mod merge;
pub mod outputs;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use lakshan_core::preprocess;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::atomic_file::{WriteError, write_json};
use crate::dataset::crops::CropSummary;
use crate::dataset::{Dataset, Info};
use crate::torch::recipe::Recipe;
use crate::torch::validate::Validation;

/// The configuration's file name in a run's folder.
pub const CONFIG_FILE: &str = "config.json";
/// The epochs' file name in a run's folder.
pub const METRICS_FILE: &str = "metrics.jsonl";
/// What came of a run that has ended.
pub const SUMMARY_FILE: &str = "summary.json";
/// Outputs for the test split.
pub const TEST_FILE: &str = "test.jsonl";

/// The file that a training program locks.
const LOCK_FILE: &str = ".lock";

/// `config.json` of a run: what it was made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// How it trains.
    pub recipe: Recipe,
    /// The data set's description.
    pub dataset: Info,
    /// Which photographs, and who is in which split.
    pub fingerprint: Fingerprint,
    /// The round of cross-validation.
    pub fold: Option<Fold>,
    /// Training photographs with a face.
    pub train_photographs: usize,
    /// Calibration photographs with a face.
    pub calibration_photographs: usize,
    /// What became of all photographs.
    pub crops: CropSummary,
    /// The file that it started from, and what that says about itself.
    pub weights: String,
    /// Notes of the starting weights.
    pub weights_notes: std::collections::BTreeMap<String, String>,
    /// Threads that compute; sums depend on their number.
    pub threads: usize,
    /// Pixels to tensor.
    pub preprocess_version: u32,
    /// This program's version.
    pub program_version: String,
}

/// One round of cross-validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// Which, counted from 0.
    pub fold: u32,
    /// Of how many.
    pub of: u32,
}

/// Hashes that tell one data set from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Photographs, subjects and labels.
    pub data: String,
    /// Which subject is in which split, or in which fold.
    pub splits: String,
}

impl Fingerprint {
    /// Of `dataset`; of its folds rather than its splits where a round of cross-validation is run.
    pub fn of(dataset: &Dataset, by_fold: bool) -> Self {
        let hash = |lines: &mut Vec<String>| -> String {
            lines.sort_unstable();
            lines.dedup();
            let digest = Sha256::digest(lines.concat());
            digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
        };
        let photos = dataset.photos.iter();
        let mut data: Vec<_> =
            photos.map(|p| format!("{}\t{}\t{}\n", p.photo.display(), p.subject, p.label.id())).collect();
        let photos = dataset.photos.iter();
        let mut splits: Vec<_> = photos
            .map(|p| match p.fold.filter(|_| by_fold) {
                Some(fold) => format!("{}\t{fold}\n", p.subject),
                None => format!("{}\t{}\n", p.subject, p.split),
            })
            .collect();
        Self { data: hash(&mut data), splits: hash(&mut splits) }
    }
}

/// `summary.json`: what came of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Epochs done.
    pub epochs: usize,
    /// The epoch that was kept, counted from 1.
    pub best_epoch: usize,
    /// Its figures on the calibration split.
    pub validation: Validation,
    /// Seconds of all epochs.
    pub seconds: f64,
    /// Figures on the test split, of a round of cross-validation.
    pub test: Option<Validation>,
}

/// A run that cannot be read or used.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is none.
    #[error("{} holds no run", .0.display())]
    None(PathBuf),
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file holds something else.
    #[error("{} line {line} is not what a run writes", path.display())]
    Json {
        /// Which file.
        path: PathBuf,
        /// Which line.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// Another program trains in the folder.
    #[error("another program is training in {}", .0.display())]
    InUse(PathBuf),
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Another data set, other splits, or another version of the crops.
    #[error("{}", .0)]
    OtherData(String),
    /// Runs that cannot be joined.
    #[error("{0}")]
    CannotMerge(String),
}

impl RunError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::None(_) => Some("a run's folder holds config.json; `host-trainer train --run DIR` makes one"),
            Self::Json { .. } => Some("it is of another version of this program, or damaged; begin a new run"),
            Self::OtherData(_) => Some("go on with the same --data, or begin a new run with --init-from"),
            Self::CannotMerge(_) => Some("`host-trainer runs show RUN` says what a run was made of"),
            Self::InUse(_) => Some("wait for it, or name another folder with --run"),
            Self::Read { .. } | Self::Write(_) => None,
        }
    }
}

impl Config {
    /// Reads the configuration of the run in `folder`.
    ///
    /// # Errors
    /// When there is none, or it is of another version of this program.
    pub fn read(folder: &Path) -> Result<Self, RunError> {
        let path = folder.join(CONFIG_FILE);
        let text = fs::read(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => RunError::None(folder.to_owned()),
            _ => RunError::Read { path: path.clone(), source },
        })?;
        serde_json::from_slice(&text).map_err(|source| RunError::Json { path, line: source.line(), source })
    }

    /// Writes it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), RunError> {
        Ok(write_json(&folder.join(CONFIG_FILE), self)?)
    }

    /// Whether the run can go on with these photographs.
    ///
    /// # Errors
    /// When they are others, or are in other splits, or crops are made otherwise now.
    pub fn check_same_data(&self, dataset: &Dataset, counts: (usize, usize)) -> Result<(), RunError> {
        let found = Fingerprint::of(dataset, self.fold.is_some());
        let before = (self.train_photographs, self.calibration_photographs);
        let what = if found.data != self.fingerprint.data {
            "its photographs, subjects or labels are others"
        } else if found.splits != self.fingerprint.splits {
            "its subjects are in other splits"
        } else if before != counts {
            "it has other faces"
        } else if self.preprocess_version != preprocess::VERSION {
            let (run, now) = (self.preprocess_version, preprocess::VERSION);
            return Err(RunError::OtherData(format!("the run's crops have version {run}; this program makes {now}")));
        } else {
            return Ok(());
        };
        Err(RunError::OtherData(format!(
            "the run was trained on another data set ('{}', {} + {} faces; this is '{}', {} + {}): {what}",
            self.dataset.name, before.0, before.1, dataset.info.name, counts.0, counts.1
        )))
    }
}

impl Summary {
    /// Reads the summary of the run in `folder`; `None` while it has not ended.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn read(folder: &Path) -> Result<Option<Self>, RunError> {
        let path = folder.join(SUMMARY_FILE);
        match fs::read(&path) {
            Ok(text) => match serde_json::from_slice(&text) {
                Ok(summary) => Ok(Some(summary)),
                Err(source) => Err(RunError::Json { path, line: source.line(), source }),
            },
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(RunError::Read { path, source }),
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), RunError> {
        Ok(write_json(&folder.join(SUMMARY_FILE), self)?)
    }
}

/// Holds a run's folder for this program until it is dropped or the program ends, however it ends.
///
/// # Errors
/// When another program holds it, or the folder cannot be written.
pub fn lock(folder: &Path) -> Result<File, RunError> {
    let path = folder.join(LOCK_FILE);
    let file = File::create(&path).map_err(|source| WriteError { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(RunError::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(WriteError { path, source }.into()),
    }
}

/// The folders of runs in `folder` and in what lies in it, in order of their names; `folder` itself if it is one.
pub fn find(folder: &Path) -> Vec<PathBuf> {
    if folder.join(CONFIG_FILE).is_file() {
        return vec![folder.to_owned()];
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut inner: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    inner.sort();
    let runs =
        inner.into_iter().flat_map(|path| if path.join(CONFIG_FILE).is_file() { vec![path] } else { folds(&path) });
    runs.collect()
}

/// The rounds of a cross-validation, in order.
fn folds(folder: &Path) -> Vec<PathBuf> {
    (0..).map(|fold| folder.join(format!("fold-{fold}"))).take_while(|path| path.is_dir()).collect()
}

/// Reads JSON lines.
fn read_lines<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Vec<T>, RunError> {
    let text = match fs::read_to_string(path) {
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.map_err(|source| RunError::Read { path: path.to_owned(), source })?,
    };
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|source| RunError::Json {
                path: path.to_owned(),
                line: index + 1,
                source,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use lakshan_core::Syndrome;

    use super::*;
    use crate::dataset::tests::dataset_of;
    use crate::dataset::{Label, Split};

    #[test]
    fn two_programs_do_not_train_in_one_folder() {
        let folder = tempfile::tempdir().unwrap();
        let held = lock(folder.path()).unwrap();
        assert!(matches!(lock(folder.path()), Err(RunError::InUse(_))));
        drop(held);
        assert!(lock(folder.path()).is_ok());
        assert!(matches!(lock(&folder.path().join("none")), Err(RunError::Write(_))));
    }

    #[test]
    fn a_fingerprint_tells_photographs_from_splits() {
        let label = Label::Class(Syndrome::Down);
        let people = || dataset_of((0..6).map(|at| (format!("s{at}"), label)).collect());
        let first = Fingerprint::of(&people(), false);
        let mut moved = people();
        moved.photos[2].split = if moved.photos[2].split == Split::Test { Split::Train } else { Split::Test };
        let second = Fingerprint::of(&moved, false);
        assert_eq!(first.data, second.data);
        assert_ne!(first.splits, second.splits);
        let mut fewer = people();
        fewer.photos.pop();
        assert_ne!(first.data, Fingerprint::of(&fewer, false).data);
        let mut folded = people();
        folded.draw_folds(3, 1).unwrap();
        let by_fold = Fingerprint::of(&folded, true);
        folded.use_fold(2).unwrap();
        assert_eq!(by_fold, Fingerprint::of(&folded, true), "whichever fold tests, the folds are the same");
    }
}
