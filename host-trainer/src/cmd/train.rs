//! `host-trainer train`: fine-tunes the network.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use lakshan_core::{Syndrome, preprocess};
use lakshan_registry::CacheDir;

use super::{hinted, look_alikes};
use crate::atomic_file::TEMPORARY_PREFIX;
use crate::dataset::check;
use crate::dataset::crops::CropCache;
use crate::dataset::duplicates::{self, Pair};
use crate::dataset::{Dataset, Label, Split};
use crate::runs::log::{self, EpochLog};
use crate::runs::merge::{differences, merge};
use crate::runs::outputs::{self, Output};
use crate::runs::{self, Config, Fingerprint, Fold, Summary};
use crate::torch::device::{self, DeviceChoice};
use crate::torch::loader::Example;
use crate::torch::loss::NONE_TARGET;
use crate::torch::recipe::{Recipe, RecipeFile, Sizes};
use crate::torch::signs::Signs;
use crate::torch::trainer::{BEST_FILE, Ended, EpochRecord, LAST_FILE, Task, TrainError, Trainer, default_precision};
use crate::torch::validate::measure;
use crate::weights::{Weights, imagenet};

/// Fine-tune the network on a data set.
///
/// How it is trained is one TOML file: `--print-config` prints it with every key explained. Every epoch is saved in the
/// run's folder, which then holds config.json, metrics.jsonl, events for TensorBoard, curve.svg, best.safetensors and
/// last.safetensors. Ctrl-C saves and stops; --resume goes on, also after a crash.
#[derive(Debug, Args)]
pub struct Cmd {
    /// The data set.
    #[arg(long, value_name = "DIR", required_unless_present = "print_config")]
    data: Option<PathBuf>,
    /// The run's folder.
    #[arg(long, value_name = "DIR", required_unless_present = "print_config")]
    run: Option<PathBuf>,
    /// Go on where the run stopped, with its own recipe.
    #[arg(long, conflicts_with_all = ["RecipeArgs", "init_from", "weights", "folds"])]
    resume: bool,
    /// Print the recipe that would be used, as TOML with every key explained, and do nothing.
    #[arg(long)]
    print_config: bool,
    /// Cross-validation: train each of the data set's N folds, one after another, in RUN/fold-0, RUN/fold-1, ... The same
    /// command goes on after an interruption.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    folds: Option<u32>,
    /// Train only this one, counted from 0: a cluster's scheduler runs the others, and `runs merge` joins them.
    #[arg(long, value_name = "K", requires = "folds")]
    fold: Option<u32>,
    /// Weights to start from, as `weights fetch` or `weights import` made them [default: the fetched ones].
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Start from a network of another run, head included, e.g. RUN/best.safetensors.
    #[arg(long, value_name = "FILE", conflicts_with = "weights")]
    init_from: Option<PathBuf>,
    /// auto, cpu, or cuda:N. A run uses one GPU.
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    /// Threads that compute [default: one a core; a deterministic run that goes on takes as many as before].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Leave out photographs that cannot be read, instead of stopping.
    #[arg(long)]
    skip_unreadable: bool,
    /// Train although the same picture stands in two splits.
    #[arg(long)]
    allow_leaks: bool,
    /// Train although a class has a single person.
    #[arg(long)]
    allow_single: bool,
    /// Save within an epoch, too, every so many minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 10.0)]
    save_every: f64,
    #[command(flatten)]
    recipe: RecipeArgs,
}

