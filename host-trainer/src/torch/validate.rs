//! How good a network is on photographs that it was not trained on.

use std::path::Path;
use std::sync::Arc;

use lakshan_core::{Logits, Syndrome, preprocess};
use serde::{Deserialize, Serialize};
use tch::{TchError, Tensor};

use super::checkpoint::CheckpointError;
use super::device::DeviceChoice;
use super::features::Features;
use super::loader::{Drawing, Example, Loader, Plan};
use super::loss::NONE_TARGET;
use super::recipe::Metric;
use super::resnet50::{Pass, Precision, Resnet50, Stage};
use super::trainer::TrainError;
use crate::dataset::crops::CropCache;
use crate::evaluate::metrics::auroc;
use crate::weights::Weights;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Share of affected photographs whose largest logit is their class's.
    pub top1: f64,
    /// Mean over the classes of that share.
    pub balanced_accuracy: f64,
    /// How often an affected photograph has the larger affected log-odds than a negative; `None` without negatives.
    pub auroc: Option<f64>,
    /// Mean cross-entropy over the thirteen outcomes.
    pub loss: f64,
}

impl Validation {
    /// What the best checkpoint is chosen by; higher is better. Without negatives there is no AUROC, and balanced accuracy
    /// stands for it.
    pub fn score(&self, metric: Metric) -> f64 {
        let auroc = self.auroc.unwrap_or(self.balanced_accuracy);
        match metric {
            Metric::Screening => (self.balanced_accuracy + auroc) / 2.0,
            Metric::BalancedAccuracy => self.balanced_accuracy,
            Metric::Top1 => self.top1,
            Metric::Auroc => auroc,
            Metric::Loss => -self.loss,
        }
    }
}

/// Where photographs of a split come from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// Crops, at the device's size; perhaps seen in the mirror, too.
    Crops {
        /// The crops.
        crops: &'a Arc<CropCache>,
        /// Whether logits are the mean of picture and mirror image.
        flip: bool,
        /// Random views instead of the crops, for recipes that had them at test time.
        views: Option<&'a Drawing>,
    },
    /// Kept features of the stages before one.
    Features(&'a Features, Stage),
}

/// Photographs that pass through the network at a time.
const BATCH: usize = 32;

