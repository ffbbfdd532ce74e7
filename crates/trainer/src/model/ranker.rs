//! The ranker: a small perceptron from a candidate's features to a score, learnt list by list.
//!
//! Source: Cao et al., "Learning to rank: from pairwise approach to listwise approach" (2007).

use aisle_core::rank::RANK_FEATURES;
use rand::Rng;

use super::optimizer::Parameters;
use super::softmax;
use crate::onnx::{Dimension, ElementType, GraphWriter};

/// Width of the hidden layer.
pub const HIDDEN: usize = 24;

/// Candidates of one query with what each is worth.
#[derive(Clone, Debug, Default)]
pub struct RankedList {
    /// One row per candidate.
    pub rows: Vec<[f32; RANK_FEATURES]>,
    /// Worth of each candidate, 0 for the wrong ones; not all 0.
    pub gains: Vec<f32>,
}

/// The ranker with its training state.
#[derive(Clone, Debug)]
pub struct Ranker {
    hidden: Parameters,
    hidden_bias: Parameters,
    output: Parameters,
}

impl Ranker {
    /// A fresh ranker.
    pub fn new(rng: &mut impl Rng) -> Self {
        let mut uniform = |count: usize, bound: f32| {
            Parameters::new((0..count).map(|_| rng.random_range(-bound..bound)).collect())
        };
        Self {
            hidden: uniform(RANK_FEATURES * HIDDEN, 0.4),
            hidden_bias: Parameters::new(vec![0.0; HIDDEN]),
            output: uniform(HIDDEN, 0.3),
        }
    }

    /// Score of a candidate; higher is better.
    pub fn score(&self, row: &[f32; RANK_FEATURES]) -> f32 {
        self.activations(row).iter().zip(&self.output.values).map(|(h, w)| h * w).sum()
    }

    fn activations(&self, row: &[f32; RANK_FEATURES]) -> [f32; HIDDEN] {
        let mut hidden = [0.0; HIDDEN];
        hidden.copy_from_slice(&self.hidden_bias.values);
        for (x, weights) in row.iter().zip(self.hidden.values.chunks_exact(HIDDEN)) {
            for (h, w) in hidden.iter_mut().zip(weights) {
                *h += x * w;
            }
        }
        hidden.map(|h| h.max(0.0))
    }

    /// One step on one list. Returns its loss.
    pub fn learn(&mut self, list: &RankedList, rate: f32) -> f32 {
        let scores: Vec<f32> = list.rows.iter().map(|row| self.score(row)).collect();
        let predicted = softmax(&scores);
        let total: f32 = list.gains.iter().sum();
        if total <= 0.0 {
            return 0.0;
        }
        let mut d_hidden_weights = vec![0.0; RANK_FEATURES * HIDDEN];
        let mut d_hidden_bias = vec![0.0; HIDDEN];
        let mut d_output = vec![0.0; HIDDEN];
        let mut loss = 0.0;
        for ((row, p), gain) in list.rows.iter().zip(&predicted).zip(&list.gains) {
            let wanted = gain / total;
            loss -= wanted * p.max(1e-9).ln();
            let d_score = p - wanted;
            let hidden = self.activations(row);
            for k in 0..HIDDEN {
                d_output[k] += d_score * hidden[k];
                if hidden[k] > 0.0 {
                    let d = d_score * self.output.values[k];
                    d_hidden_bias[k] += d;
                    for (at, x) in row.iter().enumerate() {
                        d_hidden_weights[at * HIDDEN + k] += d * x;
                    }
                }
            }
        }
        self.hidden.step(&mut d_hidden_weights, rate, 1.0);
        self.hidden_bias.step(&mut d_hidden_bias, rate, 1.0);
        self.output.step(&mut d_output, rate, 1.0);
        loss
    }

    /// Writes `ranker.onnx`: input `features` `[N, RANK_FEATURES]`, output `scores` `[N, 1]`.
    pub fn to_onnx(&self) -> Vec<u8> {
        let rows = Dimension::Dynamic("N");
        let mut g = GraphWriter::new("aisle_ranker");
        g.input("features", ElementType::Float, &[rows, Dimension::Fixed(RANK_FEATURES)]);
        g.floats("hidden_weight", &[RANK_FEATURES, HIDDEN], &self.hidden.values);
        g.floats("hidden_bias", &[1, HIDDEN], &self.hidden_bias.values);
        g.floats("output_weight", &[HIDDEN, 1], &self.output.values);
        g.node("MatMul", &["features", "hidden_weight"], "hidden_product", &[]);
        g.node("Add", &["hidden_product", "hidden_bias"], "hidden_sum", &[]);
        g.node("Relu", &["hidden_sum"], "hidden", &[]);
        g.node("MatMul", &["hidden", "output_weight"], "scores", &[]);
        g.output("scores", ElementType::Float, &[rows, Dimension::Fixed(1)]);
        g.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn it_learns_what_makes_a_candidate_good() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut ranker = Ranker::new(&mut rng);
        let mut list = || {
            let mut rows = vec![[0.0_f32; RANK_FEATURES]; 6];
            for row in &mut rows {
                row.iter_mut().for_each(|x| *x = rng.random());
            }
            let best = (0..6).max_by(|a, b| rows[*a][4].total_cmp(&rows[*b][4])).unwrap();
            let mut gains = vec![0.0; 6];
            gains[best] = 1.0;
            (RankedList { rows, gains }, best)
        };
        for _ in 0..3000 {
            ranker.learn(&list().0, 0.05);
        }
        let right = (0..200)
            .filter(|_| {
                let (list, best) = list();
                let score = |at: &usize| ranker.score(&list.rows[*at]);
                (0..6).max_by(|a, b| score(a).total_cmp(&score(b))) == Some(best)
            })
            .count();
        assert!(right > 180, "{right} of 200");
    }
}
