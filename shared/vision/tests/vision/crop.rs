use lakshan_core::{BoundingBox, Face, Frame, Keypoints, Point, preprocess};
use lakshan_vision::crop;
use sha2::{Digest, Sha256};

use crate::{ANALYSER, PORTRAITS, frame, portrait, scaled};

/// A face whose eyes are `inter_eye` apart around `middle`, turned by the direction (cos, sin).
fn face(middle: (f32, f32), inter_eye: f32, (cos, sin): (f32, f32)) -> Face {
    let at = |right: f32, down: f32| Point {
        x: middle.0 + (right * cos - down * sin) * inter_eye,
        y: middle.1 + (right * sin + down * cos) * inter_eye,
    };
    Face {
        bounds: BoundingBox {
            x: middle.0 - inter_eye,
            y: middle.1 - inter_eye,
            width: 2.0 * inter_eye,
            height: 2.0 * inter_eye,
        },
        keypoints: Keypoints {
            right_eye: at(-0.5, 0.0),
            left_eye: at(0.5, 0.0),
            nose: at(0.0, 0.5),
            mouth: at(0.0, 1.0),
            right_ear: at(-1.2, 0.2),
            left_ear: at(1.2, 0.2),
        },
        score: 0.9,
    }
}

/// A frame with a red dot on each eye of `face` and a green one on its mouth.
fn dotted(face: &Face, width: u32, height: u32, radius: f32) -> Frame {
    frame(width, height, |x, y| {
        let here = Point { x: x as f32 + 0.5, y: y as f32 + 0.5 };
        let near = |point: Point| here.distance(point) < radius;
        match () {
            () if near(face.keypoints.right_eye) || near(face.keypoints.left_eye) => [255, 0, 0],
            () if near(face.keypoints.mouth) => [0, 255, 0],
            () => [60; 3],
        }
    })
}

/// The middle of the pixels of the left or right half in which `channel` is bright and the other is dark.
fn dot(crop: &Frame, channel: usize, columns: std::ops::Range<u32>) -> (f32, f32) {
    let (mut x_sum, mut y_sum, mut count) = (0.0, 0.0, 0.0_f32);
    for y in 0..crop.height() {
        for x in columns.clone() {
            let pixel = crop.pixel(x, y);
            if pixel[channel] > 150 && pixel[1 - channel] < 80 {
                (x_sum, y_sum, count) = (x_sum + x as f32 + 0.5, y_sum + y as f32 + 0.5, count + 1.0);
            }
        }
    }
    assert!(count > 0.0, "the dot is not in the crop");
    (x_sum / count, y_sum / count)
}

#[test]
fn eyes_come_to_lie_level_at_their_place_whatever_the_size_and_the_tilt() {
    let size = preprocess::SIZE as f32;
    let half = size / preprocess::SIDE_PER_INTER_EYE / 2.0;
    let (x, y) = (preprocess::EYES_AT.x * size, preprocess::EYES_AT.y * size);
    for inter_eye in [30.0, 53.5, 90.0, 260.0] {
        for turn in [(1.0, 0.0), (0.8, 0.6), (0.8, -0.6), (0.0, 1.0), (-1.0, 0.0)] {
            let face = face((700.0, 710.5), inter_eye, turn);
            let cropped = crop(&dotted(&face, 1400, 1400, inter_eye / 8.0), &face).crop;
            let places = [
                (dot(cropped.frame(), 0, 0..112), (x - half, y)),
                (dot(cropped.frame(), 0, 112..224), (x + half, y)),
                (dot(cropped.frame(), 1, 0..224), (x, y + 2.0 * half)),
            ];
            for (found, expected) in places {
                let off = (found.0 - expected.0).hypot(found.1 - expected.1);
                assert!(off < 0.6, "{found:?} is not {expected:?}: eyes {inter_eye} apart, turned {turn:?}");
            }
        }
    }
}

#[test]
fn outside_the_frame_is_mid_grey_and_counted() {
    let face = face((0.0, 300.0), 60.0, (1.0, 0.0));
    let cropped = crop(&frame(600, 600, |_, _| [255; 3]), &face);
    assert!((cropped.inside_fraction - 0.5).abs() < 0.01, "{}", cropped.inside_fraction);
    assert_eq!(cropped.crop.frame().pixel(20, 100), [128; 3]);
    assert_eq!(cropped.crop.frame().pixel(200, 100), [255; 3]);
}

#[test]
fn fine_stripes_do_not_alias() {
    let stripes = frame(1200, 1200, |x, y| if (x + y) % 2 == 0 { [255; 3] } else { [0; 3] });
    for inter_eye in [130.0, 200.0, 261.0] {
        let cropped = crop(&stripes, &face((600.0, 600.0), inter_eye, (0.8, 0.6))).crop;
        let deviation = cropped.frame().rgb().iter().map(|value| value.abs_diff(128)).max().unwrap();
        assert!(deviation <= 40, "stripes shine through by {deviation}, eyes {inter_eye} apart");
    }
}

#[test]
fn odd_faces_are_cropped_without_a_panic() {
    let picture = frame(3, 2, |_, _| [9; 3]);
    let one_place = face((1.0, 1.0), 0.0, (1.0, 0.0));
    let far_away = face((-9e4, 7e5), 40.0, (1.0, 0.0));
    for face in [one_place, far_away] {
        crop(&picture, &face);
    }
    assert_eq!(crop(&picture, &far_away).inside_fraction, 0.0);
}

/// The crops' hashes. They must be the same on every processor; when a change of the crop is meant, raise
/// `preprocess::VERSION` and put the new ones here.
#[test]
fn crops_are_the_same_bit_for_bit() {
    let hash = |frame: &Frame, face: &Face| {
        let digest = Sha256::digest(crop(frame, face).crop.frame().rgb());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let colours = frame(900, 700, |x, y| [x * y, x + 3 * y, (x ^ y) * 5].map(|value| (value % 256) as u8));
    let mut found: Vec<String> = [
        face((450.0, 350.0), 33.25, (1.0, 0.0)),
        face((450.0, 350.0), 71.5, (0.8, 0.6)),
        face((200.5, 100.0), 188.0, (0.8, -0.6)),
    ]
    .iter()
    .map(|face| hash(&colours, face))
    .collect();
    // The faces of the portraits, through the detector, as they are and four times as large.
    for name in PORTRAITS {
        for frame in [portrait(name), scaled(&portrait(name), 4.0)] {
            let faces = ANALYSER.detector().detect(&frame).unwrap();
            found.push(hash(&frame, &faces[0]));
        }
    }
    assert_eq!(found, GOLDEN, "found:\n{}", found.join("\n"));
}

const GOLDEN: [&str; 15] = [
    "38425147a43b7576",
    "b45b8e145db6bbb8",
    "714b204c51c25236",
    "01f264090f42737f",
    "0cf605f371140639",
    "1193c8243cd84063",
    "c7d6b7cad1177f6d",
    "99f17c3bfe5cfd28",
    "7f5aac05e66ccd65",
    "8de71aef738e54ca",
    "383ca33ebc3ac3b2",
    "d3d7b3abe04611d4",
    "ae977bca71fcc0bb",
    "b08a1e013a81fec5",
    "bc515137570988f1",
];
