//! What is said to have happened to the shopper's order, parcel, return or refund.

use super::claim::Claim;
use super::lexeme::Kind;
use super::lexicon::Class;
use super::reader::Reader;
use super::said::Said;

/// Adverbs between "has been" and what happened.
const MAX_BETWEEN: usize = 5;
/// What happens to an order, in more than one word.
const PHRASES: [&str; 11] = [
    "out for delivery",
    "on its way",
    "on the way",
    "on their way",
    "in transit",
    "left our warehouse",
    "left the warehouse",
    "en route",
    "en chemin",
    "en camino",
    "with the courier",
];

/// "Has been shipped", "we've refunded", "is on its way": the words from the auxiliary on.
pub(super) fn state(reader: &mut Reader<'_>, said: &Said) -> Option<Claim> {
    let first = reader.peek()?;
    if first.kind != Kind::Word || first.class != Class::Auxiliary {
        // Short forms: "Good news: shipped yesterday", "Status: delivered".
        let Class::State(state) = first.class else { return None };
        reader.take();
        let is_status = said.has_near(2, &["status", "now", "already"]);
        return is_status.then(|| Claim::State(state, first.text.clone()));
    }
    // A question begins with its auxiliary.
    if said.begins() && !said.is_unknown && first.is_capital && asks(reader) {
        return None;
    }
    let is_present = first.is_one_of(&[
        "is", "are", "it's", "isn't", "aren't", "being", "got", "ist", "sind", "est", "sont",
        "esta", "estan", "be",
    ]);
    let is_perfect = !is_present;
    reader.take();
    let mut phrase = vec![first.text.as_str()];
    for _ in 0..MAX_BETWEEN {
        for words in PHRASES {
            if reader.accept_words(words) {
                phrase.push(words);
                let claim = Claim::State(super::lexicon::State::Sent, phrase.join(" "));
                return is_about_order(said, true).then_some(claim);
            }
        }
        let next = reader.accept(|l| {
            l.kind == Kind::Word
                && (matches!(
                    l.class,
                    Class::Auxiliary
                        | Class::Adverb
                        | Class::Negation
                        | Class::State(_)
                        | Class::Today
                        | Class::Soon
                ) || l.text.ends_with("ly")
                    || l.is_one_of(&["we", "i", "your", "you", "the", "order", "refund", "parcel"]))
        })?;
        phrase.push(&next.text);
        if let Class::State(state) = next.class {
            let claim = Claim::State(state, phrase.join(" "));
            return is_about_order(said, is_perfect || phrase.len() > 2).then_some(claim);
        }
    }
    None
}

/// Whether the sentence is about this shopper's order, or about what "we" did.
fn is_about_order(said: &Said, is_perfect: bool) -> bool {
    if said.is_supposed() {
        return false;
    }
    let is_yours = said.has(|word, _| {
        matches!(
            word,
            "your" | "ihre" | "ihr" | "votre" | "su" | "tu" | "deine" | "vos" | "sus" | "#"
        )
    });
    let is_order = said.has(|_, class| class == Class::Order);
    let is_pronoun = said.has(|word, class| {
        class == Class::Pronoun || matches!(word, "we" | "i" | "wir" | "ich" | "nous" | "je")
    });
    is_perfect && (is_order || is_pronoun || said.begins() || is_yours)
        || (is_order && is_yours && !said.has(|word, _| matches!(word, "can" | "will" | "may")))
}

fn asks(reader: &mut Reader<'_>) -> bool {
    let mut ahead = reader.rest();
    ahead.take();
    let next = ahead.read().is_some_and(|l| {
        l.is_one_of(&["your", "you", "it", "the", "there", "this", "that", "they", "any"])
    });
    reader.absorb(&ahead);
    next
}
