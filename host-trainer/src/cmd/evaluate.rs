//! `host-trainer evaluate`: measures a checkpoint, an ONNX file or a bundle on held-out subjects.

mod evidence;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use lakshan_core::manifest::{DataKind, NETWORK_FILE};
use lakshan_engine::{Bundle, Network};

use crate::atomic_file::{write_atomically, write_json};
use crate::cmd::hinted;
use crate::dataset::{Dataset, Split};
use crate::evaluate::metrics::{self, Classification, Scored, by_subject};
use crate::evaluate::outputs::{self, Sample, Samples};
use crate::evaluate::report::Figures;
use crate::evaluate::{Report, ceiling};
use crate::onnx::{FoldedNetwork, is_quantized};

/// Measure a network on held-out subjects. With a checkpoint and an ONNX file or bundle, also one against the other.
///
/// With --report, everything about a bundle: gates and the tables T1 to T13, as one HTML page, JSON and CSV.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("network").required(true).multiple(true).args(["checkpoint", "onnx", "bundle", "compare"]))]
pub struct Cmd {
    /// Data set.
    #[arg(long, visible_alias = "dataset", value_name = "DIR")]
    data: PathBuf,
    /// Checkpoint of a training run, measured in f32 with libtorch.
    #[arg(long, value_name = "FILE.safetensors")]
    checkpoint: Option<PathBuf>,
    /// ONNX file, measured with the device's engine.
    #[arg(long, value_name = "FILE.onnx", conflicts_with = "bundle")]
    onnx: Option<PathBuf>,
    /// Bundle, measured with the device's engine.
    #[arg(long, value_name = "DIR")]
    bundle: Option<PathBuf>,
    /// Write the whole report of the bundle into this folder: report.html, report.json, report.csv. With --compare:
    /// comparison.html, comparison.json. Needs a calibration split too.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["onnx", "json", "out"])]
    report: Option<PathBuf>,
    /// Two bundles on the same photographs: paired differences, and for whom it became worse.
    #[arg(long, value_name = "DIR", num_args = 2, conflicts_with_all = ["bundle", "checkpoint", "onnx", "json", "out"])]
    compare: Option<Vec<PathBuf>>,
    /// For --report: the training run, whose metrics.jsonl gives the learning curves, and baselines.json, if there is
    /// one, the other networks of T13.
    #[arg(long, value_name = "DIR", requires = "report")]
    run: Option<PathBuf>,
    /// For --report: a folder of photographs of people who have none of the twelve and are in no data set.
    #[arg(long, value_name = "DIR", requires = "report")]
    strangers: Option<PathBuf>,
    /// For --report: how many photographs are made worse in ten ways at five strengths, for T11; 0 leaves it out.
    #[arg(long, value_name = "N", default_value_t = 120)]
    robustness: u32,
    /// For --report: show the worst mistakes, although the photographs are of patients. Synthetic ones are always shown.
    #[arg(long, requires = "report")]
    gallery: bool,
    /// Which split.
    #[arg(long, value_enum, default_value_t = SplitName::Test)]
    split: SplitName,
    /// At most so many photographs, spread evenly over the split.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Leave out photographs that cannot be read, instead of stopping.
    #[arg(long)]
    skip_unreadable: bool,
    /// Write the figures as JSON.
    #[arg(long, value_name = "FILE.json")]
    json: Option<PathBuf>,
    /// Write evaluation.json and evaluation.md into this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A split, as it is named on the command line.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum SplitName {
    Train,
    Calibration,
    Test,
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When a network or the data cannot be used, or the split is empty.
    pub fn run(self) -> anyhow::Result<()> {
        let dataset = Dataset::open(&self.data)?;
        let split = match self.split {
            SplitName::Train => Split::Train,
            SplitName::Calibration => Split::Calibration,
            SplitName::Test => Split::Test,
        };
        if let Some(bundles) = &self.compare {
            return evidence::compare(&self, bundles, &dataset, split);
        }
        if let Some(out) = &self.report {
            let bundle = self.bundle.as_ref().ok_or_else(|| {
                hinted(
                    "a report is of a bundle, and none is given",
                    "give --bundle DIR; `host-trainer bundle` makes one",
                )
            })?;
            return evidence::report(&self, bundle, out, &dataset, split);
        }
        // Networks first: a wrong path must not cost the time of making crops.
        let checkpoint = self.checkpoint.as_deref().map(FoldedNetwork::read).transpose()?;
        let engine = self.engine()?;
        let limit = self.limit.map(|limit| limit as usize);
        let samples = Sample::of_split(&dataset, split, limit, self.skip_unreadable)?;
        let float = checkpoint.map(|network| outputs::by_torch(&network, &samples.found)).transpose()?;
        let onnx = match &engine {
            Some((_, network)) => Some(outputs::by_engine(network, &samples.found)?),
            None => None,
        };
        let kind = engine.as_ref().map_or("f32", |(kind, _)| kind);
        let report = report(&dataset, split, &samples, float.as_deref(), onnx.as_deref().map(|scored| (kind, scored)))?;
        print!("{}", report.tables());
        if let Some(path) = &self.json {
            write_json(path, &report)?;
        }
        if let Some(folder) = &self.out {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
            write_json(&folder.join("evaluation.json"), &report)?;
            write_atomically(&folder.join("evaluation.md"), |file| file.write_all(report.tables().as_bytes()))?;
        }
        Ok(())
    }

    /// The network for the engine, and whether it is int8 or f32.
    fn engine(&self) -> anyhow::Result<Option<(&'static str, Network)>> {
        let path = match (&self.bundle, &self.onnx) {
            (Some(folder), _) => {
                // Checks the hashes and everything else that the device checks.
                Bundle::open(folder)?;
                folder.join(NETWORK_FILE)
            }
            (None, Some(path)) => path.clone(),
            (None, None) => return Ok(None),
        };
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let network =
            Network::from_onnx(&bytes).with_context(|| format!("the network in {} cannot be used", path.display()))?;
        Ok(Some((if is_quantized(&bytes) { "int8" } else { "f32 (engine)" }, network)))
    }
}

fn report(
    dataset: &Dataset,
    split: Split,
    samples: &Samples,
    float: Option<&[Scored]>,
    onnx: Option<(&str, &[Scored])>,
) -> anyhow::Result<Report> {
    let ceiling = match dataset.info.provenance.kind {
        DataKind::Synthetic => Some(ceiling_of(samples)?),
        DataKind::Patient => None,
    };
    Ok(Report {
        notice: dataset.info.provenance.notice().map(str::to_owned),
        dataset: dataset.info.name.clone(),
        split: split.to_string(),
        without_face: samples.without_face,
        ceiling,
        float: float.map(|scored| Figures::of("f32", scored)),
        onnx: onnx.map(|(kind, scored)| Figures::of(kind, scored)),
        parity: float.zip(onnx).and_then(|(float, (_, onnx))| metrics::parity(float, onnx)),
    })
}

fn ceiling_of(samples: &Samples) -> Result<Classification, ceiling::NotStated> {
    let affected = samples.found.iter().filter(|sample| sample.photo.label.class().is_some());
    let answers = affected.map(|sample| ceiling::answer(&sample.photo)).collect::<Result<Vec<_>, _>>()?;
    Ok(metrics::classification(&by_subject(&answers)))
}
