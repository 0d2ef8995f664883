//! A person who withdraws: every trace leaves the data set, and what learnt from it is named.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::crops;
use super::withdrawn::Withdrawn;
use super::{Dataset, DatasetError, Info};
use crate::atomic_file::WriteError;
use crate::evaluate::outputs;

/// How deep below a folder runs and bundles are looked for.
const DEPTH: usize = 4;

/// What was done, and what remains to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Photographs that were removed from the table and, where they lay in the data set, from the disk.
    pub removed: Vec<PathBuf>,
    /// Photographs outside the data set: the table no longer names them, the files are the source's to remove.
    pub elsewhere: Vec<PathBuf>,
}

/// Removes every trace of `subject`: first its name is put on the list of those who withdrew (as a hash), then its
/// photographs, their crops and all kept outputs go, the table last, so that an interrupted removal can be run again.
///
/// # Errors
/// When there is no such subject and it is not on the list either, or a file cannot be removed or written.
pub fn forget(root: &Path, subject: &str) -> Result<Forgotten, DatasetError> {
    let mut dataset = Dataset::open_table(root)?;
    let mut withdrawn = Withdrawn::read(root)?;
    let photos: Vec<usize> =
        (0..dataset.photos.len()).filter(|&index| dataset.photos[index].subject == subject).collect();
    if photos.is_empty() {
        return if withdrawn.holds(subject) {
            Ok(Forgotten::default())
        } else {
            Err(DatasetError::NoSubject { root: root.to_owned(), subject: subject.to_owned() })
        };
    }
    let photo = |&index: &usize| dataset.photos[index].photo.as_path();
    let in_source = |photo| Path::strip_prefix(photo, crate::import::COPIES).unwrap_or(photo);
    withdrawn.add(subject, photos.iter().map(photo).map(in_source))?;
    let mut forgotten = Forgotten::default();
    for &index in &photos {
        let path = dataset.path(index);
        if dataset.info.photographs.is_some() {
            forgotten.elsewhere.push(path);
        } else {
            remove_file(&path)?;
            forgotten.removed.push(path);
        }
    }
    let others = dataset.photos.iter().filter(|photo| photo.subject != subject);
    crops::keep_only(root, &others.map(|photo| photo.photo.as_path()).collect())?;
    // They lie in one file with everybody's; the next use makes them again.
    remove_folder(&root.join(outputs::KEPT_FOLDER))?;
    remove_from_report(root, &photos.iter().map(|&index| dataset.photos[index].photo.clone()).collect())?;
    dataset.photos.retain(|photo| photo.subject != subject);
    dataset.write()?;
    Ok(forgotten)
}

fn remove_file(path: &Path) -> Result<(), WriteError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(WriteError { path: path.to_owned(), source }),
        _ => Ok(()),
    }
}

fn remove_folder(path: &Path) -> Result<(), WriteError> {
    match fs::remove_dir_all(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(WriteError { path: path.to_owned(), source }),
        _ => Ok(()),
    }
}

/// The report of an import names what was left out; what was the person's goes from there, too.
fn remove_from_report(root: &Path, photos: &BTreeSet<PathBuf>) -> Result<(), DatasetError> {
    let path = root.join(crate::import::REPORT_FILE);
    let Ok(text) = fs::read(&path) else { return Ok(()) };
    let Ok(mut report) = serde_json::from_slice::<Value>(&text) else { return Ok(()) };
    if let Some(left_out) = report.get_mut("left_out").and_then(Value::as_object_mut) {
        left_out.retain(|photo, _| !photos.contains(Path::new(photo)));
    }
    Ok(crate::atomic_file::write_json(&path, &report)?)
}

/// The runs and bundles under `folder` that learnt from the data set `info`.
pub fn learnt_from(folder: &Path, info: &Info) -> Vec<PathBuf> {
    let mut found = Vec::new();
    look(folder, info, DEPTH, &mut found);
    found.sort();
    found
}

fn look(folder: &Path, info: &Info, depth: usize, found: &mut Vec<PathBuf>) {
    let read = |name: &str| serde_json::from_slice::<Value>(&fs::read(folder.join(name)).ok()?).ok();
    let run = read("config.json").and_then(|config| config.get("dataset").cloned());
    let bundle = || read("manifest.json").and_then(|manifest| manifest.pointer("/training/dataset").cloned());
    let same = |other: &Value| other["name"] == info.name.as_str() && other["generator"] == info.generator;
    if run.or_else(bundle).is_some_and(|other| same(&other)) {
        found.push(folder.to_owned());
    }
    if depth > 0 {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                look(&entry.path(), info, depth - 1, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use lakshan_core::Syndrome;

    use super::*;
    use crate::dataset::Label;
    use crate::dataset::tests::dataset_of;

    #[test]
    fn no_trace_is_left_and_it_can_be_run_again() {
        let folder = tempfile::tempdir().unwrap();
        let label = Label::Class(Syndrome::Apert);
        let mut dataset = dataset_of(["anna", "bob", "anna"].map(|name| (name.to_owned(), label)).into());
        dataset.root = folder.path().to_owned();
        for index in 0..3 {
            fs::write(dataset.path(index), "pixels").unwrap();
        }
        dataset.write().unwrap();
        let crops = folder.path().join(".crops-v1");
        fs::create_dir(&crops).unwrap();
        fs::write(crops.join("x.rgb"), "anna's face").unwrap();
        let kept = folder.path().join(outputs::KEPT_FOLDER);
        fs::create_dir(&kept).unwrap();
        fs::write(kept.join("x.json"), "anna's logits").unwrap();
        let run = folder.path().join("runs/a");
        fs::create_dir_all(&run).unwrap();
        let config = serde_json::json!({ "dataset": dataset.info, "recipe": {} });
        fs::write(run.join("config.json"), config.to_string()).unwrap();

        let error = forget(folder.path(), "carl").unwrap_err().to_string();
        assert!(error.ends_with("holds no subject 'carl'"), "{error}");
        // Killed after the first photograph: the table still names it.
        fs::remove_file(dataset.path(0)).unwrap();
        let forgotten = forget(folder.path(), "anna").unwrap();
        assert_eq!(forgotten.removed.len(), 2);
        assert!(!dataset.path(2).exists() && dataset.path(1).exists() && !crops.exists() && !kept.exists());
        let left = Dataset::open(folder.path()).unwrap();
        assert_eq!(left.photos.len(), 1);
        assert_eq!(forget(folder.path(), "anna").unwrap(), Forgotten::default());
        assert_eq!(learnt_from(folder.path(), &left.info), [run]);
    }
}
