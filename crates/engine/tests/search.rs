//! What the demo shop's index answers before the models are there, and goes on to without them.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

use std::path::Path;
use std::sync::Arc;

use aisle_core::artifact::{ENCODER_FILE, INDEX_FILE, MANIFEST_FILE, RANKER_FILE};
use aisle_core::protocol::{Signals, Suggestion};
use aisle_engine::{Engine, Search};

fn file(name: &str) -> Vec<u8> {
    let artifact = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo-site/artifact");
    std::fs::read(artifact.join(name)).unwrap()
}

fn search() -> Search {
    Search::open(&file(MANIFEST_FILE), &file(INDEX_FILE)).unwrap()
}

fn engine() -> Engine {
    Engine::load(Arc::new(search()), &file(ENCODER_FILE), &file(RANKER_FILE)).unwrap()
}

fn shown(item: &Suggestion) -> String {
    match item {
        Suggestion::Product(product) => format!("product {}", product.title),
        Suggestion::Answer(answer) => format!("answer {}", answer.source.url),
        Suggestion::Action(action) => format!("action {}", action.label),
        Suggestion::Completion { text } => format!("completion {text}"),
    }
    .to_lowercase()
}

#[test]
fn drafts_are_answered_by_their_words() {
    let search = search();
    for (draft, expected) in [
        ("umbrel", "product"),
        ("umbrel", "umbrella"),
        ("umbrela", "umbrella"),
        ("regency cake stand", "product regency cake stand"),
        ("how long do i have to return", "answer /pages/returns-policy"),
        ("start a return", "action start a return"),
        ("do you gift w", "completion do you gift wrap"),
    ] {
        let items: Vec<String> =
            search.suggest(draft, &Signals::default()).iter().map(shown).collect();
        assert!(items.iter().any(|item| item.contains(expected)), "{draft}: {items:#?}");
        assert!(items.len() <= 8, "{draft}: {items:#?}");
    }
    assert_eq!(search.suggest("  ", &Signals::default()), []);
    assert_eq!(search.suggest("qqxzzv", &Signals::default()), []);
}

#[test]
fn a_price_alone_finds_what_sells_best_of_it() {
    let items = search().suggest("anything under £4", &Signals::default());
    let prices: Vec<u32> = items
        .iter()
        .filter_map(|item| match item {
            Suggestion::Product(product) => Some(product.price_minor),
            _ => None,
        })
        .collect();
    assert!(!prices.is_empty() && prices.iter().all(|price| *price <= 400), "{prices:?}");
}

#[test]
fn products_are_recommended_without_a_model() {
    let now_ms = 1_320_000_000_000;
    assert_eq!(search().recommend(&Signals::default(), &[], now_ms, 4).len(), 4);
}

#[test]
fn an_index_that_the_manifest_does_not_list_is_refused() {
    let mut damaged = file(INDEX_FILE);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let error = Search::open(&file(MANIFEST_FILE), &damaged).unwrap_err();
    assert_eq!(error.code(), "artifact_damaged");
}

#[test]
fn models_join_the_search_that_is_open_and_leave_it_whole_when_they_fail() {
    let search = Arc::new(search());
    let draft = "something for my mother";
    let before = search.suggest(draft, &Signals::default());
    let load = |encoder: &[u8]| Engine::load(Arc::clone(&search), encoder, &file(RANKER_FILE));
    assert_eq!(load(b"no model").unwrap_err().code(), "artifact_damaged");
    assert_eq!(search.suggest(draft, &Signals::default()), before);
    let engine = load(&file(ENCODER_FILE)).unwrap();
    assert!(std::ptr::eq(engine.index(), search.index()), "the index is opened once");
    assert_ne!(engine.suggest(draft, &Signals::default()).unwrap(), before);
    assert_eq!(search.suggest(draft, &Signals::default()), before);
}

#[test]
fn the_shoppers_own_rises_among_what_fits_and_nothing_else_does() {
    let engine = engine();
    let products = |draft: &str, signals: &Signals| -> Vec<String> {
        let items = engine.suggest(draft, signals).unwrap().into_iter();
        let handle = |item| match item {
            Suggestion::Product(product) => Some(product.handle),
            _ => None,
        };
        items.filter_map(handle).collect()
    };
    let viewed = |handle: &str| Signals { viewed: vec![handle.into()], ..Signals::default() };
    let in_cart = |handle: &str| Signals { in_cart: vec![handle.into()], ..Signals::default() };
    for (draft, own, unfit) in [
        ("alarm clock bakelike", "alarm-clock-bakelike-pink", "regency-cake-stand-3-tier"),
        ("lunch bag", "lunch-bag-apple-design", "jumbo-bag-pink-polkadot"),
        ("jumbo bag", "jumbo-bag-apples", "lunch-bag-apple-design"),
        ("red alarm clock bak", "alarm-clock-bakelike-red", "alarm-clock-bakelike-pink"),
        ("pink alarm clock", "alarm-clock-bakelike-pink", "alarm-clock-bakelike-red"),
    ] {
        let usual = products(draft, &Signals::default());
        let place = |found: &[String]| found.iter().position(|h| h == own).unwrap_or(usize::MAX);
        for signals in [viewed(own), in_cart(own)] {
            let found = products(draft, &signals);
            let rises = place(&found) == 0 || place(&found) < place(&usual);
            assert!(rises, "{draft}: {usual:?}, then {found:?}");
        }
        for signals in [viewed(unfit), in_cart(unfit)] {
            assert_eq!(products(draft, &signals).first(), usual.first(), "{draft}: {signals:?}");
        }
    }
}
