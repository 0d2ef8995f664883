//! Measures what the quality gate asks of a face: size, place, exposure, sharpness, turn.

use lakshan_core::quality::{QualityMeasures, QualityThresholds};
use lakshan_core::{Face, FaceCrop, preprocess};

/// Thresholds for a network that was trained on ordinary photographs; a bundle carries its own.
pub const DEFAULT_THRESHOLDS: QualityThresholds = QualityThresholds {
    min_inter_eye_px: 40.0,
    min_inside_fraction: 0.7,
    min_mean_luma: 30.0,
    max_mean_luma: 225.0,
    max_burnt_fraction: 0.25,
    min_sharpness: 0.01,
    max_yaw_deg: 35.0,
    max_roll_deg: 40.0,
};

/// How far the nose's tip stands before the eyes, in distances between the eyes.
const NOSE_DEPTH: f32 = 0.5;
/// Half the width and half the height of the face's ellipse in the crop, in distances between the eyes: from the brows to
/// the chin, without hair and background.
const FACE_RADII: (f32, f32) = (0.95, 1.25);
/// The ellipse's centre below the eyes, in distances between the eyes.
const FACE_BELOW_EYES: f32 = 0.5;
/// Luma from which a pixel counts as burnt out.
const BURNT: u8 = 250;

/// Measures one face. Exposure and sharpness are taken from the crop, because the crop is all that the network sees: what
/// a larger photograph held beyond it cannot help, and there every face has the same size.
pub fn measure(face: &Face, crop: &FaceCrop, inside_fraction: f32) -> QualityMeasures {
    let luma = luma(crop);
    let light = Light::of(&luma);
    QualityMeasures {
        inter_eye_px: face.keypoints.inter_eye_px(),
        inside_fraction,
        mean_luma: light.mean,
        burnt_fraction: light.burnt,
        sharpness: light.sharpness,
        yaw_deg: yaw_deg(face),
        roll_deg: face.keypoints.roll().to_degrees(),
    }
}

/// Luma of every pixel (ITU-R BT.601, 8-bit integers), row by row.
fn luma(crop: &FaceCrop) -> Vec<u8> {
    let luma = |p: &[u8]| ((u32::from(p[0]) * 77 + u32::from(p[1]) * 150 + u32::from(p[2]) * 29 + 128) >> 8) as u8;
    crop.frame().rgb().chunks_exact(3).map(luma).collect()
}

struct Light {
    mean: f32,
    burnt: f32,
    sharpness: f32,
}

impl Light {
    fn of(luma: &[u8]) -> Self {
        let size = preprocess::SIZE;
        let unit = size as f32 / preprocess::SIDE_PER_INTER_EYE;
        let centre = (
            preprocess::EYES_AT.x * size as f32,
            preprocess::EYES_AT.y * size as f32 + FACE_BELOW_EYES * unit,
        );
        let (mut count, mut sum, mut squares, mut burnt, mut edges) = (0_u64, 0_u64, 0_u64, 0_u64, 0_u64);
        for y in 1..size - 1 {
            for x in 1..size - 1 {
                let dx = (x as f32 + 0.5 - centre.0) / (FACE_RADII.0 * unit);
                let dy = (y as f32 + 0.5 - centre.1) / (FACE_RADII.1 * unit);
                if dx * dx + dy * dy > 1.0 {
                    continue;
                }
                let at = y * size + x;
                let value = i64::from(luma[at]);
                let around: i64 = [at - size, at - 1, at + 1, at + size].map(|at| i64::from(luma[at])).iter().sum();
                let edge = around - 4 * value;
                count += 1;
                sum += value as u64;
                squares += (value * value) as u64;
                burnt += u64::from(luma[at] >= BURNT);
                edges += (edge * edge) as u64;
            }
        }
        let count = count.max(1) as f32;
        let mean = sum as f32 / count;
        let variance = (squares as f32 / count - mean * mean).max(1.0);
        Self { mean, burnt: burnt as f32 / count, sharpness: edges as f32 / count / variance }
    }
}

/// The turn to the side, from where the nose's tip stands between the eyes, degrees; positive when the face looks to the
/// picture's right.
fn yaw_deg(face: &Face) -> f32 {
    let points = &face.keypoints;
    let (dx, dy) = (points.left_eye.x - points.right_eye.x, points.left_eye.y - points.right_eye.y);
    let square = (dx * dx + dy * dy).max(f32::MIN_POSITIVE);
    let eyes = points.right_eye.midpoint(points.left_eye);
    let aside = ((points.nose.x - eyes.x) * dx + (points.nose.y - eyes.y) * dy) / square;
    (aside / NOSE_DEPTH).atan().to_degrees()
}
