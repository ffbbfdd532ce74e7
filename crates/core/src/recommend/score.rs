//! What is known of each product for one shopper, and how likely it makes a purchase.
//!
//! The score is a linear model of log-odds. Its weights were fitted by conditional logistic
//! regression on customers' next baskets in the sales of a gift shop (`docs/model-card.md`); what
//! is particular to a shop is in the two numbers a product that its own sales give.

use std::collections::{BTreeMap, BTreeSet};

use super::{Purchase, Reason, Shopper};
use crate::index::Index;

/// Minutes in which a purchase loses half its weight for what goes with it.
const HALF_LIFE: f32 = 90.0 * 24.0 * 60.0;
/// Weight of a product viewed or in the cart, against 1 for one that was just bought.
const SESSION_WEIGHT: f32 = 2.0;
/// Latest views, cart lines and purchases whose look-alikes are sought.
const SEEDS: usize = 8;
/// Cosine from which two products are alike.
const ALIKE: f32 = 0.6;
/// Weight of a look-alike of cosine 1, as that of a neighbour from sales.
const ALIKE_WEIGHT: f32 = 0.3;

/// Log-odds for each e-fold of the times that a product was bought.
const TIMES: f32 = 0.77;
/// Log-odds for each e-fold of the share of baskets that have had it since the first.
const RATE: f32 = 0.07;
/// Log-odds of what goes with the other purchases, for a product bought before.
const NEAR_AGAIN: f32 = 0.35;
/// Log-odds for each e-fold of what goes with purchases, for a product never bought.
const NEAR_FIRST: f32 = 0.87;
/// Log-odds for each e-fold of what was spent on a product, against the shopper's mean.
const SPEND: f32 = 0.09;
/// Evidence of nothing.
const NEAR_FLOOR: f32 = 0.02;
/// Log-odds of a product that was never sold, when others were.
const NEVER_SOLD: f32 = -1.0;

/// When a shopper bought a product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Own {
    /// Baskets with it.
    times: u32,
    /// Baskets from the first with it to the last of all.
    since: u32,
    last: i64,
    /// Logarithm of what was spent on it at the price of today, less the shopper's mean.
    spend: f32,
}

/// What is known of one product.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Found {
    pub(super) own: Option<Own>,
    /// Sum of the weights of the neighbours that lead here.
    near: f32,
    /// The strongest of them: its weight and why.
    strongest: Option<(f32, Reason)>,
}

impl Found {
    /// Why the product is recommended; nothing where nothing speaks for it.
    pub(super) fn reason(&self, index: &Index, product: u32) -> Option<Reason> {
        match (self.own, self.strongest) {
            (Some(own), _) => Some(Reason::BoughtBefore { at: own.last }),
            (None, Some((_, reason))) => Some(reason),
            (None, None) => {
                let is_sold = index.bought_first(product).is_some();
                (is_sold || index.popularity(product) > 0.0).then_some(Reason::Popular)
            }
        }
    }

    fn add(&mut self, weight: f32, reason: Reason) {
        self.near += weight;
        if self.strongest.is_none_or(|(most, _)| weight > most) {
            self.strongest = Some((weight, reason));
        }
    }
}

/// What is known of every product of the index.
pub(super) struct Evidence {
    products: Vec<Found>,
}

impl Evidence {
    pub(super) fn gather(index: &Index, shopper: &Shopper<'_>, now: i64) -> Self {
        let count = index.products().len();
        let mut evidence = Self { products: vec![Found::default(); count] };
        evidence.add_history(index, shopper.history);
        let weights = source_weights(shopper, now, count);
        let mut has_neighbours = vec![false; count];
        index.for_each_neighbour(|product, neighbour, weight| {
            if let Some(has) = has_neighbours.get_mut(product as usize) {
                *has = true;
            }
            if let (Some(source), Some(found)) =
                (weights.get(&product), evidence.products.get_mut(neighbour as usize))
            {
                found.add(source * weight, Reason::OftenBoughtWith { product });
            }
        });
        evidence.add_look_alikes(index, shopper, &weights, &has_neighbours);
        evidence
    }

    pub(super) fn of(&self, product: u32) -> Option<&Found> {
        self.products.get(product as usize)
    }

