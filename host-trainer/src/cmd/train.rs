//! `host-trainer train`: fine-tunes the network.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use lakshan_core::{Syndrome, preprocess};
use lakshan_registry::CacheDir;
use serde::{Deserialize, Serialize};

use super::hinted;
use crate::atomic_file::{TEMPORARY_PREFIX, WriteError, write_atomically};
use crate::dataset::check;
use crate::dataset::crops::{CropCache, CropSummary};
use crate::dataset::{Dataset, Info, Label, Split};
use crate::torch::device::{self, DeviceChoice};
use crate::torch::loader::Example;
use crate::torch::loss::NONE_TARGET;
use crate::torch::recipe::{BatchNorm, Freeze, Recipe, SideSchedule};
use crate::torch::resnet50::Precision;
use crate::torch::trainer::{BEST_FILE, Ended, EpochRecord, LAST_FILE, Task, Trainer, default_precision};
use crate::weights::{Weights, imagenet};

/// Fine-tune the network on a data set.
///
/// Every epoch is saved in the run's folder, which then holds config.json, metrics.jsonl, best.safetensors and
/// last.safetensors. Ctrl-C saves and stops; --resume goes on.
#[derive(Debug, Args)]
pub struct Cmd {
    /// The data set.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The run's folder.
    #[arg(long, value_name = "DIR")]
    run: PathBuf,
    /// Go on where the run stopped, with its own recipe.
    #[arg(long, conflicts_with_all = ["RecipeArgs", "init_from", "weights"])]
    resume: bool,
    /// Weights to start from, as `weights fetch` or `weights import` made them [default: the fetched ones].
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Start from a network of another run, head included, e.g. RUN/best.safetensors.
    #[arg(long, value_name = "FILE", conflicts_with = "weights")]
    init_from: Option<PathBuf>,
    /// auto, cpu, or cuda:N.
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    /// Threads that compute [default: one a core].
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Leave out photographs that cannot be read, instead of stopping.
    #[arg(long)]
    skip_unreadable: bool,
    /// Train although the same picture stands in two splits.
    #[arg(long)]
    allow_leaks: bool,
    /// Save within an epoch, too, every so many minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 10.0)]
    save_every: f64,
    #[command(flatten)]
    recipe: RecipeArgs,
}