#[derive(Debug, Args)]
struct RecipeArgs {
    /// The recipe; keys that it does not name keep their defaults.
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,
    /// Change one key of the recipe, e.g. optimizer.rate=2e-4. May be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    assignments: Vec<String>,
    /// Short for --set epochs=N.
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Short for --set image_size=...; sizes that count epochs set their number, too: `128:6,160:4,224:2`.
    #[arg(long, value_name = "PIXELS")]
    image_size: Option<Sizes>,
    /// Short for --set batch=N.
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    /// Short for --set seed=N.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl RecipeArgs {
    fn file(&self) -> anyhow::Result<RecipeFile> {
        let mut file = match &self.config {
            Some(path) => RecipeFile::read(path)?,
            None => RecipeFile::default(),
        };
        let counted = self.image_size.as_ref().and_then(Sizes::epochs);
        let short = [
            ("epochs", self.epochs.or(counted).map(|epochs| epochs.to_string())),
            ("image_size", self.image_size.as_ref().map(|sizes| format!("\"{sizes}\""))),
            ("batch", self.batch.map(|batch| batch.to_string())),
            ("seed", self.seed.map(|seed| seed.to_string())),
        ];
        for (key, value) in short {
            if let Some(value) = value {
                file.set(&format!("{key}={value}"))?;
            }
        }
        for assignment in &self.assignments {
            file.set(assignment)?;
        }
        Ok(file)
    }
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When the recipe, the data or the run folder are at fault.
    pub fn run(self) -> anyhow::Result<()> {
        let file = self.recipe.file()?;
        let recipe = file.recipe()?;
        if self.print_config {
            print!("{}", file.print());
            return Ok(());
        }
        let (Some(data), Some(run)) = (&self.data, &self.run) else {
            return Err(hinted("neither data nor run are named", "give --data DIR --run DIR").into());
        };
        if let Some(threads) = self.threads {
            device::set_threads(usize::from(threads));
        }
        self.device.resolve().map_err(TrainError::from)?;
        let interrupted = stop_on_ctrl_c()?;
        if self.folds.is_none() {
            check_folder(run, self.resume)?;
        }
        let dataset = Dataset::open(data)?;
        let crops = Arc::new(CropCache::open(&dataset, self.skip_unreadable)?);
        describe(&crops);
        let work = Work { cmd: &self, recipe, crops, pairs: OnceCell::new(), interrupted };
        let Some(of) = self.folds else {
            return work.single(&dataset, run, None, self.resume).map(|_| ());
        };
        let found = dataset.folds()?;
        if found != of {
            let hint = format!("`host-trainer dataset split {} --folds {of}` makes others", data.display());
            return Err(hinted(format!("the data set has {found} folds, not {of}"), hint).into());
        }
        let rounds = self.fold.map_or(0..of, |fold| fold..fold.saturating_add(1));
        for fold in rounds {
            if work.round(&dataset, run, Fold { fold, of })? == Ended::Interrupted {
                return Ok(());
            }
        }
        if self.fold.is_none() {
            let folders: Vec<PathBuf> = (0..of).map(|fold| round_folder(run, fold)).collect();
            let (result, pooled) = merge(&folders)?;
            result.write(run, &pooled)?;
            print!("{}", result.table());
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

/// What all runs of one call share.
struct Work<'a> {
    cmd: &'a Cmd,
    recipe: Recipe,
    crops: Arc<CropCache>,
    /// Photographs that are the same picture, looked for once for all rounds.
    pairs: OnceCell<Vec<Pair>>,
    interrupted: Arc<AtomicBool>,
}

impl Work<'_> {
    /// One round of a cross-validation: begun, gone on with, or left alone because it has ended.
    fn round(&self, dataset: &Dataset, run: &Path, fold: Fold) -> anyhow::Result<Ended> {
        let folder = round_folder(run, fold.fold);
        let mut dataset = dataset.clone();
        dataset.use_fold(fold.fold)?;
        let begun = folder.join(LAST_FILE).exists();
        if begun {
            let config = Config::read(&folder)?;
            if let Some(keys) = differences(&config.recipe, &self.resolved()) {
                let what = format!("{} was begun with another recipe ({keys})", folder.display());
                return Err(hinted(what, "take the same recipe, or name another folder with --run").into());
            }
            if Summary::read(&folder)?.is_some_and(|summary| summary.test.is_some()) {
                eprintln!("fold {} has ended before", fold.fold);
                return Ok(Ended::Finished);
            }
        }
        eprintln!("fold {} of {}", fold.fold, fold.of);
        self.single(&dataset, &folder, Some(fold), begun)
    }

    /// The recipe with what `auto` means here.
    fn resolved(&self) -> Recipe {
        let mut recipe = self.recipe.clone();
        let precision = recipe.precision.chosen().unwrap_or_else(|| default_precision(self.cmd.device));
        recipe.precision = precision.into();
        recipe
    }

    /// Stops when the same picture stands in two splits, unless it may.
    fn refuse_leaks(&self, dataset: &Dataset) -> anyhow::Result<()> {
        if self.cmd.allow_leaks {
            return Ok(());
        }
        let pairs = match self.pairs.get() {
            Some(pairs) => pairs,
            None => {
                let found = duplicates::pairs(dataset, &self.crops, &look_alikes(dataset, &self.crops)?)?;
                self.pairs.get_or_init(|| found)
            }
        };
        Ok(check::refuse_leaks(dataset, pairs)?)
    }

    /// Warns of classes that some split has nobody of. One of which there is a single person cannot be learnt and tested both.
    fn check_people(&self, dataset: &Dataset) -> anyhow::Result<()> {
        for thin in check::thin_classes(dataset) {
            if thin.people.iter().sum::<usize>() < 2 && !self.cmd.allow_single {
                let what = format!("{}: class {} has a single person", dataset.root.display(), thin.class);
                let hint = "a network would learn that face and not the class, and nobody could test it: add people, label this \
                            one as a negative of kind other_condition, or train all the same with --allow-single";
                return Err(hinted(what, hint).into());
            }
            eprintln!("warning: {thin}");
        }
        Ok(())
    }

    fn single(&self, dataset: &Dataset, run: &Path, fold: Option<Fold>, resume: bool) -> anyhow::Result<Ended> {
        let crops = &self.crops;
        self.refuse_leaks(dataset)?;
        let [train, validation, test] =
            [Split::Train, Split::Calibration, Split::Test].map(|split| examples(dataset, crops, split));
        check_classes(&dataset.root, &train, &validation)?;
        self.check_people(dataset)?;
        let counts = (train.len(), validation.len());
        let task = |recipe: Recipe| Task {
            run: run.to_owned(),
            signs: signs(&recipe, dataset, &train),
            recipe,
            device: self.cmd.device,
            crops: Arc::clone(crops),
            train: train.clone(),
            validation: validation.clone(),
            save_every: Duration::from_secs_f64(self.cmd.save_every.max(0.0) * 60.0),
        };
        let _held;
        let mut trainer = if resume {
            _held = runs::lock(run)?;
            let config = Config::read(run)?;
            config.check_same_data(dataset, counts)?;
            if config.recipe.deterministic {
                device::set_threads(config.threads);
            }
            remove_unfinished(run);
            let trainer = Trainer::resume(task(config.recipe))?;
            eprintln!("going on after epoch {}, batch {}", trainer.position().epoch, trainer.position().batch);
            trainer
        } else {
            let recipe = self.resolved();
            let (path, weights) = self.cmd.starting_weights()?;
            let config = Config {
                recipe: recipe.clone(),
                dataset: dataset.info_for_records(),
                fingerprint: Fingerprint::of(dataset, fold.is_some()),
                fold,
                train_photographs: counts.0,
                calibration_photographs: counts.1,
                crops: crops.summary.clone(),
                weights: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                weights_notes: weights.notes.clone(),
                threads: device::threads(),
                preprocess_version: preprocess::VERSION,
                program_version: env!("CARGO_PKG_VERSION").into(),
            };
            let trainer = Trainer::begin(task(recipe), &weights)?;
            fs::create_dir_all(run).with_context(|| format!("cannot make the folder {}", run.display()))?;
            _held = runs::lock(run)?;
            config.write(run)?;
            trainer
        };
        let mut log = EpochLog::open(run, trainer.position().epoch)?;
        let ended = trainer.run(&self.interrupted, |record| -> anyhow::Result<()> {
            print_epoch(record);
            Ok(log.add(record)?)
        })?;
        if ended == Ended::Interrupted {
            eprintln!("saved; go on with {}", if fold.is_some() { "the same command" } else { "--resume" });
            return Ok(ended);
        }
        let tested = match fold {
            Some(_) => {
                let stop = || self.interrupted.load(Ordering::Relaxed);
                let Some(logits) = trainer.test(&test, &stop)? else { return Ok(Ended::Interrupted) };
                let figures = measure(&logits, &test);
                outputs::write(run, &Output::of(dataset, &test, logits))?;
                Some(figures)
            }
            None => None,
        };
        if let Some(summary) = summary(log.records(), tested) {
            summary.write(run)?;
        }
        println!("{}", run.join(BEST_FILE).display());
        Ok(ended)
    }
}

/// The signs that a recipe asks for.
fn signs(recipe: &Recipe, dataset: &Dataset, train: &[Example]) -> Option<Arc<Signs>> {
    if recipe.loss.signs == 0.0 {
        return None;
    }
    let signs = Signs::of(dataset, train);
    match &signs {
        Some(signs) => eprintln!("{} signs are learnt beside the classes", signs.len()),
        None => eprintln!("warning: the data set holds no sign that enough people show: loss.signs has no effect"),
    }
    signs.map(Arc::new)
}

fn round_folder(run: &Path, fold: u32) -> PathBuf {
    run.join(format!("fold-{fold}"))
}

/// A run's folder must be new, or hold a checkpoint when resuming.
fn check_folder(folder: &Path, resume: bool) -> anyhow::Result<()> {
    let run = folder.display();
    if resume && !folder.join(LAST_FILE).exists() {
        let hint = "begin the run without --resume";
        return Err(hinted(format!("{run} holds no {LAST_FILE} to go on from"), hint).into());
    }
    let begun = [LAST_FILE, BEST_FILE].iter().any(|name| folder.join(name).exists());
    if !resume && begun {
        let hint = "go on with --resume, or name another folder with --run";
        return Err(hinted(format!("{run} holds a run already"), hint).into());
    }
    Ok(())
}

/// What came of a run; `None` without an epoch.
fn summary(records: &[EpochRecord], test: Option<crate::torch::validate::Validation>) -> Option<Summary> {
    let best = log::best(records)?;
    Some(Summary {
        epochs: records.len(),
        best_epoch: best.epoch,
        validation: best.validation,
        seconds: records.iter().map(|record| record.seconds + record.waited).sum(),
        test,
    })
}

/// Sets a flag at the first Ctrl-C (or SIGTERM) and ends the program at the second.
pub(super) fn stop_on_ctrl_c() -> anyhow::Result<Arc<AtomicBool>> {
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

/// The photographs of a split that show a face, with their targets.
pub(super) fn examples(dataset: &Dataset, crops: &CropCache, split: Split) -> Vec<Example> {
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

fn print_epoch(record: &EpochRecord) {
    let auroc = record.validation.auroc.map_or("none".into(), |auroc| format!("{auroc:.3}"));
    eprintln!(
        "epoch {:>2} ({} px): loss {:.3}, train {:.1} %; calibration: top-1 {:.1} %, balanced {:.1} %, refusal AUROC \
         {auroc}; {:.1} images/s, {:.0} % of the time waiting for pictures",
        record.epoch,
        record.side,
        record.train_loss,
        100.0 * record.train_accuracy,
        100.0 * record.validation.top1,
        100.0 * record.validation.balanced_accuracy,
        record.images_per_second,
        100.0 * record.waited / (record.seconds + record.waited).max(1e-9),
    );
}
