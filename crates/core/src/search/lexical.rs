//! Word search over the term dictionary.

use std::collections::HashSet;

use fst::automaton::{Automaton, Str};
use fst::{IntoStreamer, Streamer};

use super::best::Best;
use super::fuzzy::Fuzzy;
use super::spelling::variants;
use super::wants::{self, PriceRange, Wants};
use crate::index::Index;
use crate::text::{is_stopword, normalize, tokens};

/// Words of a query beyond this many are not searched.
const MAX_QUERY_WORDS: usize = 12;
/// Dictionary entries that one half-typed or mistyped word may stand for.
const MAX_EXPANSIONS: usize = 200;

/// Shortest beginning of a SKU that stands for it: "1" begins every tenth.
const MIN_SKU_CHARS: usize = 3;

/// Words that shoppers say around what they want; some stand in titles too ("Best Wishes", "Keep
/// Calm"), and there they are rare, which would make them tell a lot.
const ASIDES: &[&str] = &[
    "after",
    "all",
    "another",
    "around",
    "because",
    "best",
    "bit",
    "bring",
    "buy",
    "carry",
    "come",
    "comes",
    "day",
    "days",
    "ever",
    "every",
    "find",
    "go",
    "goes",
    "going",
    "good",
    "great",
    "hang",
    "help",
    "here",
    "hold",
    "holding",
    "holds",
    "idea",
    "ideas",
    "inside",
    "keep",
    "keeping",
    "keeps",
    "kind",
    "let",
    "likes",
    "look",
    "lot",
    "love",
    "loves",
    "make",
    "makes",
    "making",
    "new",
    "nice",
    "off",
    "ones",
    "out",
    "over",
    "perfect",
    "place",
    "pretty",
    "protect",
    "put",
    "puts",
    "putting",
    "real",
    "really",
    "shape",
    "shaped",
    "shop",
    "someone",
    "somebody",
    "somewhere",
    "stay",
    "stop",
    "stops",
    "store",
    "stuff",
    "take",
    "tell",
    "tells",
    "thing",
    "things",
    "too",
    "turn",
    "type",
    "up",
    "use",
    "used",
    "using",
    "very",
    "while",
    "work",
    "works",
];
/// What such a word counts of what another counts, when it is not all that is said.
const ASIDE_WEIGHT: f32 = 0.35;

/// Letters from which a whole word that the shop does not have may be the beginning of one.
const MIN_UNFINISHED: usize = 3;

/// Longest word that typos are forgiven in, in characters. What it takes to look for typos grows
/// with the square of the length, and a text without spaces is one word.
const MAX_CORRECTED_CHARS: usize = 24;

/// A query, cut into words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The normalised text as a whole.
    pub text: String,
    /// Normalised words that carry meaning; all words when none does.
    pub words: Vec<String>,
    /// Whether the last word may still be unfinished.
    pub open_ended: bool,
    /// What is asked for besides words.
    pub wants: Wants,
}

impl Query {
    /// Reads a draft: the last word is taken as unfinished unless something follows it.
    pub fn draft(text: &str) -> Self {
        let query = Self::message(text);
        let last = text.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let is_word = query.words.last().is_some_and(|word| *word == normalize(last));
        Self { open_ended: is_word && !last.is_empty(), ..query }
    }

