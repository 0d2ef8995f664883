//! A run that is interrupted and goes on ends in the very weights of one that was not; a full disk loses nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use host_trainer::dataset::crops::{CROP_BYTES, CropCache};
use host_trainer::torch::device::DeviceChoice;
use host_trainer::torch::loader::Example;
use host_trainer::torch::recipe::{BatchNorm, Freeze, Recipe};
use host_trainer::torch::resnet50::{Precision, random_weights};
use host_trainer::torch::trainer::{BEST_FILE, Ended, LAST_FILE, Task, TrainError, Trainer};
use host_trainer::weights::Weights;

/// Photographs of one colour for each of thirteen targets.
fn crops(folder: &Path) -> (Arc<CropCache>, Vec<Example>) {
    let crops: Vec<Vec<u8>> = (0..26_u8).map(|photo| vec![photo * 9; CROP_BYTES]).collect();
    let examples = (0..26).map(|photo| Example { photo, target: photo as i64 / 2 }).collect();
    (Arc::new(CropCache::of_crops(&folder.join("crops.rgb"), &crops).unwrap()), examples)
}

fn task(run: &Path, save_every: Duration) -> Task {
    fs::create_dir_all(run).unwrap();
    let (crops, train) = crops(run);
    let recipe = Recipe {
        sides: vec![32, 32],
        batch: 13,
        learning_rate: 1e-3,
        head_factor: 5.0,
        stage_decay: 0.7,
        weight_decay: 0.05,
        warmup: 0.1,
        smoothing: 0.05,
        freeze: Freeze::Layer3,
        batch_norm: BatchNorm::Batch,
        ema: 0.9,
        clip: 5.0,
        precision: Precision::F32,
        seed: 3,
    };
    let validation = train.iter().step_by(2).copied().collect();
    Task { run: run.to_owned(), recipe, device: DeviceChoice::Cpu, crops, train, validation, save_every }
}

fn run(trainer: &mut Trainer, interrupted: &AtomicBool) -> Result<Ended, TrainError> {
    trainer.run(interrupted, |_| Ok(()))
}

/// All arrays of a checkpoint.
fn arrays(path: PathBuf) -> BTreeMap<String, Vec<f32>> {
    let weights = Weights::read(&path).unwrap();
    weights.arrays.into_iter().map(|(name, array)| (name, array.values)).collect()
}

#[test]
fn resumed_equals_continued() {
    host_trainer::torch::device::set_threads(1);
    let folder = tempfile::tempdir().unwrap();
    let start = random_weights(12, 5);
    let never = AtomicBool::new(false);

    let whole = folder.path().join("whole");
    let mut trainer = Trainer::begin(task(&whole, Duration::MAX), &start).unwrap();
    assert_eq!(run(&mut trainer, &never).unwrap(), Ended::Finished);
    assert_eq!(trainer.position().steps, 4);

    // Stopped at once, then after the first epoch, then in the middle of the second.
    let broken = folder.path().join("broken");
    let interrupted = AtomicBool::new(true);
    let mut trainer = Trainer::begin(task(&broken, Duration::MAX), &start).unwrap();
    assert_eq!(run(&mut trainer, &interrupted).unwrap(), Ended::Interrupted);
    let mut trainer = Trainer::resume(task(&broken, Duration::MAX)).unwrap();
    interrupted.store(false, Ordering::Relaxed);
    let ended = trainer.run(&interrupted, |_| -> Result<(), TrainError> {
        interrupted.store(true, Ordering::Relaxed);
        Ok(())
    });
    assert_eq!(ended.unwrap(), Ended::Interrupted);
    assert_eq!(trainer.position().epoch, 1);
    let mut trainer = Trainer::resume(task(&broken, Duration::MAX)).unwrap();
    assert_eq!(run(&mut trainer, &never).unwrap(), Ended::Finished);

    assert!(arrays(whole.join(LAST_FILE)) == arrays(broken.join(LAST_FILE)), "the last checkpoints differ");
    assert!(arrays(whole.join(BEST_FILE)) == arrays(broken.join(BEST_FILE)), "the best networks differ");
}

#[test]
fn a_checkpoint_cut_short_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let interrupted = AtomicBool::new(true);
    let mut trainer = Trainer::begin(task(folder.path(), Duration::MAX), &random_weights(12, 5)).unwrap();
    run(&mut trainer, &interrupted).unwrap();
    let last = folder.path().join(LAST_FILE);
    let whole = fs::read(&last).unwrap();
    fs::write(&last, &whole[..whole.len() / 2]).unwrap();
    let error = Trainer::resume(task(folder.path(), Duration::MAX)).unwrap_err().to_string();
    assert!(error.ends_with("last.safetensors is not a complete safetensors file"), "{error}");
}

#[test]
fn weights_of_another_network_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut weights = random_weights(12, 5);
    weights.arrays.remove("layer3.2.conv1.weight");
    let error = Trainer::begin(task(folder.path(), Duration::MAX), &weights).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "the weights lack array layer3.2.conv1.weight");
}
