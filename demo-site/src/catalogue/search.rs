//! The shop's own plain search: every word must begin a word of the product.

use std::cmp::Reverse;

use super::Catalogue;

/// Words of a query that count.
const MAX_WORDS: usize = 8;

/// Positions of the products that match, best first; nothing for a query without a word.
pub fn search(catalogue: &Catalogue, query: &str) -> Vec<usize> {
    let words: Vec<String> = words_of(query).into_iter().take(MAX_WORDS).collect();
    if words.is_empty() {
        return vec![];
    }
    let mut found: Vec<(u32, u32, usize)> = Vec::new();
    for (at, product) in catalogue.products.iter().enumerate() {
        let title = words_of(&product.title);
        let rest = words_of(&format!("{} {}", product.category, product.tags.join(" ")));
        let scores = words.iter().map(|word| {
            let is_begun = |list: &[String]| list.iter().any(|known| known.starts_with(word));
            match () {
                () if title.contains(word) => 4,
                () if is_begun(&title) => 3,
                () if rest.contains(word) => 2,
                () if is_begun(&rest) => 1,
                () => 0,
            }
        });
        let scores: Vec<u32> = scores.collect();
        if scores.iter().all(|score| *score > 0) {
            found.push((scores.iter().sum(), product.invoices, at));
        }
    }
    found.sort_by_key(|(score, invoices, at)| (Reverse(*score), Reverse(*invoices), *at));
    found.into_iter().map(|(.., at)| at).collect()
}

/// Lower-case words, without the s of a plural.
fn words_of(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| match word.strip_suffix('s') {
            Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
            _ => word.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::tests::catalogue;

    #[test]
    fn queries() {
        let catalogue = catalogue("1,M2\n");
        for (query, expected) in [
            ("mugs", vec!["blue-mug", "red-mug"]),
            ("RED mug", vec!["red-mug"]),
            ("clo", vec!["wall-clock", "evil"]),
            ("tea", vec!["blue-mug", "red-mug"]),
            ("red clock", vec![]),
            ("", vec![]),
            ("?!", vec![]),
        ] {
            let found = search(&catalogue, query);
            let handles: Vec<&str> =
                found.iter().map(|at| catalogue.products[*at].handle.as_str()).collect();
            assert_eq!(handles, expected, "{query}");
        }
    }
}
