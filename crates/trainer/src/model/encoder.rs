//! The text encoder: a vector for each word from its hashed n-grams, a small transformer over the
//! words, and two heads on what it makes of the text: intent logits and the query vector.
//!
//! A text is pooled three ways: the mean and the maximum of its words after the transformer, and
//! the plain sum of all its n-grams. Sources: Bojanowski et al., "Enriching word vectors with
//! subword information" (2017) for the words; Shen et al., "Baseline needs more love" (2018) for
//! the pooling.

use std::ops::Range;

use aisle_core::text::WordRow;
use ndarray::{Array2, s};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::layers::{
    Attention, EPSILON, Normal, attend, dense, dense_gradients, normalize, rectify,
    rectify_backward,
};
use super::weights::{Adam, At, Gradients, InBlock, Weights, fresh};

/// Share of the pooled numbers that a training step drops.
const POOLED_DROPOUT: f32 = 0.1;
/// Share of the hidden layer that a training step drops.
const HIDDEN_DROPOUT: f32 = 0.3;
/// A batch is worked on in this many parts at once. A fixed number: sums of floats depend on it.
const PARTS: usize = 2;
/// Texts that are encoded in one go.
const ENCODE_BATCH: usize = 64;

/// The sizes of an encoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Number of intents.
    pub labels: usize,
    /// Width of a row of the table.
    pub embedding: usize,
    /// Width of a word in the transformer.
    pub width: usize,
    /// Blocks of the transformer.
    pub layers: usize,
    /// Heads of attention.
    pub heads: usize,
    /// Width inside a block's feed-forward layer.
    pub inner: usize,
    /// Width of the hidden layer before the intents.
    pub hidden: usize,
    /// Length of the query vector.
    pub vector: usize,
}

/// Length of the query vector.
pub const VECTOR: usize = 64;

impl Shape {
    /// The shape that ships, for this many labels.
    pub fn shipped(labels: usize) -> Self {
        Self {
            labels,
            embedding: 64,
            width: 128,
            layers: 2,
            heads: 4,
            inner: 256,
            hidden: 192,
            vector: VECTOR,
        }
    }

    /// Width of a pooled text.
    pub(super) fn pooled(&self) -> usize {
        2 * self.width + self.embedding
    }
}

/// The encoder with its training state.
#[derive(Clone, Debug)]
pub struct Encoder {
    pub(super) shape: Shape,
    pub(super) weights: Weights,
    pub(super) adam: Adam,
}

/// What the encoder gives for one text.
#[derive(Clone, Debug)]
pub struct Encoding {
    /// One per label.
    pub logits: Vec<f32>,
    /// Unit length.
    pub vector: Vec<f32>,
}

/// Intermediate values of some texts that the backward pass needs.
pub(super) struct Forward {
    /// The words of each text.
    pub(super) texts: Vec<Range<usize>>,
    words: Normal,
    blocks: Vec<BlockForward>,
    last: Normal,
    /// For each text and column the word with the largest value.
    largest: Array2<usize>,
    bag: Normal,
    pooled: Array2<f32>,
    pooled_mask: Option<Array2<f32>>,
    hidden: Array2<f32>,
    hidden_mask: Option<Array2<f32>>,
    pub(super) logits: Array2<f32>,
    /// Before it is made unit length.
    pub(super) raw_vectors: Array2<f32>,
}

struct BlockForward {
    before: Normal,
    projected: Array2<f32>,
    attention: Attention,
    between: Normal,
    inner: Array2<f32>,
}

impl Encoder {
    /// A fresh encoder.
    pub fn new(shape: Shape, rng: &mut impl Rng) -> Self {
        let weights = Weights::random(&shape, rng);
        Self::with(shape, weights)
    }

    pub(super) fn with(shape: Shape, weights: Weights) -> Self {
        let adam = Adam::new(&weights);
        Self { shape, weights, adam }
    }

    /// The same encoder with fresh intent heads for this many labels.
    pub fn with_labels(&self, labels: usize, rng: &mut impl Rng) -> Self {
        let shape = Shape { labels, ..self.shape.clone() };
        let mut weights = self.weights.clone();
        for at in [At::Hidden, At::HiddenBias, At::Intents, At::IntentsBias] {
            weights.set(at, fresh(at, &shape, rng));
        }
        Self::with(shape, weights)
    }

    /// The same encoder with only the first `length` numbers of its vector.
    pub fn narrowed(&self, length: usize) -> Self {
        let shape = Shape { vector: length.min(self.shape.vector), ..self.shape.clone() };
        let mut weights = self.weights.clone();
        let first = weights.get(At::Vector).slice(s![.., ..shape.vector]).to_owned();
        weights.set(At::Vector, first);
        Self::with(shape, weights)
    }

