//! Any float network with fixed shapes: from ONNX bytes to something that runs.

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::TypedSimplePlan;

use crate::error::EngineError;
use crate::fusion::{self, Fused, NodeFate};
use crate::layers::{self, LayerTime};
use crate::onnx::tensor_proto::DataLocation;
use crate::onnx::{GraphProto, Message, ModelProto};
use crate::options::Options;
use crate::{integers, quantized};

/// The name and the shape of an input or output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The name that the file gives it.
    pub name: String,
    /// The size of each axis.
    pub shape: Vec<usize>,
}

/// A result: 32-bit floats in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The size of each axis.
    pub shape: Vec<usize>,
    /// The values; as many as the product of `shape`.
    pub values: Vec<f32>,
}

/// A network that is ready to run. It keeps no state between runs, so threads may share one.
pub struct Graph {
    plan: Arc<TypedSimplePlan>,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    fused: Option<Arc<Fused>>,
    fates: Vec<NodeFate>,
}

impl Graph {
    /// Loads a network from the contents of an ONNX file.
    ///
    /// # Errors
    /// When the bytes are no ONNX file, an operator is unknown, an input or output is not made of 32-bit floats
    /// or leaves a size open, or the file refers to data outside itself.
    pub fn from_onnx(bytes: &[u8]) -> Result<Self, EngineError> {
        Self::from_onnx_with(bytes, Options::default())
    }

    /// The same, with a choice of threads and arithmetic.
    ///
    /// # Errors
    /// As [`from_onnx`](Self::from_onnx).
    pub fn from_onnx_with(bytes: &[u8], options: Options) -> Result<Self, EngineError> {
        Self::from_model(decode(bytes)?, options)
    }

    /// Loads a network that has already been decoded.
    pub(crate) fn from_model(mut model: ModelProto, options: Options) -> Result<Self, EngineError> {
        check(&model)?;
        contain_panics(move || {
            let (fused, fates) = if options.integers {
                fusion::fuse(&mut model, lakshan_kernels::best(), options.threads.get())
            } else {
                (None, fusion::unfused(&model, "integers were not asked for"))
            };
            let fused = fused.map(Arc::new);
            quantized::fold(&mut model).map_err(|error| EngineError::Build(error.into()))?;
            let mut network = integers::register(quantized::register(tract_onnx::onnx()))
                .model_for_proto_model(&model)
                .map_err(|error| EngineError::Build(error.into()))?;
            drop(model);
            if let Some(fused) = &fused {
                integers::install(&mut network, fused);
            }
            let network = network.into_typed().map_err(|error| EngineError::Build(error.into()))?;
            let inputs =
                ports(&network, network.input_outlets().map_err(|error| EngineError::Build(error.into()))?, "input")?;
            let outputs =
                ports(&network, network.output_outlets().map_err(|error| EngineError::Build(error.into()))?, "output")?;
            let plan = network
                .into_optimized()
                .and_then(IntoRunnable::into_runnable)
                .map_err(|error| EngineError::Build(error.into()))?;
            Ok(Self { plan, inputs, outputs, fused, fates })
        })
    }

    /// The inputs, in the order in which [`run`](Self::run) takes them.
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// The outputs, in the order in which [`run`](Self::run) gives them.
    pub fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    /// What became of each node of the file: part of the integer program, or computed in floats, and why.
    pub fn explain(&self) -> &[NodeFate] {
        &self.fates
    }

