//! From the Keras ResNet-50 (`model.json` and its shards) to torchvision's names and this project's input.
//!
//! Kernels are HWIO there and OIHW here. Convolutions have biases there: they move into the running mean of the batch
//! normalization behind them. The picture is BGR 0-255 less a mean there and `RGB - 128` here: the first kernel's
//! channels are turned round, and the difference of the means becomes a bias and moves likewise. (Exact but at the
//! border, where the padding's zeros now stand for 128 instead of the mean.)

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use lakshan_core::preprocess::OFFSET;
use serde::Deserialize;

use super::{Architecture, Array, StrideOn, Weights};

/// Keras' BatchNorm epsilon in this model.
const BN_EPS: f64 = 1e-3;
/// Mean of ImageNet's pixels, blue, green, red.
const MEAN_BGR: [f32; 3] = [103.939, 116.779, 123.68];

/// A Keras model that cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum KerasError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// `model.json` is not what it should be.
    #[error("{} is not the description of a Keras model", path.display())]
    Json {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The shards hold too little or too much.
    #[error("the shards beside {} hold {found} bytes; their list says {wanted}", path.display())]
    Length {
        /// `model.json`.
        path: PathBuf,
        /// Bytes found.
        found: usize,
        /// Bytes listed.
        wanted: usize,
    },
    /// An array is missing or has another shape.
    #[error("array {name} is {}, not {wanted}", found.as_ref().map_or("missing".into(), |shape| format!("{shape:?}")))]
    Array {
        /// Which array.
        name: String,
        /// Its shape, if it is there.
        found: Option<Vec<usize>>,
        /// What was wanted.
        wanted: &'static str,
    },
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "weightsManifest")]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    paths: Vec<String>,
    weights: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    shape: Vec<usize>,
}

/// Converts the model in `folder` (`model.json` and shards beside it), its head of 1000 classes included.
///
/// # Errors
/// When a file cannot be read or an array is not as expected.
pub fn from_keras(folder: &Path) -> Result<Weights, KerasError> {
    let mut source = Source(read(folder)?);
    let mut arrays = BTreeMap::new();
    source.unit("conv1", "bn_conv1", "conv1", "bn1", &mut arrays)?;
    fold_input(&mut arrays);
    for (layer, blocks) in [(1, 3), (2, 4), (3, 6), (4, 3)] {
        for block in 0..blocks {
            // Keras counts stages from 2 and blocks from 'a'.
            let keras = format!("{}{}", layer + 1, (b'a' + block) as char);
            let ours = format!("layer{layer}.{block}");
            for (branch, number) in [("2a", 1), ("2b", 2), ("2c", 3)] {
                let (conv, bn) = (format!("{ours}.conv{number}"), format!("{ours}.bn{number}"));
                source.unit(
                    &format!("res{keras}_branch{branch}"),
                    &format!("bn{keras}_branch{branch}"),
                    &conv,
                    &bn,
                    &mut arrays,
                )?;
            }
            if block == 0 {
                let (conv, bn) = (format!("{ours}.downsample.0"), format!("{ours}.downsample.1"));
                source.unit(&format!("res{keras}_branch1"), &format!("bn{keras}_branch1"), &conv, &bn, &mut arrays)?;
            }
        }
    }
    let kernel = source.take("fc1000/kernel", "2-dimensional", |shape| shape.len() == 2)?;
    let bias = source.take("fc1000/bias", "1-dimensional", |shape| shape.len() == 1)?;
    arrays.insert("fc.weight".into(), transposed(&kernel));
    arrays.insert("fc.bias".into(), bias);
    let architecture = Architecture { stride_on: StrideOn::First1x1, bn_eps: BN_EPS };
    Ok(Weights { architecture, notes: BTreeMap::new(), arrays })
}

/// All arrays of the model by their Keras names.
fn read(folder: &Path) -> Result<BTreeMap<String, Array>, KerasError> {
    let path = folder.join("model.json");
    let read = |path: &Path| fs::read(path).map_err(|source| KerasError::Read { path: path.to_owned(), source });
    let model: Model =
        serde_json::from_slice(&read(&path)?).map_err(|source| KerasError::Json { path: path.clone(), source })?;
    let mut arrays = BTreeMap::new();
    for group in model.groups {
        let mut bytes = Vec::new();
        for shard in &group.paths {
            bytes.extend(read(&folder.join(shard))?);
        }
        let wanted = group.weights.iter().map(|listed| listed.shape.iter().product::<usize>() * 4).sum();
        if bytes.len() != wanted {
            return Err(KerasError::Length { path, found: bytes.len(), wanted });
        }
        let mut values = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        for listed in group.weights {
            let count = listed.shape.iter().product();
            let values = values.by_ref().take(count).collect();
            arrays.insert(listed.name, Array { shape: listed.shape, values });
        }
    }
    Ok(arrays)
}

struct Source(BTreeMap<String, Array>);

impl Source {
    fn take(&mut self, name: &str, wanted: &'static str, fits: impl Fn(&[usize]) -> bool) -> Result<Array, KerasError> {
        let wrong = |found| KerasError::Array { name: name.to_owned(), found, wanted };
        let array = self.0.remove(name).ok_or_else(|| wrong(None))?;
        if fits(&array.shape) { Ok(array) } else { Err(wrong(Some(array.shape))) }
    }

