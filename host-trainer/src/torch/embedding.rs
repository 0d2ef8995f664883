//! Which photographs look alike to a network that knows pictures: candidates for being the same one.
//!
//! Pooled features of an ImageNet network hardly change when a picture is cut, turned or mirrored, where a pattern of light
//! (`dataset/duplicates.rs`) does. They cannot say that two pictures are the same: two people in the same light are as near. So
//! what is near here is laid over each other there.
//!
//! It adds little to synthetic faces: of 150 copies among 600 photographs, each without 15 % of every side, 139 are found in place
//! of 138; mirrored, cut and at JPEG quality 50, 148 in place of 147. The others have a face that is no longer whole, and lie
//! nowhere over the first.

use std::sync::Arc;

use tch::{Device, Kind, Tensor};

use super::loader::{Example, Loader, Plan};
use super::resnet50::{Pass, Precision, Resnet50, Stage};
use super::trainer::TrainError;
use crate::dataset::crops::CropCache;
use crate::progress::Progress;
use crate::weights::Weights;

/// Side of the pictures: faces are told apart at it, four times as fast as at the network's own.
const SIDE: usize = 112;
/// Pictures in a batch.
const BATCH: usize = 64;
/// The nearest that are looked at for each photograph.
const NEIGHBOURS: i64 = 6;
/// Photographs whose distances to all others are computed at a time.
const ROWS: i64 = 512;

/// For each of the photographs 0 to `photographs` with a crop, those whose features are nearest, by the cosine of what is left
/// when the mean over all is taken off: pairs of indices, the smaller first, each once, in order. Features take 8 kB of memory
/// for each photograph.
///
/// # Errors
/// When a crop cannot be read, the weights do not fit or libtorch fails.
pub fn neighbours(
    weights: &Weights,
    precision: Precision,
    crops: &Arc<CropCache>,
    photographs: usize,
) -> Result<Vec<(usize, usize)>, TrainError> {
    let network = Resnet50::new(weights, Device::Cpu)?;
    let pass = Pass { precision, ..Pass::EVALUATE };
    let examples: Vec<Example> =
        (0..photographs).filter(|&photo| crops.has(photo)).map(|photo| Example { photo, target: 0 }).collect();
    if examples.len() < 2 {
        return Ok(Vec::new());
    }
    let progress = Progress::new("what they look like", examples.len() as u64, "photographs");
    let mut features = Vec::new();
    for batch in Loader::start(Arc::clone(crops), &examples, Plan::plain(BATCH, SIDE)) {
        let batch = batch.map_err(TrainError::Crop)?;
        let (pictures, _) = batch.to_device(Device::Cpu)?;
        features.push(tch::no_grad(|| network.until(Stage::Head, &pictures, pass))?.f_to_kind(Kind::Float)?);
        progress.advance(batch.len() as u64);
    }
    progress.finish();
    let places = nearest(&Tensor::f_cat(&features, 0)?)?;
    let mut pairs: Vec<(usize, usize)> = places
        .into_iter()
        .map(|(one, other)| (examples[one.min(other)].photo, examples[one.max(other)].photo))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    Ok(pairs)
}

/// Each row of `features`, `[n, channels]`, with each of the rows nearest to it.
fn nearest(features: &Tensor) -> Result<Vec<(usize, usize)>, TrainError> {
    let count = features.size()[0];
    let mean = features.f_mean_dim([0].as_slice(), true, Kind::Float)?;
    let centred = features.f_sub(&mean)?;
    let length = centred.f_norm_scalaropt_dim(2, [1].as_slice(), true)?.f_clamp_min(1e-12)?;
    let directions = centred.f_div(&length)?;
    let others = directions.f_transpose(0, 1)?;
    // One more: each row is nearest to itself.
    let wanted = (NEIGHBOURS + 1).min(count);
    let mut pairs = Vec::new();
    for first in (0..count).step_by(ROWS as usize) {
        let rows = ROWS.min(count - first);
        let cosines = directions.f_narrow(0, first, rows)?.f_matmul(&others)?;
        let (_, places) = cosines.f_topk(wanted, 1, true, true)?;
        let places = Vec::<i64>::try_from(places.f_reshape([-1])?)?;
        for (row, places) in places.chunks_exact(wanted as usize).enumerate() {
            let one = first as usize + row;
            pairs.extend(places.iter().map(|&other| (one, other as usize)).filter(|(one, other)| one != other));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use image::imageops::{self, FilterType};

    use super::*;
    use crate::torch::resnet50::random_weights;

    /// The samples as crops: the whole photograph, or its middle.
    fn crop(picture: &image::RgbImage, share: f32) -> Vec<u8> {
        let (width, height) = picture.dimensions();
        let [across, down] = [width, height].map(|side| (side as f32 * share) as u32);
        let part = imageops::crop_imm(picture, (width - across) / 2, (height - down) / 2, across, down).to_image();
        imageops::resize(&part, 224, 224, FilterType::Triangle).into_raw()
    }

    #[test]
    fn a_cut_and_mirrored_copy_is_among_the_nearest() {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/samples");
        let names =
            ["apert-1", "cdl-1", "down-1", "hgps-1", "marfan-1", "sotos-1", "turner-1", "williams-1", "negative-1"];
        let pictures = names.map(|name| image::open(samples.join(format!("{name}.jpg"))).unwrap().to_rgb8());
        let mut crops: Vec<Vec<u8>> = pictures.iter().map(|picture| crop(picture, 1.0)).collect();
        crops.push(crop(&imageops::flip_horizontal(&pictures[3]), 0.9));
        let folder = tempfile::tempdir().unwrap();
        let crops = Arc::new(CropCache::of_crops(&folder.path().join("crops"), &crops).unwrap());
        let pairs = neighbours(&random_weights(12, 3), Precision::F32, &crops, 10).unwrap();
        assert!(pairs.contains(&(3, 9)), "{pairs:?}");
        assert!(pairs.iter().all(|(one, other)| one < other) && pairs.is_sorted());
        assert!(pairs.len() < 45, "not all of them");
        assert_eq!(neighbours(&random_weights(12, 3), Precision::F32, &crops, 1).unwrap(), []);
    }

    #[test]
    fn the_nearest_by_hand() {
        let rows = [[1.0_f32, 0.1], [1.0, 0.0], [-1.0, 0.0], [-1.0, -0.1]];
        let pairs = nearest(&Tensor::from_slice2(&rows)).unwrap();
        assert_eq!(pairs[0], (0, 1));
        assert_eq!(pairs[9], (3, 2));
    }
}
