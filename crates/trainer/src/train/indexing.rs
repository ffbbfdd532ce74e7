//! From the shop's data to the index.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_stemmers::{Algorithm, Stemmer};

use aisle_core::index::{Document, IndexBuilder, NewAction, NewCompletion, NewProduct, NewSection};
use aisle_core::text::{is_stopword, normalize};

use super::TrainError;
use super::bought::product_sales;
use super::described::Described;
use super::related::Related;
use super::reviews::FromReviews;
use crate::read::{INTENTS, Product, Section, Shop};

/// Products that must share a phrase before it is offered as a completion.
const MIN_PHRASE_PRODUCTS: usize = 6;
/// Phrases of titles that are offered as completions.
const MAX_PHRASES: usize = 300;

/// Builds the index of a shop, whose products are described. `vector` makes the quantised vector,
/// of `vector_length` numbers, of a text.
pub(super) fn build_index(
    shop: &Shop,
    described: &Described,
    related: &Related,
    vector: &dyn Fn(&str) -> Result<Vec<i8>, TrainError>,
    vector_length: u32,
) -> Result<Vec<u8>, TrainError> {
    let popularity = popularity(shop);
    let reviewed = FromReviews::of(shop);
    let products = described
        .with(&shop.products)
        .zip(&reviewed.words)
        .map(|((p, words, vendor), reviewers_words)| {
            let further = [words, reviewers_words].into_iter().filter(|words| !words.is_empty());
            Ok(NewProduct {
                sku: p.sku.clone(),
                variant_skus: p.variant_skus.clone(),
                handle: p.handle.clone(),
                title: p.title.clone(),
                image: p.image.clone(),
                price_minor: p.price_minor,
                compare_at_minor: p.compare_at_minor,
                available: p.available,
                popularity: popularity.get(p.sku.as_str()).copied().unwrap_or(0.0),
                category: p.category.clone(),
                keywords: keywords(p, vendor),
                related: related.sayings(&p.title).into_iter().chain(further.cloned()).collect(),
                vector: vector(&product_text(p, words, vendor))?,
            })
        })
        .collect::<Result<_, TrainError>>()?;
    let documents = shop
        .documents
        .iter()
        .chain(&reviewed.documents)
        .map(|d| {
            let section = |s: &Section| {
                Ok(NewSection {
                    title: s.title.clone(),
                    text: s.text.clone(),
                    intents: s.intents.clone(),
                    vector: vector(&section_text(&d.title, s))?,
                })
            };
            let sections = d.sections.iter().map(section).collect::<Result<_, TrainError>>()?;
            Ok(Document { title: d.title.clone(), url: d.url.clone(), sections })
        })
        .collect::<Result<_, TrainError>>()?;
    let actions = shop
        .profile
        .actions
        .iter()
        .map(|a| NewAction {
            label: a.label.clone(),
            url: a.url.clone(),
            keywords: a.keywords.clone(),
            intents: a.intents.clone(),
        })
        .collect();
    let stemmer = Stemmer::create(Algorithm::English);
    let builder = IndexBuilder {
        currency: shop.profile.currency.clone(),
        labels: INTENTS.map(String::from).to_vec(),
        vector_length,
        products,
        sales: product_sales(&shop.products, &shop.sales),
        documents,
        actions,
        completions: completions(shop),
    };
    Ok(builder.build(&|word| stemmer.stem(word).into_owned())?)
}

/// The merchant's own words for a product beside its title and category.
fn keywords(product: &Product, vendor: &str) -> String {
    let tags = product.tags.iter().map(String::as_str);
    tags.chain((!vendor.is_empty()).then_some(vendor)).collect::<Vec<_>>().join(" ")
}

/// What the encoder sees of every product.
pub(super) fn product_texts(products: &[Product], described: &Described) -> Vec<String> {
    described.with(products).map(|(p, words, vendor)| product_text(p, words, vendor)).collect()
}

fn product_text(product: &Product, words: &str, vendor: &str) -> String {
    let text =
        format!("{} {} {} {words}", product.title, product.category, keywords(product, vendor));
    text.trim_end().to_owned()
}

/// What the encoder sees of a section.
pub(super) fn section_text(document: &str, section: &Section) -> String {
    format!("{document} {} {}", section.title, section.text)
}

