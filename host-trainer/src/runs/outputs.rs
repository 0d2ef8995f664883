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
    pub logits: [f32; Syndrome::COUNT],
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
    /// Mean of the classes' sensitivities.
    pub balanced_accuracy: Estimate,
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
                logits: *logits.values(),
            }
        };
        examples.iter().zip(logits).map(join).collect()
    }

    /// The class that comes first.
    fn answer(&self) -> usize {
        (0..Syndrome::COUNT).max_by(|a, b| self.logits[*a].total_cmp(&self.logits[*b]).then(b.cmp(a))).unwrap_or(0)
    }

    /// Logarithm of the summed exponentials: the log-odds of "any of the twelve".
    fn score(&self) -> f64 {
        let largest = f64::from(self.logits.iter().copied().fold(f32::MIN, f32::max));
        largest + self.logits.iter().map(|logit| (f64::from(*logit) - largest).exp()).sum::<f64>().ln()
    }
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

/// A figure of truths and answers.
type Figure<'a> = &'a (dyn Fn(&[usize], &[usize]) -> Option<f64> + Sync);

/// The figures of `outputs`; `refuses` says whether their score tells affected from negatives. `None` without an affected
/// photograph.
pub fn figures(outputs: &[Output], refuses: bool) -> Option<Figures> {
    let affected: Vec<&Output> = outputs.iter().filter(|output| output.class.is_some()).collect();
    let truths: Vec<usize> = affected.iter().filter_map(|output| output.class).collect();
    let answers: Vec<usize> = affected.iter().map(|output| output.answer()).collect();
    let bootstrap = Bootstrap::new(affected.iter().map(|output| output.subject.as_str()));
    let estimate = |figure: Figure| {
        let of = |drawn: &[usize]| {
            let [truths, answers] = [&truths, &answers].map(|all| drawn.iter().map(|at| all[*at]).collect::<Vec<_>>());
            figure(&truths, &answers)
        };
        Some(Estimate { value: figure(&truths, &answers)?, interval: bootstrap.interval(of) })
    };
    let everyone = Bootstrap::new(outputs.iter().map(|output| output.subject.as_str()));
    let scores: Vec<(f64, bool)> = outputs.iter().map(|output| (output.score(), output.class.is_some())).collect();
    let auroc = |drawn: &[usize]| {
        let (scores, positive): (Vec<f64>, Vec<bool>) = drawn.iter().map(|at| scores[*at]).unzip();
        statistics::auroc(&scores, &positive)
    };
    let all: Vec<usize> = (0..outputs.len()).collect();
    let auroc = auroc(&all).filter(|_| refuses).map(|value| Estimate { value, interval: everyone.interval(auroc) });
    let top1 = |truths: &[usize], answers: &[usize]| {
        statistics::mean(truths.iter().zip(answers).map(|(truth, answer)| f64::from(truth == answer)))
    };
    Some(Figures {
        top1: estimate(&top1)?,
        balanced_accuracy: estimate(&|truths, answers| {
            statistics::balanced_accuracy(truths, answers, Syndrome::COUNT)
        })?,
        macro_f1: estimate(&|truths, answers| statistics::macro_f1(truths, answers, Syndrome::COUNT))?,
        auroc,
    })
}

/// Balanced accuracy of the outputs at `places`, negatives left out.
pub fn balanced_accuracy(outputs: &[Output], places: &[usize]) -> Option<f64> {
    let kept = places.iter().filter_map(|place| Some((outputs[*place].class?, outputs[*place].answer())));
    let (truths, answers): (Vec<usize>, Vec<usize>) = kept.unzip();
    statistics::balanced_accuracy(&truths, &answers, Syndrome::COUNT)
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
                logits,
            };
            let negative = Output {
                photo: format!("n{person}.jpg"),
                subject: format!("n{person}"),
                class: None,
                logits: [-8.0; Syndrome::COUNT],
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
