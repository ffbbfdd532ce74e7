//! What the ranker is given: the candidates for a text, each with its features.
//!
//! The trainer learns from the same rows that the browser computes.

use crate::index::{Comparer, DocumentKind, Index};
use crate::protocol::Signals;
use crate::search::{
    PriceOrder, Query, Resolved, TitleFit, best_of_kinds, search_vectors, search_words,
    stated_count,
};
use crate::text::normalize;

/// Number of features of a candidate.
pub const RANK_FEATURES: usize = 28;
/// Position of the score of the words, as a share of the best.
const WORD_SCORE: usize = 4;
/// Position of the share of the query's meaning that the document has.
pub(crate) const COVERAGE: usize = 5;
/// Position of the likeness of meaning.
pub(crate) const MEANING: usize = 8;
/// Position of the probability of the document's intents.
pub(crate) const INTENT: usize = 11;
/// Position of whether the shopper looked at the product, or at one of its category.
const VIEWED: usize = 15;
/// Position of whether the shopper holds the product, or one of its category.
const IN_CART: usize = 16;
/// Position of whether the title names the thing that is asked for.
const NAMES_IT: usize = 18;
/// Position of the share of the query's meaning that the title has.
const TITLE_COVERAGE: usize = 20;
/// Position of how well the title fits, as a share of the best.
const TITLE_SCORE: usize = 21;

/// Best word matches that are looked at closer: products, sections, actions, completions.
const WORDS_PER_KIND: [usize; 4] = [160, 24, 24, 24];
/// Products of these that become candidates, those with the best titles first.
const PRODUCTS: usize = 48;
/// Nearest products and sections by meaning that become candidates.
const NEAREST: usize = 24;
/// Sections and actions of this many best intents become candidates.
const INTENTS: usize = 3;

/// What the encoder made of the text; empty slices when there is no model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Encoded<'a> {
    /// Query vector, quantised to -127..=127.
    pub vector: &'a [i8],
    /// Calibrated probability of every label of the index, in its order.
    pub probabilities: &'a [f32],
}

/// A document with what the ranker knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Number of the document.
    pub document: u32,
    /// What it is.
    pub kind: DocumentKind,
    /// See [`RANK_FEATURES`]; every value is about 0 to 1.
    pub features: [f32; RANK_FEATURES],
}

/// Products that the shopper looked at or holds, as positions in the index.
#[derive(Clone, Debug, Default)]
pub struct Session {
    viewed: Vec<u32>,
    in_cart: Vec<u32>,
}

impl Session {
    /// Looks the signals up; handles that the index does not know are left out.
    pub fn new(index: &Index, signals: &Signals) -> Self {
        let find = |handles: &[String]| {
            handles.iter().take(20).filter_map(|h| index.product_by_handle(h)).collect()
        };
        Self { viewed: find(&signals.viewed), in_cart: find(&signals.in_cart) }
    }
}

/// Word evidence of a candidate.
#[derive(Clone, Copy, Default)]
struct Words {
    score: f32,
    coverage: f32,
    fuzzy: f32,
}

/// A candidate before its features are computed.
struct Found {
    document: u32,
    kind: DocumentKind,
    words: Words,
    fit: TitleFit,
}

