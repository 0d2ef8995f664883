//! Seeded corruptions of photographs at five strengths, for table T11: what a bad camera, light or hand does.

use image::imageops::{self, FilterType};
use image::{DynamicImage, Rgb, RgbImage};
use lakshan_core::{Face, Frame};

use crate::chance::Chance;

/// How many strengths each corruption has.
pub const STRENGTHS: usize = 5;

/// What is done to the photograph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corruption {
    /// Out of focus: Gaussian blur.
    Blur,
    /// Moved sideways while exposed.
    Motion,
    /// Under-exposed, with the noise that comes with it.
    Dark,
    /// Over-exposed and clipped.
    Bright,
    /// One side of the face in shadow.
    Uneven,
    /// Sensor noise.
    Noise,
    /// Strong JPEG compression.
    Jpeg,
    /// A hand or cloth over the lower face.
    Occlusion,
    /// Few pixels: taken from afar.
    Small,
    /// The head (or camera) tilted.
    Tilt,
}

impl Corruption {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Blur,
        Self::Motion,
        Self::Dark,
        Self::Bright,
        Self::Uneven,
        Self::Noise,
        Self::Jpeg,
        Self::Occlusion,
        Self::Small,
        Self::Tilt,
    ];

    /// The stable id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Blur => "blur",
            Self::Motion => "motion",
            Self::Dark => "dark",
            Self::Bright => "bright",
            Self::Uneven => "uneven light",
            Self::Noise => "noise",
            Self::Jpeg => "JPEG",
            Self::Occlusion => "occlusion",
            Self::Small => "few pixels",
            Self::Tilt => "tilt",
        }
    }

    /// The five strengths, in the unit that [`unit`](Self::unit) says. Pixels are of a picture whose short side has 512.
    fn strengths(self) -> [f32; STRENGTHS] {
        match self {
            Self::Blur => [1.0, 2.0, 3.0, 4.5, 6.0],
            Self::Motion => [5.0, 9.0, 15.0, 23.0, 35.0],
            Self::Dark => [1.0, 2.0, 3.0, 4.0, 5.0],
            Self::Bright => [0.5, 1.0, 1.5, 2.0, 3.0],
            Self::Uneven => [1.0, 2.0, 3.0, 4.0, 5.0],
            Self::Noise => [5.0, 10.0, 20.0, 35.0, 50.0],
            Self::Jpeg => [40.0, 20.0, 10.0, 5.0, 2.0],
            Self::Occlusion => [0.1, 0.2, 0.3, 0.4, 0.5],
            Self::Small => [0.7, 0.5, 0.35, 0.25, 0.18],
            Self::Tilt => [10.0, 20.0, 30.0, 45.0, 60.0],
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Blur => "px, standard deviation",
            Self::Motion => "px, path",
            Self::Dark => "stops too little",
            Self::Bright => "stops too much",
            Self::Uneven => "stops from side to side",
            Self::Noise => "levels of 255, standard deviation",
            Self::Jpeg => "quality",
            Self::Occlusion => "of the face's height, from the chin",
            Self::Small => "of the picture's side",
            Self::Tilt => "degrees",
        }
    }

    /// Strength `level` (0 to 4) in words.
    pub fn words(self, level: usize) -> String {
        format!("{} {}", self.strengths()[level], self.unit())
    }

    /// The corrupted photograph. `face` is the clean photograph's; `seed` makes noise and sides repeatable.
    pub fn apply(self, frame: &Frame, face: &Face, level: usize, seed: u64) -> Frame {
        let (width, height) = (frame.width(), frame.height());
        let picture = RgbImage::from_raw(width, height, frame.rgb().to_vec()).expect("a frame has its size");
        let mut chance = Chance::new("corruption", &[seed, self as u64, level as u64]);
        let strength = self.strengths()[level];
        let pixels = strength * width.min(height) as f32 / 512.0;
        let made = match self {
            Self::Blur => imageops::blur(&picture, pixels),
            Self::Motion => motion(&picture, pixels.round().max(1.0) as u32),
            Self::Dark => {
                let dark = expose(&picture, |_| -strength);
                noisy(&dark, 3.0, &mut chance)
            }
            Self::Bright => expose(&picture, |_| strength),
            Self::Uneven => {
                let lit_from_left = chance.happens(0.5);
                // The face's own width is what the light falls across.
                let (left, span) = (face.bounds.x, face.bounds.width.max(1.0));
                expose(&picture, |x| {
                    let across = ((x as f32 - left) / span).clamp(0.0, 1.0);
                    -strength * if lit_from_left { across } else { 1.0 - across }
                })
            }
            Self::Noise => noisy(&picture, strength, &mut chance),
            Self::Jpeg => jpeg(&picture, strength as u8),
            Self::Occlusion => occlude(picture, face, strength, &mut chance),
            Self::Small => {
                let size = |side: u32| ((side as f32 * strength) as u32).max(1);
                imageops::resize(&picture, size(width), size(height), FilterType::Triangle)
            }
            Self::Tilt => tilt(&picture, if chance.happens(0.5) { strength } else { -strength }),
        };
        Frame::new(made.width(), made.height(), made.into_raw()).expect("a picture has its size")
    }
}