/// The logits of `network` for `examples`, in their order. `stop` is asked between batches; if it says so, the answer is
/// `None`.
///
/// # Errors
/// When a crop cannot be read or libtorch fails.
pub fn logits(
    network: &Resnet50,
    source: Source,
    examples: &[Example],
    precision: Precision,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Vec<Logits>>, TrainError> {
    let pass = Pass { precision, ..Pass::EVALUATE };
    let mut found = Vec::with_capacity(examples.len());
    let mut take = |logits: Tensor| -> Result<(), TrainError> {
        let mut values = vec![0.0_f32; logits.numel()];
        let count = values.len();
        logits.f_to(tch::Device::Cpu)?.f_contiguous()?.f_view([-1])?.f_copy_data(&mut values, count)?;
        for row in values.as_chunks::<{ Syndrome::COUNT }>().0 {
            found.push(Logits::new(*row).map_err(|source| TrainError::NotFinite { source: Some(source) })?);
        }
        Ok(())
    };
    match source {
        Source::Crops { crops, flip, views } => {
            let plan = Plan { views: views.cloned(), ..Plan::plain(BATCH, preprocess::SIZE) };
            for batch in Loader::start(Arc::clone(crops), examples, plan) {
                if stop() {
                    return Ok(None);
                }
                let (pictures, _) = batch.map_err(TrainError::Crop)?.to_device(network.device())?;
                take(tch::no_grad(|| -> Result<Tensor, TchError> {
                    let logits = network.forward(&pictures, pass)?;
                    if !flip {
                        return Ok(logits);
                    }
                    logits.f_add(&network.forward(&pictures.f_flip([3])?, pass)?)?.f_mul_scalar(0.5)
                })?)?;
            }
        }
        Source::Features(features, first) => {
            let places: Vec<(usize, usize)> = (0..examples.len()).map(|place| (place, 0)).collect();
            for places in places.chunks(BATCH) {
                if stop() {
                    return Ok(None);
                }
                let input = features.batch(places)?.f_to(network.device())?;
                take(tch::no_grad(|| network.forward_from(first, &input, pass))?)?;
            }
        }
    }
    Ok(Some(found))
}

/// The logits of the network in the file at `path`.
///
/// # Errors
/// When it cannot be read, or as [`logits`].
pub fn of_checkpoint(
    path: &Path,
    device: DeviceChoice,
    source: Source,
    examples: &[Example],
    precision: Precision,
) -> Result<Vec<Logits>, TrainError> {
    let weights = Weights::read(path).map_err(CheckpointError::from)?;
    let network = Resnet50::new(&weights, device.resolve()?)?;
    Ok(logits(&network, source, examples, precision, &|| false)?.unwrap_or_default())
}

/// The figures of logits with their targets.
pub fn measure(logits: &[Logits], examples: &[Example]) -> Validation {
    let (mut right, mut all) = ([0_u32; Syndrome::COUNT], [0_u32; Syndrome::COUNT]);
    let (mut affected, mut negative) = (Vec::new(), Vec::new());
    let mut losses = 0.0;
    for (logits, example) in logits.iter().zip(examples) {
        // The thirteenth logit is 0; `affected_log_odds` is the logarithm of the sum over the twelve.
        let odds = f64::from(logits.affected_log_odds());
        let all_outcomes = odds.max(0.0) + (-odds.abs()).exp().ln_1p();
        if example.target == NONE_TARGET {
            negative.push(logits.affected_log_odds());
            losses += all_outcomes;
            continue;
        }
        affected.push(logits.affected_log_odds());
        let class = example.target as usize;
        losses += all_outcomes - f64::from(logits.values()[class]);
        all[class] += 1;
        right[class] += u32::from(logits.top().index() == class);
    }
    let share = |right: u32, all: u32| if all > 0 { f64::from(right) / f64::from(all) } else { 0.0 };
    let present = all.iter().filter(|all| **all > 0).count().max(1);
    let recalls: f64 = right.iter().zip(&all).map(|(right, all)| share(*right, *all)).sum();
    Validation {
        top1: share(right.iter().sum(), all.iter().sum()),
        balanced_accuracy: recalls / present as f64,
        auroc: auroc(&affected, &negative),
        loss: losses / logits.len().max(1) as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auroc_counts_pairs() {
        assert_eq!(auroc(&[2.0, 3.0], &[1.0, 2.0]), Some(3.5 / 4.0));
        assert_eq!(auroc(&[1.0], &[]), None);
    }

    #[test]
    fn balanced_accuracy_is_the_mean_of_classes() {
        let logits = |class: usize, height: f32| {
            let mut values = [-5.0; 12];
            values[class] = height;
            Logits::new(values).unwrap()
        };
        // Class 0: three of four right; class 1: none of one; one negative, scored low.
        let (rows, targets): (Vec<Logits>, Vec<i64>) = [
            (logits(0, 4.0), 0),
            (logits(0, 4.0), 0),
            (logits(0, 4.0), 0),
            (logits(5, 4.0), 0),
            (logits(0, 4.0), 1),
            (logits(2, -4.0), 12),
        ]
        .into_iter()
        .unzip();
        let examples: Vec<Example> = targets.into_iter().map(|target| Example { photo: 0, target }).collect();
        let found = measure(&rows, &examples);
        assert_eq!(found.top1, 0.6);
        assert_eq!(found.balanced_accuracy, 0.375);
        assert_eq!(found.auroc, Some(1.0));
        assert_eq!(found.score(Metric::Screening), (0.375 + 1.0) / 2.0);
        assert_eq!(found.score(Metric::Loss), -found.loss);
    }

    #[test]
    fn the_loss_is_that_of_thirteen_outcomes() {
        let values: [f32; 12] = std::array::from_fn(|at| (at as f32 * 0.7).sin() * 2.0);
        let total: f64 = 1.0 + values.iter().map(|z| f64::from(*z).exp()).sum::<f64>();
        for (target, own) in [(3, f64::from(values[3])), (NONE_TARGET, 0.0)] {
            let found = measure(&[Logits::new(values).unwrap()], &[Example { photo: 0, target }]);
            assert!((found.loss - (total.ln() - own)).abs() < 1e-5, "{target}: {found:?}");
        }
    }
}
