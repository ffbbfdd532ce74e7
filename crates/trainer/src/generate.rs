//! Made-up shops: catalogues of any size for measuring, made of the words and prices of a real one,
//! and a whole shop with customers and orders ([`generate_store`]).
//!
//! A product takes the beginning of one title and the end, which names the thing, of another, and
//! every third the name of a maker that was made up; its category, tags and related facts are those
//! of the second. Names and sales fall off as they do in shops (Zipf's law).

mod store;

use std::collections::HashSet;
use std::sync::Arc;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::read::{Product, Sale, Shop};

pub use store::{
    MAX_PRODUCTS, STORE_CURRENCY, Store, StoreCustomer, StoreProduct, StoreSize, StoreVariant,
    generate_store,
};

/// Products for one made-up name.
const PRODUCTS_A_NAME: usize = 20;
/// Invoices of the best seller.
const MOST_INVOICES: usize = 400;
/// Titles in a row that are there already, after which the next one gets a name of its own: a small
/// shop has few titles to make.
const MOST_REPEATED: usize = 20;
/// Searches of which the drafts are made.
const SEARCHES: usize = 150;
/// Shares of a search after which a draft is looked at.
const TYPED: [f64; 4] = [0.25, 0.5, 0.75, 1.0];
/// Share of the searches that have a typo.
const TYPOS: f64 = 0.3;

const SYLLABLES: [&str; 24] = [
    "bar", "bel", "cor", "dan", "el", "fen", "gar", "hol", "in", "jor", "kel", "lor", "mar", "nor",
    "ol", "pen", "quin", "ros", "sel", "tor", "ul", "ver", "wyn", "zan",
];

/// A shop with a generated catalogue, and sales as far as they tell what is popular.
///
/// The same shop, size and seed give the same catalogue.
pub fn generate_shop(shop: &Shop, products: usize, seed: u64) -> Shop {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let names: Vec<String> =
        (0..(products / PRODUCTS_A_NAME).max(1)).map(|_| name(&mut rng)).collect();
    let mut titles = HashSet::new();
    let mut made = Vec::with_capacity(products);
    let mut sales = Vec::new();
    let mut repeated = 0;
    while made.len() < products {
        let (Some(first), Some(second), Some(price)) = (
            shop.products.choose(&mut rng),
            shop.products.choose(&mut rng),
            shop.products.choose(&mut rng),
        ) else {
            break;
        };
        let mut title = spliced(&first.title, &second.title);
        if rng.random_bool(1.0 / 3.0) {
            let at = zipf(&mut rng, names.len());
            title = format!("{} {title}", names.get(at).map_or("", |name| name));
        }
        if repeated > MOST_REPEATED {
            title = format!("{} {title}", name(&mut rng));
        }
        let handle = title.to_lowercase().replace(' ', "-");
        if !titles.insert(handle.clone()) {
            repeated += 1;
            continue;
        }
        repeated = 0;
        let end = ["", "", "A", "B"].choose(&mut rng).copied().unwrap_or_default();
        let sku = format!("{}{end}", 100_000 + made.len());
        let invoices = MOST_INVOICES / (1 + zipf(&mut rng, MOST_INVOICES));
        let sale = |invoice: usize| Sale {
            invoice: Arc::from(invoice.to_string()),
            sku: Arc::from(sku.as_str()),
            quantity: 1,
            at: 0,
            price_minor: price.price_minor.max(1),
            customer: None,
        };
        sales.extend((0..invoices).map(sale));
        made.push(Product {
            image: format!("/images/{handle}.svg"),
            handle,
            title,
            price_minor: price.price_minor,
            compare_at_minor: price.compare_at_minor,
            available: price.available,
            sku,
            ..second.clone()
        });
    }
    Shop { products: made, sales, ..shop.clone() }
}

/// What shoppers type on the way to products of the catalogue: some words of a title, a third of
/// the time with a typo, cut after a quarter, a half, three quarters and not at all.
pub fn drafts(shop: &Shop, seed: u64) -> Vec<String> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut drafts = Vec::new();
    for _ in 0..SEARCHES {
        let Some(product) = shop.products.choose(&mut rng) else { break };
        let title = product.title.to_lowercase();
        let words: Vec<&str> = title.split(' ').collect();
        let wanted = rng.random_range(1..=4).min(words.len());
        let from = words.len() - wanted;
        let mut search = words.get(from..).unwrap_or_default().join(" ");
        if rng.random_bool(TYPOS) {
            search = mistyped(&search, &mut rng);
        }
        let length = search.chars().count();
        for share in TYPED {
            let typed = ((length as f64 * share).round() as usize).max(2);
            drafts.push(search.chars().take(typed).collect());
        }
    }
    drafts
}

/// The first half of one title and the second half of another.
fn spliced(first: &str, second: &str) -> String {
    let first: Vec<&str> = first.split(' ').collect();
    let second: Vec<&str> = second.split(' ').collect();
    let begin = first.get(..first.len().div_ceil(2)).unwrap_or_default();
    let end = second.get(second.len() / 2..).unwrap_or_default();
    [begin, end].concat().join(" ")
}

fn name(rng: &mut impl Rng) -> String {
    let count = rng.random_range(2..=4);
    let syllables = (0..count).filter_map(|_| SYLLABLES.choose(rng).copied());
    let name: String = syllables.collect();
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// A number below the count; half as great, twice as often.
fn zipf(rng: &mut impl Rng, count: usize) -> usize {
    let share: f64 = rng.random();
    ((count as f64 + 1.0).powf(share) - 1.0) as usize
}

/// Swaps, drops or doubles a letter in the middle.
fn mistyped(text: &str, rng: &mut impl Rng) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 5 {
        return text.to_owned();
    }
    let at = rng.random_range(1..letters.len() - 2);
    match rng.random_range(0..3) {
        0 => letters.swap(at, at + 1),
        1 => drop(letters.remove(at)),
        _ => letters.insert(at, letters.get(at).copied().unwrap_or(' ')),
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Shop {
        let product = |title: &str, category: &str| Product {
            title: title.into(),
            category: category.into(),
            price_minor: 250,
            ..Product::default()
        };
        let products =
            vec![product("Red Spot Lunch Bag", "Bags"), product("Wooden Picture Frame", "Frames")];
        Shop { products, ..Shop::default() }
    }

    #[test]
    fn catalogues_have_the_size_and_are_the_same_each_time() {
        let made = generate_shop(&small(), 300, 1);
        assert_eq!(made.products, generate_shop(&small(), 300, 1).products);
        assert_ne!(made.products, generate_shop(&small(), 300, 2).products);
        let handles: HashSet<&String> = made.products.iter().map(|p| &p.handle).collect();
        let skus: HashSet<&String> = made.products.iter().map(|p| &p.sku).collect();
        assert_eq!((handles.len(), skus.len()), (300, 300));
        for product in &made.products {
            let bag = product.title.ends_with("Lunch Bag") && product.category == "Bags";
            let frame = product.title.ends_with("Picture Frame") && product.category == "Frames";
            assert!(bag || frame, "{}: {}", product.title, product.category);
        }
        assert!(!made.sales.is_empty());
        assert_eq!(drafts(&made, 5).len(), SEARCHES * TYPED.len());
        assert_eq!(drafts(&made, 5), drafts(&made, 5));
    }

    #[test]
    fn an_empty_shop_gives_an_empty_one() {
        let made = generate_shop(&Shop::default(), 10, 1);
        assert!(made.products.is_empty() && drafts(&made, 1).is_empty());
    }
}
