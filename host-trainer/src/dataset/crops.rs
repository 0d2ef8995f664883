//! The face crops of a data set: cut once, in parallel, with the device's own code, and kept in one file.
//!
//! ```text
//! DIR/.crops-v1/KEY.rgb    one record of 224 x 224 x 3 bytes for every photograph; a hole where there is no face
//! DIR/.crops-v1/KEY.json   which photograph has which record; written last, so its presence means "complete"
//! ```
//!
//! KEY is a hash of everything that the crops depend on, so a stale cache is never read.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use lakshan_core::{Face, preprocess};
use lakshan_vision::Analyser;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Dataset, DatasetError};
use crate::atomic_file::{TEMPORARY_PREFIX, WriteError, write_atomically};
use crate::progress::Progress;

/// Bytes of one crop.
pub const CROP_BYTES: usize = preprocess::SIZE * preprocess::SIZE * 3;

/// Changes when this file's layout does.
const CACHE_VERSION: u32 = 1;
/// The detector that finds the faces; part of the key.
const DETECTOR: &str = "blazeface-short-range-128";

/// What became of the photographs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CropSummary {
    /// Photographs of the data set.
    pub photographs: usize,
    /// Photographs without a face; they are left out.
    pub no_face: Vec<PathBuf>,
    /// Photographs with several faces; the largest was taken.
    pub several_faces: Vec<PathBuf>,
    /// Photographs that cannot be read, with the fault; they are left out.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// The crops, read from the file when asked for.
#[derive(Debug)]
pub struct CropCache {
    file: File,
    /// The record of each photograph, by its index in the data set.
    records: Vec<Option<u32>>,
    /// What became of the photographs.
    pub summary: CropSummary,
    /// Photographs cropped a second; `None` when they were there already.
    pub rate: Option<f64>,
}

#[derive(Serialize, Deserialize)]
struct Index {
    records: Vec<Option<u32>>,
    summary: CropSummary,
}

impl CropCache {
    /// Opens the crops of `dataset`, cutting them first if they are not there.
    ///
    /// # Errors
    /// When photographs cannot be read (unless `skip_unreadable`), or the cache cannot be written.
    pub fn open(dataset: &Dataset, skip_unreadable: bool) -> Result<Self, DatasetError> {
        let folder = dataset.root.join(folder_name());
        let key = key(dataset);
        let (pixels, index) = (folder.join(format!("{key}.rgb")), folder.join(format!("{key}.json")));
        if let Some(cache) = Self::read(&pixels, &index, dataset.photos.len()) {
            return if cache.summary.unreadable.is_empty() || skip_unreadable {
                Ok(cache)
            } else {
                Err(DatasetError::Unreadable { faults: cache.summary.unreadable })
            };
        }
        fs::create_dir_all(&folder).map_err(|source| WriteError { path: folder.clone(), source })?;
        let (built, rate) = build(dataset, &pixels)?;
        write_atomically(&index, |file| Ok(serde_json::to_writer(file, &built)?))?;
        remove_stale(&folder, &key);
        if !built.summary.unreadable.is_empty() && !skip_unreadable {
            return Err(DatasetError::Unreadable { faults: built.summary.unreadable });
        }
        let file = File::open(&pixels).map_err(|source| DatasetError::Read { path: pixels, source })?;
        Ok(Self { file, records: built.records, summary: built.summary, rate: Some(rate) })
    }

    /// Reads a complete cache; `None` when there is none.
    fn read(pixels: &Path, index: &Path, photographs: usize) -> Option<Self> {
        let index: Index = serde_json::from_slice(&fs::read(index).ok()?).ok()?;
        let file = File::open(pixels).ok()?;
        let needed = index.records.iter().flatten().max().map_or(0, |last| (u64::from(*last) + 1) * CROP_BYTES as u64);
        let complete = index.records.len() == photographs && file.metadata().ok()?.len() >= needed;
        complete.then_some(Self { file, records: index.records, summary: index.summary, rate: None })
    }

