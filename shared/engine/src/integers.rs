//! The integer part of a network as an operator of tract.

use std::fmt;
use std::sync::Arc;

use tract_onnx::model::{Onnx, ParsingContext};
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_hir::infer::rules::{InferenceResult, InferenceRulesOp, Solver, TensorProxy};
use tract_onnx::tract_hir::infer::{InferenceNode, InferenceOp};

use crate::fusion::{Fused, OPERATOR};
use crate::onnx::NodeProto;

/// The fused node. It is a placeholder until [`install`] gives it its program: tract's parser knows nothing of it.
#[derive(Clone)]
struct Integers(Option<Arc<Fused>>);

/// Registers the fused node's operator.
pub(crate) fn register(mut onnx: Onnx) -> Onnx {
    onnx.op_register.insert(OPERATOR, build);
    onnx
}

fn build(_: &ParsingContext, _: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    Ok((Box::new(Integers(None)), vec![]))
}

/// Gives the fused node of a parsed network its program.
pub(crate) fn install(network: &mut InferenceModel, fused: &Arc<Fused>) {
    for node in network.nodes_mut() {
        if let Some(op) = node.op.as_op_mut().downcast_mut::<Integers>() {
            op.0 = Some(Arc::clone(fused));
        }
    }
}

impl Integers {
    fn fused(&self) -> TractResult<&Fused> {
        // A file may hold a node of this name.
        self.0.as_deref().context("it has no program")
    }
}

impl fmt::Debug for Integers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Integers")
    }
}

impl PartialEq for Integers {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }
}

impl Eq for Integers {}

impl Op for Integers {
    fn name(&self) -> StaticName {
        "Integers".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Integers {
    not_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let fused = self.fused()?;
        let input = args_1!(inputs);
        ensure!(input.shape() == fused.input, "an input of shape {:?}", input.shape());
        let outputs = fused.program.run(input.try_as_plain_ram()?.as_slice::<f32>()?, None);
        let tensor = |(values, shape): (Vec<f32>, &Vec<usize>)| Ok(Tensor::from_shape(shape, &values)?.into_tvalue());
        outputs.into_iter().zip(&fused.shapes).map(tensor).collect()
    }
}

impl TypedOp for Integers {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let fused = self.fused()?;
        ensure!(inputs.len() == 1 && inputs[0].datum_type == f32::datum_type(), "one input of floats");
        Ok(fused.shapes.iter().map(f32::fact).collect())
    }

    as_op!();
}

impl InferenceRulesOp for Integers {
    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        let fused = self.fused()?;
        ensure!(inputs.len() == 1 && outputs.len() == fused.shapes.len(), "one input, and the program's outputs");
        let dims = |shape: &[usize]| shape.iter().map(|size| size.to_dim()).collect::<TVec<TDim>>();
        solver.equals(&inputs[0].datum_type, f32::datum_type())?;
        solver.equals(&inputs[0].shape, dims(&fused.input))?;
        for (output, shape) in outputs.iter().zip(&fused.shapes) {
            solver.equals(&output.datum_type, f32::datum_type())?;
            solver.equals(&output.shape, dims(shape))?;
        }
        Ok(())
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(self.fused()?.shapes.len())
    }

    fn to_typed(
        &self,
        _: &InferenceModel,
        node: &InferenceNode,
        target: &mut TypedModel,
        mapping: &HashMap<OutletId, OutletId>,
    ) -> TractResult<TVec<OutletId>> {
        let inputs: TVec<OutletId> = node.inputs.iter().map(|outlet| mapping[outlet]).collect();
        target.wire_node(&node.name, self.clone(), &inputs)
    }

    as_op!();
}
