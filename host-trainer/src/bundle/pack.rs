//! Writes a bundle's folder so that there is the old one or the whole new one, and opens it the way the device does.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use lakshan_core::manifest::{self, FORMAT_VERSION, FileEntry, Manifest};
use lakshan_core::{Syndrome, preprocess};
use lakshan_engine::{Bundle, BundleError, EngineError};
use lakshan_vision::DecodeError;

use super::{SignError, Signer, model_card};
use crate::evaluate::Report;
use crate::evaluate::calibration::Calibration;
use crate::evidence;

/// The folder of the report inside a bundle's.
pub const REPORT_FOLDER: &str = "report";

/// What goes into a bundle.
pub struct Contents {
    /// Short name, e.g. `demo`.
    pub name: String,
    /// Version, e.g. `2026.11.24`.
    pub version: String,
    /// The int8 ONNX file.
    pub network: Vec<u8>,
    /// Fitted to that very file.
    pub calibration: Calibration,
    /// Measured on the test split.
    pub report: Report,
    /// The whole report, if it was made: the model card then holds its gates and tables.
    pub evidence: Option<Evidence>,
    /// The training run's configuration, as the trainer recorded it.
    pub training: serde_json::Value,
    /// Signs the manifest; without one the bundle can be used by name, but not be installed.
    pub signer: Option<Signer>,
}

