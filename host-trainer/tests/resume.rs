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
use host_trainer::torch::recipe::RecipeFile;
use host_trainer::torch::resnet50::random_weights;
use host_trainer::torch::signs::Signs;
use host_trainer::torch::trainer::{BEST_FILE, Ended, LAST_FILE, Task, TrainError, Trainer};
use host_trainer::weights::Weights;

/// Photographs of one colour for each of thirteen targets.
fn crops(folder: &Path) -> (Arc<CropCache>, Vec<Example>) {
    let crops: Vec<Vec<u8>> = (0..26_u8).map(|photo| vec![photo * 9; CROP_BYTES]).collect();
    let examples = (0..26).map(|photo| Example { photo, target: photo as i64 / 2 }).collect();
    (Arc::new(CropCache::of_crops(&folder.join("crops.rgb"), &crops).unwrap()), examples)
}

fn task(run: &Path, changes: &[&str]) -> Task {
    fs::create_dir_all(run).unwrap();
    let (crops, train) = crops(run);
    let mut file = RecipeFile::default();
    for assignment in ["epochs=2", "image_size=32", "batch=13", "stages.freeze=layer3", "keep.ema=0.9", "precision=f32"]
        .iter()
        .chain(changes)
    {
        file.set(assignment).unwrap();
    }
    let recipe = file.recipe().unwrap();
    let validation = train.iter().step_by(2).copied().collect();
    let signs = (recipe.loss.signs > 0.0).then(signs);
    let (run, save_every) = (run.to_owned(), Duration::MAX);
    Task { run, recipe, device: DeviceChoice::Cpu, crops, train, validation, signs, save_every }
}

/// Two signs: dark pictures show the first, every third shows the second; of one in five nothing is known.
fn signs() -> Arc<Signs> {
    let known = (0..26).filter(|photo| photo % 5 != 0);
    let shown = known.map(|photo| {
        let signs =
            [photo < 13, photo % 3 == 0].into_iter().zip(0..).filter_map(|(shown, place)| shown.then_some(place));
        (photo, signs.collect())
    });
    Arc::new(Signs::new(vec!["HP:0000343".into(), "HP:0000316".into()], shown.collect()))
}

fn run(trainer: &mut Trainer, interrupted: &AtomicBool) -> Result<Ended, TrainError> {
    trainer.run(interrupted, |_| Ok(()))
}

/// All arrays of a checkpoint.
fn arrays(path: PathBuf) -> BTreeMap<String, Vec<f32>> {
    let weights = Weights::read(&path).unwrap();
    weights.arrays.into_iter().map(|(name, array)| (name, array.values)).collect()
}

/// Trains once in one go and once with two interruptions, and wants the same bits.
fn resumed_equals_continued(changes: &[&str]) {
    host_trainer::torch::device::set_threads(1);
    let folder = tempfile::tempdir().unwrap();
    let start = random_weights(12, 5);
    let never = AtomicBool::new(false);

    let whole = folder.path().join("whole");
    let mut trainer = Trainer::begin(task(&whole, changes), &start).unwrap();
    assert_eq!(run(&mut trainer, &never).unwrap(), Ended::Finished);
    assert_eq!(trainer.position().steps, 4);

    // Stopped at once, then after the first epoch.
    let broken = folder.path().join("broken");
    let interrupted = AtomicBool::new(true);
    let mut trainer = Trainer::begin(task(&broken, changes), &start).unwrap();
    assert_eq!(run(&mut trainer, &interrupted).unwrap(), Ended::Interrupted);
    let mut trainer = Trainer::resume(task(&broken, changes)).unwrap();
    interrupted.store(false, Ordering::Relaxed);
    let ended = trainer.run(&interrupted, |_| -> Result<(), TrainError> {
        interrupted.store(true, Ordering::Relaxed);
        Ok(())
    });
    assert_eq!(ended.unwrap(), Ended::Interrupted);
    assert_eq!(trainer.position().epoch, 1);
    let mut trainer = Trainer::resume(task(&broken, changes)).unwrap();
    assert_eq!(run(&mut trainer, &never).unwrap(), Ended::Finished);

    assert!(arrays(whole.join(LAST_FILE)) == arrays(broken.join(LAST_FILE)), "the last checkpoints differ");
    assert!(arrays(whole.join(BEST_FILE)) == arrays(broken.join(BEST_FILE)), "the best networks differ");
}

#[test]
fn resumed_equals_continued_with_adamw() {
    resumed_equals_continued(&[]);
}

#[test]
fn resumed_equals_continued_with_sgd_mixing_and_late_stages() {
    resumed_equals_continued(&["optimizer.kind=sgd", "views.mixup=0.4", "stages.unfreeze_epochs=1"]);
}

#[test]
fn resumed_equals_continued_with_kept_features() {
    resumed_equals_continued(&["stages.cached_views=2"]);
}

