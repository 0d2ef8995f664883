//! Photographs of real people into a data set: found, labelled, grouped by person, checked; nothing personal enters.
//!
//! A source ([`folder`], [`gmdb`]) only *finds*: it gives [`Found`] photographs and says what it left out and why. What
//! follows is the same for all: unreadable and faceless photographs are left out, photographs without a person's id are
//! grouped where they are the same picture, splits are drawn by person, and the table is written. Photographs stay
//! where they are unless they are to be copied.

pub mod folder;
pub mod gmdb;
pub mod names;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use lakshan_core::manifest::{DataKind, Provenance};
use lakshan_core::{Ancestry, Sex};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::atomic_file::{WriteError, write_atomically, write_json};
use crate::dataset::crops::CropCache;
use crate::dataset::duplicates;
use crate::dataset::splits::Shares;
use crate::dataset::withdrawn::Withdrawn;
use crate::dataset::{Dataset, DatasetError, FORMAT_VERSION, Info, Label, Photo, ShownFeature, Split};

/// The folder of copied photographs inside a data set.
pub const COPIES: &str = "photos";
/// What was left out, and why: written beside the table.
pub const REPORT_FILE: &str = "import.json";

/// A photograph that a source found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The file, relative to the source's folder of photographs.
    pub photo: PathBuf,
    /// The person, where the source knows.
    pub subject: Option<String>,
    /// What it shows.
    pub label: Label,
    /// The split that the source gives it, if it has any.
    pub split: Option<Split>,
    /// Age when it was taken.
    pub age_years: Option<f32>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Ancestry.
    pub ancestry: Option<Ancestry>,
    /// Signs that the source says are present.
    pub features: Vec<ShownFeature>,
}

/// Why a photograph was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// The people did not consent, or consent is not recorded.
    NoConsent,
    /// Marked as private.
    Private,
    /// Not taken from the front.
    NotFrontal,
    /// The table names it, the folder does not hold it.
    FileMissing,
    /// The file is no picture that this program reads.
    Unreadable,
    /// No face was found.
    NoFace,
    /// The same picture of the same person as another that was taken.
    Duplicate,
    /// The person withdrew; see `dataset forget`.
    Withdrawn,
    /// Its folder's name is no class, and such folders were to be skipped.
    UnknownClass,
}

impl LeftOut {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoConsent => "no consent recorded",
            Self::Private => "marked private",
            Self::NotFrontal => "not taken from the front",
            Self::FileMissing => "file missing",
            Self::Unreadable => "unreadable",
            Self::NoFace => "no face found",
            Self::Duplicate => "the same picture as another",
            Self::Withdrawn => "withdrawn",
            Self::UnknownClass => "unknown class",
        }
    }
}

/// What a source found.
#[derive(Clone, Debug)]
pub struct Finds {
    /// The folder that the photographs' paths begin in.
    pub photographs: PathBuf,
    /// The photographs, in a fixed order.
    pub found: Vec<Found>,
    /// What was left out already.
    pub left_out: Vec<(PathBuf, LeftOut)>,
    /// The source, in a few words, for the data set's statement.
    pub source: String,
}

/// How to import.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data set's folder.
    pub out: PathBuf,
    /// Copy the photographs instead of pointing at them.
    pub copy: bool,
    /// Photographs of patients, or synthetic ones.
    pub kind: DataKind,
    /// One line that stands beside every figure; `None` composes one.
    pub statement: Option<String>,
    /// Draw splits with these shares; `None` keeps those of the source where it has them.
    pub shares: Option<Shares>,
    /// Seed of the draw.
    pub seed: u64,
}

