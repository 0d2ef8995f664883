//! One photograph through every stage: decode, detect, crop, infer, decide; each timed.

mod live;

use std::time::{Duration, Instant};

use lakshan_core::{Face, FaceCrop, Finding, Frame, InputTensor, Logits, Probabilities};
use lakshan_engine::{Bundle, EngineError};
use lakshan_vision::{Analyser, Verdict};

use crate::bundles::SignedBy;

/// A bundle and a face detector, ready for photographs. Threads may share one.
pub struct Screener {
    bundle: Bundle,
    analyser: Analyser,
    signed_by: Option<SignedBy>,
}

/// What one photograph gave.
#[derive(Clone, Debug)]
pub struct Screening {
    /// The answer.
    pub finding: Finding,
    /// The network's outputs and their probabilities; `None` when the photograph must be taken again.
    pub scores: Option<(Logits, Probabilities)>,
    /// The face that it is about; the largest of several.
    pub face: Option<Face>,
    /// That face, as the network sees it.
    pub crop: Option<FaceCrop>,
    /// How long the stages after decoding took.
    pub durations: Durations,
}

/// How long the stages took; `None` for one that was not reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// Finding the face.
    pub detect: Duration,
    /// Cutting the crop and measuring its quality.
    pub crop: Option<Duration>,
    /// Running the network and deciding.
    pub infer: Option<Duration>,
}

impl Screener {
    /// Loads the face detector beside a bundle.
    ///
    /// # Errors
    /// When the embedded detector does not load.
    pub fn new(bundle: Bundle) -> Result<Self, EngineError> {
        Ok(Self { bundle, analyser: Analyser::new()?, signed_by: None })
    }

    /// The same, when the signature of the bundle's manifest has been checked.
    pub fn signed_by(self, signed_by: SignedBy) -> Self {
        Self { signed_by: Some(signed_by), ..self }
    }

    /// Who signed the bundle, if that was checked.
    pub fn signer(&self) -> Option<&SignedBy> {
        self.signed_by.as_ref()
    }

    /// The bundle.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The finding for one frame. A bad photograph is a finding, not an error.
    ///
    /// # Errors
    /// When a network fails while running.
    pub fn screen(&self, frame: &Frame) -> Result<Screening, EngineError> {
        let manifest = self.bundle.manifest();
        let analysis = self.analyser.analyse(frame, &manifest.quality)?;
        // With no face, or several, there is nothing to cut.
        let cropped = analysis.measures.is_some().then_some(analysis.timings.crop);
        let mut durations = Durations { detect: analysis.timings.detect, crop: cropped, infer: None };
        match analysis.verdict {
            Verdict::Retake { reason, face } => {
                let crop = face.map(|face| lakshan_vision::crop(frame, &face).crop);
                Ok(Screening { finding: Finding::Retake(reason), scores: None, face, crop, durations })
            }
            Verdict::Accept { face, crop } => {
                let start = Instant::now();
                let logits = self.bundle.network().infer(&InputTensor::from_crop(&crop))?;
                let finding = manifest.policy.decide(&logits);
                durations.infer = Some(start.elapsed());
                let probabilities = manifest.policy.probabilities(&logits);
                let scores = Some((logits, probabilities));
                Ok(Screening { finding, scores, face: Some(face), crop: Some(crop), durations })
            }
        }
    }
}
