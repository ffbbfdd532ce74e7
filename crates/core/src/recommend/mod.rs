//! Recommendations for one shopper: what to buy again, what goes with what they have, what is
//! popular, each with a reason that a shopper can read.
//!
//! The shop's part (how often a product is bought again, how popular it is, what is bought with it)
//! is computed from sales by the trainer and lies in the index. The personal part (purchases, views
//! and cart) is added here, on the device. One list serves all: what was bought before and what is
//! new to the shopper are scored on one scale, the log-odds of being bought.

mod reason;
mod score;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::index::Index;

pub use reason::Reason;
use score::{Evidence, score};

/// Something that was bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Position of the product in the index.
    pub product: u32,
    /// Minutes from 1970-01-01 00:00 on the shop's clock; one time is one basket.
    pub at: i64,
    /// Pieces.
    pub quantity: u32,
}

/// What is known of a shopper; all of it may be empty. Products are positions in the index, and
/// those that it does not have are ignored.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shopper<'a> {
    /// What was bought, in any order.
    pub history: &'a [Purchase],
    /// What was looked at, latest first.
    pub viewed: &'a [u32],
    /// What is in the cart.
    pub in_cart: &'a [u32],
}

/// Which products are ranked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Among {
    /// All.
    #[default]
    All,
    /// Those that the shopper has bought before.
    Bought,
    /// Those never bought.
    New,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Most products.
    pub limit: usize,
    /// Which products.
    pub among: Among,
    /// Whether products that cannot be bought now may be in the list, in their place.
    pub sold_out: bool,
}

impl Wanted {
    /// The best products that can be bought now.
    pub fn best(limit: usize) -> Self {
        Self { limit, among: Among::All, sold_out: false }
    }
}

/// A product with why it is recommended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recommendation {
    /// Position of the product in the index.
    pub product: u32,
    /// Log-odds of being bought, up to a constant; comparable within a list.
    pub score: f32,
    /// Why.
    pub reason: Reason,
}

/// The best products for a shopper at a time (minutes, as in [`Purchase::at`]), best first. What is
/// in the cart, what has just been looked at, and what nothing speaks for is left out.
pub fn recommend(
    index: &Index,
    shopper: &Shopper<'_>,
    now: i64,
    wanted: Wanted,
) -> Vec<Recommendation> {
    let evidence = Evidence::gather(index, shopper, now);
    let here: BTreeSet<u32> = shopper.in_cart.iter().chain(shopper.viewed).copied().collect();
    let mut list: Vec<Recommendation> = index
        .products()
        .filter(|product| wanted.sold_out || index.available(*product))
        .filter(|product| !here.contains(product))
        .filter_map(|product| {
            let found = evidence.of(product)?;
            let is_wanted = match wanted.among {
                Among::All => true,
                Among::Bought => found.own.is_some(),
                Among::New => found.own.is_none(),
            };
            let reason = found.reason(index, product).filter(|_| is_wanted)?;
            Some(Recommendation { product, score: score(index, product, found), reason })
        })
        .collect();
    let best_first = |a: &Recommendation, b: &Recommendation| {
        b.score.total_cmp(&a.score).then(a.product.cmp(&b.product))
    };
    if wanted.limit < list.len() {
        list.select_nth_unstable_by(wanted.limit, best_first);
        list.truncate(wanted.limit);
    }
    list.sort_unstable_by(best_first);
    list
}
