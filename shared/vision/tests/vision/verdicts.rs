use lakshan_core::quality::{QualityMeasures, QualityThresholds};
use lakshan_core::{Frame, RetakeReason};
use lakshan_vision::{Analysis, DEFAULT_THRESHOLDS, Verdict};

use crate::{ANALYSER, PORTRAITS, frame, pasted, portrait, scaled};

fn analysed(frame: &Frame) -> Analysis {
    ANALYSER.analyse(frame, &DEFAULT_THRESHOLDS).unwrap()
}

/// `Ok` with the measures, or the reason for a retake with the measures, if any.
fn verdict(frame: &Frame) -> Result<QualityMeasures, (RetakeReason, Option<QualityMeasures>)> {
    let analysis = analysed(frame);
    match analysis.verdict {
        Verdict::Accept { .. } => Ok(analysis.measures.expect("an accepted face was measured")),
        Verdict::Retake { reason, .. } => Err((reason, analysis.measures)),
    }
}

/// Every portrait, changed by `change`, must be refused for `reason`.
fn refused(reason: RetakeReason, change: impl Fn(&Frame) -> Frame) {
    for name in PORTRAITS {
        match verdict(&change(&portrait(name))) {
            Err((found, _)) if found == reason => {}
            other => panic!("{name}: expected {reason}, got {other:?}"),
        }
    }
}

fn map(frame: &Frame, change: impl Fn(u8) -> u8) -> Frame {
    Frame::new(frame.width(), frame.height(), frame.rgb().iter().map(|value| change(*value)).collect()).unwrap()
}

/// Exposure changed by `stops`, in linear light.
fn exposed(frame: &Frame, stops: f32) -> Frame {
    map(frame, |value| ((f32::from(value) / 255.0).powf(2.2) * stops.exp2()).powf(1.0 / 2.2).mul_add(255.0, 0.5) as u8)
}

fn blurred(frame: &Frame, sigma: f32) -> Frame {
    let buffer = image::RgbImage::from_raw(frame.width(), frame.height(), frame.rgb().to_vec()).unwrap();
    let blurred = image::imageops::blur(&buffer, sigma);
    Frame::new(frame.width(), frame.height(), blurred.into_raw()).unwrap()
}

#[test]
fn each_portrait_has_one_face_with_eyes_in_the_upper_half_and_is_accepted() {
    for name in PORTRAITS {
        let analysis = analysed(&portrait(name));
        let [face] = analysis.faces[..] else { panic!("{name}: {} faces", analysis.faces.len()) };
        let middle = face.bounds.y + face.bounds.height / 2.0;
        for eye in [face.keypoints.right_eye, face.keypoints.left_eye] {
            assert!(eye.y > face.bounds.y && eye.y < middle, "{name}: eye at {eye:?}, box {:?}", face.bounds);
        }
        assert!(face.keypoints.right_eye.x < face.keypoints.left_eye.x, "{name}");
        let accepted = matches!(analysis.verdict, Verdict::Accept { .. });
        assert!(accepted, "{name}: {:?} {:?}", analysis.verdict, analysis.measures);
    }
}

#[test]
fn a_picture_without_a_face_has_none() {
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..320 * 240 * 3)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    let pictures = [
        Frame::new(320, 240, noise).unwrap(),
        frame(640, 480, |x, y| [(x / 3) as u8, (y / 2) as u8, 90]),
        frame(1, 1, |_, _| [128; 3]),
        frame(3000, 2, |x, _| [x as u8; 3]),
    ];
    for picture in pictures {
        assert_eq!(verdict(&picture), Err((RetakeReason::NoFace, None)));
    }
}

#[test]
fn two_faces_are_several_and_a_distant_bystander_is_none() {
    let (first, second) = (portrait("B000755"), portrait("K000188"));
    let beside = |second: &Frame| {
        frame(440, 250, |x, y| match x {
            0..200 => first.pixel(x, y),
            220.. if x - 220 < second.width() && y < second.height() => second.pixel(x - 220, y),
            _ => [120; 3],
        })
    };
    let analysis = analysed(&beside(&second));
    assert_eq!(analysis.faces.len(), 2);
    assert!(matches!(analysis.verdict, Verdict::Retake { reason: RetakeReason::SeveralFaces, face: Some(_) }));
    assert!(verdict(&beside(&scaled(&second, 0.3))).is_ok(), "someone in the background");
}

#[test]
fn a_small_face_is_called_too_small_down_to_a_sixteenth_of_the_width() {
    for (factor, width, height) in [(0.6, 400, 320), (0.45, 640, 480), (0.6, 960, 540)] {
        refused(RetakeReason::TooSmall, |portrait| {
            pasted(&scaled(portrait, factor), (i64::from(width) / 2, i64::from(height) / 3), (width, height), [110; 3])
        });
    }
}

