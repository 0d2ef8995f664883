//! QuantizeLinear and DequantizeLinear: folded while the network is still an ONNX file, so that tract need not.
//!
//! tract turns each of these nodes into several of its own and folds them one by one, which takes seconds for a
//! ResNet-50. Here, before tract sees the file:
//!
//! - DequantizeLinear of weights is computed, as `(q - zero_point) * scale`;
//! - QuantizeLinear followed by DequantizeLinear with the same numbers becomes one [`RoundTrip`].
//!
//! Both give what the ONNX specification says, with the division that it asks for (tract multiplies by the
//! reciprocal, which differs at ties). Nodes that do not fit are left to tract.

use std::collections::{HashMap, HashSet};

use tract_onnx::data_resolver::MmapDataResolver;
use tract_onnx::model::{Onnx, ParsingContext};
use tract_onnx::prelude::*;
use tract_onnx::tensor::load_tensor;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::element_wise::{ElementWiseMiniOp, ElementWiseOp};
use tract_onnx::tract_hir::internal::InferenceOp;
use tract_onnx::tract_hir::ops::element_wise::ElementWiseIntoHir;

use crate::onnx::attribute_proto::AttributeType;
use crate::onnx::tensor_proto::DataType;
use crate::onnx::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto};

/// The fused node's operator name. The dot keeps it apart from the names of the ONNX specification.
const ROUND_TRIP: &str = "lakshan.RoundTrip";

/// The most bytes of weights that are dequantized while loading: five times a ResNet-50's.
const MOST_FOLDED_BYTES: usize = 1 << 29;

/// Registers the fused node's operator.
pub(crate) fn register(mut onnx: Onnx) -> Onnx {
    onnx.op_register.insert(ROUND_TRIP, build_round_trip);
    onnx
}

/// Folds what can be folded; the network computes the same afterwards.
pub(crate) fn fold(model: &mut ModelProto) -> TractResult<()> {
    if let Some(graph) = model.graph.as_mut()
        && graph.node.iter().any(|node| node.op_type == "DequantizeLinear")
    {
        fold_weights(graph)?;
        fuse_round_trips(graph)?;
        drop_unread(graph);
    }
    Ok(())
}

/// Replaces every DequantizeLinear of an initializer by an initializer of floats.
fn fold_weights(graph: &mut GraphProto) -> TractResult<()> {
    let constants: HashMap<&str, &TensorProto> = graph.initializer.iter().map(|t| (t.name.as_str(), t)).collect();
    let (mut folded, mut count) = (Vec::new(), 0);
    let mut kept = Vec::new();
    for node in std::mem::take(&mut graph.node) {
        match weights_of(&node, &constants).with_context(|| format!("Folding node {}", node.name))? {
            Some(tensor) => {
                // Several nodes may read the same bytes, so the file's length is no bound.
                count += tensor.raw_data.len();
                ensure!(count <= MOST_FOLDED_BYTES, "more than {MOST_FOLDED_BYTES} bytes of dequantized weights");
                folded.push(tensor);
            }
            None => kept.push(node),
        }
    }
    graph.node = kept;
    graph.initializer.extend(folded);
    Ok(())
}

