//! A folder for each class, with or without `train`, `validation` and `test` above.

use std::fs;
use std::path::{Path, PathBuf};

use super::names::{self, UnknownName};
use super::{Finds, Found, ImportError, LeftOut};
use crate::dataset::{Label, NegativeKind, Split};

/// What to do with folders whose names are no classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Unknown {
    /// Stop, and list them.
    #[default]
    Stop,
    /// Their photographs show other conditions: negatives.
    Negative,
    /// Leave them out.
    Skip,
}

/// Finds the photographs under `source`.
///
/// # Errors
/// When a folder cannot be read, or its name is no class and `unknown` says to stop.
pub fn find(source: &Path, unknown: Unknown) -> Result<Finds, ImportError> {
    let mut finder = Finder { source, unknown, found: Vec::new(), left_out: Vec::new(), strangers: Vec::new() };
    let top = folders(source)?;
    let splits: Vec<Option<Split>> = top.iter().map(|path| split_of(path)).collect();
    if !top.is_empty() && splits.iter().all(Option::is_some) {
        for (path, split) in top.iter().zip(splits) {
            for class in folders(path)? {
                finder.class(&class, split)?;
            }
        }
    } else {
        for class in top {
            finder.class(&class, None)?;
        }
    }
    if !finder.strangers.is_empty() {
        return Err(ImportError::UnknownNames(finder.strangers));
    }
    Ok(Finds {
        photographs: source.to_owned(),
        found: finder.found,
        left_out: finder.left_out,
        source: format!("the folder {}", source.file_name().unwrap_or_default().to_string_lossy()),
    })
}

struct Finder<'a> {
    source: &'a Path,
    unknown: Unknown,
    found: Vec<Found>,
    left_out: Vec<(PathBuf, LeftOut)>,
    strangers: Vec<UnknownName>,
}

impl Finder<'_> {
    /// Everything under one class's folder, however deep.
    fn class(&mut self, folder: &Path, split: Option<Split>) -> Result<(), ImportError> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let label = match (names::label_of(&name), self.unknown) {
            (Ok(label), _) => Some(label),
            (Err(_), Unknown::Negative) => Some(Label::Negative(NegativeKind::OtherCondition)),
            (Err(_), Unknown::Skip) => None,
            (Err(stranger), Unknown::Stop) => {
                if !self.strangers.contains(&stranger) {
                    self.strangers.push(stranger);
                }
                return Ok(());
            }
        };
        for photo in photographs(folder)? {
            let photo = photo.strip_prefix(self.source).unwrap_or(&photo).to_owned();
            match label {
                Some(label) => self.found.push(Found {
                    photo,
                    subject: None,
                    label,
                    split,
                    age_years: None,
                    sex: None,
                    ancestry: None,
                    features: Vec::new(),
                }),
                None => self.left_out.push((photo, LeftOut::UnknownClass)),
            }
        }
        Ok(())
    }
}

fn split_of(folder: &Path) -> Option<Split> {
    match folder.file_name()?.to_str()?.to_ascii_lowercase().as_str() {
        "train" | "training" => Some(Split::Train),
        "validation" | "valid" | "val" | "calibration" | "dev" => Some(Split::Calibration),
        "test" | "testing" => Some(Split::Test),
        _ => None,
    }
}

/// The folders in `folder`, in order of their names; hidden ones are nobody's photographs.
fn folders(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    Ok(entries(folder)?.into_iter().filter(|path| path.is_dir()).collect())
}

/// The pictures under `folder`, in order of their names.
pub(super) fn photographs(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            found.extend(photographs(&path)?);
        } else if lakshan_vision::is_picture(&path) {
            found.push(path);
        }
    }
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let wrong = |source| ImportError::Read { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use lakshan_core::Syndrome;

    use super::*;

    fn source(paths: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for path in paths {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        folder
    }

    #[test]
    fn finds_classes_with_and_without_splits() {
        let flat = source(&["Down Syndrome/b.JPG", "Down Syndrome/deep/a.png", "healthy/c.jpeg", "down/readme.txt"]);
        let finds = find(flat.path(), Unknown::Stop).unwrap();
        let names: Vec<_> = finds.found.iter().map(|found| found.photo.to_str().unwrap()).collect();
        assert_eq!(names, ["Down Syndrome/b.JPG", "Down Syndrome/deep/a.png", "healthy/c.jpeg"]);
        assert_eq!(finds.found[0].label, Label::Class(Syndrome::Down));
        assert_eq!(finds.found[2].label, Label::Negative(NegativeKind::Unaffected));
        assert!(finds.found.iter().all(|found| found.split.is_none() && found.subject.is_none()));

        let split = source(&["train/williams/a.jpg", "validation/williams/b.jpg", "test/williams/c.jpg"]);
        let finds = find(split.path(), Unknown::Stop).unwrap();
        let splits: Vec<_> = finds.found.iter().map(|found| found.split.unwrap()).collect();
        assert_eq!(splits, [Split::Test, Split::Train, Split::Calibration]);
    }

    #[test]
    fn unknown_folders_are_all_listed_with_the_nearest_class() {
        let folder = source(&["Wiliams/a.jpg", "Kabuki/b.jpg", "down/c.jpg"]);
        let error = find(folder.path(), Unknown::Stop).unwrap_err();
        let words = error.to_string();
        assert!(words.contains("2 folders") && words.contains("'Wiliams': the nearest is 'williams'"), "{words}");
        assert!(error.hint().unwrap().contains("--unknown"));

        let finds = find(folder.path(), Unknown::Negative).unwrap();
        assert_eq!(finds.found.iter().filter(|found| found.label.class().is_none()).count(), 2);
        let finds = find(folder.path(), Unknown::Skip).unwrap();
        assert_eq!((finds.found.len(), finds.left_out.len()), (1, 2));
    }
}
