//! `host-trainer dataset card`: table T1 of the report for a data set that no network has seen yet.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use crate::cmd::look_alikes;
use crate::dataset::Dataset;
use crate::dataset::check::Findings;
use crate::dataset::crops::CropCache;
use crate::evidence::table::Table;
use crate::evidence::tables;
use crate::import::{LeftOut, REPORT_FILE};

/// The card, as JSON has it.
#[derive(Serialize)]
struct Card<'a> {
    name: &'a str,
    /// What stands beside every figure, while the photographs are synthetic.
    notice: Option<&'a str>,
    tables: [Table; 2],
}

/// Prints the card of the data set in `data`.
pub(super) fn print(data: &Path, json: bool) -> anyhow::Result<()> {
    let dataset = Dataset::open(data)?;
    let crops = Arc::new(CropCache::open(&dataset, true)?);
    let findings = Findings::of(&dataset, &crops, &look_alikes(&dataset, &crops)?)?;
    let tables = tables::data_tables(&dataset.photos, &dataset.info.provenance, &notes(&dataset, &findings));
    let card = Card { name: &dataset.info.name, notice: dataset.info.provenance.notice(), tables };
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, &card)?;
        writeln!(out)?;
        return Ok(());
    }
    writeln!(out, "# Data card: {}", card.name)?;
    for table in &card.tables {
        writeln!(out, "\n## {}\n", table.title)?;
        if let Some(notice) = card.notice {
            writeln!(out, "*{notice}*\n")?;
        }
        write!(out, "{}", table.markdown())?;
    }
    Ok(())
}

/// What belongs to the figures: how pictures and people were looked for, and what is not among them.
fn notes(dataset: &Dataset, findings: &Findings) -> Vec<String> {
    let mut notes = vec![
        "A person is in one split only; opening the data set checks it.".to_owned(),
        tables::same_pictures(findings.twins.iter().chain(&findings.leaks)),
        format!(
            "Counted, but without a crop: {} photographs without a face, {} that cannot be read. {} show several faces; \
             the largest is taken.",
            findings.no_face.len(),
            findings.unreadable.len(),
            findings.several_faces.len()
        ),
    ];
    let left_out = left_out(dataset);
    if !left_out.is_empty() {
        let reasons = left_out.iter().map(|(reason, count)| format!("{count} {}", reason.words()));
        notes.push(format!("Left out by the import: {}.", reasons.collect::<Vec<_>>().join(", ")));
    }
    notes.extend(findings.thin_classes.iter().map(ToString::to_string));
    notes
}

/// How many photographs the import left out, by reason; nothing for a data set that was not imported.
fn left_out(dataset: &Dataset) -> BTreeMap<LeftOut, usize> {
    let report = fs::read(dataset.root.join(REPORT_FILE)).ok();
    let report: Option<serde_json::Value> = report.and_then(|text| serde_json::from_slice(&text).ok());
    let counts = report.and_then(|mut report| serde_json::from_value(report["summary"]["left_out"].take()).ok());
    counts.unwrap_or_default()
}
