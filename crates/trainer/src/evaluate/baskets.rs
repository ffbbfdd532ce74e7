//! Figures of recommendations against what customers bought next.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde::Serialize;

use crate::read::Sale;

/// Products of a list that count.
pub const LIST_LENGTH: usize = 10;
/// Digits of a stock code, and most letters after them; other codes are postage and corrections.
const CODE_DIGITS: usize = 5;
const CODE_LETTERS: usize = 2;

/// A customer with a history and the basket that followed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Purchases before the basket.
    pub history: Vec<Sale>,
    /// Codes of the basket, at least one.
    pub basket: BTreeSet<Arc<str>>,
}

/// What was recommended to a customer: codes, best first, none twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Of all products.
    pub overall: Vec<String>,
    /// Of the products that the customer has bought before.
    pub repeat: Vec<String>,
    /// Of those never bought.
    pub novel: Vec<String>,
}

/// Means over customers, of the first ten products of each list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct BasketFigures {
    /// Share of customers with a product of their basket in the list.
    pub hr10: f64,
    /// Discounted gain, binary, over that of a list which begins with the basket.
    pub ndcg10: f64,
    /// Share of the basket that is in the list.
    pub recall10: f64,
    /// Customers who count.
    pub customers: usize,
}

/// The figures of `aisle evaluate baskets`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct BasketReport {
    /// The whole basket.
    pub overall: BasketFigures,
    /// What had been bought before, over customers whose basket has such a product.
    pub repeat: BasketFigures,
    /// What had not, likewise.
    pub novel: BasketFigures,
}

/// Pairs every customer who has a history with the first basket of the targets, by customer. The
/// basket is what was bought at the time of the customer's first invoice in the targets; purchases
/// at or after that time are no history.
pub fn customers(history: &[Sale], targets: &[Sale]) -> Vec<Customer> {
    let mut baskets: BTreeMap<&str, (i64, BTreeSet<Arc<str>>)> = BTreeMap::new();
    for sale in targets.iter().filter(|sale| is_product(&sale.sku)) {
        let Some(customer) = &sale.customer else { continue };
        let (at, basket) =
            baskets.entry(customer).or_insert_with(|| (sale.at, BTreeSet::default()));
        if sale.at < *at {
            *at = sale.at;
            basket.clear();
        }
        if sale.at == *at {
            basket.insert(sale.sku.clone());
        }
    }
    let mut bought: BTreeMap<&str, Vec<Sale>> = BTreeMap::new();
    for sale in history.iter().filter(|sale| is_product(&sale.sku)) {
        let Some(customer) = sale.customer.as_deref() else { continue };
        if baskets.get(customer).is_some_and(|(at, _)| sale.at < *at) {
            bought.entry(customer).or_default().push(sale.clone());
        }
    }
    bought
        .into_iter()
        .filter_map(|(customer, history)| {
            let (_, basket) = baskets.remove(customer)?;
            Some(Customer { history, basket })
        })
        .collect()
}

/// Scores the lists of customers.
pub fn basket_report<'a>(
    judged: impl IntoIterator<Item = (&'a Customer, &'a Lists)>,
) -> BasketReport {
    let (mut overall, mut repeat, mut novel) = <(Sums, Sums, Sums)>::default();
    for (customer, lists) in judged {
        let owned: HashSet<&str> = customer.history.iter().map(|sale| &*sale.sku).collect();
        let basket: HashSet<&str> = customer.basket.iter().map(|sku| &**sku).collect();
        let (before, never) = basket.iter().copied().partition(|sku| owned.contains(sku));
        overall.add(&basket, &lists.overall);
        repeat.add(&before, &lists.repeat);
        novel.add(&never, &lists.novel);
    }
    BasketReport { overall: overall.means(), repeat: repeat.means(), novel: novel.means() }
}

#[derive(Default)]
struct Sums {
    hits: f64,
    ndcg: f64,
    recall: f64,
    customers: usize,
}

