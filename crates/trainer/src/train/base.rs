//! The base encoder: what a larger model knows of words, then what shoppers write.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use aisle_core::text::features;

use super::corpus::{label, split};
use super::schedule::{Learner, Schedule};
use super::{Config, Progress, TrainError};
use crate::model::augment::{as_typed, forgetful, slightly_typed};
use crate::model::encoder::{Encoder, Shape};
use crate::model::learning::{Labelled, Meaning, Taught};
use crate::read::{Example, INTENTS, Lesson, ReadError, Warning, read_examples};

/// Lessons in a step.
const LESSONS: usize = 64;
/// Public texts of one intent in a pass; the public sets are very uneven.
const PUBLIC_PER_INTENT: usize = 100;
/// Public texts out of scope in a pass.
const PUBLIC_OUT_OF_SCOPE: usize = 2_000;
/// Lessons on intents in a pass.
const JUDGED: usize = 40_000;
/// Learning rate of the lessons.
const LESSON_RATE: f32 = 2e-3;
/// How far another model's judgement of a message is trusted against its label.
const TRUST: f32 = 0.5;
/// Learning rate of the intents.
const RATE: f32 = 1e-3;

/// Reads the public sets: `intents/train.tsv.gz` of the folder.
pub fn read_public(dir: &Path) -> Result<(Vec<Example>, Vec<Warning>), ReadError> {
    read_examples(&dir.join("intents").join("train.tsv.gz"))
}

/// What the base is made of.
#[derive(Clone, Debug)]
pub struct BaseData<'a> {
    /// Texts with the vectors of a larger model.
    pub lessons: &'a [Lesson],
    /// Public messages.
    pub public: &'a [Example],
    /// Messages written for Aisle.
    pub own: Vec<Example>,
}

/// Trains the base encoder and returns it as ONNX.
pub fn train_base(
    data: BaseData<'_>,
    config: &Config,
    progress: Progress<'_>,
) -> Result<Vec<u8>, TrainError> {
    let (own, _) = split(data.own);
    if data.public.is_empty() || own.is_empty() || data.lessons.is_empty() {
        return Err(TrainError::NoExamples("lessons, public sets or own messages are empty"));
    }
    let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
    let shipped = Shape::shipped(INTENTS.len());
    // Its vector is as long as a lesson's while it learns them: the words are taught more by it than
    // fits into the vector that ships, whose numbers are the first and most telling ones.
    let longest = data.lessons.first().map_or(0, |lesson| lesson.vector.len());
    let wide = Shape { vector: longest.max(shipped.vector), ..shipped.clone() };
    let mut encoder = Encoder::new(wide, &mut rng);
    teach(&mut encoder, data.lessons, config.lesson_epochs, &mut rng, progress);
    let encoder = encoder.narrowed(shipped.vector);
    let by_label = by_label(data.public);
    let judged: Vec<(&str, Vec<f32>)> =
        data.lessons.iter().filter_map(|l| Some((l.text.as_str(), shares(&l.intents)?))).collect();
    let by_text: HashMap<&str, &[f32]> =
        judged.iter().map(|(text, shares)| (*text, shares.as_slice())).collect();
    let pass = |rng: &mut ChaCha8Rng| {
        let mut pass = public_pass(&by_label, rng);
        for example in &own {
            let judged = by_text.get(example.text.as_str()).copied();
            pass.extend(typed(example, judged, rng));
        }
        for (text, shares) in judged.choose_multiple(rng, JUDGED) {
            let features = forgetful(features(&as_typed(text, rng)), rng);
            pass.push(Labelled { features, meaning: Meaning::Shares(shares.clone()) });
        }
        pass
    };
    let mut first = Some(pass(&mut rng));
    let examples = first.as_ref().map_or(0, Vec::len);
    let mut learner =
        Learner::new(encoder, Schedule::of_passes(RATE, config.base_epochs, examples));
    for epoch in 0..config.base_epochs {
        let pass = first.take().unwrap_or_else(|| pass(&mut rng));
        learner.pass(pass, &mut rng, |_, _, _| {});
        progress("intents", epoch + 1, config.base_epochs);
    }
    Ok(learner.finish().to_onnx())
}

/// Shares of the intents from 255ths; none where a lesson has none.
fn shares(intents: &[u8]) -> Option<Vec<f32>> {
    let sum: f32 = intents.iter().map(|x| f32::from(*x)).sum();
    (sum > 0.0).then(|| intents.iter().map(|x| f32::from(*x) / sum).collect())
}

/// Learns where a larger model puts texts, now and then mistyped or unfinished.
fn teach(
    encoder: &mut Encoder,
    lessons: &[Lesson],
    epochs: usize,
    rng: &mut impl Rng,
    progress: Progress<'_>,
) {
    let mut order: Vec<&Lesson> = lessons.iter().collect();
    let steps = epochs * lessons.len().div_ceil(LESSONS);
    let mut schedule = Schedule::of_steps(LESSON_RATE, steps);
    let mut done = 0;
    for _ in 0..epochs {
        order.shuffle(rng);
        for batch in order.chunks(LESSONS) {
            let batch: Vec<Taught> = batch
                .iter()
                .map(|lesson| Taught {
                    features: features(&slightly_typed(&lesson.text, rng)),
                    vector: lesson.vector.iter().map(|x| f32::from(*x)).collect(),
                })
                .collect();
            encoder.learn_taught(&batch, schedule.next());
            done += 1;
            progress("lessons", done, steps);
        }
    }
}

/// An example as it may be typed, as features. Another model's judgement of it counts as much as
/// its label: it knows how near a message is to the other intents.
pub(super) fn typed(
    example: &Example,
    judged: Option<&[f32]>,
    rng: &mut impl Rng,
) -> Option<Labelled> {
    let label = label(&example.intent)?;
    let features = forgetful(features(&as_typed(&example.text, rng)), rng);
    let meaning = match judged {
        Some(judged) => Meaning::with_judgement(label, judged, TRUST),
        None => Meaning::Label(label),
    };
    Some(Labelled { features, meaning })
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
        pass.extend(chosen.into_iter().filter_map(|e| typed(e, None, rng)));
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
        let own: Vec<Example> = (0..10)
            .flat_map(|i| {
                [
                    example(&format!("where is parcel {i}"), "track_order"),
                    example(&format!("song number {i}"), "out_of_scope"),
                ]
            })
            .collect();
        let lessons =
            [Lesson { text: "a mug".into(), vector: vec![1; 96], intents: vec![1; INTENTS.len()] }];
        let train = |lessons: &[Lesson], seed| {
            let config = Config { seed, base_epochs: 1, lesson_epochs: 1, ..Config::default() };
            let data = BaseData { lessons, public: &own, own: own.clone() };
            train_base(data, &config, &|_, _, _| {})
        };
        let base = |seed| train(&lessons, seed).unwrap();
        assert!(base(1) == base(1) && base(1) != base(2));
        assert!(matches!(train(&[], 1), Err(TrainError::NoExamples(_))));
    }
}
