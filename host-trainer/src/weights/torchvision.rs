//! From torchvision's ResNet-50 (input `(rgb / 255 - mean) / deviation`) to this project's input, `RGB - 128`.

use std::collections::BTreeMap;

use lakshan_core::preprocess::OFFSET;

use super::{Architecture, Array, StrideOn, Weights};

const MEAN: [f64; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f64; 3] = [0.229, 0.224, 0.225];
const BN_EPS: f64 = 1e-5;

/// The first layers are not those of a ResNet-50.
#[derive(Debug, thiserror::Error)]
#[error("these are not torchvision's weights of a ResNet-50: array {0} is missing or has another shape")]
pub struct MissingTensor(pub &'static str);

/// Folds scale and mean into `conv1` and `bn1`. `arrays` are all arrays of the file under torchvision's names.
///
/// # Errors
/// When the first layers are not those of a ResNet-50; the other layers are checked when the network is built.
pub fn from_torchvision(mut arrays: BTreeMap<String, Array>) -> Result<Weights, MissingTensor> {
    arrays.retain(|name, _| !name.ends_with("num_batches_tracked"));
    let kernel = arrays.get_mut("conv1.weight").filter(|array| array.shape == [64, 3, 7, 7]);
    let kernel = kernel.ok_or(MissingTensor("conv1.weight"))?;
    let mut biases = Vec::new();
    for output in kernel.values.chunks_exact_mut(3 * 49) {
        let mut bias = 0.0;
        for (channel, plane) in output.chunks_exact_mut(49).enumerate() {
            for weight in plane {
                let exact = f64::from(*weight);
                bias += exact * (f64::from(OFFSET) / 255.0 - MEAN[channel]) / DEVIATION[channel];
                *weight = (exact / (255.0 * DEVIATION[channel])) as f32;
            }
        }
        biases.push(bias as f32);
    }
    let mean = arrays.get_mut("bn1.running_mean").filter(|array| array.shape == [64]);
    for (mean, bias) in mean.ok_or(MissingTensor("bn1.running_mean"))?.values.iter_mut().zip(biases) {
        *mean -= bias;
    }
    let architecture = Architecture { stride_on: StrideOn::Middle3x3, bn_eps: BN_EPS };
    Ok(Weights { architecture, notes: BTreeMap::new(), arrays })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_layer_gives_the_same_for_the_other_input() {
        let kernel: Vec<f32> = (0..64 * 3 * 49).map(|at| ((at * 37 % 101) as f32 - 50.0) / 400.0).collect();
        let arrays = BTreeMap::from([
            ("conv1.weight".to_owned(), Array { shape: vec![64, 3, 7, 7], values: kernel.clone() }),
            ("bn1.running_mean".to_owned(), Array { shape: vec![64], values: vec![0.25; 64] }),
            ("bn1.num_batches_tracked".to_owned(), Array { shape: vec![], values: vec![1.0] }),
        ]);
        let folded = from_torchvision(arrays).unwrap();
        assert_eq!(folded.arrays.len(), 2);
        // One 7x7 patch of pixels.
        let pixel = |at: usize| (at * 53 % 256) as f64;
        for output in [0, 63] {
            let (mut before, mut after) = (-0.25, -f64::from(folded.arrays["bn1.running_mean"].values[output]));
            for at in 0..147 {
                let channel = at / 49;
                before +=
                    f64::from(kernel[output * 147 + at]) * (pixel(at) / 255.0 - MEAN[channel]) / DEVIATION[channel];
                after += f64::from(folded.arrays["conv1.weight"].values[output * 147 + at]) * (pixel(at) - 128.0);
            }
            assert!((before - after).abs() < 1e-4, "{before} {after}");
        }
    }

    #[test]
    fn another_network_is_refused() {
        let arrays = BTreeMap::from([("conv1.weight".to_owned(), Array { shape: vec![1], values: vec![0.0] })]);
        assert!(from_torchvision(arrays).is_err());
    }
}
