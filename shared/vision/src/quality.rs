//! Measures what the quality gate asks of a face: size, place, exposure, sharpness, turn.

use std::f32::consts::FRAC_PI_2;

use lakshan_core::quality::{QualityMeasures, QualityThresholds};
use lakshan_core::{Face, FaceCrop, preprocess, wipe};

/// Thresholds for a network that was trained on ordinary photographs; a bundle carries its own.
///
/// Too dark means under-exposed, not dark-skinned: the test portraits, which are of light skin, fall to a mean of 35 when
/// exposed four and a half stops too little, and then hold about 25 of 256 levels. The synthetic heads of the darkest
/// skin have a mean of 70 to 80 in ordinary light.
pub const DEFAULT_THRESHOLDS: QualityThresholds = QualityThresholds {
    min_inter_eye_px: 40.0,
    min_inside_fraction: 0.9,
    min_mean_luma: 35.0,
    max_mean_luma: 225.0,
    max_burnt_fraction: 0.25,
    min_sharpness: 0.05,
    max_yaw_deg: 30.0,
    max_roll_deg: 40.0,
};

/// How far the detector's nose stands before its eyes, in distances between the eyes. Fitted to 224 synthetic photographs
/// with yaw from -25 to 25 degrees (`synth/examples/photographs.rs` states it, `examples/inspect.rs` measures it): slope
/// of 0.79, correlation 0.96; half of the estimates are then within 1.7 degrees, nine in ten within 4.6.
const NOSE_DEPTH: f32 = 0.79;
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
    let mut luma = luma(crop);
    let light = Light::of(&luma);
    wipe(&mut luma);
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

/// How much darker one half of the face is than the other: 0 when both are alike, towards 1 when one lies in the dark.
/// It says whether light comes from the side; the gate does not ask for it.
pub fn unevenness(crop: &FaceCrop) -> f32 {
    let mut luma = luma(crop);
    let size = preprocess::SIZE;
    let middle = preprocess::EYES_AT.x * size as f32;
    let mut halves = [(0_u64, 0_u64); 2];
    for (at, value) in luma.iter().enumerate() {
        let x = (at % size) as f32 + 0.5;
        if on_face(x, (at / size) as f32 + 0.5) {
            let (sum, count) = &mut halves[usize::from(x > middle)];
            *sum += u64::from(*value);
            *count += 1;
        }
    }
    wipe(&mut luma);
    let [left, right] = halves.map(|(sum, count)| sum as f32 / count.max(1) as f32);
    (left - right).abs() / left.max(right).max(1.0)
}

/// Luma of every pixel (ITU-R BT.601, 8-bit integers), row by row.
fn luma(crop: &FaceCrop) -> Vec<u8> {
    let luma = |p: &[u8]| ((u32::from(p[0]) * 77 + u32::from(p[1]) * 150 + u32::from(p[2]) * 29 + 128) >> 8) as u8;
    crop.frame().rgb().chunks_exact(3).map(luma).collect()
}

/// Exposure and sharpness inside the face's ellipse.
struct Light {
    mean: f32,
    burnt: f32,
    sharpness: f32,
}

impl Light {
    fn of(luma: &[u8]) -> Self {
        let size = preprocess::SIZE;
        let (mut count, mut sum, mut squares, mut burnt) = (0_u64, 0_u64, 0_u64, 0_u64);
        for (at, value) in luma.iter().enumerate() {
            if on_face((at % size) as f32 + 0.5, (at / size) as f32 + 0.5) {
                count += 1;
                sum += u64::from(*value);
                squares += u64::from(*value).pow(2);
                burnt += u64::from(*value >= BURNT);
            }
        }
        let count = count.max(1) as f32;
        let mean = sum as f32 / count;
        let variance = (squares as f32 / count - mean * mean).max(1.0);
        Self { mean, burnt: burnt as f32 / count, sharpness: detail(luma) / variance }
    }
}

