//! `host-trainer quantize`: writes the static int8 QDQ ONNX that the device runs.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use lakshan_core::{FaceCrop, preprocess};

use crate::dataset::crops::CropCache;
use crate::dataset::{Dataset, Split};
use crate::evaluate::outputs::Sample;
use crate::onnx::{FoldedNetwork, quantized_model, write};
use crate::progress::Progress;
use crate::quantize::calibrate::{Agreement, Observed, Quantized, Reference};
use crate::quantize::equalise::Equalise;
use crate::quantize::ranges::RangeMethod;
use crate::quantize::unsigned::Unsigned;
use crate::torch::device::DeviceChoice;
use crate::torch::finetune::{self, Options as Finetune};

/// Quantize a checkpoint to int8 ONNX, calibrated on crops of the training split.
#[derive(Debug, clap::Args)]
pub struct Cmd {
    /// Checkpoint of a training run.
    #[arg(long, value_name = "FILE.safetensors")]
    checkpoint: PathBuf,
    /// Data set whose training split calibrates.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where to write.
    #[arg(long, value_name = "FILE.onnx", default_value = "model.onnx")]
    out: PathBuf,
    /// Photographs to calibrate on.
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..))]
    calibration_photos: u32,
    /// How each activation's range is chosen.
    #[arg(long, value_name = "METHOD", value_enum, default_value_t = RangeMethod::Mse)]
    ranges: RangeMethod,
    /// Which tensors have scale moved between their channels.
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = Equalise::All)]
    equalise: Equalise,
    /// Which tensors past a ReLU are rounded to 0..255, not 0..127.
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = Unsigned::FirstStage)]
    unsigned: Unsigned,
    /// Try every way to choose ranges, to equalise and to use unsigned bytes on the crops of --compare-photos, each before
    /// and after biases are corrected, print the table and go on with the best, instead of --ranges, --equalise and --unsigned.
    #[arg(long, conflicts_with_all = ["ranges", "equalise", "unsigned"])]
    search: bool,
    /// Steps of quantization-aware fine-tuning, in which the rounded network learns the f32 network's answers on varied
    /// views of the training split. None by default: for the shipped network, rounded to the nearest, 200 steps at 160
    /// pixels lowered the error on such views by a quarter but raised it on plain crops. An interrupted one begins anew.
    #[arg(long, value_name = "N", default_value_t = 0)]
    finetune_steps: usize,
    /// Photographs in a batch of the fine-tuning.
    #[arg(long, value_name = "N", default_value_t = Finetune::default().batch, value_parser = positive)]
    finetune_batch: usize,
    /// Side of the pictures in the fine-tuning; smaller ones take less time.
    #[arg(long, value_name = "PIXELS", default_value_t = Finetune::default().side, value_parser = positive)]
    finetune_side: usize,
    /// Learning rate of the fine-tuning, relative to the size of each layer's weights.
    #[arg(long, value_name = "RATE", default_value_t = Finetune::default().rate)]
    finetune_rate: f64,
    /// Where the fine-tuning computes: auto, cpu, cuda:N.
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    device: DeviceChoice,
    /// Photographs of the calibration split on which int8 is compared with f32.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    compare_photos: u32,
    /// Leave out photographs that cannot be read, instead of stopping.
    #[arg(long)]
    skip_unreadable: bool,
}

/// Crops from which --search takes the mean errors of each way.
const CORRECT_CROPS: usize = 100;

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|value| *value > 0).ok_or_else(|| "not a whole number above 0".to_owned())
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When the checkpoint or the data cannot be used, or the file cannot be written.
    pub fn run(self) -> anyhow::Result<()> {
        let network = FoldedNetwork::read(&self.checkpoint)?;
        let dataset = Dataset::open(&self.data)?;
        let held_out = self.crops(&dataset, Split::Calibration, self.compare_photos)?;
        let progress = Progress::new("f32", held_out.len() as u64, "crops");
        let reference = Reference::new(&network, &held_out, |done| progress.advance(done as u64))?;
        progress.finish();
        let crops = self.crops(&dataset, Split::Train, self.calibration_photos)?;
        let mut quantized = if self.search {
            search(&network, &crops, &reference)?
        } else {
            observe(&network, &crops, self.equalise)?.quantize(self.ranges, self.unsigned)
        };
        println!("rounded: {}", Words(&compare(&reference, &quantized)?));
        if self.finetune_steps > 0 {
            self.finetune(&dataset, &mut quantized)?;
            println!("fine-tuned: {}", Words(&compare(&reference, &quantized)?));
        }
        correct_bias(&network, &crops, &mut quantized)?;
        println!("biases corrected: {}", Words(&compare(&reference, &quantized)?));
        let model = quantized_model(&quantized.network, &quantized.quantization, preprocess::SIZE);
        let bytes = write::write(&model, &self.out)?;
        println!("{}: int8, calibrated on {} crops, {:.1} MB", self.out.display(), crops.len(), bytes as f64 / 1e6);
        Ok(())
    }

    fn finetune(&self, dataset: &Dataset, quantized: &mut Quantized) -> anyhow::Result<()> {
        let crops = Arc::new(CropCache::open(dataset, self.skip_unreadable)?);
        let mut photos = dataset.split(Split::Train);
        photos.retain(|photo| crops.has(*photo));
        let options = Finetune {
            steps: self.finetune_steps,
            batch: self.finetune_batch,
            side: self.finetune_side,
            rate: self.finetune_rate,
            ..Finetune::default()
        };
        let progress = Progress::new("fine-tuning", (options.steps * options.batch) as u64, "images");
        let mut mean = None;
        finetune::finetune(quantized, &crops, &photos, options, self.device.resolve()?, |loss| {
            let mean = mean.insert(mean.map_or(loss, |mean| 0.95 * mean + 0.05 * loss));
            progress.message(format!("error {:.4}", mean));
            progress.advance(options.batch as u64);
        })?;
        progress.finish();
        Ok(())
    }

    fn crops(&self, dataset: &Dataset, split: Split, count: u32) -> anyhow::Result<Vec<FaceCrop>> {
        let samples = Sample::of_split(dataset, split, Some(count as usize), self.skip_unreadable)?;
        Ok(samples.found.into_iter().map(|sample| sample.crop).collect())
    }
}

