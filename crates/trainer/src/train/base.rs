//! The base encoder: general knowledge of what shoppers write.

use std::collections::BTreeMap;
use std::path::Path;

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use aisle_core::text::features;

use super::corpus::{label, split};
use super::{Config, Progress, TrainError};
use crate::model::augment::as_typed;
use crate::model::encoder::{Encoder, Labelled};
use crate::read::{Example, INTENTS, ReadError, Warning, read_examples};

/// Examples in a step.
pub(super) const BATCH: usize = 32;
/// Public texts of one intent in a pass; the public sets are very uneven.
const PUBLIC_PER_INTENT: usize = 350;
/// Public texts out of scope in a pass.
const PUBLIC_OUT_OF_SCOPE: usize = 2_500;
/// Times that every own message comes in a pass, each time typed otherwise.
const OWN_REPEATS: usize = 2;
/// Learning rate at the start; it falls to a tenth.
const RATE: f32 = 0.06;

/// Reads the public sets: `intents/train.tsv.gz` of the folder.
pub fn read_public(dir: &Path) -> Result<(Vec<Example>, Vec<Warning>), ReadError> {
    read_examples(&dir.join("intents").join("train.tsv.gz"))
}

/// Trains the base encoder and returns it as ONNX.
pub fn train_base(
    public: &[Example],
    own: Vec<Example>,
    config: &Config,
    progress: Progress<'_>,
) -> Result<Vec<u8>, TrainError> {
    let (own, _) = split(own);
    if public.is_empty() || own.is_empty() {
        return Err(TrainError::NoExamples("the public sets or the own messages are empty"));
    }
    let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
    let mut encoder = Encoder::new(INTENTS.len(), &mut rng);
    let by_label = by_label(public);
    for epoch in 0..config.base_epochs {
        let mut pass = public_pass(&by_label, &mut rng);
        for _ in 0..OWN_REPEATS {
            pass.extend(own.iter().filter_map(|e| typed(e, &mut rng)));
        }
        learn(&mut encoder, pass, falling(RATE, epoch, config.base_epochs), &mut rng);
        progress("base encoder", epoch + 1, config.base_epochs);
    }
    Ok(encoder.to_onnx())
}

/// Learns a pass in random order.
pub(super) fn learn(encoder: &mut Encoder, mut pass: Vec<Labelled>, rate: f32, rng: &mut impl Rng) {
    pass.shuffle(rng);
    for batch in pass.chunks(BATCH) {
        encoder.learn_intents(batch, rate);
    }
}

/// The rate of a pass when it falls to a tenth over all passes.
pub(super) fn falling(rate: f32, epoch: usize, epochs: usize) -> f32 {
    rate * (1.0 - 0.9 * epoch as f32 / epochs.max(1) as f32)
}

/// An example as it may be typed, as features.
pub(super) fn typed(example: &Example, rng: &mut impl Rng) -> Option<Labelled> {
    let label = label(&example.intent)?;
    Some(Labelled { features: features(&as_typed(&example.text, rng)), label })
}

fn by_label(examples: &[Example]) -> BTreeMap<usize, Vec<&Example>> {
    let mut all: BTreeMap<usize, Vec<&Example>> = BTreeMap::new();
    for example in examples {
        if let Some(label) = label(&example.intent) {
            all.entry(label).or_default().push(example);
        }
    }
    all
}

/// A sample of the public texts in which no intent drowns the others.
fn public_pass(by_label: &BTreeMap<usize, Vec<&Example>>, rng: &mut impl Rng) -> Vec<Labelled> {
    let mut pass = Vec::new();
    for (label, examples) in by_label {
        let wanted =
            if *label + 1 == INTENTS.len() { PUBLIC_OUT_OF_SCOPE } else { PUBLIC_PER_INTENT };
        let chosen: Vec<&&Example> = examples.choose_multiple(rng, wanted).collect();
        pass.extend(chosen.into_iter().filter_map(|e| typed(e, rng)));
    }
    pass
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_base() {
        let example =
            |text: &str, intent: &str| Example { text: text.into(), intent: intent.into() };
        let own: Vec<Example> = (0..40)
            .flat_map(|i| {
                [
                    example(&format!("where is parcel {i}"), "track_order"),
                    example(&format!("song number {i}"), "out_of_scope"),
                ]
            })
            .collect();
        let train = |seed| {
            let config = Config { seed, base_epochs: 1, ..Config::default() };
            train_base(&own, own.clone(), &config, &|_, _, _| {}).unwrap()
        };
        assert!(train(1) == train(1) && train(1) != train(2));
        let none = train_base(&[], own.clone(), &Config::default(), &|_, _, _| {});
        assert!(matches!(none, Err(TrainError::NoExamples(_))));
    }
}
