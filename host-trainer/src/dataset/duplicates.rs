//! The same photograph under two names: re-encoded, scaled, made brighter.
//!
//! Two photographs of which one trains and the other tests make every figure worthless. A perceptual hash of the face
//! crop finds them: the detector finds the same face in both, the crop is levelled and scaled by it, and the hash keeps
//! the coarse pattern of light that re-encoding does not touch.

use std::array;

use lakshan_core::preprocess;
use rayon::prelude::*;

use super::crops::CropCache;
use super::{Dataset, DatasetError};

/// Photographs that differ in at most so many of the 256 bits are the same picture.
///
/// Measured on 7200 photographs of as many synthetic people, who are more alike than real ones: the nearest other person
/// is 30 bits away or more. Against the same photograph, 150 of them, decoded, found and cut again (median, 99th of 100):
/// JPEG quality 40: 8, 24; half the size: 6, 22; brighter by 30 levels: 10, 24; encoded anew at quality 90: 2, 12.
/// **Not found this way** for the most part: mirrored pictures (46, 106) and pictures with 8 % cut off each side (40, 88),
/// because the detector places the face a little differently in them.
pub const SAME_BITS: u32 = 24;

/// Side of the luma picture that is transformed.
const SMALL: usize = 32;
/// Lowest frequencies that are kept along each side.
const KEPT: usize = 16;
/// Words of 64 bits in a hash.
const WORDS: usize = KEPT * KEPT / 64;

/// A perceptual hash (pHash): the 16 x 16 lowest frequencies of a discrete cosine transform of the crop's luma, each
/// as one bit: above their median or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hash([u64; WORDS]);

