//! Recommendations by the names of the wire.

use aisle_core::index::Index;
use aisle_core::protocol::{Purchase, Recommendation, RecommendationReason, Signals};
use aisle_core::recommend::{self, Reason, Shopper, Wanted};

use crate::Search;

/// Milliseconds of a minute.
const MINUTE_MS: u64 = 60_000;
/// Latest purchases that are looked at.
const MAX_HISTORY: usize = 5_000;
/// Views and cart lines that are looked at.
const MAX_SIGNALS: usize = 50;

impl Search {
    /// Products that the shopper may want, best first, none that cannot be bought or is in the
    /// cart. `now_ms` is in milliseconds since the Unix epoch. What the index does not know is left
    /// out.
    pub fn recommend(
        &self,
        signals: &Signals,
        history: &[Purchase],
        now_ms: u64,
        limit: usize,
    ) -> Vec<Recommendation> {
        let index = self.index();
        let find = |handles: &[String]| -> Vec<u32> {
            let known = handles.iter().take(MAX_SIGNALS);
            known.filter_map(|handle| index.product_by_handle(handle)).collect()
        };
        let (viewed, in_cart) = (find(&signals.viewed), find(&signals.in_cart));
        let mut history: Vec<recommend::Purchase> = history
            .iter()
            .filter_map(|purchase| {
                let product = index.product_by_sku(&purchase.sku)?;
                let at = minutes(purchase.at_ms);
                Some(recommend::Purchase { product, at, quantity: purchase.quantity })
            })
            .collect();
        history.sort_by_key(|purchase| std::cmp::Reverse(purchase.at));
        history.truncate(MAX_HISTORY);
        let shopper = Shopper { history: &history, viewed: &viewed, in_cart: &in_cart };
        let now = minutes(now_ms);
        recommend::recommend(index, &shopper, now, Wanted::best(limit))
            .into_iter()
            .filter_map(|found| shown(index, &found, now))
            .collect()
    }
}

fn minutes(ms: u64) -> i64 {
    i64::try_from(ms / MINUTE_MS).unwrap_or(i64::MAX)
}

fn shown(index: &Index, found: &recommend::Recommendation, now: i64) -> Option<Recommendation> {
    Some(Recommendation {
        product: index.card(found.product)?,
        reason: match found.reason {
            Reason::BoughtBefore { .. } => RecommendationReason::BoughtBefore,
            Reason::OftenBoughtWith { .. } => RecommendationReason::OftenBoughtWith,
            Reason::Like { .. } => RecommendationReason::Like,
            Reason::Popular => RecommendationReason::Popular,
        },
        sentence: found.reason.sentence(index, now),
    })
}
