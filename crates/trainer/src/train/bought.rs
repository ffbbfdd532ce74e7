//! From sales to what the index keeps of each product for recommendations.
//!
//! Two log-odds, of being bought again and of being bought by someone new to it, and the products
//! that are bought with it. Neighbours follow item-based collaborative filtering (Sarwar et al.,
//! 2001), with two changes that pay on held-out weeks: what was bought lately counts more, and
//! customers who buy of everything count less.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aisle_core::index::ProductSales;

use crate::read::{Product, Sale};

/// Minutes of a day.
const DAY: f64 = 24.0 * 60.0;
/// Neighbours kept of a product.
const NEIGHBOURS: usize = 8;
/// Days in which a purchase loses half its weight for being a neighbour.
const NEIGHBOUR_HALF_LIFE: f64 = 30.0;
/// Added to the customers of a product and of its neighbour, so that a few do not prove much.
const SHRINK_FROM: f64 = 2.0;
const SHRINK_TO: f64 = 5.0;
/// Days of the half-lives of what sells now and of what sells in the long run.
const NOW_HALF_LIFE: f64 = 10.0;
const CUSTOMERS_HALF_LIFE: f64 = 14.0;
const LONG_HALF_LIFE: f64 = 80.0;
/// Days in which a product loses most of being new.
const NEW_DAYS: f64 = 30.0;
/// Customers of the average product that a rate of buying again is mixed with.
const RATE_PRIOR: f64 = 10.0;

/// Weights of the two log-odds, fitted together with those of `aisle_core::recommend`.
const AGAIN_CUSTOMERS: f64 = 0.73;
const AGAIN_LONG: f64 = -0.475;
const AGAIN_RATE: f64 = 0.34;
const AGAIN: f64 = 0.755;
const FIRST_NOW: f64 = 0.58;
const FIRST_LONG: f64 = -0.2;
const FIRST_NEW: f64 = 0.18;

/// A buyer's purchases of one product.
#[derive(Clone, Copy, Default)]
struct Bought {
    /// Baskets with it.
    times: u32,
    /// Weight by age for being a neighbour, and as a customer of now; at most 1 each.
    recent: f64,
    current: f64,
}

/// Purchases by buyer and then by product.
type Buyers = Vec<BTreeMap<usize, Bought>>;

/// What sales tell of each product, in the order of the products; empty when there are none.
pub(super) fn product_sales(products: &[Product], sales: &[Sale]) -> Vec<ProductSales> {
    let Some(now) = sales.iter().map(|sale| sale.at).max() else { return vec![] };
    let by_sku: HashMap<&str, usize> =
        products.iter().zip(0..).map(|(p, at)| (p.sku.as_str(), at)).collect();
    let buyers = buyers(sales, &by_sku, now);
    let demand = demand(products.len(), sales, &by_sku, now);
    let again = again(products.len(), &buyers, &demand);
    let neighbours = neighbours(products.len(), &buyers);
    let mut all: Vec<ProductSales> = neighbours
        .into_iter()
        .zip(again)
        .zip(&demand)
        .map(|((neighbours, again), demand)| {
            let is_sold = demand.first.is_some();
            ProductSales {
                again: is_sold.then_some(again as f32),
                fresh: is_sold.then(|| demand.bought_first() as f32),
                neighbours,
            }
        })
        .collect();
    // Only differences count; around nought they stay inside what the index can hold.
    let firsts: Vec<f32> = all.iter().filter_map(|s| s.fresh).collect();
    let mean = firsts.iter().sum::<f32>() / firsts.len().max(1) as f32;
    for odds in all.iter_mut().flat_map(|s| [&mut s.again, &mut s.fresh]).flatten() {
        *odds -= mean;
    }
    all
}

