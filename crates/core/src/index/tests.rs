//! A small shop for the tests of core, and the tests of the index itself.

use super::*;
use proptest::prelude::*;

fn section(title: &str, text: &str, intent: &str) -> NewSection {
    NewSection {
        title: title.into(),
        text: text.into(),
        intents: vec![intent.into()],
        vector: vec![],
    }
}

pub(crate) fn small_shop_bytes() -> Vec<u8> {
    let product = |sku: &str, handle: &str, title: &str, category: &str, popularity| NewProduct {
        sku: sku.into(),
        handle: handle.into(),
        title: title.into(),
        image: format!("/images/{handle}.svg"),
        price_minor: 250,
        available: sku != "22004",
        popularity,
        category: category.into(),
        ..NewProduct::default()
    };
    let labels = ["return_policy", "delivery_options", "product_search", "greeting"];
    IndexBuilder {
        currency: "GBP".into(),
        labels: labels.map(String::from).to_vec(),
        vector_length: 0,
        products: vec![
            product("22001", "red-spot-mug", "Red Spot Mug", "Mugs", 0.4),
            product("22002", "blue-spot-mug", "Blue Spot Mug", "Mugs", 0.9),
            product("22003", "heart-t-light-holder", "Heart T-Light Holder", "Candles", 0.8),
            product("22004", "wall-thermometer", "Wall Thermometer", "Garden", 0.1),
        ],
        documents: vec![
            Document {
                title: "Returns".into(),
                url: "/pages/returns".into(),
                sections: vec![section(
                    "How long you have",
                    "You may return unused goods within thirty days.",
                    "return_policy",
                )],
            },
            Document {
                title: "Delivery".into(),
                url: "/pages/delivery".into(),
                sections: vec![section(
                    "Countries",
                    "We ship abroad, to every country of Europe.",
                    "delivery_options",
                )],
            },
        ],
        actions: vec![NewAction {
            label: "Start a return".into(),
            url: "/pages/returns".into(),
            keywords: "send back".into(),
            intents: vec!["return_policy".into()],
        }],
        completions: vec![NewCompletion { text: "where is my order".into(), popularity: 1.0 }],
    }
    .build(&|word| word.trim_end_matches('s').to_owned())
    .unwrap()
}

pub(crate) fn small_shop() -> Index {
    Index::open(&small_shop_bytes()).unwrap()
}

#[test]
fn what_went_in_comes_out() {
    let index = small_shop();
    assert_eq!(index.len(), 8);
    let card = index.card(1).unwrap();
    assert_eq!(
        (card.title.as_str(), card.price_minor, card.available),
        ("Blue Spot Mug", 250, true)
    );
    assert_eq!(index.product_by_sku("22004"), Some(3));
    assert!(!index.available(3));
    let answer = index.section_answer(1).unwrap();
    assert_eq!(answer.source.title, "Delivery: Countries");
    assert_eq!(answer.source.url, "/pages/delivery");
    assert_eq!(index.kind(6), Some((DocumentKind::Action, 0)));
    assert_eq!(index.action(0).unwrap().label, "Start a return");
    assert_eq!(index.completion(0), Some("where is my order"));
    assert_eq!(index.kind(8), None);
    assert!(index.card(4).is_none() && index.section_answer(2).is_none());
}

#[test]
fn the_same_shop_gives_the_same_bytes() {
    assert_eq!(small_shop_bytes(), small_shop_bytes());
}

#[test]
fn a_damaged_or_foreign_file_is_refused_by_name() {
    let good = small_shop_bytes();
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        Index::open(&bytes).err()
    };
    assert_eq!(Index::open(b"").err(), Some(IndexError::NotAnIndex));
    assert_eq!(Index::open(b"<!doctype html>......").err(), Some(IndexError::NotAnIndex));
    assert_eq!(with(8, 7), Some(IndexError::Format { found: 7 }));
    assert_eq!(with(10, 9), Some(IndexError::Featuriser { found: 9 }));
    assert!(matches!(with(40, good[40] ^ 1), Some(IndexError::Damaged(_))));
    assert!(matches!(Index::open(&good[..good.len() - 1]).err(), Some(IndexError::Damaged(_))));
}

#[test]
fn vectors_must_fit() {
    let builder = IndexBuilder {
        vector_length: 2,
        products: vec![NewProduct { vector: vec![1, 2, 3], ..NewProduct::default() }],
        ..IndexBuilder::default()
    };
    assert!(matches!(builder.build(&str::to_owned), Err(IndexError::Damaged(_))));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_harm(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        cut in 0usize..2000,
        flip in 0usize..2000,
    ) {
        let _ = Index::open(&bytes);
        let mut near = small_shop_bytes();
        let at = flip % near.len();
        near[at] ^= 0x55;
        near.truncate(near.len() - cut % near.len());
        prop_assert!(Index::open(&near).is_err());
    }
}
