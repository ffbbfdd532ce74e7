//! The base encoder on a labelled set of its own: how good is what every shop starts from?

use std::collections::BTreeSet;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use aisle_core::text::features;

use super::schedule::{Learner, Schedule};
use super::{Progress, TrainError};
use crate::model::augment::{forgetful, slightly_typed};
use crate::model::encoder::{Encoder, Shape};
use crate::model::learning::{Labelled, Meaning};
use crate::model::softmax;
use crate::read::{Example, INTENTS};

/// The label of what is of no other label.
const OUTSIDE: &str = "oos";
/// Share of the development texts in scope that may be refused.
const FALSE_REJECTION: f32 = 0.05;
const RATE: f32 = 1e-3;

/// Figures on the test set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BenchmarkFigures {
    /// The most probable label is right, over the texts in scope.
    pub in_scope_accuracy: f64,
    /// Refused, over the texts labelled `oos`; where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_scope_recall: Option<f64>,
    /// Refused, over the texts in scope; where there are texts labelled `oos`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub false_rejection: Option<f64>,
    /// Numbers that were learnt.
    pub parameters: usize,
    /// Bytes of the model's file.
    pub bytes: usize,
    /// Texts of the test set.
    pub texts: usize,
    /// Labels, `oos` among them.
    pub labels: usize,
}

/// The three parts of a labelled set.
#[derive(Clone, Copy, Debug)]
pub struct LabelledSet<'a> {
    /// To learn from.
    pub train: &'a [Example],
    /// To choose the threshold of refusal on.
    pub dev: &'a [Example],
    /// To judge by.
    pub test: &'a [Example],
}

/// A text with what the model makes of it.
struct Judged {
    is_outside: bool,
    is_right: bool,
    /// Highest probability of a label in scope, less that of `oos`.
    in_scope: f32,
}

/// Trains all of the encoder, with fresh heads, on a labelled set and judges it as it would ship.
/// Deterministic by seed.
pub fn benchmark_encoder(
    base: &[u8],
    set: LabelledSet<'_>,
    epochs: usize,
    seed: u64,
    progress: Progress<'_>,
) -> Result<BenchmarkFigures, TrainError> {
    let labels: Vec<&str> =
        set.train.iter().map(|e| e.intent.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
    if labels.len() < 2 {
        return Err(TrainError::NoExamples("a labelled set needs two labels"));
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let base = Encoder::from_onnx(base, Shape::shipped(INTENTS.len()))?;
    let schedule = Schedule::of_passes(RATE, epochs, set.train.len());
    let mut learner = Learner::new(base.with_labels(labels.len(), &mut rng), schedule);
    for epoch in 0..epochs {
        learner.pass(typed_pass(set.train, &labels, &mut rng), &mut rng, |_, _, _| {});
        progress("training", epoch + 1, epochs);
    }
    let encoder = learner.finish().quantized();
    let outside = labels.iter().position(|label| *label == OUTSIDE);
    let threshold = threshold(&judge(&encoder, set.dev, &labels, outside));
    let judged = judge(&encoder, set.test, &labels, outside);
    let share = |is_outside: bool, test: &dyn Fn(&Judged) -> bool| {
        let those: Vec<&Judged> = judged.iter().filter(|j| j.is_outside == is_outside).collect();
        let hits = those.iter().filter(|j| test(j)).count();
        (!those.is_empty()).then(|| hits as f64 / those.len() as f64)
    };
    let refused = |j: &Judged| j.in_scope < threshold;
    Ok(BenchmarkFigures {
        in_scope_accuracy: share(false, &|j| j.is_right).unwrap_or(0.0),
        out_of_scope_recall: share(true, &refused),
        false_rejection: outside.and_then(|_| share(false, &refused)),
        parameters: encoder.parameters(),
        bytes: encoder.to_onnx().len(),
        texts: judged.len(),
        labels: labels.len(),
    })
}

fn typed_pass(examples: &[Example], labels: &[&str], rng: &mut impl Rng) -> Vec<Labelled> {
    examples
        .iter()
        .filter_map(|example| {
            let label = labels.binary_search(&example.intent.as_str()).ok()?;
            let features = forgetful(features(&slightly_typed(&example.text, rng)), rng);
            Some(Labelled { features, meaning: Meaning::Label(label) })
        })
        .collect()
}

fn judge(
    encoder: &Encoder,
    examples: &[Example],
    labels: &[&str],
    outside: Option<usize>,
) -> Vec<Judged> {
    let texts: Vec<_> = examples.iter().map(|e| features(&e.text)).collect();
    let encodings = encoder.encode_all(&texts);
    examples
        .iter()
        .zip(encodings)
        .map(|(example, encoding)| {
            let probabilities = softmax(&encoding.logits);
            let best = (0..labels.len())
                .max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]))
                .unwrap_or(0);
            let inside = probabilities
                .iter()
                .enumerate()
                .filter(|(at, _)| Some(*at) != outside)
                .fold(0.0f32, |max, (_, p)| max.max(*p));
            Judged {
                is_outside: example.intent == OUTSIDE,
                is_right: labels[best] == example.intent,
                in_scope: inside - outside.map_or(0.0, |at| probabilities[at]),
            }
        })
        .collect()
}

/// The highest threshold at which no more than [`FALSE_REJECTION`] of those in scope are refused.
fn threshold(dev: &[Judged]) -> f32 {
    let mut inside: Vec<f32> = dev.iter().filter(|j| !j.is_outside).map(|j| j.in_scope).collect();
    inside.sort_by(f32::total_cmp);
    let refused = (inside.len() as f32 * FALSE_REJECTION) as usize;
    inside.get(refused).copied().unwrap_or(0.0)
}
