//! Tables T1 to T13, one file for each group, all from the same [`Material`].

mod accuracy;
mod calibration;
mod data;
mod device;
mod refusal;
mod robustness;
mod sets;
mod subgroups;

use lakshan_core::Syndrome;

pub(super) use calibration::top_label_error;
pub use data::{same_pictures, tables as data_tables};
pub(super) use device::{agreement, parity_of, top1_loss};
pub(super) use refusal::is_surely_wrong;
pub(super) use sets::{coverage, mean_size, sets};
pub use subgroups::{Group, GroupKind, gap, groups_of};

use super::bootstrap::Bootstrap;
use super::material::{Arrays, Case, Material};
use super::report::Section;
use super::statistics;
use super::table::{Cell, Unit};
use crate::evaluate::metrics::Truth;

/// Bins of the reliability diagrams and of the expected calibration error.
pub const CALIBRATION_BINS: usize = 15;
/// The alpha at which the conformal sets are held against the gate.
pub const GATE_ALPHA: f64 = 0.10;

/// All sections, in order. `gallery` asks for pictures of the worst mistakes.
pub fn all(material: &Material, gallery: bool) -> Vec<Section> {
    vec![
        data::card(material),
        accuracy::headline(material),
        accuracy::classes(material),
        accuracy::confusion(material, gallery),
        refusal::affected(material),
        refusal::kinds(material),
        calibration::section(material),
        sets::conformal(material),
        sets::selective(material),
        subgroups::section(material),
        robustness::section(material),
        device::parity(material),
        device::baselines(material),
    ]
}

/// Short names of the classes, for plots.
pub(super) fn ids() -> Vec<&'static str> {
    Syndrome::ALL.into_iter().map(Syndrome::id).collect()
}

/// Affected photographs of the test split with everything that intervals need.
pub(super) struct Affected {
    pub(super) arrays: Arrays,
    pub(super) bootstrap: Bootstrap,
}

impl Affected {
    pub(super) fn of(material: &Material, cases: &[&Case]) -> Self {
        let arrays = Arrays::of(cases.iter().copied(), material.policy());
        let affected = cases.iter().filter(|case| case.class().is_some());
        Self { arrays, bootstrap: Bootstrap::new(affected.map(|case| case.photo.subject.as_str())) }
    }

    /// A figure with its patient-level bootstrap interval.
    pub(super) fn estimate(&self, unit: Unit, figure: impl Fn(&Arrays) -> Option<f64> + Sync) -> Cell {
        let interval = self.bootstrap.interval(|drawn| figure(&self.arrays.draw(drawn)));
        Cell::estimate(figure(&self.arrays), interval, self.bootstrap.subjects(), unit)
    }
}

/// Top-1 of the classes.
pub(super) fn top1(arrays: &Arrays) -> Option<f64> {
    statistics::mean(arrays.right().into_iter().map(f64::from))
}

/// A score of any of the twelve against negatives, with what intervals need.
pub(super) struct Detection {
    scores: Vec<f64>,
    positive: Vec<bool>,
    bootstrap: Bootstrap,
}

impl Detection {
    /// By the refusal score that ships; negatives for which `keep` holds.
    pub(super) fn of(material: &Material, cases: &[&Case], keep: impl Fn(Truth) -> bool) -> Self {
        let score = |case: &Case| f64::from(material.policy().refusal_score(&case.logits));
        Self::by(cases, keep, score)
    }

    /// By another score.
    pub(super) fn by(cases: &[&Case], keep: impl Fn(Truth) -> bool, score: impl Fn(&Case) -> f64) -> Self {
        let kept: Vec<&&Case> = cases.iter().filter(|case| case.class().is_some() || keep(case.truth)).collect();
        Self {
            scores: kept.iter().map(|case| score(case)).collect(),
            positive: kept.iter().map(|case| case.class().is_some()).collect(),
            bootstrap: Bootstrap::new(kept.iter().map(|case| case.photo.subject.as_str())),
        }
    }

    /// A figure of scores and truths with its interval.
    pub(super) fn estimate(&self, unit: Unit, figure: impl Fn(&[f64], &[bool]) -> Option<f64> + Sync) -> Cell {
        let interval = self.bootstrap.interval(|drawn| {
            let scores: Vec<f64> = drawn.iter().map(|at| self.scores[*at]).collect();
            let positive: Vec<bool> = drawn.iter().map(|at| self.positive[*at]).collect();
            figure(&scores, &positive)
        });
        Cell::estimate(figure(&self.scores, &self.positive), interval, self.bootstrap.subjects(), unit)
    }

    /// The scores and whether each is of an affected person.
    pub(super) fn arrays(&self) -> (&[f64], &[bool]) {
        (&self.scores, &self.positive)
    }
}

/// Sensitivity where `specificity` of the negatives are refused.
pub(super) fn sensitivity_at(scores: &[f64], positive: &[bool], specificity: f64) -> Option<f64> {
    let roc = statistics::roc(scores, positive)?;
    roc.into_iter().filter(|(alarms, _)| *alarms <= 1.0 - specificity + 1e-12).map(|(_, hits)| hits).next_back()
}

/// How many subjects there are among `cases`.
pub(super) fn subjects<'c>(cases: impl Iterator<Item = &'c Case>) -> usize {
    cases.map(|case| case.photo.subject.as_str()).collect::<std::collections::HashSet<_>>().len()
}