/// Shares where the source has no splits and the user names none.
pub const DEFAULT_SHARES: &str = "0.7,0.12,0.18";

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Photographs taken.
    pub photographs: usize,
    /// People.
    pub subjects: usize,
    /// People who are known only as a group of like pictures.
    pub subjects_by_likeness: usize,
    /// Groups that the source had in two splits; they were moved to training, so that the test stays unseen.
    pub groups_across_splits: usize,
    /// Photographs with several faces; the largest was taken.
    pub several_faces: usize,
    /// How many were left out, by reason.
    pub left_out: BTreeMap<LeftOut, usize>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} photographs of {} people", self.photographs, self.subjects)?;
        if self.subjects_by_likeness > 0 {
            writeln!(
                f,
                "{} of the people are groups of like pictures: the source has no patient ids, so one person's different \
                 photographs may stand in two splits",
                self.subjects_by_likeness
            )?;
        }
        if self.groups_across_splits > 0 {
            writeln!(f, "{} people stood in two splits and were moved to training", self.groups_across_splits)?;
        }
        if self.several_faces > 0 {
            writeln!(f, "{} photographs show several faces; the largest was taken", self.several_faces)?;
        }
        for (reason, count) in &self.left_out {
            writeln!(f, "left out: {count} ({})", reason.words())?;
        }
        Ok(())
    }
}

/// Why an import failed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A table of the source is not what it should be.
    #[error("{}: {fault}", path.display())]
    Table {
        /// The table.
        path: PathBuf,
        /// What is wrong with it, with the line where there is one.
        fault: String,
    },
    /// Folders whose names are no classes.
    #[error("{} folders are no class that is known:{}", .0.len(), listed(.0))]
    UnknownNames(Vec<names::UnknownName>),
    /// One person has two labels.
    #[error("person '{subject}' has two labels: {first} ({}) and {second} ({})", photos.0.display(), photos.1.display())]
    TwoLabels {
        /// The person's id.
        subject: String,
        /// The first label.
        first: &'static str,
        /// The second label.
        second: &'static str,
        /// A photograph of each.
        photos: (PathBuf, PathBuf),
    },
    /// Nothing is left.
    #[error("{} holds no photograph that can be taken", path.display())]
    Nothing {
        /// The source.
        path: PathBuf,
        /// Why photographs were left out.
        left_out: BTreeMap<LeftOut, usize>,
    },
    /// The folder holds another data set.
    #[error("{} holds another data set", path.display())]
    OtherDataset {
        /// The folder.
        path: PathBuf,
    },
    /// The data set cannot be made.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

fn listed(names: &[names::UnknownName]) -> String {
    names.iter().map(|name| format!("\n  '{}': the nearest is '{}'", name.name, name.nearest)).collect()
}

impl ImportError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownNames(_) => Some(
                "rename the folders, or say --unknown negative (they show other conditions) or --unknown skip".into(),
            ),
            Self::Nothing { left_out, .. } => {
                let reasons = left_out.iter().map(|(reason, count)| format!("{count} {}", reason.words()));
                let reasons = reasons.collect::<Vec<_>>().join(", ");
                Some(if reasons.is_empty() { "no file ends in .jpg, .jpeg, .png or .webp".into() } else { reasons })
            }
            Self::OtherDataset { .. } => Some("name a new folder with --out".into()),
            Self::TwoLabels { .. } => Some("correct the source: all photographs of a person have one label".into()),
            Self::Dataset(error) => error.hint(),
            Self::Write(error) if error.is_full() => Some("free some space and run the same command again".into()),
            _ => None,
        }
    }
}