    /// The instruction set of the integer part; `None` when there is no such part.
    pub fn kernel(&self) -> Option<&'static str> {
        self.fused.as_ref().map(|_| lakshan_kernels::best().name)
    }

    /// How many threads compute the integer part.
    pub fn threads(&self) -> usize {
        self.fused.as_ref().map_or(1, |fused| fused.program.threads())
    }

    /// Runs the integer part alone and times its layers; empty when there is no such part, or the input is not its own.
    ///
    /// # Errors
    /// When computing panics.
    pub fn time_layers(&self, input: &[f32]) -> Result<Vec<LayerTime>, EngineError> {
        match &self.fused {
            Some(fused) if fused.input.iter().product::<usize>() == input.len() => {
                contain_panics(|| Ok(layers::time(fused, input)))
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Computes all outputs. Each input is its shape and its values in row-major order.
    ///
    /// # Errors
    /// When the inputs do not fit the network, or tract fails.
    pub fn run(&self, inputs: &[(&[usize], &[f32])]) -> Result<Vec<Array>, EngineError> {
        if inputs.len() != self.inputs.len() {
            return Err(EngineError::Shape {
                port: "the number of inputs".to_owned(),
                found: inputs.len().to_string(),
                expected: self.inputs.len().to_string(),
            });
        }
        let mut tensors = tvec!();
        for (port, (shape, values)) in self.inputs.iter().zip(inputs) {
            if port.shape != *shape || shape.iter().product::<usize>() != values.len() {
                return Err(EngineError::Shape {
                    port: format!("input '{}'", port.name),
                    found: format!("{shape:?} with {} values", values.len()),
                    expected: format!("{:?}", port.shape),
                });
            }
            let tensor = Tensor::from_shape(shape, values).map_err(|error| EngineError::Run(error.into()))?;
            tensors.push(tensor.into_tvalue());
        }
        contain_panics(|| {
            let results = self.plan.run(tensors).map_err(|error| EngineError::Run(error.into()))?;
            results.iter().map(|tensor| array(tensor).map_err(|error| EngineError::Run(error.into()))).collect()
        })
    }
}

/// Names and shapes only: a network's weights are no text.
impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph").field("inputs", &self.inputs).field("outputs", &self.outputs).finish_non_exhaustive()
    }
}

/// Decodes an ONNX file.
pub(crate) fn decode(bytes: &[u8]) -> Result<ModelProto, EngineError> {
    ModelProto::decode(bytes).map_err(EngineError::Decode)
}

/// The graph inside a model.
pub(crate) fn graph_of(model: &ModelProto) -> Result<&GraphProto, EngineError> {
    model.graph.as_ref().ok_or_else(|| EngineError::Malformed("it holds no graph".to_owned()))
}

/// Refuses what tract would take for granted.
fn check(model: &ModelProto) -> Result<(), EngineError> {
    let graph = graph_of(model)?;
    if let Some(tensor) = graph.initializer.iter().find(|t| t.data_location == Some(DataLocation::External as i32)) {
        return Err(EngineError::Malformed(format!("the weights '{}' lie in another file", tensor.name)));
    }
    let made: HashSet<&str> = graph
        .initializer
        .iter()
        .map(|tensor| tensor.name.as_str())
        .chain(graph.input.iter().map(|input| input.name.as_str()))
        .chain(graph.node.iter().flat_map(|node| &node.output).map(String::as_str))
        .collect();
    for node in &graph.node {
        if let Some(name) = node.input.iter().find(|name| !name.is_empty() && !made.contains(name.as_str())) {
            return Err(EngineError::Malformed(format!("node '{}' reads '{name}', which nothing makes", node.name)));
        }
    }
    match graph.output.iter().find(|output| !made.contains(output.name.as_str())) {
        Some(output) => Err(EngineError::Malformed(format!("nothing makes the output '{}'", output.name))),
        None if graph.output.is_empty() => Err(EngineError::Malformed("it has no output".to_owned())),
        None => Ok(()),
    }
}

/// Names and shapes of the inputs or outputs; all must be floats of known size.
fn ports(network: &TypedModel, outlets: &[OutletId], kind: &str) -> Result<Vec<Port>, EngineError> {
    let port = |outlet: &OutletId| {
        let fact = network.outlet_fact(*outlet).map_err(|error| EngineError::Build(error.into()))?;
        let name = network.outlet_label(*outlet).unwrap_or(&network.node(outlet.node).name).to_owned();
        let Some(shape) = fact.shape.as_concrete() else {
            return Err(EngineError::OpenShape {
                port: format!("{kind} '{name}'"),
                found: format!("{:?}", fact.shape),
            });
        };
        if fact.datum_type != f32::datum_type() {
            return Err(EngineError::Shape {
                port: format!("{kind} '{name}'"),
                found: format!("made of {:?}", fact.datum_type),
                expected: "32-bit floats".to_owned(),
            });
        }
        Ok(Port { name, shape: shape.to_vec() })
    };
    outlets.iter().map(port).collect()
}

fn array(tensor: &Tensor) -> TractResult<Array> {
    Ok(Array { shape: tensor.shape().to_vec(), values: tensor.try_as_plain_ram()?.as_slice::<f32>()?.to_vec() })
}

/// tract indexes and unwraps on files that were tampered with; such a panic must not end a device's session.
/// Nothing that `work` touches is used after a panic, so a half-changed value cannot be seen.
fn contain_panics<T>(work: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let words =
            panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(EngineError::Panicked(words.unwrap_or("a panic without words").to_owned()))
    })
}
