//! `manifest.json`: what a bundle says about itself, and the check that names the first disagreement.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::policy::Policy;
use crate::quality::QualityThresholds;
use crate::{Syndrome, preprocess};

/// The manifest's file name inside a bundle folder.
pub const FILE_NAME: &str = "manifest.json";
/// The network's file name inside a bundle folder.
pub const NETWORK_FILE: &str = "model.onnx";
/// The model card's file name inside a bundle folder.
pub const MODEL_CARD_FILE: &str = "MODEL_CARD.md";
/// The file name of the manifest's signature, in the format of minisign.
pub const SIGNATURE_FILE: &str = "manifest.json.minisig";
/// The only format this program reads and writes.
pub const FORMAT_VERSION: u32 = 1;

/// Where the photographs came from that trained a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataKind {
    /// Rendered heads. Nothing learnt from them says anything about patients.
    Synthetic,
    /// Photographs of people, with consent.
    Patient,
}

/// The data behind a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Synthetic faces or patients.
    pub kind: DataKind,
    /// One line for people: which data set, how many subjects, which seed.
    pub statement: String,
}

/// The sentence that every screen and table bears while [`DataKind::Synthetic`] is installed.
pub const SYNTHETIC_NOTICE: &str = "pipeline check on synthetic faces; no clinical accuracy is claimed";

impl Provenance {
    /// The notice that must stand beside every result, if any.
    pub fn notice(&self) -> Option<&'static str> {
        (self.kind == DataKind::Synthetic).then_some(SYNTHETIC_NOTICE)
    }
}

/// Size and SHA-256 of one file of the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

impl FileEntry {
    /// The entry that describes `contents`.
    pub fn of(contents: &[u8]) -> Self {
        let sha256 = Sha256::digest(contents).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { bytes: contents.len() as u64, sha256 }
    }
}

/// The whole of `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format of this file; see [`FORMAT_VERSION`].
    pub format_version: u32,
    /// Short name of the bundle, e.g. `demo`.
    pub name: String,
    /// Version of the bundle, e.g. `2026.11.24`.
    pub version: String,
    /// Class ids in output order; must be exactly the twelve of this program.
    pub classes: Vec<String>,
    /// [`preprocess::VERSION`] that the network was trained with.
    pub preprocess_version: u32,
    /// Shape of the network's input: 1, 3, 224, 224.
    pub input_shape: Vec<usize>,
    /// How scores become a finding.
    pub policy: Policy,
    /// What a photograph must reach.
    pub quality: QualityThresholds,
    /// The files of the bundle other than this one, by name.
    pub files: BTreeMap<String, FileEntry>,
    /// Where the training photographs came from.
    pub provenance: Provenance,
    /// The training run's configuration, as the trainer recorded it.
    pub training: serde_json::Value,
    /// Measured figures: the tables of the model card in machine-readable form.
    pub metrics: serde_json::Value,
    /// The logits that the network gives for the known photograph, in the order of the classes: what a device's self-test
    /// compares with, bit for bit. Missing in bundles that were made before it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_logits: Option<[f32; Syndrome::COUNT]>,
}