/// Variance of the Laplacian at half the crop's size, less what noise alone would give.
///
/// Noise of a dark photograph has a large Laplacian too and would pass for detail. Immerkaer's operator ("Fast noise
/// variance estimation", 1996) is blind to edges and measures it. With sigma the noise's deviation, the Laplacian's
/// variance is 20 sigma^2, and the operator's mean absolute value 6 sigma sqrt(2 / pi). On the test portraits (eyes 53
/// pixels apart) the quotient to the contrast falls from 0.5-1.1 to 0.06-0.13 at a blur of 2 pixels and to
/// 0.01-0.02 at 4 pixels, with or without noise.
fn detail(luma: &[u8]) -> f32 {
    let (size, half) = (preprocess::SIZE, preprocess::SIZE / 2);
    // Sums of two by two pixels: four times the half-size picture.
    let mut sums: Vec<i64> = (0..half * half)
        .map(|at| {
            let from = at / half * 2 * size + at % half * 2;
            [from, from + 1, from + size, from + size + 1].map(|at| i64::from(luma[at])).iter().sum()
        })
        .collect();
    let (mut count, mut edges, mut noise) = (0_i64, 0_i64, 0_i64);
    for y in 1..half - 1 {
        for x in 1..half - 1 {
            if !on_face(x as f32 * 2.0 + 1.0, y as f32 * 2.0 + 1.0) {
                continue;
            }
            let at = y * half + x;
            let sides: i64 = [at - half, at - 1, at + 1, at + half].map(|at| sums[at]).iter().sum();
            let corners: i64 =
                [at - half - 1, at - half + 1, at + half - 1, at + half + 1].map(|at| sums[at]).iter().sum();
            count += 1;
            edges += (sides - 4 * sums[at]).pow(2);
            noise += (corners - 2 * sides + 4 * sums[at]).abs();
        }
    }
    wipe(&mut sums);
    let count = count.max(1) as f32;
    let noise_variance = (noise as f32 / count / 6.0).powi(2) * FRAC_PI_2;
    (edges as f32 / count - 20.0 * noise_variance).max(0.0) / 16.0
}

/// Whether a position in the crop lies inside the face's ellipse.
fn on_face(x: f32, y: f32) -> bool {
    let size = preprocess::SIZE as f32;
    let unit = size / preprocess::SIDE_PER_INTER_EYE;
    let dx = (x - preprocess::EYES_AT.x * size) / (FACE_RADII.0 * unit);
    let dy = (y - preprocess::EYES_AT.y * size - FACE_BELOW_EYES * unit) / (FACE_RADII.1 * unit);
    dx * dx + dy * dy <= 1.0
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

#[cfg(test)]
mod tests {
    use lakshan_core::{BoundingBox, Frame, Keypoints, Point};

    use super::*;

    #[test]
    fn a_dark_half_is_uneven() {
        let size = preprocess::SIZE;
        let face = |left: u8, right: u8| {
            let rgb = (0..size * size).flat_map(|at| [if at % size < size / 2 { left } else { right }; 3]).collect();
            FaceCrop::new(Frame::new(size as u32, size as u32, rgb).unwrap()).unwrap()
        };
        assert_eq!(unevenness(&face(120, 120)), 0.0);
        assert!((unevenness(&face(50, 100)) - 0.5).abs() < 1e-6);
        assert!((unevenness(&face(100, 50)) - 0.5).abs() < 1e-6);
        assert_eq!(unevenness(&face(0, 0)), 0.0);
    }

    #[test]
    fn a_nose_aside_is_a_turned_head() {
        let face = |nose_x: f32| {
            let at = |x, y| Point { x, y };
            let keypoints = Keypoints {
                right_eye: at(100.0, 100.0),
                left_eye: at(200.0, 100.0),
                nose: at(nose_x, 160.0),
                mouth: at(150.0, 200.0),
                right_ear: at(60.0, 120.0),
                left_ear: at(240.0, 120.0),
            };
            Face { bounds: BoundingBox { x: 50.0, y: 50.0, width: 200.0, height: 200.0 }, keypoints, score: 1.0 }
        };
        assert_eq!(yaw_deg(&face(150.0)), 0.0);
        // The nose stands 0.79 before the eyes, so at 45 degrees it lies 0.79 aside.
        assert!((yaw_deg(&face(229.0)) - 45.0).abs() < 0.01);
        assert!((yaw_deg(&face(71.0)) + 45.0).abs() < 0.01);
        assert!(yaw_deg(&face(150.0 + 100.0 * 0.79 * 0.58)) > DEFAULT_THRESHOLDS.max_yaw_deg);
    }
}
