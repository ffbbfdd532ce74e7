//! What a shop lacks of what is asked for.

use super::lexical::{Query, Resolved, search_words};
use super::wants::PriceRange;
use crate::index::Index;
use crate::protocol::LackReason;

/// Least share of a query's meaning that a product must have to count as what is asked for.
const ENOUGH: f32 = 0.5;

/// Why no product is what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// No product has these words, as they were typed but in their normal form.
    Thing(Vec<String>),
    /// There are such products, but not at that price.
    Price(PriceRange),
    /// There are such products, but only with what is not wanted.
    Without(Vec<String>),
}

impl From<&Lack> for LackReason {
    fn from(lack: &Lack) -> Self {
        match lack {
            Lack::Thing(_) => Self::Thing,
            Lack::Price(_) => Self::Price,
            Lack::Without(_) => Self::Without,
        }
    }
}

/// What the shop lacks for a query; nothing when some product is what is asked for, or when no
/// product is.
pub fn lack(index: &Index, query: &Query) -> Option<Lack> {
    if query.words.is_empty() {
        let found = index.products().any(|p| Resolved::new(index, query).admits(index, p));
        return (query.wants.names_products() && !found).then_some(Lack::Price(query.wants.price));
    }
    if has(index, query) {
        return None;
    }
    let mut relaxed = query.clone();
    relaxed.wants.price = PriceRange::default();
    if !query.wants.price.is_any() && has(index, &relaxed) {
        return Some(Lack::Price(query.wants.price));
    }
    relaxed.wants.excluded.clear();
    if has(index, &relaxed) {
        return Some(Lack::Without(query.wants.excluded.clone()));
    }
    Some(Lack::Thing(query.words.clone()))
}

fn has(index: &Index, query: &Query) -> bool {
    let products = index.products();
    search_words(index, &Resolved::new(index, query))
        .iter()
        .any(|m| products.contains(&m.document) && m.coverage >= ENOUGH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::tests::small_shop;

    #[test]
    fn what_is_not_there_has_a_reason() {
        let index = small_shop();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let under = PriceRange { min_minor: None, max_minor: Some(100) };
        for (text, expected) in [
            ("a red mug", None),
            ("a red mug under £3", None),
            ("a red mug under £1", Some(Lack::Price(under))),
            ("anything under £1", Some(Lack::Price(under))),
            ("red mug without spots", Some(Lack::Without(words(&["spots"])))),
            ("a garden gazebo", Some(Lack::Thing(words(&["garden", "gazebo"])))),
            ("grand piano", Some(Lack::Thing(words(&["grand", "piano"])))),
            ("", None),
        ] {
            assert_eq!(lack(&index, &Query::message(text)), expected, "{text}");
        }
    }
}
