//! Refuses, before anything is allocated, what tract would take for granted about a file.

use std::collections::HashSet;

use tract_onnx::prelude::{TypedModel, tract_itertools::Itertools};

use crate::error::EngineError;
use crate::onnx::tensor_proto::{DataLocation, DataType};
use crate::onnx::tensor_shape_proto::dimension::Value;
use crate::onnx::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, type_proto};

/// The most numbers in a value, be it an input, an output or in between: 64 MB of floats, where a ResNet-50's largest
/// value has 800 thousand.
const MOST_VALUES: usize = 1 << 24;
/// The most numbers in all values together: a network's values live until it has loaded, and some while it runs.
const MOST_VALUES_IN_ALL: usize = 1 << 27;
/// The largest stride, padding and size of a window.
const LARGEST_WINDOW: i64 = 1 << 15;
/// Attributes that say how a window looks and moves, or how large something becomes.
const WINDOW: [&str; 9] = [
    "kernel_shape",
    "pads",
    "strides",
    "dilations",
    "output_padding",
    "output_shape",
    "group",
    "blocksize",
    "block_size",
];
/// What the names of this program's own operators begin with. They have no meaning in a file.
const OWN_OPERATOR: &str = "lakshan.";

type Check = Result<(), EngineError>;

fn malformed(what: String) -> EngineError {
    EngineError::Malformed(what)
}

/// The graph inside a model.
pub(crate) fn graph_of(model: &ModelProto) -> Result<&GraphProto, EngineError> {
    model.graph.as_ref().ok_or_else(|| malformed("it holds no graph".to_owned()))
}

/// Checks names, sizes, and that each tensor holds as many numbers as its shape says.
pub(crate) fn file(model: &ModelProto) -> Check {
    let graph = graph_of(model)?;
    names(graph)?;
    if graph.output.is_empty() {
        return Err(malformed("it has no output".to_owned()));
    }
    parts(graph)
}

/// Every name that is read is made by something, once.
fn names(graph: &GraphProto) -> Check {
    let mut made: HashSet<&str> = graph
        .initializer
        .iter()
        .map(|tensor| tensor.name.as_str())
        .chain(graph.input.iter().map(|input| input.name.as_str()))
        .collect();
    for name in graph.node.iter().flat_map(|node| &node.output).filter(|name| !name.is_empty()) {
        if !made.insert(name) {
            return Err(malformed(format!("'{name}' is made twice")));
        }
    }
    for node in &graph.node {
        if let Some(name) = node.input.iter().find(|name| !name.is_empty() && !made.contains(name.as_str())) {
            return Err(malformed(format!("node '{}' reads '{name}', which nothing makes", node.name)));
        }
    }
    match graph.output.iter().find(|output| !made.contains(output.name.as_str())) {
        Some(output) => Err(malformed(format!("nothing makes the output '{}'", output.name))),
        None => Ok(()),
    }
}

/// The parts of a graph, and of the graphs in its nodes. Protobuf's own limit bounds how deep they lie.
fn parts(graph: &GraphProto) -> Check {
    graph.initializer.iter().try_for_each(tensor)?;
    graph.input.iter().chain(&graph.output).chain(&graph.value_info).try_for_each(port)?;
    graph.node.iter().try_for_each(node)
}

fn node(node: &NodeProto) -> Check {
    if node.op_type.starts_with(OWN_OPERATOR) {
        return Err(malformed(format!("node '{}' is a '{}', which no file may hold", node.name, node.op_type)));
    }
    for attribute in &node.attribute {
        let AttributeProto { name, i, ints, .. } = attribute;
        let wide = |size: &i64| size.unsigned_abs() > LARGEST_WINDOW as u64;
        if WINDOW.contains(&name.as_str()) && (wide(i) || ints.iter().any(wide)) {
            return Err(malformed(format!("'{name}' of node '{}' is beyond {LARGEST_WINDOW}", node.name)));
        }
        attribute.t.iter().chain(&attribute.tensors).try_for_each(tensor)?;
        attribute.g.iter().chain(&attribute.graphs).try_for_each(parts)?;
    }
    Ok(())
}

fn tensor(tensor: &TensorProto) -> Check {
    let name = &tensor.name;
    if tensor.data_location == Some(DataLocation::External as i32) || !tensor.external_data.is_empty() {
        return Err(malformed(format!("the weights '{name}' lie in another file")));
    }
    let Some(count) = product(tensor.dims.iter().copied()) else {
        return Err(malformed(format!("the weights '{name}' have the shape {:?}", tensor.dims)));
    };
    let found = match width(tensor) {
        Some(width) if !tensor.raw_data.is_empty() => {
            let whole = tensor.raw_data.len().is_multiple_of(width);
            whole.then_some(tensor.raw_data.len() / width)
        }
        _ => Some(fields(tensor)),
    };
    if found != Some(count) {
        let bytes = tensor.raw_data.len();
        let found = found.map_or_else(|| format!("{bytes} bytes"), |found| format!("{found} numbers"));
        return Err(malformed(format!("the weights '{name}' have the shape {:?} and {found}", tensor.dims)));
    }
    Ok(())
}