    /// Makes a cache of given crops, one for each photograph, in `path`: for tests.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn of_crops(path: &Path, crops: &[Vec<u8>]) -> io::Result<Self> {
        fs::write(path, crops.concat())?;
        let records = (0..crops.len() as u32).map(Some).collect();
        Ok(Self { file: File::open(path)?, records, summary: CropSummary::default(), rate: None })
    }

    /// Whether photograph `index` has a crop.
    pub fn has(&self, index: usize) -> bool {
        self.records.get(index).is_some_and(Option::is_some)
    }

    /// The crop of photograph `index`: 224 x 224 RGB, row-major.
    ///
    /// # Errors
    /// When the file cannot be read, or the photograph has no crop (`NotFound`).
    pub fn crop(&self, index: usize) -> io::Result<Vec<u8>> {
        let record = self.records.get(index).copied().flatten().ok_or(io::ErrorKind::NotFound)?;
        let mut crop = vec![0; CROP_BYTES];
        self.file.read_exact_at(&mut crop, u64::from(record) * CROP_BYTES as u64)?;
        Ok(crop)
    }
}

/// The folder of the crops inside a data set.
pub fn folder_name() -> String {
    format!(".crops-v{CACHE_VERSION}")
}

/// What the crops depend on: their making, and name, length and time of every photograph.
fn key(dataset: &Dataset) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{CACHE_VERSION} {} {DETECTOR}\n", preprocess::VERSION));
    for (index, photo) in dataset.photos.iter().enumerate() {
        let (length, time) = fs::metadata(dataset.path(index)).map_or((0, None), |facts| {
            (facts.len(), facts.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok()))
        });
        hash.update(format!("{} {length} {:?}\n", photo.photo.display(), time));
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Removes the crops of earlier states of the data set.
fn remove_stale(folder: &Path, key: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if [".rgb", ".json"].iter().any(|end| name.to_string_lossy().ends_with(end))
            && !name.to_string_lossy().starts_with(key)
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// What one photograph gave.
enum Outcome {
    Crop { several: bool },
    NoFace,
    Unreadable(String),
}

fn build(dataset: &Dataset, path: &Path) -> Result<(Index, f64), DatasetError> {
    let analyser = Analyser::new().map_err(|error| DatasetError::Detector(error.into()))?;
    let wrong = |source| WriteError { path: path.to_owned(), source };
    // Each photograph has its own place, so that two programs that crop at once write the same file.
    let folder = path.parent().unwrap_or(Path::new("."));
    let temporary = tempfile::Builder::new().prefix(TEMPORARY_PREFIX).tempfile_in(folder).map_err(wrong)?;
    let file = temporary.as_file();
    let progress = Progress::new("face crops", dataset.photos.len() as u64, "photographs");
    let failure: Mutex<Option<DatasetError>> = Mutex::new(None);
    let outcomes: Vec<Option<Outcome>> = (0..dataset.photos.len())
        .into_par_iter()
        .map(|index| {
            if failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_some() {
                return None;
            }
            let outcome = crop_one(&analyser, &dataset.path(index), file, index);
            progress.advance(1);
            outcome
                .map_err(|error| {
                    let error = match error {
                        CropError::Write(source) => WriteError { path: path.to_owned(), source }.into(),
                        CropError::Detector(source) => DatasetError::Detector(source),
                    };
                    *failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(error);
                })
                .ok()
        })
        .collect();
    progress.finish();
    if let Some(error) = failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        return Err(error);
    }
    file.sync_all().map_err(wrong)?;
    temporary.persist(path).map_err(|error| wrong(error.error))?;
    let mut index = Index { records: Vec::new(), summary: CropSummary::default() };
    index.summary.photographs = dataset.photos.len();
    for ((record, photo), outcome) in (0..).zip(&dataset.photos).zip(outcomes.into_iter().flatten()) {
        index.records.push(match outcome {
            Outcome::Crop { several } => {
                if several {
                    index.summary.several_faces.push(photo.photo.clone());
                }
                Some(record)
            }
            Outcome::NoFace => {
                index.summary.no_face.push(photo.photo.clone());
                None
            }
            Outcome::Unreadable(fault) => {
                index.summary.unreadable.push((photo.photo.clone(), fault));
                None
            }
        });
    }
    Ok((index, progress.rate()))
}