/// The floats that a DequantizeLinear node makes, when all that it reads is constant.
fn weights_of(node: &NodeProto, constants: &HashMap<&str, &TensorProto>) -> TractResult<Option<TensorProto>> {
    let constant = |index: usize| node.input.get(index).and_then(|name| constants.get(name.as_str()).copied());
    let (Some(quantized), Some(scale)) = (constant(0), constant(1)) else { return Ok(None) };
    let zero_point = constant(2);
    if node.op_type != "DequantizeLinear"
        || !node.domain.is_empty()
        || node.input.len() > 2 && zero_point.is_none()
        || node.get_attr_opt::<i64>("block_size")?.unwrap_or(0) != 0
    {
        return Ok(None);
    }
    let numbers = |tensor: &TensorProto| -> TractResult<Tensor> {
        Ok(load_tensor(&MmapDataResolver, tensor, None)?.cast_to::<f32>()?.into_owned())
    };
    let (quantized, scale) = (numbers(quantized)?, numbers(scale)?);
    let zero_point = zero_point.map(numbers).transpose()?;
    let (quantized, scale) = (quantized.try_as_plain_ram()?, scale.try_as_plain_ram()?);
    let (shape, values, scales) = (quantized.shape(), quantized.as_slice::<f32>()?, scale.as_slice::<f32>()?);
    let zero_points = match &zero_point {
        Some(tensor) => tensor.try_as_plain_ram()?.as_slice::<f32>()?,
        None => &[],
    };
    ensure!(!scales.is_empty(), "an empty scale");
    // Consecutive values that share a scale: all of them, or those behind the axis.
    let run = if scales.len() == 1 {
        values.len().max(1)
    } else {
        let axis = node.get_attr_opt::<i64>("axis")?.unwrap_or(1);
        let axis = if axis < 0 { axis + shape.len() as i64 } else { axis };
        ensure!((0..shape.len() as i64).contains(&axis), "axis {axis} of a tensor with {} axes", shape.len());
        let axis = axis as usize;
        ensure!(shape[axis] == scales.len(), "{} scales for {} channels", scales.len(), shape[axis]);
        shape[axis + 1..].iter().product::<usize>().max(1)
    };
    ensure!(zero_points.len() <= 1 || zero_points.len() == scales.len(), "as many zero points as scales");
    let mut raw_data = Vec::with_capacity(values.len() * 4);
    for (index, values) in values.chunks(run).enumerate() {
        let channel = index % scales.len();
        let zero_point =
            if zero_points.len() > 1 { zero_points[channel] } else { *zero_points.first().unwrap_or(&0.0) };
        raw_data.extend(values.iter().flat_map(|value| ((value - zero_point) * scales[channel]).to_le_bytes()));
    }
    Ok(Some(TensorProto {
        name: node.output.first().cloned().unwrap_or_default(),
        dims: shape.iter().map(|size| *size as i64).collect(),
        data_type: DataType::Float as i32,
        raw_data,
        ..TensorProto::default()
    }))
}

/// Replaces QuantizeLinear + DequantizeLinear with one scale and one zero point by [`RoundTrip`].
fn fuse_round_trips(graph: &mut GraphProto) -> TractResult<()> {
    let constants: HashMap<&str, &TensorProto> = graph.initializer.iter().map(|t| (t.name.as_str(), t)).collect();
    let mut quantizers = HashMap::new();
    for node in graph.node.iter().filter(|node| node.op_type == "QuantizeLinear" && node.output.len() == 1) {
        if let Some(numbers) = scalar_numbers(node, &constants)? {
            quantizers.insert(node.output[0].clone(), (node.input[0].clone(), numbers));
        }
    }
    let mut fused = graph.node.clone();
    for node in fused.iter_mut().filter(|node| node.op_type == "DequantizeLinear") {
        let Some((source, numbers)) = node.input.first().and_then(|name| quantizers.get(name)) else { continue };
        if scalar_numbers(node, &constants)?.as_ref() != Some(numbers) {
            continue;
        }
        node.op_type = ROUND_TRIP.to_owned();
        node.input = vec![source.clone()];
        node.attribute = [
            ("scale", numbers.scale),
            ("zero_point", numbers.zero_point),
            ("lowest", numbers.lowest),
            ("highest", numbers.highest),
        ]
        .map(|(name, value)| AttributeProto {
            name: name.to_owned(),
            r#type: AttributeType::Float as i32,
            f: value,
            ..AttributeProto::default()
        })
        .to_vec();
    }
    graph.node = fused;
    Ok(())
}

