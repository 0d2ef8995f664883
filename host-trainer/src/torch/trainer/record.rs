//! One epoch's figures.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::super::checkpoint::Position;
use super::super::recipe::Recipe;
use super::super::validate::Validation;

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
    /// Seconds in the network.
    pub seconds: f64,
    /// Seconds in which the network waited for pictures.
    #[serde(default)]
    pub waited: f64,
    /// Training pictures a second.
    pub images_per_second: f64,
    /// When it ended, in seconds since 1970.
    #[serde(default)]
    pub ended_at: u64,
}

/// The record of the epoch that `position` has just finished, of `steps` in the run.
pub(super) fn record(position: &Position, recipe: &Recipe, steps: usize, validation: Validation) -> EpochRecord {
    let sums = &position.sums;
    let seen = sums.seen.max(1) as f64;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    EpochRecord {
        epoch: position.epoch + 1,
        side: recipe.side(position.epoch),
        learning_rate: recipe.rate((position.epoch + 1) * position.batch - 1, steps),
        train_loss: sums.loss / seen,
        train_accuracy: sums.right as f64 / seen,
        validation,
        score: validation.score(recipe.keep.metric),
        seconds: sums.seconds,
        waited: sums.waited,
        images_per_second: seen / (sums.seconds + sums.waited).max(1e-9),
        ended_at: now.map_or(0, |now| now.as_secs()),
    }
}