/// Makes the data set, or brings it up to date: the same source and options give the same files, and what an
/// interrupted import has done already (copies, crops) is not done again.
///
/// # Errors
/// When the source is at odds with itself, nothing is left, or a file cannot be written.
pub fn import(finds: Finds, options: &Options) -> Result<Summary, ImportError> {
    let Finds { photographs, mut found, left_out, source } = finds;
    let generator = json!({ "program": concat!("host-trainer import ", env!("CARGO_PKG_VERSION")), "source": source });
    if let Ok(earlier) = Dataset::open(&options.out)
        && earlier.info.generator["source"] != generator["source"]
    {
        return Err(ImportError::OtherDataset { path: options.out.clone() });
    }
    fs::create_dir_all(&options.out).map_err(|source| WriteError { path: options.out.clone(), source })?;
    let mut left_out: BTreeMap<PathBuf, LeftOut> = left_out.into_iter().collect();
    let mut leave_out = |found: &mut Vec<Found>, reason: LeftOut, is_out: &dyn Fn(&Found) -> bool| {
        found.retain(|photo| {
            let out = is_out(photo);
            if out {
                left_out.insert(photo.photo.clone(), reason);
            }
            !out
        });
    };

    let withdrawn = Withdrawn::read(&options.out)?;
    leave_out(&mut found, LeftOut::Withdrawn, &|photo| {
        photo.subject.as_ref().is_some_and(|id| withdrawn.holds(id)) || withdrawn.holds_photo(&photo.photo)
    });
    check_labels(&found)?;

    // Every photograph is a person of its own at first: likeness is known only when there are crops.
    let root = options.out.clone();
    let copied = options.copy.then(|| PathBuf::from(COPIES));
    let info = Info {
        format_version: FORMAT_VERSION,
        name: options.out.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        provenance: Provenance { kind: options.kind, statement: String::new() },
        photographs: if options.copy { None } else { Some(absolute(&photographs)?) },
        generator,
    };
    if let Some(folder) = &copied {
        copy(&photographs, &root.join(folder), &found)?;
    }
    let place = |photo: &Path| copied.as_ref().map_or_else(|| photo.to_owned(), |folder| folder.join(photo));
    let photos = found.iter().map(|photo| as_photo(photo, place(&photo.photo))).collect();
    let mut dataset = Dataset { root, info, photos };
    if dataset.photos.is_empty() {
        return Err(nothing(&photographs, &left_out));
    }

    let crops = CropCache::open(&dataset, true)?;
    let groups = duplicates::groups(&dataset, &crops)?;
    let mut summary = Summary { several_faces: crops.summary.several_faces.len(), ..Summary::default() };
    for (path, reason) in crops
        .summary
        .unreadable
        .iter()
        .map(|(path, _)| (path, LeftOut::Unreadable))
        .chain(crops.summary.no_face.iter().map(|path| (path, LeftOut::NoFace)))
    {
        left_out.insert(path.clone(), reason);
    }
    drop(crops);
    let by_likeness = name_people(&mut dataset, &found, &groups);
    let gone: Vec<bool> = dataset.photos.iter().map(|photo| left_out.contains_key(&photo.photo)).collect();
    let mut index = 0;
    dataset.photos.retain(|_| {
        index += 1;
        !gone[index - 1]
    });
    if dataset.photos.is_empty() {
        return Err(nothing(&photographs, &left_out));
    }

    let has_splits = found.iter().any(|photo| photo.split.is_some());
    match options.shares {
        Some(shares) => dataset.draw_splits(shares, options.seed),
        None if has_splits => summary.groups_across_splits = keep_together(&mut dataset),
        None => dataset.draw_splits(DEFAULT_SHARES.parse().expect("the default is right"), options.seed),
    }
    let subjects = dataset.subjects();
    (summary.photographs, summary.subjects) = (dataset.photos.len(), subjects.len());
    summary.subjects_by_likeness = subjects.iter().filter(|subject| by_likeness.contains(**subject)).count();
    summary.left_out = count(&left_out);
    dataset.info.provenance.statement = options.statement.clone().unwrap_or_else(|| statement(&summary, &source));
    let report = json!({ "summary": summary, "left_out": left_out });
    write_json(&dataset.root.join(REPORT_FILE), &report)?;
    dataset.write()?;
    Ok(summary)
}

fn statement(summary: &Summary, source: &str) -> String {
    let people = if summary.subjects_by_likeness > 0 { "people or groups of like pictures" } else { "people" };
    format!("{} photographs of {} {people}, from {source}", summary.photographs, summary.subjects)
}

fn nothing(path: &Path, left_out: &BTreeMap<PathBuf, LeftOut>) -> ImportError {
    ImportError::Nothing { path: path.to_owned(), left_out: count(left_out) }
}

/// How many photographs were left out for each reason.
fn count(left_out: &BTreeMap<PathBuf, LeftOut>) -> BTreeMap<LeftOut, usize> {
    let mut counts = BTreeMap::new();
    for reason in left_out.values() {
        *counts.entry(*reason).or_default() += 1;
    }
    counts
}