/// Purchases of everyone known. Where nobody is, every invoice is somebody's.
fn buyers(sales: &[Sale], by_sku: &HashMap<&str, usize>, now: i64) -> Buyers {
    let is_known = sales.iter().any(|sale| sale.customer.is_some());
    let mut buyers: BTreeMap<&str, BTreeSet<(usize, i64)>> = BTreeMap::new();
    for sale in sales {
        let buyer = if is_known { sale.customer.as_deref() } else { Some(&*sale.invoice) };
        if let (Some(buyer), Some(product)) = (buyer, by_sku.get(&*sale.sku)) {
            buyers.entry(buyer).or_default().insert((*product, sale.at));
        }
    }
    let sum = |purchases: BTreeSet<(usize, i64)>| {
        let mut products: BTreeMap<usize, Bought> = BTreeMap::new();
        for (product, at) in purchases {
            let age = (now - at) as f64 / DAY;
            let bought = products.entry(product).or_default();
            bought.times += 1;
            bought.recent = (bought.recent + (-age / NEIGHBOUR_HALF_LIFE).exp2()).min(1.0);
            bought.current = (bought.current + (-age / CUSTOMERS_HALF_LIFE).exp2()).min(1.0);
        }
        products
    };
    buyers.into_values().map(sum).collect()
}

/// How a product sells, to known customers and guests alike.
#[derive(Clone, Copy, Default)]
struct Demand {
    /// Invoices by age.
    now: f64,
    long: f64,
    /// Days since the first sale.
    first: Option<f64>,
}

impl Demand {
    fn bought_first(&self) -> f64 {
        FIRST_NOW * (0.5 + self.now).ln()
            + FIRST_LONG * (0.5 + self.long).ln()
            + FIRST_NEW * self.first.map_or(0.0, |days| (-days / NEW_DAYS).exp())
    }
}

fn demand(products: usize, sales: &[Sale], by_sku: &HashMap<&str, usize>, now: i64) -> Vec<Demand> {
    let lines: BTreeMap<(&str, &str), i64> =
        sales.iter().map(|sale| ((&*sale.sku, &*sale.invoice), sale.at)).collect();
    let mut demand = vec![Demand::default(); products];
    for ((sku, _), at) in lines {
        let Some(of) = by_sku.get(sku).and_then(|at| demand.get_mut(*at)) else { continue };
        let age = (now - at) as f64 / DAY;
        of.now += (-age / NOW_HALF_LIFE).exp2();
        of.long += (-age / LONG_HALF_LIFE).exp2();
        of.first = Some(of.first.map_or(age, |first| first.max(age)));
    }
    demand
}

fn again(products: usize, buyers: &Buyers, demand: &[Demand]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0, 0.0); products];
    for (product, bought) in buyers.iter().flatten() {
        if let Some((customers, more, current)) = sums.get_mut(*product) {
            *customers += 1.0;
            *more += f64::from(bought.times - 1);
            *current += bought.current;
        }
    }
    let all =
        sums.iter().fold((0.0, 0.0), |(c, m), (customers, more, _)| (c + customers, m + more));
    let rate = (all.1 / f64::max(all.0, 1.0)).max(1e-3);
    sums.iter()
        .zip(demand)
        .map(|((customers, more, current), demand)| {
            let own_rate = (more + RATE_PRIOR * rate) / (customers + RATE_PRIOR);
            AGAIN
                + AGAIN_CUSTOMERS * (0.3 + current).ln()
                + AGAIN_LONG * (0.5 + demand.long).ln()
                + AGAIN_RATE * own_rate.ln()
        })
        .collect()
}

