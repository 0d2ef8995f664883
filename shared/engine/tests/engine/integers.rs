use std::num::NonZeroUsize;

use lakshan_core::{FaceCrop, Frame, InputTensor};
use lakshan_engine::onnx::{Message, ModelProto};
use lakshan_engine::{InstructionSet, Network, Options};

use crate::TINY_QDQ;

fn input(step: usize) -> InputTensor {
    let rgb = (0..3 * 224 * 224).map(|at| (at / 5 * step % 256) as u8).collect();
    InputTensor::from_crop(&FaceCrop::new(Frame::new(224, 224, rgb).unwrap()).unwrap())
}

fn load(bytes: &[u8], integers: bool, threads: usize) -> Network {
    let threads = NonZeroUsize::new(threads).unwrap();
    Network::from_onnx_with(bytes, Options { threads, integers, ..Options::default() }).unwrap()
}

/// The fixture with the residual added to the convolution's unrounded sums, as host-trainer writes it.
fn fusable() -> Vec<u8> {
    let mut model = ModelProto::decode(TINY_QDQ).unwrap();
    let nodes = &mut model.graph.as_mut().unwrap().node;
    nodes.iter_mut().find(|node| node.name == "add").unwrap().input[0] = "conv2".to_owned();
    model.encode_to_vec()
}

/// Both compute what the file says; floats round elsewhere, so a byte may differ where a value lies between two.
fn assert_close(found: &[f32], expected: &[f32]) {
    let length = |values: &mut dyn Iterator<Item = f32>| values.map(|value| value * value).sum::<f32>().sqrt();
    let difference = length(&mut found.iter().zip(expected).map(|(a, b)| a - b));
    let size = length(&mut expected.iter().copied());
    assert!(difference <= 0.02 * size, "{found:?} is not {expected:?}");
}

#[test]
fn a_residual_network_is_computed_in_integers_alone() {
    let bytes = fusable();
    let (integers, floats) = (load(&bytes, true, 2), load(&bytes, false, 2));
    let left: Vec<_> = integers.graph().explain().iter().filter(|node| node.obstacle.is_some()).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(integers.graph().instructions().is_some() && floats.graph().instructions().is_none());
    for step in 1..5 {
        let found = integers.infer(&input(step)).unwrap();
        assert_close(found.values(), floats.infer(&input(step)).unwrap().values());
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let bytes = fusable();
    let expected = load(&bytes, true, 1).infer(&input(3)).unwrap();
    for threads in [2, 3, 8] {
        let network = load(&bytes, true, threads);
        assert_eq!(network.graph().threads(), threads);
        for _ in 0..20 {
            assert_eq!(network.infer(&input(3)).unwrap(), expected);
        }
    }
}

/// The network that ships, whose layers take every way there is.
#[test]
fn every_instruction_set_gives_the_same_logits() {
    let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/demo/model.onnx");
    let bytes = std::fs::read(demo).unwrap();
    let logits = |instructions: InstructionSet| {
        let options = Options { instructions, ..Options::default() };
        let network = Network::from_onnx_with(&bytes, options).unwrap();
        assert_eq!(network.graph().instructions(), Some(instructions));
        [1, 4].map(|step| network.infer(&input(step)).unwrap())
    };
    let expected = logits("scalar".parse().unwrap());
    assert_ne!(expected[0], expected[1]);
    for instructions in InstructionSet::available() {
        assert_eq!(logits(instructions), expected, "{instructions:?}");
    }
}

#[test]
fn what_does_not_fit_runs_in_floats_behind_the_integers() {
    let (integers, floats) = (load(TINY_QDQ, true, 2), load(TINY_QDQ, false, 2));
    let obstacle = |name: &str| {
        let node = integers.graph().explain().iter().find(|node| node.name == name).unwrap();
        node.obstacle.clone()
    };
    assert_eq!(obstacle("conv1"), None);
    assert_eq!(obstacle("pool"), None);
    assert_eq!(obstacle("add").unwrap(), "its inputs are not a convolution and a quantized value");
    let found = integers.infer(&input(2)).unwrap();
    assert_close(found.values(), floats.infer(&input(2)).unwrap().values());
    assert!(floats.graph().explain().iter().all(|node| node.obstacle.is_some()));
}

#[test]
fn layers_are_timed() {
    let network = load(&fusable(), true, 2);
    let classes: Vec<String> = network.time_layers(&input(1)).unwrap().into_iter().map(|layer| layer.class).collect();
    let expected = ["to bytes", "8x8 stride 8", "max pool 3x3", "3x3 stride 1 + add", "average"];
    assert_eq!(classes, expected);
    assert!(load(TINY_QDQ, false, 1).time_layers(&input(1)).unwrap().is_empty());
}
