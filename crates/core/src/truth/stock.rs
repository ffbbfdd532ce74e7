//! Whether something can be bought, and how many are left.

use super::claim::{Claim, whole_number};
use super::lexeme::Kind;
use super::lexicon::Class;
use super::reader::Reader;
use super::said::Said;

/// Words that say that there is stock.
const THERE: [&str; 12] = [
    "in stock",
    "back in stock",
    "in-stock",
    "on the shelf",
    "ready to ship",
    "auf lager",
    "vorratig",
    "lieferbar",
    "en stock",
    "en existencia",
    "disponible",
    "verfugbar",
];
/// Words that say that there is none.
const GONE: [&str; 18] = [
    "sold out",
    "out of stock",
    "on backorder",
    "on back order",
    "back ordered",
    "backordered",
    "unavailable",
    "discontinued",
    "ausverkauft",
    "vergriffen",
    "nicht lieferbar",
    "epuise",
    "epuisee",
    "en rupture",
    "rupture de stock",
    "agotado",
    "agotada",
    "all gone",
];
const COPULAS: [&str; 9] = ["is", "are", "it's", "isn't", "aren't", "was", "ist", "est", "esta"];
/// Words before a number of what is left.
const LEVELS: [&str; 6] =
    ["stock", "availability", "remaining", "lagerbestand", "bestand", "existencias"];
/// Words after a number of what is left.
const LEFT: [&str; 8] =
    ["left", "remaining", "remain", "ubrig", "restants", "restantes", "available", "verfugbar"];

/// A statement on stock.
pub(super) fn stock(reader: &mut Reader<'_>, said: &Said) -> Option<Claim> {
    let start = reader.at();
    if let Some(claim) = count(reader) {
        return Some(claim);
    }
    reader.back_to(start);
    let first = reader.peek()?;
    if first.kind != Kind::Word {
        return None;
    }
    let copula = reader.accept(|l| l.is_one_of(&COPULAS));
    let mut is_negated = copula.is_some_and(|l| l.text.ends_with("n't"));
    for _ in 0..3 {
        let next = reader.accept(|l| {
            matches!(l.class, Class::Negation | Class::Adverb)
                || l.is_one_of(&[
                    "longer",
                    "yet",
                    "fully",
                    "completely",
                    "temporarily",
                    "now",
                    "only",
                    "all",
                    "both",
                ])
        });
        match next {
            Some(next) => is_negated |= next.class == Class::Negation,
            None => break,
        }
    }
    let is_there = if GONE.iter().any(|words| reader.accept_words(words)) {
        is_negated
    } else if THERE.iter().any(|words| reader.accept_words(words)) {
        !is_negated
    } else if (copula.is_some() || said.has_near(1, &COPULAS)) && reader.accept_word("available") {
        let is_about_product =
            !said.named.is_empty() || said.has(|_, class| class == Class::Pronoun);
        if !is_about_product && !said.is_unknown {
            return None;
        }
        !is_negated
    } else {
        return None;
    };
    let copula = match copula.map(|l| l.text.as_str()) {
        Some("isn't") => "is ".to_owned(),
        Some("aren't") => "are ".to_owned(),
        Some(_) => format!("{} ", first.raw),
        None => String::new(),
    };
    Some(Claim::Stock { is_there, copula })
}

/// "Stock: 4", "stock level is 4".
fn level(reader: &mut Reader<'_>) -> Option<Claim> {
    reader.accept(|l| l.is_one_of(&LEVELS))?;
    reader.accept(|l| l.is_one_of(&["level", "count", "now"]));
    reader.accept(|l| l.is_one_of(&[":", "is", "-", "="]))?;
    whole_number(reader).map(Claim::Count)
}

/// "Only 3 left", "5 in stock", "the last two", "one remaining".
fn count(reader: &mut Reader<'_>) -> Option<Claim> {
    let start = reader.at();
    if let Some(claim) = level(reader) {
        return Some(claim);
    }
    reader.back_to(start);
    let is_last =
        reader.accept(|l| l.is_one_of(&["only", "just", "last", "nur", "plus", "solo"])).is_some();
    reader.accept(|l| l.is_one_of(&["the", "noch", "que", "quedan", "about", "around"]));
    if let Some(number) = whole_number(reader) {
        for _ in 0..3 {
            if reader.accept(|l| l.is_one_of(&LEFT)).is_some()
                || reader.accept_words("in stock")
                || reader.accept_words("auf lager")
                || reader.accept_words("en stock")
            {
                return Some(Claim::Count(number));
            }
            let is_noun = |l: &super::lexeme::Lexeme| {
                l.kind == Kind::Word
                    && !matches!(l.class, Class::Unit(_) | Class::Auxiliary | Class::Preposition)
            };
            reader.accept(is_noun)?;
        }
        return None;
    }
    reader.back_to(start);
    let few = [
        "last few",
        "a few left",
        "a handful left",
        "few left",
        "last one",
        "last pieces",
        "plenty left",
    ];
    (!is_last || reader.peek().is_some_and(|l| l.is("last")))
        .then(|| few.iter().any(|words| reader.accept_words(words)))
        .filter(|found| *found)
        .map(|_| Claim::Count(u32::MAX))
}
