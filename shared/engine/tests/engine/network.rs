use lakshan_core::{FaceCrop, Frame, InputTensor};
use lakshan_engine::onnx::tensor_shape_proto::dimension::Value;
use lakshan_engine::onnx::{Message, ModelProto, type_proto};
use lakshan_engine::{EngineError, Graph, Network};

use crate::{TINY_QDQ, TINY_QDQ_LOGITS, chain};

/// The crop whose tensor is the fixture's input: value i, in planar order, is ((7 i) mod 256) - 128.
fn input() -> InputTensor {
    let plane = 224 * 224;
    let rgb = (0..3 * plane).map(|at| ((at % 3 * plane + at / 3) * 7 % 256) as u8).collect();
    InputTensor::from_crop(&FaceCrop::new(Frame::new(224, 224, rgb).unwrap()).unwrap())
}

fn altered(change: impl FnOnce(&mut ModelProto)) -> Vec<u8> {
    let mut model = ModelProto::decode(TINY_QDQ).unwrap();
    change(&mut model);
    model.encode_to_vec()
}

fn set_dim(model: &mut ModelProto, output: bool, axis: usize, size: i64) {
    let graph = model.graph.as_mut().unwrap();
    let port = if output { &mut graph.output[0] } else { &mut graph.input[0] };
    let Some(type_proto::Value::TensorType(tensor)) = port.r#type.as_mut().unwrap().value.as_mut() else { panic!() };
    tensor.shape.as_mut().unwrap().dim[axis].value = Some(Value::DimValue(size));
}

#[test]
fn quantized_network_gives_onnxruntimes_logits() {
    let logits = Network::from_onnx(TINY_QDQ).unwrap().infer(&input()).unwrap();
    let expected: Vec<f32> = TINY_QDQ_LOGITS.lines().map(|line| line.parse().unwrap()).collect();
    for (found, expected) in logits.values().iter().zip(&expected) {
        assert!((found - expected).abs() <= 1e-3 * expected.abs(), "{found} is not {expected}");
    }
}

#[test]
fn one_network_serves_many_threads() {
    let network = Network::from_onnx(TINY_QDQ).unwrap();
    let expected = network.infer(&input()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(network.infer(&input()).unwrap(), expected));
        }
    });
}

#[test]
fn another_shape_is_named() {
    let wide = Network::from_onnx(&altered(|model| set_dim(model, false, 3, 112))).unwrap_err();
    assert_eq!(wide.to_string(), "input 'input' is [1, 3, 224, 112] of FLOAT, expected [1, 3, 224, 224] of FLOAT");
    let thousand = Network::from_onnx(&altered(|model| set_dim(model, true, 1, 1000))).unwrap_err();
    assert_eq!(thousand.to_string(), "output 'logits' is [1, 1000] of FLOAT, expected [1, 12] of FLOAT");
}

#[test]
fn an_output_that_says_nothing_of_its_shape_is_measured() {
    let silent = altered(|model| {
        let graph = model.graph.as_mut().unwrap();
        graph.output[0].name = "flat".to_owned();
        graph.output[0].r#type = None;
        graph.node.retain(|node| node.name != "logits");
    });
    let error = Network::from_onnx(&silent).unwrap_err();
    assert_eq!(error.to_string(), "output 'flat' is [1, 8], expected [1, 12]");
}

#[test]
fn a_size_left_open_is_named() {
    let error = Graph::from_onnx(TINY_QDQ).unwrap_err();
    assert!(matches!(error, EngineError::OpenShape { .. }), "{error}");
    assert!(error.to_string().contains("input 'input'"), "{error}");
}

#[test]
fn an_unknown_operator_is_named_with_its_node() {
    let unknown = altered(|model| {
        let graph = model.graph.as_mut().unwrap();
        graph.node.iter_mut().find(|node| node.name == "relu2").unwrap().op_type = "Sparkle".to_owned();
    });
    let words = chain(&Network::from_onnx(&unknown).unwrap_err());
    assert!(words.contains("Sparkle") && words.contains("relu2"), "{words}");
}

#[test]
fn inputs_that_do_not_fit_are_refused() {
    let detector = include_bytes!("../../../../models/face-detector/blazeface_short_range_128.onnx");
    let detector = Graph::from_onnx(detector).unwrap();
    for inputs in [&[][..], &[(&[1, 128, 128, 3][..], &[0.0; 5][..])], &[(&[5][..], &[0.0; 5][..])]] {
        assert!(matches!(detector.run(inputs), Err(EngineError::Shape { .. })));
    }
}
