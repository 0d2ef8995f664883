//! The whole way from a frame to a verdict.

use std::time::{Duration, Instant};

use lakshan_core::quality::{QualityMeasures, QualityThresholds};
use lakshan_core::{Face, FaceCrop, Frame, RetakeReason};
use lakshan_engine::EngineError;

use crate::{Cropped, Detector, crop, measure};

/// A second face counts when it is at least this large beside the largest: a bystander far behind does not.
const COMPARABLE_SIZE: f32 = 1.0 / 3.0;

/// What becomes of a photograph.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Good enough to be judged.
    Accept {
        /// The one face.
        face: Face,
        /// Its crop, for the network.
        crop: FaceCrop,
    },
    /// To be taken again.
    Retake {
        /// Why.
        reason: RetakeReason,
        /// The face that it is about, if there is one; the largest of several.
        face: Option<Face>,
    },
}

/// How long the stages took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// Finding faces.
    pub detect: Duration,
    /// Cutting the crop and measuring its quality.
    pub crop: Duration,
}

/// Everything that one frame gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// All faces that were found, the largest first.
    pub faces: Vec<Face>,
    /// What was measured on the face; `None` when there is none, or more than one.
    pub measures: Option<QualityMeasures>,
    /// Accept or retake.
    pub verdict: Verdict,
    /// How long it took.
    pub timings: Timings,
}

/// Runs the stages in order. It keeps no state between frames, so threads may share one.
#[derive(Debug)]
pub struct Analyser {
    detector: Detector,
}

impl Analyser {
    /// Loads the face detector.
    ///
    /// # Errors
    /// When the embedded network does not load.
    pub fn new() -> Result<Self, EngineError> {
        Ok(Self { detector: Detector::new()? })
    }

    /// The detector, for whoever needs faces without a verdict.
    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// The verdict on one frame.
    ///
    /// # Errors
    /// When the detector fails while running. A bad photograph is a verdict, not an error.
    pub fn analyse(&self, frame: &Frame, thresholds: &QualityThresholds) -> Result<Analysis, EngineError> {
        let start = Instant::now();
        let faces = self.detector.detect(frame)?;
        let mut timings = Timings { detect: start.elapsed(), crop: Duration::ZERO };
        let retake = |reason, face| Verdict::Retake { reason, face };

        let Some(face) = faces.first().copied() else {
            return Ok(Analysis { faces, measures: None, verdict: retake(RetakeReason::NoFace, None), timings });
        };
        if faces.iter().skip(1).any(|other| other.bounds.width >= face.bounds.width * COMPARABLE_SIZE) {
            let verdict = retake(RetakeReason::SeveralFaces, Some(face));
            return Ok(Analysis { faces, measures: None, verdict, timings });
        }
        let start = Instant::now();
        let Cropped { crop, inside_fraction } = crop(frame, &face);
        let measures = measure(&face, &crop, inside_fraction);
        timings.crop = start.elapsed();
        let verdict = match thresholds.first_fault(&measures) {
            Some(reason) => retake(reason, Some(face)),
            None => Verdict::Accept { face, crop },
        };
        Ok(Analysis { faces, measures: Some(measures), verdict, timings })
    }
}
