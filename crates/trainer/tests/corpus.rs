//! The messages that ship with the trainer are varied: no two of an intent say the same in almost
//! the same words, no two of any intents in the same words, and neither they nor what the demo shop
//! learns from is something that the model is judged by.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use aisle_core::text::{normalize, tokens};
use aisle_trainer::read::{INTENTS, OUT_OF_SCOPE, read_examples, read_queries};
use aisle_trainer::train::general_messages;

/// Share of all their words that two messages have in common when they say the same.
const ALIKE: f32 = 0.7;
/// Messages of fewer words are alike only when they have the same words.
const SHORT: usize = 4;

type Words = BTreeSet<String>;

fn words(text: &str) -> Words {
    tokens(&normalize(text)).map(str::to_owned).collect()
}

fn are_alike(a: &Words, b: &Words) -> bool {
    let common = a.intersection(b).count();
    let all = a.union(b).count();
    common == all || (a.len().min(b.len()) >= SHORT && common as f32 >= ALIKE * all as f32)
}

/// Messages by the words that they have.
#[derive(Default)]
struct Known {
    messages: Vec<(String, Words)>,
    by_word: HashMap<String, Vec<usize>>,
}

impl Known {
    fn add(&mut self, text: &str, words: Words) {
        for word in &words {
            self.by_word.entry(word.clone()).or_default().push(self.messages.len());
        }
        self.messages.push((text.to_owned(), words));
    }

    /// A message that is alike. It has all but a few of the words, so it has one of the rarest.
    fn alike(&self, words: &Words) -> Option<&str> {
        let none = vec![];
        let mut lists: Vec<&Vec<usize>> =
            words.iter().map(|word| self.by_word.get(word).unwrap_or(&none)).collect();
        lists.sort_by_key(|list| list.len());
        let missing = (words.len() as f32 * (1.0 - ALIKE)) as usize;
        let candidates: BTreeSet<usize> =
            lists.into_iter().take(missing + 1).flatten().copied().collect();
        candidates
            .into_iter()
            .map(|at| &self.messages[at])
            .find(|(_, other)| are_alike(words, other))
            .map(|(text, _)| text.as_str())
    }
}

#[test]
fn no_two_messages_of_an_intent_say_the_same() {
    let mut by_intent: BTreeMap<String, Known> = BTreeMap::new();
    let mut repeated = vec![];
    for message in general_messages() {
        let words = words(&message.text);
        let known = by_intent.entry(message.intent).or_default();
        match known.alike(&words).filter(|_| !words.is_empty()) {
            Some(other) => repeated.push(format!("{} / {other}", message.text)),
            None => known.add(&message.text, words),
        }
    }
    assert!(repeated.is_empty(), "{repeated:#?}");
}

#[test]
fn no_message_has_two_intents() {
    let mut known: HashMap<String, String> = HashMap::new();
    let mut repeated = vec![];
    for message in general_messages() {
        // In order: "aye" agrees, and "aye aye" may greet.
        let words: Vec<String> = tokens(&normalize(&message.text)).map(str::to_owned).collect();
        if words.is_empty() {
            continue;
        }
        if let Some(other) = known.insert(words.join(" "), message.intent.clone())
            && other != message.intent
        {
            repeated.push(format!("{}: {other}, {}", message.text, message.intent));
        }
    }
    assert!(repeated.is_empty(), "{repeated:#?}");
}

#[test]
fn every_intent_has_enough_to_learn_from() {
    let messages = general_messages();
    for intent in INTENTS {
        let count = messages.iter().filter(|m| m.intent == intent).count();
        let wanted = if intent == OUT_OF_SCOPE { 1_500 } else { 240 };
        assert!(count >= wanted, "{intent}: {count}");
    }
}

/// A file of the demo shop.
fn demo(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo-site/data").join(file)
}

/// What judges the model, where it is at hand; it is not part of the project.
fn judging(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(file);
    path.exists().then_some(path)
}

/// Messages of files that are at hand.
fn messages_of(files: &[&str]) -> Known {
    let mut known = Known::default();
    for file in files.iter().copied().filter_map(judging) {
        for example in read_examples(&file).unwrap().0 {
            known.add(&example.text, words(&example.text));
        }
    }
    known
}

#[test]
fn no_message_is_one_that_the_model_is_judged_by() {
    let shoppers = "intents/shopper_dev.tsv";
    let judges = messages_of(&[shoppers, "intents/dev.tsv.gz"]);
    // A shop's artifact is judged by shoppers alone; "hello" and "yep" are of every public set.
    let judges_of_the_demo = messages_of(&[shoppers]);
    for (messages, judges) in [
        (general_messages(), judges),
        (read_examples(&demo("examples.tsv")).unwrap().0, judges_of_the_demo),
    ] {
        let words = messages.iter().map(|message| words(&message.text));
        let leaked = words.filter(|words| !words.is_empty() && judges.alike(words).is_some());
        assert_eq!(leaked.count(), 0);
    }
}

#[test]
fn no_query_of_the_demo_is_one_that_search_is_judged_by() {
    let mut known = Known::default();
    if let Some(file) = judging("search/queries_dev.csv") {
        for query in read_queries(&file).unwrap().0 {
            known.add(&query.text, words(&query.text));
        }
    }
    let queries = read_queries(&demo("queries.csv")).unwrap().0;
    let leaked = queries.iter().filter(|query| known.alike(&words(&query.text)).is_some()).count();
    assert_eq!(leaked, 0);
}
