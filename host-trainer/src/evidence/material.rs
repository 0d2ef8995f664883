//! What the tables are made of: every test photograph with all that is known and was computed about it.

use std::collections::BTreeMap;

use lakshan_core::manifest::{Manifest, Provenance};
use lakshan_core::policy::Policy;
use lakshan_core::{FaceCrop, Finding, Logits, RetakeReason, Syndrome};
use serde::{Deserialize, Serialize};

use super::corrupt::Corruption;
use super::outsiders::Outsider;
use crate::dataset::Photo;
use crate::dataset::check::Twin;
use crate::evaluate::metrics::{Scored, Truth};
use crate::runs::outputs::Figures;

/// One photograph of the test split whose face was found.
pub struct Case {
    /// Its record.
    pub photo: Photo,
    /// What it shows.
    pub truth: Truth,
    /// Its crop, as the network saw it.
    pub crop: FaceCrop,
    /// The bundle's network in the device's engine.
    pub logits: Logits,
    /// The f32 checkpoint in libtorch, if there is one.
    pub float: Option<Logits>,
    /// Why the quality gate refuses it; `None`: accepted.
    pub refused: Option<RetakeReason>,
    /// The gate's estimate of the turn to the side, degrees; `None` with several faces.
    pub yaw_deg: Option<f32>,
}

impl Case {
    /// The class, for one of the twelve.
    pub fn class(&self) -> Option<Syndrome> {
        self.truth.class()
    }

    /// What the device says.
    pub fn finding(&self, policy: &Policy) -> Finding {
        self.refused.map_or_else(|| policy.decide(&self.logits), Finding::Retake)
    }
}

/// A photograph after a corruption, as the whole device answered it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What was done.
    pub corruption: Corruption,
    /// How strongly, 0 to 4.
    pub level: usize,
    /// Who is on it.
    pub subject: String,
    /// What it shows.
    pub truth: Truth,
    /// What the device says.
    pub finding: Finding,
}

/// How fast the bundle's network runs here, and how large it is.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// Milliseconds of single inferences, one after the other.
    pub milliseconds: Vec<f64>,
    /// Threads that each used.
    pub threads: usize,
    /// The instruction set of the integer part; `None`: it has none.
    pub kernel: Option<&'static str>,
    /// Largest resident memory of this program so far, bytes; `None` where the system does not say.
    pub peak_memory: Option<u64>,
    /// Size of the network's file, bytes.
    pub file: u64,
}

/// One line of a training run's `metrics.jsonl`, as far as the learning curves need it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Epoch {
    /// Its number, from 1.
    pub epoch: usize,
    /// Mean loss of the training photographs.
    pub train_loss: f64,
    /// Share of them that were answered rightly, of thirteen.
    pub train_accuracy: f64,
    /// On the calibration split.
    pub validation: Validation,
}

/// The calibration split after an epoch.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Validation {
    /// Top-1 among the twelve.
    pub top1: f64,
    /// Affected against negatives.
    pub auroc: Option<f64>,
}

/// `baselines.json`: figures of other networks on the same split, for T13.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// What it is.
    pub name: String,
    /// How good it is.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Everything that the report is made of.
pub struct Material<'a> {
    /// The bundle's manifest.
    pub manifest: &'a Manifest,
    /// Where the test photographs come from; the bundle's own provenance may differ.
    pub provenance: &'a Provenance,
    /// Name of the data set.
    pub dataset: &'a str,
    /// Name of the split.
    pub split: String,
    /// All photographs of the data set, for T1.
    pub photos: &'a [Photo],
    /// The test photographs with a face.
    pub cases: Vec<Case>,
    /// Those without, or unreadable.
    pub without_face: Vec<Truth>,
    /// The bundle's outputs for the calibration split.
    pub calibration: Vec<Scored>,
    /// The checkpoint's outputs for it.
    pub calibration_float: Option<Vec<Scored>>,
    /// Drawn pictures without a face.
    pub drawings: Vec<Outsider>,
    /// Photographs of people of whom none has one of the twelve, from a folder that the user named.
    pub strangers: Option<Vec<Outsider>>,
    /// Corrupted photographs.
    pub trials: Vec<Trial>,
    /// The training run.
    pub epochs: Vec<Epoch>,
    /// Other networks.
    pub baselines: Option<Vec<Baseline>>,
    /// Speed and size.
    pub cost: Cost,
    /// What a Bayes classifier reaches that is told the drawn signs, top-1; synthetic data only.
    pub ceiling: Option<f64>,
    /// The same picture twice, anywhere in the data set.
    pub twins: Vec<Twin>,
    /// Facts about the data set that T1 tells.
    pub data_notes: Vec<String>,
}

