//! The text encoder: a vector for each word from its hashed n-grams, a small transformer over the
//! words, and two heads on what it makes of the text: intent logits and the query vector.
//!
//! A text is pooled three ways: the mean and the maximum of its words after the transformer, and
//! the plain sum of all its n-grams. Sources: Bojanowski et al., "Enriching word vectors with
//! subword information" (2017) for the words; Shen et al., "Baseline needs more love" (2018) for
//! the pooling; van den Oord et al., "Representation learning with contrastive predictive coding"
//! (2018) for the vector's loss.

use std::ops::Range;

use aisle_core::text::WordRow;
use ndarray::{Array2, Axis, Zip, concatenate, s};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::layers::{
    Attention, EPSILON, Normal, attend, dense, dense_gradients, normalize, rectify,
    rectify_backward, softmax,
};
use super::weights::{Adam, At, Gradients, InBlock, Weights, fresh};

/// Temperature of the contrastive loss.
const CONTRAST: f32 = 0.07;
/// Share of the probability that training leaves to the other labels.
const SMOOTHING: f32 = 0.1;
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
    shape: Shape,
    pub(super) weights: Weights,
    adam: Adam,
}

/// What the encoder gives for one text.
#[derive(Clone, Debug)]
pub struct Encoding {
    /// One per label.
    pub logits: Vec<f32>,
    /// Unit length.
    pub vector: Vec<f32>,
}

/// A labelled text as features.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// From `aisle_core::text::features`.
    pub features: Vec<WordRow>,
    /// Position of the label.
    pub label: usize,
}

/// A text and one that it should find.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Features of the query.
    pub query: Vec<WordRow>,
    /// Features of what it should find.
    pub target: Vec<WordRow>,
    /// Pairs of one group are no counter-examples to each other.
    pub group: u32,
}

/// A text and the vector that a larger model gives it.
#[derive(Clone, Debug)]
pub struct Taught {
    /// Features of the text.
    pub features: Vec<WordRow>,
    /// The larger model's vector, its most telling dimensions first; not shorter than the
    /// encoder's own.
    pub vector: Vec<f32>,
}

