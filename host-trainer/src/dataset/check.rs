//! What is wrong with a data set's pixels: unreadable, faceless, several faces, the same picture twice.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use lakshan_core::Syndrome;
use serde::Serialize;

use super::crops::CropCache;
use super::duplicates::{self, Pair};
use super::{Dataset, DatasetError, Label, Split};

/// The same picture in two places of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Twin {
    /// The photographs.
    pub photos: [PathBuf; 2],
    /// Their subjects.
    pub subjects: [String; 2],
    /// Their labels.
    pub labels: [&'static str; 2],
    /// Their splits.
    pub splits: [Split; 2],
    /// How alike they are when laid over each other, up to 1.
    pub likeness: f32,
}

impl Twin {
    fn of(dataset: &Dataset, pair: Pair) -> Self {
        let both = [&dataset.photos[pair.first], &dataset.photos[pair.second]];
        Self {
            photos: both.map(|photo| photo.photo.clone()),
            subjects: both.map(|photo| photo.subject.clone()),
            labels: both.map(|photo| photo.label.id()),
            splits: both.map(|photo| photo.split),
            likeness: pair.likeness,
        }
    }

    /// It stands in two splits: the test knows what was learnt.
    pub fn is_leak(&self) -> bool {
        self.splits[0] != self.splits[1]
    }
}

impl fmt::Display for Twin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |which: usize| {
            format!(
                "{} ({}, {}, {})",
                self.photos[which].display(),
                self.splits[which],
                self.labels[which],
                self.subjects[which]
            )
        };
        write!(f, "{} = {}", place(0), place(1))
    }
}

/// A class that a split has nobody of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Thin {
    /// The class.
    pub class: &'static str,
    /// People who train, calibrate and test.
    pub people: [usize; 3],
}

impl fmt::Display for Thin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [train, calibration, test] = self.people;
        write!(f, "{}: ", self.class)?;
        match (train, calibration, test) {
            (0, 0, 0) => write!(f, "nobody at all; it cannot be trained"),
            (0, ..) => write!(f, "nobody trains; it cannot be learnt ({calibration} calibrate, {test} test)"),
            (.., 0) => write!(f, "nobody tests; how well it is told will not be known ({train} train)"),
            _ => write!(f, "nobody calibrates; its thresholds are those of all classes ({train} train, {test} test)"),
        }
    }
}

/// The classes that have nobody in some split: an empty folder, a single patient.
pub fn thin_classes(dataset: &Dataset) -> Vec<Thin> {
    let people = |class: Syndrome| {
        [Split::Train, Split::Calibration, Split::Test].map(|split| {
            let of = dataset.photos.iter().filter(|photo| photo.split == split && photo.label == Label::Class(class));
            of.map(|photo| photo.subject.as_str()).collect::<BTreeSet<_>>().len()
        })
    };
    let classes = Syndrome::ALL.into_iter().map(|class| Thin { class: class.id(), people: people(class) });
    classes.filter(|class| class.people.contains(&0)).collect()
}

/// Everything that looking at the pixels found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Findings {
    /// Photographs that cannot be read, with the fault.
    pub unreadable: Vec<(PathBuf, String)>,
    /// Photographs without a face.
    pub no_face: Vec<PathBuf>,
    /// Photographs with several faces.
    pub several_faces: Vec<PathBuf>,
    /// Classes that have nobody in some split.
    pub thin_classes: Vec<Thin>,
    /// The same picture twice in one split.
    pub twins: Vec<Twin>,
    /// The same picture in two splits.
    pub leaks: Vec<Twin>,
}

impl Findings {
    /// Looks at every photograph. `alike`: pairs that may be the same picture, beside those that [`duplicates`] finds itself.
    ///
    /// # Errors
    /// When the crops cannot be made or read.
    pub fn of(dataset: &Dataset, crops: &CropCache, alike: &[(usize, usize)]) -> Result<Self, DatasetError> {
        let (leaks, twins) = twins(dataset, crops, alike)?.into_iter().partition(Twin::is_leak);
        let summary = &crops.summary;
        Ok(Self {
            unreadable: summary.unreadable.clone(),
            no_face: summary.no_face.clone(),
            several_faces: summary.several_faces.clone(),
            thin_classes: thin_classes(dataset),
            twins,
            leaks,
        })
    }

    /// Whether training may go on: no leak, and nothing that cannot be read.
    pub fn is_sound(&self) -> bool {
        self.leaks.is_empty() && self.unreadable.is_empty()
    }
}

/// The same pictures, wherever they stand. `alike`: as for [`Findings::of`].
///
/// # Errors
/// When the crops cannot be read.
pub fn twins(dataset: &Dataset, crops: &CropCache, alike: &[(usize, usize)]) -> Result<Vec<Twin>, DatasetError> {
    Ok(duplicates::pairs(dataset, crops, alike)?.into_iter().map(|pair| Twin::of(dataset, pair)).collect())
}

/// Stops when one of `pairs`, each the same picture, stands in two splits.
///
/// # Errors
/// [`DatasetError::Leak`] with every such pair.
pub fn refuse_leaks(dataset: &Dataset, pairs: &[Pair]) -> Result<(), DatasetError> {
    let leaks: Vec<Twin> = pairs.iter().map(|pair| Twin::of(dataset, *pair)).filter(Twin::is_leak).collect();
    if leaks.is_empty() { Ok(()) } else { Err(DatasetError::Leak { root: dataset.root.clone(), leaks }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::tests::dataset_of;

    #[test]
    fn a_class_without_people_is_named_with_what_follows() {
        let (down, apert) = (Label::Class(Syndrome::Down), Label::Class(Syndrome::Apert));
        let people = [("a", down), ("b", down), ("b", down), ("c", down), ("d", apert)];
        let mut dataset = dataset_of(people.map(|(name, label)| (name.to_owned(), label)).into());
        dataset.photos[0].split = Split::Calibration;
        dataset.photos[3].split = Split::Test;
        let thin = thin_classes(&dataset);
        assert_eq!(thin.len(), 11, "all but Down syndrome");
        let words = |class: Syndrome| thin.iter().find(|thin| thin.class == class.id()).unwrap().to_string();
        assert_eq!(words(Syndrome::Apert), "apert: nobody tests; how well it is told will not be known (1 train)");
        assert_eq!(words(Syndrome::Turner), "turner: nobody at all; it cannot be trained");
    }
}
