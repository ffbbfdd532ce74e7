//! The encoder's parameters, their gradients, and the optimiser that moves them.
//!
//! Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015); Loshchilov and
//! Hutter, "Decoupled weight decay regularization" (2019). Rows of the table that a batch does not
//! touch stay as they are, moments included.

use aisle_core::text::FEATURE_BUCKETS;
use ndarray::Array2;
use rand::Rng;

use super::encoder::Shape;

const BUCKETS: usize = FEATURE_BUCKETS as usize;
const BETA1: f32 = 0.9;
const BETA2: f32 = 0.98;
const EPSILON: f32 = 1e-8;
/// Share of a matrix that a step at rate 1 takes away.
const DECAY: f32 = 0.01;
/// The table learns faster than the matrices: each of its rows is seen rarely.
const TABLE_RATE: f32 = 2.0;

/// Where a matrix is in [`Weights::dense`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Up,
    Block(usize, InBlock),
    Hidden,
    HiddenBias,
    Intents,
    IntentsBias,
    Vector,
}

/// The matrices of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InBlock {
    Projection,
    Out,
    Inner,
    InnerBias,
    Outer,
    OuterBias,
}

const IN_BLOCK: [InBlock; 6] = [
    InBlock::Projection,
    InBlock::Out,
    InBlock::Inner,
    InBlock::InnerBias,
    InBlock::Outer,
    InBlock::OuterBias,
];
const HEADS: [At; 5] = [At::Hidden, At::HiddenBias, At::Intents, At::IntentsBias, At::Vector];

impl At {
    /// All matrices of an encoder, in order.
    pub(super) fn all(shape: &Shape) -> impl Iterator<Item = Self> {
        let blocks = (0..shape.layers).flat_map(|l| IN_BLOCK.map(|part| Self::Block(l, part)));
        [Self::Up].into_iter().chain(blocks).chain(HEADS)
    }

    fn position(self, layers: usize) -> usize {
        let heads = 1 + IN_BLOCK.len() * layers;
        match self {
            Self::Up => 0,
            Self::Block(layer, part) => 1 + IN_BLOCK.len() * layer + part as usize,
            Self::Hidden => heads,
            Self::HiddenBias => heads + 1,
            Self::Intents => heads + 2,
            Self::IntentsBias => heads + 3,
            Self::Vector => heads + 4,
        }
    }

    /// Rows and columns.
    pub(super) fn dims(self, shape: &Shape) -> [usize; 2] {
        let Shape { labels, embedding, width, inner, hidden, vector, .. } = *shape;
        let pooled = shape.pooled();
        match self {
            Self::Up => [embedding, width],
            Self::Block(_, InBlock::Projection) => [width, 3 * width],
            Self::Block(_, InBlock::Out) => [width, width],
            Self::Block(_, InBlock::Inner) => [width, inner],
            Self::Block(_, InBlock::InnerBias) => [1, inner],
            Self::Block(_, InBlock::Outer) => [inner, width],
            Self::Block(_, InBlock::OuterBias) => [1, width],
            Self::Hidden => [pooled, hidden],
            Self::HiddenBias => [1, hidden],
            Self::Intents => [hidden, labels],
            Self::IntentsBias => [1, labels],
            Self::Vector => [pooled, vector],
        }
    }

    /// Its name in the file.
    pub(super) fn name(self) -> String {
        match self {
            Self::Up => "up".into(),
            Self::Block(layer, part) => format!("block{layer}_{part:?}").to_lowercase(),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    pub(super) fn is_bias(self) -> bool {
        matches!(
            self,
            Self::HiddenBias
                | Self::IntentsBias
                | Self::Block(_, InBlock::InnerBias | InBlock::OuterBias)
        )
    }
}

/// The parameters: a table of embeddings and the matrices over them.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    /// `[BUCKETS, embedding]`; row 0 is the padding and stays 0.
    pub(super) table: Vec<f32>,
    dense: Vec<Array2<f32>>,
    layers: usize,
}

impl Weights {
    pub(super) fn random(shape: &Shape, rng: &mut impl Rng) -> Self {
        let mut table: Vec<f32> =
            (0..BUCKETS * shape.embedding).map(|_| rng.random_range(-0.1..0.1)).collect();
        table.iter_mut().take(shape.embedding).for_each(|x| *x = 0.0);
        let dense = At::all(shape).map(|at| fresh(at, shape, rng)).collect();
        Self { table, dense, layers: shape.layers }
    }

    /// Parameters read from a file: the table, and the matrices in the order of [`At::all`].
    pub(super) fn of(table: Vec<f32>, dense: Vec<Array2<f32>>, shape: &Shape) -> Self {
        Self { table, dense, layers: shape.layers }
    }

    pub(super) fn get(&self, at: At) -> &Array2<f32> {
        &self.dense[at.position(self.layers)]
    }

    pub(super) fn set(&mut self, at: At, values: Array2<f32>) {
        let position = at.position(self.layers);
        self.dense[position] = values;
    }

