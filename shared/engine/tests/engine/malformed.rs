use lakshan_engine::onnx::{Message, ModelProto};
use lakshan_engine::{EngineError, Network};

use crate::TINY_QDQ;

#[test]
fn every_truncation_is_an_error() {
    for length in (0..TINY_QDQ.len()).step_by(23) {
        assert!(Network::from_onnx(&TINY_QDQ[..length]).is_err(), "{length} bytes of {}", TINY_QDQ.len());
    }
}

/// Whatever the bytes, the loader comes back. Only a fixed set of places: a search belongs to a fuzzer.
#[test]
fn altered_bytes_never_end_the_process() {
    let mut panics = 0;
    for at in (0..TINY_QDQ.len()).step_by(41) {
        for flip in [0x01, 0x80, 0xFF] {
            let mut bytes = TINY_QDQ.to_vec();
            bytes[at] ^= flip;
            panics += u32::from(matches!(Network::from_onnx(&bytes), Err(EngineError::Panicked(_))));
        }
    }
    println!("{panics} panics of tract were contained");
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
