//! Recommendations in a small shop.

use super::*;
use crate::index::{IndexBuilder, NewProduct, ProductSales};
use proptest::prelude::*;

const DAY: i64 = 24 * 60;
/// 2011-09-01
const NOW: i64 = 15_218 * DAY;

const MUG: u32 = 0;
const TEAPOT: u32 = 1;
const LANTERN: u32 = 2;
const CANDLE: u32 = 3;
const SOLD_OUT: u32 = 5;

fn sold(again: f32, fresh: f32, neighbours: &[(u32, f32)]) -> ProductSales {
    ProductSales { again: Some(again), fresh: Some(fresh), neighbours: neighbours.to_vec() }
}

/// Mug and teapot go together, lantern and candle go together, the new cup has never been sold and
/// is like the mug, and the sold-out bowl is the most popular.
fn shop(sales: bool) -> Index {
    let product = |title: &str, vector: [i8; 2], popularity| NewProduct {
        sku: title.to_owned(),
        handle: title.to_lowercase().replace(' ', "-"),
        title: title.to_owned(),
        available: title != "Bowl",
        popularity,
        vector: vector.to_vec(),
        ..NewProduct::default()
    };
    let builder = IndexBuilder {
        currency: "GBP".into(),
        vector_length: 2,
        products: vec![
            product("Mug", [127, 0], 0.5),
            product("Teapot", [0, 127], 0.4),
            product("Lantern", [-127, 0], 0.9),
            product("Candle", [0, -127], 0.3),
            product("New Cup", [126, 10], 0.0),
            product("Bowl", [0, -127], 1.0),
        ],
        sales: if sales {
            vec![
                sold(0.0, 0.0, &[(TEAPOT, 0.5)]),
                sold(0.0, -1.0, &[(MUG, 0.5)]),
                sold(1.0, 1.0, &[(CANDLE, 0.3)]),
                sold(0.0, -1.0, &[(LANTERN, 0.3)]),
                ProductSales::default(),
                sold(2.0, 3.0, &[]),
            ]
        } else {
            vec![]
        },
        ..IndexBuilder::default()
    };
    Index::open(&builder.build(&|word| word.to_owned()).unwrap()).unwrap()
}

fn bought(product: u32, days_ago: i64) -> Purchase {
    Purchase { product, at: NOW - days_ago * DAY, quantity: 1 }
}

/// Each recommendation as "title: reason".
fn shown(index: &Index, shopper: &Shopper<'_>, wanted: Wanted) -> Vec<String> {
    recommend(index, shopper, NOW, wanted)
        .into_iter()
        .map(|r| format!("{}: {}", index.title(r.product).unwrap(), r.reason.sentence(index, NOW)))
        .collect()
}

#[test]
fn what_is_known_of_a_shopper_decides() {
    let index = shop(true);
    let history = [bought(MUG, 170), bought(MUG, 200), bought(CANDLE, 400)];
    let cases: &[(&str, Shopper<'_>, &[&str])] = &[
        ("nothing", Shopper::default(), &["Lantern: Popular now", "Mug: Popular now"]),
        (
            "purchases",
            Shopper { history: &history, ..Shopper::default() },
            &["Mug: You bought this in March", "Candle: You bought this in July 2010"],
        ),
        (
            "a view",
            Shopper { viewed: &[MUG], ..Shopper::default() },
            &["Teapot: Often bought with Mug", "New Cup: Similar to Mug"],
        ),
        (
            "a cart",
            Shopper { in_cart: &[CANDLE, LANTERN], ..Shopper::default() },
            &["Mug: Popular now", "Teapot: Popular now"],
        ),
        (
            "a cart with what was bought",
            Shopper { history: &history, in_cart: &[MUG], ..Shopper::default() },
            &["Candle: You bought this in July 2010", "Teapot: Often bought with Mug"],
        ),
    ];
    for (name, shopper, expected) in cases {
        assert_eq!(shown(&index, shopper, Wanted::best(2)), *expected, "{name}");
    }
}

#[test]
fn lists_of_what_was_bought_and_of_what_is_new() {
    let index = shop(true);
    let history = [bought(TEAPOT, 20), bought(LANTERN, 10), bought(SOLD_OUT, 5)];
    let shopper = Shopper { history: &history, ..Shopper::default() };
    let products = |among, sold_out| -> Vec<u32> {
        let list = recommend(&index, &shopper, NOW, Wanted { limit: 9, among, sold_out });
        list.into_iter().map(|r| r.product).collect()
    };
    assert_eq!(products(Among::Bought, false), [LANTERN, TEAPOT]);
    assert_eq!(products(Among::Bought, true), [SOLD_OUT, LANTERN, TEAPOT]);
    assert_eq!(products(Among::New, true).first(), Some(&MUG));
    assert_eq!(products(Among::New, true).len(), 2, "nothing speaks for the new cup");
}

#[test]
fn a_shop_without_sales_recommends_what_is_alike_and_what_is_popular() {
    let index = shop(false);
    let shopper = Shopper { viewed: &[MUG], ..Shopper::default() };
    let list = shown(&index, &shopper, Wanted::best(2));
    assert_eq!(list, ["New Cup: Similar to Mug", "Lantern: Popular now"]);
    let list = shown(&index, &Shopper::default(), Wanted::best(2));
    assert_eq!(list, ["Lantern: Popular now", "Mug: Popular now"]);
}

fn purchases() -> impl Strategy<Value = Vec<Purchase>> {
    let time = prop_oneof![any::<i64>(), NOW - 900 * DAY..NOW + 9 * DAY];
    let purchase = (0_u32..9, time, any::<u32>()).prop_map(|(product, at, quantity)| Purchase {
        product,
        at,
        quantity,
    });
    prop::collection::vec(purchase, 0..12)
}

proptest! {
    #[test]
    fn every_shopper_has_a_good_list(
        has_sales: bool,
        history in purchases(),
        viewed in prop::collection::vec(0_u32..9, 0..4),
        in_cart in prop::collection::vec(prop_oneof![0_u32..9, any::<u32>()], 0..4),
        now in prop_oneof![Just(NOW), any::<i64>()],
        limit in 0_usize..9,
        sold_out: bool,
        among in prop_oneof![Just(Among::All), Just(Among::Bought), Just(Among::New)],
    ) {
        let index = shop(has_sales);
        let shopper = Shopper { history: &history, viewed: &viewed, in_cart: &in_cart };
        let wanted = Wanted { limit, among, sold_out };
        let list = recommend(&index, &shopper, now, wanted);
        prop_assert_eq!(&recommend(&index, &shopper, now, wanted), &list);
        prop_assert!(list.len() <= limit);
        prop_assert!(list.is_sorted_by(|a, b| a.score >= b.score));
        let products: BTreeSet<u32> = list.iter().map(|r| r.product).collect();
        prop_assert_eq!(products.len(), list.len());
        for r in &list {
            prop_assert!(index.products().contains(&r.product) && r.score.is_finite());
            prop_assert!(!in_cart.contains(&r.product) && !viewed.contains(&r.product));
            prop_assert!(sold_out || index.available(r.product));
            let is_own = history.iter().any(|p| p.product == r.product);
            prop_assert_eq!(is_own, matches!(r.reason, Reason::BoughtBefore { .. }));
            prop_assert!(among == Among::All || is_own == (among == Among::Bought));
            prop_assert!(!r.reason.sentence(&index, now).is_empty());
        }
    }
}