impl Hash {
    /// Bits in which the two differ, 0 to 256.
    fn distance(&self, other: &Self) -> u32 {
        self.0.iter().zip(&other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

/// What is compared of one photograph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    upright: Hash,
    mirrored: Hash,
}

/// Makes fingerprints; threads may share one.
pub struct Fingerprinter {
    /// The cosines of the transform, by frequency and place.
    cosines: [[f32; SMALL]; KEPT],
}

impl Default for Fingerprinter {
    fn default() -> Self {
        let cosine = |frequency: usize, place: usize| {
            ((2 * place + 1) as f32 * frequency as f32 * std::f32::consts::PI / (2 * SMALL) as f32).cos()
        };
        Self { cosines: array::from_fn(|frequency| array::from_fn(|place| cosine(frequency, place))) }
    }
}

impl Fingerprinter {
    /// The fingerprint of a face crop: 224 x 224 RGB, row-major.
    ///
    /// # Panics
    /// When the crop has another length.
    pub fn of(&self, crop: &[u8]) -> Fingerprint {
        let frequencies = self.transform(&small_luma(crop));
        // Mirroring turns the sign of every odd horizontal frequency.
        let mirrored = array::from_fn(|v| array::from_fn(|u| frequencies[v][u] * if u % 2 == 1 { -1.0 } else { 1.0 }));
        Fingerprint { upright: hash(&frequencies), mirrored: hash(&mirrored) }
    }

    /// The lowest frequencies, by vertical and horizontal frequency.
    fn transform(&self, luma: &[[f32; SMALL]; SMALL]) -> [[f32; KEPT]; KEPT] {
        let dot = |a: &[f32; SMALL], b: &[f32; SMALL]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let rows: [[f32; KEPT]; SMALL] = luma.map(|row| array::from_fn(|u| dot(&row, &self.cosines[u])));
        array::from_fn(|v| array::from_fn(|u| dot(&array::from_fn(|y| rows[y][u]), &self.cosines[v])))
    }
}

/// The crop's luma (Rec. 601), averaged over 7 x 7 pixels.
fn small_luma(crop: &[u8]) -> [[f32; SMALL]; SMALL] {
    const STEP: usize = preprocess::SIZE / SMALL;
    assert_eq!(crop.len(), preprocess::SIZE * preprocess::SIZE * 3, "a crop has 224 x 224 pixels");
    let mut small = [[0.0; SMALL]; SMALL];
    for (index, pixel) in crop.chunks_exact(3).enumerate() {
        let (x, y) = (index % preprocess::SIZE / STEP, index / preprocess::SIZE / STEP);
        let luma = 299 * u32::from(pixel[0]) + 587 * u32::from(pixel[1]) + 114 * u32::from(pixel[2]);
        small[y][x] += luma as f32;
    }
    small
}

/// Each frequency against the median of all but the mean brightness.
fn hash(frequencies: &[[f32; KEPT]; KEPT]) -> Hash {
    let mut sorted = frequencies.concat();
    let middle = (sorted.len() - 1) / 2;
    let (_, median, _) = sorted[1..].select_nth_unstable_by(middle, f32::total_cmp);
    let mut words = [0; WORDS];
    for (index, value) in frequencies.iter().flatten().enumerate().skip(1) {
        words[index / 64] |= u64::from(value > median) << (index % 64);
    }
    Hash(words)
}

impl Fingerprint {
    /// Bits in which the two photographs differ, as they are or one of them mirrored.
    pub fn distance(&self, other: &Self) -> u32 {
        self.upright.distance(&other.upright).min(self.mirrored.distance(&other.upright))
    }
}

/// Two photographs that are the same picture, by their indices; the first is the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Index of the first photograph.
    pub first: usize,
    /// Index of the second.
    pub second: usize,
    /// Bits in which they differ.
    pub bits: u32,
}

/// Every pair of photographs that is the same picture; those without a crop are left out.
///
/// # Errors
/// When the crops cannot be read.
pub fn pairs(dataset: &Dataset, crops: &CropCache) -> Result<Vec<Pair>, DatasetError> {
    let fingerprinter = Fingerprinter::default();
    let prints = (0..dataset.photos.len())
        .into_par_iter()
        .filter(|&index| crops.has(index))
        .map(|index| {
            let crop = crops.crop(index).map_err(|source| DatasetError::Read { path: dataset.path(index), source })?;
            Ok((index, fingerprinter.of(&crop)))
        })
        .collect::<Result<Vec<(usize, Fingerprint)>, DatasetError>>()?;
    let of_one = |place: usize| {
        let (first, print) = prints[place];
        let rest = &prints[place + 1..];
        let near = rest.iter().map(move |(second, other)| Pair { first, second: *second, bits: print.distance(other) });
        near.filter(|pair| pair.bits <= SAME_BITS).collect::<Vec<_>>()
    };
    Ok((0..prints.len()).into_par_iter().flat_map_iter(of_one).collect())
}

/// The group of each photograph, named by its first member: photographs of one label that are the same picture, or
/// the same as one that is.
///
/// # Errors
/// When the crops cannot be read.
pub fn groups(dataset: &Dataset, crops: &CropCache) -> Result<Vec<usize>, DatasetError> {
    let mut group: Vec<usize> = (0..dataset.photos.len()).collect();
    fn root(group: &mut [usize], mut index: usize) -> usize {
        while group[index] != index {
            group[index] = group[group[index]];
            index = group[index];
        }
        index
    }
    for pair in pairs(dataset, crops)? {
        if dataset.photos[pair.first].label == dataset.photos[pair.second].label {
            let (a, b) = (root(&mut group, pair.first), root(&mut group, pair.second));
            group[a.max(b)] = a.min(b);
        }
    }
    Ok((0..group.len()).map(|index| root(&mut group, index)).collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lakshan_vision::Analyser;

    use super::*;

    /// The crop of the largest face of a picture, as the cache cuts it.
    fn crop(analyser: &Analyser, picture: &image::RgbImage) -> Vec<u8> {
        let (width, height) = picture.dimensions();
        let frame = lakshan_core::Frame::new(width, height, picture.as_raw().clone()).unwrap();
        let face = analyser.detector().detect(&frame).unwrap()[0];
        lakshan_vision::crop(&frame, &face).crop.frame().rgb().to_vec()
    }

    fn sample(name: &str) -> image::RgbImage {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/samples");
        image::open(folder.join(name)).unwrap().to_rgb8()
    }

    #[test]
    fn finds_a_picture_that_was_scaled_or_encoded_again_and_no_other_person() {
        let analyser = Analyser::new().unwrap();
        let fingerprinter = Fingerprinter::default();
        let print = |picture: &image::RgbImage| fingerprinter.of(&crop(&analyser, picture));
        let picture = sample("down-1.jpg");
        let original = print(&picture);
        let (width, height) = picture.dimensions();
        let half = image::imageops::resize(&picture, width / 2, height / 2, image::imageops::FilterType::Triangle);
        assert!(original.distance(&print(&half)) <= SAME_BITS);
        let mut jpeg = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 40).encode_image(&picture).unwrap();
        let again = image::load_from_memory(&jpeg).unwrap().to_rgb8();
        assert!(original.distance(&print(&again)) <= SAME_BITS);
        for other in ["down-2.jpg", "apert-1.jpg", "williams-1.jpg"] {
            assert!(original.distance(&print(&sample(other))) > SAME_BITS, "{other}");
        }
    }

    #[test]
    fn a_mirrored_crop_is_the_same_crop() {
        let analyser = Analyser::new().unwrap();
        let crop = crop(&analyser, &sample("down-1.jpg"));
        let side = preprocess::SIZE as u32;
        let mirrored = image::imageops::flip_horizontal(&image::RgbImage::from_raw(side, side, crop.clone()).unwrap());
        let fingerprinter = Fingerprinter::default();
        assert!(fingerprinter.of(&crop).distance(&fingerprinter.of(&mirrored)) <= 4);
    }
}
