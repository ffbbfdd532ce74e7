//! Hashed word and character n-grams, a row for each word: the input of the encoder.
//!
//! Source of the method: Weinberger et al., "Feature hashing for large scale multitask learning"
//! (2009); Bojanowski et al., "Enriching word vectors with subword information" (2017). Character
//! n-grams survive typos and half-typed words.

use super::{normalize, tokens};

/// Changes whenever [`features`] would give other numbers for the same text. An artifact made
/// with another version is refused.
pub const FEATURISER_VERSION: u16 = 2;

/// Number of hash buckets; features are below it. Bucket 0 is the padding.
pub const FEATURE_BUCKETS: u32 = 16_384;

/// Features of a word; a shorter row is filled with 0, and what is beyond is dropped.
pub const WORD_FEATURES: usize = 32;

/// Words beyond this many are dropped, which bounds the cost of a long message.
const MAX_WORDS: usize = 63;

/// Lengths of character n-grams, in characters, counting the boundary marks.
const CHAR_NGRAMS: std::ops::RangeInclusive<usize> = 3..=5;

/// A number of this many digits or more is a number like any other: an order, a telephone.
const LONG_NUMBER: usize = 3;

/// The features of one word, each below [`FEATURE_BUCKETS`], filled with 0.
pub type WordRow = [u32; WORD_FEATURES];

/// The features of a text, a row for each word after one for the text as a whole; never empty.
pub fn features(text: &str) -> Vec<WordRow> {
    let normalized = normalize(text);
    let mut rows = Vec::with_capacity(12);
    let mut whole = Row::default();
    whole.push(&[b"bias"]);
    if text.contains('?') {
        whole.push(&[b"?"]);
    }
    rows.push(whole.row);
    let mut previous = "";
    for token in tokens(&normalized).take(MAX_WORDS) {
        let mut row = Row::default();
        let is_long_number =
            token.len() >= LONG_NUMBER && token.bytes().all(|b| b.is_ascii_digit());
        let word = if is_long_number { "#" } else { token };
        row.push(&[b"w", word.as_bytes()]);
        if !previous.is_empty() {
            row.push(&[b"b", previous.as_bytes(), word.as_bytes()]);
        }
        previous = word;
        if !is_long_number {
            push_char_ngrams(token, &mut row);
        }
        rows.push(row.row);
    }
    rows
}

#[derive(Default)]
struct Row {
    row: WordRow,
    filled: usize,
}

impl Row {
    fn push(&mut self, parts: &[&[u8]]) {
        if let Some(place) = self.row.get_mut(self.filled) {
            *place = bucket(parts);
            self.filled += 1;
        }
    }
}

fn push_char_ngrams(token: &str, row: &mut Row) {
    let marked = format!("<{token}>");
    let starts: Vec<usize> =
        marked.char_indices().map(|(at, _)| at).chain([marked.len()]).collect();
    for n in CHAR_NGRAMS {
        for window in starts.windows(n + 1) {
            if let [from, .., to] = window
                && let Some(gram) = marked.as_bytes().get(*from..*to)
            {
                row.push(&[b"c", gram]);
            }
        }
    }
}

/// FNV-1a over the parts with a separator, then a final mix so that low bits are good too.
fn bucket(parts: &[&[u8]]) -> u32 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in part.iter().chain(&[0xff]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^= hash >> 29;
    1 + u32::try_from(hash % u64::from(FEATURE_BUCKETS - 1)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flat(text: &str) -> Vec<u32> {
        features(text).into_iter().flatten().filter(|f| *f != 0).collect()
    }

    /// Guards the version: when these numbers change, [`FEATURISER_VERSION`] must change too.
    #[test]
    fn features_are_pinned_to_the_version() {
        assert_eq!(FEATURISER_VERSION, 2);
        assert_eq!(flat("").len(), 1);
        let sum = flat("a mug?").iter().map(|f| u64::from(*f)).sum::<u64>();
        assert_eq!((features("a mug?").len(), flat("a mug?").len(), sum), (3, 12, 104_454));
    }

    #[test]
    fn a_typo_keeps_most_of_what_a_word_is() {
        let shared = |a: &str, b: &str| {
            let (a, b) = (flat(a), flat(b));
            a.iter().filter(|f| b.contains(f)).count() as f32 / a.len() as f32
        };
        assert!(shared("cushion", "cusion") > 0.3);
        assert!(shared("cushion", "lantern") < 0.15);
    }

    #[test]
    fn long_numbers_are_all_alike() {
        assert_eq!(features("order 104823"), features("order 555"));
        assert_ne!(features("under 10"), features("under 20"));
    }

    proptest! {
        #[test]
        fn features_are_bounded(text in "\\PC{0,3000}") {
            let rows = features(&text);
            prop_assert!(!rows.is_empty() && rows.len() <= MAX_WORDS + 1);
            prop_assert!(rows.iter().flatten().all(|f| *f < FEATURE_BUCKETS));
            prop_assert!(rows.iter().all(|row| row[0] != 0));
        }
    }
}