    /// Moves one convolution and the batch normalization behind it, folding the convolution's bias.
    fn unit(
        &mut self,
        keras_conv: &str,
        keras_bn: &str,
        conv: &str,
        bn: &str,
        into: &mut BTreeMap<String, Array>,
    ) -> Result<(), KerasError> {
        let kernel = self.take(&format!("{keras_conv}/kernel"), "4-dimensional", |shape| shape.len() == 4)?;
        let channels = kernel.shape[3];
        let mut channel = |name: String| self.take(&name, "one value a channel", |shape| shape == [channels]);
        let bias = channel(format!("{keras_conv}/bias"))?;
        let mut mean = channel(format!("{keras_bn}/moving_mean"))?;
        for (mean, bias) in mean.values.iter_mut().zip(&bias.values) {
            *mean -= bias;
        }
        into.insert(format!("{bn}.running_mean"), mean);
        into.insert(format!("{bn}.running_var"), channel(format!("{keras_bn}/moving_variance"))?);
        into.insert(format!("{bn}.weight"), channel(format!("{keras_bn}/gamma"))?);
        into.insert(format!("{bn}.bias"), channel(format!("{keras_bn}/beta"))?);
        into.insert(format!("{conv}.weight"), oihw(&kernel));
        Ok(())
    }
}

fn oihw(kernel: &Array) -> Array {
    let [height, width, inputs, outputs] = kernel.shape[..] else { unreachable!("checked by the caller") };
    let mut values = Vec::with_capacity(kernel.values.len());
    for output in 0..outputs {
        for input in 0..inputs {
            for at in 0..height * width {
                values.push(kernel.values[(at * inputs + input) * outputs + output]);
            }
        }
    }
    Array { shape: vec![outputs, inputs, height, width], values }
}

fn transposed(matrix: &Array) -> Array {
    let [rows, columns] = matrix.shape[..] else { unreachable!("checked by the caller") };
    let values = (0..columns).flat_map(|column| (0..rows).map(move |row| row * columns + column));
    Array { shape: vec![columns, rows], values: values.map(|at| matrix.values[at]).collect() }
}

/// Turns `conv1` from `BGR - mean` to `RGB - 128`.
fn fold_input(arrays: &mut BTreeMap<String, Array>) {
    let kernel = arrays.get_mut("conv1.weight").expect("just inserted");
    let area = kernel.shape[2] * kernel.shape[3];
    let mut biases = Vec::new();
    for output in kernel.values.chunks_exact_mut(3 * area) {
        // Summed in f64: the terms are large and of both signs.
        let bias: f64 = output
            .chunks_exact(area)
            .zip(MEAN_BGR)
            .map(|(plane, mean)| plane.iter().map(|&weight| f64::from(weight)).sum::<f64>() * f64::from(OFFSET - mean))
            .sum();
        biases.push(bias as f32);
        let (blue, rest) = output.split_at_mut(area);
        blue.swap_with_slice(&mut rest[area..]);
    }
    let mean = arrays.get_mut("bn1.running_mean").expect("just inserted");
    for (mean, bias) in mean.values.iter_mut().zip(biases) {
        *mean -= bias;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_turned() {
        // 1x2 kernel, 1 input, 3 outputs: HWIO puts outputs innermost.
        let kernel = Array { shape: vec![1, 2, 1, 3], values: vec![0., 1., 2., 10., 11., 12.] };
        let turned = oihw(&kernel);
        assert_eq!(turned.shape, [3, 1, 1, 2]);
        assert_eq!(turned.values, [0., 10., 1., 11., 2., 12.]);
        let matrix = Array { shape: vec![2, 3], values: vec![0., 1., 2., 3., 4., 5.] };
        assert_eq!(transposed(&matrix).values, [0., 3., 1., 4., 2., 5.]);
    }

    #[test]
    fn the_first_layer_gives_the_same_for_the_other_input() {
        let mut arrays = BTreeMap::new();
        arrays.insert("conv1.weight".into(), Array { shape: vec![1, 3, 1, 1], values: vec![0.5, -1.0, 2.0] });
        arrays.insert("bn1.running_mean".into(), Array { shape: vec![1], values: vec![7.0] });
        fold_input(&mut arrays);
        let [red, green, blue] = [200.0_f32, 90.0, 17.0];
        let before = 0.5 * (blue - MEAN_BGR[0]) - (green - MEAN_BGR[1]) + 2.0 * (red - MEAN_BGR[2]) - 7.0;
        let w = &arrays["conv1.weight"].values;
        let after = w[0] * (red - 128.0) + w[1] * (green - 128.0) + w[2] * (blue - 128.0);
        assert!((before - (after - arrays["bn1.running_mean"].values[0])).abs() < 1e-4);
    }

    #[test]
    fn a_missing_shard_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let model = r#"{"weightsManifest":[{"paths":["gone.bin"],"weights":[{"name":"a","shape":[1]}]}]}"#;
        fs::write(folder.path().join("model.json"), model).unwrap();
        assert!(from_keras(folder.path()).unwrap_err().to_string().ends_with("gone.bin"));
        fs::write(folder.path().join("gone.bin"), [0; 3]).unwrap();
        assert!(matches!(from_keras(folder.path()), Err(KerasError::Length { found: 3, wanted: 4, .. })));
    }
}