/// Cut off the picture to the left of the mouth's corner, or above the middle of the forehead; a shoulder or the
/// background may go.
#[test]
fn a_head_that_leaves_the_picture_is_cut_off() {
    let large = |name| scaled(&portrait(name), 2.0);
    let without = |picture: &Frame, left: f32, top: f32| {
        let (left, top) = (left.max(0.0) as i64, top.max(0.0) as i64);
        let size = (picture.width() - left as u32, picture.height() - top as u32);
        pasted(picture, (-left, -top), size, [0; 3])
    };
    for name in PORTRAITS {
        let face = analysed(&large(name)).faces[0];
        let (eyes, unit) = (face.keypoints.right_eye.midpoint(face.keypoints.left_eye), face.keypoints.inter_eye_px());
        for (left, top) in [(eyes.x - 0.75 * unit, 0.0), (0.0, eyes.y - 0.9 * unit)] {
            let found = verdict(&without(&large(name), left, top));
            assert!(matches!(found, Err((RetakeReason::CutOff, Some(_)))), "{name} from {left}, {top}: {found:?}");
        }
        let found = verdict(&without(&large(name), eyes.x - 1.7 * unit, 0.0));
        assert!(found.is_ok(), "{name}, the background cut: {found:?}");
    }
}

#[test]
fn exposure_is_judged() {
    refused(RetakeReason::TooDark, |portrait| exposed(portrait, -5.5));
    refused(RetakeReason::TooBright, |portrait| exposed(portrait, 2.0));
    // A stop and a half either way is an ordinary photograph; so is a dark skin in good light.
    for name in PORTRAITS {
        for stops in [-1.5, 0.5] {
            let found = verdict(&exposed(&portrait(name), stops));
            assert!(found.is_ok(), "{name} at {stops} stops: {found:?}");
        }
    }
}

#[test]
fn blur_is_judged() {
    refused(RetakeReason::Blurred, |portrait| blurred(portrait, 4.0));
    for name in PORTRAITS {
        let found = verdict(&blurred(&portrait(name), 0.7));
        assert!(found.is_ok(), "{name}: {found:?}");
    }
}

#[test]
fn a_large_photograph_is_judged_as_the_small_one() {
    for name in PORTRAITS {
        let (small, large) = (analysed(&portrait(name)), analysed(&scaled(&portrait(name), 5.0)));
        assert!(matches!(large.verdict, Verdict::Accept { .. }), "{name}: {:?}", large.measures);
        let (small, large) = (small.measures.unwrap(), large.measures.unwrap());
        assert!((small.mean_luma - large.mean_luma).abs() < 4.0, "{name}: {small:?} {large:?}");
        assert!((large.inter_eye_px / small.inter_eye_px - 5.0).abs() < 0.4, "{name}: {small:?} {large:?}");
    }
}

#[test]
fn tilt_is_measured_and_levelled() {
    for name in PORTRAITS {
        let picture = scaled(&portrait(name), 2.0);
        // Turned by 30 degrees around the middle.
        let (cos, sin) = (0.866_f32, 0.5_f32);
        let tilted = frame(700, 700, |x, y| {
            let (x, y) = (x as f32 - 350.0, y as f32 - 350.0);
            let (x, y) = (x * cos + y * sin + 200.0, y * cos - x * sin + 250.0);
            let inside = (0.0..400.0).contains(&x) && (0.0..500.0).contains(&y);
            if inside { picture.pixel(x as u32, y as u32) } else { [100; 3] }
        });
        let upright = analysed(&picture).measures.expect(name).roll_deg;
        let found = analysed(&tilted).measures.expect(name).roll_deg;
        assert!((found - upright - 30.0).abs() < 6.0, "{name}: {upright} became {found}");
    }
}

/// One half of the face squeezed, as in a head that is turned: the estimate turns to that side, and the verdict follows
/// the threshold.
#[test]
fn a_turn_to_the_side_is_measured_and_judged() {
    for name in PORTRAITS {
        let picture = scaled(&portrait(name), 2.0);
        let nose = analysed(&picture).faces[0].keypoints.nose.x;
        let squeezed = |share: f32, right: bool| {
            frame(picture.width(), picture.height(), |x, y| {
                let from_nose = x as f32 - nose;
                let from_nose = if (from_nose > 0.0) == right { from_nose / share } else { from_nose };
                let x = (nose + from_nose).clamp(0.0, picture.width() as f32 - 1.0);
                picture.pixel(x as u32, y)
            })
        };
        let straight = analysed(&picture).measures.expect(name).yaw_deg;
        for (right, sign) in [(true, 1.0), (false, -1.0)] {
            let turned = squeezed(0.5, right);
            let found = analysed(&turned).measures.expect(name).yaw_deg;
            // Of a straight face the eyes come to -1/2 and 1/4 of their distance: the nose stands a sixth of it aside, or
            // 12 degrees. The portraits are not quite straight.
            assert!((4.0..26.0).contains(&(sign * (found - straight))), "{name}: {straight} became {found}");
            let strict = QualityThresholds { max_yaw_deg: found.abs() - 0.5, ..DEFAULT_THRESHOLDS };
            let verdict = ANALYSER.analyse(&turned, &strict).unwrap().verdict;
            assert!(matches!(verdict, Verdict::Retake { reason: RetakeReason::TurnedAway, .. }), "{name}: {verdict:?}");
        }
    }
}
