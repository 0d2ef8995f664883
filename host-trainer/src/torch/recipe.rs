//! How a network is trained: every choice that changes the result, and nothing else. `recipe/default.toml` explains each.

mod file;
mod sizes;

use serde::{Deserialize, Serialize};

pub use file::{DEFAULT_TOML, RecipeError, RecipeFile};
pub use sizes::Sizes;

use super::resnet50::{Precision, Stage};

/// The choices. Two runs of equal recipe, data and starting weights on the CPU give equal networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// How often every photograph is seen.
    pub epochs: usize,
    /// Photographs in a batch.
    pub batch: usize,
    /// Sides of the pictures over the epochs.
    pub image_size: Sizes,
    /// Seed of order, views and mixing.
    pub seed: u64,
    /// Numbers of the convolutions.
    pub precision: PrecisionChoice,
    /// Whether equal runs must give equal bits.
    pub deterministic: bool,
    /// How weights move.
    pub optimizer: Optimizing,
    /// Which weights move.
    pub stages: Stages,
    /// What is asked for.
    pub loss: Loss,
    /// How photographs are varied.
    pub views: Views,
    /// What is kept, and when to stop.
    pub keep: Keep,
}

/// How weights move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optimizing {
    /// The algorithm.
    pub kind: OptimizerKind,
    /// Highest learning rate of the last stage.
    pub rate: f64,
    /// The head's learning rate, in multiples of the last stage's.
    pub head_factor: f64,
    /// Each stage's learning rate, in multiples of that of the stage behind it.
    pub stage_decay: f64,
    /// Decoupled weight decay of kernels.
    pub weight_decay: f64,
    /// Momentum of SGD.
    pub momentum: f64,
    /// Share of all steps in which the rate rises.
    pub warmup: f64,
    /// Share of the highest rate that the cosine falls to.
    pub floor: f64,
    /// Gradients of a larger common norm are scaled down.
    pub clip: f64,
}

/// The algorithm that moves weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptimizerKind {
    /// Adam with decoupled decay (Loshchilov, Hutter 2019).
    Adamw,
    /// Stochastic gradient descent with Nesterov momentum.
    Sgd,
}

/// Which weights move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stages {
    /// The last stage that is not trained.
    pub freeze: Freeze,
    /// Epochs between one stage's release and the next; 0 releases all at once.
    pub unfreeze_epochs: usize,
    /// What normalizes in training.
    pub batch_norm: BatchNorm,
    /// Views of each photograph whose frozen features are kept; 0 keeps none.
    pub cached_views: usize,
}

/// Stages that keep their ImageNet weights, up to and including this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freeze {
    /// Train everything.
    None,
    /// Freeze the first convolution.
    Stem,
    /// Freeze also the first stage.
    Layer1,
    /// Freeze also the second stage.
    Layer2,
    /// Freeze also the third stage.
    Layer3,
    /// Train the head alone.
    Layer4,
}

impl Freeze {
    /// The first stage that is trained.
    pub fn first_trained(self) -> Stage {
        match self {
            Self::None => Stage::Stem,
            Self::Stem => Stage::Layer(1),
            Self::Layer1 => Stage::Layer(2),
            Self::Layer2 => Stage::Layer(3),
            Self::Layer3 => Stage::Layer(4),
            Self::Layer4 => Stage::Head,
        }
    }
}

/// What batch normalization uses in training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchNorm {
    /// The batch's own statistics; the running ones follow the new data.
    Batch,
    /// The running statistics of the starting weights, for ever; for tiny batches.
    Frozen,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// Share of the target spread over all outcomes.
    pub smoothing: f64,
    /// What makes rare classes count.
    pub balance: Balance,
    /// Weight of a negative; 0 leaves negatives out, and "none of them" with them.
    pub refusal_weight: f64,
    /// Weight of each sign's cross-entropy; 0 learns no signs. Runs of before there were signs have none.
    #[serde(default)]
    pub signs: f64,
}

/// What makes rare classes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Balance {
    /// Weights in the loss.
    Loss,
    /// Their photographs are seen more often.
    Sampling,
    /// Nothing: as the data are.
    None,
}

