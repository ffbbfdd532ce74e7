//! Searches that a shop's catalogue gives: words of a title, now and then with something else that
//! is known of the product, or with a bound on its price.

use rand::Rng;
use rand::seq::IndexedRandom;

use aisle_core::money::format_price;

use crate::model::augment::{self, as_query};
use crate::read::Product;

/// Of ten searches those that bound the price, and those that name an attribute.
const BOUNDED: u32 = 2;
const DESCRIBED: u32 = 2;
/// How a price is bounded from above.
const BOUNDS: [&str; 6] = ["under", "below", "less than", "up to", "no more than", "max"];
/// A bound is at most this many times the product's price.
const HIGHEST: u32 = 3;
/// Minor units of the steps in which people think of prices.
const STEP: u32 = 500;

/// A search that a product answers. Prices are written in the shop's currency.
pub(super) fn search(product: &Product, currency: &str, rng: &mut impl Rng) -> String {
    match rng.random_range(0..10) {
        at if at < BOUNDED => {
            let bound = BOUNDS.choose(rng).copied().unwrap_or_default();
            let most = product.price_minor.saturating_mul(rng.random_range(1..=HIGHEST));
            let most = most.saturating_add(1).div_ceil(STEP).saturating_mul(STEP);
            let price = format_price(most, currency).replace(".00", "");
            format!("{} {bound} {price}", some_words(&product.title, rng))
        }
        at if at < BOUNDED + DESCRIBED => {
            let known: Vec<&String> = [&product.category, &product.vendor]
                .into_iter()
                .chain(&product.tags)
                .filter(|known| !known.is_empty())
                .collect();
            let attribute = known.choose(rng).map_or("", |known| known.as_str());
            let words = some_words(&product.title, rng);
            format!("{words} {attribute}").trim_end().to_lowercase()
        }
        _ => as_query(&product.title, rng),
    }
}

/// One to three words of a title, in order.
fn some_words(title: &str, rng: &mut impl Rng) -> String {
    let words: Vec<&str> = title.split_whitespace().collect();
    let wanted = rng.random_range(1..=3).min(words.len());
    augment::some_words(&words, wanted, 1.0, rng)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn mug() -> Product {
        Product {
            title: "Blue Enamel Mug".into(),
            category: "Mugs".into(),
            tags: vec!["camping".into()],
            price_minor: 425,
            ..Product::default()
        }
    }

    #[test]
    fn a_search_says_what_the_product_has_or_may_cost() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let all: Vec<String> = (0..300).map(|_| search(&mug(), "GBP", &mut rng)).collect();
        let with = |part: &str| all.iter().filter(|search| search.contains(part)).count();
        assert!((30..90).contains(&with("£")), "{}", with("£"));
        assert!(with("mugs") > 5 && with("camping") > 5);
        for price in ["£5", "£10", "£15"] {
            assert!(all.iter().any(|search| search.ends_with(price)), "{price}");
        }
        assert!(!all.iter().any(|search| search.contains(".00") || search.starts_with(' ')));
    }

    #[test]
    fn a_product_of_which_little_is_known_is_searched_for_too() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..100 {
            let bare = Product { title: "Mug".into(), ..Product::default() };
            assert!(search(&bare, "CHF", &mut rng).to_lowercase().starts_with('m'));
            search(&Product { price_minor: u32::MAX, ..Product::default() }, "JPY", &mut rng);
        }
    }
}
