//! A small shop for the tests of core, and the tests of the index itself.

use super::format::{MAX_LABELS, StoredCompletion};
use super::variants::StoredVariants;
use super::*;
use crate::answer::{PromptParts, Question, compose, ground, prompt};
use crate::search::{Query, Resolved, search_words};
use crate::words::ENGLISH;
use proptest::prelude::*;

/// Something done to a good body, and what to call it.
type Change = (&'static str, &'static dyn Fn(&mut Body));

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
        sales: vec![
            ProductSales {
                again: Some(1.0),
                fresh: Some(0.5),
                neighbours: vec![(1, 0.4), (2, 0.1)],
            },
            ProductSales { again: Some(0.0), fresh: Some(1.5), neighbours: vec![(0, 0.4)] },
            ProductSales { again: Some(-1.0), fresh: Some(1.0), neighbours: vec![] },
            ProductSales::default(),
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
fn products_are_found_by_handle_and_by_whatever_their_sku_is() {
    let skus = ["85123A", "10002", "M", "ab-12 c", "10002b", "10002B"];
    let product = |sku: &&str| NewProduct {
        sku: (*sku).into(),
        handle: format!("it-{sku}"),
        title: "It".into(),
        ..NewProduct::default()
    };
    let products = skus.iter().map(product).collect();
    let builder = IndexBuilder { products, ..IndexBuilder::default() };
    let index = Index::open(&builder.build(&str::to_owned).unwrap()).unwrap();
    for (sku, at) in skus.iter().zip(0..) {
        assert_eq!(index.product_by_sku(sku), Some(at), "{sku}");
        assert_eq!(index.product_by_handle(&format!("it-{sku}")), Some(at), "{sku}");
        let found = search_words(&index, &Resolved::new(&index, &Query::message(sku)));
        assert!(found.iter().any(|m| m.document == at), "{sku}");
    }
    for nothing in ["", "85123a", "1000", "10003", "é"] {
        assert_eq!(index.product_by_sku(nothing), None, "{nothing}");
        assert_eq!(index.product_by_handle(nothing), None, "{nothing}");
    }
    let begun = search_words(&index, &Resolved::new(&index, &Query::draft("1000")));
    assert_eq!(begun.len(), 3);
}

#[test]
fn products_are_found_by_the_skus_of_their_variants() {
    let product = |sku: &str, variants: &[&str]| NewProduct {
        sku: sku.into(),
        handle: sku.to_lowercase(),
        title: "Jacket".into(),
        variant_skus: variants.iter().map(|sku| (*sku).to_owned()).collect(),
        ..NewProduct::default()
    };
    let products =
        vec![product("J1S", &["J1XL", "J1L"]), product("B1", &[]), product("J2", &["J1"])];
    let builder = IndexBuilder { products, ..IndexBuilder::default() };
    let bytes = builder.build(&str::to_owned).unwrap();
    let index = Index::open(&bytes).unwrap();
    for (sku, at) in [("J1S", 0), ("J1L", 0), ("J1XL", 0), ("B1", 1), ("J2", 2), ("J1", 2)] {
        assert_eq!(index.product_by_sku(sku), Some(at), "{sku}");
    }
    assert_eq!(index.product_by_sku("J1M"), None);
    assert_eq!(index.card(0).unwrap().sku, "J1S");
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

#[test]
fn a_hostile_body_with_a_right_checksum_is_refused() {
    let open = |change: &dyn Fn(&mut Body)| {
        let mut body = format::read(&small_shop_bytes()).unwrap();
        change(&mut body);
        Index::open(&format::seal(&body).unwrap()).err()
    };
    assert_eq!(open(&|_| {}), None);
    let damaged: [Change; 19] = [
        ("titles beyond their end", &|b| b.products.titles.counts[0] = 100),
        ("words that are not reached", &|b| b.products.titles.items.push(1)),
        ("words of no width", &|b| b.products.keywords.width = 0),
        ("more flags than products", &|b| b.products.flags.push(0)),
        ("too few prices", &|b| b.products.prices.truncate(2)),
        ("a former price of nobody", &|b| b.products.former_prices.push(1)),
        ("a handle of nobody", &|b| b.products.handles.push(0)),
        ("a category that is not there", &|b| b.products.categories[0] = 100),
        ("half a letter", &|b| b.products.skus[5] = 0xc3),
        ("more products than columns have", &|b| b.products.count = 900_000),
        ("no scale", &|b| b.impact_scale = f32::NAN),
        ("a section of no document", &|b| b.pages.sections[0].document = 2),
        ("an intent of a section", &|b| b.pages.sections[1].intents = vec![4]),
        ("an intent of an action", &|b| b.pages.actions[0].intents = vec![u16::MAX]),
        ("vectors that do not fit", &|b| b.vectors.length = 3),
        ("a variant of no product", &|b| {
            b.variants =
                StoredVariants::pack([&[][..], &[], &[], &[], &["V".to_owned()]].into_iter());
        }),
        ("codes of no vector", &|b| b.vectors.codes.push(0)),
        ("sales of fewer products", &|b| b.products.count -= 1),
        ("no dictionary", &|b| b.terms.clear()),
    ];
    for (what, change) in damaged {
        assert!(matches!(open(change), Some(IndexError::Damaged(_))), "{what}");
    }
    let too_large: [Change; 3] = [
        ("vectors", &|b| b.vectors.length = quantize::MAX_LENGTH + 1),
        ("labels", &|b| b.labels = vec![String::new(); MAX_LABELS + 1]),
        ("documents", &|b| {
            let empty = || StoredCompletion { text: String::new(), popularity: 255 };
            b.pages.completions =
                std::iter::repeat_with(empty).take(format::MAX_DOCUMENTS).collect();
        }),
    ];
    for (what, change) in too_large {
        assert!(matches!(open(change), Some(IndexError::TooLarge(_))), "{what}");
    }
}

/// Asks an index for everything that it has, and for what it has not.
fn use_it(index: &Index) {
    for document in (0..index.len() as u32 + 2).chain([u32::MAX - 1, u32::MAX]) {
        let _ = (index.kind(document), index.card(document), index.section_answer(document));
        let _ = (index.action(document), index.completion(document), index.title(document));
        let _ = (index.available(document), index.category(document), index.intents(document));
        assert!((0.0..=1.0).contains(&index.popularity(document)));
        assert!((0.0..=1.0).contains(&index.weight(u64::from(document))));
        let _ = index.postings(u64::from(document)).count();
    }
    assert_eq!(index.postings(u64::MAX).count(), 0);
    let vector = vec![1; index.vector_length()];
    for text in ["red mug", "retrn abroat", "mu", "heart t light holder blue wall"] {
        let _ = search_words(index, &Resolved::new(index, &Query::draft(text)));
        for intent in [None, Some("return_policy"), Some("product_search")] {
            let question = Question { text, vector: &vector, intent };
            let grounding = ground(index, &question);
            assert!(!compose(&ENGLISH, "Shop", &question, &grounding).text.trim().is_empty());
            let (question, grounding) = (&question, &grounding);
            let _ = prompt(&PromptParts {
                shop: "Shop",
                rules: "",
                advice: "",
                earlier: &[],
                question,
                grounding,
            });
        }
    }
}

proptest! {
    #[test]
    fn a_card_shows_what_the_shop_says(
        cards in prop::collection::vec(
            (
                "[A-Z0-9 -]{0,8}",
                "[a-zA-ZéÉ ’'£%/-]{0,30}",
                prop::option::of("[a-z-]{0,9}"),
                "(/img/it)?[.a-z]{0,4}",
                any::<(u32, Option<u32>, bool)>(),
            ),
            0..12,
        ),
    ) {
        let products: Vec<NewProduct> = cards
            .into_iter()
            .map(|(sku, title, handle, image, (price_minor, compare_at_minor, available))| {
                let rule = title.to_lowercase().replace(' ', "-");
                let handle = handle.unwrap_or(rule);
                let image = image.replace("it", &handle);
                NewProduct {
                    sku, title, handle, image, price_minor, compare_at_minor, available,
                    ..NewProduct::default()
                }
            })
            .collect();
        let builder = IndexBuilder { products: products.clone(), ..IndexBuilder::default() };
        let index = Index::open(&builder.build(&str::to_owned).unwrap()).unwrap();
        for (product, at) in products.into_iter().zip(0..) {
            let card = index.card(at).unwrap();
            prop_assert_eq!(
                (card.sku, card.title, card.handle, card.image),
                (product.sku, product.title, product.handle, product.image)
            );
            prop_assert_eq!(
                (card.price_minor, card.compare_at_minor, card.available),
                (product.price_minor, product.compare_at_minor, product.available)
            );
        }
    }

    #[test]
    fn what_opens_can_be_used(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
    ) {
        let mut bytes = small_shop_bytes();
        let body = &mut bytes[16..];
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        let checksum = format::checksum(body);
        bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
        if let Ok(index) = Index::open(&bytes) {
            use_it(&index);
        }
    }

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