/// How photographs are varied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Views {
    /// Chance of a mirror image.
    pub mirror: f32,
    /// Largest turn, degrees.
    pub turn_deg: f32,
    /// Largest change of size.
    pub zoom: f32,
    /// Largest shift, share of the side.
    pub shift: f32,
    /// Strength of changed light.
    pub light: f32,
    /// Chance of blur.
    pub blur: f32,
    /// Chance of noise.
    pub noise: f32,
    /// Chance of strong compression.
    pub jpeg: f32,
    /// Chance of a picture without colour.
    pub grey: f32,
    /// Parameter of the Beta distribution of blends; 0 blends nothing.
    pub mixup: f64,
    /// Likewise of pasted rectangles.
    pub cutmix: f64,
    /// Copies of each photograph that are varied once, instead of new views in each epoch; 0 draws new views.
    pub fixed_copies: usize,
}

/// What is kept, and when to stop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// Decay of the mean of weights that is kept beside the weights; 0 keeps none.
    pub ema: f64,
    /// What chooses the best epoch.
    pub metric: Metric,
    /// Epochs without a better one after which the run ends; 0 never ends it.
    pub patience: usize,
    /// Validates on picture and mirror image.
    pub flip: bool,
}

/// What chooses the best epoch, on the calibration split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The mean of balanced accuracy and of the AUROC of affected against negatives.
    Screening,
    /// The mean of the classes' sensitivities.
    BalancedAccuracy,
    /// Share of affected photographs whose class comes first.
    Top1,
    /// Affected against negatives.
    Auroc,
    /// Cross-entropy over the thirteen outcomes; lower is better.
    Loss,
}

/// Numbers of the convolutions, perhaps left to the hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrecisionChoice {
    /// bf16 where the hardware multiplies it, else f32.
    Auto,
    /// 32-bit floating point.
    F32,
    /// bfloat16.
    Bf16,
    /// Half precision, with a scaled loss.
    F16,
}

impl PrecisionChoice {
    /// The numbers, if the choice was made.
    pub fn chosen(self) -> Option<Precision> {
        match self {
            Self::Auto => None,
            Self::F32 => Some(Precision::F32),
            Self::Bf16 => Some(Precision::Bf16),
            Self::F16 => Some(Precision::F16),
        }
    }
}

impl From<Precision> for PrecisionChoice {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::F32,
            Precision::Bf16 => Self::Bf16,
            Precision::F16 => Self::F16,
        }
    }
}

impl Default for Recipe {
    fn default() -> Self {
        RecipeFile::default().recipe().expect("the default recipe is sound; a test says so")
    }
}

impl Recipe {
    /// Side of the pictures in `epoch`, counted from 0.
    pub fn side(&self, epoch: usize) -> usize {
        self.image_size.side(epoch, self.epochs)
    }

    /// Learning rate of the last stage at `step` of `steps`.
    pub fn rate(&self, step: usize, steps: usize) -> f64 {
        let how = &self.optimizer;
        let rise = (how.warmup * steps as f64).max(1.0);
        let step = step as f64 + 1.0;
        if step <= rise {
            return how.rate * step / rise;
        }
        let share = (step - rise) / (steps as f64 - rise).max(1.0);
        how.rate * (how.floor + (1.0 - how.floor) * 0.5 * (1.0 + (std::f64::consts::PI * share).cos()))
    }

    /// Learning rate of the tensor `name`, in multiples of the last stage's.
    pub fn factor(&self, name: &str) -> f64 {
        match Stage::of(name) {
            Stage::Head => self.optimizer.head_factor,
            Stage::Layer(number) => self.optimizer.stage_decay.powi(4 - number as i32),
            Stage::Stem => self.optimizer.stage_decay.powi(4),
        }
    }

    /// The first stage that is trained in `epoch`, counted from 0.
    pub fn first_trained(&self, epoch: usize) -> Stage {
        let last = self.stages.freeze.first_trained();
        if self.stages.unfreeze_epochs == 0 {
            return last;
        }
        let released = match epoch / self.stages.unfreeze_epochs {
            0 => Stage::Head,
            stages @ 1..=4 => Stage::Layer(5 - stages),
            _ => Stage::Stem,
        };
        released.max(last)
    }

