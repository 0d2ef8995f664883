//! The exported ONNX files in software that is not ours: onnx.checker and onnxruntime, against libtorch and the engine.

use lakshan_core::preprocess::SIZE;
use lakshan_core::{FaceCrop, InputTensor, Syndrome};
use lakshan_engine::Network;
use lakshan_engine::onnx::{Message, ModelProto};
use lakshan_registry::CacheDir;

use super::fold::tests::{crops, toy, toy_with};
use super::{FoldedNetwork, float_model, quantized_model};
use crate::python;
use crate::quantize::calibrate::{Agreement, Observed};
use crate::quantize::equalise::Equalise;
use crate::quantize::ranges::RangeMethod;
use crate::quantize::unsigned::Unsigned;
use crate::torch::classify;
use crate::torch::folded::Folded;
use crate::torch::resnet50::Precision;
use crate::weights::{Weights, imagenet};

/// Runs onnx.checker and onnxruntime on `model`.
fn onnxruntime(model: &ModelProto, inputs: &[InputTensor]) -> Vec<Vec<f32>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("model.onnx"), model.encode_to_vec()).expect("written");
    let bytes: Vec<u8> = inputs.iter().flat_map(|input| input.values()).flat_map(|v| v.to_le_bytes()).collect();
    std::fs::write(path("inputs"), bytes).expect("written");
    python::run("run_onnx.py", [path("model.onnx"), path("inputs"), path("outputs")]);
    let bytes = std::fs::read(path("outputs")).expect("outputs");
    let values: Vec<f32> = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    values.chunks_exact(values.len() / inputs.len()).map(<[f32]>::to_vec).collect()
}

fn tensors(crops: &[FaceCrop]) -> Vec<InputTensor> {
    crops.iter().map(InputTensor::from_crop).collect()
}

fn agreement(a: &[Vec<f32>], b: &[Vec<f32>]) -> Agreement {
    assert_eq!(a.len(), b.len());
    Agreement::of(a.iter().zip(b).map(|(a, b)| (a.as_slice(), b.as_slice())))
}

fn by_engine(model: &ModelProto, inputs: &[InputTensor]) -> Vec<Vec<f32>> {
    let network = Network::from_onnx(&model.encode_to_vec()).expect("the engine loads what we write");
    inputs.iter().map(|input| network.infer(input).expect("runs").values().to_vec()).collect()
}

#[test]
fn f32_logits_equal_libtorchs() {
    for (classes, stride_on) in [(12, "3x3"), (1000, "1x1")] {
        let network = toy_with(8, 4, classes, stride_on);
        let inputs = tensors(&crops(4));
        let model = float_model(&network, SIZE);
        let torch = Folded::new(&network).unwrap().logits(&inputs).unwrap();
        let theirs = onnxruntime(&model, &inputs);
        let found = agreement(&torch, &theirs);
        let largest = torch.iter().flatten().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        assert!(found.largest_difference <= 1e-3 * largest.max(1.0), "{classes} classes: {found:?}");
        if classes == Syndrome::COUNT {
            let found = agreement(&torch, &by_engine(&model, &inputs));
            assert!(found.largest_difference <= 1e-3 * largest.max(1.0), "engine: {found:?}");
        }
    }
}

/// The ImageNet weights, 1000 classes: BatchNorm as trained, folded, and exported to somebody else's runtime.
#[test]
fn imagenet_logits_survive_folding_and_export() {
    let cache = CacheDir::from_env(|name| std::env::var_os(name)).unwrap();
    let path = imagenet::fetch_converted(&cache).unwrap();
    let crops = crops(1);
    let weights = Weights::read(&path).unwrap();
    let unfolded = [classify::logits(&weights, &crops[0], Precision::F32).unwrap()];
    let network = FoldedNetwork::read(&path).unwrap();
    let folded = Folded::new(&network).unwrap().logits(&tensors(&crops)).unwrap();
    let exported = onnxruntime(&float_model(&network, SIZE), &tensors(&crops));
    let largest = unfolded[0].iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    for (name, logits) in [("folded", folded), ("onnxruntime", exported)] {
        let found = agreement(&unfolded, &logits);
        assert!(found.largest_difference <= 1e-3 * largest, "{name}: {found:?}, largest logit {largest}");
    }
}

#[test]
fn int8_names_the_same_class_in_onnxruntime_and_in_the_engine() {
    for unsigned in [Unsigned::None, Unsigned::FirstStage] {
        int8_names_the_same_class(unsigned);
    }
}

fn int8_names_the_same_class(unsigned: Unsigned) {
    let network = toy(16, 3, Syndrome::COUNT);
    let crops = crops(116);
    let (calibration, test) = crops.split_at(16);
    let observed = Observed::new(network, calibration, Equalise::Stem, |_| ()).unwrap();
    let quantized = observed.quantize(RangeMethod::MinMax, unsigned);
    let model = quantized_model(&quantized.network, &quantized.quantization, SIZE);
    let inputs = tensors(test);
    let ours = by_engine(&model, &inputs);
    let theirs = agreement(&ours, &onnxruntime(&model, &inputs));
    assert!(theirs.share() >= 0.99, "onnxruntime: {theirs:?}");
    let simulated = Folded::simulating(&quantized.network, &quantized.quantization).unwrap().logits(&inputs).unwrap();
    let simulated = agreement(&ours, &simulated);
    assert!(simulated.share() >= 0.99, "simulation: {simulated:?}");
}

#[test]
fn int8_stores_one_byte_a_weight() {
    let network = toy(16, 3, Syndrome::COUNT);
    let quantized = Observed::new(network.clone(), &crops(2), Equalise::None, |_| ())
        .unwrap()
        .quantize(RangeMethod::MinMax, Unsigned::None);
    let int8 = quantized_model(&quantized.network, &quantized.quantization, SIZE).encode_to_vec().len();
    let float = float_model(&network, SIZE).encode_to_vec().len();
    assert!(int8 * 3 < float, "{int8} bytes against {float}");
}