#[derive(Debug, Args)]
struct RecipeArgs {
    /// How often every photograph is seen [default: 12, or what --image-size says].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    epochs: Option<u16>,
    /// Photographs in a batch.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..))]
    batch: u16,
    /// Sides of the training pictures, small ones first: `128,160,224` shares the epochs out, `128:8,224:2` counts them.
    #[arg(long, value_name = "PIXELS", default_value = "128,160,224")]
    image_size: SideSchedule,
    /// Highest learning rate of the last stage.
    #[arg(long, value_name = "RATE", default_value_t = 5e-4)]
    lr: f64,
    /// The head's learning rate, in multiples of --lr.
    #[arg(long, value_name = "FACTOR", default_value_t = 5.0)]
    head_lr: f64,
    /// Each stage's learning rate, in multiples of that of the stage behind it.
    #[arg(long, value_name = "FACTOR", default_value_t = 0.7)]
    stage_decay: f64,
    /// Weight decay of kernels.
    #[arg(long, value_name = "DECAY", default_value_t = 0.05)]
    weight_decay: f64,
    /// Share of the training in which the learning rate rises.
    #[arg(long, value_name = "SHARE", default_value_t = 0.08)]
    warmup: f64,
    /// Share of the target spread over all outcomes.
    #[arg(long, value_name = "SHARE", default_value_t = 0.05)]
    smoothing: f64,
    /// The last stage that keeps its starting weights.
    #[arg(long, value_enum, default_value_t)]
    freeze: Freeze,
    /// What normalizes in training.
    #[arg(long, value_enum, default_value_t)]
    batch_norm: BatchNorm,
    /// Decay of the mean of weights that is validated and kept; 0 for none.
    #[arg(long, value_name = "DECAY", default_value_t = 0.99)]
    ema: f64,
    /// Largest common norm of the gradients.
    #[arg(long, value_name = "NORM", default_value_t = 5.0)]
    clip: f64,
    /// Numbers of the convolutions [default: bf16 where the hardware multiplies it, else f32].
    #[arg(long, value_enum)]
    precision: Option<Precision>,
    /// Seed of order and views.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

impl RecipeArgs {
    fn resolve(&self, device: DeviceChoice) -> anyhow::Result<Recipe> {
        let sides = self.image_size.sides(self.epochs.map(usize::from)).map_err(anyhow::Error::msg)?;
        Ok(Recipe {
            sides,
            batch: usize::from(self.batch),
            learning_rate: self.lr,
            head_factor: self.head_lr,
            stage_decay: self.stage_decay,
            weight_decay: self.weight_decay,
            warmup: self.warmup,
            smoothing: self.smoothing,
            freeze: self.freeze,
            batch_norm: self.batch_norm,
            ema: self.ema,
            clip: self.clip,
            precision: self.precision.unwrap_or_else(|| default_precision(device)),
            seed: self.seed,
        })
    }
}

/// `config.json` of a run: what it was made of.
#[derive(Debug, Serialize, Deserialize)]
pub struct Config {
    /// How it trains.
    pub recipe: Recipe,
    /// The data set's description.
    pub dataset: Info,
    /// Training photographs with a face.
    pub train_photographs: usize,
    /// Calibration photographs with a face.
    pub calibration_photographs: usize,
    /// What became of all photographs.
    pub crops: CropSummary,
    /// The file that it started from, and what that says about itself.
    pub weights: String,
    /// Notes of the starting weights.
    pub weights_notes: std::collections::BTreeMap<String, String>,
    /// Pixels to tensor.
    pub preprocess_version: u32,
    /// This program's version.
    pub program_version: String,
}

/// The configuration's file name in a run's folder.
pub const CONFIG_FILE: &str = "config.json";
/// The epochs' file name in a run's folder.
pub const METRICS_FILE: &str = "metrics.jsonl";

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When the data or the run folder are at fault.
    pub fn run(self) -> anyhow::Result<()> {
        if let Some(threads) = self.threads {
            device::set_threads(threads);
        }
        self.check_folder()?;
        self.device.resolve().map_err(crate::torch::trainer::TrainError::from)?;
        let interrupted = stop_on_ctrl_c()?;
        let dataset = Dataset::open(&self.data)?;
        let crops = CropCache::open(&dataset, self.skip_unreadable)?;
        if !self.allow_leaks {
            check::refuse_leaks(&dataset, &crops)?;
        }
        describe(&crops);
        let (train, validation) =
            (examples(&dataset, &crops, Split::Train), examples(&dataset, &crops, Split::Calibration));
        check_classes(&self.data, &train, &validation)?;
        let crops = Arc::new(crops);
        let summary = crops.summary.clone();
        let counts = (train.len(), validation.len());
        let task = |recipe| Task {
            run: self.run.clone(),
            recipe,
            device: self.device,
            crops,
            train,
            validation,
            save_every: Duration::from_secs_f64(self.save_every.max(0.0) * 60.0),
        };
        let mut trainer = if self.resume {
            let config = read_config(&self.run)?;
            check_same_data(&config, &dataset, counts)?;
            remove_unfinished(&self.run);
            let trainer = Trainer::resume(task(config.recipe))?;
            eprintln!("going on after epoch {}, batch {}", trainer.position().epoch, trainer.position().batch);
            trainer
        } else {
            let recipe = self.recipe.resolve(self.device)?;
            let (path, weights) = self.starting_weights()?;
            let config = Config {
                recipe: recipe.clone(),
                dataset: dataset.info_for_records(),
                train_photographs: counts.0,
                calibration_photographs: counts.1,
                crops: summary,
                weights: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                weights_notes: weights.notes.clone(),
                preprocess_version: preprocess::VERSION,
                program_version: env!("CARGO_PKG_VERSION").into(),
            };
            let trainer = Trainer::begin(task(recipe), &weights)?;
            fs::create_dir_all(&self.run).with_context(|| format!("cannot make the folder {}", self.run.display()))?;
            write_atomically(&self.run.join(CONFIG_FILE), |file| {
                serde_json::to_writer_pretty(&mut *file, &config)?;
                file.write_all(b"\n")
            })?;
            trainer
        };
        let metrics = self.run.join(METRICS_FILE);
        cut_metrics(&metrics, trainer.position().epoch)?;
        let ended = trainer.run(&interrupted, |record| -> anyhow::Result<()> {
            print_epoch(record);
            append(&metrics, record)
        })?;
        match ended {
            Ended::Finished => println!("{}", self.run.join(BEST_FILE).display()),
            Ended::Interrupted => eprintln!("saved; go on with --resume"),
        }
        Ok(())
    }

    /// A run's folder must be new, or hold a checkpoint when resuming.
    fn check_folder(&self) -> anyhow::Result<()> {
        let (last, run) = (self.run.join(LAST_FILE), self.run.display());
        if self.resume && !last.exists() {
            let hint = "begin the run without --resume";
            return Err(hinted(format!("{run} holds no {LAST_FILE} to go on from"), hint).into());
        }
        let begun = [LAST_FILE, BEST_FILE].iter().any(|name| self.run.join(name).exists());
        if !self.resume && begun {
            let hint = "go on with --resume, or name another folder with --run";
            return Err(hinted(format!("{run} holds a run already"), hint).into());
        }
        Ok(())
    }

