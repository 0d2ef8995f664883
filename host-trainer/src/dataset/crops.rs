//! The face crops of a data set: cut once, in parallel, with the device's own code, and kept.
//!
//! ```text
//! DIR/.crops-v2/KEY.rgb      records of 224 x 224 x 3 bytes
//! DIR/.crops-v2/KEY.jsonl    one photograph a line: its length and time, and which record is its crop, or why there is none
//! ```
//!
//! KEY stands for everything that all crops depend on: detector, arithmetic, layout. A photograph whose length or time has
//! changed is cut again, all others are not, whatever else is added to the table or leaves it. Lines are written when
//! their pixels are on the disk, a few hundred at a time, so that an interrupted cutting goes on where it was.

mod store;

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use lakshan_core::{Face, preprocess};
use lakshan_vision::Analyser;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::store::{Appender, Entry, Known, Outcome, Stamp, Store, place};
use super::{Dataset, DatasetError};
use crate::atomic_file::WriteError;
use crate::progress::Progress;

/// Bytes of one crop.
pub const CROP_BYTES: usize = preprocess::SIZE * preprocess::SIZE * 3;

/// Photographs that are cut before they are written down.
const AT_ONCE: usize = 512;

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
    /// Photographs cropped a second; `None` when all were there already.
    pub rate: Option<f64>,
}

impl CropCache {
    /// Opens the crops of `dataset`, cutting those first that are not there.
    ///
    /// # Errors
    /// When photographs cannot be read (unless `skip_unreadable`), or crops cannot be written.
    pub fn open(dataset: &Dataset, skip_unreadable: bool) -> Result<Self, DatasetError> {
        let store = Store::of(&dataset.root);
        let mut known = store.read();
        let mut rate = None;
        if !missing(dataset, &known).is_empty() || !store.pixels.exists() {
            let appender = store.open()?;
            // Another program may have cut them while this one waited for the lock.
            known = store.read();
            rate = cut(dataset, &appender, &mut known)?;
        }
        let mut cache = Self {
            file: File::open(&store.pixels).map_err(|source| DatasetError::Read { path: store.pixels, source })?,
            records: Vec::with_capacity(dataset.photos.len()),
            summary: CropSummary { photographs: dataset.photos.len(), ..CropSummary::default() },
            rate,
        };
        for photo in &dataset.photos {
            let record = cache.summary.add(&photo.photo, known.get(&photo.photo).map(|entry| &entry.outcome));
            cache.records.push(record);
        }
        if cache.summary.unreadable.is_empty() || skip_unreadable {
            Ok(cache)
        } else {
            Err(DatasetError::Unreadable { faults: cache.summary.unreadable })
        }
    }

    /// Makes a cache of given crops, one for each photograph, in `path`: for tests.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn of_crops(path: &Path, crops: &[Vec<u8>]) -> io::Result<Self> {
        std::fs::write(path, crops.concat())?;
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
        self.file.read_exact_at(&mut crop, place(record))?;
        Ok(crop)
    }
}

impl CropSummary {
    /// Counts a photograph; gives the record of its crop.
    fn add(&mut self, photo: &Path, outcome: Option<&Outcome>) -> Option<u32> {
        match outcome {
            Some(Outcome::Crop { record, several }) => {
                if *several {
                    self.several_faces.push(photo.to_owned());
                }
                return Some(*record);
            }
            Some(Outcome::NoFace) => self.no_face.push(photo.to_owned()),
            Some(Outcome::Unreadable { fault }) => self.unreadable.push((photo.to_owned(), fault.clone())),
            None => self.unreadable.push((photo.to_owned(), "the file is gone".to_owned())),
        }
        None
    }
}

/// Removes every kept crop of the data set in `root` but those of `photos`, and those that earlier programs kept.
///
/// # Errors
/// When a file cannot be written; then it can be run again.
pub fn keep_only(root: &Path, photos: &HashSet<&Path>) -> Result<(), WriteError> {
    Store::of(root).keep_only(photos)
}

/// The photographs that must be cut, with what they look like now.
fn missing(dataset: &Dataset, known: &Known) -> Vec<(usize, Stamp)> {
    let stamps = (0..dataset.photos.len()).filter_map(|index| Some((index, Stamp::of(&dataset.path(index))?)));
    stamps.filter(|(index, stamp)| known.get(&dataset.photos[*index].photo).is_none_or(|e| e.stamp != *stamp)).collect()
}