/// The first thing in which a bundle disagrees with this program or with itself.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, or a field is missing or of the wrong type.
    #[error("it is not a valid manifest")]
    Json(#[source] serde_json::Error),
    /// Made by a newer or unknown program.
    #[error("format version is {found}, this program reads {FORMAT_VERSION}")]
    FormatVersion {
        /// What the manifest says.
        found: u64,
    },
    /// The class list differs.
    #[error("class {index} is {found}, expected '{expected}'")]
    Classes {
        /// Place in the list.
        index: usize,
        /// What stands there.
        found: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// More classes than this program knows.
    #[error("it lists {0} classes, expected 12")]
    ClassCount(usize),
    /// The pixels would be prepared in another way than in training.
    #[error("it was trained with preprocessing {found}, this program has {}", preprocess::VERSION)]
    Preprocess {
        /// What the manifest says.
        found: u32,
    },
    /// The network takes another input.
    #[error("input shape is {found:?}, expected [1, 3, 224, 224]")]
    InputShape {
        /// What the manifest says.
        found: Vec<usize>,
    },
    /// Thresholds or temperature are unusable.
    #[error("policy: {0}")]
    Policy(String),
    /// A file that must be listed is not.
    #[error("file '{0}' is not listed")]
    NotListed(&'static str),
    /// A listed name would leave the bundle's folder.
    #[error("file name '{0}' is not a plain name")]
    FileName(String),
}

/// A file of the bundle that is not what the manifest says.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileMismatch {
    /// The length differs: cut off, or another file.
    #[error("it is {found} bytes long, the manifest says {expected}")]
    Length {
        /// Bytes on disk.
        found: u64,
        /// Bytes the manifest lists.
        expected: u64,
    },
    /// The contents differ.
    #[error("its SHA-256 is {found}, the manifest says {expected}")]
    Hash {
        /// Of the file.
        found: String,
        /// In the manifest.
        expected: String,
    },
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// The first disagreement, the format version before anything else, so that a newer file is named as such.
    pub fn parse(json: &[u8]) -> Result<Self, ManifestError> {
        let value: serde_json::Value = serde_json::from_slice(json).map_err(ManifestError::Json)?;
        if let Some(found) = value.get("format_version").and_then(serde_json::Value::as_u64)
            && found != u64::from(FORMAT_VERSION)
        {
            return Err(ManifestError::FormatVersion { found });
        }
        let manifest: Self = serde_json::from_value(value).map_err(ManifestError::Json)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Checks what the manifest says against this program.
    ///
    /// # Errors
    /// The first disagreement.
    pub fn check(&self) -> Result<(), ManifestError> {
        for (index, class) in Syndrome::ALL.into_iter().enumerate() {
            let found = self.classes.get(index);
            if found.map(String::as_str) != Some(class.id()) {
                let found = found.map_or_else(|| "missing".to_owned(), |id| format!("'{id}'"));
                return Err(ManifestError::Classes { index, found, expected: class.id() });
            }
        }
        if self.classes.len() != Syndrome::COUNT {
            return Err(ManifestError::ClassCount(self.classes.len()));
        }
        if self.preprocess_version != preprocess::VERSION {
            return Err(ManifestError::Preprocess { found: self.preprocess_version });
        }
        if self.input_shape != [1, 3, preprocess::SIZE, preprocess::SIZE] {
            return Err(ManifestError::InputShape { found: self.input_shape.clone() });
        }
        if let Some(fault) = self.policy.fault() {
            return Err(ManifestError::Policy(fault));
        }
        for name in [NETWORK_FILE, MODEL_CARD_FILE] {
            if !self.files.contains_key(name) {
                return Err(ManifestError::NotListed(name));
            }
        }
        match self.files.keys().find(|name| name.is_empty() || name.starts_with('.') || name.contains(['/', '\\'])) {
            Some(name) => Err(ManifestError::FileName(name.clone())),
            None => Ok(()),
        }
    }

    /// Holds a file's contents against its entry. A name that is not listed matches nothing.
    ///
    /// # Errors
    /// How the contents differ from what is listed.
    pub fn check_file(&self, name: &str, contents: &[u8]) -> Result<(), FileMismatch> {
        let found = FileEntry::of(contents);
        let expected = self.files.get(name).cloned().unwrap_or(FileEntry { bytes: 0, sha256: "nothing".to_owned() });
        if found.bytes != expected.bytes {
            Err(FileMismatch::Length { found: found.bytes, expected: expected.bytes })
        } else if found.sha256 != expected.sha256 {
            Err(FileMismatch::Hash { found: found.sha256, expected: expected.sha256 })
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let files = [NETWORK_FILE, MODEL_CARD_FILE].map(|name| (name.to_owned(), FileEntry::of(b"abc")));
        Manifest {
            format_version: FORMAT_VERSION,
            name: "test".into(),
            version: "1".into(),
            classes: Syndrome::ALL.map(|class| class.id().to_owned()).to_vec(),
            preprocess_version: preprocess::VERSION,
            input_shape: vec![1, 3, 224, 224],
            policy: Policy {
                temperature: 1.0,
                class_bias: [0.0; 12],
                refusal_temperature: 1.0,
                refusal_threshold: 0.0,
                set_thresholds: [0.1; 12],
            },
            quality: QualityThresholds {
                min_inter_eye_px: 30.0,
                min_inside_fraction: 0.8,
                min_mean_luma: 30.0,
                max_mean_luma: 230.0,
                max_burnt_fraction: 0.3,
                min_sharpness: 0.01,
                max_yaw_deg: 30.0,
                max_roll_deg: 30.0,
            },
            files: files.into_iter().collect(),
            provenance: Provenance { kind: DataKind::Synthetic, statement: "made up".into() },
            training: serde_json::Value::Null,
            metrics: serde_json::Value::Null,
            known_logits: Some([0.1; Syndrome::COUNT]),
        }
    }

    /// What `parse` says after `change` has been made to the JSON of a good manifest.
    fn fault(change: impl FnOnce(&mut serde_json::Value)) -> String {
        let mut json = serde_json::to_value(manifest()).unwrap();
        change(&mut json);
        Manifest::parse(json.to_string().as_bytes()).expect_err("must be refused").to_string()
    }

    #[test]
    fn a_good_one_survives_the_round_trip() {
        let json = serde_json::to_vec(&manifest()).unwrap();
        assert_eq!(Manifest::parse(&json).unwrap(), manifest());
    }

    #[test]
    fn names_the_first_disagreement() {
        assert_eq!(fault(|m| m["format_version"] = 2.into()), "format version is 2, this program reads 1");
        assert_eq!(fault(|m| m["classes"][4] = "healthy".into()), "class 4 is 'healthy', expected 'down'");
        let pop = |m: &mut serde_json::Value| drop(m["classes"].as_array_mut().unwrap().pop());
        assert_eq!(fault(pop), "class 11 is missing, expected 'williams'");
        assert_eq!(
            fault(|m| m["input_shape"][3] = 112.into()),
            "input shape is [1, 3, 224, 112], expected [1, 3, 224, 224]"
        );
        assert!(fault(|m| m["preprocess_version"] = 99.into()).contains("preprocessing 99"));
        assert!(fault(|m| m["policy"]["temperature"] = 0.into()).contains("temperature"));
        assert!(fault(|m| drop(m.as_object_mut().unwrap().remove("quality"))).contains("not a valid manifest"));
        assert_eq!(
            fault(|m| m["files"]["../x"] = m["files"]["model.onnx"].clone()),
            "file name '../x' is not a plain name"
        );
        assert_eq!(
            fault(|m| drop(m["files"].as_object_mut().unwrap().remove("model.onnx"))),
            "file 'model.onnx' is not listed"
        );
    }

    #[test]
    fn a_newer_format_is_named_as_such_whatever_else_changed() {
        let error = Manifest::parse(br#"{"format_version": 7, "other": true}"#).unwrap_err();
        assert!(matches!(error, ManifestError::FormatVersion { found: 7 }));
    }

    #[test]
    fn files_are_held_against_their_entries() {
        assert_eq!(manifest().check_file(NETWORK_FILE, b"abc"), Ok(()));
        assert!(matches!(manifest().check_file(NETWORK_FILE, b"abd"), Err(FileMismatch::Hash { .. })));
        assert!(matches!(
            manifest().check_file(NETWORK_FILE, b"ab"),
            Err(FileMismatch::Length { found: 2, expected: 3 })
        ));
        assert!(manifest().check_file("other", b"abc").is_err());
    }
}
