//! `host-trainer quantize`: writes the static int8 QDQ ONNX that the device runs.

use std::path::PathBuf;
use std::sync::Arc;

use lakshan_core::{FaceCrop, preprocess};

use crate::dataset::crops::CropCache;
use crate::dataset::{Dataset, Split};
use crate::evaluate::outputs::Sample;
use crate::onnx::{FoldedNetwork, quantized_model, write};
use crate::progress::Progress;
use crate::quantize::calibrate::{self, Options, Quantized};
use crate::quantize::finetune::{self, Options as Finetune};
use crate::quantize::ranges::RangeMethod;
use crate::torch::device::DeviceChoice;

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
    #[arg(long, value_name = "METHOD", value_enum, default_value_t = RangeMethod::MinMax)]
    ranges: RangeMethod,
    /// Strength of the equalisation between channels, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, value_parser = strength)]
    equalise: f32,
    /// Leave the channels as they are.
    #[arg(long, conflicts_with = "equalise")]
    no_equalise: bool,
    /// Steps of quantization-aware fine-tuning, in which the rounded network learns the f32 network's answers on varied
    /// views of the training split; 0 for none. An interrupted one begins anew.
    #[arg(long, value_name = "N", default_value_t = Finetune::default().steps)]
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
    /// Photographs of the calibration split on which int8 is compared with f32 at the end; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 200)]
    compare_photos: u32,
    /// Leave out photographs that cannot be read, instead of stopping.
    #[arg(long)]
    skip_unreadable: bool,
}

fn strength(text: &str) -> Result<f32, String> {
    text.parse().ok().filter(|value| (0.0..=1.0).contains(value)).ok_or_else(|| "not a number from 0 to 1".to_owned())
}

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
        let options = Options { ranges: self.ranges, equalise: (!self.no_equalise).then_some(self.equalise) };
        let crops = self.crops(&dataset, Split::Train, self.calibration_photos)?;
        let progress = Progress::new("calibrating", calibrate::work(crops.len(), options) as u64, "crops");
        let mut quantized =
            calibrate::quantize(network.clone(), &crops, options, |done| progress.advance(done as u64))?;
        progress.finish();
        let comparison = self.comparison(&dataset)?;
        if self.finetune_steps > 0 {
            compare("before fine-tuning", &network, &quantized, &comparison)?;
            self.finetune(&dataset, &mut quantized)?;
        }
        let model = quantized_model(&quantized.network, &quantized.quantization, preprocess::SIZE);
        let bytes = write::write(&model, &self.out)?;
        println!("{}: int8, calibrated on {} crops, {:.1} MB", self.out.display(), crops.len(), bytes as f64 / 1e6);
        compare("written", &network, &quantized, &comparison)
    }

    /// Crops on which int8 is compared with f32.
    fn comparison(&self, dataset: &Dataset) -> anyhow::Result<Vec<FaceCrop>> {
        if self.compare_photos == 0 {
            Ok(Vec::new())
        } else {
            self.crops(dataset, Split::Calibration, self.compare_photos)
        }
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

/// Prints how far int8, simulated, is from f32.
fn compare(what: &str, network: &FoldedNetwork, quantized: &Quantized, crops: &[FaceCrop]) -> anyhow::Result<()> {
    if crops.is_empty() {
        return Ok(());
    }
    let progress = Progress::new("comparing", crops.len() as u64, "crops");
    let agreement = calibrate::compare(network, quantized, crops, |done| progress.advance(done as u64))?;
    progress.finish();
    println!(
        "{what}: int8 (simulated) against f32 on {} crops of the calibration split: same first class {:.1} %, relative \
         error of the logits {:.3}, largest difference {:.3}",
        agreement.crops,
        agreement.share() * 100.0,
        agreement.relative_error,
        agreement.largest_difference
    );
    Ok(())
}