/// Bytes of a number in `raw_data`; `None` for types that are not kept there.
fn width(tensor: &TensorProto) -> Option<usize> {
    Some(match DataType::try_from(tensor.data_type).ok()? {
        DataType::Bool | DataType::Uint8 | DataType::Int8 => 1,
        DataType::Uint16 | DataType::Int16 | DataType::Float16 | DataType::Bfloat16 => 2,
        DataType::Float | DataType::Uint32 | DataType::Int32 => 4,
        DataType::Double | DataType::Uint64 | DataType::Int64 | DataType::Complex64 => 8,
        _ => return None,
    })
}

/// How many numbers there are outside of `raw_data`.
fn fields(tensor: &TensorProto) -> usize {
    match DataType::try_from(tensor.data_type) {
        Ok(DataType::Float) => tensor.float_data.len(),
        Ok(DataType::Double) => tensor.double_data.len(),
        Ok(DataType::Int64) => tensor.int64_data.len(),
        Ok(DataType::Uint32 | DataType::Uint64) => tensor.uint64_data.len(),
        Ok(DataType::String) => tensor.string_data.len(),
        _ => tensor.int32_data.len(),
    }
}

/// How many numbers a shape has; `None` when a size is negative, or it does not fit.
fn product(sizes: impl Iterator<Item = i64>) -> Option<usize> {
    sizes.map(|size| usize::try_from(size).ok()).try_fold(1_usize, |product, size| product.checked_mul(size?))
}

fn port(port: &ValueInfoProto) -> Check {
    let Some(type_proto::Value::TensorType(tensor)) = port.r#type.as_ref().and_then(|kind| kind.value.as_ref()) else {
        return Ok(());
    };
    // Sizes that are left open count as 1: they are not allocated either.
    let sizes = tensor.shape.iter().flat_map(|shape| &shape.dim).map(|dim| match dim.value {
        Some(Value::DimValue(size)) if size >= 0 => size,
        _ => 1,
    });
    match product(sizes) {
        Some(1..=MOST_VALUES) => Ok(()),
        // tract reads outside of a value without numbers where a padded convolution takes it (found by the fuzzer).
        Some(0) => Err(malformed(format!("'{}' has a size of 0", port.name))),
        _ => Err(malformed(format!("'{}' has more than {MOST_VALUES} values", port.name))),
    }
}

/// Checks the values of a network that tract has taken in, before it computes with any of them.
pub(crate) fn values(network: &TypedModel) -> Check {
    let mut sum = 0_usize;
    for node in network.nodes() {
        for outlet in &node.outputs {
            let Some(shape) = outlet.fact.shape.as_concrete() else { continue };
            let count = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
            let Some(count) = count.filter(|count| *count <= MOST_VALUES || outlet.fact.konst.is_some()) else {
                let shape = shape.iter().join(" x ");
                return Err(malformed(format!("node '{}' makes {shape} values, which is too many", node.name)));
            };
            if count == 0 && outlet.fact.konst.is_none() {
                return Err(malformed(format!("node '{}' makes no values: a size is 0", node.name)));
            }
            if outlet.fact.konst.is_none() {
                sum = sum.saturating_add(count);
            }
        }
    }
    if sum > MOST_VALUES_IN_ALL {
        return Err(malformed(format!("its nodes make {sum} values, which is too many")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(dims: &[i64], raw_data: usize) -> TensorProto {
        TensorProto {
            dims: dims.to_vec(),
            data_type: DataType::Int32 as i32,
            raw_data: vec![0; raw_data],
            ..TensorProto::default()
        }
    }

    #[test]
    fn a_tensor_holds_what_its_shape_says() {
        assert!(tensor(&weights(&[2, 3], 24)).is_ok());
        assert!(tensor(&weights(&[], 4)).is_ok());
        assert!(tensor(&weights(&[0, 7], 0)).is_ok());
        for (dims, bytes) in [(&[2, 3][..], 20), (&[2, 3], 23), (&[-2, -3], 24), (&[1 << 32, 1 << 32], 0), (&[1], 0)] {
            assert!(tensor(&weights(dims, bytes)).is_err(), "{dims:?}, {bytes} bytes");
        }
        let mut other_field = weights(&[2], 0);
        other_field.int32_data = vec![1, 2];
        assert!(tensor(&other_field).is_ok());
    }
}
