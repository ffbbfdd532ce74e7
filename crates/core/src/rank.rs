//! What the ranker is given: the candidates for a text, each with its features.
//!
//! The trainer learns from the same rows that the browser computes.

use crate::index::{Comparer, DocumentKind, Index};
use crate::protocol::Signals;
use crate::search::{Query, Resolved, best_of_kinds, search_vectors, search_words};
use crate::text::normalize;

/// Number of features of a candidate.
pub const RANK_FEATURES: usize = 20;

/// Best word matches of each kind that become candidates.
const WORDS_PER_KIND: usize = 24;
/// Nearest products and sections by meaning that become candidates.
const NEAREST: usize = 12;
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

/// Gathers the candidates for a query: by word, by meaning and by intent.
pub fn candidates(
    index: &Index,
    query: &Query,
    encoded: Encoded<'_>,
    session: &Session,
) -> Vec<Candidate> {
    let mut found: Vec<(u32, DocumentKind, Words)> = Vec::new();
    let resolved = Resolved::new(index, query);
    let matches = search_words(index, &resolved);
    let (best_matches, best_score) = best_of_kinds(index, &matches, WORDS_PER_KIND);
    for m in best_matches {
        let Some((kind, _)) = index.kind(m.document) else { continue };
        let words = Words { score: m.score / best_score, coverage: m.coverage, fuzzy: m.fuzzy };
        found.push((m.document, kind, words));
    }
    let add = |document: u32, found: &mut Vec<(u32, DocumentKind, Words)>| {
        if let Some((kind, _)) = index.kind(document)
            && resolved.admits(index, document)
            && !found.iter().any(|(d, ..)| *d == document)
        {
            found.push((document, kind, Words::default()));
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
    if query.words.is_empty() && !query.wants.price.is_any() {
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
    let best = best_score.min(4.0) / 4.0;
    found
        .into_iter()
        .map(|(document, kind, words)| Candidate {
            document,
            kind,
            features: features(
                index,
                (query, &resolved),
                (encoded, comparer.as_ref()),
                session,
                (document, kind, words),
                best,
            ),
        })
        .collect()
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
    (query, resolved): (&Query, &Resolved),
    (encoded, comparer): (Encoded<'_>, Option<&Comparer<'_>>),
    session: &Session,
    (document, kind, words): (u32, DocumentKind, Words),
    best_score: f32,
) -> [f32; RANK_FEATURES] {
    let is = |k| f32::from(u8::from(kind == k));
    let meaning = comparer.and_then(|comparer| comparer.cosine(document)).unwrap_or(0.0);
    let intent = match kind {
        DocumentKind::Section | DocumentKind::Action => {
            index.intents(document).iter().map(|i| probability(encoded, usize::from(*i))).sum()
        }
        DocumentKind::Product | DocumentKind::Completion => {
            product_probability(index, encoded.probabilities)
        }
    };
    let (viewed, carted) = affinity(index, session, document, kind);
    let (title_share, names_it) = title_fit(index, (query, resolved), document);
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
        (query.words.len() as f32 / 6.0).min(1.0),
        f32::from(u8::from(query.open_ended)),
        best_score,
        viewed,
        carted,
        title_share,
        names_it,
        words.coverage * names_it,
    ]
}

/// How a document's title fits a query: the share of it that is asked for, and 1 for what speaks
/// most for a document of its kind. Of a product that is the thing it names, of a section that it
/// leads its document, of a completion that it begins with the draft.
fn title_fit(index: &Index, (query, resolved): (&Query, &Resolved), document: u32) -> (f32, f32) {
    let yes = |it: bool| f32::from(u8::from(it));
    let Some((kind, at)) = index.kind(document) else { return (0.0, 0.0) };
    match kind {
        DocumentKind::Product => resolved.product_match(index, document),
        DocumentKind::Section => {
            let title = index.section_title(at).unwrap_or_default();
            (resolved.title_match(index, title).0, yes(index.leads_document(at)))
        }
        DocumentKind::Completion => {
            let text = index.completion(at).unwrap_or_default();
            let share = query.text.len() as f32 / text.len().max(1) as f32;
            let begins = !query.text.is_empty() && normalize(text).starts_with(&query.text);
            (share.min(1.0), yes(begins))
        }
        DocumentKind::Action => (0.0, 0.0),
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

/// Puts the products that have most of what is asked for in the order of their price, where the
/// query asks for that. `ranked` is best first.
pub fn by_price<T>(
    index: &Index,
    query: &Query,
    ranked: &mut [T],
    candidate: impl Fn(&T) -> &Candidate,
) {
    let Some(order) = query.wants.order else { return };
    let is_product = |item: &T| candidate(item).kind == DocumentKind::Product;
    let most = ranked.iter().filter(|i| is_product(i)).map(|i| candidate(i).coverage());
    let enough = 0.8 * most.fold(0.0, f32::max);
    ranked.sort_by_key(|item| {
        let found = candidate(item);
        let price = index.price(found.document).filter(|_| found.coverage() >= enough);
        order.key(price)
    });
}

impl Candidate {
    /// Share of the query's meaning that the document has, 0 to 1.
    pub fn coverage(&self) -> f32 {
        let [_, _, _, _, _, coverage, ..] = self.features;
        coverage
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
    }
}
