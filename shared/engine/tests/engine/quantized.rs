//! Small quantized networks of any geometry, as `host-trainer quantize` would write them.

use lakshan_engine::onnx::tensor_proto::DataType;
use lakshan_engine::onnx::tensor_shape_proto::{Dimension, dimension};
use lakshan_engine::onnx::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto,
    ValueInfoProto, attribute_proto::AttributeType, type_proto,
};

use crate::mutation::Random;

/// Numbers of channels: one, full tiles of each kernel, and others.
const CHANNELS: [usize; 11] = [1, 2, 3, 4, 8, 9, 16, 17, 33, 64, 70];

/// A network with one to five layers between QuantizeLinear and an output of floats.
pub(crate) fn network(random: &mut Random) -> ModelProto {
    let mut graph = Graph::default();
    let channels = 1 + random.below(4);
    let mut shape = [channels, 1 + random.below(16), 1 + random.below(16)];
    let input = port("input", &[1, shape[0], shape[1], shape[2]]);
    let mut scale = 1.0;
    let mut value = graph.round_trip("input", scale, false);
    let (mut positive, mut unsigned) = (false, false);
    for layer in 0..1 + random.below(5) {
        let name = format!("layer{layer}");
        if positive && random.below(5) == 0 {
            let size = 1 + random.below(3);
            let (stride, padding) = (1 + random.below(2), random.below(size));
            let Some(next) = output([shape[1], shape[2]], [size; 2], stride, [padding; 2]) else { continue };
            graph.node(
                "MaxPool",
                &name,
                &[&value],
                &[
                    ("kernel_shape", vec![size as i64; 2]),
                    ("strides", vec![stride as i64; 2]),
                    ("pads", vec![padding as i64; 4]),
                ],
            );
            shape = [shape[0], next[0], next[1]];
            value = graph.round_trip(&name, scale, unsigned);
            continue;
        }
        if layer > 0 && !positive {
            break;
        }
        let outputs = if random.below(3) == 0 { shape[0] } else { CHANNELS[random.below(CHANNELS.len())] };
        let size = [1 + random.below(4), 1 + random.below(4)];
        let size = if random.below(3) == 0 { [1, 1] } else { size };
        let padding = size.map(|size| random.below(size / 2 + 2));
        let stride = 1 + random.below(2);
        let Some(next) = output([shape[1], shape[2]], size, stride, padding) else { continue };
        let weights = [outputs, shape[0], size[0], size[1]];
        graph.weights(&name, &weights, scale, random);
        let [top, left] = padding.map(|padding| padding as i64);
        graph.node(
            "Conv",
            &name,
            &[&value, &format!("{name}.w"), &format!("{name}.b")],
            &[("strides", vec![stride as i64; 2]), ("pads", vec![top, left, top, left])],
        );
        let mut sums = name.clone();
        if [outputs, next[0], next[1]] == shape && positive && random.below(2) == 0 {
            sums = format!("{name}.sum");
            graph.node("Add", &sums, &[&name, &value], &[]);
        }
        (positive, unsigned) = (random.below(6) != 0, random.below(2) == 0);
        // An unsigned quantizer makes negative numbers 0 by itself.
        if positive {
            let relu = format!("{name}.relu");
            graph.node("Relu", &relu, &[&sums], &[]);
            sums = relu;
        }
        shape = [outputs, next[0], next[1]];
        scale = [0.5, 1.0, 3.7, 40.0][random.below(4)];
        value = graph.round_trip(&sums, scale, unsigned);
        positive |= unsigned;
    }
    let mut output = vec![1, shape[0], shape[1], shape[2]];
    if positive && random.below(2) == 0 {
        graph.node("GlobalAveragePool", "mean", &[&value], &[]);
        let mean = graph.round_trip("mean", scale, random.below(2) == 0);
        graph.node("Flatten", "flat", &[&mean], &[]);
        graph.weights("dense", &[12, shape[0]], scale, random);
        graph.node("Gemm", "logits", &["flat", "dense.w", "dense.b"], &[("transB", vec![1])]);
        value = "logits".to_owned();
        output = vec![1, 12];
    }
    ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 13 }],
        graph: Some(GraphProto {
            name: "quantized".to_owned(),
            node: graph.nodes,
            initializer: graph.constants,
            input: vec![input],
            output: vec![port(&value, &output)],
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn output(size: [usize; 2], kernel: [usize; 2], stride: usize, padding: [usize; 2]) -> Option<[usize; 2]> {
    let axis = |at: usize| Some((size[at] + 2 * padding[at]).checked_sub(kernel[at])? / stride + 1);
    Some([axis(0)?, axis(1)?])
}

/// A float tensor at the network's edge.
fn port(name: &str, shape: &[usize]) -> ValueInfoProto {
    let dimension =
        |size: &usize| Dimension { value: Some(dimension::Value::DimValue(*size as i64)), ..Default::default() };
    let tensor = type_proto::Tensor {
        elem_type: DataType::Float as i32,
        shape: Some(TensorShapeProto { dim: shape.iter().map(dimension).collect() }),
    };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..Default::default() }),
        ..Default::default()
    }
}