/// Cuts what is missing; gives the photographs a second, if there were any.
fn cut(dataset: &Dataset, appender: &Appender, known: &mut Known) -> Result<Option<f64>, DatasetError> {
    let missing = missing(dataset, known);
    if missing.is_empty() {
        return Ok(None);
    }
    let analyser = Analyser::new().map_err(|error| DatasetError::Detector(error.into()))?;
    let taken = known.values().filter_map(|entry| match entry.outcome {
        Outcome::Crop { record, .. } => Some(record + 1),
        _ => None,
    });
    let next = AtomicU32::new(taken.max().unwrap_or(0));
    let progress = Progress::new("face crops", missing.len() as u64, "photographs");
    for some in missing.chunks(AT_ONCE) {
        let entries = some.par_iter().map(|&(index, stamp)| {
            let outcome = cut_one(&analyser, &dataset.path(index), &next, appender)?;
            progress.advance(1);
            Ok(Entry { photo: dataset.photos[index].photo.clone(), stamp, outcome })
        });
        let entries = entries.collect::<Result<Vec<Entry>, DatasetError>>()?;
        appender.append(&entries)?;
        known.extend(entries.into_iter().map(|entry| (entry.photo.clone(), entry)));
    }
    progress.finish();
    Ok(Some(progress.rate()))
}

