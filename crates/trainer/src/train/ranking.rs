//! What the ranker learns from: drafts made of the shop's own titles, questions and examples, each
//! with the documents that it should find, and queries that people judged. Of products that fit
//! alike the one that sells is worth more, and more still the one that the shopper looks at or
//! holds.

use rand::Rng;
use rand::seq::IndexedRandom;

use aisle_core::index::{DocumentKind, Index};
use aisle_core::protocol::Signals;
use aisle_core::rank::{Candidate, Encoded, Session, candidates};
use aisle_core::search::{Query, quantize};
use aisle_core::text::{features, normalize, tokens};
use rust_stemmers::{Algorithm, Stemmer};

use super::corpus::label;
use crate::model::augment::{as_query, other_number, truncate, typo};
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
    /// The stems of words of a title.
    Product { stems: Vec<String> },
    /// What shoppers say for a thing.
    Said { phrase: &'static str },
    /// An intent that pages of the shop answer.
    Intent(usize),
    /// One of the shop's own questions.
    Question { text: String },
}

/// How often a judged query is learnt from; there are few, and they are what shoppers say.
const JUDGED_TIMES: usize = 24;

/// What a sold-out product is worth of one that can be bought.
const SOLD_OUT: f32 = 0.8;
/// How many times what is of the kind that is named is worth what only has its name in its title.
const OF_THE_KIND: f32 = 1.5;

/// Share of the drafts whose shopper has looked at products or has some in the cart.
const WITH_SIGNALS: f64 = 0.4;
/// Share of these where one of the products is one that the draft is on the way to.
const SIGNAL_FITS: f64 = 0.6;
/// The most products beside it that the shopper has looked at or holds.
const OTHER_SIGNALS: usize = 2;
/// How many times what the shopper looked at or holds is worth what fits as well.
const OWN: f32 = 2.0;

/// What the lists are made with.
pub(super) struct Lists<'a> {
    shop: &'a Shop,
    said: &'a [Vec<&'static str>],
    index: &'a Index,
    encoder: &'a Encoder,
    temperature: f32,
    stemmer: Stemmer,
    /// The stems of every product's title.
    titles: Vec<Vec<String>>,
    /// The stems of every product's tags, tag by tag.
    tags: Vec<Vec<Vec<String>>>,
}

