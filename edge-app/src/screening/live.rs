//! The same stages for a camera: what is seen in each picture, and one answer to several.

use std::time::Duration;

use lakshan_core::{Face, FaceCrop, Frame, InputTensor, Logits, Syndrome};
use lakshan_engine::EngineError;
use lakshan_vision::Verdict;

use super::Screener;
use crate::screen::{AboutLines, BundleLine, FaceBox};
use crate::session::{FrameId, Judgement, OpenedBundle, SeenFace, Sight};

impl Screener {
    /// What a session needs to know of the bundle; `camera` is how the camera describes itself.
    pub fn opened(&self, camera: Option<String>) -> OpenedBundle {
        let manifest = self.bundle.manifest();
        let about = AboutLines {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            bundle: Some(BundleLine::from(manifest)),
            camera,
            model_card: self.bundle.model_card().to_owned(),
        };
        OpenedBundle { thresholds: manifest.quality, about }
    }

    /// What is seen in a picture that was taken at `taken`, and the face to keep if the picture is good enough.
    ///
    /// # Errors
    /// When the detector fails while running.
    pub fn look(
        &self,
        frame: &Frame,
        number: FrameId,
        taken: Duration,
    ) -> Result<(Sight, Option<FaceCrop>), EngineError> {
        let analysis = self.analyser.analyse(frame, &self.bundle.manifest().quality)?;
        let seen = |face: &Face| seen(face, frame);
        let (verdict, face, crop) = match analysis.verdict {
            Verdict::Accept { face, crop } => (Ok(()), Some(face), Some(crop)),
            Verdict::Retake { reason, face } => (Err(reason), face, None),
        };
        // Whether the light is even matters most where the gate has already refused, so the face is cut there too.
        let unevenness = match (&crop, face, analysis.measures) {
            (Some(crop), ..) => Some(lakshan_vision::unevenness(crop)),
            (None, Some(face), Some(_)) => Some(lakshan_vision::unevenness(&lakshan_vision::crop(frame, &face).crop)),
            _ => None,
        };
        let face = face.as_ref().map(seen);
        let sight = Sight { frame: number, taken, verdict, measures: analysis.measures, face, unevenness };
        Ok((sight, crop))
    }

    /// The answer to several pictures of one person: the mean of their logits, decided as one photograph's. Averaging
    /// logits is averaging the log-odds of each class, which is what noise between frames disturbs.
    ///
    /// # Errors
    /// When a network fails while running, or there is no picture.
    pub fn judge(&self, faces: &[FaceCrop]) -> Result<Judgement, EngineError> {
        let mut sums = [0.0_f64; Syndrome::COUNT];
        for face in faces {
            let logits = self.bundle.network().infer(&InputTensor::from_crop(face))?;
            for (sum, value) in sums.iter_mut().zip(logits.values()) {
                *sum += f64::from(*value);
            }
        }
        // Without a face this divides by zero, which is not finite and so refused.
        let logits = Logits::new(sums.map(|sum| (sum / faces.len() as f64) as f32))?;
        let policy = &self.bundle.manifest().policy;
        Ok(Judgement { finding: policy.decide(&logits), probabilities: Some(policy.probabilities(&logits)) })
    }

    /// Passes a grey picture through both networks, so that nothing of a person is left in what they keep between runs.
    ///
    /// # Errors
    /// When a network fails while running.
    pub fn wash(&self) -> Result<(), EngineError> {
        const SIZE: u32 = lakshan_core::preprocess::SIZE as u32;
        let grey = Frame::new(SIZE, SIZE, vec![128; (SIZE * SIZE * 3) as usize]).expect("as long as its size says");
        self.analyser.detector().detect(&grey)?;
        if let Some(crop) = FaceCrop::new(grey) {
            self.bundle.network().infer(&InputTensor::from_crop(&crop))?;
        }
        Ok(())
    }
}

fn seen(face: &Face, frame: &Frame) -> SeenFace {
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    let points = &face.keypoints;
    SeenFace {
        bounds: FaceBox {
            x: face.bounds.x / width,
            y: face.bounds.y / height,
            width: face.bounds.width / width,
            height: face.bounds.height / height,
        },
        eyes: points.right_eye.midpoint(points.left_eye),
        inter_eye_px: points.inter_eye_px(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lakshan_engine::Bundle;

    use super::*;
    use crate::session::MAX_MOVEMENT;

    fn project(path: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
    }

    /// The picture with noise of +-`strength` levels, another one for each seed.
    fn noisy(frame: &Frame, strength: u32, seed: u32) -> Frame {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
        let rgb = frame.rgb().iter().map(|value| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = ((state >> 16) % (2 * strength + 1)) as i32 - strength as i32;
            (i32::from(*value) + noise).clamp(0, 255) as u8
        });
        Frame::new(frame.width(), frame.height(), rgb.collect()).unwrap()
    }

    #[test]
    fn a_still_face_in_a_noisy_picture_does_not_move() {
        let screener = Screener::new(Bundle::open(project("models/demo")).unwrap()).unwrap();
        let mut largest: f32 = 0.0;
        for name in ["down-2", "williams-1", "negative-1", "negative-5", "sotos-2", "turner-1"] {
            let photograph = lakshan_vision::open(project(&format!("models/samples/{name}.jpg"))).unwrap();
            let seen: Vec<SeenFace> = (0..6)
                .map(|seed| {
                    let frame = noisy(&photograph, 12, seed);
                    screener.look(&frame, FrameId(0), Duration::ZERO).unwrap().0.face.expect("a face")
                })
                .collect();
            let count = seen.len() as f32;
            let mean = lakshan_core::Point {
                x: seen.iter().map(|face| face.eyes.x).sum::<f32>() / count,
                y: seen.iter().map(|face| face.eyes.y).sum::<f32>() / count,
            };
            for face in &seen {
                largest = largest.max(face.eyes.distance(mean) / face.inter_eye_px);
            }
        }
        // The detector's tremor must stay well below what counts as movement.
        assert!(largest < MAX_MOVEMENT / 2.0, "{largest} distances between the eyes");
        println!("largest tremor: {largest} distances between the eyes");
    }

    #[test]
    fn several_pictures_are_judged_by_their_mean() {
        let screener = Screener::new(Bundle::open(project("models/demo")).unwrap()).unwrap();
        let face = |name: &str| {
            let frame = lakshan_vision::open(project(&format!("models/samples/{name}.jpg"))).unwrap();
            screener.look(&frame, FrameId(0), Duration::ZERO).unwrap().1.expect("a good picture")
        };
        let faces = ["down-2", "williams-1", "sotos-1"].map(face);
        let each = faces
            .clone()
            .map(|face| *screener.bundle.network().infer(&InputTensor::from_crop(&face)).unwrap().values());
        let mean: [f32; Syndrome::COUNT] =
            std::array::from_fn(|class| (each.iter().map(|logits| f64::from(logits[class])).sum::<f64>() / 3.0) as f32);
        let policy = &screener.bundle.manifest().policy;
        let mean = Logits::new(mean).unwrap();
        let judgement = screener.judge(&faces).unwrap();
        assert_eq!(judgement.finding, policy.decide(&mean));
        assert_eq!(judgement.probabilities, Some(policy.probabilities(&mean)));
        assert!(screener.judge(&[]).is_err(), "no picture is no answer");
        screener.wash().unwrap();
    }
}
