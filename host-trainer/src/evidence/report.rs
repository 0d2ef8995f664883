//! The whole report: gates, sections, and what they are about. Written as JSON, CSV and one HTML page.

use std::io::Write;
use std::path::{Path, PathBuf};

use lakshan_core::FaceCrop;
use lakshan_core::manifest::{DataKind, FileEntry, Manifest, NETWORK_FILE, Provenance};
use serde::{Deserialize, Serialize};

use super::gates::{self, Gate, Outcome};
use super::material::Material;
use super::page;
use super::plot::Plot;
use super::table::Table;
use super::tables;
use crate::atomic_file::{WriteError, write_atomically, write_json};

/// The report's file names in its folder.
pub const HTML_FILE: &str = "report.html";
/// See [`HTML_FILE`].
pub const JSON_FILE: &str = "report.json";
/// All tables in long form.
pub const CSV_FILE: &str = "report.csv";

/// A small photograph.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What it shows.
    pub caption: String,
    /// JPEG.
    pub jpeg: Vec<u8>,
}

impl Picture {
    /// A crop at half its size.
    pub fn jpeg_of(crop: &FaceCrop) -> Vec<u8> {
        let frame = crop.frame();
        let picture = image::RgbImage::from_raw(frame.width(), frame.height(), frame.rgb().to_vec());
        let picture = picture.expect("a crop has its size");
        let (width, height) = (frame.width() / 2, frame.height() / 2);
        let small = image::imageops::resize(&picture, width, height, image::imageops::FilterType::Triangle);
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 75)
            .encode_image(&small)
            .expect("a picture in memory can be encoded");
        bytes
    }
}

/// One of T1 to T13.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// `T1` to `T13`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it says, in one plain sentence.
    pub says: String,
    /// Its tables.
    pub tables: Vec<Table>,
    /// Its plots; in the page only.
    #[serde(skip)]
    pub plots: Vec<Plot>,
    /// The gallery's title.
    #[serde(skip)]
    pub pictures_title: String,
    /// The gallery; in the page only, and only when it was asked for.
    #[serde(skip)]
    pub pictures: Vec<Picture>,
}

impl Section {
    /// An empty one.
    pub fn new(id: &str, title: &str, says: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            says: says.to_owned(),
            tables: Vec::new(),
            plots: Vec::new(),
            pictures_title: String::new(),
            pictures: Vec::new(),
        }
    }
}

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Stands beside every table and plot while photographs are synthetic.
    pub notice: Option<String>,
    /// Name of the bundle.
    pub bundle: String,
    /// Its version.
    pub version: String,
    /// The network that was measured.
    pub network: FileEntry,
    /// What the bundle was trained on.
    pub trained_on: Provenance,
    /// The data set that it was measured on.
    pub dataset: String,
    /// Its split.
    pub split: String,
    /// Where its photographs come from.
    pub measured_on: Provenance,
    /// Version of this program.
    pub program: String,
    /// What must be reached, failed ones first.
    pub gates: Vec<Gate>,
    /// T1 to T13.
    pub sections: Vec<Section>,
}

impl Report {
    /// Makes the report. `gallery` asks for pictures of the worst mistakes.
    pub fn new(material: &Material, gallery: bool) -> Self {
        let manifest: &Manifest = material.manifest;
        let network = manifest.files.get(NETWORK_FILE).cloned();
        Self {
            notice: material.notice().map(str::to_owned),
            bundle: manifest.name.clone(),
            version: manifest.version.clone(),
            network: network.unwrap_or_else(|| FileEntry::of(&[])),
            trained_on: manifest.provenance.clone(),
            dataset: material.dataset.to_owned(),
            split: material.split.clone(),
            measured_on: material.provenance.clone(),
            program: format!("host-trainer {}", env!("CARGO_PKG_VERSION")),
            gates: gates::gates(material),
            sections: tables::all(material, gallery),
        }
    }

    /// How many gates failed, could not be measured, passed.
    pub fn tally(&self) -> (usize, usize, usize) {
        let count = |outcome| self.gates.iter().filter(|gate| gate.outcome == outcome).count();
        (count(Outcome::Failed), count(Outcome::NotMeasurable), count(Outcome::Passed))
    }

    /// A table by its id.
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.sections.iter().flat_map(|section| &section.tables).find(|table| table.id == id)
    }

    /// Whether test photographs or training photographs are synthetic.
    pub fn is_synthetic(&self) -> bool {
        self.trained_on.kind == DataKind::Synthetic || self.measured_on.kind == DataKind::Synthetic
    }

    /// Writes page, JSON and CSV into `folder`; returns the page's path and length in bytes.
    ///
    /// # Errors
    /// When the folder or a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(PathBuf, usize), WriteError> {
        std::fs::create_dir_all(folder).map_err(|source| WriteError { path: folder.to_owned(), source })?;
        write_json(&folder.join(JSON_FILE), self)?;
        write_atomically(&folder.join(CSV_FILE), |file| file.write_all(self.csv().as_bytes()))?;
        let html = page::of_report(self);
        let path = folder.join(HTML_FILE);
        write_atomically(&path, |file| file.write_all(html.as_bytes()))?;
        Ok((path, html.len()))
    }

    /// All tables and the gates, in long form, under one head.
    fn csv(&self) -> String {
        let mut gates = Table::new("gates", "Gates", &["gate", "found", "asked", "outcome", "note"]);
        for gate in &self.gates {
            let outcome = serde_json::to_value(gate.outcome).ok();
            let outcome = outcome.as_ref().and_then(|outcome| outcome.as_str()).unwrap_or_default();
            let text = |text: &str| super::table::Cell::text(text);
            gates.row(vec![text(&gate.name), gate.found.clone(), text(&gate.asked), text(outcome), text(&gate.note)]);
        }
        let tables = std::iter::once(&gates).chain(self.sections.iter().flat_map(|section| &section.tables));
        let mut text = String::new();
        for table in tables {
            let csv = table.csv(self.notice.as_deref());
            let (head, body) = csv.split_once('\n').unwrap_or_default();
            if text.is_empty() {
                text = format!("{head}\n");
            }
            text.push_str(body);
        }
        text
    }
}
