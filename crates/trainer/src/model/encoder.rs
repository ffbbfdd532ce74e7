//! The text encoder: a bag of hashed n-grams, root-mean-square normalised, with two heads: a
//! hidden layer to intent logits, and a projection to the query vector.
//!
//! Sources: Joulin et al., "Bag of tricks for efficient text classification" (2016) for the bag;
//! Zhang and Sennrich, "Root mean square layer normalization" (2019); van den Oord et al.,
//! "Representation learning with contrastive predictive coding" (2018) for the vector's loss.
//!
//! Shapes: table `[buckets, EMBEDDING]`, hidden `[EMBEDDING, HIDDEN]`, intents
//! `[HIDDEN, labels]`, vector `[EMBEDDING, VECTOR]`.

use std::collections::BTreeMap;

use aisle_core::text::FEATURE_BUCKETS;
use rand::Rng;

use super::optimizer::Parameters;
use crate::onnx::{Attribute, Constants, Dimension, ElementType, GraphWriter, OnnxError};

/// Width of an embedding.
pub const EMBEDDING: usize = 64;
/// Width of the hidden layer.
pub const HIDDEN: usize = 128;
/// Length of the query vector.
pub const VECTOR: usize = 64;

const BUCKETS: usize = FEATURE_BUCKETS as usize;
/// Keeps the normalisation finite.
const EPSILON: f32 = 1e-6;
/// Temperature of the contrastive loss.
const CONTRAST: f32 = 0.07;
/// Share of the probability that training leaves to the other labels.
const SMOOTHING: f32 = 0.05;

/// ONNX's number for 32-bit floats in a `Cast`.
const TO_FLOAT: i64 = 1;

/// The encoder with its training state.
#[derive(Clone, Debug)]
pub struct Encoder {
    labels: usize,
    table: Parameters,
    hidden: Parameters,
    hidden_bias: Parameters,
    intents: Parameters,
    intents_bias: Parameters,
    vector: Parameters,
}

/// What the encoder gives for one text.
#[derive(Clone, Debug)]
pub struct Encoding {
    /// One per label.
    pub logits: Vec<f32>,
    /// Unit length.
    pub vector: Vec<f32>,
}

/// Intermediate values that the backward pass needs.
struct Forward {
    /// 1 / root mean square of the bag.
    inverse_rms: f32,
    /// Normalised bag.
    normal: [f32; EMBEDDING],
    hidden: [f32; HIDDEN],
    logits: Vec<f32>,
    /// Before it is made unit length.
    raw_vector: [f32; VECTOR],
}

/// Gradients of one mini-batch, summed.
struct Gradients {
    rows: BTreeMap<u32, [f32; EMBEDDING]>,
    hidden: Vec<f32>,
    hidden_bias: Vec<f32>,
    intents: Vec<f32>,
    intents_bias: Vec<f32>,
    vector: Vec<f32>,
}

/// A labelled text as features.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// From `aisle_core::text::features`.
    pub features: Vec<u32>,
    /// Position of the label.
    pub label: usize,
}

/// A text and one that it should find.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Features of the query.
    pub query: Vec<u32>,
    /// Features of what it should find.
    pub target: Vec<u32>,
    /// Pairs of one group are no counter-examples to each other.
    pub group: u32,
}