/// Scale, zero point and integer range of a Q or DQ node that has one of each; `None` for any other.
fn scalar_numbers(node: &NodeProto, constants: &HashMap<&str, &TensorProto>) -> TractResult<Option<RoundTrip>> {
    let constant = |index: usize| node.input.get(index).and_then(|name| constants.get(name.as_str()).copied());
    let Some(scale) = constant(1) else { return Ok(None) };
    let (zero_point, data_type) = match (node.input.len(), constant(2)) {
        (2, _) => (0.0, DataType::Uint8),
        (_, Some(zero_point)) => {
            let tensor = load_tensor(&MmapDataResolver, zero_point, None)?;
            if tensor.len() != 1 {
                return Ok(None);
            }
            (tensor.cast_to_scalar::<f32>()?, DataType::try_from(zero_point.data_type)?)
        }
        _ => return Ok(None),
    };
    let (lowest, highest) = match data_type {
        DataType::Int8 => (-128.0, 127.0),
        DataType::Uint8 => (0.0, 255.0),
        _ => return Ok(None),
    };
    let scale = load_tensor(&MmapDataResolver, scale, None)?;
    if scale.len() != 1 || node.input.is_empty() {
        return Ok(None);
    }
    Ok(Some(RoundTrip { scale: scale.cast_to_scalar()?, zero_point, lowest, highest }))
}

/// Drops quantizers and constants that nothing reads any more: the integer weights above all.
fn drop_unread(graph: &mut GraphProto) {
    let outputs: HashSet<String> = graph.output.iter().map(|output| output.name.clone()).collect();
    let read: HashSet<String> = graph.node.iter().flat_map(|node| node.input.clone()).chain(outputs.clone()).collect();
    graph.node.retain(|node| node.op_type != "QuantizeLinear" || node.output.iter().any(|name| read.contains(name)));
    let read: HashSet<String> = graph.node.iter().flat_map(|node| node.input.clone()).chain(outputs).collect();
    graph.initializer.retain(|tensor| read.contains(&tensor.name));
    graph.value_info.retain(|info| read.contains(&info.name));
}

fn build_round_trip(_: &ParsingContext, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let op = RoundTrip {
        scale: node.get_attr("scale")?,
        zero_point: node.get_attr("zero_point")?,
        lowest: node.get_attr("lowest")?,
        highest: node.get_attr("highest")?,
    };
    Ok((ElementWiseOp(Box::new(op), None).into_hir(), vec![]))
}

/// Added to a float below 2^22 and taken away again, it leaves the nearest integer, ties to even: above it a float has no
/// fraction bits. The processor does this four or eight values at a time, where `round_ties_even` is a call for each.
const ROUND_TO_EVEN: f32 = 12_582_912.0;

/// To integers and back: `(clamp(round(x / scale) + zero_point) - zero_point) * scale`, ties to even.
#[derive(Clone, Debug, PartialEq)]
struct RoundTrip {
    scale: f32,
    zero_point: f32,
    lowest: f32,
    highest: f32,
}

impl Eq for RoundTrip {}

impl ElementWiseMiniOp for RoundTrip {
    fn name(&self) -> String {
        "RoundTrip".to_owned()
    }

    fn eval_in_place(&self, tensor: &mut Tensor, _: Option<DatumType>) -> TractResult<()> {
        let (lowest, highest) = (self.lowest - self.zero_point, self.highest - self.zero_point);
        for value in tensor.try_as_plain_ram_mut()?.as_slice_mut::<f32>()? {
            let clamped = (*value / self.scale).clamp(lowest, highest);
            *value = ((clamped + ROUND_TO_EVEN) - ROUND_TO_EVEN) * self.scale;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_ties_to_even_and_clamps() {
        let op = RoundTrip { scale: 0.5, zero_point: 0.0, lowest: -128.0, highest: 127.0 };
        let mut tensor = tensor1(&[0.25_f32, 0.75, -0.25, 100.0, -100.0, 0.26]);
        op.eval_in_place(&mut tensor, None).unwrap();
        assert_eq!(tensor, tensor1(&[0.0_f32, 1.0, 0.0, 63.5, -64.0, 0.5]));
    }
}