/// Cuts the largest face, good photograph or bad: what the quality gate refuses on the device still teaches. Only a
/// photograph without a face has nothing to teach.
fn cut_one(analyser: &Analyser, path: &Path, next: &AtomicU32, out: &Appender) -> Result<Outcome, DatasetError> {
    let frame = match lakshan_vision::open(path) {
        Ok(frame) => frame,
        Err(error) => return Ok(Outcome::Unreadable { fault: error.to_string() }),
    };
    let faces = analyser.detector().detect(&frame).map_err(|error| DatasetError::Detector(error.into()))?;
    let size = |face: &Face| face.bounds.area();
    let Some(face) = faces.iter().max_by(|a, b| size(a).total_cmp(&size(b))) else { return Ok(Outcome::NoFace) };
    let cropped = lakshan_vision::crop(&frame, face);
    let record = next.fetch_add(1, Ordering::Relaxed);
    out.write(record, cropped.crop.frame().rgb())?;
    Ok(Outcome::Crop { record, several: faces.len() > 1 })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::SystemTime;

    use lakshan_core::Syndrome;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::dataset::Label;
    use crate::dataset::tests::dataset_of;

    fn sample(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/samples").join(name)
    }

    fn named(root: &Path, names: &[&str]) -> Dataset {
        let label = Label::Class(Syndrome::Down);
        let mut dataset = dataset_of(names.iter().map(|name| ((*name).to_owned(), label)).collect());
        dataset.root = root.to_owned();
        for photo in &mut dataset.photos {
            photo.photo = photo.subject.clone().into();
        }
        dataset
    }

    /// A face, a picture without one, and a file that is no picture.
    fn dataset(root: &Path) -> Dataset {
        fs::copy(sample("down-1.jpg"), root.join("face.jpg")).unwrap();
        image::RgbImage::from_pixel(300, 300, image::Rgb([90; 3])).save(root.join("wall.jpg")).unwrap();
        fs::write(root.join("text.jpg"), "").unwrap();
        named(root, &["face.jpg", "wall.jpg", "text.jpg"])
    }

    #[test]
    fn crops_are_cut_once_as_on_the_device_and_again_when_a_photograph_changes() {
        let folder = tempfile::tempdir().unwrap();
        let dataset = dataset(folder.path());
        let refused = CropCache::open(&dataset, false).unwrap_err();
        assert!(matches!(&refused, DatasetError::Unreadable { faults } if faults.len() == 1), "{refused}");
        let cache = CropCache::open(&dataset, true).unwrap();
        assert!(cache.rate.is_none(), "kept, although one could not be read");
        assert_eq!([0, 1, 2].map(|index| cache.has(index)), [true, false, false]);
        assert_eq!(cache.summary.no_face, [Path::new("wall.jpg")]);
        assert_eq!(cache.summary.unreadable[0].0, Path::new("text.jpg"));
        assert_eq!(cache.crop(1).unwrap_err().kind(), io::ErrorKind::NotFound);
        let frame = lakshan_vision::open(dataset.path(0)).unwrap();
        let face = Analyser::new().unwrap().detector().detect(&frame).unwrap()[0];
        assert_eq!(cache.crop(0).unwrap(), lakshan_vision::crop(&frame, &face).crop.frame().rgb());

        fs::copy(sample("down-2.jpg"), dataset.path(0)).unwrap();
        let file = File::options().write(true).open(dataset.path(0)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let changed = CropCache::open(&dataset, true).unwrap();
        assert!(changed.rate.is_some(), "cut again");
        assert_ne!(changed.crop(0).unwrap(), cache.crop(0).unwrap());
    }

    #[test]
    fn only_what_is_new_is_cut_and_the_order_of_the_table_does_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["down-1.jpg", "down-2.jpg", "apert-1.jpg"] {
            fs::copy(sample(name), folder.path().join(name)).unwrap();
        }
        let two = CropCache::open(&named(folder.path(), &["down-1.jpg", "down-2.jpg"]), false).unwrap();
        let more = named(folder.path(), &["apert-1.jpg", "down-2.jpg", "down-1.jpg"]);
        let store = Store::of(folder.path());
        let before = missing(&more, &store.read());
        assert_eq!(before.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0]);
        let three = CropCache::open(&more, false).unwrap();
        assert_eq!(three.crop(1).unwrap(), two.crop(1).unwrap());
        assert_eq!(three.crop(2).unwrap(), two.crop(0).unwrap());
        assert_eq!(fs::metadata(&store.pixels).unwrap().len(), 3 * CROP_BYTES as u64);
        let fewer = CropCache::open(&named(folder.path(), &["down-2.jpg"]), false).unwrap();
        assert!(fewer.rate.is_none());
        assert_eq!(fewer.crop(0).unwrap(), two.crop(1).unwrap());
    }

    #[test]
    fn what_was_cut_short_is_cut_again_and_the_rest_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let dataset = dataset(folder.path());
        let whole = CropCache::open(&dataset, true).unwrap().crop(0).unwrap();
        let store = Store::of(folder.path());
        let files = fs::read_dir(store.pixels.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
        let index = files.into_iter().find(|path| path.extension().is_some_and(|end| end == "jsonl")).unwrap();
        // A line that was not written to its end.
        let text = fs::read_to_string(&index).unwrap();
        fs::write(&index, &text[..text.len() - 10]).unwrap();
        assert_eq!(missing(&dataset, &store.read()).len(), 1);
        let again = CropCache::open(&dataset, true).unwrap();
        assert!(again.rate.is_some() && again.crop(0).unwrap() == whole);
        // Pixels that never reached the disk.
        File::options().write(true).open(&store.pixels).unwrap().set_len(1000).unwrap();
        assert_eq!(missing(&dataset, &store.read()).len(), 1);
        assert_eq!(CropCache::open(&dataset, true).unwrap().crop(0).unwrap(), whole);
        assert!(CropCache::open(&dataset, true).unwrap().rate.is_none());
    }

    #[test]
    fn nothing_is_left_of_who_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["down-1.jpg", "down-2.jpg", "apert-1.jpg"] {
            fs::copy(sample(name), folder.path().join(name)).unwrap();
        }
        let all = named(folder.path(), &["down-1.jpg", "down-2.jpg", "apert-1.jpg"]);
        let cache = CropCache::open(&all, false).unwrap();
        let crops = [0, 1, 2].map(|index| cache.crop(index).unwrap());
        let earlier = folder.path().join(".crops-v1");
        fs::create_dir(&earlier).unwrap();
        keep_only(folder.path(), &HashSet::from([Path::new("down-1.jpg"), Path::new("apert-1.jpg")])).unwrap();
        assert!(!earlier.exists());
        let store = Store::of(folder.path());
        let pixels = fs::read(&store.pixels).unwrap();
        assert_eq!(pixels.len(), 2 * CROP_BYTES);
        assert!(pixels.chunks_exact(CROP_BYTES).all(|kept| kept == crops[0] || kept == crops[2]));
        assert!(!store.read().contains_key(Path::new("down-2.jpg")));
        let rest = CropCache::open(&named(folder.path(), &["apert-1.jpg", "down-1.jpg"]), false).unwrap();
        assert!(rest.rate.is_none());
        assert_eq!([rest.crop(0).unwrap(), rest.crop(1).unwrap()], [crops[2].clone(), crops[0].clone()]);
    }

    #[test]
    fn the_version_of_the_vision_stands_for_these_pixels() {
        let frame = lakshan_vision::open(sample("down-1.jpg")).unwrap();
        let face = Analyser::new().unwrap().detector().detect(&frame).unwrap()[0];
        let crop = lakshan_vision::crop(&frame, &face).crop;
        let hash: String =
            Sha256::digest(crop.frame().rgb()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            (lakshan_vision::VERSION, hash.as_str()),
            (1, "14b861a01245807e"),
            "the same photograph gives another crop: raise lakshan_vision::VERSION, so that kept crops are cut again"
        );
    }
}