impl Encoder {
    /// A fresh encoder for this many labels.
    pub fn new(labels: usize, rng: &mut impl Rng) -> Self {
        let mut uniform = |count: usize, bound: f32| {
            Parameters::new((0..count).map(|_| rng.random_range(-bound..bound)).collect())
        };
        Self {
            labels,
            table: uniform(BUCKETS * EMBEDDING, 0.1),
            hidden: uniform(EMBEDDING * HIDDEN, (3.0 / EMBEDDING as f32).sqrt()),
            hidden_bias: Parameters::new(vec![0.0; HIDDEN]),
            intents: uniform(HIDDEN * labels, (3.0 / HIDDEN as f32).sqrt()),
            intents_bias: Parameters::new(vec![0.0; labels]),
            vector: uniform(EMBEDDING * VECTOR, (3.0 / EMBEDDING as f32).sqrt()),
        }
    }

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        [
            &self.table,
            &self.hidden,
            &self.hidden_bias,
            &self.intents,
            &self.intents_bias,
            &self.vector,
        ]
        .iter()
        .map(|p| p.values.len())
        .sum()
    }

    /// Runs the encoder.
    pub fn encode(&self, features: &[u32]) -> Encoding {
        let forward = self.forward(features);
        let norm = norm(&forward.raw_vector);
        Encoding {
            vector: forward.raw_vector.iter().map(|x| x / norm).collect(),
            logits: forward.logits,
        }
    }

    fn forward(&self, features: &[u32]) -> Forward {
        let mut normal = [0.0; EMBEDDING];
        for id in features {
            let at = *id as usize * EMBEDDING;
            for (sum, x) in normal.iter_mut().zip(&self.table.values[at..at + EMBEDDING]) {
                *sum += x;
            }
        }
        let count = features.len().max(1) as f32;
        normal.iter_mut().for_each(|x| *x /= count);
        let mean_square = normal.iter().map(|x| x * x).sum::<f32>() / EMBEDDING as f32;
        let inverse_rms = 1.0 / (mean_square + EPSILON).sqrt();
        normal.iter_mut().for_each(|x| *x *= inverse_rms);

        let mut hidden = [0.0; HIDDEN];
        hidden.copy_from_slice(&self.hidden_bias.values);
        multiply(&normal, &self.hidden.values, &mut hidden);
        hidden.iter_mut().for_each(|x| *x = x.max(0.0));
        let mut logits = self.intents_bias.values.clone();
        multiply(&hidden, &self.intents.values, &mut logits);
        let mut raw_vector = [0.0; VECTOR];
        multiply(&normal, &self.vector.values, &mut raw_vector);
        Forward { inverse_rms, normal, hidden, logits, raw_vector }
    }

    /// One step on intents. Returns the mean loss.
    pub fn learn_intents(&mut self, batch: &[Labelled], rate: f32) -> f32 {
        let mut gradients = Gradients::new(self.labels);
        let mut loss = 0.0;
        for example in batch {
            let forward = self.forward(&example.features);
            let (example_loss, d_logits) = cross_entropy(&forward.logits, example.label);
            loss += example_loss;
            let mut d_hidden = [0.0; HIDDEN];
            outer(&forward.hidden, &d_logits, &mut gradients.intents);
            add(&mut gradients.intents_bias, &d_logits);
            multiply_transposed(&d_logits, &self.intents.values, &mut d_hidden);
            for (d, h) in d_hidden.iter_mut().zip(&forward.hidden) {
                if *h <= 0.0 {
                    *d = 0.0;
                }
            }
            outer(&forward.normal, &d_hidden, &mut gradients.hidden);
            add(&mut gradients.hidden_bias, &d_hidden);
            let mut d_normal = [0.0; EMBEDDING];
            multiply_transposed(&d_hidden, &self.hidden.values, &mut d_normal);
            gradients.bag(&example.features, &forward, &d_normal);
        }
        self.apply(&mut gradients, rate, batch.len());
        loss / batch.len().max(1) as f32
    }

    /// One step on pairs: every query should be closer to its own target than to the others of
    /// the batch, and the other way round. Returns the mean loss.
    pub fn learn_pairs(&mut self, batch: &[Pair], rate: f32) -> f32 {
        let forwards: Vec<(Forward, Forward)> = batch
            .iter()
            .map(|pair| (self.forward(&pair.query), self.forward(&pair.target)))
            .collect();
        let units: Vec<([f32; VECTOR], [f32; VECTOR])> =
            forwards.iter().map(|(q, t)| (unit(&q.raw_vector), unit(&t.raw_vector))).collect();
        let mut d_query = vec![[0.0; VECTOR]; batch.len()];
        let mut d_target = vec![[0.0; VECTOR]; batch.len()];
        let mut loss = 0.0;
        for by_query in [true, false] {
            for (i, pair) in batch.iter().enumerate() {
                let scores: Vec<f32> = batch
                    .iter()
                    .enumerate()
                    .map(|(j, other)| match (i == j, other.group == pair.group) {
                        (false, true) => f32::NEG_INFINITY,
                        _ if by_query => dot(&units[i].0, &units[j].1) / CONTRAST,
                        _ => dot(&units[j].0, &units[i].1) / CONTRAST,
                    })
                    .collect();
                let mut weights = softmax(&scores);
                loss -= weights[i].max(1e-9).ln() / 2.0;
                weights[i] -= 1.0;
                for (j, weight) in weights.iter().enumerate() {
                    let (q, t) = if by_query { (i, j) } else { (j, i) };
                    let weight = weight / CONTRAST / 2.0;
                    for k in 0..VECTOR {
                        d_query[q][k] += weight * units[t].1[k];
                        d_target[t][k] += weight * units[q].0[k];
                    }
                }
            }
        }
        let mut gradients = Gradients::new(self.labels);
        for (i, pair) in batch.iter().enumerate() {
            for (features, forward, d_unit) in [
                (&pair.query, &forwards[i].0, &d_query[i]),
                (&pair.target, &forwards[i].1, &d_target[i]),
            ] {
                let d_raw = through_unit(&forward.raw_vector, d_unit);
                outer(&forward.normal, &d_raw, &mut gradients.vector);
                let mut d_normal = [0.0; EMBEDDING];
                multiply_transposed(&d_raw, &self.vector.values, &mut d_normal);
                gradients.bag(features, forward, &d_normal);
            }
        }
        self.apply(&mut gradients, rate, batch.len());
        loss / batch.len().max(1) as f32
    }

    fn apply(&mut self, gradients: &mut Gradients, rate: f32, batch: usize) {
        let scale = 1.0 / batch.max(1) as f32;
        for (id, row) in std::mem::take(&mut gradients.rows) {
            self.table.step_at(id as usize * EMBEDDING, &row, rate, scale);
        }
        self.hidden.step(&mut gradients.hidden, rate, scale);
        self.hidden_bias.step(&mut gradients.hidden_bias, rate, scale);
        self.intents.step(&mut gradients.intents, rate, scale);
        self.intents_bias.step(&mut gradients.intents_bias, rate, scale);
        self.vector.step(&mut gradients.vector, rate, scale);
    }

    /// The encoder as it will be shipped: table rows rounded to 8 bits with a scale each.
    pub fn quantized(mut self) -> Self {
        let (bytes, scales) = self.quantize_table();
        for ((row, values), scale) in
            bytes.chunks(EMBEDDING).zip(self.table.values.chunks_mut(EMBEDDING)).zip(&scales)
        {
            for (value, byte) in values.iter_mut().zip(row) {
                *value = f32::from(*byte) * scale;
            }
        }
        self
    }

    fn quantize_table(&self) -> (Vec<i8>, Vec<f32>) {
        let mut bytes = Vec::with_capacity(self.table.values.len());
        let mut scales = Vec::with_capacity(BUCKETS);
        for row in self.table.values.chunks(EMBEDDING) {
            let max = row.iter().fold(0.0f32, |max, x| max.max(x.abs()));
            let scale = if max > 0.0 { max / 127.0 } else { 1.0 };
            bytes.extend(row.iter().map(|x| (x / scale).round() as i8));
            scales.push(scale);
        }
        (bytes, scales)
    }

    /// Writes `encoder.onnx`: input `ids` `[T]` i64, outputs `logits` `[1, labels]` and `vector`
    /// `[1, VECTOR]`.
    pub fn to_onnx(&self) -> Vec<u8> {
        use Attribute::{Int, Ints};
        let (bytes, scales) = self.quantize_table();
        let mut g = GraphWriter::new("aisle_encoder");
        g.input("ids", ElementType::Int64, &[Dimension::Dynamic("T")]);
        g.int8s("table", &[BUCKETS, EMBEDDING], &bytes);
        g.floats("scales", &[BUCKETS, 1], &scales);
        g.floats("epsilon", &[1, 1], &[EPSILON]);
        g.floats("hidden_weight", &[EMBEDDING, HIDDEN], &self.hidden.values);
        g.floats("hidden_bias", &[1, HIDDEN], &self.hidden_bias.values);
        g.floats("intent_weight", &[HIDDEN, self.labels], &self.intents.values);
        g.floats("intent_bias", &[1, self.labels], &self.intents_bias.values);
        g.floats("vector_weight", &[EMBEDDING, VECTOR], &self.vector.values);

        g.node("Gather", &["table", "ids"], "rows_i8", &[Int("axis", 0)]);
        g.node("Cast", &["rows_i8"], "rows_f32", &[Int("to", TO_FLOAT)]);
        g.node("Gather", &["scales", "ids"], "row_scales", &[Int("axis", 0)]);
        g.node("Mul", &["rows_f32", "row_scales"], "rows", &[]);
        g.node("ReduceMean", &["rows"], "bag", &[Ints("axes", &[0]), Int("keepdims", 1)]);
        g.node("Mul", &["bag", "bag"], "bag_squared", &[]);
        g.node(
            "ReduceMean",
            &["bag_squared"],
            "mean_square",
            &[Ints("axes", &[1]), Int("keepdims", 1)],
        );
        g.node("Add", &["mean_square", "epsilon"], "mean_square_safe", &[]);
        g.node("Sqrt", &["mean_square_safe"], "rms", &[]);
        g.node("Div", &["bag", "rms"], "normal", &[]);
        g.node("MatMul", &["normal", "hidden_weight"], "hidden_product", &[]);
        g.node("Add", &["hidden_product", "hidden_bias"], "hidden_sum", &[]);
        g.node("Relu", &["hidden_sum"], "hidden", &[]);
        g.node("MatMul", &["hidden", "intent_weight"], "intent_product", &[]);
        g.node("Add", &["intent_product", "intent_bias"], "logits", &[]);
        g.node("MatMul", &["normal", "vector_weight"], "raw_vector", &[]);
        g.node("Mul", &["raw_vector", "raw_vector"], "raw_squared", &[]);
        g.node("ReduceSum", &["raw_squared"], "square_sum", &[Int("keepdims", 1)]);
        g.node("Add", &["square_sum", "epsilon"], "square_sum_safe", &[]);
        g.node("Sqrt", &["square_sum_safe"], "vector_norm", &[]);
        g.node("Div", &["raw_vector", "vector_norm"], "vector", &[]);
        let one = Dimension::Fixed(1);
        g.output("logits", ElementType::Float, &[one, Dimension::Fixed(self.labels)]);
        g.output("vector", ElementType::Float, &[one, Dimension::Fixed(VECTOR)]);
        g.finish()
    }

    /// Reads the parameters back from a file of [`Encoder::to_onnx`], with a fresh history.
    pub fn from_onnx(bytes: &[u8], labels: usize) -> Result<Self, OnnxError> {
        let constants = Constants::read(bytes)?;
        let bytes = constants.int8s("table", &[BUCKETS, EMBEDDING])?;
        let scales = constants.floats("scales", &[BUCKETS, 1])?;
        let table = bytes
            .chunks(EMBEDDING)
            .zip(&scales)
            .flat_map(|(row, scale)| row.iter().map(move |b| f32::from(*b) * scale))
            .collect();
        let floats = |name, dims: &[usize]| constants.floats(name, dims).map(Parameters::new);
        Ok(Self {
            labels,
            table: Parameters::new(table),
            hidden: floats("hidden_weight", &[EMBEDDING, HIDDEN])?,
            hidden_bias: floats("hidden_bias", &[1, HIDDEN])?,
            intents: floats("intent_weight", &[HIDDEN, labels])?,
            intents_bias: floats("intent_bias", &[1, labels])?,
            vector: floats("vector_weight", &[EMBEDDING, VECTOR])?,
        })
    }
}

