//! How good a network is on photographs that it was not trained on.

use std::sync::Arc;

use lakshan_core::{Logits, Syndrome, preprocess};
use serde::{Deserialize, Serialize};

use super::loader::{Example, Loader, Plan};
use super::loss::NONE_TARGET;
use super::resnet50::{Pass, Precision, Resnet50};
use super::trainer::TrainError;
use crate::dataset::crops::CropCache;
use crate::evaluate::metrics::auroc;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Share of affected photographs whose largest logit is their class's.
    pub top1: f64,
    /// Mean over the classes of that share.
    pub balanced_accuracy: f64,
    /// How often an affected photograph has the larger affected log-odds than a negative; `None` without negatives.
    pub auroc: Option<f64>,
}

impl Validation {
    /// What the best checkpoint is chosen by: the mean of balanced accuracy and AUROC, or the former alone.
    pub fn score(&self) -> f64 {
        match self.auroc {
            Some(auroc) => (self.balanced_accuracy + auroc) / 2.0,
            None => self.balanced_accuracy,
        }
    }
}

/// Measures `network` on `examples`, at the size that the device uses. `stop` is asked between batches; if it says so,
/// the answer is `None`.
///
/// # Errors
/// When a crop cannot be read or libtorch fails.
pub fn validate(
    network: &Resnet50,
    crops: &Arc<CropCache>,
    examples: &[Example],
    batch: usize,
    precision: Precision,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Validation>, TrainError> {
    let plan = Plan { batch, side: preprocess::SIZE, random: None, skip: 0 };
    let pass = Pass { precision, ..Pass::EVALUATE };
    let mut scored = Vec::with_capacity(examples.len());
    for batch in Loader::start(Arc::clone(crops), examples.to_vec(), plan) {
        if stop() {
            return Ok(None);
        }
        let batch = batch.map_err(TrainError::Crop)?;
        let (pictures, _) = batch.to_device(network.device())?;
        let logits = tch::no_grad(|| network.forward(&pictures, pass))?;
        let mut values = vec![0.0_f32; batch.len() * Syndrome::COUNT];
        let count = values.len();
        logits.f_to(tch::Device::Cpu)?.f_contiguous()?.f_view([-1])?.f_copy_data(&mut values, count)?;
        for (row, target) in values.as_chunks::<{ Syndrome::COUNT }>().0.iter().zip(batch.targets) {
            let logits = Logits::new(*row).map_err(|source| TrainError::NotFinite { source: Some(source) })?;
            scored.push((logits, target));
        }
    }
    Ok(Some(measure(&scored)))
}

/// The figures of logits with their targets.
fn measure(scored: &[(Logits, i64)]) -> Validation {
    let (mut right, mut all) = ([0_u32; Syndrome::COUNT], [0_u32; Syndrome::COUNT]);
    let (mut affected, mut negative) = (Vec::new(), Vec::new());
    for (logits, target) in scored {
        if *target == NONE_TARGET {
            negative.push(logits.affected_log_odds());
            continue;
        }
        affected.push(logits.affected_log_odds());
        let class = *target as usize;
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
        let row = |class: usize, height: f32| {
            let mut values = [-5.0; 12];
            values[class] = height;
            Logits::new(values).unwrap()
        };
        // Class 0: three of four right; class 1: none of one; one negative, scored low.
        let scored = [
            (row(0, 4.0), 0),
            (row(0, 4.0), 0),
            (row(0, 4.0), 0),
            (row(5, 4.0), 0),
            (row(0, 4.0), 1),
            (row(2, -4.0), 12),
        ];
        let found = measure(&scored);
        assert_eq!(found.top1, 0.6);
        assert_eq!(found.balanced_accuracy, 0.375);
        assert_eq!(found.auroc, Some(1.0));
        assert_eq!(found.score(), (0.375 + 1.0) / 2.0);
    }
}
