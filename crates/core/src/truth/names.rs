//! Names of products that the shop does not have.

use super::claim::{Claim, claim_at};
use super::facts::Facts;
use super::lexeme::{Kind, Lexeme};
use super::reader::Reader;
use super::said::{LANGUAGE_WORDS, Said};
use crate::text::is_stopword;

/// Words before a name that say that a product is meant.
const INTRODUCING: [&str; 27] = [
    "our",
    "try",
    "recommend",
    "called",
    "named",
    "sell",
    "stock",
    "carry",
    "suggest",
    "love",
    "new",
    "meet",
    "consider",
    "bestselling",
    "popular",
    "unser",
    "unsere",
    "notre",
    "nuestro",
    "empfehle",
    "the",
    "a",
    "an",
    "your",
    "offer",
    "have",
    "launched",
];
/// Of these, those that come before other names as often.
const WEAK: [&str; 6] = ["the", "a", "an", "your", "offer", "have"];
/// Between a word of [`INTRODUCING`] and the name.
const ARTICLES: [&str; 3] = ["the", "a", "an"];
/// What a product is called in a sentence that says next which one is meant: "is the".
const PRAISED: [&str; 11] = [
    "seller",
    "sellers",
    "bestseller",
    "favourite",
    "favorite",
    "pick",
    "choice",
    "recommendation",
    "suggestion",
    "tip",
    "hit",
];
/// Last words of headings and services, which are no products.
const GENERIC: [&str; 70] = [
    "delivery",
    "hours",
    "returns",
    "policy",
    "day",
    "days",
    "service",
    "team",
    "points",
    "card",
    "cards",
    "pay",
    "code",
    "page",
    "guide",
    "size",
    "sizes",
    "shipping",
    "order",
    "orders",
    "account",
    "contact",
    "us",
    "support",
    "help",
    "note",
    "notes",
    "steps",
    "tips",
    "details",
    "options",
    "features",
    "material",
    "materials",
    "care",
    "dimensions",
    "price",
    "prices",
    "availability",
    "colour",
    "color",
    "colours",
    "stock",
    "collect",
    "kingdom",
    "states",
    "zealand",
    "mail",
    "express",
    "checkout",
    "basket",
    "cart",
    "methods",
    "costs",
    "information",
    "refund",
    "refunds",
    "exchanges",
    "time",
    "times",
    "address",
    "number",
    "email",
    "form",
    "match",
    "terms",
    "conditions",
    "you",
    "it",
    "instructions",
];
/// Small words inside a name.
const JOINING: [&str; 9] = ["of", "and", "with", "in", "de", "for", "the", "&", "-"];

/// How many lexemes a name has that no fact has, if the words here are one and are told as that of
/// a product.
pub(super) fn invented(reader: &mut Reader<'_>, said: &Said, facts: &Facts) -> Option<usize> {
    let first = reader.peek().filter(|l| is_name_word(l))?;
    let is_first_prose = is_stopword(&first.text)
        || INTRODUCING.contains(&&*first.text)
        || LANGUAGE_WORDS.iter().any(|words| words.contains(&&*first.text));
    if is_first_prose {
        return None;
    }
    let mut words: Vec<&str> = Vec::new();
    let mut capitals = 0;
    let mut end = 0;
    let mut ended = 0;
    while let Some(next) = reader.read() {
        let is_joining = next.is_one_of(&JOINING);
        if !(is_name_word(next) || next.kind == Kind::Number || is_joining) || words.len() >= 12 {
            break;
        }
        reader.take();
        if next.kind != Kind::Sign {
            words.push(&next.text);
        }
        if is_name_word(next) {
            capitals += 1;
            end = reader.at();
            ended = words.len();
        }
    }
    words.truncate(ended);
    let is_generic = words.last().is_some_and(|word| GENERIC.contains(word));
    if capitals < 2 || is_generic || is_known(&words, facts) {
        return None;
    }
    let is_introduced = is_introduced(said);
    reader.back_to(end);
    let is_told = said.is_emphasised || said.is_item || is_introduced || is_sold(reader, said);
    reader.back_to(end);
    is_told.then_some(end)
}

/// Whether the words before say that a product is named now: "our", "try the", "our best seller is
/// the".
fn is_introduced(said: &Said) -> bool {
    let is_strong = |word: &str| INTRODUCING.contains(&word) && !WEAK.contains(&word);
    let last = said.last().unwrap_or_default();
    let before = match ARTICLES.contains(&last) {
        true => said.before_last().unwrap_or_default(),
        false => last,
    };
    let is_praised =
        matches!(before, "is" | "are" | "was" | ":") && said.has(|word, _| PRAISED.contains(&word));
    is_strong(before) || is_praised
}

fn is_name_word(lexeme: &Lexeme) -> bool {
    lexeme.kind == Kind::Word && lexeme.is_capital && !lexeme.is("i")
}

/// Whether the words, or all but the plural of the last, are in a text.
fn is_known(words: &[&str], facts: &Facts) -> bool {
    if facts.says(words) {
        return true;
    }
    let mut singular = words.to_vec();
    if let Some(last) = singular.last_mut() {
        *last = last.strip_suffix('s').unwrap_or(last);
    }
    facts.says(&singular)
}

/// Whether the rest of the sentence tells a price, stock, a bargain or an address.
fn is_sold(reader: &mut Reader<'_>, said: &Said) -> bool {
    let mut found = false;
    let mut last_ends = false;
    let start = reader.rest();
    let mut passed = start.at();
    loop {
        let mut ahead = start.rest();
        ahead.back_to(passed);
        let Some(lexeme) = ahead.peek() else {
            reader.absorb(&ahead);
            break;
        };
        if lexeme.breaks_line() || (last_ends && lexeme.kind == Kind::Space) {
            break;
        }
        last_ends = lexeme.is_one_of(&[".", "!", "?"]);
        let mut at_lexeme = ahead.rest();
        let claim = claim_at(&mut at_lexeme, said);
        reader.absorb(&at_lexeme);
        if let Some((claim, _)) = claim {
            found = matches!(
                claim,
                Claim::Money(_)
                    | Claim::Percent(_)
                    | Claim::Deal(_)
                    | Claim::Stock { .. }
                    | Claim::Count(_)
                    | Claim::Link(_)
            );
            if found {
                break;
            }
        }
        passed += 1;
    }
    found
}