impl<'a> Lists<'a> {
    pub(super) fn new(
        shop: &'a Shop,
        said: &'a [Vec<&'static str>],
        index: &'a Index,
        encoder: &'a Encoder,
        temperature: f32,
    ) -> Self {
        let stemmer = Stemmer::create(Algorithm::English);
        let titles = shop.products.iter().map(|p| stems(&stemmer, &p.title)).collect();
        let tags = shop
            .products
            .iter()
            .map(|p| p.tags.iter().map(|tag| stems(&stemmer, tag)).collect())
            .collect();
        Self { shop, said, index, encoder, temperature, stemmer, titles, tags }
    }

    /// Makes lists of candidates with gains from this many drafts, and from the judged queries that
    /// are not held out. Drafts that find nothing right are left out.
    pub(super) fn make(
        &self,
        examples: &[Example],
        count: usize,
        rng: &mut impl Rng,
    ) -> Vec<RankedList> {
        let is_answerable = |e: &&Example| e.intent != OUT_OF_SCOPE && is_answered(self.index, e);
        let answered: Vec<&Example> = examples.iter().filter(is_answerable).collect();
        let mut lists = Vec::with_capacity(count);
        for _ in 0..count {
            let Some(draft) = self.draft(&answered, rng) else { continue };
            let gain = |candidate: &Candidate| self.gain(candidate, &draft.goal);
            lists.extend(self.list(&Query::draft(&draft.text), &draft.text, gain, rng));
        }
        for judged in self.shop.judged.iter().filter(|judged| !judged.query.is_held_out()) {
            let grade = |candidate: &Candidate| {
                let card = self.index.card(candidate.document);
                let grade = card.and_then(|card| judged.grades.get(&card.sku).copied());
                f32::from(grade.unwrap_or(0)).exp2() - 1.0
            };
            for _ in 0..JUDGED_TIMES {
                let text = as_judged(&judged.query.text, rng);
                let query =
                    if rng.random_bool(0.7) { Query::message(&text) } else { Query::draft(&text) };
                lists.extend(self.list(&query, &text, grade, rng));
            }
        }
        lists
    }

    fn list(
        &self,
        query: &Query,
        text: &str,
        gain: impl Fn(&Candidate) -> f32,
        rng: &mut impl Rng,
    ) -> Option<RankedList> {
        let encoding = self.encoder.encode(&features(text));
        let vector = quantize(&encoding.vector);
        let logits: Vec<f32> = encoding.logits.iter().map(|l| l / self.temperature).collect();
        let probabilities = softmax(&logits);
        let encoded = Encoded { vector: &vector, probabilities: &probabilities };
        let mut found = candidates(self.index, query, encoded, &Session::default());
        if rng.random_bool(WITH_SIGNALS) {
            let session = Session::new(self.index, &self.signals(&found, &gain, rng));
            found = candidates(self.index, query, encoded, &session);
        }
        let own = |c: &Candidate| 1.0 + (OWN - 1.0) * c.own_signal() * c.own_signal();
        let gains: Vec<f32> = found.iter().map(|c| gain(c) * own(c)).collect();
        let rows = found.into_iter().map(|c| c.features).collect();
        gains.iter().any(|gain| *gain > 0.0).then_some(RankedList { rows, gains })
    }

    /// What the shopper looked at and holds: products that the draft is on the way to, and others
    /// that were found with them, so that no signal stands for what is typed.
    fn signals(
        &self,
        found: &[Candidate],
        gain: impl Fn(&Candidate) -> f32,
        rng: &mut impl Rng,
    ) -> Signals {
        let products = found.iter().filter(|c| c.kind == DocumentKind::Product);
        let (fitting, others): (Vec<_>, Vec<_>) = products.partition(|c| gain(c) > 0.0);
        let goal = fitting.choose(rng).filter(|_| rng.random_bool(SIGNAL_FITS));
        let beside = rng.random_range(usize::from(goal.is_none())..=OTHER_SIGNALS);
        let mut signals = Signals::default();
        for candidate in goal.into_iter().chain(others.choose_multiple(rng, beside)) {
            let Some(card) = self.index.card(candidate.document) else { continue };
            let kept =
                if rng.random_bool(0.5) { &mut signals.viewed } else { &mut signals.in_cart };
            kept.push(card.handle);
        }
        signals
    }

    fn draft(&self, answered: &[&Example], rng: &mut impl Rng) -> Option<Draft> {
        let kind: f32 = rng.random();
        let questions = &self.shop.profile.questions;
        if kind < 0.15
            && let Some(phrase) = self.said.choose(rng).and_then(|phrases| phrases.choose(rng))
        {
            return Some(Draft { text: as_query(phrase, rng), goal: Goal::Said { phrase } });
        }
        if kind < 0.6 || (answered.is_empty() && questions.is_empty()) {
            let product = self.shop.products.choose(rng)?;
            let text = as_query(&product.title, rng);
            let stems = self.meant(&product.title, &text);
            let text = if rng.random_bool(0.3) { other_number(&text) } else { text };
            return Some(Draft { text, goal: Goal::Product { stems } });
        }
        if kind < 0.75
            && let Some(question) = questions.choose(rng)
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

    /// The stems of the words of the title that a draft has, or begins to have: the shopper wants
    /// every product that has them all.
    fn meant(&self, title: &str, draft: &str) -> Vec<String> {
        let (title, draft) = (normalize(title), normalize(draft));
        tokens(&draft)
            .filter_map(|typed| {
                tokens(&title)
                    .find(|word| *word == typed)
                    .or_else(|| tokens(&title).find(|word| word.starts_with(typed)))
                    .or_else(|| tokens(&title).find(|word| resembles(word, typed)))
            })
            .map(|word| self.stemmer.stem(word).into_owned())
            .collect()
    }

    fn gain(&self, candidate: &Candidate, goal: &Goal) -> f32 {
        let index = self.index;
        let Some((kind, at)) = index.kind(candidate.document) else { return 0.0 };
        let intent_gain = |wanted: usize, worth: f32| {
            let mut served = index.intents(candidate.document).iter();
            if served.any(|i| usize::from(*i) == wanted) { worth } else { 0.0 }
        };
        let has_all = |wanted: &[String], stems: &[String]| {
            !wanted.is_empty() && wanted.iter().all(|stem| stems.contains(stem))
        };
        match (goal, kind) {
            (Goal::Product { stems }, DocumentKind::Product) => {
                if !self.titles.get(at as usize).is_some_and(|title| has_all(stems, title)) {
                    return 0.0;
                }
                let stock = if index.available(candidate.document) { 1.0 } else { SOLD_OUT };
                // Who says a word that the merchant sorts by means the things sorted under it.
                let tags = self.tags.get(at as usize);
                let is_kind = tags.is_some_and(|tags| tags.iter().any(|tag| has_all(tag, stems)));
                let kind = if is_kind { OF_THE_KIND } else { 1.0 };
                // Of equally fitting products the one that sells is wanted more often.
                (0.7 + 0.3 * index.popularity(candidate.document)) * stock * kind
            }
            (Goal::Said { phrase }, DocumentKind::Product) => {
                let is_said =
                    self.said.get(at as usize).is_some_and(|phrases| phrases.contains(phrase));
                if is_said { 0.3 + index.popularity(candidate.document) } else { 0.0 }
            }
            (Goal::Product { stems: wanted }, DocumentKind::Completion) => {
                let own = stems(&self.stemmer, index.completion(at).unwrap_or_default());
                if has_all(wanted, &own) { 0.25 } else { 0.0 }
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
}

fn stems(stemmer: &Stemmer, text: &str) -> Vec<String> {
    tokens(&normalize(text)).map(|word| stemmer.stem(word).into_owned()).collect()
}

/// A judged query as another shopper may type it: with a slip, or with its last word unfinished.
fn as_judged(text: &str, rng: &mut impl Rng) -> String {
    match rng.random_range(0..10) {
        0..7 => text.to_owned(),
        7..9 => typo(text, rng),
        _ => truncate(text, rng.random_range(0.8..1.0)).to_owned(),
    }
}

fn is_answered(index: &Index, example: &Example) -> bool {
    let Some(at) = label(&example.intent) else { return false };
    index.sections().any(|d| index.intents(d).iter().any(|i| usize::from(*i) == at))
}

/// Whether one slip may lie between the words.
fn resembles(word: &str, typed: &str) -> bool {
    let same = word.bytes().zip(typed.bytes()).filter(|(a, b)| a == b).count();
    let back = word.bytes().rev().zip(typed.bytes().rev()).filter(|(a, b)| a == b).count();
    word.len().abs_diff(typed.len()) <= 1 && same.max(back) * 2 >= word.len()
}
