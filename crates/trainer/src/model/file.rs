//! The encoder as `encoder.onnx`: every number that is learnt is 8 bits with a scale, for a row of
//! the table and for a column of a matrix.

use ndarray::Array2;

use aisle_core::text::{FEATURE_BUCKETS, WORD_FEATURES};

use super::encoder::{Encoder, Shape};
use super::layers::EPSILON;
use super::weights::{At, InBlock, Weights};
use crate::onnx::Attribute::{Int, Ints};
use crate::onnx::{Constants, Dimension, ElementType, GraphWriter, OnnxError};

const BUCKETS: usize = FEATURE_BUCKETS as usize;
/// ONNX's number for 32-bit floats in a `Cast`.
const TO_FLOAT: i64 = 1;

impl Encoder {
    /// The encoder as it will be shipped, rounded to 8 bits.
    pub fn quantized(mut self) -> Self {
        let embedding = self.shape().embedding;
        let (bytes, scales) = quantize_rows(&self.weights.table, embedding);
        self.weights.table = restore_rows(&bytes, &scales, embedding);
        for at in At::all(&self.shape().clone()).filter(|at| !at.is_bias()) {
            let (bytes, scales) = quantize_columns(self.weights.get(at));
            self.weights.set(at, restore_columns(&bytes, &scales, at.dims(self.shape())));
        }
        self
    }

    /// Writes `encoder.onnx`: input `ids` `[W, WORD_FEATURES]` i64, outputs `logits`
    /// `[1, labels]` and `vector` `[1, vector]`.
    pub fn to_onnx(&self) -> Vec<u8> {
        let shape = self.shape();
        let mut g = GraphWriter::new("aisle_encoder");
        let words = Dimension::Dynamic("W");
        g.input("ids", ElementType::Int64, &[words, Dimension::Fixed(WORD_FEATURES)]);
        self.constants(&mut g);

        g.node("Gather", &["table", "ids"], "rows_i8", &[Int("axis", 0)]);
        g.node("Cast", &["rows_i8"], "rows_f32", &[Int("to", TO_FLOAT)]);
        // A product of matrices for each word is the scaled sum of its rows.
        g.node("Gather", &["table_scales", "ids"], "row_scales", &[Int("axis", 0)]);
        g.node("Transpose", &["row_scales"], "row_scales_turned", &[Ints("perm", &[0, 2, 1])]);
        g.node("MatMul", &["row_scales_turned", "rows_f32"], "sums_of_one", &[]);
        g.node("Squeeze", &["sums_of_one", "axis_1"], "sums", &[]);
        normalize(&mut g, "sums", "words");
        g.node("MatMul", &["words", "up"], "x0", &[]);
        let mut x = "x0".to_owned();
        for layer in 0..shape.layers {
            x = block(&mut g, layer, &x);
        }
        normalize(&mut g, &x, "last");
        g.node("ReduceMean", &["last"], "mean", &[Ints("axes", &[0]), Int("keepdims", 1)]);
        g.node("ReduceMax", &["last"], "maximum", &[Ints("axes", &[0]), Int("keepdims", 1)]);
        g.node("ReduceSum", &["sums", "axis_0"], "bag_sum", &[Int("keepdims", 1)]);
        normalize(&mut g, "bag_sum", "bag");
        g.node("Concat", &["mean", "maximum", "bag"], "pooled", &[Int("axis", 1)]);
        g.node("MatMul", &["pooled", "hidden"], "hidden_product", &[]);
        g.node("Add", &["hidden_product", "hiddenbias"], "hidden_all", &[]);
        g.node("Relu", &["hidden_all"], "hidden_positive", &[]);
        g.node("MatMul", &["hidden_positive", "intents"], "intents_product", &[]);
        g.node("Add", &["intents_product", "intentsbias"], "logits", &[]);
        g.node("MatMul", &["pooled", "vector"], "raw_vector", &[]);
        g.node("Mul", &["raw_vector", "raw_vector"], "raw_squared", &[]);
        g.node("ReduceSum", &["raw_squared", "axis_1"], "square_sum", &[Int("keepdims", 1)]);
        g.node("Add", &["square_sum", "epsilon"], "square_sum_safe", &[]);
        g.node("Sqrt", &["square_sum_safe"], "vector_norm", &[]);
        g.node("Div", &["raw_vector", "vector_norm"], "vector_out", &[]);
        let one = Dimension::Fixed(1);
        g.output("logits", ElementType::Float, &[one, Dimension::Fixed(shape.labels)]);
        g.output("vector_out", ElementType::Float, &[one, Dimension::Fixed(shape.vector)]);
        g.finish()
    }

