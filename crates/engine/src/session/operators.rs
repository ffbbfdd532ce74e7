//! The engine's own list of operators. With tract's list of all of them, a browser would download
//! what no model of ours runs; `docs/decisions/0003-engine-size.md` has the numbers.

use tract_onnx::model::{OnnxOpRegister, ParsingContext};
use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::ops::array::{
    AddDims, Concat, Gather, PermuteAxes, Reshape, Shape, Squeeze,
};
use tract_onnx::tract_hir::ops::cast::cast;
use tract_onnx::tract_hir::ops::konst::Const;
use tract_onnx::tract_hir::ops::math;
use tract_onnx::tract_hir::ops::nn::{Reduce, Reducer, sigmoid};

use super::few_rows::FewRows;

type Built = TractResult<(Box<dyn InferenceOp>, Vec<String>)>;

/// What a model may be made of: what the trainer writes, and what a small transformer encoder
/// needs besides. Opset 13 to 17. `Slice` is not here: tract's brings convolutions and loops with
/// it, and `Gather` does as well.
pub(super) fn operators() -> OnnxOpRegister {
    let mut register = OnnxOpRegister::default();
    register.insert("Add", |_, _| built(math::Add.into_hir()));
    register.insert("Sub", |_, _| built(math::Sub.into_hir()));
    register.insert("Mul", |_, _| built(math::Mul.into_hir()));
    register.insert("Div", |_, _| built(math::Div.into_hir()));
    register.insert("Pow", |_, _| built(math::Pow.into_hir()));
    register.insert("Sqrt", |_, _| built(math::sqrt().into_hir()));
    register.insert("Erf", |_, _| built(math::erf().into_hir()));
    register.insert("Tanh", |_, _| built(math::tanh().into_hir()));
    register.insert("Sigmoid", |_, _| built(sigmoid().into_hir()));
    register.insert("Relu", |_, _| built(expand(FewRows::Rectified)));
    register.insert("MatMul", |_, _| built(expand(FewRows::Products)));
    register.insert("Softmax", |_, node| {
        built(expand(FewRows::Softmax { axis: node.get_attr_opt("axis")?.unwrap_or(-1) }))
    });
    register.insert("ReduceMean", |context, node| reduce(context, node, Reducer::Mean));
    register.insert("ReduceMax", |context, node| reduce(context, node, Reducer::Max));
    register.insert("ReduceSum", |context, node| reduce(context, node, Reducer::Sum));
    register.insert("Gather", |_, node| {
        built(expand(Gather::new(node.get_attr_opt("axis")?.unwrap_or(0))))
    });
    register.insert("Concat", |_, node| built(expand(Concat::new(node.get_attr("axis")?))));
    register.insert("Transpose", |_, node| {
        let axes: Option<Vec<usize>> = node.get_attr_opt_vec("perm")?;
        built(expand(PermuteAxes::new(axes.map(TVec::from))))
    });
    register.insert("Reshape", |_, node| {
        let allow_zero: i64 = node.get_attr_opt("allowzero")?.unwrap_or(0);
        built(expand(Reshape::new(allow_zero != 0)))
    });
    register.insert("Squeeze", |context, node| {
        let axes = axes(context, node)?.map(|axes| axes.into_iter().map(|a| a as isize).collect());
        built(expand(FirstInput(Box::new(Squeeze::new(axes)))))
    });
    register.insert("Unsqueeze", |context, node| {
        let Some(axes) = axes(context, node)? else { bail!("Unsqueeze needs axes") };
        let axes = axes.into_iter().map(|a| a as isize).collect();
        built(expand(FirstInput(Box::new(AddDims::new(axes)))))
    });
    register.insert("Shape", |_, _| built(expand(Shape::new(TDim::datum_type()))));
    register.insert("Cast", |_, node| {
        // tract keeps whole numbers of 64 bits, which are mostly sizes, as its own kind of them.
        let to = match node.get_attr("to")? {
            DatumType::I64 => TDim::datum_type(),
            to => to,
        };
        built(Box::new(cast(to)))
    });
    register.insert("Constant", |context, node| {
        let value = context.load_tensor(node.get_attr("value")?)?;
        built(Box::new(Const::new(value.into_arc_tensor())?))
    });
    register
}

fn built(op: Box<dyn InferenceOp>) -> Built {
    Ok((op, vec![]))
}

fn reduce(context: &ParsingContext<'_>, node: &NodeProto, reducer: Reducer) -> Built {
    let axes = axes(context, node)?.filter(|axes| !axes.is_empty());
    let keep: i64 = node.get_attr_opt("keepdims")?.unwrap_or(1);
    let nothing_for_no_axes: i64 = node.get_attr_opt("noop_with_empty_axes")?.unwrap_or(0);
    if axes.is_none() && nothing_for_no_axes != 0 {
        bail!("noop_with_empty_axes is not supported");
    }
    let of_columns = match reducer {
        Reducer::Max => Some(FewRows::Largest),
        Reducer::Mean => Some(FewRows::Mean),
        _ => None,
    };
    let is_of_columns = keep == 1 && axes.as_deref() == Some(&[0]);
    let reduced: Box<dyn Expansion> = match of_columns.filter(|_| is_of_columns) {
        Some(ours) => Box::new(ours),
        None => Box::new(Reduce::new(axes, keep == 1, reducer)),
    };
    built(expand(FirstInput(reduced)))
}

/// The axes of an operator: an attribute or, since opset 13 or 18, an input, which must be one of
/// the graph's own constants.
fn axes(context: &ParsingContext<'_>, node: &NodeProto) -> TractResult<Option<Vec<i64>>> {
    let Some(name) = node.input.get(1).filter(|name| !name.is_empty()) else {
        return node.get_attr_opt_vec("axes");
    };
    let constants = context.parent_graphs.last().into_iter().flat_map(|graph| &graph.initializer);
    let Some(tensor) = constants.into_iter().find(|tensor| tensor.name == *name) else {
        bail!("the axes `{name}` are no constant of the graph");
    };
    let tensor = context.load_tensor(tensor)?;
    Ok(Some(tensor.try_as_plain_ram()?.as_slice::<i64>()?.to_vec()))
}

/// An operator that leaves all inputs but the first alone.
#[derive(Clone, Debug)]
struct FirstInput(Box<dyn Expansion>);

impl Expansion for FirstInput {
    fn name(&self) -> StaticName {
        self.0.name()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        self.0.rules(solver, inputs.get(..1).unwrap_or(inputs), outputs)
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        self.0.wire(prefix, model, inputs.get(..1).unwrap_or(inputs))
    }
}
