//! The twelve-class classifier: one crop's tensor in, twelve logits out.

use lakshan_core::{InputTensor, Logits, Syndrome, preprocess};

use crate::checks::graph_of;
use crate::error::EngineError;
use crate::graph::{Graph, decode};
use crate::layers::LayerTime;
use crate::onnx::tensor_proto::DataType;
use crate::onnx::tensor_shape_proto::{Dimension, dimension::Value};
use crate::onnx::{ModelProto, TypeProto, ValueInfoProto, type_proto};
use crate::options::Options;

/// Input: one picture, three channels, height, width.
const INPUT: [usize; 4] = [1, 3, preprocess::SIZE, preprocess::SIZE];
/// Output: one row of logits.
const OUTPUT: [usize; 2] = [1, Syndrome::COUNT];

/// The classifier, checked to take an [`InputTensor`] and to give twelve numbers. Threads may share one.
///
/// ```
/// use lakshan_core::{FaceCrop, Frame, InputTensor};
/// use lakshan_engine::Network;
///
/// let network = Network::from_onnx(include_bytes!("../tests/fixtures/tiny_qdq.onnx"))?;
/// for node in network.graph().explain().iter().filter(|node| node.obstacle.is_some()) {
///     println!("{} {} is computed in floats", node.operator, node.name);
/// }
///
/// let crop = FaceCrop::new(Frame::new(224, 224, vec![90; 224 * 224 * 3])?).expect("224 x 224 pixels");
/// let logits = network.infer(&InputTensor::from_crop(&crop))?;
/// assert_eq!(logits.values().len(), 12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Network(Graph);

impl Network {
    /// Loads the classifier from the contents of an ONNX file: one float input 1 x 3 x 224 x 224, one float output
    /// 1 x 12. The first axis may be left open in the file; it is fixed to one picture.
    ///
    /// # Errors
    /// As [`Graph::from_onnx`], and when the input or output has another shape: the error says which it has.
    pub fn from_onnx(bytes: &[u8]) -> Result<Self, EngineError> {
        Self::from_onnx_with(bytes, Options::default())
    }

    /// The same, with a choice of threads and arithmetic.
    ///
    /// # Errors
    /// As [`from_onnx`](Self::from_onnx).
    pub fn from_onnx_with(bytes: &[u8], options: Options) -> Result<Self, EngineError> {
        Self::from_decoded(decode(bytes)?, options)
    }

    /// Loads the classifier from a file that has been decoded, so that its bytes need not be kept meanwhile.
    pub(crate) fn from_decoded(mut model: ModelProto, options: Options) -> Result<Self, EngineError> {
        fix_batch(&mut model)?;
        let graph = Graph::from_model(model, options)?;
        for (kind, ports, expected) in [("input", graph.inputs(), &INPUT[..]), ("output", graph.outputs(), &OUTPUT)] {
            let [port] = ports else {
                return Err(EngineError::Shape {
                    port: format!("the number of {kind}s"),
                    found: ports.len().to_string(),
                    expected: "1".to_owned(),
                });
            };
            if port.shape != expected {
                return Err(EngineError::Shape {
                    port: format!("{kind} '{}'", port.name),
                    found: format!("{:?}", port.shape),
                    expected: format!("{expected:?}"),
                });
            }
        }
        Ok(Self(graph))
    }

    /// The network behind it: what was fused, how many threads work on it.
    pub fn graph(&self) -> &Graph {
        &self.0
    }

    /// The logits of one crop.
    ///
    /// # Errors
    /// When tract fails, or a logit is NaN or infinite.
    pub fn infer(&self, input: &InputTensor) -> Result<Logits, EngineError> {
        let outputs = self.0.run(&[(&INPUT, input.values())])?;
        let [output] = &outputs[..] else { unreachable!("checked while loading") };
        let logits = output.values.as_slice().try_into().map_err(|_| EngineError::Shape {
            port: format!("output '{}'", self.0.outputs()[0].name),
            found: format!("{:?}", output.shape),
            expected: format!("{OUTPUT:?}"),
        })?;
        Ok(Logits::new(logits)?)
    }
}

impl Network {
    /// Runs the integer part alone on a crop and times its layers; empty when all is computed in floats.
    ///
    /// # Errors
    /// When computing panics.
    pub fn time_layers(&self, input: &InputTensor) -> Result<Vec<LayerTime>, EngineError> {
        self.0.time_layers(input.values())
    }
}

/// Writes 1 for the first axis of the input and output where the file leaves it open, and drops the shapes noted for
/// values in between, which would still have it open. Any other shape is named as the file has it.
fn fix_batch(model: &mut ModelProto) -> Result<(), EngineError> {
    graph_of(model)?;
    let Some(graph) = model.graph.as_mut() else { unreachable!("checked above") };
    let weights: Vec<&str> = graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs = graph.input.iter_mut().filter(|input| !weights.contains(&input.name.as_str()));
    for (kind, port, expected) in inputs
        .map(|port| ("input", port, &INPUT[..]))
        .chain(graph.output.iter_mut().map(|p| ("output", p, &OUTPUT[..])))
    {
        let name = port.name.clone();
        let Some(tensor) = tensor_type(port) else { continue };
        let element = tensor.elem_type;
        let Some(shape) = tensor.shape.as_mut() else { continue };
        if let Some(first) = shape.dim.first_mut()
            && !matches!(first.value, Some(Value::DimValue(size)) if size > 0)
        {
            first.value = Some(Value::DimValue(1));
        }
        let fits = shape.dim.len() == expected.len()
            && shape.dim.iter().zip(expected).all(|(dim, size)| dim.value == Some(Value::DimValue(*size as i64)));
        if !fits || element != DataType::Float as i32 {
            let element = DataType::try_from(element).map_or("UNKNOWN", |element| element.as_str_name());
            return Err(EngineError::Shape {
                port: format!("{kind} '{name}'"),
                found: format!("[{}] of {element}", shape.dim.iter().map(size).collect::<Vec<_>>().join(", ")),
                expected: format!("{expected:?} of FLOAT"),
            });
        }
    }
    graph.value_info.clear();
    Ok(())
}

fn tensor_type(port: &mut ValueInfoProto) -> Option<&mut type_proto::Tensor> {
    match port.r#type.as_mut() {
        Some(TypeProto { value: Some(type_proto::Value::TensorType(tensor)), .. }) => Some(tensor),
        _ => None,
    }
}

fn size(dim: &Dimension) -> String {
    match &dim.value {
        Some(Value::DimValue(size)) => size.to_string(),
        Some(Value::DimParam(name)) => name.clone(),
        None => "?".to_owned(),
    }
}