    /// Reads a whole message.
    pub fn message(text: &str) -> Self {
        let (wants, rest) = wants::read(text);
        let normalized = normalize(&rest);
        let all: Vec<&str> = tokens(&normalized).take(4 * MAX_QUERY_WORDS).collect();
        let mut words: Vec<String> = Vec::new();
        for (at, word) in all.iter().enumerate() {
            // The word being typed may become another one: "the" on the way to "thermometer".
            let is_all = at == 0 && all.len() == 1 && wants == Wants::default();
            let known = words.iter().any(|w| w == word);
            if (!is_stopword(word) || is_all) && !known {
                words.push((*word).to_owned());
            }
        }
        words.truncate(MAX_QUERY_WORDS);
        Self { text: normalize(text), words, open_ended: false, wants }
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
#[derive(Clone, Copy, Debug)]
struct Expansion {
    group: u64,
    /// 1 for the very word, less for a prefix or a typo.
    closeness: f32,
    fuzzy: bool,
}

/// A word of a query as the index knows it.
#[derive(Clone, Debug)]
pub(super) struct Term {
    word: String,
    expansions: Vec<Expansion>,
    /// How much the word tells, 0 to 1.
    weight: f32,
    /// What it counts beside the other words, 0 to 1.
    share: f32,
    /// Said not to be wanted in a product. A page may still be about it.
    is_denied: bool,
}

impl Term {
    /// How much the word tells, 0 to 1.
    pub(super) fn weight(&self) -> f32 {
        self.weight
    }

    /// How close a word of a title, of this group, is to the word: 1 for the very word, 0 for
    /// another.
    pub(super) fn closeness(&self, group: u64, word: &str) -> f32 {
        let found = self.expansions.binary_search_by(|e| e.group.cmp(&group)).ok();
        match found.and_then(|at| self.expansions.get(at)) {
            Some(e) if e.closeness == 1.0 && !differ_in_number(&self.word, word) => RELATIVE,
            Some(e) => e.closeness,
            None => 0.0,
        }
    }
}

/// What a word counts of the same stem that is another word: "mirrored" for "mirrors".
const RELATIVE: f32 = 0.85;

/// Whether words of one group are the same but for their number.
fn differ_in_number(one: &str, other: &str) -> bool {
    let singular = |word: &str| -> String {
        let cut = |end: &str| word.strip_suffix(end).filter(|stem| stem.len() > 1);
        match (cut("ies"), cut("es"), cut("s")) {
            (Some(stem), ..) => format!("{stem}y"),
            (_, Some(stem), _) if stem.ends_with(['s', 'x', 'h']) => stem.to_owned(),
            (.., Some(stem)) if !stem.ends_with('s') => stem.to_owned(),
            _ => word.to_owned(),
        }
    };
    singular(one) == singular(other)
}

/// A query as an index knows it.
#[derive(Clone, Debug)]
pub struct Resolved {
    terms: Vec<Term>,
    /// Products that have what is not wanted.
    vetoed: HashSet<u32>,
    price: PriceRange,
}

impl Resolved {
    /// Looks the words of a query up.
    pub fn new(index: &Index, query: &Query) -> Self {
        let mut denied: Vec<String> = query.wants.excluded.clone();
        let mut terms = Vec::with_capacity(query.words.len());
        for (at, word) in query.words.iter().enumerate() {
            if let Some(rest) = denied_by_prefix(index, word) {
                denied.push(rest.to_owned());
                continue;
            }
            let open = query.open_ended && at + 1 == query.words.len();
            match compound(index, word, open) {
                Some((first, second)) => {
                    terms.push(term(index, first, false, false));
                    terms.push(term(index, second, open, false));
                }
                None => terms.push(term(index, word, open, false)),
            }
        }
        lower_asides(&query.words, &mut terms);
        join_neighbours(index, &mut terms);
        let mut vetoed = HashSet::new();
        for word in denied {
            for group in spelt(index, &word) {
                vetoed.extend(having(index, group));
            }
            terms.push(term(index, &word, false, true));
        }
        Self { terms, vetoed, price: query.wants.price }
    }

    /// Whether a product may be shown; true for everything else.
    pub fn admits(&self, index: &Index, document: u32) -> bool {
        let Some(price) = index.price(document) else { return true };
        self.price.contains(price) && !self.vetoed.contains(&document)
    }

    /// The words that are asked for, in order.
    pub(super) fn asked(&self) -> Vec<&Term> {
        self.terms.iter().filter(|term| !term.is_denied).collect()
    }
}

/// Share of a word's greatest impact from which a product has the word itself, in its title or
/// among its tags. Below it, shoppers may only say the word for it.
const OWN_IMPACT: f32 = 0.42;

/// The products that have a word of their own.
fn having(index: &Index, group: u64) -> impl Iterator<Item = u32> {
    let products = index.products();
    let most = index
        .postings(group)
        .filter(|posting| products.contains(&posting.document))
        .map(|posting| posting.impact)
        .fold(0.0, f32::max);
    let least = OWN_IMPACT * most;
    index
        .postings(group)
        .filter(move |posting| posting.impact >= least)
        .map(|posting| posting.document)
}

/// What one word counts for two that it is written of: "tea cup" and "teacup".
const JOINED: f32 = 0.95;

/// Lets neighbouring words stand for the one that they make together.
fn join_neighbours(index: &Index, terms: &mut [Term]) {
    let pairs = terms.iter().zip(terms.iter().skip(1));
    let joined: Vec<Option<u64>> =
        pairs.map(|(one, next)| index.terms().get(format!("{}{}", one.word, next.word))).collect();
    for (at, group) in joined.into_iter().enumerate() {
        let Some(group) = group else { continue };
        for term in terms.iter_mut().skip(at).take(2) {
            if let Err(place) = term.expansions.binary_search_by(|e| e.group.cmp(&group)) {
                let expansion = Expansion { group, closeness: JOINED, fuzzy: false };
                term.expansions.insert(place, expansion);
            }
        }
    }
}

/// Lets the words that are said around a thing count less, where there are others.
fn lower_asides(words: &[String], terms: &mut [Term]) {
    let is_aside = |word: &str| ASIDES.contains(&word);
    if words.iter().all(|word| is_aside(word)) {
        return;
    }
    for term in terms.iter_mut().filter(|term| is_aside(&term.word)) {
        term.weight *= ASIDE_WEIGHT;
        term.share = ASIDE_WEIGHT;
    }
}

/// "unscented": a word that the index does not have, but without "un" it does.
fn denied_by_prefix<'a>(index: &Index, word: &'a str) -> Option<&'a str> {
    let rest = word.strip_prefix("un").or_else(|| word.strip_prefix("non"))?;
    (rest.len() >= 4 && !index.terms().contains_key(word) && index.terms().contains_key(rest))
        .then_some(rest)
}