    /// Moves towards another encoder of the same shape by a share of the way.
    pub fn approach(&mut self, other: &Self, share: f32) {
        self.weights.approach(&other.weights, share);
    }

    /// Its sizes.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.weights.count()
    }

    /// Encodes one text.
    pub fn encode(&self, features: &[WordRow]) -> Encoding {
        let forward = self.forward(&[features], None);
        Encoding {
            logits: forward.logits.row(0).to_vec(),
            vector: unit(&forward.raw_vectors.row(0).to_vec()),
        }
    }

    /// Encodes many texts.
    pub fn encode_all(&self, texts: &[Vec<WordRow>]) -> Vec<Encoding> {
        let chunks: Vec<&[Vec<WordRow>]> = texts.chunks(ENCODE_BATCH).collect();
        in_parts(&chunks, |chunks| {
            let mut out = Vec::new();
            for chunk in chunks {
                let rows: Vec<&[WordRow]> = chunk.iter().map(Vec::as_slice).collect();
                let forward = self.forward(&rows, None);
                out.extend(forward.logits.rows().into_iter().zip(forward.raw_vectors.rows()).map(
                    |(logits, raw)| Encoding {
                        logits: logits.to_vec(),
                        vector: unit(&raw.to_vec()),
                    },
                ));
            }
            out
        })
        .into_iter()
        .flatten()
        .collect()
    }

    /// With a seed, numbers are dropped as training wants it.
    pub(super) fn forward(&self, features: &[&[WordRow]], dropout: Option<u64>) -> Forward {
        let mut rng = dropout.map(ChaCha8Rng::seed_from_u64);
        let weights = &self.weights;
        let embedding = self.shape.embedding;
        let mut texts = Vec::with_capacity(features.len());
        let words: usize = features.iter().map(|f| f.len()).sum();
        let mut sums = Array2::<f32>::zeros((words, embedding));
        let mut bag = Array2::<f32>::zeros((features.len(), embedding));
        let mut at = 0;
        for (text, mut bag) in features.iter().zip(bag.rows_mut()) {
            texts.push(at..at + text.len());
            for word in *text {
                let mut sum = sums.row_mut(at);
                for id in word.iter().take_while(|id| **id != 0) {
                    let from = *id as usize * embedding;
                    for (sum, x) in sum.iter_mut().zip(&weights.table[from..from + embedding]) {
                        *sum += x;
                    }
                }
                bag += &sum;
                at += 1;
            }
        }
        let words = normalize(sums);
        let mut x = dense(&words.rows, weights.get(At::Up), None);
        let blocks =
            (0..self.shape.layers).map(|layer| self.block_forward(layer, &mut x, &texts)).collect();
        let last = normalize(x);
        let bag = normalize(bag);
        let (mean, largest) = pool(&last.rows, &texts);
        let maximum = Array2::from_shape_fn(largest.raw_dim(), |(text, column)| {
            last.rows[[largest[[text, column]], column]]
        });
        let mut pooled = joined(&[&mean, &maximum, &bag.rows]);
        let pooled_mask = rng.as_mut().map(|rng| mask(&pooled, POOLED_DROPOUT, rng));
        if let Some(mask) = &pooled_mask {
            pooled *= mask;
        }
        let mut hidden =
            rectify(dense(&pooled, weights.get(At::Hidden), Some(weights.get(At::HiddenBias))));
        let hidden_mask = rng.as_mut().map(|rng| mask(&hidden, HIDDEN_DROPOUT, rng));
        if let Some(mask) = &hidden_mask {
            hidden *= mask;
        }
        let logits = dense(&hidden, weights.get(At::Intents), Some(weights.get(At::IntentsBias)));
        let raw_vectors = dense(&pooled, weights.get(At::Vector), None);
        Forward {
            texts,
            words,
            blocks,
            last,
            largest,
            bag,
            pooled,
            pooled_mask,
            hidden,
            hidden_mask,
            logits,
            raw_vectors,
        }
    }

    fn block_forward(
        &self,
        layer: usize,
        x: &mut Array2<f32>,
        texts: &[Range<usize>],
    ) -> BlockForward {
        let get = |part| self.weights.get(At::Block(layer, part));
        let before = normalize(x.clone());
        let projected = dense(&before.rows, get(InBlock::Projection), None);
        let attention = attend(&projected, texts, self.shape.heads);
        *x += &dense(&attention.rows, get(InBlock::Out), None);
        let between = normalize(x.clone());
        let inner =
            rectify(dense(&between.rows, get(InBlock::Inner), Some(get(InBlock::InnerBias))));
        *x += &dense(&inner, get(InBlock::Outer), Some(get(InBlock::OuterBias)));
        BlockForward { before, projected, attention, between, inner }
    }

    /// Gradients from those of the logits or of the raw vectors.
    pub(super) fn backward(
        &self,
        features: &[&[WordRow]],
        forward: &Forward,
        d_logits: Option<&Array2<f32>>,
        d_vectors: Option<&Array2<f32>>,
    ) -> Gradients {
        let weights = &self.weights;
        let mut gradients = Gradients::new(&self.shape);
        let mut d_pooled = Array2::zeros(forward.pooled.raw_dim());
        if let Some(d_logits) = d_logits {
            let (weight, bias) = gradients.pair(At::Intents, At::IntentsBias);
            dense_gradients(&forward.hidden, d_logits, weight, bias);
            let mut d_hidden = d_logits.dot(&weights.get(At::Intents).t());
            if let Some(mask) = &forward.hidden_mask {
                d_hidden *= mask;
            }
            let d_hidden = rectify_backward(&forward.hidden, d_hidden);
            let (weight, bias) = gradients.pair(At::Hidden, At::HiddenBias);
            dense_gradients(&forward.pooled, &d_hidden, weight, bias);
            d_pooled += &d_hidden.dot(&weights.get(At::Hidden).t());
        }
        if let Some(d_vectors) = d_vectors {
            dense_gradients(&forward.pooled, d_vectors, gradients.get(At::Vector), None);
            d_pooled += &d_vectors.dot(&weights.get(At::Vector).t());
        }
        if let Some(mask) = &forward.pooled_mask {
            d_pooled *= mask;
        }
        let width = self.shape.width;
        let mut d_last = Array2::<f32>::zeros(forward.last.rows.raw_dim());
        for (at, text) in forward.texts.iter().enumerate() {
            let share = 1.0 / text.len().max(1) as f32;
            let d_mean = d_pooled.slice(s![at, ..width]);
            for mut row in d_last.slice_mut(s![text.clone(), ..]).rows_mut() {
                row.scaled_add(share, &d_mean);
            }
            for (column, word) in forward.largest.row(at).iter().enumerate() {
                d_last[[*word, column]] += d_pooled[[at, width + column]];
            }
        }
        let mut d = forward.last.backward(d_last);
        for (layer, block) in forward.blocks.iter().enumerate().rev() {
            d = self.block_backward(layer, block, &forward.texts, d, &mut gradients);
        }
        dense_gradients(&forward.words.rows, &d, gradients.get(At::Up), None);
        let mut d_sums = forward.words.backward(d.dot(&weights.get(At::Up).t()));
        let d_bag = forward.bag.backward(d_pooled.slice(s![.., 2 * width..]).to_owned());
        for (text, d_bag) in forward.texts.iter().zip(d_bag.rows()) {
            for mut row in d_sums.slice_mut(s![text.clone(), ..]).rows_mut() {
                row += &d_bag;
            }
        }
        for (word, d) in features.iter().copied().flatten().zip(d_sums.rows()) {
            if let Some(d) = d.as_slice() {
                word.iter().take_while(|id| **id != 0).for_each(|id| gradients.add_row(*id, d));
            }
        }
        gradients
    }

    fn block_backward(
        &self,
        layer: usize,
        block: &BlockForward,
        texts: &[Range<usize>],
        mut d: Array2<f32>,
        gradients: &mut Gradients,
    ) -> Array2<f32> {
        let at = |part| At::Block(layer, part);
        let get = |part| self.weights.get(at(part));
        let (weight, bias) = gradients.pair(at(InBlock::Outer), at(InBlock::OuterBias));
        dense_gradients(&block.inner, &d, weight, bias);
        let d_inner = rectify_backward(&block.inner, d.dot(&get(InBlock::Outer).t()));
        let (weight, bias) = gradients.pair(at(InBlock::Inner), at(InBlock::InnerBias));
        dense_gradients(&block.between.rows, &d_inner, weight, bias);
        d += &block.between.backward(d_inner.dot(&get(InBlock::Inner).t()));
        dense_gradients(&block.attention.rows, &d, gradients.get(at(InBlock::Out)), None);
        let d_attended = d.dot(&get(InBlock::Out).t());
        let d_projected =
            block.attention.backward(&block.projected, texts, self.shape.heads, &d_attended);
        let projection = gradients.get(at(InBlock::Projection));
        dense_gradients(&block.before.rows, &d_projected, projection, None);
        d += &block.before.backward(d_projected.dot(&get(InBlock::Projection).t()));
        d
    }
}

