//! How a network is trained: every choice that changes the result, and nothing else.

use serde::{Deserialize, Serialize};

use super::resnet50::{Precision, Stage};

/// The choices. Two runs of equal recipe, data and starting weights on the CPU give equal networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Side of the pictures in each epoch, in pixels; its length is the number of epochs.
    pub sides: Vec<usize>,
    /// Photographs in a batch.
    pub batch: usize,
    /// Highest learning rate of the last stage.
    pub learning_rate: f64,
    /// The head's learning rate, in multiples of the last stage's.
    pub head_factor: f64,
    /// Each stage's learning rate, in multiples of that of the stage behind it.
    pub stage_decay: f64,
    /// Decoupled weight decay of kernels.
    pub weight_decay: f64,
    /// Share of all steps in which the rate rises; then it falls as a cosine to a hundredth.
    pub warmup: f64,
    /// Share of the target spread over all outcomes.
    pub smoothing: f64,
    /// The last stage that is not trained.
    pub freeze: Freeze,
    /// What normalizes in training.
    pub batch_norm: BatchNorm,
    /// Decay of the mean of weights that is kept beside the weights; 0 keeps none.
    pub ema: f64,
    /// Gradients of a larger common norm are scaled down.
    pub clip: f64,
    /// Numbers of the convolutions.
    pub precision: Precision,
    /// Seed of order and views.
    pub seed: u64,
}

/// Stages that keep their ImageNet weights, up to and including this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Freeze {
    /// Train everything.
    None,
    /// Freeze the first convolution.
    #[default]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum BatchNorm {
    /// The batch's own statistics; the running ones follow the new data.
    #[default]
    Batch,
    /// The running statistics of the starting weights, for ever; for tiny batches.
    Frozen,
}

impl Recipe {
    /// Number of epochs.
    pub fn epochs(&self) -> usize {
        self.sides.len()
    }

    /// Learning rate of the last stage at `step` of `steps`.
    pub fn rate(&self, step: usize, steps: usize) -> f64 {
        let rise = (self.warmup * steps as f64).max(1.0);
        let step = step as f64 + 1.0;
        if step <= rise {
            return self.learning_rate * step / rise;
        }
        let share = (step - rise) / (steps as f64 - rise).max(1.0);
        let low = 0.01;
        self.learning_rate * (low + (1.0 - low) * 0.5 * (1.0 + (std::f64::consts::PI * share).cos()))
    }

    /// Learning rate of the tensor `name`, in multiples of the last stage's.
    pub fn factor(&self, name: &str) -> f64 {
        match Stage::of(name) {
            Stage::Head => self.head_factor,
            Stage::Layer(number) => self.stage_decay.powi(4 - number as i32),
            Stage::Stem => self.stage_decay.powi(4),
        }
    }
}

/// A schedule of picture sizes as text: `128,160,224` shares the epochs out evenly, `128:4,224:2` gives their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideSchedule(Vec<(usize, Option<usize>)>);

/// What the network can take: five halvings must leave something, and the crop has no more to give.
const SIDES: std::ops::RangeInclusive<usize> = 32..=lakshan_core::preprocess::SIZE;

impl std::str::FromStr for SideSchedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let steps = text.split(',').map(|step| {
            let (side, epochs) = match step.split_once(':') {
                Some((side, epochs)) => {
                    (side, Some(epochs.trim().parse::<usize>().map_err(|error| error.to_string())?))
                }
                None => (step, None),
            };
            let side: usize = side.trim().parse().map_err(|_| format!("'{side}' is no size in pixels"))?;
            if !SIDES.contains(&side) {
                return Err(format!("{side} pixels: must be {} to {}", SIDES.start(), SIDES.end()));
            }
            Ok((side, epochs))
        });
        let steps = steps.collect::<Result<Vec<_>, String>>()?;
        let counted = steps.iter().filter(|(_, epochs)| epochs.is_some()).count();
        if counted != 0 && counted != steps.len() {
            return Err("give a number of epochs for every size or for none".into());
        }
        Ok(Self(steps))
    }
}

impl SideSchedule {
    /// The side in each of `epochs` epochs.
    ///
    /// # Errors
    /// When the schedule states its own numbers of epochs and they add up to another number.
    pub fn sides(&self, epochs: Option<usize>) -> Result<Vec<usize>, String> {
        let counted: Option<Vec<usize>> = self
            .0
            .iter()
            .map(|&(side, epochs)| epochs.map(|epochs| vec![side; epochs]))
            .collect::<Option<Vec<_>>>()
            .map(|sides| sides.concat());
        match (counted, epochs) {
            (Some(sides), None) => Ok(sides),
            (Some(sides), Some(epochs)) if sides.len() == epochs => Ok(sides),
            (Some(sides), Some(epochs)) => {
                Err(format!("the sizes are for {} epochs, but --epochs is {epochs}", sides.len()))
            }
            (None, epochs) => {
                let epochs = epochs.unwrap_or(DEFAULT_EPOCHS);
                Ok((0..epochs).map(|epoch| self.0[epoch * self.0.len() / epochs].0).collect())
            }
        }
    }
}

/// Epochs where neither `--epochs` nor the sizes say how many.
pub const DEFAULT_EPOCHS: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(text: &str, epochs: Option<usize>) -> Result<Vec<usize>, String> {
        text.parse::<SideSchedule>()?.sides(epochs)
    }

    #[test]
    fn sizes_share_the_epochs() {
        assert_eq!(sides("128,224", Some(5)), Ok(vec![128, 128, 128, 224, 224]));
        assert_eq!(sides("112:2,224:1", None), Ok(vec![112, 112, 224]));
        assert_eq!(sides("224", None).unwrap().len(), DEFAULT_EPOCHS);
        for wrong in ["", "abc", "16", "225", "128:2,224", "128:x"] {
            assert!(sides(wrong, None).is_err(), "{wrong}");
        }
        assert!(sides("112:2", Some(3)).is_err());
    }

    #[test]
    fn the_rate_rises_and_falls() {
        let recipe = Recipe {
            sides: vec![224],
            batch: 1,
            learning_rate: 1.0,
            head_factor: 10.0,
            stage_decay: 0.5,
            weight_decay: 0.0,
            warmup: 0.1,
            smoothing: 0.0,
            freeze: Freeze::None,
            batch_norm: BatchNorm::Batch,
            ema: 0.0,
            clip: 1.0,
            precision: Precision::F32,
            seed: 0,
        };
        let rates: Vec<f64> = (0..100).map(|step| recipe.rate(step, 100)).collect();
        assert!((rates[0] - 0.1).abs() < 1e-9 && (rates[9] - 1.0).abs() < 1e-9);
        assert!(rates[10..].windows(2).all(|pair| pair[1] < pair[0]));
        assert!((rates[99] - 0.01).abs() < 1e-9);
        assert_eq!(recipe.factor("fc.weight"), 10.0);
        assert_eq!(recipe.factor("layer3.0.conv1.weight"), 0.5);
        assert_eq!(recipe.factor("bn1.bias"), 0.0625);
    }
}