#[derive(Default)]
struct Graph {
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl Graph {
    fn node(&mut self, operator: &str, output: &str, inputs: &[&str], attributes: &[(&str, Vec<i64>)]) {
        let attribute = |(name, values): &(&str, Vec<i64>)| {
            let single = *name == "transB" || *name == "axis";
            AttributeProto {
                name: (*name).to_owned(),
                r#type: if single { AttributeType::Int } else { AttributeType::Ints } as i32,
                i: if single { values[0] } else { 0 },
                ints: if single { Vec::new() } else { values.clone() },
                ..Default::default()
            }
        };
        self.nodes.push(NodeProto {
            name: output.to_owned(),
            op_type: operator.to_owned(),
            input: inputs.iter().map(|name| (*name).to_owned()).collect(),
            output: vec![output.to_owned()],
            attribute: attributes.iter().map(attribute).collect(),
            ..Default::default()
        });
    }

    fn constant(&mut self, name: &str, data_type: DataType, dims: &[usize], raw_data: Vec<u8>) {
        self.constants.push(TensorProto {
            name: name.to_owned(),
            data_type: data_type as i32,
            dims: dims.iter().map(|size| *size as i64).collect(),
            raw_data,
            ..Default::default()
        });
    }

    /// QuantizeLinear and DequantizeLinear with zero point 0, to bytes of -128 to 127 or of 0 to 255.
    fn round_trip(&mut self, source: &str, scale: f32, unsigned: bool) -> String {
        let (step, zero) = (format!("{source}.scale"), format!("{source}.zero"));
        self.constant(&step, DataType::Float, &[], scale.to_le_bytes().to_vec());
        let bytes = if unsigned { DataType::Uint8 } else { DataType::Int8 };
        self.constant(&zero, bytes, &[], vec![0]);
        let (integers, floats) = (format!("{source}.q"), format!("{source}.dq"));
        self.node("QuantizeLinear", &integers, &[source, &step, &zero], &[]);
        self.node("DequantizeLinear", &floats, &[&integers, &step, &zero], &[]);
        floats
    }

    /// DequantizeLinear of weights, one scale for each output, and of 32-bit biases.
    fn weights(&mut self, name: &str, shape: &[usize], input_scale: f32, random: &mut Random) {
        let outputs = shape[0];
        let count: usize = shape.iter().product();
        let largest = [127, 40, 3][random.below(3)];
        let bytes = (0..count).map(|_| (random.below(2 * largest + 1) as i32 - largest as i32) as u8).collect();
        let scales: Vec<f32> = (0..outputs).map(|_| 0.002 * (1 + random.below(9)) as f32).collect();
        let biases = (0..outputs).flat_map(|_| (random.below(2000) as i32 - 1000).to_le_bytes()).collect();
        let floats = |values: &mut dyn Iterator<Item = f32>| values.flat_map(f32::to_le_bytes).collect::<Vec<u8>>();
        let sums = floats(&mut scales.iter().map(|scale| scale * input_scale));
        let parts = [
            ("w", DataType::Int8, shape, bytes, floats(&mut scales.iter().copied()), 1),
            ("b", DataType::Int32, &shape[..1], biases, sums, 4),
        ];
        for (part, data_type, dims, values, scales, width) in parts {
            let names = ["q", "scale", "zero"].map(|kind| format!("{name}.{part}.{kind}"));
            self.constant(&names[0], data_type, dims, values);
            self.constant(&names[1], DataType::Float, &[outputs], scales);
            self.constant(&names[2], data_type, &[outputs], vec![0; outputs * width]);
            let inputs = [names[0].as_str(), &names[1], &names[2]];
            self.node("DequantizeLinear", &format!("{name}.{part}"), &inputs, &[("axis", vec![0])]);
        }
    }
}