/// Gathers the candidates for a query: by word, by meaning and by intent.
pub fn candidates(
    index: &Index,
    query: &Query,
    encoded: Encoded<'_>,
    session: &Session,
) -> Vec<Candidate> {
    let mut found: Vec<Found> = Vec::new();
    let resolved = Resolved::new(index, query);
    let matches = search_words(index, &resolved);
    let (best_matches, best_score) = best_of_kinds(index, &matches, WORDS_PER_KIND);
    for m in best_matches {
        let Some((kind, _)) = index.kind(m.document) else { continue };
        let words = Words { score: m.score / best_score, coverage: m.coverage, fuzzy: m.fuzzy };
        let fit = title_fit(index, (query, &resolved), m.document);
        found.push(Found { document: m.document, kind, words, fit });
    }
    keep_best_titles(&mut found);
    let add = |document: u32, found: &mut Vec<Found>| {
        if let Some((kind, _)) = index.kind(document)
            && resolved.admits(index, document)
            && !found.iter().any(|known| known.document == document)
        {
            let fit = title_fit(index, (query, &resolved), document);
            found.push(Found { document, kind, words: Words::default(), fit });
        }
    };
    let comparer = index.comparer(encoded.vector);
    if let Some(comparer) = &comparer {
        for range in [index.products(), index.sections()] {
            for similar in search_vectors(index, comparer, range, NEAREST) {
                add(similar.document, &mut found);
            }
        }
    }
    if query.words.is_empty() && query.wants.names_products() {
        for document in best_sellers(index, &resolved) {
            add(document, &mut found);
        }
    }
    let top = top_intents(encoded.probabilities, INTENTS);
    for document in index.sections().chain(index.actions()) {
        if index.intents(document).iter().any(|i| top.contains(&usize::from(*i))) {
            add(document, &mut found);
        }
    }
    let of_products = || found.iter().filter(|found| found.kind == DocumentKind::Product);
    let asked = Asked {
        query,
        encoded,
        best_score: best_score.min(4.0) / 4.0,
        best_title: of_products().map(|found| found.fit.coverage).fold(0.0, f32::max),
        best_title_score: of_products()
            .map(|found| found.fit.score)
            .fold(f32::MIN_POSITIVE, f32::max),
        best_meaning: of_products()
            .map(|found| meaning(comparer.as_ref(), found.document))
            .fold(0.0, f32::max),
        product_probability: product_probability(index, encoded.probabilities),
        comparer: comparer.as_ref(),
    };
    found
        .into_iter()
        .map(|Found { document, kind, words, fit }| Candidate {
            document,
            kind,
            features: features(index, &asked, session, (document, kind), words, fit),
        })
        .collect()
}

/// Leaves of the products those whose titles and words fit best together.
fn keep_best_titles(found: &mut Vec<Found>) {
    let is_product = |found: &Found| found.kind == DocumentKind::Product;
    let titles = found.iter().filter(|found| is_product(found)).map(|found| found.fit.score);
    let best = titles.fold(f32::MIN_POSITIVE, f32::max);
    let strength =
        |found: &Found| found.fit.score / best + found.words.score + found.words.coverage;
    let mut products: Vec<Found> = found.extract_if(.., |found| is_product(found)).collect();
    // Stable, so that what sells better stays first among equals.
    products.sort_by(|a, b| strength(b).total_cmp(&strength(a)));
    products.truncate(PRODUCTS);
    found.append(&mut products);
}

/// What the features of every candidate of a query have in common.
struct Asked<'a> {
    query: &'a Query,
    encoded: Encoded<'a>,
    best_score: f32,
    /// The most of the query's meaning that the title of one product has. When it is all, what is
    /// asked for is here by name, and neither resemblance nor what shoppers say matters.
    best_title: f32,
    best_title_score: f32,
    best_meaning: f32,
    product_probability: f32,
    comparer: Option<&'a Comparer<'a>>,
}

/// Positions of the most probable labels, best first.
pub fn top_intents(probabilities: &[f32], limit: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    let probability = |at: &usize| probabilities.get(*at).copied().unwrap_or(0.0);
    order.sort_by(|a, b| probability(b).total_cmp(&probability(a)).then(a.cmp(b)));
    order.truncate(limit);
    order
}

/// What sells best of what the query admits, for a query that is a price alone.
fn best_sellers(index: &Index, resolved: &Resolved) -> Vec<u32> {
    let mut admitted: Vec<u32> =
        index.products().filter(|product| resolved.admits(index, *product)).collect();
    admitted.sort_by(|a, b| index.popularity(*b).total_cmp(&index.popularity(*a)).then(a.cmp(b)));
    admitted.truncate(NEAREST);
    admitted
}

fn features(
    index: &Index,
    asked: &Asked<'_>,
    session: &Session,
    (document, kind): (u32, DocumentKind),
    words: Words,
    fit: TitleFit,
) -> [f32; RANK_FEATURES] {
    let is = |k| f32::from(u8::from(kind == k));
    let meaning = meaning(asked.comparer, document);
    let intent = match kind {
        DocumentKind::Section | DocumentKind::Action => index
            .intents(document)
            .iter()
            .map(|i| probability(asked.encoded, usize::from(*i)))
            .sum(),
        DocumentKind::Product | DocumentKind::Completion => asked.product_probability,
    };
    let (viewed, carted) = affinity(index, session, document, kind);
    let unnamed = 1.0 - asked.best_title;
    [
        is(DocumentKind::Product),
        is(DocumentKind::Section),
        is(DocumentKind::Action),
        is(DocumentKind::Completion),
        words.score,
        words.coverage,
        words.coverage * words.coverage,
        words.fuzzy,
        meaning,
        index.popularity(document),
        f32::from(u8::from(index.available(document))),
        intent,
        (asked.query.words.len() as f32 / 6.0).min(1.0),
        f32::from(u8::from(asked.query.open_ended)),
        asked.best_score,
        viewed,
        carted,
        fit.share,
        fit.names_it,
        words.coverage * fit.names_it,
        fit.coverage,
        (fit.score / asked.best_title_score).min(1.0),
        fit.phrase,
        asked.best_title,
        meaning * unnamed,
        (asked.best_meaning - meaning).clamp(0.0, 1.0),
        count_fit(index, asked.query, document),
        (words.coverage - fit.coverage).max(0.0) * unnamed,
    ]
}

