//! Operators of our own for matrices of few and short rows, which the words of a message are.
//!
//! tract's are made for large ones: a softmax calls three kernels for every row, a maximum makes a
//! view of the tensor for every column, and a product packs its inputs and fills its tiles up with
//! rows that are not there. For five words that takes longer than the numbers do.

use std::array;

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
            (Self::Softmax { .. }, None) => softmax(last.into_tensor())?,
            (Self::Largest | Self::Mean, None) => columns(&last, *self)?,
            (Self::Rectified, None) => rectified(last.into_tensor())?,
            _ => bail!("{self:?} of another number of inputs"),
        };
        Ok(tvec!(out.into_tvalue()))
    }
}

fn softmax(mut tensor: Tensor) -> TractResult<Tensor> {
    let length = tensor.shape().last().copied().unwrap_or(0).max(1);
    for row in tensor.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?.chunks_mut(length) {
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for x in &mut *row {
            *x = (*x - largest).exp();
            sum += *x;
        }
        row.iter_mut().for_each(|x| *x /= sum);
    }
    Ok(tensor)
}

fn rectified(mut tensor: Tensor) -> TractResult<Tensor> {
    for x in tensor.try_as_plain_ram_mut()?.as_slice_mut::<f32>()? {
        *x = if *x > 0.0 { *x } else { 0.0 };
    }
    Ok(tensor)
}

fn columns(tensor: &Tensor, of: FewRows) -> TractResult<Tensor> {
    let mut shape: TVec<usize> = tensor.shape().into();
    let rows = shape.first().copied().unwrap_or(0);
    shape.iter_mut().take(1).for_each(|length| *length = 1);
    let count: usize = shape.iter().product();
    let is_mean = of == FewRows::Mean;
    let mut columns = vec![if is_mean { 0.0 } else { f32::MIN }; count];
    for row in tensor.try_as_plain_ram()?.as_slice::<f32>()?.chunks(count.max(1)) {
        let columns = columns.iter_mut().zip(row);
        if is_mean {
            columns.for_each(|(sum, x)| *sum += x / rows as f32);
        } else {
            columns.for_each(|(largest, x)| *largest = if x > largest { *x } else { *largest });
        }
    }
    Tensor::from_shape(&shape, &columns)
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
        product(left, right, out, inner, columns);
    }
    Ok(out)
}

/// The most rows whose sums are held at once: with eight columns, as many as registers allow.
const MOST_ROWS: usize = 6;

/// Adds the product of `[M, inner]` and `[inner, columns]` to `out`.
fn product(left: &[f32], right: &[f32], out: &mut [f32], inner: usize, columns: usize) {
    let (inner, columns) = (inner.max(1), columns.max(1));
    let rows = out.len() / columns;
    let at_once = rows.div_ceil(rows.div_ceil(MOST_ROWS).max(1)).max(1);
    for (left, out) in left.chunks(at_once * inner).zip(out.chunks_mut(at_once * columns)) {
        match left.len() / inner {
            1 => some_rows::<1, 32>(left, right, out, columns),
            2 => some_rows::<2, 16>(left, right, out, columns),
            3 => some_rows::<3, 16>(left, right, out, columns),
            4 => some_rows::<4, 8>(left, right, out, columns),
            5 => some_rows::<5, 8>(left, right, out, columns),
            _ => some_rows::<MOST_ROWS, 8>(left, right, out, columns),
        }
    }
}

/// The same for `R` rows, whose sums over `C` columns at a time stay in registers.
fn some_rows<const R: usize, const C: usize>(
    left: &[f32],
    right: &[f32],
    out: &mut [f32],
    columns: usize,
) {
    let inner = left.len() / R;
    let turned: Vec<[f32; R]> = (0..inner)
        .map(|k| array::from_fn(|row| left.get(row * inner + k).copied().unwrap_or(0.0)))
        .collect();
    let whole = columns - columns % C;
    for from in (0..whole).step_by(C) {
        let mut sums = [[0.0; C]; R];
        for (factors, right) in turned.iter().zip(right.chunks_exact(columns)) {
            let Some(right) = right.get(from..).and_then(|right| right.first_chunk::<C>()) else {
                break;
            };
            for (sums, factor) in sums.iter_mut().zip(factors) {
                sums.iter_mut().zip(right).for_each(|(sum, x)| *sum += factor * x);
            }
        }
        for (out, sums) in out.chunks_exact_mut(columns).zip(&sums) {
            out.iter_mut().skip(from).zip(sums).for_each(|(out, sum)| *out += sum);
        }
    }
    for (factors, right) in turned.iter().zip(right.chunks_exact(columns)) {
        for (out, factor) in out.chunks_exact_mut(columns).zip(factors) {
            let rest = out.iter_mut().zip(right).skip(whole);
            rest.for_each(|(out, x)| *out += factor * x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: f32) -> Vec<f32> {
        (0..count).map(|at| (at as f32 * seed).sin()).collect()
    }

    #[test]
    fn a_product_is_the_sum_of_products_at_any_size() {
        for (rows, inner, columns) in [1, 2, 3, 4, 5, 6, 7, 13]
            .into_iter()
            .flat_map(|rows| [(rows, 3, 41), (rows, 17, 7), (rows, 1, 33), (rows, 5, 64)])
        {
            let (left, right) = (numbers(rows * inner, 0.7), numbers(inner * columns, 1.3));
            let mut out = vec![0.0; rows * columns];
            product(&left, &right, &mut out, inner, columns);
            for (at, found) in out.iter().enumerate() {
                let (row, column) = (at / columns, at % columns);
                let expected: f32 =
                    (0..inner).map(|k| left[row * inner + k] * right[k * columns + column]).sum();
                let place = (rows, inner, columns, row, column);
                assert!((found - expected).abs() < 1e-5, "{place:?}: {found}, not {expected}");
            }
        }
    }

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
