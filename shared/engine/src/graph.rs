//! Any float network with fixed shapes: from ONNX bytes to something that runs.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::TypedSimplePlan;

use crate::error::EngineError;
use crate::fusion::{self, Fused, FusedFloats, Fusion, NodeFate};
use crate::instruction_set::InstructionSet;
use crate::layers::{self, LayerTime};
use crate::onnx::{GraphProto, Message, ModelProto};
use crate::options::Options;
use crate::{checks, integers, panics, quantized};

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
    way: Way,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    fates: Vec<NodeFate>,
    instructions: InstructionSet,
}

/// Who computes a network.
enum Way {
    /// tract, the integer part apart.
    Tract { plan: Arc<TypedSimplePlan>, part: Option<Arc<Fused>> },
    /// The integer kernels alone.
    Integers(Fused),
    /// The float kernels alone.
    Floats(FusedFloats),
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
        checks::file(&model)?;
        panics::contain(move || {
            let instructions = options.instructions;
            let (fusion, fates) = if options.integers {
                let floats = lakshan_kernels::floats::best();
                fusion::fuse(&mut model, instructions.kernel(), floats, options.threads.get())
            } else {
                (Fusion::None, fusion::unfused(&model, "integers were not asked for"))
            };
            let part = match fusion {
                Fusion::None => None,
                Fusion::Part(fused) => Some(Arc::new(fused)),
                Fusion::Integers(fused) => {
                    let (inputs, outputs) = named(checks::graph_of(&model)?, &fused.input, &fused.shapes);
                    return Ok(Self { way: Way::Integers(fused), inputs, outputs, fates, instructions });
                }
                Fusion::Floats(fused) => {
                    let (inputs, outputs) = named(checks::graph_of(&model)?, &fused.input, &fused.outputs);
                    return Ok(Self { way: Way::Floats(fused), inputs, outputs, fates, instructions });
                }
            };
            quantized::fold(&mut model).map_err(|error| EngineError::Build(error.into()))?;
            let mut network = integers::register(quantized::register(tract_onnx::onnx()))
                .model_for_proto_model(&model)
                .map_err(|error| EngineError::Build(error.into()))?;
            drop(model);
            if let Some(fused) = &part {
                integers::install(&mut network, fused);
            }
            let network = network.into_typed().map_err(|error| EngineError::Build(error.into()))?;
            let inputs =
                ports(&network, network.input_outlets().map_err(|error| EngineError::Build(error.into()))?, "input")?;
            let outputs =
                ports(&network, network.output_outlets().map_err(|error| EngineError::Build(error.into()))?, "output")?;
            checks::values(&network)?;
            let plan = network
                .into_optimized()
                .and_then(IntoRunnable::into_runnable)
                .map_err(|error| EngineError::Build(error.into()))?;
            Ok(Self { way: Way::Tract { plan, part }, inputs, outputs, fates, instructions })
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

    /// What became of each node of the file: computed by this crate's own kernels, or by tract, and why.
    pub fn explain(&self) -> &[NodeFate] {
        &self.fates
    }

    /// The name of the kernels that compute it, integers or floats; `None` when tract computes everything.
    pub fn kernel(&self) -> Option<&'static str> {
        match &self.way {
            Way::Floats(fused) => Some(fused.program.kernel()),
            _ => self.instructions().map(InstructionSet::name),
        }
    }

    /// The instruction set of the integer part; `None` when there is no such part.
    pub fn instructions(&self) -> Option<InstructionSet> {
        self.integers().map(|_| self.instructions)
    }

    /// How many threads compute the integer part.
    pub fn threads(&self) -> usize {
        self.integers().map_or(1, |fused| fused.program.threads())
    }

    /// The part that the integer kernels compute.
    fn integers(&self) -> Option<&Fused> {
        match &self.way {
            Way::Tract { part, .. } => part.as_deref(),
            Way::Integers(fused) => Some(fused),
            Way::Floats(_) => None,
        }
    }

    /// Runs the integer part alone and times its layers; empty when there is no such part, or the input is not its own.
    ///
    /// # Errors
    /// When computing panics.
    pub fn time_layers(&self, input: &[f32]) -> Result<Vec<LayerTime>, EngineError> {
        match self.integers() {
            Some(fused) if fused.input.iter().product::<usize>() == input.len() => {
                panics::contain(|| Ok(layers::time(fused, input)))
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
        for (port, (shape, values)) in self.inputs.iter().zip(inputs) {
            if port.shape != *shape || shape.iter().product::<usize>() != values.len() {
                return Err(EngineError::Shape {
                    port: format!("input '{}'", port.name),
                    found: format!("{shape:?} with {} values", values.len()),
                    expected: format!("{:?}", port.shape),
                });
            }
        }
        panics::contain(|| match &self.way {
            Way::Tract { plan, .. } => run_tract(plan, inputs).map_err(|error| EngineError::Run(error.into())),
            Way::Integers(fused) => Ok(self.arrays(fused.program.run(inputs[0].1, None))),
            Way::Floats(fused) => Ok(self.arrays(fused.program.run(inputs[0].1))),
        })
    }

    /// The outputs' values with their shapes.
    fn arrays(&self, values: Vec<Vec<f32>>) -> Vec<Array> {
        let array = |(port, values): (&Port, Vec<f32>)| Array { shape: port.shape.clone(), values };
        self.outputs.iter().zip(values).map(array).collect()
    }
}

fn run_tract(plan: &Arc<TypedSimplePlan>, inputs: &[(&[usize], &[f32])]) -> TractResult<Vec<Array>> {
    let tensor = |(shape, values): &(&[usize], &[f32])| Ok(Tensor::from_shape(shape, values)?.into_tvalue());
    let results = plan.run(inputs.iter().map(tensor).collect::<TractResult<_>>()?)?;
    results.iter().map(|tensor| array(tensor)).collect()
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

/// The one input and the outputs of a network that is fused as a whole.
fn named(graph: &GraphProto, input: &[usize], outputs: &[Vec<usize>]) -> (Vec<Port>, Vec<Port>) {
    let weights: HashSet<&str> = graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs = graph.input.iter().filter(|port| !weights.contains(port.name.as_str()));
    let inputs = inputs.map(|port| Port { name: port.name.clone(), shape: input.to_vec() });
    let outputs = graph.output.iter().zip(outputs);
    let outputs = outputs.map(|(port, shape)| Port { name: port.name.clone(), shape: shape.clone() });
    (inputs.collect(), outputs.collect())
}

fn array(tensor: &Tensor) -> TractResult<Array> {
    Ok(Array { shape: tensor.shape().to_vec(), values: tensor.try_as_plain_ram()?.as_slice::<f32>()?.to_vec() })
}