/// Works on equal parts at once and gives the results in order.
pub(super) fn in_parts<T: Sync, R: Send>(all: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let size = all.len().div_ceil(PARTS).max(1);
    let mut parts = all.chunks(size);
    let Some(first) = parts.next() else { return vec![] };
    std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let mut results = vec![work(first)];
        for other in others {
            match other.join() {
                Ok(result) => results.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}

/// The mean of each text's words, and for each column the word with the largest value.
fn pool(words: &Array2<f32>, texts: &[Range<usize>]) -> (Array2<f32>, Array2<usize>) {
    let width = words.ncols();
    let mut mean = Array2::zeros((texts.len(), width));
    let mut largest = Array2::zeros((texts.len(), width));
    for (at, text) in texts.iter().enumerate() {
        let mut mean = mean.row_mut(at);
        let mut largest = largest.row_mut(at);
        largest.fill(text.start);
        for word in text.clone() {
            let row = words.row(word);
            mean += &row;
            for (column, x) in row.iter().enumerate() {
                if *x > words[[largest[column], column]] {
                    largest[column] = word;
                }
            }
        }
        mean /= text.len().max(1) as f32;
    }
    (mean, largest)
}

fn joined(parts: &[&Array2<f32>]) -> Array2<f32> {
    let rows = parts.first().map_or(0, |part| part.nrows());
    let mut out = Array2::zeros((rows, parts.iter().map(|part| part.ncols()).sum()));
    let mut from = 0;
    for part in parts {
        out.slice_mut(s![.., from..from + part.ncols()]).assign(part);
        from += part.ncols();
    }
    out
}

fn mask(like: &Array2<f32>, share: f32, rng: &mut impl Rng) -> Array2<f32> {
    Array2::from_shape_simple_fn(like.raw_dim(), || {
        if rng.random::<f32>() < share { 0.0 } else { 1.0 / (1.0 - share) }
    })
}

pub(super) fn unit(x: &[f32]) -> Vec<f32> {
    let norm = (x.iter().map(|x| x * x).sum::<f32>() + EPSILON).sqrt();
    x.iter().map(|x| x / norm).collect()
}

#[cfg(test)]
impl Encoder {
    /// For one number of every matrix and one of the table: its gradient by the backward pass, and
    /// the slope of the sum of all logits and raw vectors, each weighted by its place.
    pub(super) fn slopes(&self, texts: &[Vec<WordRow>], step: f32) -> Vec<(String, f32, f32)> {
        let features: Vec<&[WordRow]> = texts.iter().map(Vec::as_slice).collect();
        let weight = |(row, column): (usize, usize)| ((row + 2 * column) as f32).sin();
        let loss = |encoder: &Self| -> f32 {
            let forward = encoder.forward(&features, None);
            let sum = |m: &Array2<f32>| m.indexed_iter().map(|(at, x)| x * weight(at)).sum::<f32>();
            sum(&forward.logits) + sum(&forward.raw_vectors)
        };
        let forward = self.forward(&features, None);
        let of = |m: &Array2<f32>| Array2::from_shape_fn(m.raw_dim(), weight);
        let (d_logits, d_vectors) = (of(&forward.logits), of(&forward.raw_vectors));
        let mut gradients = self.backward(&features, &forward, Some(&d_logits), Some(&d_vectors));
        let slope = |change: &dyn Fn(&mut Self, f32)| {
            let [up, down] = [step, -step].map(|by| {
                let mut moved = self.clone();
                change(&mut moved, by);
                loss(&moved)
            });
            (up - down) / (2.0 * step)
        };
        let mut all = vec![];
        for at in At::all(&self.shape) {
            let place = [self.weights.get(at).nrows() / 2, self.weights.get(at).ncols() / 2];
            let moved = slope(&|encoder: &mut Self, by| {
                let mut values = encoder.weights.get(at).clone();
                values[place] += by;
                encoder.weights.set(at, values);
            });
            all.push((at.name(), gradients.get(at)[place], moved));
        }
        let id = texts[0][1][2];
        let at = id as usize * self.shape.embedding + 3;
        let moved = slope(&|encoder: &mut Self, by| encoder.weights.table[at] += by);
        all.push(("table".into(), gradients.row(id)[3], moved));
        all
    }
}
