//! The constant tensors of a graph, as numbers.

use std::collections::HashMap;

use tract_onnx::data_resolver::MmapDataResolver;
use tract_onnx::prelude::*;
use tract_onnx::tensor::load_tensor;

use crate::onnx::{GraphProto, TensorProto};

/// The constant tensors of a graph by name.
pub(super) struct Constants<'a>(HashMap<&'a str, &'a TensorProto>);

impl<'a> Constants<'a> {
    /// # Note
    /// It keeps the initializers' borrow only, so the nodes are free.
    pub(super) fn new(graph: &'a GraphProto) -> Self {
        Self(graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect())
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The size of each axis.
    pub(super) fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.0.get(name)?.dims.iter().map(|size| usize::try_from(*size).ok()).collect()
    }

    /// The numbers, when they are of type `T` and as many as the shape says.
    pub(super) fn values<T: Datum + Copy>(&self, name: &str) -> Option<Vec<T>> {
        numbers(self.0.get(name)?)
    }

    /// The one float of a tensor that holds no other; positive and finite.
    pub(super) fn scale(&self, name: &str) -> Option<f32> {
        match self.values::<f32>(name)?[..] {
            [scale] if scale > 0.0 && scale.is_finite() => Some(scale),
            _ => None,
        }
    }

    /// Whether all numbers are 0, and of type `T`.
    pub(super) fn are_zero<T: Datum + Copy + Default + PartialEq>(&self, name: &str) -> bool {
        self.values::<T>(name).is_some_and(|values| values.iter().all(|value| *value == T::default()))
    }
}

/// The numbers of a tensor, when they are of type `T` and as many as its shape says.
pub(super) fn numbers<T: Datum + Copy>(tensor: &TensorProto) -> Option<Vec<T>> {
    let tensor = load_tensor(&MmapDataResolver, tensor, None).ok()?;
    Some(tensor.try_as_plain_ram().ok()?.as_slice::<T>().ok()?.to_vec())
}
