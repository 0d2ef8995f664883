//! `evaluate --report` and `evaluate --compare`: the whole report of a bundle, and two bundles side by side.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use lakshan_core::Logits;
use lakshan_core::manifest::{DataKind, NETWORK_FILE, SYNTHETIC_NOTICE};
use lakshan_engine::Bundle;

use super::{Cmd, ceiling_of};
use crate::atomic_file::{write_atomically, write_json};
use crate::cmd::{hinted, look_alikes};
use crate::dataset::check::{self, Twin};
use crate::dataset::crops::CropCache;
use crate::dataset::{Dataset, Split};
use crate::evaluate::metrics::Truth;
use crate::evaluate::outputs::{self, FloatOutputs, Sample, Samples};
use crate::evidence::compare::{self, Comparison, Pair};
use crate::evidence::gates::Outcome;
use crate::evidence::material::{Baseline, Case, Epoch, Material};
use crate::evidence::{Report, gather, page, tables};

/// A training run's record of its epochs.
const METRICS_FILE: &str = "metrics.jsonl";
/// Figures of other networks beside a training run.
const BASELINES_FILE: &str = "baselines.json";

/// Makes the report of the bundle in `folder`, writes it and prints the gates.
pub(super) fn report(cmd: &Cmd, folder: &Path, out: &Path, dataset: &Dataset, split: Split) -> anyhow::Result<()> {
    let started = Instant::now();
    let bundle = Bundle::open(folder).map_err(|error| bundle_error(&error))?;
    let network = std::fs::metadata(folder.join(NETWORK_FILE))?.len();
    let floats = match &cmd.checkpoint {
        Some(path) => Some(FloatOutputs::open(path, &dataset.root)?),
        None => None,
    };
    let (epochs, baselines) = match &cmd.run {
        Some(run) => (epochs(&run.join(METRICS_FILE))?, baselines(&run.join(BASELINES_FILE))?),
        None => (Vec::new(), None),
    };
    let limit = cmd.limit.map(|limit| limit as usize);
    let calibration = Sample::of_split(dataset, Split::Calibration, limit, cmd.skip_unreadable)?;
    let calibration_scored = outputs::by_engine(bundle.network(), &calibration.found)?;
    let calibration_float = floats.as_ref().map(|floats| floats.of(&calibration.found)).transpose()?;
    drop(calibration);

    let samples = Sample::of_split(dataset, split, limit, cmd.skip_unreadable)?;
    let scored = outputs::by_engine(bundle.network(), &samples.found)?;
    let float = floats.as_ref().map(|floats| floats.of(&samples.found)).transpose()?;
    let gated = gather::gate(dataset.photographs(), &samples.found, &bundle)?;
    let ceiling = match dataset.info.provenance.kind {
        DataKind::Synthetic => ceiling_of(&samples)?.top1.map(|share| share.value),
        DataKind::Patient => None,
    };
    let of_split = dataset.photos.iter().filter(|photo| photo.split == split);
    let without_face = if limit.is_some() { Vec::new() } else { gather::missing(of_split, &samples.found) };
    let crops = Arc::new(CropCache::open(dataset, cmd.skip_unreadable)?);
    let twins = check::twins(dataset, &crops, &look_alikes(dataset, &crops)?)?;
    let data_notes = notes(dataset, &samples, &twins);
    let mut float = float.map(Vec::into_iter);
    let cases: Vec<Case> = samples
        .found
        .into_iter()
        .zip(scored)
        .zip(gated)
        .map(|((sample, scored), gated)| Case {
            truth: Truth::of(sample.photo.label),
            photo: sample.photo,
            crop: sample.crop,
            logits: scored.logits,
            float: float.as_mut().and_then(Iterator::next).map(|scored| scored.logits),
            refused: gated.refused,
            yaw_deg: gated.yaw_deg,
        })
        .collect();
    let trials = gather::trials(dataset.photographs(), &cases, cmd.robustness as usize, &bundle)?;
    let drawings = gather::drawings(&bundle)?;
    let strangers = cmd.strangers.as_deref().map(|folder| gather::strangers(folder, &bundle)).transpose()?;
    let cost = gather::cost(&cases, &bundle, network)?;
    let ran = started.elapsed();
    let material = Material {
        manifest: bundle.manifest(),
        provenance: &dataset.info.provenance,
        dataset: &dataset.info.name,
        split: split.to_string(),
        photos: &dataset.photos,
        cases,
        without_face,
        calibration: calibration_scored,
        calibration_float,
        drawings,
        strangers,
        trials,
        epochs,
        baselines,
        cost,
        ceiling,
        twins,
        data_notes,
    };
    // Faces of patients are not for a file that is passed around, unless somebody asks for it.
    let gallery = cmd.gallery || dataset.info.provenance.kind == DataKind::Synthetic;
    let report = Report::new(&material, gallery);
    let (path, bytes) = report.write(out)?;
    print_gates(&report);
    eprintln!(
        "{}: {:.2} MB; networks and detector ran for {:.1} s, tables and plots took {:.1} s",
        path.display(),
        bytes as f64 / 1e6,
        ran.as_secs_f64(),
        started.elapsed().as_secs_f64() - ran.as_secs_f64()
    );
    Ok(())
}