impl Sums {
    fn add(&mut self, basket: &HashSet<&str>, list: &[String]) {
        if basket.is_empty() {
            return;
        }
        let discount = |place: usize| 1.0 / (place as f64 + 2.0).log2();
        let found = || {
            let top = list.iter().take(LIST_LENGTH).enumerate();
            top.filter(|(_, sku)| basket.contains(sku.as_str())).map(|(place, _)| place)
        };
        let ideal: f64 = (0..basket.len().min(LIST_LENGTH)).map(discount).sum();
        self.hits += f64::from(u8::from(found().next().is_some()));
        self.ndcg += found().map(discount).sum::<f64>() / ideal;
        self.recall += found().count() as f64 / basket.len() as f64;
        self.customers += 1;
    }

    fn means(self) -> BasketFigures {
        let count = self.customers.max(1) as f64;
        BasketFigures {
            hr10: self.hits / count,
            ndcg10: self.ndcg / count,
            recall10: self.recall / count,
            customers: self.customers,
        }
    }
}

/// Whether a stock code is that of a product.
fn is_product(sku: &str) -> bool {
    let (digits, letters) = sku.split_at_checked(CODE_DIGITS).unwrap_or_default();
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && letters.len() <= CODE_LETTERS
        && letters.bytes().all(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sale(customer: &str, sku: &str, at: i64) -> Sale {
        Sale {
            invoice: "1".into(),
            sku: sku.into(),
            quantity: 1,
            at,
            price_minor: 100,
            customer: Some(customer).filter(|c| !c.is_empty()).map(Into::into),
        }
    }

    #[test]
    fn the_basket_is_the_first_of_the_targets() {
        let history = [
            sale("a", "10001", 1),
            sale("a", "POST", 1),
            sale("a", "10009", 9),
            sale("b", "10001", 1),
            sale("", "10001", 1),
        ];
        let targets = [
            sale("a", "10003", 8),
            sale("a", "10002", 5),
            sale("a", "10004AB", 5),
            sale("a", "DOT", 4),
            sale("c", "10001", 5),
            sale("", "10001", 5),
        ];
        let found = customers(&history, &targets);
        let expected = Customer {
            history: vec![sale("a", "10001", 1)],
            basket: ["10002".into(), "10004AB".into()].into(),
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn codes_of_products() {
        let codes = ["10002", "85123A", "15056BL", "1000", "100021", "10002ABC", "10002a", "DOT"];
        let products: Vec<&str> = codes.into_iter().filter(|sku| is_product(sku)).collect();
        assert_eq!(products, ["10002", "85123A", "15056BL"]);
        assert!(!is_product("1000é") && !is_product(""));
    }

    #[test]
    fn figures_of_a_list() {
        let customer = Customer {
            history: vec![sale("a", "10001", 1)],
            basket: ["10001".into(), "10002".into(), "10003".into()].into(),
        };
        let list = |skus: &[&str]| skus.iter().map(|sku| (*sku).to_owned()).collect::<Vec<_>>();
        let mut far = vec!["x"; 10];
        far.push("10002");
        let lists = Lists {
            overall: list(&["x", "10001", "10003"]),
            repeat: list(&["10001"]),
            novel: list(&far),
        };
        let report = basket_report([(&customer, &lists)]);
        let ideal = 1.0 + 1.0 / 3f64.log2() + 0.5;
        let overall = BasketFigures {
            hr10: 1.0,
            ndcg10: (1.0 / 3f64.log2() + 0.5) / ideal,
            recall10: 2.0 / 3.0,
            customers: 1,
        };
        assert_eq!(report.overall, overall);
        assert_eq!(report.repeat.ndcg10, 1.0);
        assert_eq!(report.novel, BasketFigures { customers: 1, ..BasketFigures::default() });
        assert_eq!(basket_report([]), BasketReport::default());
    }
}
