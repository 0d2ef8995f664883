//! What a network says about photographs of a split, kept as JSON lines, and the figures of it with intervals by patient.

use std::fmt;
use std::path::Path;

use lakshan_core::{Logits, Syndrome};
use serde::{Deserialize, Serialize};

use super::{RunError, TEST_FILE, read_lines};
use crate::atomic_file::write_json_lines;
use crate::dataset::Dataset;
use crate::evidence::bootstrap::Bootstrap;
use crate::evidence::statistics;
use crate::torch::loader::Example;

/// The place of "none of the twelve" among the outcomes.
const NONE: usize = Syndrome::COUNT;

/// One photograph and what was said of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The file.
    pub photo: String,
    /// The person.
    pub subject: String,
    /// The class's index, or `None` for a negative.
    pub class: Option<usize>,
    /// What the network says.
    #[serde(with = "finite")]
    pub logits: Logits,
}

/// Logits as a list of numbers.
mod finite {
    use lakshan_core::{Logits, Syndrome};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(logits: &Logits, to: S) -> Result<S::Ok, S::Error> {
        logits.values().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Logits, D::Error> {
        Logits::new(<[f32; Syndrome::COUNT]>::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// A figure with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Its value.
    pub value: f64,
    /// Lower and upper end, by patients drawn again.
    pub interval: Option<(f64, f64)>,
}

/// How good a network is on a split.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Share of affected photographs whose class comes first.
    pub top1: Estimate,
    /// Mean of the classes' sensitivities, the likeliest of the twelve taken for the answer, whether refused or not.
    pub balanced_accuracy: Estimate,
    /// The same of thirteen outcomes, "none of the twelve" among them, which a network that cannot refuse never gives. `None`
    /// without negatives.
    pub balanced_of_thirteen: Option<Estimate>,
    /// Mean of the classes' F1.
    pub macro_f1: Estimate,
    /// Affected against negatives; `None` without negatives, or of a network that has no score for it.
    pub auroc: Option<Estimate>,
}

impl Output {
    /// Joins logits with their photographs.
    pub fn of(dataset: &Dataset, examples: &[Example], logits: Vec<Logits>) -> Vec<Self> {
        let join = |(example, logits): (&Example, Logits)| {
            let photo = &dataset.photos[example.photo];
            Self {
                photo: photo.photo.display().to_string(),
                subject: photo.subject.clone(),
                class: photo.label.class().map(Syndrome::index),
                logits,
            }
        };
        examples.iter().zip(logits).map(join).collect()
    }
}

/// What the figures need of an output, worked out once for all draws.
#[derive(Debug)]
pub struct Judged<'a> {
    subject: &'a str,
    /// The class's index, or `None` for a negative.
    class: Option<usize>,
    /// The likeliest of the twelve classes.
    top: usize,
    /// The likeliest of the thirteen outcomes, or of the twelve classes when the network cannot refuse.
    outcome: usize,
    /// Log-odds of "any of the twelve".
    score: f64,
}

/// Works out what the figures need; `refuses` says whether the network can answer "none of them".
pub fn judge(outputs: &[Output], refuses: bool) -> Vec<Judged<'_>> {
    let all = outputs.iter().map(|Output { subject, class, logits, .. }| {
        let top = logits.top().index();
        let outcome = if refuses { logits.answer().map_or(NONE, Syndrome::index) } else { top };
        Judged { subject, class: *class, top, outcome, score: f64::from(logits.affected_log_odds()) }
    });
    all.collect()
}

/// Writes the outputs of a run's test split.
///
/// # Errors
/// When the file cannot be written.
pub fn write(folder: &Path, outputs: &[Output]) -> Result<(), RunError> {
    Ok(write_json_lines(&folder.join(TEST_FILE), outputs)?)
}

/// Reads them; none where there is no such file.
///
/// # Errors
/// When it is damaged.
pub fn read(folder: &Path) -> Result<Vec<Output>, RunError> {
    read_lines(&folder.join(TEST_FILE))
}

/// The figures of `outputs`; `refuses` says whether their score tells affected from negatives. `None` without an affected
/// photograph.
pub fn figures(outputs: &[Output], refuses: bool) -> Option<Figures> {
    let judged = judge(outputs, refuses);
    let all: Vec<usize> = (0..judged.len()).collect();
    let affected = affected(&judged);
    let has_negatives = affected.len() < all.len();
    let auroc = |drawn: &[usize]| {
        let scored = drawn.iter().map(|at| (judged[*at].score, judged[*at].class.is_some()));
        let (scores, positive): (Vec<f64>, Vec<bool>) = scored.unzip();
        statistics::auroc(&scores, &positive)
    };
    let thirteen = |drawn: &[usize]| balanced_of_thirteen(&judged, drawn);
    Some(Figures {
        top1: estimate(&judged, &affected, &|drawn| {
            let (truths, answers) = of_twelve(&judged, drawn);
            statistics::mean(truths.iter().zip(&answers).map(|(truth, answer)| f64::from(truth == answer)))
        })?,
        balanced_accuracy: estimate(&judged, &affected, &|drawn| balanced_accuracy(&judged, drawn))?,
        balanced_of_thirteen: if has_negatives { estimate(&judged, &all, &thirteen) } else { None },
        macro_f1: estimate(&judged, &affected, &|drawn| {
            let (truths, answers) = of_twelve(&judged, drawn);
            statistics::macro_f1(&truths, &answers, Syndrome::COUNT)
        })?,
        auroc: if refuses { estimate(&judged, &all, &auroc) } else { None },
    })
}