fn absolute(path: &Path) -> Result<PathBuf, ImportError> {
    fs::canonicalize(path).map_err(|source| ImportError::Read { path: path.to_owned(), source })
}

fn as_photo(found: &Found, place: PathBuf) -> Photo {
    Photo {
        subject: found.subject.clone().unwrap_or_else(|| place.display().to_string()),
        photo: place,
        label: found.label,
        split: found.split.unwrap_or(Split::Train),
        fold: None,
        age_years: found.age_years,
        sex: found.sex,
        ancestry: found.ancestry,
        skin_tone: None,
        features: found.features.clone(),
    }
}

/// One label for each person that the source knows.
fn check_labels(found: &[Found]) -> Result<(), ImportError> {
    let mut first: HashMap<&str, &Found> = HashMap::new();
    for photo in found {
        let Some(subject) = photo.subject.as_deref() else { continue };
        let before = first.entry(subject).or_insert(photo);
        if before.label != photo.label {
            return Err(ImportError::TwoLabels {
                subject: subject.to_owned(),
                first: before.label.id(),
                second: photo.label.id(),
                photos: (before.photo.clone(), photo.photo.clone()),
            });
        }
    }
    Ok(())
}

/// Copies what is not there yet, each file whole or not at all.
fn copy(from: &Path, to: &Path, found: &[Found]) -> Result<(), ImportError> {
    let copy_one = |photo: &Found| -> Result<(), ImportError> {
        let (source, target) = (from.join(&photo.photo), to.join(&photo.photo));
        let read = |error| ImportError::Read { path: source.clone(), source: error };
        let length = fs::metadata(&source).map_err(read)?.len();
        if fs::metadata(&target).is_ok_and(|there| there.len() == length) {
            return Ok(());
        }
        let folder = target.parent().unwrap_or(to);
        fs::create_dir_all(folder).map_err(|error| WriteError { path: folder.to_owned(), source: error })?;
        let bytes = fs::read(&source).map_err(read)?;
        Ok(write_atomically(&target, |file| file.write_all(&bytes))?)
    };
    found.par_iter().try_for_each(copy_one)
}

/// Gives the photographs without a person's id that of their group of like pictures; gives the names of these groups.
fn name_people(dataset: &mut Dataset, found: &[Found], groups: &[usize]) -> BTreeSet<String> {
    // A group that holds a known person is that person; `groups` numbers a group by its first photograph.
    let mut known: HashMap<usize, &str> = HashMap::new();
    for (photo, &group) in found.iter().zip(groups) {
        if let Some(subject) = &photo.subject {
            known.entry(group).or_insert(subject);
        }
    }
    // By its first photograph's path and not by its number, so that the name outlives changes elsewhere in the source.
    let names: Vec<String> = dataset.photos.iter().map(|photo| short_hash(&photo.photo)).collect();
    let mut by_likeness = BTreeSet::new();
    for ((photo, found), &group) in dataset.photos.iter_mut().zip(found).zip(groups) {
        if found.subject.is_none() {
            photo.subject = match known.get(&group) {
                Some(subject) => (*subject).to_owned(),
                None => {
                    // The label is part of the name: like pictures under two labels are two people or an error of the
                    // source, which `dataset check` names.
                    let name = format!("{}-like-{}", found.label.id(), names[group]);
                    by_likeness.insert(name.clone());
                    name
                }
            };
        }
    }
    by_likeness
}

fn short_hash(path: &Path) -> String {
    Sha256::digest(path.as_os_str().as_encoded_bytes()).iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}

/// Moves everyone who stands in two splits to training; gives their number.
fn keep_together(dataset: &mut Dataset) -> usize {
    let mut splits: HashMap<String, Option<Split>> = HashMap::new();
    for photo in &dataset.photos {
        let split = splits.entry(photo.subject.clone()).or_insert(Some(photo.split));
        if *split != Some(photo.split) {
            *split = None;
        }
    }
    for photo in &mut dataset.photos {
        photo.split = splits[&photo.subject].unwrap_or(Split::Train);
    }
    splits.values().filter(|split| split.is_none()).count()
}

#[cfg(test)]
mod tests;
