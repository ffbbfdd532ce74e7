//! Operators of our own for matrices of few and short rows, which the words of a message are.
//!
//! tract's are made for large ones: a softmax calls three kernels for every row, a maximum makes a
//! view of the tensor for every column, and a product packs its inputs and fills its tiles up with
//! rows that are not there. For five words that takes longer than the numbers do.

use aisle_rows::{add_product, largest, mean, rectify, softmax};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::*;

/// An operator of ours, over 32-bit floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum FewRows {
    /// Products of matrices, `[.., M, K]` by `[.., K, N]`: as many on one side as on the other, or
    /// one for all of them.
    Products,
    /// Softmax over the last axis, which `axis` must be.
    Softmax { axis: i64 },
    /// The largest along the first axis, which is kept with length 1.
    Largest,
    /// The mean along the first axis, which is kept with length 1.
    Mean,
    /// What is negative becomes 0.
    Rectified,
}

impl FewRows {
    /// The shape of the result.
    fn shape(self, inputs: &[&[TDim]]) -> TractResult<TVec<TDim>> {
        match (self, inputs) {
            (Self::Products, [[many @ .., rows, depth], [others @ .., inner, columns]]) => {
                let fits = many.is_empty() || others.is_empty() || many == others;
                ensure!(fits && depth == inner, "no product of {inputs:?}");
                let many = if many.is_empty() { others } else { many };
                Ok(many.iter().chain([rows, columns]).cloned().collect())
            }
            (Self::Softmax { axis }, [shape]) => {
                let is_last = axis == -1 || axis + 1 == shape.len() as i64;
                ensure!(is_last, "axis {axis} of {shape:?} is not the last");
                Ok(shape.iter().cloned().collect())
            }
            (Self::Largest | Self::Mean, [[_, rest @ ..]]) => {
                Ok([1.to_dim()].iter().chain(rest).cloned().collect())
            }
            (Self::Rectified, [shape]) => Ok(shape.iter().cloned().collect()),
            _ => bail!("{self:?} cannot be of {inputs:?}"),
        }
    }
}

impl Expansion for FewRows {
    fn name(&self) -> StaticName {
        "FewRows".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_output_arity(outputs, 1)?;
        for tensor in inputs.iter().chain(outputs) {
            solver.equals(&tensor.datum_type, f32::datum_type())?;
        }
        solver.given_all(inputs.iter().map(|input| &input.shape), move |solver, shapes| {
            let shapes: Vec<&[TDim]> = shapes.iter().map(|shape| &**shape).collect();
            solver.equals(&outputs[0].shape, self.shape(&shapes)?)
        })
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, *self, inputs)
    }
}

impl Op for FewRows {
    fn name(&self) -> StaticName {
        "FewRows".into()
    }

    op_as_typed_op!();
}

impl TypedOp for FewRows {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let are_floats = inputs.iter().all(|fact| fact.datum_type == f32::datum_type());
        ensure!(are_floats, "{self:?} is of 32-bit floats only");
        let shapes: Vec<&[TDim]> = inputs.iter().map(|fact| &*fact.shape).collect();
        Ok(tvec!(f32::fact(self.shape(&shapes)?)))
    }
}

impl EvalOp for FewRows {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, mut inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let Some(last) = inputs.pop() else { bail!("{self:?} of nothing") };
        let out = match (self, inputs.pop()) {
            (Self::Products, Some(first)) => products(&first, &last)?,
            (Self::Softmax { .. }, None) => changed(last.into_tensor(), softmax)?,
            (Self::Largest, None) => columns(&last, largest)?,
            (Self::Mean, None) => columns(&last, mean)?,
            (Self::Rectified, None) => changed(last.into_tensor(), |all, _| rectify(all))?,
            _ => bail!("{self:?} of another number of inputs"),
        };
        Ok(tvec!(out.into_tvalue()))
    }
}

/// The tensor after a change of each of its rows, the last axis.
fn changed(mut tensor: Tensor, change: fn(&mut [f32], usize)) -> TractResult<Tensor> {
    let length = tensor.shape().last().copied().unwrap_or(0);
    change(tensor.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?, length);
    Ok(tensor)
}

/// One row of what is asked for of each column, along the first axis.
fn columns(tensor: &Tensor, of: fn(&[f32], &mut [f32])) -> TractResult<Tensor> {
    let mut shape: TVec<usize> = tensor.shape().into();
    shape.iter_mut().take(1).for_each(|length| *length = 1);
    let mut out = Tensor::zero::<f32>(&shape)?;
    let rows = tensor.try_as_plain_ram()?;
    of(rows.as_slice::<f32>()?, out.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?);
    Ok(out)
}

fn products(left: &Tensor, right: &Tensor) -> TractResult<Tensor> {
    let (&[ref many @ .., rows, depth], &[ref others @ .., inner, columns]) =
        (left.shape(), right.shape())
    else {
        bail!("no product of {:?} and {:?}", left.shape(), right.shape());
    };
    ensure!(depth == inner, "no product of {:?} and {:?}", left.shape(), right.shape());
    let shape = [if many.is_empty() { others } else { many }, &[rows, columns]].concat();
    let mut out = Tensor::zero::<f32>(&shape)?;
    let mut plain = out.try_as_plain_ram_mut()?;
    let outs = plain.as_slice_mut::<f32>()?.chunks_mut((rows * columns).max(1));
    let (left, right) = (left.try_as_plain_ram()?, right.try_as_plain_ram()?);
    let lefts = left.as_slice::<f32>()?.chunks((rows * inner).max(1)).cycle();
    let rights = right.as_slice::<f32>()?.chunks((inner * columns).max(1)).cycle();
    for ((out, left), right) in outs.zip(lefts).zip(rights) {
        add_product(left, right, out, inner, columns);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_ours_want_it_is_refused() {
        let floats = |shape: &[usize]| f32::fact(shape);
        for (is_fine, op, inputs) in [
            (true, FewRows::Products, vec![floats(&[2, 3, 4]), floats(&[2, 4, 5])]),
            (true, FewRows::Products, vec![floats(&[2, 3, 4]), floats(&[4, 5])]),
            (true, FewRows::Products, vec![floats(&[3, 4]), floats(&[2, 4, 5])]),
            (false, FewRows::Products, vec![floats(&[2, 3, 4]), floats(&[3, 4, 5])]),
            (false, FewRows::Products, vec![floats(&[3, 4]), floats(&[5, 6])]),
            (false, FewRows::Products, vec![floats(&[4]), floats(&[4, 5])]),
            (false, FewRows::Products, vec![f64::fact([3, 4]), f64::fact([4, 5])]),
            (true, FewRows::Softmax { axis: 1 }, vec![floats(&[2, 3])]),
            (false, FewRows::Softmax { axis: 0 }, vec![floats(&[2, 3])]),
            (false, FewRows::Mean, vec![i64::fact([2, 3])]),
            (false, FewRows::Rectified, vec![floats(&[2]), floats(&[2])]),
        ] {
            let facts: Vec<&TypedFact> = inputs.iter().collect();
            assert_eq!(op.output_facts(&facts).is_ok(), is_fine, "{op:?} {inputs:?}");
        }
    }
}