/// Changes exposure by `stops(x)`, in linear light (gamma 2.2).
fn expose(picture: &RgbImage, stops: impl Fn(u32) -> f32) -> RgbImage {
    let columns: Vec<[u8; 256]> = (0..picture.width())
        .map(|x| {
            let factor = 2_f32.powf(stops(x) / 2.2);
            std::array::from_fn(|value| (value as f32 * factor).round().min(255.0) as u8)
        })
        .collect();
    let mut picture = picture.clone();
    for (x, _, pixel) in picture.enumerate_pixels_mut() {
        pixel.0 = pixel.0.map(|value| columns[x as usize][usize::from(value)]);
    }
    picture
}

fn noisy(picture: &RgbImage, deviation: f32, chance: &mut Chance) -> RgbImage {
    let mut picture = picture.clone();
    for value in picture.iter_mut() {
        // The sum of four uniform numbers is near enough to a normal one: variance 4 / 12.
        let normal = ((0..4).map(|_| chance.unit()).sum::<f32>() - 2.0) * 3.0_f32.sqrt();
        *value = (f32::from(*value) + normal * deviation).round().clamp(0.0, 255.0) as u8;
    }
    picture
}

fn motion(picture: &RgbImage, path: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let mut sum = [0_u32; 3];
        for step in 0..path {
            let from = (x + step).saturating_sub(path / 2).min(width - 1);
            sum.iter_mut().zip(picture.get_pixel(from, y).0).for_each(|(sum, value)| *sum += u32::from(value));
        }
        Rgb(sum.map(|sum| ((sum + path / 2) / path) as u8))
    })
}

fn jpeg(picture: &RgbImage, quality: u8) -> RgbImage {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(picture)
        .expect("a picture in memory can be encoded");
    let decoded = image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg);
    DynamicImage::into_rgb8(decoded.expect("what was encoded can be decoded"))
}

/// Covers the face's box from below with one colour of cloth.
fn occlude(mut picture: RgbImage, face: &Face, share: f32, chance: &mut Chance) -> RgbImage {
    let colour =
        Rgb([chance.range(20.0, 220.0) as u8, chance.range(20.0, 220.0) as u8, chance.range(20.0, 220.0) as u8]);
    let bounds = &face.bounds;
    let chin = bounds.y + bounds.height;
    let rows = (chin - share * bounds.height, chin);
    let columns = (bounds.x, bounds.x + bounds.width);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if (columns.0..columns.1).contains(&(x as f32)) && (rows.0..rows.1).contains(&(y as f32)) {
            *pixel = colour;
        }
    }
    picture
}

/// Turns the picture around its middle; what comes in from outside is mid-grey.
fn tilt(picture: &RgbImage, degrees: f32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let middle = ((width - 1) as f32 / 2.0, (height - 1) as f32 / 2.0);
    RgbImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (x as f32 - middle.0, y as f32 - middle.1);
        let (fx, fy) = (middle.0 + cos * dx + sin * dy, middle.1 - sin * dx + cos * dy);
        imageops::interpolate_bilinear(picture, fx, fy).unwrap_or(Rgb([128; 3]))
    })
}

#[cfg(test)]
mod tests {
    use lakshan_vision::Analyser;

    use super::*;

    fn sample() -> (Frame, Face) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/samples/down-1.jpg");
        let frame = lakshan_vision::open(std::path::Path::new(path)).unwrap();
        let face = Analyser::new().unwrap().detector().detect(&frame).unwrap()[0];
        (frame, face)
    }

    fn difference(a: &Frame, b: &Frame) -> f64 {
        assert_eq!((a.width(), a.height()), (b.width(), b.height()));
        let sum: u64 = a.rgb().iter().zip(b.rgb()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / a.rgb().len() as f64
    }

    #[test]
    fn stronger_changes_more_and_the_same_seed_the_same() {
        let (frame, face) = sample();
        for corruption in Corruption::ALL {
            let made: Vec<Frame> = (0..STRENGTHS).map(|level| corruption.apply(&frame, &face, level, 3)).collect();
            assert!(made[2] == corruption.apply(&frame, &face, 2, 3), "{corruption:?} is repeatable");
            if corruption == Corruption::Small {
                assert!(made.windows(2).all(|pair| pair[1].width() < pair[0].width()));
                continue;
            }
            let changed: Vec<f64> = made.iter().map(|made| difference(&frame, made)).collect();
            assert!(changed[0] > 0.1, "{corruption:?}: {changed:?}");
            if corruption == Corruption::Occlusion {
                // Each strength draws its own colour: what grows is the part that is covered.
                let covered = |made: &Frame| made.rgb().iter().zip(frame.rgb()).filter(|(a, b)| a != b).count();
                assert!(made.windows(2).all(|pair| covered(&pair[1]) > covered(&pair[0])));
                continue;
            }
            // A picture that is turned far may by chance look like itself again; the others only go on.
            let rising = changed.windows(2).all(|pair| pair[1] > pair[0]);
            assert!(rising || corruption == Corruption::Tilt, "{corruption:?}: {changed:?}");
        }
    }
}
