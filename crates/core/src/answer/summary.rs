//! A conversation in a few lines: what a model is told of the messages that it is not given.
//!
//! It is made of the conversation's own words, by rules alone: which orders were spoken of, which
//! products were shown, what was promised, what was asked. The latest comes first.

use super::tokens::{clip_tokens, tokens_of};
use crate::protocol::{Message, Role};

/// Tokens of one part of the summary.
const PART_TOKENS: usize = 22;
/// Tokens of one item of a part.
const ITEM_TOKENS: usize = 14;
/// Digits that make a word the number of an order.
const NUMBER_DIGITS: usize = 4;
/// Words by which something is promised.
const PROMISING: [&str; 14] = [
    "will",
    "we'll",
    "you'll",
    "it'll",
    "promise",
    "noted",
    "wird",
    "werden",
    "sera",
    "seront",
    "será",
    "serán",
    "recibirá",
    "recevrez",
];

/// The older messages in a few lines; nothing where there is nothing to say.
pub(super) fn summarise(older: &[Message]) -> Option<String> {
    let latest = || older.iter().rev();
    let said_by = |role: Role| latest().filter(move |message| message.role == role);
    let orders = latest().flat_map(|message| message.text.split_whitespace()).filter_map(number);
    let products = latest().flat_map(|message| &message.products).map(|p| p.title.as_str());
    let promised = said_by(Role::Assistant)
        .flat_map(|message| sentences(&message.text))
        .filter(|sentence| is_promise(sentence));
    let asked = said_by(Role::Shopper).map(|message| message.text.trim());
    let parts = [
        part("Orders spoken of", orders),
        part("Products shown", products),
        part("Promised", promised),
        part("Asked", asked),
    ];
    let lines: Vec<String> = parts.into_iter().flatten().collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A line with as many different items as fit.
fn part<'a>(name: &str, items: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut taken: Vec<&str> = Vec::new();
    let mut left = PART_TOKENS;
    for item in items {
        let item = clip_tokens(item.lines().next().unwrap_or_default(), ITEM_TOKENS).trim();
        if item.is_empty() || taken.contains(&item) {
            continue;
        }
        match left.checked_sub(tokens_of(item) + 1) {
            Some(rest) => left = rest,
            None => break,
        }
        taken.push(item);
    }
    (!taken.is_empty()).then(|| format!("{name}: {}", taken.join("; ")))
}

/// The number of an order, as a word may be one.
fn number(word: &str) -> Option<&str> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '#');
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '#' | '-');
    let is_one = digits >= NUMBER_DIGITS || (digits > 0 && word.starts_with('#'));
    (is_one && word.chars().all(fits)).then_some(word)
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['\n', '!', '?'])
        .flat_map(|part| part.split_inclusive(". "))
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
}

fn is_promise(sentence: &str) -> bool {
    sentence.split_whitespace().any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).replace('’', "'");
        PROMISING.contains(&word.to_lowercase().as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::tests::message;
    use crate::index::tests::small_shop;
    use proptest::prelude::*;

    fn said(role: Role, text: &str) -> Message {
        Message { role, ..message(text.to_owned()) }
    }

    #[test]
    fn what_matters_is_kept_latest_first() {
        let card = small_shop().card(0).unwrap();
        let older = [
            said(Role::Shopper, "where is my order #1042?"),
            said(Role::Assistant, "It was shipped. You will have it by Friday. Anything else?"),
            said(Role::Shopper, "and W2611340, please"),
            Message { products: vec![card], ..said(Role::Assistant, "Here is what I found:") },
        ];
        assert_eq!(
            summarise(&older).unwrap(),
            "Orders spoken of: W2611340; #1042\n\
             Products shown: Red Spot Mug\n\
             Promised: You will have it by Friday.\n\
             Asked: and W2611340, please; where is my order #1042?"
        );
        assert_eq!(summarise(&[]), None);
        assert_eq!(summarise(&[said(Role::Assistant, "Yes.")]), None);
    }

    proptest! {
        #[test]
        fn it_is_short_whatever_was_said(texts in prop::collection::vec("\\PC{0,200}|will #1 1234", 0..60)) {
            let role = |at: usize| if at.is_multiple_of(2) { Role::Shopper } else { Role::Assistant };
            let older: Vec<Message> =
                texts.iter().enumerate().map(|(at, text)| said(role(at), text)).collect();
            let summary = summarise(&older).unwrap_or_default();
            prop_assert!(tokens_of(&summary) <= 4 * (PART_TOKENS + 8), "{summary}");
        }
    }
}
