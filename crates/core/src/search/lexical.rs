//! Word search over the term dictionary.

use fst::automaton::{Automaton, Str};
use fst::{IntoStreamer, Streamer};

use super::fuzzy::Fuzzy;
use crate::index::Index;
use crate::text::{is_stopword, normalize, tokens};

/// Words of a query beyond this many are not searched.
const MAX_QUERY_WORDS: usize = 12;
/// Dictionary entries that one half-typed or mistyped word may stand for.
const MAX_EXPANSIONS: usize = 200;

/// Longest word that typos are forgiven in, in characters. What it takes to look for typos grows
/// with the square of the length, and a text without spaces is one word.
const MAX_CORRECTED_CHARS: usize = 24;

/// A query, cut into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Normalised words that carry meaning; all words when none does.
    pub words: Vec<String>,
    /// Whether the last word may still be unfinished.
    pub open_ended: bool,
}

impl Query {
    /// Reads a draft: the last word is taken as unfinished unless something follows it.
    pub fn draft(text: &str) -> Self {
        let open_ended = text.chars().next_back().is_some_and(char::is_alphanumeric);
        Self { open_ended, ..Self::message(text) }
    }

    /// Reads a whole message.
    pub fn message(text: &str) -> Self {
        let normalized = normalize(text);
        let all: Vec<&str> = tokens(&normalized).take(4 * MAX_QUERY_WORDS).collect();
        let mut words: Vec<String> = Vec::new();
        for (at, word) in all.iter().enumerate() {
            // The word being typed may become another one: "the" on the way to "thermometer".
            let is_last = at + 1 == all.len();
            let known = words.iter().any(|w| w == word);
            if (!is_stopword(word) || is_last && all.len() == 1) && !known {
                words.push((*word).to_owned());
            }
        }
        words.truncate(MAX_QUERY_WORDS);
        Self { words, open_ended: false }
    }
}

/// A document that has at least one word of the query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Number of the document.
    pub document: u32,
    /// Sum of the impacts, weighted by how well each word was hit.
    pub score: f32,
    /// Share of the query's meaning that the document has, 0 to 1.
    pub coverage: f32,
    /// Share of the hits that needed a typo to be forgiven, 0 to 1.
    pub fuzzy: f32,
}

/// One word group that a query word may stand for.
#[derive(Clone, Copy)]
struct Expansion {
    group: u64,
    /// 1 for the very word, less for a prefix or a typo.
    closeness: f32,
    fuzzy: bool,
}

/// Every document that has at least one word of the query, in no order.
pub fn search_words(index: &Index, query: &Query) -> Vec<Match> {
    let mut totals = vec![Totals::default(); index.len()];
    let mut meaning = 0.0;
    for (at, word) in query.words.iter().enumerate() {
        let open = query.open_ended && at + 1 == query.words.len();
        let expansions = expand(index, word, open);
        // An unknown word means as much as the rarest: what it asks for is not here.
        let weight = expansions
            .iter()
            .filter(|e| !e.fuzzy)
            .map(|e| index.weight(e.group))
            .reduce(f32::max)
            .unwrap_or(1.0);
        meaning += weight;
        for e in &expansions {
            for posting in index.postings(e.group) {
                let Some(total) = totals.get_mut(posting.document as usize) else { continue };
                total.offer(at, f32::from(posting.impact) / 255.0, e, weight);
            }
        }
    }
    totals
        .into_iter()
        .zip(0..)
        .filter(|(total, _)| total.seen)
        .map(|(mut total, document)| {
            total.settle();
            Match {
                document,
                score: total.score,
                coverage: (total.covered / f32::max(meaning, f32::MIN_POSITIVE)).min(1.0),
                fuzzy: total.fuzzy / f32::max(total.hits, 1.0),
            }
        })
        .collect()
}

/// Running sums of one document: the best expansion of each word counts, not all of them.
#[derive(Clone, Default)]
struct Totals {
    seen: bool,
    word: usize,
    best: f32,
    best_cover: f32,
    best_fuzzy: bool,
    score: f32,
    covered: f32,
    hits: f32,
    fuzzy: f32,
}

impl Totals {
    fn offer(&mut self, word: usize, impact: f32, expansion: &Expansion, weight: f32) {
        if self.seen && self.word != word {
            self.settle();
        }
        self.seen = true;
        self.word = word;
        let score = impact * expansion.closeness;
        if score > self.best {
            self.best = score;
            self.best_cover = weight * expansion.closeness;
            self.best_fuzzy = expansion.fuzzy;
        }
    }

    fn settle(&mut self) {
        self.score += std::mem::take(&mut self.best);
        self.covered += std::mem::take(&mut self.best_cover);
        self.hits += 1.0;
        if std::mem::take(&mut self.best_fuzzy) {
            self.fuzzy += 1.0;
        }
    }
}

fn expand(index: &Index, word: &str, open: bool) -> Vec<Expansion> {
    let mut found: Vec<Expansion> = Vec::new();
    if let Some(group) = index.terms().get(word) {
        found.push(Expansion { group, closeness: 1.0, fuzzy: false });
    }
    if open {
        expand_prefix(index, word, &mut found);
    }
    if found.is_empty() {
        expand_typos(index, word, open, &mut found);
    }
    // Several surface forms lead to one group: keep the closest.
    found.sort_by(|a, b| a.group.cmp(&b.group).then(b.closeness.total_cmp(&a.closeness)));
    found.dedup_by_key(|e| e.group);
    found
}

fn expand_prefix(index: &Index, word: &str, found: &mut Vec<Expansion>) {
    let mut stream = index.terms().search(Str::new(word).starts_with()).into_stream();
    let typed = word.chars().count() as f32;
    let mut taken = 0;
    while let Some((term, group)) = stream.next() {
        let length = std::str::from_utf8(term).map_or(term.len(), |t| t.chars().count()) as f32;
        found.push(Expansion { group, closeness: 0.6 + 0.35 * typed / length, fuzzy: false });
        taken += 1;
        if taken >= MAX_EXPANSIONS {
            break;
        }
    }
}

fn expand_typos(index: &Index, word: &str, open: bool, found: &mut Vec<Expansion>) {
    let length = word.chars().count();
    let is_number = word.bytes().all(|b| b.is_ascii_digit());
    let edits = match length {
        _ if is_number => 0,
        0..=3 => 0,
        4..=7 => 1,
        8..=MAX_CORRECTED_CHARS => 2,
        _ => 0,
    };
    for max in 1..=edits {
        let fuzzy = Fuzzy::new(word, max, open);
        let mut stream = index.terms().search(&fuzzy).into_stream();
        while let Some((term, group)) = stream.next() {
            let distance = fuzzy.distance(term).unwrap_or(max);
            let closeness = 0.8 - 0.2 * f32::from(distance);
            found.push(Expansion { group, closeness, fuzzy: true });
            if found.len() >= MAX_EXPANSIONS {
                break;
            }
        }
        if !found.is_empty() {
            return;
        }
    }
}
