use std::collections::HashMap;

use lakshan_engine::Network;
use lakshan_engine::onnx::{Message, ModelProto};

use crate::mutation::{Random, mutate};
use crate::trial::Trial;
use crate::{TINY_QDQ, quantized, trial};

#[test]
fn every_truncation_is_an_error() {
    for length in (0..TINY_QDQ.len()).step_by(23) {
        assert!(Network::from_onnx(&TINY_QDQ[..length]).is_err(), "{length} bytes of {}", TINY_QDQ.len());
    }
}

/// Networks that are altered where it hurts are refused or run, and take no gigabyte. A longer search is the fuzzer's.
#[test]
fn altered_networks_never_end_the_process() {
    let mut trials = HashMap::new();
    for seed in 0..2000 {
        let mut random = Random::new(seed);
        let mut model = quantized::network(&mut random);
        for _ in 0..seed % 5 {
            mutate(&mut model, &mut random);
        }
        let trial = trial::run(&model.encode_to_vec()).unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
        if seed % 5 == 0 {
            assert!(matches!(trial, Trial::Ran(_)), "seed {seed}: {trial:?} without any change");
        }
        *trials.entry(trial).or_insert(0) += 1;
    }
    println!("{trials:?}");
    // Neither is everything refused, nor does everything run: both sides are tested.
    assert!(trials[&Trial::Ran(true)] > 500 && trials[&Trial::Refused] > 250, "{trials:?}");
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        assert!(peak.is_some_and(|kilobytes: u64| kilobytes < 1 << 20), "{peak:?} kB of memory");
    }
}

/// Single bytes of the file: what protobuf itself bends.
#[test]
fn altered_bytes_never_end_the_process() {
    for at in (0..TINY_QDQ.len()).step_by(41) {
        for flip in [0x01, 0x80, 0xFF] {
            let mut bytes = TINY_QDQ.to_vec();
            bytes[at] ^= flip;
            trial::run(&bytes).unwrap_or_else(|fault| panic!("byte {at}: {fault}"));
        }
    }
}

/// Each file once made the loader panic, or take more memory than there is.
#[test]
fn what_the_fuzzer_found_stays_mended() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/malformed");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        trial::run(&std::fs::read(&path).unwrap()).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        files += 1;
    }
    assert!(files > 0, "{folder} is empty");
}

#[test]
fn dangling_names_are_reported_by_name() {
    let refuse = |change: fn(&mut ModelProto)| {
        let mut model = ModelProto::decode(TINY_QDQ).unwrap();
        change(&mut model);
        Network::from_onnx(&model.encode_to_vec()).unwrap_err().to_string()
    };
    let output = refuse(|model| model.graph.as_mut().unwrap().output[0].name = "nowhere".to_owned());
    assert_eq!(output, "the network is malformed: nothing makes the output 'nowhere'");
    let input = refuse(|model| {
        let nodes = &mut model.graph.as_mut().unwrap().node;
        nodes.iter_mut().find(|node| node.name == "relu1").unwrap().input[0] = "nowhere".to_owned();
    });
    assert_eq!(input, "the network is malformed: node 'relu1' reads 'nowhere', which nothing makes");
    let external = refuse(|model| model.graph.as_mut().unwrap().initializer[0].data_location = Some(1));
    assert!(external.ends_with("lie in another file"), "{external}");
    assert_eq!(refuse(|model| model.graph = None), "the network is malformed: it holds no graph");
}