    /// Moves every parameter towards another's by a share of the way.
    pub(super) fn approach(&mut self, other: &Self, share: f32) {
        let step = |own: &mut f32, other: &f32| *own += share * (other - *own);
        self.table.iter_mut().zip(&other.table).for_each(|(own, other)| step(own, other));
        for (own, other) in self.dense.iter_mut().zip(&other.dense) {
            own.zip_mut_with(other, step);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.table.len() + self.dense.iter().map(Array2::len).sum::<usize>()
    }
}

/// First values: none for a bias, else evenly spread so that a layer keeps the scale of its input.
pub(super) fn fresh(at: At, shape: &Shape, rng: &mut impl Rng) -> Array2<f32> {
    let [rows, columns] = at.dims(shape);
    if at.is_bias() {
        return Array2::zeros((rows, columns));
    }
    let bound = (3.0 / rows as f32).sqrt();
    Array2::from_shape_simple_fn((rows, columns), || rng.random_range(-bound..bound))
}

/// Gradients of one batch, summed.
pub(super) struct Gradients {
    rows: Rows,
    dense: Vec<Array2<f32>>,
    layers: usize,
}

/// Gradients of the rows of the table that were used.
struct Rows {
    width: usize,
    /// For each bucket its place among the rows used, or none.
    places: Vec<Option<u32>>,
    used: Vec<u32>,
    values: Vec<f32>,
}

impl Gradients {
    pub(super) fn new(shape: &Shape) -> Self {
        Self {
            rows: Rows {
                width: shape.embedding,
                places: vec![None; BUCKETS],
                used: vec![],
                values: vec![],
            },
            dense: At::all(shape).map(|at| Array2::zeros(at.dims(shape))).collect(),
            layers: shape.layers,
        }
    }

    pub(super) fn get(&mut self, at: At) -> &mut Array2<f32> {
        &mut self.dense[at.position(self.layers)]
    }

    /// The gradients of a weight and of its bias.
    pub(super) fn pair(
        &mut self,
        weight: At,
        bias: At,
    ) -> (&mut Array2<f32>, Option<&mut Array2<f32>>) {
        let (first, second) = (weight.position(self.layers), bias.position(self.layers));
        let (head, tail) = self.dense.split_at_mut(second);
        (&mut head[first], tail.first_mut())
    }

    /// Adds to a row of the table.
    pub(super) fn add_row(&mut self, id: u32, gradient: &[f32]) {
        self.rows.add(id, gradient);
    }

    /// Adds the gradients of another part of the batch.
    pub(super) fn add(&mut self, other: &Self) {
        self.dense.iter_mut().zip(&other.dense).for_each(|(a, b)| *a += b);
        for (id, row) in other.rows.used.iter().zip(other.rows.values.chunks(self.rows.width)) {
            self.rows.add(*id, row);
        }
    }
}

impl Rows {
    fn add(&mut self, id: u32, gradient: &[f32]) {
        let place = self.places[id as usize].unwrap_or_else(|| {
            let place = self.used.len() as u32;
            self.places[id as usize] = Some(place);
            self.used.push(id);
            self.values.resize(self.values.len() + self.width, 0.0);
            place
        });
        let from = place as usize * self.width;
        for (sum, g) in self.values[from..from + self.width].iter_mut().zip(gradient) {
            *sum += g;
        }
    }
}

/// The optimiser with its moments.
#[derive(Clone, Debug)]
pub(super) struct Adam {
    table: Moments,
    dense: Vec<Moments>,
    step: i32,
}

#[derive(Clone, Debug)]
struct Moments {
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Moments {
    fn new(count: usize) -> Self {
        Self { first: vec![0.0; count], second: vec![0.0; count] }
    }

    fn step(&mut self, at: usize, values: &mut [f32], gradient: &[f32], rate: f32, decay: f32) {
        let first = self.first.iter_mut().skip(at);
        let second = self.second.iter_mut().skip(at);
        for (((value, m), v), g) in values.iter_mut().zip(first).zip(second).zip(gradient) {
            *m += (1.0 - BETA1) * (g - *m);
            *v += (1.0 - BETA2) * (g * g - *v);
            *value -= rate * *m / (v.sqrt() + EPSILON) + decay * *value;
        }
    }
}

impl Adam {
    pub(super) fn new(weights: &Weights) -> Self {
        Self {
            table: Moments::new(weights.table.len()),
            dense: weights.dense.iter().map(|d| Moments::new(d.len())).collect(),
            step: 0,
        }
    }

    /// Moves the weights against the gradients.
    pub(super) fn step(&mut self, weights: &mut Weights, gradients: &Gradients, rate: f32) {
        self.step += 1;
        let correction = (1.0 - BETA2.powi(self.step)).sqrt() / (1.0 - BETA1.powi(self.step));
        let corrected = rate * correction;
        for ((moments, values), gradient) in
            self.dense.iter_mut().zip(&mut weights.dense).zip(&gradients.dense)
        {
            let decay = if values.nrows() > 1 { rate * DECAY } else { 0.0 };
            if let (Some(values), Some(gradient)) = (values.as_slice_mut(), gradient.as_slice()) {
                moments.step(0, values, gradient, corrected, decay);
            }
        }
        let width = gradients.rows.width;
        for (id, row) in gradients.rows.used.iter().zip(gradients.rows.values.chunks(width)) {
            let at = *id as usize * width;
            let values = &mut weights.table[at..at + width];
            self.table.step(at, values, row, corrected * TABLE_RATE, 0.0);
        }
    }
}

#[cfg(test)]
impl Gradients {
    pub(super) fn row(&self, id: u32) -> &[f32] {
        let from = self.rows.places[id as usize].unwrap_or(0) as usize * self.rows.width;
        &self.rows.values[from..from + self.rows.width]
    }
}
