//! The messages that ship with the trainer are varied: no two of an intent say the same in almost
//! the same words, and none is a message that the model is judged by.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use aisle_core::text::{normalize, tokens};
use aisle_trainer::read::{INTENTS, OUT_OF_SCOPE, read_examples};
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
fn every_intent_has_enough_to_learn_from() {
    let messages = general_messages();
    for intent in INTENTS {
        let count = messages.iter().filter(|m| m.intent == intent).count();
        let wanted = if intent == OUT_OF_SCOPE { 1_500 } else { 240 };
        assert!(count >= wanted, "{intent}: {count}");
    }
}

/// Where the messages that judge the model are at hand; they are not part of the project.
#[test]
fn no_message_is_one_that_the_model_is_judged_by() {
    let judged = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/intents");
    let mut known = Known::default();
    for file in ["shopper_dev.tsv", "dev.tsv.gz"].map(|file| judged.join(file)) {
        if file.exists() {
            for example in read_examples(&file).unwrap().0 {
                known.add(&example.text, words(&example.text));
            }
        }
    }
    let leaked = general_messages()
        .iter()
        .map(|message| words(&message.text))
        .filter(|words| !words.is_empty() && known.alike(words).is_some())
        .count();
    assert_eq!(leaked, 0);
}
