//! The numbers that the quality gate measures on a face, and the thresholds that it holds them against.

use serde::{Deserialize, Serialize};

use crate::RetakeReason;

/// What was measured on one face. Luma is 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QualityMeasures {
    /// Distance between the eyes in the photograph, in pixels.
    pub inter_eye_px: f32,
    /// Share of the head's ellipse in the crop that lies inside the photograph, 0 to 1.
    pub inside_fraction: f32,
    /// Mean luma of the face.
    pub mean_luma: f32,
    /// Share of the face's pixels with luma 250 or more, 0 to 1.
    pub burnt_fraction: f32,
    /// Sharpness: variance of the Laplacian of the face's luma without its noise, over its contrast; no unit.
    pub sharpness: f32,
    /// Estimated turn to the side, degrees, positive to the picture's right.
    pub yaw_deg: f32,
    /// Tilt of the eye line, degrees.
    pub roll_deg: f32,
}

/// What a photograph must reach. They come with the bundle, because they depend on what its network was trained on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityThresholds {
    /// Least distance between the eyes, pixels.
    pub min_inter_eye_px: f32,
    /// Least share of the head inside the photograph.
    pub min_inside_fraction: f32,
    /// Least mean luma of the face.
    pub min_mean_luma: f32,
    /// Largest mean luma of the face.
    pub max_mean_luma: f32,
    /// Largest share of burnt-out pixels.
    pub max_burnt_fraction: f32,
    /// Least sharpness.
    pub min_sharpness: f32,
    /// Largest turn to either side, degrees.
    pub max_yaw_deg: f32,
    /// Largest tilt to either side, degrees.
    pub max_roll_deg: f32,
}

impl QualityThresholds {
    /// The first thing wrong with a face, in the order in which a person can mend it; `None` when it is good.
    pub fn first_fault(&self, m: &QualityMeasures) -> Option<RetakeReason> {
        if m.inter_eye_px < self.min_inter_eye_px {
            Some(RetakeReason::TooSmall)
        } else if m.inside_fraction < self.min_inside_fraction {
            Some(RetakeReason::CutOff)
        } else if m.mean_luma < self.min_mean_luma {
            Some(RetakeReason::TooDark)
        } else if m.mean_luma > self.max_mean_luma || m.burnt_fraction > self.max_burnt_fraction {
            Some(RetakeReason::TooBright)
        } else if m.sharpness < self.min_sharpness {
            Some(RetakeReason::Blurred)
        } else if m.yaw_deg.abs() > self.max_yaw_deg || m.roll_deg.abs() > self.max_roll_deg {
            Some(RetakeReason::TurnedAway)
        } else {
            None
        }
    }
}