fn observe(network: &FoldedNetwork, crops: &[FaceCrop], equalise: Equalise) -> anyhow::Result<Observed> {
    let progress = Progress::new("calibrating", Observed::work(crops.len(), equalise) as u64, "crops");
    let observed = Observed::new(network.clone(), crops, equalise, |done| progress.advance(done as u64))?;
    progress.finish();
    Ok(observed)
}

/// Takes off the logits' mean errors on the crops that the ranges come from.
fn correct_bias(network: &FoldedNetwork, crops: &[FaceCrop], quantized: &mut Quantized) -> anyhow::Result<()> {
    let progress = Progress::new("correcting biases", 2 * crops.len() as u64, "crops");
    let seen = Reference::new(network, crops, |done| progress.advance(done as u64))?;
    quantized.correct_bias(&seen, |done| progress.advance(done as u64))?;
    progress.finish();
    Ok(())
}

fn compare(reference: &Reference, quantized: &Quantized) -> anyhow::Result<Agreement> {
    let progress = Progress::new("comparing", reference.len() as u64, "crops");
    let agreement = reference.compare(quantized, |done| progress.advance(done as u64))?;
    progress.finish();
    Ok(agreement)
}

/// Prints a table of all ways to choose the steps; returns the network of the way with the least error of the logits, its
/// biases corrected.
fn search(network: &FoldedNetwork, crops: &[FaceCrop], reference: &Reference) -> anyhow::Result<Quantized> {
    // A mean needs few crops: enough to rank the ways. That of the best is taken of all.
    let few: Vec<FaceCrop> = crops.iter().step_by(crops.len().div_ceil(CORRECT_CROPS).max(1)).cloned().collect();
    let seen = Reference::new(network, &few, |_| ())?;
    println!(
        "| equalisation | ranges | unsigned | relative error | biases corrected | same answer | largest difference |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    let mut best: Option<(f64, Quantized)> = None;
    let name = |value: Option<PossibleValue>| value.map_or_else(String::new, |value| value.get_name().to_owned());
    for equalise in Equalise::value_variants() {
        let observed = observe(network, crops, *equalise)?;
        let ways = RangeMethod::value_variants()
            .iter()
            .flat_map(|ranges| Unsigned::value_variants().iter().map(move |unsigned| (*ranges, *unsigned)));
        for (ranges, unsigned) in ways {
            let mut quantized = observed.quantize(ranges, unsigned);
            let before = compare(reference, &quantized)?;
            quantized.correct_bias(&seen, |_| ())?;
            let found = compare(reference, &quantized)?;
            println!(
                "| {} | {} | {} | {:.3} | {:.3} | {:.1} % | {:.2} |",
                name(equalise.to_possible_value()),
                name(ranges.to_possible_value()),
                name(unsigned.to_possible_value()),
                before.relative_error,
                found.relative_error,
                found.share() * 100.0,
                found.largest_difference
            );
            if best.as_ref().is_none_or(|(error, _)| found.relative_error < *error) {
                best = Some((found.relative_error, quantized));
            }
        }
    }
    Ok(best.expect("there are methods").1)
}

/// How far int8 is from f32, in words.
struct Words<'a>(&'a Agreement);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Agreement { crops, largest_difference, relative_error, .. } = self.0;
        let share = self.0.share() * 100.0;
        write!(
            f,
            "int8 (simulated) and f32 give the same answer, one of the classes or none, on {share:.1} % of {crops} crops \
             of the calibration split; relative error of the logits {relative_error:.3}, largest difference {largest_difference:.3}"
        )
    }
}
