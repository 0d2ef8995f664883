//! The training loop: batches in, checkpoints out, at any moment interruptible without loss.

mod error;
mod record;
mod scale;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lakshan_core::{Logits, Syndrome, preprocess};
use tch::{Kind, Tensor};

pub use error::TrainError;
pub use record::EpochRecord;
use record::record;
use scale::{LARGEST_SCALE, next_scale};

use super::balance::{class_weights, epoch_examples};
use super::checkpoint::{self, CheckpointError, Position, Saved, Sums};
use super::device::DeviceChoice;
use super::features::{Features, Wanted};
use super::loader::{Drawing, Example, Loader, Plan};
use super::loss;
use super::mix::{self, Mixed};
use super::optimizer::{Algorithm, Optimizer};
use super::recipe::{BatchNorm, OptimizerKind, Recipe};
use super::resnet50::{LoadError, Pass, Precision, Resnet50, Stage};
use super::signs::Signs;
use super::validate::{self, Source, measure};
use crate::chance::Chance;
use crate::dataset::crops::CropCache;
use crate::progress::Progress;
use crate::weights::Weights;

/// The checkpoint that a run goes on from.
pub const LAST_FILE: &str = "last.safetensors";
/// The best network so far.
pub const BEST_FILE: &str = "best.safetensors";

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
    /// The signs to learn beside the classes.
    pub signs: Option<Arc<Signs>>,
    /// How often to save within an epoch.
    pub save_every: Duration,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All epochs are done, or no better one came for so long as the recipe waits.
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
    optimizer: Optimizer,
    position: Position,
    class_weights: Tensor,
    precision: Precision,
    /// What is seen in an epoch.
    seen: Vec<Example>,
    /// Of the training and the validation photographs, where the recipe keeps features.
    features: Option<Kept>,
    saved_at: Instant,
}

/// Kept features for training and for validation.
type Kept = (Arc<Features>, Arc<Features>);

