//! The same network without its last layer: it gives the pooled features that the last layer reads.

use lakshan_engine::onnx as pb;
use lakshan_engine::onnx::tensor_shape_proto::{Dimension, dimension};
use lakshan_engine::onnx::{Message, ModelProto};

/// An ONNX file whose last node is no dense layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the network does not end in a dense layer (Gemm) that reads pooled features")]
pub struct NoDenseLayer;

/// The ONNX file `bytes` with its last dense layer cut off. Its output is what that layer read, of shape 1 x `width`.
///
/// # Errors
/// When the file does not end in a Gemm.
pub fn without_dense(bytes: &[u8]) -> Result<Vec<u8>, NoDenseLayer> {
    let mut model = ModelProto::decode(bytes).map_err(|_| NoDenseLayer)?;
    let graph = model.graph.as_mut().ok_or(NoDenseLayer)?;
    let gemm = graph.node.pop().filter(|node| node.op_type == "Gemm").ok_or(NoDenseLayer)?;
    let (features, weight) = (gemm.input.first().ok_or(NoDenseLayer)?, gemm.input.get(1).ok_or(NoDenseLayer)?);
    // The weight is an initializer, or behind a DequantizeLinear.
    let integers =
        graph.node.iter().find(|node| node.output.first() == Some(weight)).and_then(|node| node.input.first());
    let stored = integers.unwrap_or(weight);
    let tensor = graph.initializer.iter().find(|tensor| tensor.name == *stored).ok_or(NoDenseLayer)?;
    let &[_, width] = &tensor.dims[..] else { return Err(NoDenseLayer) };
    let dim = |size| Dimension { value: Some(dimension::Value::DimValue(size)), ..Default::default() };
    let [output] = &mut graph.output[..] else { return Err(NoDenseLayer) };
    output.name = features.clone();
    let tensor = pb::type_proto::Tensor {
        elem_type: pb::tensor_proto::DataType::Float as i32,
        shape: Some(pb::TensorShapeProto { dim: vec![dim(1), dim(width)] }),
    };
    output.r#type =
        Some(pb::TypeProto { value: Some(pb::type_proto::Value::TensorType(tensor)), ..Default::default() });
    // What only the dense layer read would be refused as left over.
    graph.node.retain(|node| !gemm.input[1..].iter().any(|input| node.output.contains(input)));
    Ok(model.encode_to_vec())
}

#[cfg(test)]
mod tests {
    use lakshan_core::preprocess::SIZE;
    use lakshan_core::{InputTensor, Syndrome};
    use lakshan_engine::{Graph, Network};

    use super::*;
    use crate::onnx::fold::tests::{crops, toy};
    use crate::onnx::{float_model, quantized_model};
    use crate::quantize::calibrate::Observed;
    use crate::quantize::equalise::Equalise;
    use crate::quantize::ranges::RangeMethod;
    use crate::quantize::unsigned::Unsigned;

    #[test]
    fn features_times_the_dense_layer_are_the_logits() {
        let network = toy(8, 2, 12);
        let crops = crops(3);
        let quantized = Observed::new(network, &crops, Equalise::None, |_| ())
            .unwrap()
            .quantize(RangeMethod::MinMax, Unsigned::All);
        let int8 = quantized_model(&quantized.network, &quantized.quantization, SIZE).encode_to_vec();
        let float = float_model(&quantized.network, SIZE).encode_to_vec();
        for (bytes, tolerance) in [(float, 1e-3), (int8, 0.05)] {
            let whole = Network::from_onnx(&bytes).unwrap();
            let cut = Graph::from_onnx(&without_dense(&bytes).unwrap()).unwrap();
            let dense = &quantized.network.dense;
            for crop in &crops {
                let input = InputTensor::from_crop(crop);
                let features = cut.run(&[(&[1, 3, SIZE, SIZE], input.values())]).unwrap().remove(0);
                assert_eq!(features.shape, [1, dense.inputs]);
                let logits = whole.infer(&input).unwrap();
                for class in Syndrome::ALL {
                    let weights = &dense.weight[class.index() * dense.inputs..][..dense.inputs];
                    let sum: f32 = weights.iter().zip(&features.values).map(|(w, x)| w * x).sum();
                    let expected = sum + dense.bias[class.index()];
                    let found = logits.values()[class.index()];
                    assert!((found - expected).abs() <= tolerance * (1.0 + expected.abs()), "{found} {expected}");
                }
            }
        }
        assert_eq!(without_dense(b"no network"), Err(NoDenseLayer));
    }
}
