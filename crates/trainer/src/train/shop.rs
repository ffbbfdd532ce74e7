//! A shop's artifact from the base and the shop's own data.

use std::collections::BTreeMap;

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use aisle_core::artifact::{
    ARTIFACT_FORMAT, ENCODER_FILE, FileCheck, INDEX_FILE, Manifest, RANKER_FILE, Thresholds,
};
use aisle_core::index::Index;
use aisle_core::search::quantize;
use aisle_core::text::{FEATURISER_VERSION, features};

use super::base::typed;
use super::calibrate::{self, HeldOut};
use super::catalogue;
use super::chats::own_examples;
use super::corpus::{general_messages, label, split};
use super::curve::{Measured, TrainingLog};
use super::described::Described;
use super::indexing::{build_index, product_texts, section_text};
use super::ranking::Lists;
use super::related::Related;
use super::schedule::{Learner, Schedule};
use super::{Artifact, Config, Progress, TrainError};
use crate::evaluate::{ScoredMessage, intent_figures};
use crate::model::augment::as_query;
use crate::model::encoder::{Encoder, Shape, VECTOR};
use crate::model::learning::{Labelled, Meaning, Pair};
use crate::model::ranker::Ranker;
use crate::model::softmax;
use crate::read::{Example, INTENTS, Shop};

/// Learning rate of the intents.
const RATE: f32 = 5e-4;
/// Learning rate of the pairs.
const PAIR_RATE: f32 = 1e-3;
/// Pairs in a step; each is a counter-example to the others.
const PAIRS: usize = 64;
/// Share of the queries for a product that say it in other words than its title.
const SAID_OTHERWISE: f64 = 0.4;
/// After this many steps on intents comes one on pairs.
const STEPS_BETWEEN_PAIRS: usize = 5;
/// Queries made from the catalogue as examples of a product search, in a pass.
const CATALOGUE_QUERIES: usize = 250;
/// Learning rate and passes of the ranker.
const RANKER_RATE: f32 = 0.05;
const RANKER_EPOCHS: usize = 10;

/// Trains the artifact of a shop. Deterministic: the same shop, base and config give the same
/// bytes on the same machine.
pub fn train_shop(
    shop: &Shop,
    base: &[u8],
    config: &Config,
    progress: Progress<'_>,
) -> Result<Artifact, TrainError> {
    let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
    let (own, own_held) = split(own_examples(shop));
    let (general, general_held) = split(spread(general_messages(), config.shipped_messages));
    let examples: Vec<Example> = own.into_iter().chain(general).collect();
    let held: Vec<Example> = own_held.into_iter().chain(general_held).collect();
    let related = Related::shipped();
    let said: Vec<Vec<&'static str>> =
        shop.products.iter().map(|product| related.of(&product.title)).collect();
    let base = Encoder::from_onnx(base, Shape::shipped(INTENTS.len()))?;
    let judged = judged(&base, &examples);
    let described = Described::of(&shop.products);
    let product_texts = product_texts(&shop.products, &described);
    let passes = config.shop_epochs;
    let intents = Schedule::of_passes(RATE, passes, examples.len() + CATALOGUE_QUERIES);
    let mut pair_rate = Schedule::of_steps(PAIR_RATE, intents.steps() / STEPS_BETWEEN_PAIRS);
    let mut learner = Learner::new(base, intents);
    let measured = Measured::new(&examples, &held);
    let mut learning_curve = vec![measured.point(learner.so_far(), 0)];
    for epoch in 0..passes {
        let pass = pass(shop, &examples, &judged, &mut rng);
        learner.pass(pass, &mut rng, |encoder, step, rng| {
            if step % STEPS_BETWEEN_PAIRS == 0 {
                let pairs = pairs(shop, &said, &product_texts, &examples, rng);
                encoder.learn_pairs(&pairs, pair_rate.next());
            }
        });
        learning_curve.push(measured.point(learner.so_far(), epoch + 1));
        progress("encoder", epoch + 1, passes);
    }
    let encoder = learner.finish().quantized();

    let held_out = held_out(&encoder, &held);
    let temperature = calibrate::temperature(&held_out);
    let vector = |text: &str| Ok(quantize(&encoder.encode(&features(text)).vector));
    let index = build_index(shop, &described, &related, &vector, VECTOR as u32)?;
    let opened = Index::open(&index)?;
    let thresholds = config.thresholds;
    progress("index", 1, 1);

    let ranker =
        train_ranker(shop, &said, &examples, &opened, &encoder, temperature, config, &mut rng);
    progress("ranker", 1, 1);

    let encoder_onnx = encoder.to_onnx();
    let ranker_onnx = ranker.to_onnx();
    let files = BTreeMap::from([
        (ENCODER_FILE.to_owned(), FileCheck::of(&encoder_onnx)),
        (RANKER_FILE.to_owned(), FileCheck::of(&ranker_onnx)),
        (INDEX_FILE.to_owned(), FileCheck::of(&index)),
    ]);
    let manifest = Manifest {
        format: ARTIFACT_FORMAT,
        featuriser: FEATURISER_VERSION,
        seed: config.seed,
        shop: shop.profile.name.clone(),
        currency: shop.profile.currency.clone(),
        labels: INTENTS.map(String::from).to_vec(),
        vector_length: VECTOR as u32,
        temperature,
        thresholds,
        files,
        evaluation: evaluation(&held, &held_out, temperature, thresholds),
    };
    let manifest_json = serde_json::to_vec_pretty(&manifest)?;
    Ok(Artifact {
        manifest,
        manifest_json,
        encoder: encoder_onnx,
        ranker: ranker_onnx,
        index,
        training: Some(TrainingLog { learning_curve }),
    })
}

