//! The training loop: batches in, checkpoints out, at any moment interruptible without loss.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lakshan_core::{NotFinite, Syndrome};
use serde::{Deserialize, Serialize};
use tch::{Kind, TchError, Tensor};

use super::checkpoint::{self, CheckpointError, Position, Saved, Sums};
use super::device::{DeviceChoice, DeviceError};
use super::loader::{Example, Loader, Plan};
use super::loss::{self, NONE_TARGET};
use super::optimizer::AdamW;
use super::recipe::{BatchNorm, Recipe};
use super::resnet50::{LoadError, Pass, Precision, Resnet50};
use super::validate::{Validation, validate};
use crate::atomic_file::WriteError;
use crate::dataset::crops::CropCache;
use crate::progress::Progress;
use crate::weights::Weights;

/// The checkpoint that a run goes on from.
pub const LAST_FILE: &str = "last.safetensors";
/// The best network so far.
pub const BEST_FILE: &str = "best.safetensors";

/// Training cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The device.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The starting weights.
    #[error("the starting weights do not fit")]
    Weights(#[from] LoadError),
    /// A checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The best network.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A crop.
    #[error("cannot read a face crop")]
    Crop(#[source] std::io::Error),
    /// libtorch.
    #[error("libtorch failed")]
    Torch(#[from] TchError),
    /// Too high a learning rate, mostly.
    #[error("the network's output is no longer a finite number")]
    NotFinite {
        /// Which output, in validation.
        #[source]
        source: Option<NotFinite>,
    },
}

impl TrainError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Write(error) | Self::Checkpoint(CheckpointError::Write(error)) if error.is_full() => Some(
                "free some space, then go on with --resume, or without it if nothing was saved yet; what was saved is intact",
            ),
            Self::NotFinite { .. } => Some("begin again with a lower --lr"),
            Self::Torch(error) if error.to_string().contains("out of memory") => {
                Some("go on with a smaller --batch, or smaller pictures (--image-size)")
            }
            Self::Device(_) => Some("--device auto takes what is there"),
            _ => None,
        }
    }
}

/// What a run works on.
#[derive(Debug)]
pub struct Task {
    /// The run's folder.
    pub run: PathBuf,
    /// How to train.
    pub recipe: Recipe,
    /// Where to compute.
    pub device: DeviceChoice,
    /// The crops of all photographs.
    pub crops: Arc<CropCache>,
    /// What to learn from.
    pub train: Vec<Example>,
    /// What chooses the best checkpoint.
    pub validation: Vec<Example>,
    /// How often to save within an epoch.
    pub save_every: Duration,
}

/// One epoch, a line of `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Counted from 1.
    pub epoch: usize,
    /// Side of the pictures.
    pub side: usize,
    /// Learning rate of the last stage at the end.
    pub learning_rate: f64,
    /// Mean loss of the (varied) training pictures.
    pub train_loss: f64,
    /// Share of them named rightly, out of thirteen.
    pub train_accuracy: f64,
    /// On the calibration split, at the device's size.
    pub validation: Validation,
    /// What the best checkpoint is chosen by.
    pub score: f64,
    /// Seconds of training.
    pub seconds: f64,
    /// Training pictures a second.
    pub images_per_second: f64,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All epochs are done.
    Finished,
    /// It was asked to stop, and saved.
    Interrupted,
}

/// A run in progress.
#[derive(Debug)]
pub struct Trainer {
    task: Task,
    network: Resnet50,
    ema: Option<Resnet50>,
    optimizer: AdamW,
    position: Position,
    class_weights: Tensor,
    saved_at: Instant,
}

impl Trainer {
    /// Begins a run from `weights`, whose head is replaced unless it has twelve outputs.
    ///
    /// # Errors
    /// When the device is not there or the weights do not fit.
    pub fn begin(task: Task, weights: &Weights) -> Result<Self, TrainError> {
        let mut network = Resnet50::new(weights, task.device.resolve()?)?;
        if network.classes() != Syndrome::COUNT as i64 {
            network.reset_head(Syndrome::COUNT as i64);
        }
        let ema = (task.recipe.ema > 0.0).then(|| network.copy());
        Self::assemble(task, network, ema, Position::default())
    }

    /// Goes on from the run's last checkpoint.
    ///
    /// # Errors
    /// When the checkpoint is missing or broken.
    pub fn resume(task: Task) -> Result<Self, TrainError> {
        let path = task.run.join(LAST_FILE);
        let saved = Saved::read(&path)?;
        let device = task.device.resolve()?;
        let network = saved.network("model", device)?;
        let network = network
            .ok_or_else(|| CheckpointError::Network { path, source: LoadError::Missing("conv1.weight".into()) })?;
        let ema = saved.network("ema", device)?;
        let mut trainer = Self::assemble(task, network, ema, saved.position.clone())?;
        saved.restore(&mut trainer.optimizer, device)?;
        Ok(trainer)
    }

