//! `host-trainer calibrate`: fits temperature, refusal threshold and conformal thresholds to the int8 network.

use std::path::PathBuf;

use anyhow::Context;
use lakshan_core::manifest::FileEntry;
use lakshan_engine::Network;

use crate::atomic_file::write_json;
use crate::dataset::{Dataset, Split};
use crate::evaluate::calibration::{self, Calibration, Features, Fit, Targets};
use crate::evaluate::metrics::Truth;
use crate::evaluate::novelty::FeatureBank;
use crate::evaluate::outputs::{self, Sample};

/// Fit the numbers that turn scores into a finding, on the calibration split, with the network that ships.
#[derive(Debug, clap::Args)]
pub struct Cmd {
    /// The int8 network.
    #[arg(long, value_name = "FILE.onnx")]
    onnx: PathBuf,
    /// Data set with a calibration split.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where to write.
    #[arg(long, value_name = "FILE.json", default_value = "calibration.json")]
    out: PathBuf,
    /// Share of the negatives that the device should refuse.
    #[arg(long, value_name = "SHARE", default_value_t = Targets::default().specificity, value_parser = share)]
    specificity: f64,
    /// Share of the true classes that the named sets may miss. Sets of a network that errs less often than this are
    /// sometimes empty, which the device calls "not clear": ask for less then. Needs 1 / alpha - 1 subjects a class.
    #[arg(long, value_name = "SHARE", default_value_t = Targets::default().alpha, value_parser = share)]
    alpha: f64,
    /// Photographs of the training split from which distances between pooled features are learnt, to be compared with the
    /// refusal scores that the device can compute; 0 leaves them out of the comparison.
    #[arg(long, value_name = "N", default_value_t = 2400)]
    feature_photos: usize,
    /// Leave out photographs that cannot be read, instead of stopping.
    #[arg(long)]
    skip_unreadable: bool,
}

fn share(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value| 0.0 < *value && *value < 1.0);
    value.ok_or_else(|| "not a number between 0 and 1".to_owned())
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When the network or the data cannot be used, or the split is too small.
    pub fn run(self) -> anyhow::Result<()> {
        let bytes = std::fs::read(&self.onnx).with_context(|| format!("cannot read {}", self.onnx.display()))?;
        let network = Network::from_onnx(&bytes)
            .with_context(|| format!("the network in {} cannot be used", self.onnx.display()))?;
        let dataset = Dataset::open(&self.data)?;
        let samples = Sample::of_split(&dataset, Split::Calibration, None, self.skip_unreadable)?;
        let scored = outputs::by_engine(&network, &samples.found)?;
        let targets = Targets { specificity: self.specificity, alpha: self.alpha };
        let features = match self.feature_photos {
            0 => None,
            limit => {
                let train = Sample::of_split(&dataset, Split::Train, Some(limit), self.skip_unreadable)?;
                let truths = train.found.iter().map(|sample| Truth::of(sample.photo.label)).collect();
                let bank = FeatureBank { features: outputs::features_by_engine(&bytes, &train.found)?, truths };
                Some(Features { bank, calibration: outputs::features_by_engine(&bytes, &samples.found)? })
            }
        };
        let (policy, fit) = calibration::fit(&scored, features.as_ref(), targets)?;
        let calibration = Calibration {
            policy,
            fit,
            dataset: dataset.info.name.clone(),
            notice: dataset.info.provenance.notice().map(str::to_owned),
            provenance: dataset.info.provenance,
            network: FileEntry::of(&bytes),
        };
        write_json(&self.out, &calibration)?;
        let (policy, fit) = (&calibration.policy, &calibration.fit);
        if let Some(notice) = &calibration.notice {
            println!("{notice}");
        }
        println!("temperature {:.3} (NLL {:.3} -> {:.3})", policy.temperature, fit.nll_before, fit.nll_after);
        print_choices(fit);
        println!(
            "refusal threshold {:.3}: refuses {:.0} % of {} negatives, lets {:.1} % of {} affected photographs through",
            policy.refusal_threshold,
            fit.specificity * 100.0,
            fit.negative_photographs,
            fit.sensitivity * 100.0,
            fit.affected_photographs
        );
        println!("conformal sets at alpha {:.2}: mean size {:.2}", fit.alpha, fit.mean_set_size);
        if !fit.pooled_classes.is_empty() {
            let ids: Vec<&str> = fit.pooled_classes.iter().map(|class| class.id()).collect();
            println!("fewer than {} subjects, threshold pooled: {}", targets.min_class_subjects(), ids.join(", "));
        }
        Ok(())
    }
}

/// What was tried beside what ships.
fn print_choices(fit: &Fit) {
    if let Some(bias) = fit.bias {
        println!(
            "bias of each class: {} (NLL on held-out folds {:.4} without, {:.4} with; standard error of the difference {:.4})",
            if bias.kept { "kept" } else { "not kept" },
            bias.nll_temperature,
            bias.nll_biased,
            bias.standard_error
        );
    }
    println!("| refusal score | AUROC unaffected | other conditions | all | gain, 95 % interval | sensitivity | |");
    println!("|---|---|---|---|---|---|---|");
    let figure = |value: Option<f64>| value.map_or("not measurable".to_owned(), |value| format!("{value:.3}"));
    for score in &fit.refusal_scores {
        let gain = score.gain.map_or(String::new(), |(low, high)| format!("{low:+.3} to {high:+.3}"));
        let fate = match (score.chosen, score.refusal_temperature) {
            (true, _) => "ships",
            (false, Some(_)) => "",
            (false, None) => "compared only: the device cannot refuse by it",
        };
        println!(
            "| {} | {} | {} | {} | {gain} | {} | {fate} |",
            score.name,
            figure(score.auroc_unaffected),
            figure(score.auroc_other),
            figure(score.auroc),
            figure(score.sensitivity)
        );
    }
}
