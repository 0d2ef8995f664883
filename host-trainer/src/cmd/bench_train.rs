//! `host-trainer bench-train`: how fast training is on this machine.

use clap::Args;
use lakshan_core::preprocess;
use serde_json::json;

use crate::evidence::gather::peak_memory;
use crate::torch::bench::{self, Options};
use crate::torch::device::{self, DeviceChoice};
use crate::torch::recipe::PrecisionChoice;
use crate::torch::trainer::{TrainError, default_precision};

/// Time training here: images a second of the pipeline alone, of the network alone, and of both together.
///
/// Full fine-tuning of ResNet-50 (all stages, batch statistics, AdamW) on made-up crops. benches/train/compare.py runs this
/// beside PyTorch.
#[derive(Debug, Args)]
pub struct Cmd {
    /// Photographs in a batch.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..))]
    batch: u16,
    /// Side of the pictures.
    #[arg(long, value_name = "PIXELS", default_value_t = 128, value_parser = clap::value_parser!(u16).range(32..=preprocess::SIZE as i64))]
    image_size: u16,
    /// auto, f32, bf16, f16.
    #[arg(long, value_name = "NUMBERS", default_value = "auto")]
    precision: String,
    /// Steps that are timed.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    steps: u16,
    /// Threads that compute [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// auto, cpu, or cuda:N.
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When the device is not there or memory runs out.
    pub fn run(self) -> anyhow::Result<()> {
        if let Some(threads) = self.threads {
            device::set_threads(usize::from(threads));
        }
        let choice: PrecisionChoice = serde_json::from_value(json!(self.precision))?;
        let precision = choice.chosen().unwrap_or_else(|| default_precision(self.device));
        let options = Options {
            batch: usize::from(self.batch),
            side: usize::from(self.image_size),
            precision,
            steps: usize::from(self.steps),
            device: self.device.resolve().map_err(TrainError::from)?,
        };
        let speed = bench::speed(options)?;
        let peak = peak_memory();
        if self.json {
            let peak_mb = peak.map(|bytes| bytes / 1_000_000);
            println!(
                "{}",
                json!({ "speed": speed, "peak_mb": peak_mb, "precision": PrecisionChoice::from(precision) })
            );
            return Ok(());
        }
        println!(
            "pipeline alone {:7.1} images/s, {:.1} times the network",
            speed.pipeline,
            speed.pipeline / speed.network
        );
        println!("network alone  {:7.1} images/s", speed.network);
        println!("training       {:7.1} images/s", speed.training);
        if let Some(peak) = peak {
            println!("peak memory    {:7.0} MB", peak as f64 / 1e6);
        }
        Ok(())
    }
}
