//! What fingers do to text: slips, half-typed words, words left out.

use aisle_core::text::{WORD_FEATURES, WordRow};
use rand::Rng;
use rand::seq::IndexedRandom;

/// Neighbours on a QWERTY keyboard.
const NEIGHBOURS: [(char, &str); 26] = [
    ('a', "qwsz"),
    ('b', "vghn"),
    ('c', "xdfv"),
    ('d', "serfcx"),
    ('e', "wsdr"),
    ('f', "drtgvc"),
    ('g', "ftyhbv"),
    ('h', "gyujnb"),
    ('i', "ujko"),
    ('j', "huiknm"),
    ('k', "jiolm"),
    ('l', "kop"),
    ('m', "njk"),
    ('n', "bhjm"),
    ('o', "iklp"),
    ('p', "ol"),
    ('q', "wa"),
    ('r', "edft"),
    ('s', "awedxz"),
    ('t', "rfgy"),
    ('u', "yhji"),
    ('v', "cfgb"),
    ('w', "qase"),
    ('x', "zsdc"),
    ('y', "tghu"),
    ('z', "asx"),
];

/// One slip in one word: a letter swapped, left out, doubled or replaced by its neighbour. Words
/// of fewer than four letters are left alone.
pub fn typo(text: &str, rng: &mut impl Rng) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let long: Vec<usize> = words
        .iter()
        .enumerate()
        .filter(|(_, w)| w.chars().count() >= 4)
        .map(|(at, _)| at)
        .collect();
    let Some(chosen) = long.choose(rng) else { return text.to_owned() };
    let out: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(at, word)| if at == *chosen { slip(word, rng) } else { (*word).to_owned() })
        .collect();
    out.join(" ")
}

fn slip(word: &str, rng: &mut impl Rng) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    // The first letter is rarely wrong.
    let at = rng.random_range(1..letters.len());
    match rng.random_range(0..4) {
        0 if at + 1 < letters.len() => letters.swap(at, at + 1),
        0 | 1 => {
            letters.remove(at);
        }
        2 => letters.insert(at, letters[at]),
        _ => {
            let neighbours =
                NEIGHBOURS.iter().find(|(c, _)| *c == letters[at].to_ascii_lowercase());
            if let Some((_, near)) = neighbours
                && let Some(c) = near.chars().collect::<Vec<_>>().choose(rng)
            {
                letters[at] = *c;
            }
        }
    }
    letters.into_iter().collect()
}

/// The text as it stands after a share of its characters, at least three, has been typed.
pub fn truncate(text: &str, share: f32) -> &str {
    let count = text.chars().count();
    let keep = ((count as f32 * share).ceil() as usize).max(3);
    text.char_indices().nth(keep).map_or(text, |(at, _)| &text[..at])
}

/// A training text as it may be typed: half of the time as written, else with a slip, cut short,
/// or both.
pub fn as_typed(text: &str, rng: &mut impl Rng) -> String {
    let mut out = text.to_owned();
    if rng.random_bool(0.25) {
        out = typo(&out, rng);
    }
    if rng.random_bool(0.25) {
        out = truncate(&out, rng.random_range(0.5..1.0)).to_owned();
    }
    out
}

/// A training text of a set whose texts are whole and mostly well written.
pub fn slightly_typed(text: &str, rng: &mut impl Rng) -> String {
    let mut out = text.to_owned();
    if rng.random_bool(0.12) {
        out = typo(&out, rng);
    }
    if rng.random_bool(0.05) {
        out = truncate(&out, rng.random_range(0.7..1.0)).to_owned();
    }
    out
}

/// Share of the words, and of the features of a word, that training forgets.
const FORGOTTEN: f64 = 0.1;

/// Features of which some are forgotten: a tenth of the words, and a tenth of what is left.
///
/// Source: Iyyer et al., "Deep unordered composition rivals syntactic methods for text
/// classification" (2015).
pub fn forgetful(rows: Vec<WordRow>, rng: &mut impl Rng) -> Vec<WordRow> {
    let few = rows.len() <= 3;
    let mut kept = Vec::with_capacity(rows.len());
    for (at, row) in rows.into_iter().enumerate() {
        if at > 0 && !few && rng.random_bool(FORGOTTEN) {
            continue;
        }
        let mut thinned: WordRow = [0; WORD_FEATURES];
        let ids = row.into_iter().take_while(|id| *id != 0).enumerate();
        let left = ids.filter(|(place, _)| *place == 0 || !rng.random_bool(FORGOTTEN));
        thinned.iter_mut().zip(left).for_each(|(place, (_, id))| *place = id);
        kept.push(thinned);
    }
    kept
}

/// A few words of a title in an order that a shopper may use, now and then mistyped or unfinished.
pub fn as_query(title: &str, rng: &mut impl Rng) -> String {
    let words: Vec<&str> = title.split_whitespace().collect();
    if words.is_empty() {
        return String::new();
    }
    let wanted = rng.random_range(1..=words.len().min(4));
    let query = some_words(&words, wanted, 0.8, rng);
    match rng.random_range(0..10) {
        0..4 => query,
        4..6 => typo(&query, rng),
        _ => truncate(&query, rng.random_range(0.4..1.0)).to_owned(),
    }
}

/// So many of the words, by this chance in the order that they have. There must be as many.
pub fn some_words(words: &[&str], wanted: usize, in_order: f64, rng: &mut impl Rng) -> String {
    let mut picked = rand::seq::index::sample(rng, words.len(), wanted).into_vec();
    if rng.random_bool(in_order) {
        picked.sort_unstable();
    }
    let picked: Vec<&str> = picked.into_iter().map(|at| words[at]).collect();
    picked.join(" ").to_lowercase()
}

/// The text with its last word in the other grammatical number, as far as it is regular.
pub fn other_number(text: &str) -> String {
    let regular = |word: &str| word.len() > 2 && word.bytes().all(|b| b.is_ascii_alphabetic());
    if !text.rsplit(' ').next().is_some_and(regular) {
        return text.to_owned();
    }
    match text.strip_suffix('s') {
        Some(one) if !one.ends_with(['s', 'u', 'i']) => one.to_owned(),
        Some(_) => text.to_owned(),
        None if text.ends_with(['x', 'h', 'z', 'y']) => text.to_owned(),
        None => format!("{text}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn truncation_keeps_at_least_three_characters() {
        for (text, share, expected) in [
            ("délivery", 0.5, "déli"),
            ("mug", 0.1, "mug"),
            ("where is", 0.01, "whe"),
            ("", 0.5, ""),
        ] {
            assert_eq!(truncate(text, share), expected);
        }
    }

    #[test]
    fn one_becomes_many_and_many_become_one() {
        for (text, expected) in [
            ("blue mug", "blue mugs"),
            ("blue mugs", "blue mug"),
            ("glass", "glass"),
            ("box", "box"),
            ("set of 6", "set of 6"),
            ("", ""),
        ] {
            assert_eq!(other_number(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_mistyped(text in "\\PC{0,40}", seed in any::<u64>()) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let typed = typo(&text, &mut rng);
            let (before, after) = (text.chars().count() as i64, typed.chars().count() as i64);
            prop_assert!((before - after).abs() <= 1);
            as_query(&text, &mut rng);
            as_typed(&text, &mut rng);
        }
    }
}