    fn assemble(
        task: Task,
        mut network: Resnet50,
        ema: Option<Resnet50>,
        position: Position,
    ) -> Result<Self, TrainError> {
        if network.device().is_cuda() {
            tch::Cuda::cudnn_set_benchmark(true);
        }
        let trained = network.set_trained(task.recipe.freeze.first_trained());
        let parameters = trained.into_iter().map(|name| {
            let (tensor, factor) = (network.tensors()[&name].shallow_clone(), task.recipe.factor(&name));
            (name, tensor, factor)
        });
        let optimizer = AdamW::new(parameters);
        let class_weights = Tensor::f_from_slice(&class_weights(&task.train))?.f_to(network.device())?;
        Ok(Self { task, network, ema, optimizer, position, class_weights, saved_at: Instant::now() })
    }

    /// How far the run has come.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// The network that is kept: the mean of networks if there is one.
    pub fn kept(&self) -> &Resnet50 {
        self.ema.as_ref().unwrap_or(&self.network)
    }

    /// Trains until all epochs are done or `interrupted`; calls `epoch_done` after each epoch.
    ///
    /// # Errors
    /// When a file cannot be read or written, or libtorch fails; the last checkpoint is intact then.
    pub fn run<E: From<TrainError>>(
        &mut self,
        interrupted: &AtomicBool,
        mut epoch_done: impl FnMut(&EpochRecord) -> Result<(), E>,
    ) -> Result<Ended, E> {
        let stop = || interrupted.load(Ordering::Relaxed);
        // A disk that cannot hold a checkpoint is found now, not after an epoch; and there is always one to go on from.
        if !self.task.run.join(LAST_FILE).exists() {
            self.save()?;
        }
        while self.position.epoch < self.task.recipe.epochs() {
            if self.train_epoch(&stop)? == Ended::Interrupted {
                self.save()?;
                return Ok(Ended::Interrupted);
            }
            let Some(record) = self.finish_epoch(&stop)? else {
                self.save()?;
                return Ok(Ended::Interrupted);
            };
            epoch_done(&record)?;
            self.save()?;
        }
        Ok(Ended::Finished)
    }

    fn train_epoch(&mut self, stop: &dyn Fn() -> bool) -> Result<Ended, TrainError> {
        let recipe = self.task.recipe.clone();
        let epoch = self.position.epoch;
        let plan = Plan {
            batch: recipe.batch,
            side: recipe.sides[epoch],
            random: Some((recipe.seed, epoch as u64)),
            skip: self.position.batch,
        };
        let batches = plan.batches(self.task.train.len());
        let steps = batches * recipe.epochs();
        let title = format!("epoch {}/{}, {} px", epoch + 1, recipe.epochs(), plan.side);
        let progress = Progress::new(title, ((batches - plan.skip) * recipe.batch) as u64, "images");
        for batch in Loader::start(Arc::clone(&self.task.crops), self.task.train.clone(), plan) {
            if stop() {
                progress.finish();
                return Ok(Ended::Interrupted);
            }
            let started = Instant::now();
            let batch = batch.map_err(TrainError::Crop)?;
            let rate = recipe.rate(epoch * batches + self.position.batch, steps);
            let (pictures, targets) = batch.to_device(self.network.device())?;
            let (loss, right) = self.step(&pictures, &targets, rate, &recipe)?;
            self.position.batch += 1;
            self.position.steps = self.optimizer.steps();
            let sums = &mut self.position.sums;
            sums.loss += loss * batch.len() as f64;
            sums.right += right;
            sums.seen += batch.len() as u64;
            sums.seconds += started.elapsed().as_secs_f64();
            progress.advance(batch.len() as u64);
            let seen = sums.seen as f64;
            progress.message(format!("loss {:.3} acc {:.1} %", sums.loss / seen, 100.0 * sums.right as f64 / seen));
            if self.saved_at.elapsed() >= self.task.save_every {
                self.save()?;
            }
        }
        progress.finish();
        Ok(Ended::Finished)
    }