    /// Everything that the graph looks up.
    fn constants(&self, g: &mut GraphWriter) {
        let shape = self.shape();
        let (bytes, scales) = quantize_rows(&self.weights.table, shape.embedding);
        g.int8s("table", &[BUCKETS, shape.embedding], &bytes);
        g.floats("table_scales", &[BUCKETS, 1], &scales);
        g.floats("epsilon", &[1, 1], &[EPSILON]);
        g.int64s("axis_0", &[1], &[0]);
        g.int64s("axis_1", &[1], &[1]);
        let each = shape.width / shape.heads.max(1);
        g.int64s("to_heads", &[4], &[-1, 3, shape.heads as i64, each as i64]);
        g.int64s("from_heads", &[2], &[-1, shape.width as i64]);
        g.floats("attention_scale", &[1, 1, 1], &[1.0 / (each.max(1) as f32).sqrt()]);
        for (at, part) in [(0, "queries"), (1, "keys"), (2, "values")] {
            g.int64s(part, &[], &[at]);
        }
        for at in At::all(shape) {
            let (name, dims) = (at.name(), at.dims(shape));
            let values = self.weights.get(at);
            if at.is_bias() {
                g.floats(&name, &dims, &values.iter().copied().collect::<Vec<f32>>());
                continue;
            }
            let (bytes, scales) = quantize_columns(values);
            let (stored, scale) = (format!("{name}_i8"), format!("{name}_scales"));
            let wide = format!("{name}_f32");
            g.int8s(&stored, &dims, &bytes);
            g.floats(&scale, &[1, dims[1]], &scales);
            g.node("Cast", &[&stored], &wide, &[Int("to", TO_FLOAT)]);
            g.node("Mul", &[&wide, &scale], &name, &[]);
        }
    }

