//! The built-in answerer, which needs no language model.

use super::{Fit, Grounding, Question};
use crate::protocol::{ProductCard, Source};
use crate::search::Lack;

/// Text of an answer that is a list of products.
pub const PRODUCTS_INTRO: &str = "Here is what I found:";

/// Said before a section that may be about something else.
const PERHAPS: &str = "I am not sure that this is what you mean, but it may help:";

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Plain text with the light markup of the protocol.
    pub text: String,
    /// What it rests on.
    pub sources: Vec<Source>,
    /// Products that belong to it.
    pub products: Vec<ProductCard>,
}

/// Composes an answer from the grounding alone. Every sentence of it is the shop's own or a fixed
/// phrase, so there is nothing to check.
pub fn compose(shop: &str, question: &Question<'_>, grounding: &Grounding) -> Answer {
    if let Some(text) = small_talk(shop, question.intent) {
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
            paragraphs.push(PERHAPS.to_owned());
        }
        paragraphs.push(section.text.clone());
        sources.push(section.source.clone());
    }
    if !products.is_empty() {
        let intro = if section.is_some() { "These products may fit too:" } else { PRODUCTS_INTRO };
        paragraphs.push(intro.to_owned());
    }
    if paragraphs.is_empty() {
        paragraphs.push(nothing_found(shop, grounding.lack.as_ref()));
    }
    Answer { text: paragraphs.join("\n\n"), sources, products }
}

/// That nothing was found, and why where that is known.
fn nothing_found(shop: &str, lack: Option<&Lack>) -> String {
    let next = "Try other words, or ask the team through the contact page.";
    match lack {
        Some(Lack::Thing(_)) => format!("{shop} has nothing like that. {next}"),
        Some(Lack::Price(_)) => {
            format!("{shop} has nothing like that at this price. Try another price.")
        }
        Some(Lack::Without(denied)) => {
            format!("{shop} has that only with what you do not want: {}.", denied.join(", "))
        }
        None => format!("I could not find that in {shop}'s pages or products. {next}"),
    }
}

fn small_talk(shop: &str, intent: Option<&str>) -> Option<String> {
    let text = match intent? {
        "greeting" => {
            format!("Hello! Ask me about {shop}'s products, an order, delivery or returns.")
        }
        "closing" => "You are welcome. I am here if anything else comes up.".to_owned(),
        "affirm" => "Good. What would you like to know?".to_owned(),
        "deny" => "All right. Tell me what you are looking for and I will try again.".to_owned(),
        _ => return None,
    };
    Some(text)
}

/// Cuts a text into pieces of about a word, for streaming. Joined they are the text.
pub fn chunks(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}
