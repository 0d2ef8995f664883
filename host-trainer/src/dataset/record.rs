//! One line of `photos.jsonl`.

use std::fmt;
use std::path::{Path, PathBuf};

use lakshan_core::{Ancestry, Sex, Syndrome};
use serde::{Deserialize, Serialize};

use super::DatasetError;

/// What a photograph shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Label {
    /// One of the twelve.
    Class(Syndrome),
    /// None of the twelve.
    Negative(NegativeKind),
}

impl Label {
    /// The class id, or `negative`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Class(class) => class.id(),
            Self::Negative(_) => "negative",
        }
    }

    /// The class, if it is one.
    pub fn class(self) -> Option<Syndrome> {
        match self {
            Self::Class(class) => Some(class),
            Self::Negative(_) => None,
        }
    }
}

/// Why a photograph is none of the twelve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NegativeKind {
    /// No condition is known.
    Unaffected,
    /// A condition that is none of the twelve.
    OtherCondition,
}

/// What a photograph is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Trains the network.
    Train,
    /// Chooses the checkpoint, the temperature and the thresholds.
    Calibration,
    /// Measures; never seen before.
    Test,
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Train => "train",
            Self::Calibration => "calibration",
            Self::Test => "test",
        })
    }
}

/// A sign that the subject is known to have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownFeature {
    /// The HPO term, `HP:0000286`.
    pub hpo: String,
    /// The renderer's name of the sign; synthetic subjects only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<String>,
    /// How strong it is; 1 is typical.
    pub strength: f32,
}

/// One photograph.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(into = "Row")]
pub struct Photo {
    /// The file, relative to the data set's folder.
    pub photo: PathBuf,
    /// The person; all photographs of one person are in one split.
    pub subject: String,
    /// What it shows.
    pub label: Label,
    /// What it is used for.
    pub split: Split,
    /// The round of cross-validation in which it tests; counts from 0.
    pub fold: Option<u32>,
    /// Age when it was taken.
    pub age_years: Option<f32>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Ancestry.
    pub ancestry: Option<Ancestry>,
    /// Skin tone on the Monk scale, 1 (lightest) to 10.
    pub skin_tone: Option<u8>,
    /// Signs, where they are known.
    pub features: Vec<ShownFeature>,
}

/// A line as it stands in the file; the label is still text.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    photo: PathBuf,
    subject: String,
    label: String,
    #[serde(default)]
    negative_kind: Option<NegativeKind>,
    split: Split,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fold: Option<u32>,
    #[serde(default)]
    age_years: Option<f32>,
    #[serde(default)]
    sex: Option<Sex>,
    #[serde(default)]
    ancestry: Option<Ancestry>,
    #[serde(default)]
    skin_tone: Option<u8>,
    #[serde(default)]
    features: Vec<ShownFeature>,
}

impl From<Photo> for Row {
    fn from(photo: Photo) -> Self {
        Self {
            label: photo.label.id().to_owned(),
            negative_kind: match photo.label {
                Label::Class(_) => None,
                Label::Negative(kind) => Some(kind),
            },
            photo: photo.photo,
            subject: photo.subject,
            split: photo.split,
            fold: photo.fold,
            age_years: photo.age_years,
            sex: photo.sex,
            ancestry: photo.ancestry,
            skin_tone: photo.skin_tone,
            features: photo.features,
        }
    }
}

/// Parses line `line` of `table`.
pub(super) fn parse(table: &Path, line: usize, text: &str) -> Result<Photo, DatasetError> {
    let row: Row =
        serde_json::from_str(text).map_err(|source| DatasetError::Json { path: table.to_owned(), line, source })?;
    let label = match (row.label.as_str(), row.negative_kind) {
        ("negative", Some(kind)) => Label::Negative(kind),
        ("negative", None) => return Err(DatasetError::NegativeKind { table: table.to_owned(), line }),
        (id, kind) => match id.parse() {
            Ok(class) if kind.is_none() => Label::Class(class),
            Ok(_) => return Err(DatasetError::NegativeKind { table: table.to_owned(), line }),
            Err(_) => {
                let nearest = nearest_label(id);
                return Err(DatasetError::UnknownClass { table: table.to_owned(), line, label: row.label, nearest });
            }
        },
    };
    Ok(Photo {
        photo: row.photo,
        subject: row.subject,
        label,
        split: row.split,
        fold: row.fold,
        age_years: row.age_years,
        sex: row.sex,
        ancestry: row.ancestry,
        skin_tone: row.skin_tone,
        features: row.features,
    })
}

/// The label that `text` is nearest to: by an id or name that begins alike, else by edit distance to id or name.
pub(crate) fn nearest_label(text: &str) -> &'static str {
    let text = text.to_lowercase().replace([' ', '-'], "_");
    let known = Syndrome::ALL.into_iter().map(|class| (class.id(), class.name())).chain([("negative", "negative")]);
    known
        .min_by_key(|(id, name)| {
            let name = name.to_lowercase().replace([' ', '-'], "_");
            let short = name.trim_end_matches("_syndrome");
            [*id, &name, short].into_iter().map(|known| edit_distance(&text, known)).min()
        })
        .map_or("negative", |(id, _)| id)
}

/// Levenshtein distance.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_label_is_what_a_person_would_mean() {
        for (text, expected) in [
            ("dwon", "down"),
            ("Down syndrome", "down"),
            ("fragile-x", "fragile_x"),
            ("Treacher_Colins", "treacher_collins"),
            ("cornelia de lange", "cdl"),
            ("negativ", "negative"),
        ] {
            assert_eq!(nearest_label(text), expected, "{text}");
        }
    }
}
