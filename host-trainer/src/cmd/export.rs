//! `host-trainer export`: folds BatchNorm and writes the f32 ONNX.

use std::path::PathBuf;

use lakshan_core::preprocess;

use crate::onnx::{FoldedNetwork, float_model, write};

/// Write a checkpoint as f32 ONNX, BatchNorm folded.
#[derive(Debug, clap::Args)]
pub struct Cmd {
    /// Checkpoint of a training run, or converted weights.
    #[arg(long, value_name = "FILE.safetensors")]
    checkpoint: PathBuf,
    /// Where to write.
    #[arg(long, value_name = "FILE.onnx", default_value = "model-f32.onnx")]
    out: PathBuf,
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When the checkpoint cannot be folded or the file cannot be written.
    pub fn run(self) -> anyhow::Result<()> {
        let network = FoldedNetwork::read(&self.checkpoint)?;
        let model = float_model(&network, preprocess::SIZE);
        let bytes = write::write(&model, &self.out)?;
        println!(
            "{}: f32, {} convolutions, {} classes, {:.1} MB",
            self.out.display(),
            network.convs().count(),
            network.dense.outputs,
            bytes as f64 / 1e6
        );
        Ok(())
    }
}
