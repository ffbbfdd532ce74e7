//! Hashed word and character n-grams: the input of the encoder.
//!
//! Source of the method: Weinberger et al., "Feature hashing for large scale multitask learning"
//! (2009); Bojanowski et al., "Enriching word vectors with subword information" (2017). Character
//! n-grams survive typos and half-typed words.

use super::{normalize, tokens};

/// Changes whenever [`features`] would give other numbers for the same text. An artifact made
/// with another version is refused.
pub const FEATURISER_VERSION: u16 = 1;

/// Number of hash buckets; features are below it.
pub const FEATURE_BUCKETS: u32 = 20_000;

/// Features beyond this many are dropped, which bounds the cost of a long message.
const MAX_FEATURES: usize = 1_024;

/// Lengths of character n-grams, in characters, counting the boundary marks.
const CHAR_NGRAMS: std::ops::RangeInclusive<usize> = 3..=5;

/// The features of a text, in order, each below [`FEATURE_BUCKETS`]; never empty.
pub fn features(text: &str) -> Vec<u32> {
    let normalized = normalize(text);
    let mut out = Vec::with_capacity(64);
    out.push(bucket(&[b"bias"]));
    if text.contains('?') {
        out.push(bucket(&[b"?"]));
    }
    let mut previous = "";
    for token in tokens(&normalized) {
        out.push(bucket(&[b"w", token.as_bytes()]));
        if !previous.is_empty() {
            out.push(bucket(&[b"b", previous.as_bytes(), token.as_bytes()]));
        }
        previous = token;
        push_char_ngrams(token, &mut out);
        if out.len() >= MAX_FEATURES {
            break;
        }
    }
    out.truncate(MAX_FEATURES);
    out
}

fn push_char_ngrams(token: &str, out: &mut Vec<u32>) {
    let marked = format!("<{token}>");
    let starts: Vec<usize> =
        marked.char_indices().map(|(at, _)| at).chain([marked.len()]).collect();
    for n in CHAR_NGRAMS {
        for window in starts.windows(n + 1) {
            if let [from, .., to] = window
                && let Some(gram) = marked.as_bytes().get(*from..*to)
            {
                out.push(bucket(&[b"c", gram]));
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
    u32::try_from(hash % u64::from(FEATURE_BUCKETS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Guards the version: when these numbers change, [`FEATURISER_VERSION`] must change too.
    #[test]
    fn features_are_pinned_to_the_version() {
        let sum = |text: &str| features(text).iter().map(|f| u64::from(*f)).sum::<u64>();
        assert_eq!(FEATURISER_VERSION, 1);
        assert_eq!(features("").len(), 1);
        assert_eq!((features("a mug?").len(), sum("a mug?")), (12, 94_715));
    }

    #[test]
    fn a_typo_keeps_most_of_what_a_word_is() {
        let shared = |a: &str, b: &str| {
            let (a, b) = (features(a), features(b));
            a.iter().filter(|f| b.contains(f)).count() as f32 / a.len() as f32
        };
        assert!(shared("cushion", "cusion") > 0.3);
        assert!(shared("cushion", "lantern") < 0.15);
    }

    proptest! {
        #[test]
        fn features_are_bounded(text in "\\PC{0,3000}") {
            let all = features(&text);
            prop_assert!(!all.is_empty() && all.len() <= MAX_FEATURES);
            prop_assert!(all.iter().all(|f| *f < FEATURE_BUCKETS));
        }
    }
}