    /// One step of the optimizer; returns the loss and how many were named rightly.
    fn step(
        &mut self,
        pictures: &Tensor,
        targets: &Tensor,
        rate: f64,
        recipe: &Recipe,
    ) -> Result<(f64, u64), TrainError> {
        let pass = Pass {
            train: recipe.batch_norm == BatchNorm::Batch,
            first_trained: recipe.freeze.first_trained(),
            precision: recipe.precision,
        };
        self.optimizer.zero_gradients();
        let logits = self.network.forward(pictures, pass)?;
        let loss = loss::cross_entropy(&logits, targets, &self.class_weights, recipe.smoothing)?;
        let value = f64::try_from(&loss)?;
        if !value.is_finite() {
            return Err(TrainError::NotFinite { source: None });
        }
        loss.f_backward()?;
        self.optimizer.clip_gradients(recipe.clip)?;
        self.optimizer.step(rate, recipe.weight_decay)?;
        let steps = f64::from(self.optimizer.steps());
        if let Some(ema) = &mut self.ema {
            // Early on the mean follows quickly, else it would keep the untrained head for long.
            ema.follow(&self.network, recipe.ema.min((1.0 + steps) / (10.0 + steps)), pass.first_trained)?;
        }
        // As `Logits::answer`, for a whole batch where it lies.
        let guess = tch::no_grad(|| loss::with_none(&logits.detach()))?.f_argmax(1, false)?;
        let right = guess.f_eq_tensor(targets)?.f_sum(Kind::Int64)?;
        Ok((value, i64::try_from(&right)? as u64))
    }

    /// Validates, keeps the network if it is the best, and moves on to the next epoch. `None` when interrupted.
    fn finish_epoch(&mut self, stop: &dyn Fn() -> bool) -> Result<Option<EpochRecord>, TrainError> {
        let recipe = &self.task.recipe;
        let found = validate(self.kept(), &self.task.crops, &self.task.validation, 32, recipe.precision, stop)?;
        let Some(validation) = found else { return Ok(None) };
        let steps = self.position.batch * recipe.epochs();
        let sums = std::mem::take(&mut self.position.sums);
        let record = record(&self.position, recipe, &sums, steps, validation);
        if self.position.best.is_none_or(|best| record.score > best) {
            let mut weights = self.kept().weights()?;
            weights.notes.insert("epoch".into(), record.epoch.to_string());
            weights.notes.insert("score".into(), format!("{:.4}", record.score));
            weights.write(&self.task.run.join(BEST_FILE))?;
            self.position.best = Some(record.score);
        }
        self.position.epoch += 1;
        self.position.batch = 0;
        Ok(Some(record))
    }

    fn save(&mut self) -> Result<(), TrainError> {
        let path = self.task.run.join(LAST_FILE);
        checkpoint::save(&path, &self.network, self.ema.as_ref(), &self.optimizer, &self.position)?;
        self.saved_at = Instant::now();
        Ok(())
    }
}

fn record(position: &Position, recipe: &Recipe, sums: &Sums, steps: usize, validation: Validation) -> EpochRecord {
    let seen = sums.seen.max(1) as f64;
    EpochRecord {
        epoch: position.epoch + 1,
        side: recipe.sides[position.epoch],
        learning_rate: recipe.rate((position.epoch + 1) * position.batch - 1, steps),
        train_loss: sums.loss / seen,
        train_accuracy: sums.right as f64 / seen,
        validation,
        score: validation.score(),
        seconds: sums.seconds,
        images_per_second: seen / sums.seconds.max(1e-9),
    }
}

/// Weights by target, `[13]`: the twelve classes count alike however many photographs each has; negatives keep their
/// share of the data, which thereby sets how readily the network refuses.
fn class_weights(examples: &[Example]) -> [f32; 13] {
    let mut counts = [0_u32; 13];
    for example in examples {
        counts[example.target as usize] += 1;
    }
    let affected: u32 = counts[..Syndrome::COUNT].iter().sum();
    let mut weights = [1.0; 13];
    for (weight, count) in weights.iter_mut().zip(counts).take(NONE_TARGET as usize) {
        *weight = affected as f32 / (Syndrome::COUNT as f32 * count.max(1) as f32);
    }
    weights
}

/// A precision that the processor is fast in.
pub fn default_precision(device: DeviceChoice) -> Precision {
    let cuda = !matches!(device.resolve(), Ok(tch::Device::Cpu));
    if cuda || has_fast_bf16() { Precision::Bf16 } else { Precision::F32 }
}

#[cfg(target_arch = "x86_64")]
fn has_fast_bf16() -> bool {
    std::arch::is_x86_feature_detected!("avx512bf16")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_fast_bf16() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_classes_weigh_more_and_negatives_as_they_are() {
        let mut examples: Vec<Example> = (0..12).map(|target| Example { photo: 0, target }).collect();
        examples.extend([Example { photo: 0, target: 3 }; 12]);
        examples.extend([Example { photo: 0, target: 12 }; 100]);
        let weights = class_weights(&examples);
        assert_eq!(weights[0], 2.0);
        assert!((weights[3] - 2.0 / 13.0).abs() < 1e-6);
        assert_eq!(weights[12], 1.0);
    }
}
