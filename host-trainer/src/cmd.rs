//! One file a subcommand, and how every one of them reports an error.

pub mod baselines;
pub mod bench_train;
pub mod bundle;
pub mod calibrate;
pub mod dataset;
pub mod evaluate;
pub mod export;
pub mod import;
pub mod keys;
pub mod quantize;
pub mod runs;
pub mod synth;
pub mod train;
pub mod weights;

use std::fmt;
use std::sync::Arc;

use lakshan_registry::{CacheDir, FetchError};

use crate::atomic_file::WriteError;
use crate::bundle::SignError;
use crate::dataset::crops::CropCache;
use crate::dataset::splits::FoldError;
use crate::dataset::{Dataset, DatasetError, Split};
use crate::import::ImportError;
use crate::runs::RunError;
use crate::torch::device::DeviceChoice;
use crate::torch::embedding;
use crate::torch::recipe::RecipeError;
use crate::torch::trainer::{TrainError, default_precision};
use crate::weights::{Weights, imagenet};

/// An error for people: what went wrong and what to do about it. Attach it with
/// [`anyhow::Context::context`] or make one with [`hinted`].
#[derive(Debug)]
pub struct Hinted {
    what: String,
    hint: String,
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Hinted {}

/// An error that says `what` went wrong and, on a line of its own, the `hint`.
pub fn hinted(what: impl Into<String>, hint: impl Into<String>) -> Hinted {
    Hinted { what: what.into(), hint: hint.into() }
}

/// Pairs of photographs that may be the same picture because a network trained on ImageNet sees them alike. Where its weights
/// were never fetched there are none, and that is said.
fn look_alikes(dataset: &Dataset, crops: &Arc<CropCache>) -> anyhow::Result<Vec<(usize, usize)>> {
    let path = imagenet::path(&CacheDir::from_env(|name| std::env::var_os(name))?);
    if !path.exists() {
        eprintln!("copies are looked for by their pattern of light alone: `host-trainer weights fetch` was never run");
        return Ok(Vec::new());
    }
    let precision = default_precision(DeviceChoice::Cpu);
    Ok(embedding::neighbours(&Weights::read(&path)?, precision, crops, dataset.photos.len())?)
}

/// Prints on stderr how many photographs each split holds.
fn print_splits(dataset: &Dataset) {
    for split in [Split::Train, Split::Calibration, Split::Test] {
        let photos = dataset.split(split);
        let negatives = photos.iter().filter(|&&index| dataset.photos[index].label.class().is_none()).count();
        eprintln!("{split}: {} photographs, {negatives} of them negatives", photos.len());
    }
}

/// Prints `error:`, the chain of `caused by:` lines and the `hint:` on stderr.
pub fn report(error: &anyhow::Error) {
    for (at, cause) in error.chain().enumerate() {
        let words = if at == 0 { "error" } else { "caused by" };
        eprintln!("{words}: {}", without_frames(&cause.to_string()));
    }
    if let Some(hint) = hint(error) {
        eprintln!("hint: {hint}");
    }
}

/// What libtorch says without its stack of C++ frames, which tells a user nothing.
fn without_frames(text: &str) -> String {
    let is_frame = |line: &&str| line.starts_with("frame #") || line.starts_with("Exception raised from");
    let lines: Vec<&str> = text.lines().take_while(|line| !is_frame(line)).collect();
    lines.join("\n").trim_end().to_owned()
}

/// What the user can do about it, if any error of the chain knows.
fn hint(error: &anyhow::Error) -> Option<String> {
    if let Some(hinted) = error.downcast_ref::<Hinted>() {
        return Some(hinted.hint.clone());
    }
    error.chain().find_map(|cause| {
        let dataset = cause.downcast_ref::<DatasetError>().and_then(DatasetError::hint);
        let import = || cause.downcast_ref::<ImportError>().and_then(ImportError::hint);
        let fold = || cause.downcast_ref::<FoldError>().map(|error| error.hint().to_owned());
        let train = || cause.downcast_ref::<TrainError>().and_then(TrainError::hint);
        let recipe = || cause.downcast_ref::<RecipeError>().and_then(RecipeError::hint);
        let run = || cause.downcast_ref::<RunError>().and_then(RunError::hint).map(str::to_owned);
        let fetch = || cause.downcast_ref::<FetchError>().and_then(FetchError::hint).map(str::to_owned);
        let full = || {
            let error = cause.downcast_ref::<WriteError>().filter(|error| error.is_full());
            error.map(|_| "free some space, or write to another disk".to_owned())
        };
        let sign = || cause.downcast_ref::<SignError>().and_then(SignError::hint).map(str::to_owned);
        let known = dataset.or_else(import).or_else(sign).or_else(fold).or_else(train).or_else(recipe).or_else(run);
        known.or_else(fetch).or_else(full)
    })
}

#[cfg(test)]
mod tests {
    use super::without_frames;

    #[test]
    fn libtorchs_stack_is_left_out() {
        let words = "Internal torch error: can't allocate memory (12)\nframe #0: c10::ThrowEnforceNotMet(char const*)\nframe #1: x";
        assert_eq!(without_frames(words), "Internal torch error: can't allocate memory (12)");
        assert_eq!(without_frames("two\nlines"), "two\nlines");
    }
}
