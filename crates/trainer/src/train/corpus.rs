//! The text that ships with the trainer: a corpus of shop messages, and the base encoder.

use crate::read::{Example, INTENTS};

/// Messages to many kinds of shop, written for Aisle.
const MESSAGES: &str = include_str!("../../data/messages.tsv");
/// The encoder that `aisle train-base` made.
const BASE: &[u8] = include_bytes!("../../base/encoder.onnx");

/// One message in this many is kept out of training, for calibration.
const HELD_OUT: u32 = 8;

/// The messages that ship with the trainer.
pub fn general_messages() -> Vec<Example> {
    MESSAGES
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once('\t'))
        .map(|(text, intent)| Example { text: text.to_owned(), intent: intent.to_owned() })
        .collect()
}

/// The base encoder that ships with the trainer.
pub fn committed_base() -> &'static [u8] {
    BASE
}

/// Divides examples into those to learn from and those to calibrate with. The choice depends on
/// the text alone, so a text never changes sides.
pub(super) fn split(examples: Vec<Example>) -> (Vec<Example>, Vec<Example>) {
    examples.into_iter().partition(|example| {
        let normal = aisle_core::text::normalize(&example.text);
        !crc32fast::hash(normal.as_bytes()).is_multiple_of(HELD_OUT)
    })
}

/// Position of an intent among the labels.
pub(super) fn label(intent: &str) -> Option<usize> {
    INTENTS.iter().position(|known| *known == intent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corpus_knows_every_intent_and_only_those() {
        let messages = general_messages();
        assert!(messages.iter().all(|m| label(&m.intent).is_some()));
        for intent in INTENTS {
            let count = messages.iter().filter(|m| m.intent == intent).count();
            assert!(count >= 100, "{intent}: {count}");
        }
    }

    #[test]
    fn a_text_never_changes_sides() {
        let (learn, held) = split(general_messages());
        assert!(held.len() * 5 > learn.len() / 2 && held.len() * 4 < learn.len());
        let spelt_otherwise =
            held.iter().map(|e| Example { text: e.text.to_uppercase(), ..e.clone() }).collect();
        assert!(split(spelt_otherwise).0.is_empty());
    }
}