/// Share of a product's invoices among those of the best seller, on a logarithmic scale.
fn popularity(shop: &Shop) -> HashMap<&str, f32> {
    let mut invoices: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for sale in &shop.sales {
        invoices.entry(&sale.sku).or_default().insert(&sale.invoice);
    }
    let most = invoices.values().map(BTreeSet::len).max().unwrap_or(1) as f32;
    invoices
        .into_iter()
        .map(|(sku, set)| (sku, (1.0 + set.len() as f32).ln() / (1.0 + most).ln()))
        .collect()
}

/// The shop's own questions, its categories, and phrases that many titles share.
fn completions(shop: &Shop) -> Vec<NewCompletion> {
    let mut all: BTreeMap<String, f32> = BTreeMap::new();
    let questions = shop.profile.questions.iter();
    let count = questions.len().max(1) as f32;
    for (question, rank) in questions.zip(0u16..) {
        all.insert(question.clone(), 1.0 - 0.5 * f32::from(rank) / count);
    }
    let mut phrases: BTreeMap<String, usize> = BTreeMap::new();
    for product in &shop.products {
        let normal = normalize(&product.title);
        let words: Vec<&str> = normal.split(' ').collect();
        let own: BTreeSet<String> = (2..=3)
            .flat_map(|n| words.windows(n))
            .filter(|w| is_phrase(w))
            .map(|w| w.join(" "))
            .collect();
        for phrase in own {
            *phrases.entry(phrase).or_default() += 1;
        }
    }
    let mut frequent: Vec<(String, usize)> =
        phrases.into_iter().filter(|(_, n)| *n >= MIN_PHRASE_PRODUCTS).collect();
    frequent.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    frequent.truncate(MAX_PHRASES);
    let most = frequent.first().map_or(1, |(_, n)| *n) as f32;
    for (phrase, n) in frequent {
        all.entry(phrase).or_insert((1.0 + n as f32).ln() / (1.0 + most).ln() * 0.8);
    }
    for product in &shop.products {
        let category = product.category.to_lowercase();
        if !category.is_empty() {
            all.entry(category).or_insert(0.9);
        }
    }
    all.into_iter().map(|(text, popularity)| NewCompletion { text, popularity }).collect()
}

/// Whether words of a title can stand alone: no small word or number at either end.
fn is_phrase(words: &[&str]) -> bool {
    let solid = |word: &&str| {
        word.len() > 2 && !is_stopword(word) && word.bytes().all(|b| b.is_ascii_alphabetic())
    };
    words.first().is_some_and(solid) && words.last().is_some_and(solid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aisle_core::index::Index;
    use aisle_core::search::{Query, Resolved, search_words};

    #[test]
    fn products_are_found_by_vendor_and_by_telling_words_of_their_description() {
        let product = |sku: &str, title: &str, vendor: &str, description: &str| Product {
            sku: sku.into(),
            handle: sku.into(),
            title: title.into(),
            vendor: vendor.into(),
            description: description.into(),
            ..Product::default()
        };
        let mut products = vec![
            product("A", "Red Mug", "Bramley Pottery", "Chip-proof enamel, with a mug's handle."),
            product("B", "Blue Mug", "Oakhurst", "Goes with enamel plates. Stoneware."),
            product("D", "Enamel Jug", "Oakhurst", ""),
        ];
        let more = |n: u32| product(&format!("C{n}"), "Tray", "Oakhurst", "Chip-proof melamine.");
        products.extend((0..80).map(more));
        let shop = Shop { products, ..Shop::default() };
        let described = Described::of(&shop.products);
        let none = |_: &str| Ok(vec![]);
        let index =
            Index::open(&build_index(&shop, &described, &Related::shipped(), &none, 0).unwrap());
        let index = index.unwrap();
        let found = |text: &str| {
            let matches = search_words(&index, &Resolved::new(&index, &Query::message(text)));
            let mut skus: Vec<String> =
                matches.iter().filter_map(|m| index.card(m.document)).map(|c| c.sku).collect();
            skus.sort();
            skus
        };
        assert_eq!(found("bramley"), ["A"]);
        assert_eq!(found("enamel"), ["A", "B", "D"]);
        assert_eq!(found("stoneware mug not enamel"), ["A", "B"], "a mention vetoes nothing");
        assert_eq!(found("mug not from bramley"), ["B"]);
        assert_eq!(found("melamine"), [""; 0], "a word of every other product tells nothing");
        let texts = product_texts(&shop.products, &described);
        assert!(texts[0].starts_with("Red Mug") && texts[0].contains("enamel"), "{}", texts[0]);
    }
}
