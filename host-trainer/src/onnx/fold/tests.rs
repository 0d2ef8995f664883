//! Folding against BatchNorm by hand; and the toy network and pictures that other tests use.

use lakshan_core::preprocess::SIZE;
use lakshan_core::{FaceCrop, Frame, InputTensor};

use super::*;

/// Tensors of a small ResNet in the checkpoint's layout: stem of `width`, `stages` of one or two blocks.
pub(crate) fn toy_tensors(width: usize, stages: usize, classes: usize) -> Vec<(String, Vec<usize>, Vec<f32>)> {
    let mut state = 12345_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as f32 / (1 << 24) as f32
    };
    let mut tensors = Vec::new();
    let mut conv = |name: &str, norm: &str, outputs: usize, inputs: usize, kernel: usize| {
        let fan_in = (inputs * kernel * kernel) as f32;
        // The stem reads pixels of size 100, everything else values of size one.
        let size = if inputs == 3 { 0.03 } else { 3.4 } / fan_in.sqrt();
        let values = (0..outputs * inputs * kernel * kernel).map(|_| (uniform() - 0.5) * size).collect();
        tensors.push((format!("{name}.weight"), vec![outputs, inputs, kernel, kernel], values));
        for (part, low, high) in
            [("weight", 0.5, 1.5), ("bias", -0.2, 0.3), ("running_mean", -0.3, 0.3), ("running_var", 0.5, 1.5)]
        {
            let values = (0..outputs).map(|_| low + uniform() * (high - low)).collect();
            tensors.push((format!("{norm}.{part}"), vec![outputs], values));
        }
    };
    conv("conv1", "bn1", width, 3, 7);
    let mut inputs = width;
    for stage in 1..=stages {
        let narrow = width << (stage - 1);
        for index in 0..2 {
            let name = format!("layer{stage}.{index}");
            conv(&format!("{name}.conv1"), &format!("{name}.bn1"), narrow, inputs, 1);
            conv(&format!("{name}.conv2"), &format!("{name}.bn2"), narrow, narrow, 3);
            conv(&format!("{name}.conv3"), &format!("{name}.bn3"), narrow * 4, narrow, 1);
            if index == 0 {
                conv(&format!("{name}.downsample.0"), &format!("{name}.downsample.1"), narrow * 4, inputs, 1);
            }
            inputs = narrow * 4;
        }
    }
    let weight = (0..classes * inputs).map(|_| uniform() - 0.5).collect();
    tensors.push(("fc.weight".to_owned(), vec![classes, inputs], weight));
    tensors.push(("fc.bias".to_owned(), vec![classes], (0..classes).map(|_| uniform() - 0.5).collect()));
    tensors
}

/// Writes tensors and metadata as a safetensors file.
pub(crate) fn write(path: &Path, tensors: &[(String, Vec<usize>, Vec<f32>)], metadata: &[(&str, &str)]) {
    let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, shape, v)| (name.clone(), shape.clone(), v.iter().flat_map(|v| v.to_le_bytes()).collect()))
        .collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        (name.clone(), safetensors::tensor::TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    let metadata = metadata.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    std::fs::write(path, safetensors::serialize(views, Some(metadata)).unwrap()).unwrap();
}

pub(crate) const METADATA: [(&str, &str); 4] =
    [("arch", "resnet50"), ("stride_on", "3x3"), ("bn_eps", "0.001"), ("input", "rgb-128")];

/// A small network for tests.
pub(crate) fn toy(width: usize, stages: usize, classes: usize) -> FoldedNetwork {
    toy_with(width, stages, classes, "3x3")
}

/// A small network whose stride sits where `stride_on` says.
pub(crate) fn toy_with(width: usize, stages: usize, classes: usize, stride_on: &str) -> FoldedNetwork {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("toy.safetensors");
    let mut metadata = METADATA;
    metadata[1].1 = stride_on;
    write(&path, &toy_tensors(width, stages, classes), &metadata);
    FoldedNetwork::read(&path).unwrap()
}

/// Smooth coloured pictures, no two alike.
pub(crate) fn crops(count: usize) -> Vec<FaceCrop> {
    let crop = |which: usize| {
        let rgb = (0..InputTensor::LEN).map(|at| {
            let (x, y) = ((at / 3 % SIZE) as f32 / 20.0, (at / 3 / SIZE) as f32 / 31.0);
            let phase = (which * 3 + at % 3) as f32;
            (127.5 + 120.0 * (x * (1.0 + phase % 7.0 * 0.1) + phase).sin() * (y + phase).cos()) as u8
        });
        FaceCrop::new(Frame::new(SIZE as u32, SIZE as u32, rgb.collect()).unwrap()).unwrap()
    };
    (0..count).map(crop).collect()
}

#[test]
fn folding_is_batch_norm() {
    let network = toy(4, 2, 12);
    let tensors = toy_tensors(4, 2, 12);
    let value = |name: &str, at: usize| tensors.iter().find(|t| t.0 == name).unwrap().2[at];
    // Channel 2 of the stem on an input whose only non-zero value, x, meets weight 5 of that channel.
    let (x, w) = (1.7, value("conv1.weight", 2 * 147 + 5));
    let by_hand = (w * x - value("bn1.running_mean", 2)) / (value("bn1.running_var", 2) + 0.001).sqrt()
        * value("bn1.weight", 2)
        + value("bn1.bias", 2);
    let folded = network.stem.weight[2 * 147 + 5] * x + network.stem.bias[2];
    assert!((by_hand - folded).abs() < 1e-5, "{by_hand} {folded}");
}

#[test]
fn strides_sit_where_the_metadata_say() {
    let strides = |network: &FoldedNetwork| {
        let block = &network.blocks[2];
        (block.conv1.stride, block.conv2.stride, block.downsample.as_ref().unwrap().stride)
    };
    assert_eq!(strides(&toy(4, 2, 12)), (1, 2, 2));
    assert_eq!(strides(&toy_with(4, 2, 12, "1x1")), (2, 1, 2));
}

#[test]
fn names_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("toy.safetensors");
    type Tensors = Vec<(String, Vec<usize>, Vec<f32>)>;
    let fault = |change: &dyn Fn(&mut Tensors), metadata: &[(&str, &str)]| {
        let mut tensors = toy_tensors(4, 1, 12);
        change(&mut tensors);
        write(&path, &tensors, metadata);
        FoldedNetwork::read(&path).unwrap_err().to_string()
    };
    assert_eq!(fault(&|t| t.retain(|t| t.0 != "fc.bias"), &METADATA), "tensor 'fc.bias' is missing");
    assert_eq!(
        fault(&|t| t.retain(|t| !t.0.contains("downsample")), &METADATA),
        "tensor 'layer1.0.downsample.0.weight' is missing"
    );
    assert_eq!(fault(&|t| t[0].2[7] = f32::NAN, &METADATA), "layer 'conv1' holds a value that is not a finite number");
    assert_eq!(fault(&|_| (), &METADATA[..3]), "metadata 'input' is missing, expected rgb-128");
    std::fs::write(&path, b"no checkpoint").unwrap();
    assert!(FoldedNetwork::read(&path).unwrap_err().to_string().contains("not a safetensors checkpoint"));
}
