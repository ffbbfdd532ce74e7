//! What the ranker learns from: drafts made of the shop's own titles, questions and examples, each
//! with the documents that it should find.

use rand::Rng;
use rand::seq::IndexedRandom;

use aisle_core::index::{DocumentKind, Index};
use aisle_core::rank::{Candidate, Encoded, Session, candidates};
use aisle_core::search::{Query, quantize};
use aisle_core::text::{features, normalize, tokens};

use super::corpus::label;
use crate::model::augment::{as_query, truncate, typo};
use crate::model::encoder::Encoder;
use crate::model::ranker::RankedList;
use crate::model::softmax;
use crate::read::{Example, OUT_OF_SCOPE, Shop};

/// A draft, and what it is on the way to.
struct Draft {
    text: String,
    goal: Goal,
}

enum Goal {
    /// The words of a title, whole.
    Product { words: Vec<String> },
    /// What shoppers say for a thing.
    Said { phrase: &'static str },
    /// An intent that pages of the shop answer.
    Intent(usize),
    /// One of the shop's own questions.
    Question { text: String },
}

/// Makes this many lists of candidates with gains. Drafts that find nothing right are left out.
#[expect(clippy::too_many_arguments, reason = "all of training goes into it, and nothing twice")]
pub(super) fn ranked_lists(
    shop: &Shop,
    said: &[Vec<&'static str>],
    examples: &[Example],
    index: &Index,
    encoder: &Encoder,
    temperature: f32,
    count: usize,
    rng: &mut impl Rng,
) -> Vec<RankedList> {
    let answered: Vec<&Example> =
        examples.iter().filter(|e| e.intent != OUT_OF_SCOPE && is_answered(index, e)).collect();
    let mut lists = Vec::with_capacity(count);
    for _ in 0..count {
        let Some(draft) = draft(shop, said, &answered, rng) else { continue };
        let encoding = encoder.encode(&features(&draft.text));
        let vector = quantize(&encoding.vector);
        let logits: Vec<f32> = encoding.logits.iter().map(|l| l / temperature).collect();
        let probabilities = softmax(&logits);
        let encoded = Encoded { vector: &vector, probabilities: &probabilities };
        let found = candidates(index, &Query::draft(&draft.text), encoded, &Session::default());
        let gains: Vec<f32> = found.iter().map(|c| gain(index, said, c, &draft.goal)).collect();
        if gains.iter().any(|g| *g > 0.0) {
            let rows = found.into_iter().map(|c| c.features).collect();
            lists.push(RankedList { rows, gains });
        }
    }
    lists
}

fn is_answered(index: &Index, example: &Example) -> bool {
    let Some(at) = label(&example.intent) else { return false };
    index.sections().any(|d| index.intents(d).iter().any(|i| usize::from(*i) == at))
}

fn draft(
    shop: &Shop,
    said: &[Vec<&'static str>],
    answered: &[&Example],
    rng: &mut impl Rng,
) -> Option<Draft> {
    let kind: f32 = rng.random();
    if kind < 0.15
        && let Some(phrase) = said.choose(rng).and_then(|phrases| phrases.choose(rng))
    {
        return Some(Draft { text: as_query(phrase, rng), goal: Goal::Said { phrase } });
    }
    if kind < 0.6 || (answered.is_empty() && shop.profile.questions.is_empty()) {
        let product = shop.products.choose(rng)?;
        let text = as_query(&product.title, rng);
        let words = whole_words(&product.title, &text);
        return Some(Draft { text, goal: Goal::Product { words } });
    }
    if kind < 0.75
        && let Some(question) = shop.profile.questions.choose(rng)
    {
        let text = truncate(question, rng.random_range(0.15..0.9)).to_owned();
        return Some(Draft { text, goal: Goal::Question { text: question.clone() } });
    }
    let example = answered.choose(rng)?;
    let mut text = truncate(&example.text, rng.random_range(0.4..1.0)).to_owned();
    if rng.random_bool(0.2) {
        text = typo(&text, rng);
    }
    Some(Draft { text, goal: Goal::Intent(label(&example.intent)?) })
}

/// The words of the title that a draft has, or begins to have: the shopper wants every product
/// that has them all.
fn whole_words(title: &str, draft: &str) -> Vec<String> {
    let (title, draft) = (normalize(title), normalize(draft));
    tokens(&draft)
        .filter_map(|typed| {
            tokens(&title)
                .find(|word| *word == typed)
                .or_else(|| tokens(&title).find(|word| word.starts_with(typed)))
                .or_else(|| tokens(&title).find(|word| resembles(word, typed)))
        })
        .map(str::to_owned)
        .collect()
}

/// Whether one slip may lie between the words.
fn resembles(word: &str, typed: &str) -> bool {
    let same = word.bytes().zip(typed.bytes()).filter(|(a, b)| a == b).count();
    let back = word.bytes().rev().zip(typed.bytes().rev()).filter(|(a, b)| a == b).count();
    word.len().abs_diff(typed.len()) <= 1 && same.max(back) * 2 >= word.len()
}

fn gain(index: &Index, said: &[Vec<&'static str>], candidate: &Candidate, goal: &Goal) -> f32 {
    let Some((kind, at)) = index.kind(candidate.document) else { return 0.0 };
    let intent_gain = |wanted: usize, worth: f32| {
        let serves = index.intents(candidate.document).iter().any(|i| usize::from(*i) == wanted);
        if serves { worth } else { 0.0 }
    };
    match (goal, kind) {
        (Goal::Product { words }, DocumentKind::Product) => {
            let title = index.card(at).map(|card| normalize(&card.title)).unwrap_or_default();
            let has_all = !words.is_empty()
                && words.iter().all(|word| tokens(&title).any(|token| token == word));
            if !has_all {
                return 0.0;
            }
            let stock = if index.available(candidate.document) { 1.0 } else { 0.4 };
            // Of equally fitting products the one that sells is wanted more often.
            (0.3 + index.popularity(candidate.document)) * stock
        }
        (Goal::Said { phrase }, DocumentKind::Product) => {
            let is_said = said.get(at as usize).is_some_and(|phrases| phrases.contains(phrase));
            if is_said { 0.3 + index.popularity(candidate.document) } else { 0.0 }
        }
        (Goal::Product { words }, DocumentKind::Completion) => {
            let text = index.completion(at).map(normalize).unwrap_or_default();
            let has_all = !words.is_empty()
                && words.iter().all(|word| tokens(&text).any(|token| token == word));
            if has_all { 0.25 } else { 0.0 }
        }
        (Goal::Intent(wanted), DocumentKind::Section) => {
            intent_gain(*wanted, if index.leads_document(at) { 1.0 } else { 0.6 })
        }
        (Goal::Intent(wanted), DocumentKind::Action) => intent_gain(*wanted, 0.7),
        (Goal::Question { text }, DocumentKind::Completion) => {
            f32::from(u8::from(index.completion(at) == Some(text.as_str())))
        }
        _ => 0.0,
    }
}
