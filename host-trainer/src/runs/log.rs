//! What a run writes after each epoch: a JSON line, an event for TensorBoard, a picture of the curves.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{METRICS_FILE, RunError, curve, events, read_lines};
use crate::atomic_file::{WriteError, write_atomically, write_json_lines};
use crate::torch::trainer::EpochRecord;

/// The record of a run's epochs.
#[derive(Debug)]
pub struct EpochLog {
    folder: PathBuf,
    records: Vec<EpochRecord>,
}

impl EpochLog {
    /// Opens the log in `folder` and leaves only the first `epochs`: what the checkpoint does not know did not happen.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn open(folder: &Path, epochs: usize) -> Result<Self, RunError> {
        let mut records = read(folder)?;
        records.truncate(epochs);
        let log = Self { folder: folder.to_owned(), records };
        write_json_lines(&folder.join(METRICS_FILE), &log.records)?;
        write_atomically(&folder.join(events::EVENTS_FILE), |file| {
            file.write_all(&events::header())?;
            log.records.iter().try_for_each(|record| file.write_all(&events::of_epoch(record)))
        })?;
        Ok(log)
    }

    /// Adds an epoch.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn add(&mut self, record: &EpochRecord) -> Result<(), RunError> {
        let line = serde_json::to_string(record).expect("plain numbers") + "\n";
        self.append(METRICS_FILE, line.as_bytes())?;
        self.append(events::EVENTS_FILE, &events::of_epoch(record))?;
        self.records.push(record.clone());
        let svg = curve::svg(&self.records);
        Ok(write_atomically(&self.folder.join(curve::CURVE_FILE), |file| file.write_all(svg.as_bytes()))?)
    }

    /// The epochs so far.
    pub fn records(&self) -> &[EpochRecord] {
        &self.records
    }

    /// Readers follow these files while they grow, so they are appended to and not replaced; a line cut short by a
    /// crash is left out at the next start.
    fn append(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let path = self.folder.join(name);
        let write = || OpenOptions::new().create(true).append(true).open(&path)?.write_all(bytes);
        write().map_err(|source| WriteError { path, source })
    }
}

/// The epoch that is kept: the best, the first of equals as the trainer has it.
pub fn best(records: &[EpochRecord]) -> Option<&EpochRecord> {
    records.iter().rev().max_by(|a, b| a.score.total_cmp(&b.score))
}

/// The epochs of the run in `folder`. A last line that was cut short by a crash is left out.
///
/// # Errors
/// When the file is damaged elsewhere.
pub fn read(folder: &Path) -> Result<Vec<EpochRecord>, RunError> {
    let path = folder.join(METRICS_FILE);
    if let Ok(text) = std::fs::read_to_string(&path)
        && !text.is_empty()
        && !text.ends_with('\n')
    {
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        write_atomically(&path, |file| file.write_all(whole.as_bytes()))?;
    }
    read_lines(&path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::curve::tests::record;

    #[test]
    fn epochs_are_kept_as_far_as_the_checkpoint_knows_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = EpochLog::open(folder.path(), 0).unwrap();
        for epoch in 1..=3 {
            log.add(&record(epoch)).unwrap();
        }
        let metrics = folder.path().join(METRICS_FILE);
        let whole = std::fs::read_to_string(&metrics).unwrap();
        std::fs::write(&metrics, &whole[..whole.len() - 20]).unwrap();
        assert_eq!(EpochLog::open(folder.path(), 2).unwrap().records().len(), 2);
        assert_eq!(read(folder.path()).unwrap(), [record(1), record(2)]);
        assert!(folder.path().join(curve::CURVE_FILE).exists());
    }
}