/// The strongest neighbours of each product: a cosine between who has the one and who bought the
/// other lately.
fn neighbours(products: usize, buyers: &Buyers) -> Vec<Vec<(u32, f32)>> {
    let mut having: Vec<Vec<usize>> = vec![vec![]; products];
    let (mut from, mut to) = (vec![0.0; products], vec![0.0; products]);
    let weights: Vec<f64> = buyers.iter().map(|b| 1.0 / (b.len().max(1) as f64).sqrt()).collect();
    for ((at, buyer), weight) in buyers.iter().enumerate().zip(&weights) {
        for (product, bought) in buyer {
            if let Some(list) = having.get_mut(*product) {
                list.push(at);
            }
            if let (Some(from), Some(to)) = (from.get_mut(*product), to.get_mut(*product)) {
                *from += weight;
                *to += bought.recent;
            }
        }
    }
    let mut together = vec![0.0; products];
    let mut all = Vec::with_capacity(products);
    for (product, (list, own_weight)) in having.iter().zip(&from).enumerate() {
        together.fill(0.0);
        for at in list {
            let (Some(buyer), Some(weight)) = (buyers.get(*at), weights.get(*at)) else { continue };
            for (other, bought) in buyer {
                if let Some(sum) = together.get_mut(*other) {
                    *sum += weight * bought.recent;
                }
            }
        }
        let mut near: Vec<(u32, f32)> = together
            .iter()
            .zip(&to)
            .zip(0_u32..)
            .filter(|((sum, _), other)| **sum > 0.0 && *other as usize != product)
            .map(|((sum, weight), other)| {
                let norm = ((own_weight + SHRINK_FROM) * (weight + SHRINK_TO)).sqrt();
                (other, (sum / norm) as f32)
            })
            .collect();
        near.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        near.truncate(NEIGHBOURS);
        all.push(near);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTES: i64 = 24 * 60;

    fn product(sku: &str) -> Product {
        Product { sku: sku.into(), ..Product::default() }
    }

    /// A sale of "customer sku day"; a dash stands for a guest. Each line is an invoice.
    fn sales(lines: &[&str]) -> Vec<Sale> {
        lines
            .iter()
            .enumerate()
            .map(|(invoice, line)| {
                let mut words = line.split(' ');
                let mut word = || words.next().unwrap();
                let (customer, sku, day) = (word(), word(), word());
                Sale {
                    invoice: invoice.to_string().into(),
                    sku: sku.into(),
                    quantity: 1,
                    at: day.parse::<i64>().unwrap() * MINUTES,
                    price_minor: 100,
                    customer: (customer != "-").then(|| customer.into()),
                }
            })
            .collect()
    }

    fn products() -> Vec<Product> {
        ["A", "B", "C", "D", "E"].map(product).to_vec()
    }

    fn near(sales: &ProductSales) -> Vec<u32> {
        sales.neighbours.iter().map(|(at, _)| *at).collect()
    }

    #[test]
    fn a_shop_without_sales_keeps_nothing() {
        assert_eq!(product_sales(&products(), &[]), []);
        assert_eq!(product_sales(&[], &sales(&["1 A 0"])), []);
    }

    #[test]
    fn what_sells_and_what_is_bought_again_is_likelier() {
        let all = product_sales(
            &products(),
            &sales(&[
                "1 A 1", "1 A 100", "2 A 50", "2 A 99", "1 B 1", "2 B 1", "3 B 1", "4 B 1",
                "- C 100", "- C 99",
            ]),
        );
        let odds = |at: usize| (all[at].again.unwrap(), all[at].fresh.unwrap());
        assert!(odds(0).0 > odds(1).0, "bought again: {all:?}");
        assert!(odds(2).1 > odds(1).1, "guests count, and lately more than long ago: {all:?}");
        assert_eq!((all[3].again, all[3].fresh, near(&all[3])), (None, None, vec![]));
        assert!(all.iter().flat_map(|s| [s.again, s.fresh]).flatten().all(f32::is_finite));
    }

    #[test]
    fn neighbours_are_bought_together_and_lately() {
        let all = product_sales(
            &products(),
            &sales(&[
                "1 A 100", "1 B 100", "2 A 100", "2 B 100", "3 A 1", "3 C 1", "4 A 1", "4 C 1",
                "5 D 100", "5 E 100",
            ]),
        );
        assert_eq!(near(&all[0]), [1, 2]);
        assert_eq!(near(&all[3]), [4]);
        assert!(all.iter().flat_map(|s| &s.neighbours).all(|(_, w)| *w > 0.0 && *w <= 1.0));
        let reversed: Vec<Sale> = sales(&["1 B 9", "1 A 9"]).into_iter().rev().collect();
        assert_eq!(
            product_sales(&products(), &reversed),
            product_sales(&products(), &sales(&["1 B 9", "1 A 9"]))
        );
    }

    #[test]
    fn where_nobody_is_known_an_invoice_is_somebody() {
        let mut guests = sales(&["- A 1", "- B 1", "- C 1"]);
        guests[1].invoice = guests[0].invoice.clone();
        let all = product_sales(&products(), &guests);
        assert_eq!((near(&all[0]), near(&all[2])), (vec![1], vec![]));
    }

    #[test]
    fn no_more_neighbours_than_fit() {
        let many: Vec<Product> = (0..30).map(|n| product(&n.to_string())).collect();
        let lines: Vec<String> = (0..30).map(|n| format!("1 {n} 1")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let all = product_sales(&many, &sales(&lines));
        assert!(all.iter().all(|s| s.neighbours.len() == NEIGHBOURS));
    }
}
