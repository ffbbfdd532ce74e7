//! What a product's description and vendor add to the words that it is found by.
//!
//! A description mentions far more than what a product is, so only its telling words count, and
//! less than the merchant's own tags: they stand among what shoppers may say for the product.

use std::collections::{BTreeMap, BTreeSet};

use aisle_core::text::{is_stopword, normalize, tokens};
use rust_stemmers::{Algorithm, Stemmer};

use crate::read::Product;

/// Words that a product gets from its description.
const MAX_WORDS: usize = 12;
/// Words of a description that are looked at.
const MAX_READ: usize = 400;
/// Share of the shop's products from which a word of their descriptions tells nothing.
const MAX_SHARE: f32 = 0.05;
/// So many products may have a word in any shop, be it ever so small.
const FEW: usize = 3;

/// What the descriptions and vendors of a catalogue add to its products, in its order.
pub(super) struct Described {
    /// The telling words of the descriptions, the most telling first.
    pub(super) words: Vec<String>,
    /// Who makes the products; empty where that is the same for the whole shop.
    pub(super) vendors: Vec<String>,
}

impl Described {
    /// Goes through a catalogue.
    pub(super) fn of(products: &[Product]) -> Self {
        let stemmer = Stemmer::create(Algorithm::English);
        let read: Vec<BTreeMap<String, Word>> =
            products.iter().map(|product| words_of(product, &stemmer)).collect();
        let mut having: BTreeMap<&str, usize> = BTreeMap::new();
        for stem in read.iter().flat_map(BTreeMap::keys) {
            *having.entry(stem).or_default() += 1;
        }
        let most = FEW.max((MAX_SHARE * products.len() as f32) as usize);
        let telling = |words: &BTreeMap<String, Word>| {
            let mut telling: Vec<(f32, &Word)> = words
                .iter()
                .filter_map(|(stem, word)| Some((*having.get(stem.as_str())?, word)))
                .filter(|(count, _)| *count <= most)
                .map(|(count, word)| {
                    let rarity = (1.0 + products.len() as f32 / count as f32).ln();
                    (word.times as f32 * rarity, word)
                })
                .collect();
            telling.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.place.cmp(&b.1.place)));
            let words = telling.into_iter().take(MAX_WORDS).map(|(_, word)| word.text.as_str());
            words.collect::<Vec<_>>().join(" ")
        };
        let makers: BTreeSet<&str> = products.iter().map(|p| p.vendor.as_str()).collect();
        let vendor = |p: &Product| if makers.len() > 1 { p.vendor.clone() } else { String::new() };
        Self {
            words: read.iter().map(telling).collect(),
            vendors: products.iter().map(vendor).collect(),
        }
    }

    /// The products, each with its telling words and its vendor.
    pub(super) fn with<'a>(
        &'a self,
        products: &'a [Product],
    ) -> impl Iterator<Item = (&'a Product, &'a String, &'a String)> {
        let added = self.words.iter().zip(&self.vendors);
        products.iter().zip(added).map(|(product, (words, vendor))| (product, words, vendor))
    }
}

/// A word of a description.
struct Word {
    text: String,
    times: usize,
    /// Place of the first in the description.
    place: usize,
}

/// The words of a description by their stem: those that mean something and that neither title nor
/// category nor tags have.
fn words_of(product: &Product, stemmer: &Stemmer) -> BTreeMap<String, Word> {
    let known: BTreeSet<String> = [&product.title, &product.category, &product.vendor]
        .into_iter()
        .chain(&product.tags)
        .flat_map(|text| stems(text, stemmer))
        .collect();
    let mut words: BTreeMap<String, Word> = BTreeMap::new();
    let normal = normalize(&product.description);
    for (place, word) in normal.split(' ').take(MAX_READ).enumerate() {
        let means = word.len() > 2 && word.bytes().all(|b| b.is_ascii_alphabetic());
        let stem = stemmer.stem(word).into_owned();
        if means && !is_stopword(word) && !known.contains(&stem) {
            let new = Word { text: word.to_owned(), times: 0, place };
            words.entry(stem).or_insert(new).times += 1;
        }
    }
    words
}

fn stems(text: &str, stemmer: &Stemmer) -> Vec<String> {
    tokens(&normalize(text)).map(|word| stemmer.stem(word).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(title: &str, vendor: &str, description: &str) -> Product {
        Product {
            title: title.into(),
            vendor: vendor.into(),
            description: description.into(),
            tags: vec!["kitchen".into()],
            ..Product::default()
        }
    }

    #[test]
    fn telling_words_are_in_few_descriptions_and_not_said_otherwise() {
        let mut products = vec![
            product(
                "Red Mug",
                "Potter",
                "A mug for the kitchens of campers: enamel, 300 ml. Enamel!",
            ),
            product("Blue Mug", "Potter", "A handmade mug."),
        ];
        products.extend((0..8).map(|n| product(&format!("Bowl {n}"), "Smith", "Handmade.")));
        let described = Described::of(&products);
        assert_eq!(described.words.get(..3).unwrap(), ["enamel campers", "", ""]);
        assert_eq!(described.vendors.get(1..3).unwrap(), ["Potter", "Smith"]);
    }

    #[test]
    fn a_long_description_gives_a_dozen_words_and_one_vendor_tells_nothing() {
        let letter = |n: u8| char::from(b'a' + n);
        let long: String = (0..26).map(|n| format!("word{}{} ", letter(n), letter(n))).collect();
        let described = Described::of(&[product("Mug", "Shop", &long), product("Jug", "Shop", "")]);
        let words: Vec<usize> = described.words.iter().map(|w| tokens(w).count()).collect();
        assert_eq!(words, [MAX_WORDS, 0]);
        assert_eq!(described.vendors, ["", ""]);
    }
}
