//! How fast training is here: the pipeline alone, the network alone, and both together.

use std::sync::Arc;
use std::time::Instant;

use lakshan_core::preprocess::SIZE;
use serde::Serialize;
use tch::{Device, Tensor};

use super::device;
use super::loader::{Drawing, Example, Loader, Plan};
use super::loss;
use super::optimizer::{Algorithm, Optimizer};
use super::recipe::Recipe;
use super::resnet50::{Pass, Precision, Resnet50, Stage, random_weights};
use super::trainer::TrainError;
use crate::chance::Chance;
use crate::dataset::crops::{CROP_BYTES, CropCache};

/// What is timed.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Photographs in a batch.
    pub batch: usize,
    /// Side of the pictures.
    pub side: usize,
    /// Numbers of the convolutions.
    pub precision: Precision,
    /// Steps that are timed, after one that is not.
    pub steps: usize,
    /// Where the network computes.
    pub device: Device,
}

/// Images a second, each at the median step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Speed {
    /// Crops read, varied and scaled, while nothing else computes.
    pub pipeline: f64,
    /// Forward, backward and optimizer, on a batch that is there already.
    pub network: f64,
    /// Both at once, as in training.
    pub training: f64,
    /// Threads that computed.
    pub threads: usize,
}

/// Crops that are made up, so that no data set is needed; noise costs a JPEG encoder more than a face does.
const CROPS: usize = 64;
/// Side of their blocks, pixels.
const BLOCK: usize = 32;

/// Times all three in full fine-tuning: every stage trained, batch statistics, AdamW, clipped gradients.
///
/// # Errors
/// When a crop cannot be written or read, or libtorch fails.
pub fn speed(options: Options) -> Result<Speed, TrainError> {
    let folder = tempfile::tempdir().map_err(TrainError::Crop)?;
    let crops: Vec<Vec<u8>> = (0..CROPS as u64).map(made_up).collect();
    let crops = CropCache::of_crops(&folder.path().join("crops.rgb"), &crops).map_err(TrainError::Crop)?;
    let crops = Arc::new(crops);
    let pass_of = |steps: usize, epoch: u64| {
        let examples: Vec<Example> =
            (0..steps * options.batch).map(|at| Example { photo: at % CROPS, target: (at % 13) as i64 }).collect();
        let views = Drawing { views: Recipe::default().views, seed: 1, epoch: Some(epoch) };
        let plan =
            Plan { batch: options.batch, side: options.side, order: Some((1, epoch)), views: Some(views), skip: 0 };
        Loader::start(Arc::clone(&crops), &examples, plan)
    };
    // A queue holds some batches ahead, so the pipeline is timed over a pass that is long beside it.
    let batches = options.steps.max(20);
    let started = Instant::now();
    for batch in pass_of(batches, 0) {
        batch.map_err(TrainError::Crop)?;
    }
    let pipeline = (batches * options.batch) as f64 / started.elapsed().as_secs_f64();

    let mut network = Network::new(options)?;
    let first = pass_of(1, 1).next().ok_or_else(|| TrainError::Crop(std::io::ErrorKind::UnexpectedEof.into()))?;
    let (pictures, targets) = first.map_err(TrainError::Crop)?.to_device(options.device)?;
    network.step(&pictures, &targets)?;
    let alone = timed(options.steps, |_| network.step(&pictures, &targets))?;

    let mut source = pass_of(options.steps + 1, 2);
    let mut next = || -> Result<(Tensor, Tensor), TrainError> {
        let batch = source.next().ok_or_else(|| TrainError::Crop(std::io::ErrorKind::UnexpectedEof.into()))?;
        Ok(batch.map_err(TrainError::Crop)?.to_device(options.device)?)
    };
    let (pictures, targets) = next()?;
    network.step(&pictures, &targets)?;
    let together = timed(options.steps, |_| {
        let (pictures, targets) = next()?;
        network.step(&pictures, &targets)
    })?;
    let rate = |seconds: f64| options.batch as f64 / seconds;
    Ok(Speed { pipeline, network: rate(alone), training: rate(together), threads: device::threads() })
}

/// The median seconds of a step.
fn timed(steps: usize, mut step: impl FnMut(usize) -> Result<(), TrainError>) -> Result<f64, TrainError> {
    let mut seconds = Vec::with_capacity(steps);
    for at in 0..steps {
        let started = Instant::now();
        step(at)?;
        seconds.push(started.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[steps / 2])
}

/// A crop of blocks with noise.
fn made_up(seed: u64) -> Vec<u8> {
    let mut chance = Chance::new("bench crop", &[seed]);
    let blocks: Vec<u8> = (0..(SIZE / BLOCK) * (SIZE / BLOCK) * 3).map(|_| chance.below(200) as u8).collect();
    (0..CROP_BYTES)
        .map(|at| {
            let (pixel, channel) = (at / 3, at % 3);
            let block = (pixel / SIZE / BLOCK) * (SIZE / BLOCK) + pixel % SIZE / BLOCK;
            blocks[block * 3 + channel] + chance.below(12) as u8
        })
        .collect()
}

/// A network that is trained.
struct Network {
    network: Resnet50,
    optimizer: Optimizer,
    weights: Tensor,
    pass: Pass,
}

impl Network {
    fn new(options: Options) -> Result<Self, TrainError> {
        let mut network = Resnet50::new(&random_weights(12, 1), options.device)?;
        let trained = network.set_trained(Stage::Stem);
        let parameters = trained.into_iter().map(|name| {
            let tensor = network.tensors()[&name].shallow_clone();
            (name, tensor, 1.0)
        });
        let optimizer = Optimizer::new(Algorithm::AdamW, parameters);
        let weights = Tensor::f_ones([13], (tch::Kind::Float, options.device))?;
        let pass = Pass { train: true, first_trained: Stage::Stem, precision: options.precision };
        Ok(Self { network, optimizer, weights, pass })
    }

    fn step(&mut self, pictures: &Tensor, targets: &Tensor) -> Result<(), TrainError> {
        self.optimizer.zero_gradients();
        let logits = self.network.forward(pictures, self.pass)?;
        let loss = loss::cross_entropy(&logits, targets, &self.weights, 0.05)?;
        loss.f_backward()?;
        self.optimizer.clip_gradients(5.0)?;
        self.optimizer.step(1e-4, 0.05)?;
        // On a GPU this waits for the step to be done.
        f64::try_from(&loss)?;
        Ok(())
    }
}