/// Intermediate values of some texts that the backward pass needs.
struct Forward {
    /// The words of each text.
    texts: Vec<Range<usize>>,
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
    logits: Array2<f32>,
    /// Before it is made unit length.
    raw_vectors: Array2<f32>,
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
    fn forward(&self, features: &[&[WordRow]], dropout: Option<u64>) -> Forward {
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
    fn backward(
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

    /// One step on intents. Returns the mean loss. `seed` decides what is dropped.
    pub fn learn_intents(&mut self, batch: &[Labelled], rate: f32, seed: u64) -> f32 {
        let scale = 1.0 / batch.len().max(1) as f32;
        let learnt = in_parts(batch, |part| {
            let features: Vec<&[WordRow]> = part.iter().map(|e| e.features.as_slice()).collect();
            let forward = self.forward(&features, Some(seed));
            let mut d_logits = Array2::zeros(forward.logits.raw_dim());
            let mut loss = 0.0;
            for ((example, logits), mut d) in
                part.iter().zip(forward.logits.rows()).zip(d_logits.rows_mut())
            {
                let (example_loss, gradient) = cross_entropy(&logits.to_vec(), example.label);
                loss += example_loss;
                d.iter_mut().zip(gradient).for_each(|(d, g)| *d = g * scale);
            }
            (loss, self.backward(&features, &forward, Some(&d_logits), None))
        });
        self.apply(learnt, rate) * scale
    }

    /// One step on pairs: every query should be closer to its own target than to the others of
    /// the batch, and the other way round. Returns the mean loss.
    pub fn learn_pairs(&mut self, batch: &[Pair], rate: f32) -> f32 {
        let features: Vec<&[WordRow]> = batch
            .iter()
            .map(|pair| pair.query.as_slice())
            .chain(batch.iter().map(|pair| pair.target.as_slice()))
            .collect();
        let scale = 1.0 / batch.len().max(1) as f32;
        self.learn_vectors(&features, rate, |units| {
            let (queries, targets) = units.view().split_at(Axis(0), batch.len());
            let scores = queries.dot(&targets.t()) / CONTRAST;
            let mut d_scores = Array2::<f32>::zeros(scores.raw_dim());
            let mut loss = 0.0;
            for by_query in [true, false] {
                for (i, pair) in batch.iter().enumerate() {
                    let place = |j: usize| if by_query { [i, j] } else { [j, i] };
                    let row: Vec<f32> = batch
                        .iter()
                        .enumerate()
                        .map(|(j, other)| match i != j && other.group == pair.group {
                            true => f32::NEG_INFINITY,
                            false => scores[place(j)],
                        })
                        .collect();
                    let mut weights = softmax(&row);
                    loss -= weights[i].max(1e-9).ln() / 2.0;
                    weights[i] -= 1.0;
                    for (j, weight) in weights.into_iter().enumerate() {
                        d_scores[place(j)] += weight * scale / CONTRAST / 2.0;
                    }
                }
            }
            let d_queries = d_scores.dot(&targets);
            let d_targets = d_scores.t().dot(&queries);
            let d = concatenate(Axis(0), &[d_queries.view(), d_targets.view()]);
            (loss * scale, d.unwrap_or_else(|_| Array2::zeros(units.raw_dim())))
        })
    }

    /// One step towards a larger model: each vector should point where the larger model's does,
    /// and lie to the others of the batch as there. Returns the mean loss.
    ///
    /// Source: Park et al., "Relational knowledge distillation" (2019) for the second part.
    pub fn learn_taught(&mut self, batch: &[Taught], rate: f32) -> f32 {
        /// Weight of the relations against the directions.
        const RELATIONS: f32 = 10.0;
        let features: Vec<&[WordRow]> = batch.iter().map(|t| t.features.as_slice()).collect();
        let scale = 1.0 / batch.len().max(1) as f32;
        let own = self.shape.vector;
        let longest = batch.iter().map(|t| t.vector.len()).max().unwrap_or(0);
        let mut teacher = Array2::<f32>::zeros((batch.len(), longest));
        let mut goals = Array2::<f32>::zeros((batch.len(), own));
        for (at, taught) in batch.iter().enumerate() {
            let whole = unit(&taught.vector);
            teacher.row_mut(at).iter_mut().zip(whole).for_each(|(t, x)| *t = x);
            let start = unit(taught.vector.get(..own).unwrap_or(&taught.vector));
            goals.row_mut(at).iter_mut().zip(start).for_each(|(t, x)| *t = x);
        }
        let wanted = teacher.dot(&teacher.t());
        self.learn_vectors(&features, rate, |units| {
            let errors = units.dot(&units.t()) - &wanted;
            let direction: f32 = (units * &goals).sum();
            let loss =
                1.0 - direction * scale + RELATIONS * errors.mapv(|e| e * e).sum() * scale * scale;
            let d = errors.dot(units) * (4.0 * RELATIONS * scale * scale) - &goals * scale;
            (loss, d)
        })
    }

    /// One step on vectors, given the loss of all unit vectors and its gradient.
    fn learn_vectors(
        &mut self,
        features: &[&[WordRow]],
        rate: f32,
        loss: impl FnOnce(&Array2<f32>) -> (f32, Array2<f32>),
    ) -> f32 {
        let forwards = in_parts(features, |part| self.forward(part, None));
        let mut units = Array2::zeros((features.len(), self.shape.vector));
        let raw = || forwards.iter().flat_map(|f| f.raw_vectors.rows());
        for (mut unit_row, raw) in units.rows_mut().into_iter().zip(raw()) {
            unit_row.iter_mut().zip(unit(&raw.to_vec())).for_each(|(u, x)| *u = x);
        }
        let (loss, mut d) = loss(&units);
        for (mut d, raw) in d.rows_mut().into_iter().zip(raw()) {
            let norm = (raw.dot(&raw) + EPSILON).sqrt();
            let along = raw.dot(&d) / (norm * norm);
            Zip::from(&mut d).and(&raw).for_each(|d, x| *d = (*d - x * along) / norm);
        }
        let mut starts = vec![];
        let mut start = 0;
        for forward in &forwards {
            starts.push((start, forward));
            start += forward.texts.len();
        }
        let learnt = in_parts(&starts, |part| {
            let mut sum = Gradients::new(&self.shape);
            for (start, forward) in part {
                let range = *start..start + forward.texts.len();
                let d = d.slice(s![range.clone(), ..]).to_owned();
                sum.add(&self.backward(&features[range], forward, None, Some(&d)));
            }
            (0.0, sum)
        });
        self.apply(learnt, rate);
        loss
    }

    /// Takes a step on the sum of some gradients; returns the sum of the losses.
    fn apply(&mut self, learnt: Vec<(f32, Gradients)>, rate: f32) -> f32 {
        let mut losses = 0.0;
        let mut sum: Option<Gradients> = None;
        for (loss, gradients) in learnt {
            losses += loss;
            match &mut sum {
                Some(sum) => sum.add(&gradients),
                None => sum = Some(gradients),
            }
        }
        if let Some(sum) = sum {
            self.adam.step(&mut self.weights, &sum, rate);
        }
        losses
    }
}

/// Works on equal parts at once and gives the results in order.
fn in_parts<T: Sync, R: Send>(all: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
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

fn unit(x: &[f32]) -> Vec<f32> {
    let norm = (x.iter().map(|x| x * x).sum::<f32>() + EPSILON).sqrt();
    x.iter().map(|x| x / norm).collect()
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
