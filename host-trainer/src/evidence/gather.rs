//! Runs what the tables need and is not a plain output: the quality gate, corrupted photographs, drawings, timings.

use std::path::{Path, PathBuf};
use std::time::Instant;

use lakshan_core::{Finding, InputTensor, RetakeReason};
use lakshan_engine::{Bundle, EngineError};
use lakshan_vision::{Analyser, DecodeError, Verdict};
use rayon::prelude::*;

use super::corrupt::{Corruption, STRENGTHS};
use super::material::{Case, Cost, Trial};
use super::outsiders::{self, Drawing, Outsider, OutsiderError};
use crate::evaluate::metrics::Truth;
use crate::evaluate::outputs::{Sample, spread};
use crate::progress::Progress;

/// Drawn pictures of each kind.
const DRAWINGS: usize = 30;
/// Inferences that are timed.
const TIMED: usize = 60;

/// Something that could not be run.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// A photograph that could be read for its crop cannot be read any more.
    #[error("cannot read {}", path.display())]
    Photo {
        /// Which.
        path: PathBuf,
        /// Why.
        source: DecodeError,
    },
    /// Detector or network failed.
    #[error("the engine failed on {}", path.display())]
    Engine {
        /// On which photograph.
        path: PathBuf,
        /// Why.
        source: EngineError,
    },
    /// The detector does not load.
    #[error("the face detector cannot be used")]
    Detector(#[source] EngineError),
    /// A picture that is in no data set.
    #[error(transparent)]
    Outsider(#[from] OutsiderError),
}

/// The quality gate's verdict on a photograph.
#[derive(Clone, Copy, Debug)]
pub struct Gated {
    /// Why it is refused; `None`: accepted.
    pub refused: Option<RetakeReason>,
    /// Estimated turn; `None` where nothing was measured.
    pub yaw_deg: Option<f32>,
}

/// The quality gate of `bundle` on the photographs of `samples`, which lie under `root`.
///
/// # Errors
/// When a photograph cannot be read or the detector fails.
pub fn gate(root: &Path, samples: &[Sample], bundle: &Bundle) -> Result<Vec<Gated>, GatherError> {
    let analyser = Analyser::new().map_err(GatherError::Detector)?;
    let progress = Progress::new("quality gate", samples.len() as u64, "photographs");
    let gated = samples.par_iter().map(|sample| {
        let path = root.join(&sample.photo.photo);
        let frame = lakshan_vision::open(&path).map_err(|source| GatherError::Photo { path: path.clone(), source })?;
        let analysis = analyser.analyse(&frame, &bundle.manifest().quality);
        let analysis = analysis.map_err(|source| GatherError::Engine { path, source })?;
        progress.advance(1);
        let refused = match analysis.verdict {
            Verdict::Accept { .. } => None,
            Verdict::Retake { reason, .. } => Some(reason),
        };
        Ok(Gated { refused, yaw_deg: analysis.measures.map(|measures| measures.yaw_deg) })
    });
    let gated = gated.collect();
    progress.finish();
    gated
}

/// At most `count` accepted photographs, four fifths of them affected, under every corruption at every strength.
///
/// # Errors
/// When a photograph cannot be read, or detector or network fail.
pub fn trials(root: &Path, cases: &[Case], count: usize, bundle: &Bundle) -> Result<Vec<Trial>, GatherError> {
    let accepted = cases.iter().filter(|case| case.refused.is_none());
    let (affected, negatives): (Vec<&Case>, Vec<&Case>) = accepted.partition(|case| case.class().is_some());
    let mut chosen = spread(&affected, count - count / 5);
    chosen.extend(spread(&negatives, count / 5));
    let analyser = Analyser::new().map_err(GatherError::Detector)?;
    let progress =
        Progress::new("bad photographs", (chosen.len() * Corruption::ALL.len() * STRENGTHS) as u64, "photographs");
    let manifest = bundle.manifest();
    let trials = chosen.par_iter().enumerate().map(|(seed, case)| {
        let path = root.join(&case.photo.photo);
        let fault = |source| GatherError::Engine { path: path.clone(), source };
        let frame = lakshan_vision::open(&path).map_err(|source| GatherError::Photo { path: path.clone(), source })?;
        let mut trials = Vec::with_capacity(Corruption::ALL.len() * STRENGTHS);
        let faces = analyser.detector().detect(&frame).map_err(fault)?;
        let Some(face) = faces.first() else { return Ok(trials) };
        for corruption in Corruption::ALL {
            for level in 0..STRENGTHS {
                let frame = corruption.apply(&frame, face, level, seed as u64);
                let finding = match analyser.analyse(&frame, &manifest.quality).map_err(fault)?.verdict {
                    Verdict::Retake { reason, .. } => Finding::Retake(reason),
                    Verdict::Accept { crop, .. } => {
                        let logits = bundle.network().infer(&InputTensor::from_crop(&crop)).map_err(fault)?;
                        manifest.policy.decide(&logits)
                    }
                };
                progress.advance(1);
                let (subject, truth) = (case.photo.subject.clone(), case.truth);
                trials.push(Trial { corruption, level, subject, truth, finding });
            }
        }
        Ok(trials)
    });
    let trials: Result<Vec<Vec<Trial>>, GatherError> = trials.collect();
    progress.finish();
    Ok(trials?.into_iter().flatten().collect())
}

/// Drawn textures and objects through the whole device.
///
/// # Errors
/// When detector or network fail.
pub fn drawings(bundle: &Bundle) -> Result<Vec<Outsider>, GatherError> {
    let analyser = Analyser::new().map_err(GatherError::Detector)?;
    let all: Vec<(Drawing, usize)> =
        Drawing::ALL.into_iter().flat_map(|kind| (0..DRAWINGS).map(move |number| (kind, number))).collect();
    let judged = all.par_iter().map(|(kind, number)| {
        let name = format!("{kind:?} {number}");
        Ok(outsiders::judge(name, &kind.draw(*number), &analyser, bundle)?)
    });
    judged.collect()
}

/// The photographs of a folder through the whole device.
///
/// # Errors
/// When the folder or a photograph cannot be read, or detector or network fail.
pub fn strangers(folder: &Path, bundle: &Bundle) -> Result<Vec<Outsider>, GatherError> {
    let analyser = Analyser::new().map_err(GatherError::Detector)?;
    let judged = outsiders::pictures_in(folder)?.into_par_iter().map(|path| {
        let frame =
            lakshan_vision::open(&path).map_err(|source| OutsiderError::Photo { path: path.clone(), source })?;
        Ok(outsiders::judge(path.display().to_string(), &frame, &analyser, bundle)?)
    });
    judged.collect()
}

/// Times single inferences, one after the other.
///
/// # Errors
/// When the network fails.
pub fn cost(samples: &[Case], bundle: &Bundle, file: u64) -> Result<Cost, GatherError> {
    let network = bundle.network();
    let mut milliseconds = Vec::new();
    for case in samples.iter().take(TIMED) {
        let input = InputTensor::from_crop(&case.crop);
        let start = Instant::now();
        let path = || case.photo.photo.clone();
        network.infer(&input).map_err(|source| GatherError::Engine { path: path(), source })?;
        milliseconds.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let graph = network.graph();
    Ok(Cost { milliseconds, threads: graph.threads(), kernel: graph.kernel(), peak_memory: peak_memory(), file })
}

/// The largest resident size of this process so far, in bytes; `None` where the system does not say.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// Truths of photographs without a usable crop: those of `all` that `found` lacks. Both in table order.
pub fn missing<'p>(all: impl Iterator<Item = &'p crate::dataset::Photo>, found: &[Sample]) -> Vec<Truth> {
    let have: std::collections::HashSet<&Path> = found.iter().map(|sample| sample.photo.photo.as_path()).collect();
    all.filter(|photo| !have.contains(photo.photo.as_path())).map(|photo| Truth::of(photo.label)).collect()
}