    fn add_history(&mut self, index: &Index, history: &[Purchase]) {
        let baskets: BTreeSet<i64> = history.iter().map(|p| p.at).collect();
        let bought: BTreeSet<(u32, i64)> = history.iter().map(|p| (p.product, p.at)).collect();
        for (product, at) in bought {
            let Some(found) = self.products.get_mut(product as usize) else { continue };
            // In the order of time: the first of a product is the first that is met.
            let own = found.own.get_or_insert_with(|| Own {
                times: 0,
                since: u32::try_from(baskets.range(at..).count()).unwrap_or(u32::MAX),
                last: at,
                spend: 0.0,
            });
            own.times += 1;
            own.last = at;
        }
        let spends = spends(index, history);
        for (product, spend) in spends {
            if let Some(own) = self.products.get_mut(product as usize).and_then(|f| f.own.as_mut())
            {
                own.spend = spend;
            }
        }
    }

    /// Where sales say nothing, because the one product or the other is new, likeness speaks.
    fn add_look_alikes(
        &mut self,
        index: &Index,
        shopper: &Shopper<'_>,
        weights: &BTreeMap<u32, f32>,
        has_neighbours: &[bool],
    ) {
        let mut latest: Vec<&Purchase> = shopper.history.iter().collect();
        latest.sort_by_key(|p| (std::cmp::Reverse(p.at), p.product));
        let session = shopper.viewed.iter().chain(shopper.in_cart).copied();
        let mut seeds: Vec<u32> = session.chain(latest.iter().map(|p| p.product)).collect();
        let mut seen = BTreeSet::new();
        seeds.retain(|seed| seen.insert(*seed));
        for seed in seeds.into_iter().take(SEEDS) {
            let vector = index.product_vector(seed);
            let comparer = vector.as_deref().and_then(|vector| index.comparer(vector));
            let (Some(comparer), Some(source)) = (comparer, weights.get(&seed)) else {
                continue;
            };
            let is_new = !has_neighbours.get(seed as usize).copied().unwrap_or(false);
            for (product, found) in index.products().zip(&mut self.products) {
                if product == seed || !(is_new || index.bought_first(product).is_none()) {
                    continue;
                }
                let likeness = comparer.cosine(product).unwrap_or(0.0);
                if likeness > ALIKE {
                    let share = (likeness - ALIKE) / (1.0 - ALIKE);
                    found.add(source * share * ALIKE_WEIGHT, Reason::Like { product: seed });
                }
            }
        }
    }
}

/// Logarithms of what was spent on each product, less their mean.
fn spends(index: &Index, history: &[Purchase]) -> BTreeMap<u32, f32> {
    let mut spends: BTreeMap<u32, f32> = BTreeMap::new();
    for purchase in history {
        let price = index.price(purchase.product).unwrap_or_default().max(1);
        *spends.entry(purchase.product).or_default() += price as f32 * purchase.quantity as f32;
    }
    spends.values_mut().for_each(|spend| *spend = spend.max(1.0).ln());
    let mean = spends.values().sum::<f32>() / spends.len().max(1) as f32;
    spends.values_mut().for_each(|spend| *spend -= mean);
    spends
}

/// How much each product that the shopper has to do with says about others.
fn source_weights(shopper: &Shopper<'_>, now: i64, products: usize) -> BTreeMap<u32, f32> {
    let mut weights: BTreeMap<u32, f32> = BTreeMap::new();
    for purchase in shopper.history {
        let age = now.saturating_sub(purchase.at).max(0) as f32;
        let weight = weights.entry(purchase.product).or_default();
        *weight = (*weight + (-age / HALF_LIFE).exp2()).min(1.0);
    }
    for product in shopper.viewed.iter().chain(shopper.in_cart) {
        weights.insert(*product, SESSION_WEIGHT);
    }
    weights.retain(|product, _| (*product as usize) < products);
    weights
}

/// Log-odds that the shopper buys the product next, up to a constant.
pub(super) fn score(index: &Index, product: u32, found: &Found) -> f32 {
    match found.own {
        Some(own) => {
            let times = own.times as f32;
            let rate = (times - 0.5) / own.since.max(1) as f32;
            let prior = index.bought_again(product).unwrap_or_default();
            prior
                + TIMES * times.ln()
                + RATE * rate.ln()
                + SPEND * own.spend
                + NEAR_AGAIN * found.near.sqrt()
        }
        None => {
            let unsold = NEVER_SOLD + index.popularity(product);
            let prior = index.bought_first(product).unwrap_or(unsold);
            prior + NEAR_FIRST * (NEAR_FLOOR + found.near).ln()
        }
    }
}
