//! How accuracy grew pass by pass, on what a training learnt from and on what it kept out.
//!
//! It stays with the merchant, in a file beside the artifact: no shopper downloads it.

use aisle_core::text::features;
use serde::{Deserialize, Serialize};

use super::corpus::label;
use crate::model::encoder::Encoder;
use crate::read::Example;

/// Beside the artifact: what its training saw.
pub const TRAINING_FILE: &str = "training.json";

/// The content of [`TRAINING_FILE`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingLog {
    /// Before the first pass and after each.
    pub learning_curve: Vec<LearningPoint>,
}

/// Shares of messages, 0 to 1, whose most probable intent is the right one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearningPoint {
    /// Passes over the examples so far.
    pub passes: usize,
    /// Of a sample of the examples that training learns from.
    pub learnt: f64,
    /// Of the messages that it keeps out.
    pub held_out: f64,
}

/// The two sets of messages that a curve is measured on.
pub(super) struct Measured<'a> {
    learnt: Vec<&'a Example>,
    held_out: Vec<&'a Example>,
}

impl<'a> Measured<'a> {
    /// All that is kept out, and as many examples from all over the list.
    pub(super) fn new(examples: &'a [Example], held_out: &'a [Example]) -> Self {
        let step = examples.len().div_ceil(held_out.len().max(1)).max(1);
        let learnt = examples.iter().step_by(step).collect();
        Self { learnt, held_out: held_out.iter().collect() }
    }

    /// Where the encoder stands after some passes.
    pub(super) fn point(&self, encoder: &Encoder, passes: usize) -> LearningPoint {
        LearningPoint {
            passes,
            learnt: accuracy(encoder, &self.learnt),
            held_out: accuracy(encoder, &self.held_out),
        }
    }
}

fn accuracy(encoder: &Encoder, examples: &[&Example]) -> f64 {
    let texts: Vec<_> = examples.iter().map(|example| features(&example.text)).collect();
    let best = |logits: &[f32]| (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
    let encodings = encoder.encode_all(&texts);
    let right = encodings
        .iter()
        .zip(examples)
        .filter(|(encoding, example)| {
            label(&example.intent).is_some_and(|label| best(&encoding.logits) == Some(label))
        })
        .count();
    right as f64 / examples.len().max(1) as f64
}