#[test]
fn resumed_equals_continued_with_signs() {
    resumed_equals_continued(&["loss.signs=0.1", "views.mixup=0.4"]);
    resumed_equals_continued(&["loss.signs=0.1", "stages.cached_views=2"]);
}

#[test]
fn signs_are_learnt_and_their_head_is_not_kept() {
    host_trainer::torch::device::set_threads(1);
    let folder = tempfile::tempdir().unwrap();
    let [plain, beside] = [("plain", "loss.signs=0"), ("beside", "loss.signs=0.5")].map(|(name, change)| {
        let path = folder.path().join(name);
        let mut trainer = Trainer::begin(task(&path, &[change]), &random_weights(12, 5)).unwrap();
        run(&mut trainer, &AtomicBool::new(false)).unwrap();
        (arrays(path.join(LAST_FILE)), arrays(path.join(BEST_FILE)))
    });
    assert!(beside.0["model.signs.bias"].iter().all(|bias| *bias != 0.0), "every sign is learnt");
    assert!(
        beside.0["model.layer4.2.conv3.weight"] != plain.0["model.layer4.2.conv3.weight"],
        "and teaches the network"
    );
    assert!(plain.1.keys().eq(beside.1.keys()), "what is kept is a plain network");

    let error = Trainer::resume(task(&folder.path().join("beside"), &[])).unwrap_err();
    assert_eq!(error.to_string(), "the run learns 2 signs, but the data set has 0 that enough people show");
    assert!(error.hint().unwrap().contains("begin a new run"));
}

#[test]
fn kept_features_give_what_the_frozen_stages_give() {
    host_trainer::torch::device::set_threads(1);
    let folder = tempfile::tempdir().unwrap();
    let start = random_weights(12, 5);
    let still =
        ["views.mirror=0", "views.turn_deg=0", "views.zoom=0", "views.shift=0", "views.light=0", "views.blur=0"];
    let still: Vec<&str> = still.into_iter().chain(["views.noise=0", "views.jpeg=0", "views.grey=0"]).collect();
    let kept: Vec<&str> = still.iter().copied().chain(["stages.cached_views=1"]).collect();
    let [whole, cached] = [("whole", &still), ("cached", &kept)].map(|(name, changes)| {
        let path = folder.path().join(name);
        let mut trainer = Trainer::begin(task(&path, changes), &start).unwrap();
        run(&mut trainer, &AtomicBool::new(false)).unwrap();
        arrays(path.join(LAST_FILE))
    });
    let largest = whole["model.fc.weight"].iter().zip(&cached["model.fc.weight"]).map(|(a, b)| (a - b).abs());
    assert!(largest.fold(0.0, f32::max) < 1e-5, "views of no strength are the crops, so both learn the same");
}

#[test]
fn a_run_that_gets_no_better_stops() {
    let folder = tempfile::tempdir().unwrap();
    // A rate of nothing: every epoch is like the first.
    let changes = ["epochs=9", "optimizer.rate=1e-30", "keep.patience=2", "stages.batch_norm=frozen", "keep.ema=0"];
    let mut trainer = Trainer::begin(task(folder.path(), &changes), &random_weights(12, 5)).unwrap();
    assert_eq!(run(&mut trainer, &AtomicBool::new(false)).unwrap(), Ended::Finished);
    assert_eq!(trainer.position().epoch, 3);
}

#[test]
fn a_checkpoint_cut_short_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let interrupted = AtomicBool::new(true);
    let mut trainer = Trainer::begin(task(folder.path(), &[]), &random_weights(12, 5)).unwrap();
    run(&mut trainer, &interrupted).unwrap();
    let last = folder.path().join(LAST_FILE);
    let whole = fs::read(&last).unwrap();
    fs::write(&last, &whole[..whole.len() / 2]).unwrap();
    let error = Trainer::resume(task(folder.path(), &[])).unwrap_err().to_string();
    assert!(error.ends_with("last.safetensors is not a complete safetensors file"), "{error}");
}

#[test]
fn a_checkpoint_of_another_recipe_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let interrupted = AtomicBool::new(true);
    let mut trainer = Trainer::begin(task(folder.path(), &[]), &random_weights(12, 5)).unwrap();
    run(&mut trainer, &interrupted).unwrap();
    let error = Trainer::resume(task(folder.path(), &["stages.freeze=layer2"])).unwrap_err();
    assert!(error.to_string().ends_with("last.safetensors holds no such network"), "{error}");
    assert!(error.hint().unwrap().contains("begin a new run"));
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.starts_with("the weights lack array optimizer.first.layer3"), "{cause}");
}

#[test]
fn weights_of_another_network_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut weights = random_weights(12, 5);
    weights.arrays.remove("layer3.2.conv1.weight");
    let error = Trainer::begin(task(folder.path(), &[]), &weights).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "the weights lack array layer3.2.conv1.weight");
}