    fn starting_weights(&self) -> anyhow::Result<(PathBuf, Weights)> {
        let path = match self.init_from.as_ref().or(self.weights.as_ref()) {
            Some(path) => path.clone(),
            None => {
                let cache = CacheDir::from_env(|name| std::env::var_os(name))?;
                imagenet::fetch_converted(&cache)?
            }
        };
        let weights = Weights::read(&path)?;
        Ok((path, weights))
    }
}

/// Sets a flag at the first Ctrl-C (or SIGTERM) and ends the program at the second.
fn stop_on_ctrl_c() -> anyhow::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("\nstopping after this batch; once more to stop without saving");
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(interrupted)
}

fn describe(crops: &CropCache) {
    let summary = &crops.summary;
    let rate = crops.rate.map_or("from the cache".into(), |rate| format!("{rate:.1} a second"));
    eprintln!(
        "face crops: {} photographs ({rate}), {} without a face, {} with several (the largest was taken), {} unreadable",
        summary.photographs,
        summary.no_face.len(),
        summary.several_faces.len(),
        summary.unreadable.len()
    );
}

fn examples(dataset: &Dataset, crops: &CropCache, split: Split) -> Vec<Example> {
    let target = |label: Label| label.class().map_or(NONE_TARGET, |class| class.index() as i64);
    let with_crop = dataset.split(split).into_iter().filter(|&photo| crops.has(photo));
    with_crop.map(|photo| Example { photo, target: target(dataset.photos[photo].label) }).collect()
}

fn check_classes(data: &Path, train: &[Example], validation: &[Example]) -> anyhow::Result<()> {
    for class in Syndrome::ALL {
        if !train.iter().any(|example| example.target == class.index() as i64) {
            let what = format!("{}: the training split holds no face of class {class}", data.display());
            return Err(hinted(what, "every class needs photographs in the training split").into());
        }
    }
    if !validation.iter().any(|example| example.target != NONE_TARGET) {
        let what = format!("{}: the calibration split holds no face of any class", data.display());
        return Err(hinted(what, "it chooses the best checkpoint; give it a tenth of the subjects").into());
    }
    if !train.iter().any(|example| example.target == NONE_TARGET) {
        eprintln!("warning: no negatives in the training split: the network will not learn to refuse");
    }
    Ok(())
}

/// Removes what a killed run was writing; such files count for nothing.
fn remove_unfinished(run: &Path) {
    let entries = fs::read_dir(run).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(TEMPORARY_PREFIX)) {
        let _ = fs::remove_file(entry.path());
    }
}

fn read_config(run: &Path) -> anyhow::Result<Config> {
    let path = run.join(CONFIG_FILE);
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no configuration of a run", path.display()))
}

fn check_same_data(config: &Config, dataset: &Dataset, counts: (usize, usize)) -> anyhow::Result<()> {
    let before = (config.train_photographs, config.calibration_photographs);
    if config.dataset != dataset.info_for_records() || before != counts {
        let what = format!(
            "the run was trained on another data set ('{}', {} + {} faces; this is '{}', {} + {})",
            config.dataset.name, before.0, before.1, dataset.info.name, counts.0, counts.1
        );
        return Err(hinted(what, "resume with the same --data, or begin a new run with --init-from").into());
    }
    if config.preprocess_version != preprocess::VERSION {
        let what = format!(
            "the run's crops have version {}; this program makes version {}",
            config.preprocess_version,
            preprocess::VERSION
        );
        return Err(hinted(what, "begin a new run").into());
    }
    Ok(())
}

/// Leaves only the lines of epochs that the checkpoint knows.
fn cut_metrics(path: &Path, epochs: usize) -> anyhow::Result<()> {
    let Ok(text) = fs::read_to_string(path) else { return Ok(()) };
    let kept: String = text.lines().take(epochs).map(|line| format!("{line}\n")).collect();
    Ok(write_atomically(path, |file| file.write_all(kept.as_bytes()))?)
}

fn append(path: &Path, record: &EpochRecord) -> anyhow::Result<()> {
    let line = serde_json::to_string(record)? + "\n";
    let write = || OpenOptions::new().create(true).append(true).open(path)?.write_all(line.as_bytes());
    Ok(write().map_err(|source| WriteError { path: path.to_owned(), source })?)
}

fn print_epoch(record: &EpochRecord) {
    let auroc = record.validation.auroc.map_or("none".into(), |auroc| format!("{auroc:.3}"));
    eprintln!(
        "epoch {:>2} ({} px): loss {:.3}, train {:.1} %; calibration: top-1 {:.1} %, balanced {:.1} %, refusal AUROC \
         {auroc}; {:.1} images/s",
        record.epoch,
        record.side,
        record.train_loss,
        100.0 * record.train_accuracy,
        100.0 * record.validation.top1,
        100.0 * record.validation.balanced_accuracy,
        record.images_per_second
    );
}