/// A batch where it is needed: input of the network, targets, and which photographs these are.
type Fed = (Tensor, Tensor, Vec<usize>);

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
        if let Some(signs) = &task.signs {
            network.add_sign_head(signs.len());
        }
        let ema = (task.recipe.keep.ema > 0.0).then(|| network.copy());
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
        let (saved, found) = (network.sign_count(), task.signs.as_ref().map_or(0, |signs| signs.len()));
        if saved != found {
            return Err(TrainError::OtherSigns { saved, found });
        }
        let recipe = &task.recipe;
        let precision = recipe.precision.chosen().unwrap_or_else(|| default_precision(task.device));
        if network.device().is_cuda() {
            tch::Cuda::cudnn_set_benchmark(!recipe.deterministic);
        } else if precision == Precision::F16 {
            return Err(TrainError::HalfOnCpu);
        }
        let trained = network.set_trained(recipe.stages.freeze.first_trained());
        let parameters = trained.into_iter().map(|name| {
            let (tensor, factor) = (network.tensors()[&name].shallow_clone(), recipe.factor(&name));
            (name, tensor, factor)
        });
        let algorithm = match recipe.optimizer.kind {
            OptimizerKind::Adamw => Algorithm::AdamW,
            OptimizerKind::Sgd => Algorithm::Sgd { momentum: recipe.optimizer.momentum },
        };
        let optimizer = Optimizer::new(algorithm, parameters);
        let class_weights = Tensor::f_from_slice(&class_weights(recipe, &task.train))?.f_to(network.device())?;
        let seen = epoch_examples(recipe, &task.train);
        let saved_at = Instant::now();
        Ok(Self { task, network, ema, optimizer, position, class_weights, precision, seen, features: None, saved_at })
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
        if self.task.recipe.stages.cached_views > 0 && self.features.is_none() {
            self.features = self.keep_features(&stop)?;
            if self.features.is_none() {
                return Ok(Ended::Interrupted);
            }
        }
        while !self.is_done() {
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

    /// The logits of the best network for `examples`; `None` when interrupted.
    ///
    /// # Errors
    /// When the network or a crop cannot be read, or libtorch fails.
    pub fn test(&self, examples: &[Example], stop: &dyn Fn() -> bool) -> Result<Option<Vec<Logits>>, TrainError> {
        let weights = Weights::read(&self.task.run.join(BEST_FILE)).map_err(CheckpointError::from)?;
        let network = Resnet50::new(&weights, self.network.device())?;
        let source = Source::Crops { crops: &self.task.crops, flip: self.task.recipe.keep.flip, views: None };
        validate::logits(&network, source, examples, self.precision, stop)
    }

    fn is_done(&self) -> bool {
        let recipe = &self.task.recipe;
        let waited_enough = recipe.keep.patience > 0 && self.position.since_best >= recipe.keep.patience;
        self.position.epoch >= recipe.epochs || waited_enough
    }

    fn plan(&self) -> Plan {
        let recipe = &self.task.recipe;
        let epoch = self.position.epoch;
        Plan {
            batch: recipe.batch,
            side: recipe.side(epoch),
            order: Some((recipe.seed, epoch as u64)),
            views: Some(self.drawing(epoch as u64)),
            skip: self.position.batch,
        }
    }

    fn drawing(&self, epoch: u64) -> Drawing {
        let recipe = &self.task.recipe;
        let epoch = (recipe.views.fixed_copies == 0).then_some(epoch);
        Drawing { views: recipe.views.clone(), seed: recipe.seed, epoch }
    }

    /// Passes all photographs through the frozen stages; `None` when interrupted.
    fn keep_features(&self, stop: &dyn Fn() -> bool) -> Result<Option<Kept>, TrainError> {
        let recipe = &self.task.recipe;
        let wanted = |name: &str, examples, views, side| Wanted {
            path: self.task.run.join(format!("features-{name}.bin")),
            network: &self.network,
            first_trained: recipe.stages.freeze.first_trained(),
            pass: Pass { precision: self.precision, ..Pass::EVALUATE },
            crops: &self.task.crops,
            examples,
            views,
            side,
            batch: recipe.batch,
        };
        let views = Some((self.drawing(0), recipe.stages.cached_views));
        let Some(train) = wanted("train", self.task.train.as_slice(), views, recipe.side(0)).open(stop)? else {
            return Ok(None);
        };
        let validation = wanted("calibration", self.task.validation.as_slice(), None, preprocess::SIZE).open(stop)?;
        Ok(validation.map(|validation| (Arc::new(train), Arc::new(validation))))
    }

    /// The batches of the running epoch that are not done yet.
    fn batches(&self, plan: &Plan) -> Box<dyn Iterator<Item = Result<Fed, TrainError>>> {
        let device = self.network.device();
        let Some((features, _)) = self.features.clone() else {
            let loader = Loader::start(Arc::clone(&self.task.crops), &self.seen, plan.clone());
            return Box::new(loader.map(move |batch| -> Result<Fed, TrainError> {
                let batch = batch.map_err(TrainError::Crop)?;
                let (input, targets) = batch.to_device(device)?;
                Ok((input, targets, batch.photos))
            }));
        };
        let (seed, epoch) = (self.task.recipe.seed, self.position.epoch as u64);
        let place: HashMap<usize, usize> = self.task.train.iter().map(|e| e.photo).zip(0..).collect();
        let examples: Vec<Example> = plan.arrange(&self.seen).into_iter().map(|(example, _)| example).collect();
        let (size, batches) = (plan.batch, plan.batches(examples.len()));
        Box::new((plan.skip..batches).map(move |batch| -> Result<Fed, TrainError> {
            let batch = &examples[batch * size..((batch + 1) * size).min(examples.len())];
            let record = |e: &Example| (place[&e.photo], features.view(seed, epoch, e.photo));
            let input = features.batch(&batch.iter().map(record).collect::<Vec<_>>())?.f_to(device)?;
            let targets: Vec<i64> = batch.iter().map(|example| example.target).collect();
            let photos = batch.iter().map(|example| example.photo).collect();
            Ok((input, Tensor::f_from_slice(&targets)?.f_to(device)?, photos))
        }))
    }

    fn train_epoch(&mut self, stop: &dyn Fn() -> bool) -> Result<Ended, TrainError> {
        let plan = self.plan();
        let epochs = self.task.recipe.epochs;
        let batches = plan.batches(self.seen.len());
        let title = format!("epoch {}/{epochs}, {} px", self.position.epoch + 1, plan.side);
        let progress = Progress::new(title, ((batches - plan.skip) * plan.batch) as u64, "images");
        let mut waiting = Instant::now();
        for batch in self.batches(&plan) {
            if stop() {
                progress.finish();
                return Ok(Ended::Interrupted);
            }
            let waited = waiting.elapsed().as_secs_f64();
            let started = Instant::now();
            let (input, targets, photos) = batch?;
            let seen = targets.numel() as u64;
            let step = self.position.epoch * batches + self.position.batch;
            let rate = self.task.recipe.rate(step, batches * epochs);
            let done = self.step(input, &targets, &photos, rate);
            let (loss, right) = done.map_err(|error| TrainError::of_batch(error, plan.batch, plan.side))?;
            self.position.batch += 1;
            self.position.steps = self.optimizer.steps();
            let sums = &mut self.position.sums;
            sums.loss += loss * seen as f64;
            sums.right += right;
            sums.seen += seen;
            sums.seconds += started.elapsed().as_secs_f64();
            sums.waited += waited;
            progress.advance(seen);
            let all = sums.seen as f64;
            progress.message(format!("loss {:.3} acc {:.1} %", sums.loss / all, 100.0 * sums.right as f64 / all));
            if self.saved_at.elapsed() >= self.task.save_every {
                self.save()?;
            }
            waiting = Instant::now();
        }
        progress.finish();
        Ok(Ended::Finished)
    }

    /// One step of the optimizer; returns the loss and how many were named rightly.
    fn step(&mut self, input: Tensor, targets: &Tensor, photos: &[usize], rate: f64) -> Result<(f64, u64), TrainError> {
        let recipe = &self.task.recipe;
        let pass = Pass {
            train: recipe.stages.batch_norm == BatchNorm::Batch,
            first_trained: recipe.first_trained(self.position.epoch),
            precision: self.precision,
        };
        let first = if self.features.is_some() { pass.first_trained } else { Stage::Stem };
        let key = [recipe.seed, self.position.epoch as u64, self.position.batch as u64];
        let mixed = if first == Stage::Stem {
            mix::mix(input, targets, &recipe.views, &mut Chance::new("mix", &key))?
        } else {
            Mixed { pictures: input, other: None }
        };
        self.optimizer.zero_gradients();
        let features = self.network.features_from(first, &mixed.pictures, pass)?;
        let logits = self.network.logits(&features)?;
        let of = |targets: &Tensor| loss::cross_entropy(&logits, targets, &self.class_weights, recipe.loss.smoothing);
        let blend =
            |one: Tensor, other: Tensor, share: f64| one.f_mul_scalar(1.0 - share)?.f_add(&other.f_mul_scalar(share)?);
        let mut loss = match &mixed.other {
            None => of(targets)?,
            Some((other, share)) => blend(of(targets)?, of(other)?, *share)?,
        };
        if let Some(signs) = &self.task.signs {
            let logits = self.network.sign_logits(&features)?;
            let named = signs.loss(&logits, photos)?;
            let named = match &mixed.other {
                None => named,
                // As `mix` does: the other picture is the one at the mirror place.
                Some((_, share)) => {
                    let others: Vec<usize> = photos.iter().rev().copied().collect();
                    blend(named, signs.loss(&logits, &others)?, *share)?
                }
            };
            loss = loss.f_add(&named.f_mul_scalar(recipe.loss.signs)?)?;
        }
        let value = f64::try_from(&loss)?;
        if !value.is_finite() {
            return Err(TrainError::NotFinite { source: None });
        }
        if self.backward(&loss)? {
            self.optimizer.step(rate, self.task.recipe.optimizer.weight_decay)?;
            let steps = f64::from(self.optimizer.steps());
            let decay = self.task.recipe.keep.ema;
            if let Some(ema) = &mut self.ema {
                // Early on the mean follows quickly, else it would keep the untrained head for long.
                ema.follow(&self.network, decay.min((1.0 + steps) / (10.0 + steps)), pass.first_trained)?;
            }
        }
        // As `Logits::answer`, for a whole batch where it lies.
        let logits = logits.detach();
        let outcomes = if self.class_weights.numel() > Syndrome::COUNT { loss::with_none(&logits)? } else { logits };
        let right = outcomes.f_argmax(1, false)?.f_eq_tensor(targets)?.f_sum(Kind::Int64)?;
        Ok((value, i64::try_from(&right)? as u64))
    }

    /// Computes the gradients, clipped. In half precision the loss is scaled, so that small gradients do not vanish; `false`
    /// when they overflowed, and the step is left out.
    fn backward(&mut self, loss: &Tensor) -> Result<bool, TrainError> {
        let clip = self.task.recipe.optimizer.clip;
        if self.precision != Precision::F16 {
            loss.f_backward()?;
            if !self.optimizer.clip_gradients(clip)?.is_finite() {
                return Err(TrainError::NotFinite { source: None });
            }
            return Ok(true);
        }
        let scale = self.position.loss_scale.unwrap_or(LARGEST_SCALE);
        loss.f_mul_scalar(scale)?.f_backward()?;
        self.optimizer.scale_gradients(1.0 / scale)?;
        let sound = self.optimizer.clip_gradients(clip)?.is_finite();
        if !sound && scale <= 1.0 {
            return Err(TrainError::NotFinite { source: None });
        }
        let (scale, steady) = next_scale(scale, self.position.steady_steps, sound);
        (self.position.loss_scale, self.position.steady_steps) = (Some(scale), steady);
        Ok(sound)
    }

    /// Validates, keeps the network if it is the best, and moves on to the next epoch. `None` when interrupted.
    fn finish_epoch(&mut self, stop: &dyn Fn() -> bool) -> Result<Option<EpochRecord>, TrainError> {
        let recipe = &self.task.recipe;
        let source = match &self.features {
            Some((_, features)) => Source::Features(features, recipe.stages.freeze.first_trained()),
            None => Source::Crops { crops: &self.task.crops, flip: recipe.keep.flip, views: None },
        };
        let found = validate::logits(self.kept(), source, &self.task.validation, self.precision, stop)?;
        let Some(logits) = found else { return Ok(None) };
        let validation = measure(&logits, &self.task.validation);
        let steps = self.position.batch * recipe.epochs;
        let record = record(&self.position, recipe, steps, validation);
        if self.position.best.is_none_or(|best| record.score > best) {
            let mut weights = self.kept().weights_to_keep()?;
            weights.notes.insert("epoch".into(), record.epoch.to_string());
            weights.notes.insert("score".into(), format!("{:.4}", record.score));
            weights.write(&self.task.run.join(BEST_FILE))?;
            self.position.best = Some(record.score);
            self.position.since_best = 0;
        } else {
            self.position.since_best += 1;
        }
        self.position.sums = Sums::default();
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
