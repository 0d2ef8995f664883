//! The known photograph: who makes a bundle says what its network gives for it, and each device holds itself to that.
//!
//! Decoding, cropping and a quantized network compute the same on every processor, so one flipped bit in memory, on a card
//! or in a kernel shows. The face's place is given and not looked for.

use lakshan_core::{BoundingBox, Face, InputTensor, Keypoints, Point};

use crate::{DecodeError, crop, decode};

/// A synthetic face: a person who does not exist. JPEG.
pub const PHOTOGRAPH: &[u8] = include_bytes!("../../../models/samples/williams-1.jpg");

/// Where the face is, in pixels of the photograph.
pub fn face() -> Face {
    let point = |x, y| Point { x, y };
    Face {
        bounds: BoundingBox { x: 127.9375, y: 204.9375, width: 209.4375, height: 209.4375 },
        keypoints: Keypoints {
            right_eye: point(173.1875, 274.6875),
            left_eye: point(257.4375, 267.375),
            nose: point(208.0, 328.125),
            mouth: point(217.1875, 364.9375),
            right_ear: point(149.3125, 285.8125),
            left_ear: point(322.5625, 271.9375),
        },
        score: 0.893,
    }
}

/// That face as the network sees it, 1 x 3 x 224 x 224.
///
/// # Errors
/// When the photograph does not decode, which only damaged memory can make it do.
pub fn input() -> Result<InputTensor, DecodeError> {
    Ok(InputTensor::from_crop(&crop(&decode(PHOTOGRAPH)?, &face()).crop))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Detector;

    #[test]
    fn the_face_is_where_the_detector_finds_it() {
        let frame = decode(PHOTOGRAPH).unwrap();
        let found = Detector::new().unwrap().detect(&frame).unwrap();
        let nearest = found.first().expect("one face");
        assert!(nearest.keypoints.right_eye.distance(face().keypoints.right_eye) < 1.0);
        assert!(nearest.keypoints.left_eye.distance(face().keypoints.left_eye) < 1.0);
        input().unwrap();
    }
}