/// A whole report, and its files, which go into the bundle's folder `report` for people; the device does not read them.
pub struct Evidence {
    /// What it says.
    pub report: evidence::Report,
    /// Name and contents of each file.
    pub files: Vec<(&'static str, Vec<u8>)>,
}

/// A bundle that could not be packed. What stood in its place still does.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The policy was fitted to the outputs of another file.
    #[error("the calibration belongs to another network (SHA-256 {calibrated}, this one has {found})")]
    OtherNetwork {
        /// Hash in the calibration.
        calibrated: String,
        /// Hash of the network.
        found: String,
    },
    /// The whole report was made of another file.
    #[error("the report was made of another network (SHA-256 {reported}, this one has {found})")]
    OtherReport {
        /// Hash in the report.
        reported: String,
        /// Hash of the network.
        found: String,
    },
    /// The report measures no ONNX network.
    #[error("the metrics hold no figures of an int8 network")]
    NotMeasured,
    /// There is something else in the way.
    #[error("{} exists and is not a bundle", .0.display())]
    InTheWay(PathBuf),
    /// A file or folder cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The known photograph, which is part of this program, does not decode.
    #[error("the known photograph cannot be used")]
    Photograph(#[source] DecodeError),
    /// The network fails on the known photograph.
    #[error("the network fails on the known photograph")]
    Network(#[source] EngineError),
    /// It cannot be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The device would refuse it.
    #[error("the packed bundle does not open")]
    Open(#[source] BundleError),
}

/// Packs `contents` into the folder `out` and returns the bundle as the device reads it.
///
/// # Errors
/// When the parts do not belong together, a file cannot be written, or the device would refuse the bundle.
pub fn pack(contents: &Contents, out: &Path) -> Result<Bundle, PackError> {
    let found = FileEntry::of(&contents.network);
    if contents.calibration.network != found {
        let calibrated = contents.calibration.network.sha256.clone();
        return Err(PackError::OtherNetwork { calibrated, found: found.sha256 });
    }
    if let Some(evidence) = contents.evidence.as_ref().filter(|evidence| evidence.report.network != found) {
        let reported = evidence.report.network.sha256.clone();
        return Err(PackError::OtherReport { reported, found: found.sha256 });
    }
    if contents.report.onnx.as_ref().is_none_or(|figures| figures.network != "int8") {
        return Err(PackError::NotMeasured);
    }
    if out.exists() && !is_replaceable(out) {
        return Err(PackError::InTheWay(out.to_owned()));
    }
    let parent = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let fault = |path: &Path| {
        let path = path.to_owned();
        move |source| PackError::Write { path, source }
    };
    fs::create_dir_all(parent).map_err(fault(parent))?;
    let folder = tempfile::Builder::new().prefix(".packing-").tempdir_in(parent).map_err(fault(parent))?;
    let new = folder.path().join("new");
    fs::create_dir(&new).map_err(fault(&new))?;
    let card = model_card(contents).into_bytes();
    let mut files = BTreeMap::new();
    for (name, bytes) in [(manifest::NETWORK_FILE, &contents.network), (manifest::MODEL_CARD_FILE, &card)] {
        write_synced(&new.join(name), bytes).map_err(fault(&new.join(name)))?;
        files.insert(name.to_owned(), FileEntry::of(bytes));
    }
    let path = new.join(manifest::FILE_NAME);
    let mut manifest = manifest(contents, files);
    write_synced(&path, &text(&manifest)).map_err(fault(&path))?;
    // As the device will compute them, with the network as it lies there.
    manifest.known_logits = Some(known_logits(&Bundle::open(&new).map_err(PackError::Open)?)?);
    fs::remove_file(&path).map_err(fault(&path))?;
    let text = text(&manifest);
    write_synced(&path, &text).map_err(fault(&path))?;
    if let Some(signer) = &contents.signer {
        let path = new.join(manifest::SIGNATURE_FILE);
        let signature = signer.sign(&text, &format!("lakshan bundle {} {}", contents.name, contents.version))?;
        write_synced(&path, signature.as_bytes()).map_err(fault(&path))?;
    }
    if let Some(evidence) = &contents.evidence {
        let folder = new.join(REPORT_FOLDER);
        fs::create_dir(&folder).map_err(fault(&folder))?;
        for (name, bytes) in &evidence.files {
            write_synced(&folder.join(name), bytes).map_err(fault(&folder.join(name)))?;
        }
        sync_folder(&folder).map_err(fault(&folder))?;
    }
    sync_folder(&new).map_err(fault(&new))?;
    Bundle::open(&new).map_err(PackError::Open)?;
    if out.exists() {
        fs::rename(out, folder.path().join("old")).map_err(fault(out))?;
    }
    if let Err(source) = fs::rename(&new, out) {
        // Put back what was there; the first error is the one to tell.
        let _ = fs::rename(folder.path().join("old"), out);
        return Err(PackError::Write { path: out.to_owned(), source });
    }
    sync_folder(parent).map_err(fault(parent))?;
    Bundle::open(out).map_err(PackError::Open)
}

fn text(manifest: &Manifest) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(manifest).expect("a manifest is JSON");
    text.push(b'\n');
    text
}

/// What the network gives for the known photograph.
fn known_logits(bundle: &Bundle) -> Result<[f32; Syndrome::COUNT], PackError> {
    let input = lakshan_vision::known::input().map_err(PackError::Photograph)?;
    let logits = bundle.network().infer(&input).map_err(PackError::Network)?;
    Ok(*logits.values())
}

fn manifest(contents: &Contents, files: BTreeMap<String, FileEntry>) -> Manifest {
    Manifest {
        format_version: FORMAT_VERSION,
        name: contents.name.clone(),
        version: contents.version.clone(),
        classes: Syndrome::ALL.map(|class| class.id().to_owned()).to_vec(),
        preprocess_version: preprocess::VERSION,
        input_shape: vec![1, 3, preprocess::SIZE, preprocess::SIZE],
        policy: contents.calibration.policy.clone(),
        quality: lakshan_vision::DEFAULT_THRESHOLDS,
        files,
        provenance: contents.calibration.provenance.clone(),
        training: contents.training.clone(),
        metrics: metrics(contents),
        known_logits: None,
    }
}

fn metrics(contents: &Contents) -> serde_json::Value {
    let mut metrics = serde_json::json!({ "evaluation": contents.report, "calibration": contents.calibration.fit });
    if let Some(evidence) = &contents.evidence {
        metrics["gates"] = serde_json::to_value(&evidence.report.gates).expect("gates are JSON");
    }
    metrics
}

/// Whether `out` is an empty folder or a bundle.
fn is_replaceable(out: &Path) -> bool {
    let empty = fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none());
    empty || out.join(manifest::FILE_NAME).is_file()
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests;
