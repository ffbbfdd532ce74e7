//! How the encoder learns: intents, pairs of texts that should find each other, and the vectors of
//! a larger model.
//!
//! Sources: van den Oord et al., "Representation learning with contrastive predictive coding"
//! (2018) for the pairs; Park et al., "Relational knowledge distillation" (2019) for the larger
//! model.

use aisle_core::text::WordRow;
use ndarray::{Array2, Axis, Zip, concatenate, s};

use super::encoder::{Encoder, in_parts, unit};
use super::layers::{EPSILON, softmax};
use super::weights::Gradients;

/// Temperature of the contrastive loss.
const CONTRAST: f32 = 0.07;
/// Share of the probability that training leaves to the other labels.
const SMOOTHING: f32 = 0.1;

/// A text as features, with what it means.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// From `aisle_core::text::features`.
    pub features: Vec<WordRow>,
    /// What it means.
    pub meaning: Meaning,
}

/// What is to be learnt of a text's meaning.
#[derive(Clone, Debug)]
pub enum Meaning {
    /// The position of its label.
    Label(usize),
    /// The share of each label, by another model's judgement; they sum to 1.
    Shares(Vec<f32>),
}

impl Meaning {
    /// What is wanted of `labels` probabilities. Some of a label's is left to the others.
    fn shares(&self, labels: usize) -> Vec<f32> {
        match self {
            Self::Shares(shares) => shares.clone(),
            Self::Label(label) => {
                let mut shares = vec![SMOOTHING / labels as f32; labels];
                shares[*label] += 1.0 - SMOOTHING;
                shares
            }
        }
    }

    /// The label's shares and those of another model, mixed: `trust` of them are the model's.
    pub fn with_judgement(label: usize, judged: &[f32], trust: f32) -> Self {
        let own = Self::Label(label).shares(judged.len());
        let mixed = own.iter().zip(judged).map(|(own, judged)| own + trust * (judged - own));
        Self::Shares(mixed.collect())
    }
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

impl Encoder {
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
                let (example_loss, gradient) = cross_entropy(&logits.to_vec(), &example.meaning);
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

/// Loss and its gradient.
///
/// Source: Hinton et al., "Distilling the knowledge in a neural network" (2015).
fn cross_entropy(logits: &[f32], meaning: &Meaning) -> (f32, Vec<f32>) {
    let mut d = softmax(logits);
    let mut loss = 0.0;
    for (p, wanted) in d.iter_mut().zip(meaning.shares(logits.len())) {
        loss -= wanted * p.max(1e-9).ln();
        *p -= wanted;
    }
    (loss, d)
}