fn print_gates(report: &Report) {
    if let Some(notice) = &report.notice {
        println!("{notice}");
    }
    for gate in &report.gates {
        let word = match gate.outcome {
            Outcome::Failed => "FAILED",
            Outcome::NotMeasurable => "not measurable",
            Outcome::Passed => "passed",
        };
        let note = if gate.note.is_empty() { String::new() } else { format!(" [{}]", gate.note) };
        println!("{word:>14}  {}: {} (asked: {}){note}", gate.name, gate.found.words(), gate.asked);
    }
}

/// A bundle that does not open, with what to do about it.
fn bundle_error(error: &lakshan_engine::BundleError) -> anyhow::Error {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        words.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    hinted(words, error.hint()).into()
}

fn notes(dataset: &Dataset, samples: &Samples, twins: &[Twin]) -> Vec<String> {
    let mut notes =
        vec!["A person is in one split only; opening the data set checks it.".to_owned(), tables::same_pictures(twins)];
    if samples.without_face > 0 {
        notes.push(format!(
            "{} test photographs without a usable face are in no table but T6 and T9.",
            samples.without_face
        ));
    }
    if let Some(seed) = dataset.info.generator.get("seed") {
        notes.push(format!("Rendered by the program itself, seed {seed}."));
    }
    notes
}

fn epochs(path: &Path) -> anyhow::Result<Vec<Epoch>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            serde_json::from_str(line).with_context(|| format!("{} line {} is no epoch", path.display(), number + 1))
        })
        .collect()
}

fn baselines(path: &Path) -> anyhow::Result<Option<Vec<Baseline>>> {
    match std::fs::read(path) {
        Ok(text) => {
            let found = serde_json::from_slice(&text);
            found.with_context(|| format!("{} is no list of baselines", path.display())).map(Some)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Compares two bundles on a split; prints the tables and writes them to `out`, if given.
pub(super) fn compare(
    cmd: &Cmd,
    folders: &[std::path::PathBuf],
    dataset: &Dataset,
    split: Split,
) -> anyhow::Result<()> {
    let [first, second] = folders else { unreachable!("clap takes two") };
    let open = |folder: &Path| Bundle::open(folder).map_err(|error| bundle_error(&error));
    let (first, second) = (open(first)?, open(second)?);
    let limit = cmd.limit.map(|limit| limit as usize);
    let samples = Sample::of_split(dataset, split, limit, cmd.skip_unreadable)?;
    let logits = |bundle: &Bundle| -> anyhow::Result<Vec<Logits>> {
        Ok(outputs::by_engine(bundle.network(), &samples.found)?.into_iter().map(|scored| scored.logits).collect())
    };
    let (of_first, of_second) = (logits(&first)?, logits(&second)?);
    let pairs: Vec<Pair> = samples
        .found
        .into_iter()
        .zip(of_first.into_iter().zip(of_second))
        .map(|(sample, (first, second))| Pair {
            truth: Truth::of(sample.photo.label),
            photo: sample.photo,
            first,
            second,
        })
        .collect();
    let name = |folder: &Path, bundle: &Bundle| {
        format!("{} {} ({})", bundle.manifest().name, bundle.manifest().version, folder.display())
    };
    let names = [name(&folders[0], &first), name(&folders[1], &second)];
    let policies = [&first.manifest().policy, &second.manifest().policy];
    let synthetic = [&first.manifest().provenance, &second.manifest().provenance, &dataset.info.provenance]
        .iter()
        .any(|provenance| provenance.kind == DataKind::Synthetic);
    let sections = compare::sections(&pairs, ["first", "second"], policies);
    let notice = synthetic.then(|| SYNTHETIC_NOTICE.to_owned());
    println!("first:  {}\nsecond: {}", names[0], names[1]);
    for table in sections.iter().flat_map(|section| &section.tables) {
        println!("\n### {}\n", table.title);
        if let Some(notice) = &notice {
            println!("*{notice}*\n");
        }
        print!("{}", table.markdown());
    }
    if let Some(out) = &cmd.report {
        let [first, second] = names;
        let title = format!("Comparison: {first} and {second}");
        let comparison = Comparison { notice, first, second, dataset: dataset.info.name.clone(), sections };
        std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
        write_json(&out.join("comparison.json"), &comparison)?;
        let html = page::of_comparison(&title, comparison.notice.as_deref(), &comparison.sections);
        write_atomically(&out.join("comparison.html"), |file| file.write_all(html.as_bytes()))?;
    }
    Ok(())
}