impl Material<'_> {
    /// The notice that stands beside every table and plot, if either the training or the test photographs are synthetic.
    pub fn notice(&self) -> Option<&'static str> {
        self.provenance.notice().or(self.manifest.provenance.notice())
    }

    /// The policy that ships.
    pub fn policy(&self) -> &Policy {
        &self.manifest.policy
    }

    /// The photographs of the twelve classes.
    pub fn affected(&self) -> Vec<&Case> {
        self.cases.iter().filter(|case| case.class().is_some()).collect()
    }

    /// The outcomes of the whole device by kind of finding, for a set of cases.
    pub fn outcomes<'c>(&self, cases: impl Iterator<Item = &'c Case>) -> Outcomes {
        let mut outcomes = Outcomes::default();
        for case in cases {
            outcomes.add(case.truth, &case.finding(self.policy()));
        }
        outcomes
    }
}

/// How often the device gave each kind of answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Photographs.
    pub all: usize,
    /// To be taken again.
    pub retake: usize,
    /// By reason.
    pub reasons: BTreeMap<&'static str, usize>,
    /// Not clear.
    pub not_clear: usize,
    /// No match among the twelve.
    pub no_match: usize,
    /// Resembles, and the true class is among those named.
    pub right: usize,
    /// Resembles, and it is not, or there is none.
    pub wrong: usize,
}

impl Outcomes {
    /// Counts one finding.
    pub fn add(&mut self, truth: Truth, finding: &Finding) {
        self.all += 1;
        match finding {
            Finding::Retake(reason) => {
                self.retake += 1;
                *self.reasons.entry(reason.id()).or_default() += 1;
            }
            Finding::NotClear => self.not_clear += 1,
            Finding::NoMatch => self.no_match += 1,
            Finding::Resembles(named) if named.iter().any(|r| Some(r.class) == truth.class()) => self.right += 1,
            Finding::Resembles(_) => self.wrong += 1,
        }
    }

    /// Those that the quality gate lets through.
    pub fn accepted(&self) -> usize {
        self.all - self.retake
    }
}

/// Affected photographs as plain arrays, with probabilities at some calibration.
pub struct Arrays {
    /// True class of each.
    pub truths: Vec<usize>,
    /// The class with the largest probability.
    pub answers: Vec<usize>,
    /// All twelve probabilities.
    pub probabilities: Vec<[f64; Syndrome::COUNT]>,
}

impl Arrays {
    /// Of true classes and logits, at the calibration of `policy`.
    pub fn new<'l>(photographs: impl Iterator<Item = (Syndrome, &'l Logits)>, policy: &Policy) -> Self {
        let mut arrays = Self { truths: Vec::new(), answers: Vec::new(), probabilities: Vec::new() };
        for (class, logits) in photographs {
            let p = policy.probabilities(logits);
            arrays.truths.push(class.index());
            arrays.answers.push(p.ranked()[0].0.index());
            // Normalised again in f64, so that they add up to one beyond f32's rounding.
            let sum: f64 = p.values().iter().map(|p| f64::from(*p)).sum();
            arrays.probabilities.push(p.values().map(|p| f64::from(p) / sum));
        }
        arrays
    }

    /// Of cases; those that are not affected are left out.
    pub fn of<'c>(cases: impl Iterator<Item = &'c Case>, policy: &Policy) -> Self {
        Self::new(cases.filter_map(|case| Some((case.class()?, &case.logits))), policy)
    }

    /// The largest probability of each.
    pub fn confidence(&self) -> Vec<f64> {
        self.probabilities.iter().zip(&self.answers).map(|(p, answer)| p[*answer]).collect()
    }

    /// Whether each answer is right.
    pub fn right(&self) -> Vec<bool> {
        self.truths.iter().zip(&self.answers).map(|(truth, answer)| truth == answer).collect()
    }

    /// Those at `drawn`.
    pub fn draw(&self, drawn: &[usize]) -> Self {
        Self {
            truths: drawn.iter().map(|at| self.truths[*at]).collect(),
            answers: drawn.iter().map(|at| self.answers[*at]).collect(),
            probabilities: drawn.iter().map(|at| self.probabilities[*at]).collect(),
        }
    }
}
