//! The layers of the encoder, forward and backward, over the words of many texts at once.
//!
//! Sources: Vaswani et al., "Attention is all you need" (2017); Zhang and Sennrich, "Root mean
//! square layer normalization" (2019).
//!
//! Shapes: a matrix of words is `[N, width]`, the words of one text being consecutive rows.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, Zip};

/// Keeps a normalisation finite.
pub(super) const EPSILON: f32 = 1e-6;

/// Rows divided by their root mean square, with the factors.
pub(super) struct Normal {
    pub(super) rows: Array2<f32>,
    factors: Vec<f32>,
}

/// Divides every row by its root mean square.
pub(super) fn normalize(mut rows: Array2<f32>) -> Normal {
    let width = rows.ncols().max(1) as f32;
    let factors = rows
        .rows_mut()
        .into_iter()
        .map(|mut row| {
            let factor = 1.0 / (row.dot(&row) / width + EPSILON).sqrt();
            row.iter_mut().for_each(|x| *x *= factor);
            factor
        })
        .collect();
    Normal { rows, factors }
}

impl Normal {
    /// The gradient of what was normalised, from that of the result.
    pub(super) fn backward(&self, mut gradient: Array2<f32>) -> Array2<f32> {
        let width = self.rows.ncols().max(1) as f32;
        for ((mut d, y), factor) in
            gradient.rows_mut().into_iter().zip(self.rows.rows()).zip(&self.factors)
        {
            let along = d.dot(&y) / width;
            Zip::from(&mut d).and(&y).for_each(|d, y| *d = (*d - y * along) * factor);
        }
        gradient
    }
}

/// `x · weight + bias`.
pub(super) fn dense(
    x: &Array2<f32>,
    weight: &Array2<f32>,
    bias: Option<&Array2<f32>>,
) -> Array2<f32> {
    let mut out = x.dot(weight);
    if let Some(bias) = bias {
        out += bias;
    }
    out
}

/// Adds to the gradients of weight and bias.
pub(super) fn dense_gradients(
    x: &Array2<f32>,
    d: &Array2<f32>,
    weight: &mut Array2<f32>,
    bias: Option<&mut Array2<f32>>,
) {
    ndarray::linalg::general_mat_mul(1.0, &x.t(), d, 1.0, weight);
    if let Some(bias) = bias {
        *bias += &d.sum_axis(Axis(0)).insert_axis(Axis(0));
    }
}

/// Negative values become 0.
pub(super) fn rectify(mut x: Array2<f32>) -> Array2<f32> {
    x.mapv_inplace(|x| x.max(0.0));
    x
}

/// The gradient of what was rectified, from the result and its gradient.
pub(super) fn rectify_backward(y: &Array2<f32>, mut d: Array2<f32>) -> Array2<f32> {
    Zip::from(&mut d).and(y).for_each(|d, y| {
        if *y <= 0.0 {
            *d = 0.0;
        }
    });
    d
}

/// Softmax of a slice.
pub fn softmax(scores: &[f32]) -> Vec<f32> {
    let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exps: Vec<f32> = scores.iter().map(|s| (s - max).exp()).collect();
    let sum: f32 = exps.iter().sum();
    exps.into_iter().map(|e| e / sum).collect()
}

/// What attention gives, and the weights that its backward pass needs.
pub(super) struct Attention {
    pub(super) rows: Array2<f32>,
    /// For each text and head `[T, T]`, rows summing to 1.
    weights: Vec<Array2<f32>>,
}

/// Every word looks at the words of its own text. `projected` is `[N, 3 * width]`: queries, keys
/// and values, each divided into `heads`.
pub(super) fn attend(projected: &Array2<f32>, texts: &[Range<usize>], heads: usize) -> Attention {
    let width = projected.ncols() / 3;
    let mut rows = Array2::zeros((projected.nrows(), width));
    let mut weights = Vec::with_capacity(texts.len() * heads);
    let scale = scale(width, heads);
    for text in texts {
        for head in 0..heads {
            let [queries, keys, values] = parts(projected, text, head, heads);
            let mut scores = queries.dot(&keys.t());
            for mut row in scores.rows_mut() {
                let max = row.iter().fold(f32::NEG_INFINITY, |max, x| max.max(x * scale));
                row.mapv_inplace(|x| (x * scale - max).exp());
                let sum = row.sum();
                row.mapv_inplace(|x| x / sum);
            }
            let columns = head * (width / heads)..(head + 1) * (width / heads);
            rows.slice_mut(ndarray::s![text.clone(), columns]).assign(&scores.dot(&values));
            weights.push(scores);
        }
    }
    Attention { rows, weights }
}

impl Attention {
    /// The gradient of what was projected, from that of the result.
    pub(super) fn backward(
        &self,
        projected: &Array2<f32>,
        texts: &[Range<usize>],
        heads: usize,
        d: &Array2<f32>,
    ) -> Array2<f32> {
        let width = projected.ncols() / 3;
        let each = width / heads;
        let scale = scale(width, heads);
        let mut out = Array2::zeros(projected.raw_dim());
        let pairs = texts.iter().flat_map(|text| (0..heads).map(move |head| (text, head)));
        for ((text, head), weights) in pairs.zip(&self.weights) {
            let [queries, keys, values] = parts(projected, text, head, heads);
            let d = d.slice(ndarray::s![text.clone(), head * each..(head + 1) * each]);
            let mut d_scores = d.dot(&values.t());
            for (mut d_row, row) in d_scores.rows_mut().into_iter().zip(weights.rows()) {
                let along = d_row.dot(&row);
                Zip::from(&mut d_row).and(&row).for_each(|d, p| *d = p * (*d - along) * scale);
            }
            for (part, gradient) in
                [d_scores.dot(&keys), d_scores.t().dot(&queries), weights.t().dot(&d)]
                    .iter()
                    .enumerate()
            {
                let from = part * width + head * each;
                out.slice_mut(ndarray::s![text.clone(), from..from + each]).assign(gradient);
            }
        }
        out
    }
}

fn scale(width: usize, heads: usize) -> f32 {
    1.0 / ((width / heads.max(1)).max(1) as f32).sqrt()
}

/// Queries, keys and values of a text's words for one head, each `[T, width / heads]`.
fn parts<'a>(
    projected: &'a Array2<f32>,
    text: &Range<usize>,
    head: usize,
    heads: usize,
) -> [ArrayView2<'a, f32>; 3] {
    let width = projected.ncols() / 3;
    let each = width / heads;
    [0, 1, 2].map(|part| {
        let from = part * width + head * each;
        projected.slice(ndarray::s![text.clone(), from..from + each])
    })
}
