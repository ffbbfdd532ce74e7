//! What former conversations teach: examples of intents, and which questions stay unanswered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_stemmers::{Algorithm, Stemmer};

use aisle_core::text::{is_stopword, normalize, tokens};

use crate::read::{Conversation, Example, Shop};

/// Examples of one intent that are taken; a shop that is asked one thing all day would learn
/// nothing else.
const MAX_OF_INTENT: usize = 300;
/// Share of their words that two questions must have in common to be one.
const SAME: f32 = 0.6;

/// The shop's own examples: those that it wrote, and those that its conversations confirm.
pub(super) fn own_examples(shop: &Shop) -> Vec<Example> {
    let mut examples = shop.examples.clone();
    let written: BTreeSet<String> = examples.iter().map(|e| normalize(&e.text)).collect();
    let confirmed = confirmed(&shop.chats).into_iter();
    examples.extend(confirmed.filter(|example| !written.contains(&normalize(&example.text))));
    examples
}

/// Shoppers' messages with a confirmed intent, each once, with the intent that it was given most.
pub fn confirmed(chats: &[Conversation]) -> Vec<Example> {
    // By normal form: how it was first written, and how often it had which intent.
    let mut messages: BTreeMap<String, (&str, BTreeMap<&str, usize>)> = BTreeMap::new();
    for message in chats.iter().flat_map(|chat| &chat.messages) {
        if let Some(intent) = message.confirmed_intent() {
            let known = messages
                .entry(normalize(&message.text))
                .or_insert_with(|| (&message.text, BTreeMap::new()));
            *known.1.entry(intent).or_default() += 1;
        }
    }
    let mut taken: HashMap<&str, usize> = HashMap::new();
    let mut examples = Vec::new();
    for (text, intents) in messages.into_values() {
        let most = intents.values().max().copied();
        let mut best = intents.iter().filter(|(_, count)| Some(**count) == most);
        // A message that was given two intents alike confirms neither.
        let (Some((intent, _)), None) = (best.next(), best.next()) else { continue };
        let count = taken.entry(intent).or_default();
        if *count < MAX_OF_INTENT {
            *count += 1;
            examples.push(Example { text: text.to_owned(), intent: (*intent).to_owned() });
        }
    }
    examples
}

/// A question that shoppers asked without getting an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// How it was asked most.
    pub question: String,
    /// How often it was asked, in whatever words.
    pub count: usize,
}

/// The questions without an answer, near-duplicates as one, most frequent first.
pub fn unanswered(chats: &[Conversation]) -> Vec<Unanswered> {
    let stemmer = Stemmer::create(Algorithm::English);
    let mut asked: BTreeMap<String, (&str, usize)> = BTreeMap::new();
    for message in chats.iter().flat_map(|chat| &chat.messages).filter(|m| m.is_unanswered()) {
        let known = asked.entry(normalize(&message.text)).or_insert((&message.text, 0));
        known.1 += 1;
    }
    let mut asked: Vec<(String, (&str, usize))> = asked.into_iter().collect();
    // The most frequent wording of a question stands for it.
    asked.sort_by(|a, b| b.1.1.cmp(&a.1.1).then_with(|| a.0.cmp(&b.0)));
    let mut groups: Vec<(BTreeSet<String>, Unanswered)> = Vec::new();
    let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
    for (normal, (text, count)) in asked {
        let words = key(&normal, &stemmer);
        let near = words.iter().filter_map(|word| by_word.get(word)).flatten().copied();
        let likeness = |at: usize| groups.get(at).map_or(0.0, |(known, _)| jaccard(known, &words));
        let best = near
            .map(|at| (likeness(at), at))
            .filter(|(likeness, _)| *likeness >= SAME)
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        match best.and_then(|(_, at)| groups.get_mut(at)) {
            Some((_, group)) => group.count += count,
            None => {
                for word in &words {
                    by_word.entry(word.clone()).or_default().push(groups.len());
                }
                groups.push((words, Unanswered { question: text.to_owned(), count }));
            }
        }
    }
    let mut all: Vec<Unanswered> = groups.into_iter().map(|(_, group)| group).collect();
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.question.cmp(&b.question)));
    all
}

/// The stems of a question's words; of one that is small words alone, those.
fn key(normal: &str, stemmer: &Stemmer) -> BTreeSet<String> {
    let stems = |small: bool| {
        tokens(normal)
            .filter(|word| small || !is_stopword(word))
            .map(|word| stemmer.stem(word).into_owned())
            .collect::<BTreeSet<String>>()
    };
    let telling = stems(false);
    if telling.is_empty() { stems(true) } else { telling }
}

fn jaccard(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f32 {
    let common = a.intersection(b).count() as f32;
    common / (a.len() as f32 + b.len() as f32 - common).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::ChatMessage;

    fn chat(messages: &[(&str, Option<&str>, Option<bool>)]) -> Vec<Conversation> {
        let message = |(text, intent, answered): &(&str, Option<&str>, Option<bool>)| ChatMessage {
            role: "shopper".into(),
            text: (*text).into(),
            intent: intent.map(str::to_owned),
            answered: *answered,
            ..ChatMessage::default()
        };
        let messages = messages.iter().map(message).collect();
        vec![Conversation { id: "1".into(), started: String::new(), messages }]
    }

    #[test]
    fn confirmed_messages_become_examples() {
        let yes = Some(true);
        let chats = chat(&[
            ("Does it run small?", Some("size_fit"), yes),
            ("does it run small", Some("size_fit"), yes),
            ("does it run small", Some("warranty"), yes),
            ("hm", Some("affirm"), yes),
            ("hm", Some("deny"), yes),
            ("where is it", Some("track_order"), None),
            ("hello", Some("greeting"), yes),
        ]);
        let own = Example { text: "Hello!".into(), intent: "greeting".into() };
        let shop = Shop { examples: vec![own.clone()], chats, ..Shop::default() };
        let small = Example { text: "Does it run small?".into(), intent: "size_fit".into() };
        assert_eq!(own_examples(&shop), [own, small]);
    }

    #[test]
    fn one_intent_does_not_drown_the_others() {
        let texts: Vec<String> = (0..500).map(|at| format!("where is parcel a{at}b")).collect();
        let messages: Vec<_> =
            texts.iter().map(|text| (text.as_str(), Some("track_order"), Some(true))).collect();
        assert_eq!(confirmed(&chat(&messages)).len(), MAX_OF_INTENT);
    }

    #[test]
    fn unanswered_questions_are_grouped() {
        let no = Some(false);
        let chats = chat(&[
            ("Do you engrave mugs?", None, no),
            ("do you engrave a mug", None, no),
            ("can you engrave mugs", None, no),
            ("can you engrave mugs", None, no),
            ("Is there a shop in Leeds?", None, no),
            ("is there?", None, no),
            ("do you engrave mugs", None, Some(true)),
        ]);
        let found: Vec<(String, usize)> =
            unanswered(&chats).into_iter().map(|u| (u.question, u.count)).collect();
        assert_eq!(
            found,
            [
                ("can you engrave mugs".to_owned(), 4),
                ("Is there a shop in Leeds?".to_owned(), 1),
                ("is there?".to_owned(), 1),
            ]
        );
    }
}