enum CropError {
    Write(io::Error),
    Detector(Box<dyn std::error::Error + Send + Sync>),
}

/// Cuts the largest face, good photograph or bad: what the quality gate refuses on the device still teaches. Only a
/// photograph without a face has nothing to teach.
fn crop_one(analyser: &Analyser, path: &Path, file: &File, record: usize) -> Result<Outcome, CropError> {
    let frame = match lakshan_vision::open(path) {
        Ok(frame) => frame,
        Err(error) => return Ok(Outcome::Unreadable(error.to_string())),
    };
    let faces = analyser.detector().detect(&frame).map_err(|error| CropError::Detector(error.into()))?;
    let size = |face: &Face| face.bounds.area();
    let Some(face) = faces.iter().max_by(|a, b| size(a).total_cmp(&size(b))) else { return Ok(Outcome::NoFace) };
    let cropped = lakshan_vision::crop(&frame, face);
    file.write_all_at(cropped.crop.frame().rgb(), (record * CROP_BYTES) as u64).map_err(CropError::Write)?;
    Ok(Outcome::Crop { several: faces.len() > 1 })
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use lakshan_core::Syndrome;

    use super::*;
    use crate::dataset::Label;
    use crate::dataset::tests::dataset_of;

    /// A face, a picture without one, and a file that is no picture.
    fn dataset(root: &Path) -> Dataset {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/samples");
        fs::copy(samples.join("down-1.jpg"), root.join("face.jpg")).unwrap();
        image::RgbImage::from_pixel(300, 300, image::Rgb([90; 3])).save(root.join("wall.jpg")).unwrap();
        fs::write(root.join("text.jpg"), "not a picture").unwrap();
        let label = Label::Class(Syndrome::Down);
        let mut dataset = dataset_of(["face.jpg", "wall.jpg", "text.jpg"].map(|name| (name.to_owned(), label)).into());
        dataset.root = root.to_owned();
        for photo in &mut dataset.photos {
            photo.photo = photo.subject.clone().into();
        }
        dataset
    }

    #[test]
    fn crops_are_cut_once_as_on_the_device_and_again_when_a_photograph_changes() {
        let folder = tempfile::tempdir().unwrap();
        let dataset = dataset(folder.path());
        let refused = CropCache::open(&dataset, false).unwrap_err();
        assert!(matches!(&refused, DatasetError::Unreadable { faults } if faults.len() == 1), "{refused}");
        let cache = CropCache::open(&dataset, true).unwrap();
        assert_eq!([0, 1, 2].map(|index| cache.has(index)), [true, false, false]);
        assert_eq!(cache.summary.no_face, [Path::new("wall.jpg")]);
        assert_eq!(cache.summary.unreadable[0].0, Path::new("text.jpg"));
        assert_eq!(cache.crop(1).unwrap_err().kind(), io::ErrorKind::NotFound);
        let frame = lakshan_vision::open(dataset.path(0)).unwrap();
        let face = Analyser::new().unwrap().detector().detect(&frame).unwrap()[0];
        assert_eq!(cache.crop(0).unwrap(), lakshan_vision::crop(&frame, &face).crop.frame().rgb());
        assert!(CropCache::open(&dataset, true).unwrap().rate.is_none(), "kept");

        let file = File::options().write(true).open(dataset.path(0)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(CropCache::open(&dataset, true).unwrap().rate.is_some(), "cut again");
        let kept = fs::read_dir(folder.path().join(".crops-v1")).unwrap().count();
        assert_eq!(kept, 2, "one file of pixels and one index; the stale ones are gone");
    }

    #[test]
    fn a_cache_that_was_cut_short_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let dataset = dataset(folder.path());
        drop(CropCache::open(&dataset, true).unwrap());
        let pixels = folder.path().join(".crops-v1").join(format!("{}.rgb", key(&dataset)));
        File::options().write(true).open(&pixels).unwrap().set_len(1000).unwrap();
        let cache = CropCache::open(&dataset, true).unwrap();
        assert!(cache.rate.is_some());
        assert_eq!(cache.crop(0).unwrap().len(), CROP_BYTES);
    }
}