/// What the base makes of the examples, as shares of the intents: it has learnt from far more text
/// than a shop's training repeats, and must not forget it.
///
/// Source: Li and Hoiem, "Learning without forgetting" (2016).
fn judged(base: &Encoder, examples: &[Example]) -> Vec<Vec<f32>> {
    let texts: Vec<_> = examples.iter().map(|example| features(&example.text)).collect();
    base.encode_all(&texts).into_iter().map(|encoding| softmax(&encoding.logits)).collect()
}

/// At most so many examples, from all over the list.
fn spread(examples: Vec<Example>, most: usize) -> Vec<Example> {
    let step = examples.len().div_ceil(most.max(1)).max(1);
    examples.into_iter().step_by(step).collect()
}

/// The examples of a pass, and the catalogue as queries.
fn pass(
    shop: &Shop,
    examples: &[Example],
    judged: &[Vec<f32>],
    rng: &mut impl Rng,
) -> Vec<Labelled> {
    let mut pass: Vec<Labelled> = examples
        .iter()
        .zip(judged)
        .filter_map(|(example, judged)| typed(example, Some(judged), rng))
        .collect();
    if let Some(label) = label("product_search") {
        pass.extend((0..CATALOGUE_QUERIES).filter_map(|_| {
            let product = shop.products.choose(rng)?;
            let search = catalogue::search(product, &shop.profile.currency, rng);
            Some(Labelled { features: features(&search), meaning: Meaning::Label(label) })
        }));
    }
    pass
}

/// Queries with their products, and messages with the sections that answer them.
fn pairs(
    shop: &Shop,
    said: &[Vec<&'static str>],
    product_texts: &[String],
    examples: &[Example],
    rng: &mut impl Rng,
) -> Vec<Pair> {
    let sections: Vec<(usize, String)> = shop
        .documents
        .iter()
        .flat_map(|d| d.sections.iter().map(move |s| (d, s)))
        .filter_map(|(d, s)| Some((label(s.intents.first()?)?, section_text(&d.title, s))))
        .collect();
    let product_group = |at: usize| u32::try_from(INTENTS.len() + at).unwrap_or(u32::MAX);
    let mut batch: Vec<Pair> = (0..PAIRS * 3 / 4)
        .filter_map(|_| {
            let at = rng.random_range(0..shop.products.len());
            let product = shop.products.get(at)?;
            let query = match said.get(at)?.choose(rng).filter(|_| rng.random_bool(SAID_OTHERWISE))
            {
                Some(phrase) => as_query(phrase, rng),
                None => as_query(&product.title, rng),
            };
            Some(Pair {
                query: features(&query),
                target: features(product_texts.get(at)?),
                group: product_group(at),
            })
        })
        .collect();
    while batch.len() < PAIRS && !sections.is_empty() {
        let Some(example) = examples.choose(rng) else { break };
        let Some(wanted) = label(&example.intent) else { continue };
        let fitting: Vec<&String> =
            sections.iter().filter(|(l, _)| *l == wanted).map(|(_, text)| text).collect();
        if let (Some(text), Some(labelled)) = (fitting.choose(rng), typed(example, None, rng)) {
            let group = u32::try_from(wanted).unwrap_or(u32::MAX);
            batch.push(Pair { query: labelled.features, target: features(text), group });
        }
    }
    batch.shuffle(rng);
    batch
}

fn held_out(encoder: &Encoder, held: &[Example]) -> Vec<HeldOut> {
    let known: Vec<(&Example, usize)> =
        held.iter().filter_map(|example| Some((example, label(&example.intent)?))).collect();
    let texts: Vec<_> = known.iter().map(|(example, _)| features(&example.text)).collect();
    encoder
        .encode_all(&texts)
        .into_iter()
        .zip(known)
        .map(|(encoding, (_, label))| HeldOut { logits: encoding.logits, label })
        .collect()
}

#[expect(clippy::too_many_arguments, reason = "all of training goes into it, and nothing twice")]
fn train_ranker(
    shop: &Shop,
    said: &[Vec<&'static str>],
    examples: &[Example],
    index: &Index,
    encoder: &Encoder,
    temperature: f32,
    config: &Config,
    rng: &mut impl Rng,
) -> Ranker {
    let made_with = Lists::new(shop, said, index, encoder, temperature);
    let mut lists = made_with.make(examples, config.ranker_queries, rng);
    let mut ranker = Ranker::new(rng);
    for epoch in 0..RANKER_EPOCHS {
        lists.shuffle(rng);
        for list in &lists {
            let left = 1.0 - 0.9 * epoch as f32 / RANKER_EPOCHS as f32;
            ranker.learn(list, RANKER_RATE * left);
        }
    }
    ranker
}

/// The figures that go into the manifest, on the messages that were kept out of training.
fn evaluation(
    held: &[Example],
    held_out: &[HeldOut],
    temperature: f32,
    thresholds: Thresholds,
) -> BTreeMap<String, f32> {
    let scored: Vec<ScoredMessage> = held
        .iter()
        .zip(held_out)
        .map(|(example, held)| {
            let logits: Vec<f32> = held.logits.iter().map(|l| l / temperature).collect();
            ScoredMessage { intent: example.intent.clone(), probabilities: softmax(&logits) }
        })
        .collect();
    let labels = INTENTS.map(String::from);
    let figures = intent_figures(&scored, &labels, thresholds.in_scope);
    [
        ("accuracy", figures.accuracy),
        ("in_scope_accuracy", figures.in_scope_accuracy),
        ("top3_accuracy", figures.top3_accuracy),
        ("out_of_scope_recall", figures.out_of_scope_recall),
        ("false_rejection", figures.false_rejection),
        ("expected_calibration_error", figures.expected_calibration_error),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value? as f32)))
    .collect()
}
