//! From text as people type it to comparable tokens.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::MAX_TOKENS;

/// Lower case, compatibility forms and diacritics folded, apostrophes dropped ("men's" and "mens"
/// are one word), everything else that is not a letter, a digit or a currency sign a single space.
pub fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if let Some(plain) = normalize_ascii(text) {
        return plain;
    }
    let folded = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    folded.for_each(|c| push(&mut out, c));
    out.truncate(out.trim_end().len());
    out
}

/// The same for text that is ASCII, byte by byte: most text is, and all of a shop's is read when its
/// index is opened.
fn normalize_ascii(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len() + 2);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' => out.push(byte),
            b'A'..=b'Z' => out.push(byte | 0x20),
            b'\'' | b'`' => {}
            0x80.. => return None,
            other => {
                if out.last().is_some_and(|last| *last != b' ') {
                    out.push(b' ');
                }
                if matches!(other, b'$' | b'%') {
                    out.extend([other, b' ']);
                }
            }
        }
    }
    if out.last() == Some(&b' ') {
        out.pop();
    }
    String::from_utf8(out).ok()
}

/// Appends a folded character.
fn push(out: &mut String, c: char) {
    match c {
        '\'' | '’' | '‘' | '`' => {}
        '£' | '$' | '€' | '%' => {
            pad(out);
            out.push(c);
            out.push(' ');
        }
        c if c.is_alphanumeric() => out.push(c),
        _ => pad(out),
    }
}

fn pad(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// The words of a normalised text, at most [`MAX_TOKENS`].
pub fn tokens(normalized: &str) -> impl Iterator<Item = &str> {
    normalized.split(' ').filter(|token| !token.is_empty()).take(MAX_TOKENS)
}

/// Words that carry no meaning for finding a product or a page. Sorted.
const STOPWORDS: &[&str] = &[
    "a",
    "about",
    "am",
    "an",
    "and",
    "any",
    "anything",
    "are",
    "as",
    "at",
    "be",
    "been",
    "but",
    "by",
    "can",
    "could",
    "did",
    "do",
    "does",
    "dont",
    "for",
    "from",
    "get",
    "give",
    "got",
    "had",
    "has",
    "have",
    "hello",
    "hey",
    "hi",
    "how",
    "i",
    "id",
    "if",
    "ill",
    "im",
    "in",
    "into",
    "is",
    "it",
    "its",
    "ive",
    "just",
    "know",
    "like",
    "looking",
    "me",
    "much",
    "my",
    "need",
    "of",
    "on",
    "one",
    "or",
    "our",
    "please",
    "pls",
    "sell",
    "should",
    "show",
    "so",
    "some",
    "something",
    "than",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "to",
    "u",
    "us",
    "want",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "which",
    "who",
    "why",
    "will",
    "with",
    "would",
    "you",
    "your",
    "youre",
];

/// Whether a normalised token is one of the words that carry no meaning for search.
pub fn is_stopword(token: &str) -> bool {
    STOPWORDS.binary_search(&token).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn normal_forms() {
        for (text, expected) in [
            ("", ""),
            ("  WHITE  Hanging-Heart\tT-light ", "white hanging heart t light"),
            ("Men's CAFÉ crème", "mens cafe creme"),
            ("under £10.50!", "under £ 10 50"),
            ("ﬁne №5", "fine no5"),
            ("Straße", "straße"),
        ] {
            assert_eq!(normalize(text), expected, "{text:?}");
        }
    }

    #[test]
    fn stopwords_are_sorted_as_the_search_needs() {
        assert!(STOPWORDS.is_sorted());
        assert!(is_stopword("the") && !is_stopword("mug"));
    }

    #[test]
    fn every_character_has_a_normal_form_that_stays() {
        for c in '\0'..=char::MAX {
            let once = normalize(&format!("a{c}b"));
            assert_eq!(normalize(&once), once, "{c:?}");
            assert!(once.len() <= 40, "{c:?} grows to {} bytes", once.len());
            assert!(!once.contains("  ") && once.trim() == once, "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn plain_text_is_normalised_as_any(text in "[ -~\t]{0,60}") {
            let beside_another = normalize(&format!("{text} é"));
            prop_assert_eq!(normalize(&format!("{text} e")), beside_another);
        }

        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,60}") {
            let once = normalize(&text);
            prop_assert_eq!(normalize(&once), once);
        }
    }
}