/// The places of those that are no negatives.
pub fn affected(judged: &[Judged]) -> Vec<usize> {
    (0..judged.len()).filter(|at| judged[*at].class.is_some()).collect()
}

/// `figure` of those at `places`, with its interval by their people drawn again.
pub fn estimate(
    judged: &[Judged],
    places: &[usize],
    figure: &(dyn Fn(&[usize]) -> Option<f64> + Sync),
) -> Option<Estimate> {
    let bootstrap = Bootstrap::new(places.iter().map(|place| judged[*place].subject));
    let of = |drawn: &[usize]| figure(&drawn.iter().map(|at| places[*at]).collect::<Vec<_>>());
    Some(Estimate { value: figure(places)?, interval: bootstrap.interval(of) })
}

/// Classes and likeliest classes of those at `places`, negatives left out.
fn of_twelve(judged: &[Judged], places: &[usize]) -> (Vec<usize>, Vec<usize>) {
    places.iter().filter_map(|at| Some((judged[*at].class?, judged[*at].top))).unzip()
}

/// Balanced accuracy of those at `places`, negatives left out.
pub fn balanced_accuracy(judged: &[Judged], places: &[usize]) -> Option<f64> {
    let (truths, answers) = of_twelve(judged, places);
    statistics::balanced_accuracy(&truths, &answers, Syndrome::COUNT)
}

/// The same of thirteen outcomes, negatives among them.
pub fn balanced_of_thirteen(judged: &[Judged], places: &[usize]) -> Option<f64> {
    let of = |at: &usize| (judged[*at].class.unwrap_or(NONE), judged[*at].outcome);
    let (truths, answers): (Vec<usize>, Vec<usize>) = places.iter().map(of).unzip();
    statistics::balanced_accuracy(&truths, &answers, NONE + 1)
}

impl Estimate {
    /// As a percentage, with its interval.
    pub fn percent(&self) -> String {
        let value = 100.0 * self.value;
        match self.interval {
            Some((low, high)) => format!("{value:.1} % ({:.1}-{:.1})", 100.0 * low, 100.0 * high),
            None => format!("{value:.1} %"),
        }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.interval {
            Some((low, high)) => f.pad(&format!("{:.3} ({low:.3}-{high:.3})", self.value)),
            None => f.pad(&format!("{:.3}", self.value)),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Two photographs of each of two people a class, and a negative each; every fifth person is named wrongly.
    pub(crate) fn outputs(from: usize, people: usize) -> Vec<Output> {
        let of = |person: usize| {
            let class = person % Syndrome::COUNT;
            let mut logits = [-6.0; Syndrome::COUNT];
            logits[if person.is_multiple_of(5) { (class + 1) % Syndrome::COUNT } else { class }] = 3.0;
            let affected = |photo: usize| Output {
                photo: format!("{person}-{photo}.jpg"),
                subject: format!("p{person}"),
                class: Some(class),
                logits: Logits::new(logits).unwrap(),
            };
            let negative = Output {
                photo: format!("n{person}.jpg"),
                subject: format!("n{person}"),
                class: None,
                logits: Logits::new([-8.0; Syndrome::COUNT]).unwrap(),
            };
            [affected(0), affected(1), negative]
        };
        (from..from + people).flat_map(of).collect()
    }

    #[test]
    fn figures_are_those_of_the_photographs_and_intervals_of_the_people() {
        let found = figures(&outputs(0, 60), true).unwrap();
        assert!((found.top1.value - 0.8).abs() < 1e-9);
        assert!((found.balanced_accuracy.value - 0.8).abs() < 1e-9, "every class errs in one of five people");
        assert_eq!(found.auroc.unwrap().value, 1.0);
        let thirteen = |refuses| figures(&outputs(0, 60), refuses).unwrap().balanced_of_thirteen.unwrap().value;
        assert!((thirteen(true) - (12.0 * 0.8 + 1.0) / 13.0).abs() < 1e-9, "all negatives are refused");
        assert!((thirteen(false) - 12.0 * 0.8 / 13.0).abs() < 1e-9, "none can be");
        let (low, high) = found.top1.interval.unwrap();
        // 60 people, not 120 photographs: 1.96 standard errors are .101.
        assert!((low - 0.70).abs() < 0.025 && (high - 0.90).abs() < 0.025, "{low} {high}");
        assert_eq!(figures(&outputs(0, 60), false).unwrap().auroc, None);
        assert_eq!(figures(&[], true), None);
    }

    #[test]
    fn outputs_are_read_as_written() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &outputs(0, 3)).unwrap();
        assert_eq!(read(folder.path()).unwrap(), outputs(0, 3));
    }
}
