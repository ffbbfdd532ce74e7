//! The built-in answerer, which needs no language model.

use super::{Fit, Grounding, Question};
use crate::protocol::{ProductCard, Source};
use crate::search::Lack;
use crate::words::{Words, fill};

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Plain text with the light markup of the protocol.
    pub text: String,
    /// What it rests on.
    pub sources: Vec<Source>,
    /// Products that belong to it.
    pub products: Vec<ProductCard>,
    /// Whether it says that nothing was found.
    pub found_nothing: bool,
}

/// Composes an answer from the grounding alone. Every sentence of it is the shop's own or one of
/// `words`, so there is nothing to check.
pub fn compose(
    words: &Words,
    shop: &str,
    question: &Question<'_>,
    grounding: &Grounding,
) -> Answer {
    if let Some(text) = small_talk(words, shop, question.intent) {
        return Answer { text, ..Answer::default() };
    }
    let products = grounding.products.clone();
    let section = grounding
        .sections
        .iter()
        .find(|section| !section.text.trim().is_empty())
        .filter(|_| grounding.fit != Fit::None)
        .filter(|_| !grounding.asks_for_products || products.is_empty());
    let mut paragraphs = Vec::new();
    let mut sources = Vec::new();
    if let Some(section) = section {
        if grounding.fit == Fit::Loose {
            paragraphs.push(words.perhaps.to_owned());
        }
        paragraphs.push(section.text.clone());
        sources.push(section.source.clone());
    }
    if !products.is_empty() {
        let intro = if section.is_some() { words.found_as_well } else { words.found };
        paragraphs.push(intro.to_owned());
    }
    let found_nothing = paragraphs.is_empty();
    if found_nothing {
        paragraphs.push(nothing_found(words, shop, grounding.lack.as_ref()));
    }
    Answer { text: paragraphs.join("\n\n"), sources, products, found_nothing }
}

/// That nothing was found, and why where that is known.
fn nothing_found(words: &Words, shop: &str, lack: Option<&Lack>) -> String {
    let and_next = |said: String| [&said, " ", words.try_again].concat();
    match lack {
        Some(lack @ Lack::Thing(_)) => and_next(lack_told(words, shop, lack)),
        Some(lack) => lack_told(words, shop, lack),
        None => and_next(fill(words.not_found, &[shop])),
    }
}

/// What the shop lacks, for the shopper.
pub fn lack_told(words: &Words, shop: &str, lack: &Lack) -> String {
    match lack {
        Lack::Thing(_) => fill(words.no_such_thing, &[shop]),
        Lack::Price(_) => fill(words.no_such_price, &[shop]),
        Lack::Without(denied) => fill(words.only_with, &[shop, &denied.join(", ")]),
    }
}

fn small_talk(words: &Words, shop: &str, intent: Option<&str>) -> Option<String> {
    let phrase = match intent? {
        "greeting" => words.greeting,
        "closing" => words.closing,
        "affirm" => words.affirm,
        "deny" => words.deny,
        _ => return None,
    };
    Some(fill(phrase, &[shop]))
}

/// Cuts a text into pieces of about a word, for streaming. Joined they are the text.
pub fn chunks(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}