fn meaning(comparer: Option<&Comparer<'_>>, document: u32) -> f32 {
    comparer.and_then(|comparer| comparer.cosine(document)).unwrap_or(0.0)
}

/// 1 for a product of as many pieces as are asked for, -1 for one of another number.
fn count_fit(index: &Index, query: &Query, document: u32) -> f32 {
    let stated = query.wants.count.and_then(|_| stated_count(&index.title(document)?));
    match (query.wants.count, stated) {
        (Some(asked), Some(stated)) if asked == stated => 1.0,
        (Some(_), Some(_)) => -1.0,
        _ => 0.0,
    }
}

/// How a document's title fits a query. What speaks most for a document stands for the thing that
/// a product names: of a section that it leads its document, of a completion that it begins with
/// the draft.
fn title_fit(index: &Index, (query, resolved): (&Query, &Resolved), document: u32) -> TitleFit {
    let yes = |it: bool| f32::from(u8::from(it));
    let Some((kind, at)) = index.kind(document) else { return TitleFit::default() };
    match kind {
        DocumentKind::Product => {
            index.title(document).map(|t| resolved.title_fit(index, &t)).unwrap_or_default()
        }
        DocumentKind::Section => {
            let title = index.section_title(at).unwrap_or_default();
            let names_it = yes(index.leads_document(at));
            TitleFit { names_it, ..resolved.title_fit(index, title) }
        }
        DocumentKind::Completion => {
            let text = index.completion(at).unwrap_or_default();
            let share = query.text.len() as f32 / text.len().max(1) as f32;
            let begins = !query.text.is_empty() && normalize(text).starts_with(&query.text);
            TitleFit { share: share.min(1.0), names_it: yes(begins), ..TitleFit::default() }
        }
        DocumentKind::Action => TitleFit::default(),
    }
}

/// Intents that ask for products.
const PRODUCT_INTENTS: [&str; 4] =
    ["product_search", "product_recommend", "availability", "product_compare"];

/// Probability that products are asked for.
pub fn product_probability(index: &Index, probabilities: &[f32]) -> f32 {
    index
        .labels()
        .iter()
        .enumerate()
        .filter(|(_, label)| PRODUCT_INTENTS.contains(&label.as_str()))
        .filter_map(|(at, _)| probabilities.get(at))
        .sum()
}

fn probability(encoded: Encoded<'_>, label: usize) -> f32 {
    encoded.probabilities.get(label).copied().unwrap_or(0.0)
}

/// Whether the shopper looked at, or holds, this product (1) or one of its category (0.5).
fn affinity(index: &Index, session: &Session, document: u32, kind: DocumentKind) -> (f32, f32) {
    if kind != DocumentKind::Product {
        return (0.0, 0.0);
    }
    let of = |products: &[u32]| {
        if products.contains(&document) {
            1.0
        } else if products.iter().any(|p| index.category(*p) == index.category(document)) {
            0.5
        } else {
            0.0
        }
    };
    (of(&session.viewed), of(&session.in_cart))
}

/// Puts what has most of what is asked for first, by words and title: the order where there is no
/// model to learn one.
pub fn by_words(found: &mut [Candidate]) {
    // Stable, so that what sells better stays first among equals.
    found.sort_by(|a, b| b.word_strength().total_cmp(&a.word_strength()));
}