impl Gradients {
    fn new(labels: usize) -> Self {
        Self {
            rows: BTreeMap::new(),
            hidden: vec![0.0; EMBEDDING * HIDDEN],
            hidden_bias: vec![0.0; HIDDEN],
            intents: vec![0.0; HIDDEN * labels],
            intents_bias: vec![0.0; labels],
            vector: vec![0.0; EMBEDDING * VECTOR],
        }
    }

    /// From the normalised bag down to the rows.
    fn bag(&mut self, features: &[u32], forward: &Forward, d_normal: &[f32; EMBEDDING]) {
        let along = dot(d_normal, &forward.normal) / EMBEDDING as f32;
        let scale = forward.inverse_rms / features.len().max(1) as f32;
        let mut d_row = [0.0; EMBEDDING];
        for ((d, dn), n) in d_row.iter_mut().zip(d_normal).zip(&forward.normal) {
            *d = (dn - n * along) * scale;
        }
        for id in features {
            add(self.rows.entry(*id).or_insert([0.0; EMBEDDING]), &d_row);
        }
    }
}

/// `out += x · w`, with `w` of shape `[x.len(), out.len()]`.
fn multiply(x: &[f32], w: &[f32], out: &mut [f32]) {
    for (x, row) in x.iter().zip(w.chunks_exact(out.len())) {
        for (out, w) in out.iter_mut().zip(row) {
            *out += x * w;
        }
    }
}