/// "cakestand": a word that the index has as two. The division with the longest shorter part.
fn compound<'a>(index: &Index, word: &'a str, open: bool) -> Option<(&'a str, &'a str)> {
    let is_known = |part: &str| part.len() >= 3 && index.terms().contains_key(part);
    let is_begun = |part: &str| {
        let mut begun = index.terms().search(Str::new(part).starts_with()).into_stream();
        part.len() >= 2 && begun.next().is_some()
    };
    let unfinished = open || word.len() >= MIN_UNFINISHED;
    if !spelt(index, word).is_empty() || unfinished && is_begun(word) {
        return None;
    }
    let parts = word.char_indices().filter_map(|(at, _)| word.split_at_checked(at));
    parts
        .filter(|(first, second)| is_known(first) && (is_known(second) || open && is_begun(second)))
        .max_by_key(|(first, second)| first.len().min(second.len()))
}

fn term(index: &Index, word: &str, open: bool, is_denied: bool) -> Term {
    let expansions = expand(index, word, open);
    // An unknown word means as much as the rarest: what it asks for is not here.
    let weight = expansions
        .iter()
        .filter(|e| !e.fuzzy)
        .map(|e| index.weight(e.group))
        .reduce(f32::max)
        .unwrap_or(1.0);
    Term { word: word.to_owned(), expansions, weight, share: 1.0, is_denied }
}

/// Every document that has at least one word of the query, in no order. Products that the query
/// does not admit are left out.
pub fn search_words(index: &Index, query: &Resolved) -> Vec<Match> {
    let mut sums = Sums { places: vec![0; index.len()], found: Vec::new() };
    let products = index.products();
    let (mut meaning, mut denied_meaning) = (0.0, 0.0);
    for (at, term) in query.terms.iter().enumerate() {
        if term.is_denied {
            denied_meaning += term.weight;
        } else {
            meaning += term.weight;
        }
        for e in &term.expansions {
            for posting in index.postings(e.group) {
                if term.is_denied && products.contains(&posting.document) {
                    continue;
                }
                if let Some(total) = sums.of(posting.document) {
                    total.offer(at, term.share * posting.impact, e, term.weight);
                }
            }
        }
    }
    sums.found
        .into_iter()
        .filter(|(document, _)| query.admits(index, *document))
        .map(|(document, mut total)| {
            total.settle();
            let asked =
                if products.contains(&document) { meaning } else { meaning + denied_meaning };
            Match {
                document,
                score: total.score,
                coverage: (total.covered / f32::max(asked, f32::MIN_POSITIVE)).min(1.0),
                fuzzy: total.fuzzy / f32::max(total.hits, 1.0),
            }
        })
        .collect()
}

