//! Builds an ONNX graph: nodes, initializers, attributes, in the protobuf types that tract reads with.

use lakshan_engine::onnx as pb;
use pb::attribute_proto::AttributeType;
use pb::tensor_proto::DataType;
use pb::tensor_shape_proto::{Dimension, dimension};

/// Version of the ONNX operator set.
pub const OPSET: i64 = 17;
/// Version of the ONNX file format that goes with it.
const IR_VERSION: i64 = 8;

/// A graph under construction. Names given to its methods must be unique; a method that adds a node returns the name
/// of the node's output.
#[derive(Default)]
pub struct Graph {
    nodes: Vec<pb::NodeProto>,
    initializers: Vec<pb::TensorProto>,
}

/// An attribute of a node.
pub enum Attribute<'a> {
    /// One integer.
    Int(&'a str, i64),
    /// Several integers.
    Ints(&'a str, &'a [usize]),
}

impl Attribute<'_> {
    fn proto(&self) -> pb::AttributeProto {
        match self {
            Self::Int(name, value) => pb::AttributeProto {
                name: (*name).to_owned(),
                r#type: AttributeType::Int as i32,
                i: *value,
                ..Default::default()
            },
            Self::Ints(name, values) => pb::AttributeProto {
                name: (*name).to_owned(),
                r#type: AttributeType::Ints as i32,
                ints: values.iter().map(|value| *value as i64).collect(),
                ..Default::default()
            },
        }
    }
}

impl Graph {
    /// Adds a node called `name` with one output, called `output`.
    pub fn node_to(&mut self, op: &str, name: &str, inputs: &[&str], output: &str, attributes: &[Attribute]) {
        self.nodes.push(pb::NodeProto {
            op_type: op.to_owned(),
            name: name.to_owned(),
            input: inputs.iter().map(|input| (*input).to_owned()).collect(),
            output: vec![output.to_owned()],
            attribute: attributes.iter().map(Attribute::proto).collect(),
            ..Default::default()
        });
    }

    /// Adds a node called `name` whose output is called `name.out`.
    pub fn node(&mut self, op: &str, name: &str, inputs: &[&str], attributes: &[Attribute]) -> String {
        let output = format!("{name}.out");
        self.node_to(op, name, inputs, &output, attributes);
        output
    }

    /// Adds an f32 initializer. No dimensions make a scalar.
    pub fn f32s(&mut self, name: String, dims: &[usize], values: &[f32]) -> String {
        self.initializer(name, DataType::Float, dims, values.iter().flat_map(|v| v.to_le_bytes()).collect())
    }

    /// Adds an int8 initializer.
    pub fn i8s(&mut self, name: String, dims: &[usize], values: &[i8]) -> String {
        self.initializer(name, DataType::Int8, dims, values.iter().map(|v| *v as u8).collect())
    }

    /// A constant zero point of bytes.
    pub fn zero_point(&mut self, name: String, unsigned: bool) -> String {
        self.initializer(name, if unsigned { DataType::Uint8 } else { DataType::Int8 }, &[], vec![0])
    }

    /// Adds an int32 initializer.
    pub fn i32s(&mut self, name: String, dims: &[usize], values: &[i32]) -> String {
        self.initializer(name, DataType::Int32, dims, values.iter().flat_map(|v| v.to_le_bytes()).collect())
    }

    fn initializer(&mut self, name: String, kind: DataType, dims: &[usize], raw_data: Vec<u8>) -> String {
        self.initializers.push(pb::TensorProto {
            name: name.clone(),
            data_type: kind as i32,
            dims: dims.iter().map(|dim| *dim as i64).collect(),
            raw_data,
            ..Default::default()
        });
        name
    }

    /// Wraps the graph up: one f32 input, one f32 output.
    pub fn model(self, name: &str, input: (&str, &[usize]), output: (&str, &[usize]), doc: &str) -> pb::ModelProto {
        pb::ModelProto {
            ir_version: IR_VERSION,
            opset_import: vec![pb::OperatorSetIdProto { domain: String::new(), version: OPSET }],
            producer_name: "lakshan host-trainer".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            doc_string: doc.to_owned(),
            graph: Some(pb::GraphProto {
                name: name.to_owned(),
                node: self.nodes,
                initializer: self.initializers,
                input: vec![value_info(input.0, input.1)],
                output: vec![value_info(output.0, output.1)],
                ..Default::default()
            }),
            ..Default::default()
        }
    }
}

fn value_info(name: &str, dims: &[usize]) -> pb::ValueInfoProto {
    let dim = dims
        .iter()
        .map(|dim| Dimension { value: Some(dimension::Value::DimValue(*dim as i64)), ..Default::default() })
        .collect();
    let tensor =
        pb::type_proto::Tensor { elem_type: DataType::Float as i32, shape: Some(pb::TensorShapeProto { dim }) };
    pb::ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(pb::TypeProto { value: Some(pb::type_proto::Value::TensorType(tensor)), ..Default::default() }),
        ..Default::default()
    }
}