/// Puts the products that have most of what is asked for in the order of their price, or those of
/// its cheaper or dearer half first, where the query asks for that. `ranked` is best first.
pub fn by_price<T>(
    index: &Index,
    query: &Query,
    ranked: &mut [T],
    candidate: impl Fn(&T) -> &Candidate,
) {
    let Some(order) = query.wants.order.or(query.wants.leaning) else { return };
    let is_product = |item: &T| candidate(item).kind == DocumentKind::Product;
    let most =
        ranked.iter().filter(|i| is_product(i)).map(|i| candidate(i).fit()).fold(0.0, f32::max);
    let fitting = |item: &T| {
        let found = candidate(item);
        index.price(found.document).filter(|_| found.fit() >= 0.8 * most)
    };
    if query.wants.order.is_some() {
        ranked.sort_by_key(|item| order.key(fitting(item)));
        return;
    }
    let mut prices: Vec<u32> = ranked.iter().filter_map(&fitting).collect();
    prices.sort_unstable();
    let Some(middle) = prices.get(prices.len() / 2).copied() else { return };
    ranked.sort_by_key(|item| match (fitting(item), order) {
        (Some(price), PriceOrder::Cheapest) => u8::from(price > middle),
        (Some(price), PriceOrder::Dearest) => u8::from(price < middle),
        (None, _) => 2,
    });
}

impl Candidate {
    /// Share of the query's meaning that the document has, 0 to 1.
    pub fn coverage(&self) -> f32 {
        self.feature(COVERAGE)
    }

    /// Likeness of meaning, -1 to 1; 0 where the query has no vector.
    pub(crate) fn meaning(&self) -> f32 {
        self.feature(MEANING)
    }

    /// Probability that the query has one of the document's intents.
    pub(crate) fn intent(&self) -> f32 {
        self.feature(INTENT)
    }

    /// Whether the shopper looked at, or holds, this product (1) or one of its category (0.5).
    pub fn own_signal(&self) -> f32 {
        self.feature(VIEWED).max(self.feature(IN_CART))
    }

    /// How much words and title speak for the document.
    fn word_strength(&self) -> f32 {
        self.coverage()
            + self.feature(WORD_SCORE)
            + self.feature(NAMES_IT)
            + self.feature(TITLE_SCORE)
    }

    /// How much of what is asked for a product is by name: its coverage, and more for what its
    /// title has.
    fn fit(&self) -> f32 {
        (self.coverage() + self.feature(TITLE_COVERAGE)) / 2.0
    }

    fn feature(&self, at: usize) -> f32 {
        self.features.get(at).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{IndexBuilder, NewProduct};

    #[test]
    fn an_order_by_price_is_kept_among_what_fits() {
        let product = |title: &str, price_minor| NewProduct {
            sku: title.into(),
            handle: title.into(),
            title: title.into(),
            price_minor,
            available: true,
            ..NewProduct::default()
        };
        let builder = IndexBuilder {
            products: vec![
                product("Wall Clock", 900),
                product("Wall Clock Small", 300),
                product("Wall Hook", 100),
                product("Wall Clock Large", 1_500),
            ],
            ..IndexBuilder::default()
        };
        let index = Index::open(&builder.build(&str::to_owned).unwrap()).unwrap();
        let order = |text: &str| {
            let query = Query::message(text);
            let mut found = candidates(&index, &query, Encoded::default(), &Session::default());
            by_price(&index, &query, &mut found, |candidate| candidate);
            found.iter().filter_map(|c| index.price(c.document)).collect::<Vec<_>>()
        };
        assert_eq!(order("cheapest wall clock"), [300, 900, 1_500, 100]);
        assert_eq!(order("most expensive wall clock"), [1_500, 900, 300, 100]);
        assert_eq!(order("anything under £4"), [300, 100]);
        let mut cheap = order("cheap wall clock");
        assert_eq!(cheap.pop(), Some(100));
        assert_eq!(cheap.pop(), Some(1_500));
        assert_eq!(order("luxury wall clock").last(), Some(&100));
    }

    #[test]
    fn products_of_the_number_that_is_asked_for_are_told_apart() {
        let product = |title: &str| NewProduct {
            sku: title.into(),
            handle: title.into(),
            title: title.into(),
            ..NewProduct::default()
        };
        let titles = ["Set of 6 Spoons", "Set of 4 Spoons", "Spoon"];
        let builder =
            IndexBuilder { products: titles.map(product).to_vec(), ..IndexBuilder::default() };
        let index = Index::open(&builder.build(&str::to_owned).unwrap()).unwrap();
        let query = Query::message("set of six spoons");
        let fits: Vec<f32> = index.products().map(|p| count_fit(&index, &query, p)).collect();
        assert_eq!(fits, [1.0, -1.0, 0.0]);
    }
}