    /// What no run can be made of, in words; the keys' own types are checked before.
    fn fault(&self) -> Option<String> {
        let shares = [
            ("optimizer.warmup", self.optimizer.warmup),
            ("optimizer.floor", self.optimizer.floor),
            ("optimizer.momentum", self.optimizer.momentum),
            ("loss.smoothing", self.loss.smoothing),
            ("keep.ema", self.keep.ema),
            ("views.mirror", f64::from(self.views.mirror)),
            ("views.blur", f64::from(self.views.blur)),
            ("views.noise", f64::from(self.views.noise)),
            ("views.jpeg", f64::from(self.views.jpeg)),
            ("views.grey", f64::from(self.views.grey)),
            ("views.zoom", f64::from(self.views.zoom)),
            ("views.shift", f64::from(self.views.shift)),
        ];
        if let Some((key, value)) = shares.into_iter().find(|(_, value)| !(0.0..=1.0).contains(value)) {
            return Some(format!("{key} is {value}; it must be 0 to 1"));
        }
        let positive = [
            ("optimizer.rate", self.optimizer.rate),
            ("optimizer.head_factor", self.optimizer.head_factor),
            ("optimizer.stage_decay", self.optimizer.stage_decay),
            ("optimizer.clip", self.optimizer.clip),
            ("epochs", self.epochs as f64),
            ("batch", self.batch as f64),
        ];
        if let Some((key, value)) = positive.into_iter().find(|(_, value)| *value <= 0.0 || !value.is_finite()) {
            return Some(format!("{key} is {value}; it must be above 0"));
        }
        let not_negative = [
            ("optimizer.weight_decay", self.optimizer.weight_decay),
            ("loss.refusal_weight", self.loss.refusal_weight),
            ("loss.signs", self.loss.signs),
            ("views.turn_deg", f64::from(self.views.turn_deg)),
            ("views.light", f64::from(self.views.light)),
            ("views.mixup", self.views.mixup),
            ("views.cutmix", self.views.cutmix),
        ];
        if let Some((key, value)) = not_negative.into_iter().find(|(_, value)| *value < 0.0 || !value.is_finite()) {
            return Some(format!("{key} is {value}; it must not be negative"));
        }
        if self.views.mixup > 0.0 && self.views.cutmix > 0.0 {
            return Some("views.mixup and views.cutmix are both on; choose one".into());
        }
        if let Some(counted) = self.image_size.epochs().filter(|counted| *counted != self.epochs) {
            return Some(format!("image_size is for {counted} epochs, but epochs is {}", self.epochs));
        }
        let caches = self.stages.cached_views > 0;
        if caches && self.stages.freeze.first_trained() < Stage::Layer(2) {
            return Some(
                "stages.cached_views needs stages.freeze = layer1 or later: there is little to keep before".into(),
            );
        }
        if caches && (self.stages.unfreeze_epochs > 0 || self.views.fixed_copies > 0) {
            return Some("stages.cached_views goes with neither stages.unfreeze_epochs nor views.fixed_copies".into());
        }
        if caches && (self.views.mixup > 0.0 || self.views.cutmix > 0.0) {
            return Some("stages.cached_views keeps features, and views.mixup and views.cutmix mix pixels".into());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls() {
        let mut recipe = Recipe::default();
        recipe.optimizer =
            Optimizing { rate: 1.0, head_factor: 10.0, stage_decay: 0.5, warmup: 0.1, ..recipe.optimizer };
        let rates: Vec<f64> = (0..100).map(|step| recipe.rate(step, 100)).collect();
        assert!((rates[0] - 0.1).abs() < 1e-9 && (rates[9] - 1.0).abs() < 1e-9);
        assert!(rates[10..].windows(2).all(|pair| pair[1] < pair[0]));
        assert!((rates[99] - 0.01).abs() < 1e-9);
        recipe.optimizer.floor = 1.0;
        assert!((10..100).all(|step| (recipe.rate(step, 100) - 1.0).abs() < 1e-9), "a floor of 1 is a constant rate");
        assert_eq!(recipe.factor("fc.weight"), 10.0);
        assert_eq!(recipe.factor("layer3.0.conv1.weight"), 0.5);
        assert_eq!(recipe.factor("bn1.bias"), 0.0625);
    }

    #[test]
    fn stages_are_released_from_the_head_down() {
        let mut recipe = Recipe::default();
        assert_eq!(recipe.first_trained(0), Stage::Layer(1));
        recipe.stages.unfreeze_epochs = 2;
        let first: Vec<Stage> = [0, 1, 2, 4, 6, 8, 20].map(|epoch| recipe.first_trained(epoch)).into();
        let layer = Stage::Layer;
        assert_eq!(first, [Stage::Head, Stage::Head, layer(4), layer(3), layer(2), layer(1), layer(1)]);
    }
}
