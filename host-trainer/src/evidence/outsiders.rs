//! Pictures that show no face of a patient: drawn textures and objects, and photographs that the user names.

use std::f32::consts::TAU;
use std::path::{Path, PathBuf};

use lakshan_core::preprocess::SIZE;
use lakshan_core::{FaceCrop, Finding, Frame, InputTensor, Logits};
use lakshan_engine::Bundle;
use lakshan_vision::{Analyser, Verdict};

use crate::chance::Chance;

/// Side of a drawn picture, pixels.
const SIDE: u32 = 320;

/// What a drawn picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// Independent pixels.
    Noise,
    /// Soft spots of colour.
    Clouds,
    /// Stripes at an angle.
    Stripes,
    /// A checked cloth.
    Checks,
    /// Discs and boxes of many sizes.
    Objects,
    /// A plain wall, lit from one side.
    Wall,
    /// A ball on a table.
    Ball,
    /// An oval with two dots and a bar: a child's drawing of a face.
    Cartoon,
}

impl Drawing {
    /// All kinds.
    pub const ALL: [Self; 8] =
        [Self::Noise, Self::Clouds, Self::Stripes, Self::Checks, Self::Objects, Self::Wall, Self::Ball, Self::Cartoon];

    /// Picture `number` of this kind; always the same.
    pub fn draw(self, number: usize) -> Frame {
        let mut chance = Chance::new("drawing", &[self as u64, number as u64]);
        let mut colour = || [chance.range(10.0, 245.0), chance.range(10.0, 245.0), chance.range(10.0, 245.0)];
        let (a, b, c) = (colour(), colour(), colour());
        let side = SIDE as f32;
        let (angle, period) = (chance.range(0.0, TAU), chance.range(8.0, 60.0));
        let (dx, dy) = (angle.cos(), angle.sin());
        let spots: Vec<(f32, f32, f32, bool)> = (0..40)
            .map(|_| {
                (chance.range(0.0, side), chance.range(0.0, side), chance.range(5.0, side / 5.0), chance.happens(0.5))
            })
            .collect();
        let mix = |from: [f32; 3], to: [f32; 3], share: f32| {
            std::array::from_fn::<f32, 3, _>(|i| from[i] + (to[i] - from[i]) * share.clamp(0.0, 1.0))
        };
        let mut rgb = Vec::with_capacity((SIDE * SIDE * 3) as usize);
        for at in 0..SIDE * SIDE {
            let (x, y) = ((at % SIDE) as f32, (at / SIDE) as f32);
            let (u, v) = ((x - side / 2.0) / side, (y - side / 2.0) / side);
            let wave = (x * dx + y * dy) / period;
            let pixel = match self {
                Self::Noise => [chance.range(0.0, 255.0), chance.range(0.0, 255.0), chance.range(0.0, 255.0)],
                Self::Clouds => {
                    let near = |(sx, sy, r, _): &(f32, f32, f32, bool)| {
                        (-((x - sx).powi(2) + (y - sy).powi(2)) / (r * r * 2.0)).exp()
                    };
                    mix(a, b, spots.iter().map(near).sum::<f32>() / 2.0)
                }
                Self::Stripes => mix(a, b, 0.5 + 0.5 * (wave * TAU).sin()),
                Self::Checks => {
                    let across = (x * dy - y * dx) / period;
                    mix(a, b, f32::from((wave.floor() as i32 + across.floor() as i32).rem_euclid(2) == 0))
                }
                Self::Objects => {
                    let hit = spots.iter().enumerate().rev().find(|(_, (sx, sy, r, round))| {
                        let (ox, oy) = ((x - sx).abs(), (y - sy).abs());
                        if *round { ox.hypot(oy) < *r } else { ox < *r && oy < r * 0.6 }
                    });
                    hit.map_or(c, |(index, _)| mix(a, b, index as f32 / 40.0))
                }
                Self::Wall => mix(a, [a[0] * 0.4, a[1] * 0.4, a[2] * 0.4], 0.5 + u * dx + v * dy),
                Self::Ball => {
                    let r = u.hypot(v) / 0.3;
                    let lit = (1.0 - r * r).max(0.0).sqrt() * 0.7 + (u * dx + v * dy).max(-0.3) * 0.8;
                    if r < 1.0 { mix([10.0; 3], a, lit + 0.2) } else { mix(b, c, v + 0.5) }
                }
                Self::Cartoon => {
                    let eye = |ex: f32| (u - ex).hypot(v + 0.08) < 0.03;
                    let mouth = u.abs() < 0.11 && (v - 0.16 - u * u * dx).abs() < 0.015;
                    let head = (u / 0.27).hypot(v / 0.36) < 1.0;
                    if eye(-0.11) || eye(0.11) || mouth {
                        [20.0; 3]
                    } else if head {
                        mix(a, [240.0; 3], 0.5)
                    } else {
                        b
                    }
                }
            };
            rgb.extend(pixel.map(|value| value.clamp(0.0, 255.0) as u8));
        }
        Frame::new(SIDE, SIDE, rgb).expect("a drawing has its size")
    }
}