/// The best matches of each kind of document, as many as its limit, all in one list, best first, and the greatest score
/// of all matches. Of equals the more popular ones come first.
pub fn best_of_kinds(index: &Index, matches: &[Match], limits: [usize; 4]) -> (Vec<Match>, f32) {
    let best_score = matches.iter().map(|m| m.score).fold(f32::MIN_POSITIVE, f32::max);
    let strength = |m: &Match| m.score / best_score + m.coverage;
    let compare = |a: &(f32, Match), b: &(f32, Match)| {
        let popularity = |m: &Match| index.popularity(m.document);
        b.0.total_cmp(&a.0)
            .then_with(|| popularity(&b.1).total_cmp(&popularity(&a.1)))
            .then_with(|| a.1.document.cmp(&b.1.document))
    };
    let kinds = [index.products(), index.sections(), index.actions(), index.completions()];
    let mut best: Vec<_> =
        kinds.into_iter().zip(limits).map(|(kind, limit)| (kind, Best::new(limit))).collect();
    for m in matches {
        if let Some((_, best)) = best.iter_mut().find(|(kind, _)| kind.contains(&m.document)) {
            best.offer((strength(m), *m), |a, b| compare(a, b).is_lt());
        }
    }
    let mut all: Vec<(f32, Match)> =
        best.into_iter().flat_map(|(_, best)| best.into_vec()).collect();
    all.sort_unstable_by(compare);
    (all.into_iter().map(|(_, m)| m).collect(), best_score)
}

/// Running sums of the documents that have been met.
struct Sums {
    /// For each document one more than its place among those found, or 0.
    places: Vec<u32>,
    found: Vec<(u32, Totals)>,
}

impl Sums {
    fn of(&mut self, document: u32) -> Option<&mut Totals> {
        let place = self.places.get_mut(document as usize)?;
        if *place == 0 {
            self.found.push((document, Totals::default()));
            *place = self.found.len() as u32;
        }
        self.found.get_mut(*place as usize - 1).map(|(_, total)| total)
    }
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

/// The word groups of a word in any spelling.
fn spelt(index: &Index, word: &str) -> Vec<u64> {
    let own = index.terms().get(word);
    own.into_iter().chain(variants(word).filter_map(|other| index.terms().get(other))).collect()
}

fn expand(index: &Index, word: &str, open: bool) -> Vec<Expansion> {
    let exact = |group| Expansion { group, closeness: 1.0, fuzzy: false };
    let mut found: Vec<Expansion> = spelt(index, word).into_iter().map(exact).collect();
    let may_begin = open && word.len() >= MIN_SKU_CHARS;
    for (group, length) in index.sku_groups(word).take(MAX_EXPANSIONS) {
        let is_whole = length == word.len();
        if is_whole || may_begin {
            let begun = prefix_closeness(word.len() as f32, length as f32);
            let closeness = if is_whole { 1.0 } else { begun };
            found.push(Expansion { group, closeness, fuzzy: false });
        }
    }
    if open {
        expand_prefix(index, word, &mut found);
    }
    if found.is_empty() {
        expand_typos(index, word, open, &mut found);
        // What was sent may still be the beginning of a word.
        if !open && word.len() >= MIN_UNFINISHED {
            expand_prefix(index, word, &mut found);
        }
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
        let closeness = prefix_closeness(typed, length);
        found.push(Expansion { group, closeness, fuzzy: false });
        taken += 1;
        if taken >= MAX_EXPANSIONS {
            break;
        }
    }
}

/// How close a word comes to what was typed of it. A whole word that others begin with is closer.
fn prefix_closeness(typed: f32, length: f32) -> f32 {
    0.6 + 0.35 * typed / length
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
            // Of words that are as near, the one that more products have is more often meant.
            let common = 1.0 - index.weight(group);
            let closeness = 0.8 - 0.2 * f32::from(distance) + 0.15 * common;
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