    /// Reads the parameters back from a file of [`Encoder::to_onnx`], with a fresh history.
    pub fn from_onnx(bytes: &[u8], shape: Shape) -> Result<Self, OnnxError> {
        let constants = Constants::read(bytes)?;
        let table = constants.int8s("table", &[BUCKETS, shape.embedding])?;
        let scales = constants.floats("table_scales", &[BUCKETS, 1])?;
        let dense = At::all(&shape)
            .map(|at| {
                let (name, dims) = (at.name(), at.dims(&shape));
                if at.is_bias() {
                    let values = constants.floats(&name, &dims)?;
                    return Array2::from_shape_vec(dims, values)
                        .map_err(|_| OnnxError::Tensor(name));
                }
                let bytes = constants.int8s(&format!("{name}_i8"), &dims)?;
                let scales = constants.floats(&format!("{name}_scales"), &[1, dims[1]])?;
                Ok(restore_columns(&bytes, &scales, dims))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let table = restore_rows(&table, &scales, shape.embedding);
        let weights = Weights::of(table, dense, &shape);
        Ok(Self::with(shape, weights))
    }
}

/// Rows divided by their root mean square.
fn normalize(g: &mut GraphWriter, x: &str, out: &str) {
    let [squared, mean, safe, root] =
        ["squared", "mean_square", "mean_square_safe", "root"].map(|part| format!("{out}_{part}"));
    g.node("Mul", &[x, x], &squared, &[]);
    g.node("ReduceMean", &[&squared], &mean, &[Ints("axes", &[1]), Int("keepdims", 1)]);
    g.node("Add", &[&mean, "epsilon"], &safe, &[]);
    g.node("Sqrt", &[&safe], &root, &[]);
    g.node("Div", &[x, &root], out, &[]);
}

/// A block of the transformer; returns the name of its result.
fn block(g: &mut GraphWriter, layer: usize, x: &str) -> String {
    let weight = |part| At::Block(layer, part).name();
    let name = |part: &str| format!("block{layer}_at_{part}");
    normalize(g, x, &name("before"));
    // What is made of the weights alone, a runtime does once: they are taken apart, not the words.
    g.node("Reshape", &[&weight(InBlock::Projection), "to_heads"], &name("split"), &[]);
    g.node("Transpose", &[&name("split")], &name("by_head"), &[Ints("perm", &[1, 2, 0, 3])]);
    for part in ["queries", "keys", "values"] {
        let mut weights = format!("{}_weights", name(part));
        g.node("Gather", &[&name("by_head"), part], &weights, &[Int("axis", 0)]);
        if part == "queries" {
            let scaled = format!("{weights}_scaled");
            g.node("Mul", &[&weights, "attention_scale"], &scaled, &[]);
            weights = scaled;
        }
        g.node("MatMul", &[&name("before"), &weights], &name(part), &[]);
    }
    g.node("Transpose", &[&name("keys")], &name("keys_turned"), &[Ints("perm", &[0, 2, 1])]);
    g.node("MatMul", &[&name("queries"), &name("keys_turned")], &name("scores"), &[]);
    g.node("Softmax", &[&name("scores")], &name("weights"), &[Int("axis", -1)]);
    g.node("MatMul", &[&name("weights"), &name("values")], &name("looked_up"), &[]);
    g.node("Transpose", &[&name("looked_up")], &name("by_word"), &[Ints("perm", &[1, 0, 2])]);
    g.node("Reshape", &[&name("by_word"), "from_heads"], &name("attended"), &[]);
    g.node("MatMul", &[&name("attended"), &weight(InBlock::Out)], &name("attention"), &[]);
    g.node("Add", &[x, &name("attention")], &name("middle"), &[]);
    normalize(g, &name("middle"), &name("between"));
    g.node("MatMul", &[&name("between"), &weight(InBlock::Inner)], &name("inner_product"), &[]);
    let biased = name("inner_biased");
    g.node("Add", &[&name("inner_product"), &weight(InBlock::InnerBias)], &biased, &[]);
    g.node("Relu", &[&biased], &name("inner"), &[]);
    g.node("MatMul", &[&name("inner"), &weight(InBlock::Outer)], &name("outer_product"), &[]);
    let outer = name("outer");
    g.node("Add", &[&name("outer_product"), &weight(InBlock::OuterBias)], &outer, &[]);
    g.node("Add", &[&name("middle"), &outer], &name("out"), &[]);
    name("out")
}

fn to_bytes(values: impl Iterator<Item = f32> + Clone) -> (f32, impl Iterator<Item = i8>) {
    let max = values.clone().fold(0.0f32, |max, x| max.max(x.abs()));
    let scale = if max > 0.0 { max / 127.0 } else { 1.0 };
    (scale, values.map(move |x| (x / scale).round() as i8))
}

fn quantize_rows(table: &[f32], width: usize) -> (Vec<i8>, Vec<f32>) {
    let mut bytes = Vec::with_capacity(table.len());
    let mut scales = Vec::with_capacity(BUCKETS);
    for row in table.chunks(width) {
        let (scale, row) = to_bytes(row.iter().copied());
        scales.push(scale);
        bytes.extend(row);
    }
    (bytes, scales)
}

fn restore_rows(bytes: &[i8], scales: &[f32], width: usize) -> Vec<f32> {
    bytes
        .chunks(width)
        .zip(scales)
        .flat_map(|(row, scale)| row.iter().map(move |b| f32::from(*b) * scale))
        .collect()
}

fn quantize_columns(values: &Array2<f32>) -> (Vec<i8>, Vec<f32>) {
    let mut bytes = Array2::<i8>::zeros(values.raw_dim());
    let mut scales = Vec::with_capacity(values.ncols());
    for (mut out, column) in bytes.columns_mut().into_iter().zip(values.columns()) {
        let (scale, column) = to_bytes(column.iter().copied());
        scales.push(scale);
        out.iter_mut().zip(column).for_each(|(out, b)| *out = b);
    }
    (bytes.into_iter().collect(), scales)
}

fn restore_columns(bytes: &[i8], scales: &[f32], dims: [usize; 2]) -> Array2<f32> {
    let columns = dims[1].max(1);
    Array2::from_shape_fn(dims, |(row, column)| {
        let byte = bytes.get(row * columns + column).copied().unwrap_or(0);
        f32::from(byte) * scales.get(column).copied().unwrap_or(1.0)
    })
}