/// What the whole device made of one such picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Outsider {
    /// What it shows, or its file's name.
    pub name: String,
    /// What the device says.
    pub finding: Finding,
    /// What the network alone says, past detector and quality gate: of the face's crop where there is a face, else of the
    /// whole picture reduced to a crop.
    pub logits: Logits,
}

/// A picture that could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum OutsiderError {
    /// A folder cannot be read.
    #[error("cannot read the folder {}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A photograph cannot be read.
    #[error("cannot read {}", path.display())]
    Photo {
        /// Which.
        path: PathBuf,
        /// Why.
        source: lakshan_vision::DecodeError,
    },
    /// The detector or the network failed.
    #[error("the engine failed on {name}")]
    Engine {
        /// On what.
        name: String,
        /// Why.
        source: lakshan_engine::EngineError,
    },
}

/// Judges one picture as the device does.
///
/// # Errors
/// When detector or network fail.
pub fn judge(name: String, frame: &Frame, analyser: &Analyser, bundle: &Bundle) -> Result<Outsider, OutsiderError> {
    let fault = |source| OutsiderError::Engine { name: name.clone(), source };
    let manifest = bundle.manifest();
    let analysis = analyser.analyse(frame, &manifest.quality).map_err(fault)?;
    let (crop, retake) = match analysis.verdict {
        Verdict::Accept { crop, .. } => (crop, None),
        Verdict::Retake { reason, face: Some(face) } => (lakshan_vision::crop(frame, &face).crop, Some(reason)),
        Verdict::Retake { reason, face: None } => (squeezed(frame), Some(reason)),
    };
    let logits = bundle.network().infer(&InputTensor::from_crop(&crop)).map_err(fault)?;
    let finding = retake.map_or_else(|| manifest.policy.decide(&logits), Finding::Retake);
    Ok(Outsider { name, finding, logits })
}

/// The whole picture as a crop.
fn squeezed(frame: &Frame) -> FaceCrop {
    let picture = image::RgbImage::from_raw(frame.width(), frame.height(), frame.rgb().to_vec());
    let picture = picture.expect("a frame has its size");
    let side = SIZE as u32;
    let small = image::imageops::resize(&picture, side, side, image::imageops::FilterType::Triangle);
    let frame = Frame::new(side, side, small.into_raw()).expect("it was made of this size");
    FaceCrop::new(frame).expect("it was made of this size")
}

/// The pictures of a folder, by name: every file that ends in jpg, jpeg, png or webp.
///
/// # Errors
/// When the folder cannot be listed.
pub fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, OutsiderError> {
    let fault = |source| OutsiderError::Folder { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if lakshan_vision::is_picture(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawings_differ_and_are_repeatable() {
        let drawn: Vec<Frame> = Drawing::ALL.into_iter().flat_map(|kind| [kind.draw(0), kind.draw(1)]).collect();
        for (at, frame) in drawn.iter().enumerate() {
            assert!(drawn[..at].iter().all(|other| other != frame), "{at}");
        }
        assert!(Drawing::Cartoon.draw(0) == drawn[14]);
    }

    #[test]
    fn there_is_no_face_in_most_of_them() {
        let analyser = Analyser::new().unwrap();
        let faces = Drawing::ALL.into_iter().filter(|kind| *kind != Drawing::Cartoon);
        let found = faces.filter(|kind| !analyser.detector().detect(&kind.draw(0)).unwrap().is_empty()).count();
        assert!(found <= 1, "{found} faces in seven textures");
    }
}