/// `out += d · wᵀ`, with `w` of shape `[out.len(), d.len()]`.
fn multiply_transposed(d: &[f32], w: &[f32], out: &mut [f32]) {
    for (out, row) in out.iter_mut().zip(w.chunks_exact(d.len())) {
        *out += dot(row, d);
    }
}

/// `out += xᵀ · d`.
fn outer(x: &[f32], d: &[f32], out: &mut [f32]) {
    for (x, row) in x.iter().zip(out.chunks_exact_mut(d.len())) {
        if *x != 0.0 {
            for (out, d) in row.iter_mut().zip(d) {
                *out += x * d;
            }
        }
    }
}

fn add(out: &mut [f32], x: &[f32]) {
    out.iter_mut().zip(x).for_each(|(out, x)| *out += x);
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(x: &[f32]) -> f32 {
    (dot(x, x) + EPSILON).sqrt()
}

fn unit(x: &[f32; VECTOR]) -> [f32; VECTOR] {
    let norm = norm(x);
    x.map(|x| x / norm)
}

/// Gradient through making a vector unit length.
fn through_unit(raw: &[f32; VECTOR], d_unit: &[f32; VECTOR]) -> [f32; VECTOR] {
    let norm = norm(raw);
    let along = dot(raw, d_unit) / (norm * norm);
    let mut d_raw = [0.0; VECTOR];
    for ((d, x), du) in d_raw.iter_mut().zip(raw).zip(d_unit) {
        *d = (du - x * along) / norm;
    }
    d_raw
}

/// Softmax of a slice.
pub fn softmax(scores: &[f32]) -> Vec<f32> {
    let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exps: Vec<f32> = scores.iter().map(|s| (s - max).exp()).collect();
    let sum: f32 = exps.iter().sum();
    exps.into_iter().map(|e| e / sum).collect()
}

/// Loss with label smoothing, and its gradient.
fn cross_entropy(logits: &[f32], label: usize) -> (f32, Vec<f32>) {
    let mut d = softmax(logits);
    let loss = -d[label].max(1e-9).ln();
    let others = SMOOTHING / logits.len() as f32;
    d.iter_mut().for_each(|p| *p -= others);
    d[label] -= 1.0 - SMOOTHING;
    (loss, d)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aisle_core::text::features;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn fresh() -> Encoder {
        Encoder::new(2, &mut ChaCha8Rng::seed_from_u64(7))
    }

    #[test]
    fn it_learns_to_tell_two_intents_apart() {
        let mut encoder = fresh();
        let batch: Vec<Labelled> = [
            ("where is my parcel", 0),
            ("track my order", 0),
            ("a red mug please", 1),
            ("show me blue lanterns", 1),
        ]
        .map(|(text, label)| Labelled { features: features(text), label })
        .to_vec();
        let first = encoder.learn_intents(&batch, 0.05);
        let last = (0..60).map(|_| encoder.learn_intents(&batch, 0.05)).last().unwrap();
        assert!(last < first / 3.0, "{first} -> {last}");
        let logits = encoder.encode(&features("track the parcel")).logits;
        assert!(logits[0] > logits[1]);
    }

    #[test]
    fn it_learns_to_bring_pairs_together() {
        let mut encoder = fresh();
        let pairs: Vec<Pair> =
            [("spade", "garden tools"), ("mug", "cups for tea"), ("clock", "time")]
                .into_iter()
                .zip(0..)
                .map(|((q, t), group)| Pair { query: features(q), target: features(t), group })
                .collect();
        let first = encoder.learn_pairs(&pairs, 0.05);
        let last = (0..60).map(|_| encoder.learn_pairs(&pairs, 0.05)).last().unwrap();
        assert!(last < first / 3.0, "{first} -> {last}");
    }

    #[test]
    fn gradients_are_the_slopes_of_the_loss() {
        let example = Labelled { features: features("where is it"), label: 1 };
        let loss = |e: &Encoder| {
            let logits = e.encode(&example.features).logits;
            let p = softmax(&logits);
            let others = SMOOTHING / 2.0;
            -(1.0 - SMOOTHING + others) * p[1].ln() - others * p[0].ln()
        };
        let at = example.features[3] as usize * EMBEDDING + 5;
        let step = 1e-2;
        let (mut up, mut down) = (fresh(), fresh());
        up.table.values[at] += step;
        down.table.values[at] -= step;
        let slope = (loss(&up) - loss(&down)) / (2.0 * step);
        // A first Adagrad step moves against the gradient.
        let mut moved = fresh();
        let before = moved.table.values[at];
        moved.learn_intents(std::slice::from_ref(&example), 1e-3);
        assert!((moved.table.values[at] - before) * slope < 0.0);
    }

    #[test]
    fn the_file_holds_the_shipped_encoder() {
        let shipped = fresh().quantized();
        let read = Encoder::from_onnx(&shipped.to_onnx(), 2).unwrap();
        let ids = features("a pair of lanterns");
        let (a, b) = (shipped.encode(&ids), read.encode(&ids));
        for (a, b) in a.logits.iter().chain(&a.vector).zip(b.logits.iter().chain(&b.vector)) {
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
        assert!(Encoder::from_onnx(&shipped.to_onnx(), 3).is_err());
    }
}
