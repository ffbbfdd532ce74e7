//! A whole shop that nobody runs: products with variants, customers, and orders in every state, for
//! tests and for a second demo shop.
//!
//! Everything in it is made up. Customers' addresses are of the domains that RFC 2606 keeps free.

mod catalogue;
mod orders;
mod people;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use aisle_core::date::{DAY_MS, Date};
use aisle_core::protocol::Order;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub use catalogue::{MAX_PRODUCTS, StoreProduct, StoreVariant};
pub use people::StoreCustomer;

use catalogue::write_products;

/// The shop's own file.
const SHOP_FILE: &str = include_str!("shop.toml");
/// ISO 4217 code of its prices.
pub const STORE_CURRENCY: &str = "EUR";
/// Its documents, by file name.
const DOCUMENTS: [(&str, &str); 6] = [
    ("contact.md", include_str!("documents/contact.md")),
    ("delivery.md", include_str!("documents/delivery.md")),
    ("orders.md", include_str!("documents/orders.md")),
    ("repairs.md", include_str!("documents/repairs.md")),
    ("returns.md", include_str!("documents/returns.md")),
    ("sizes.md", include_str!("documents/sizes.md")),
];

/// How much is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreSize {
    /// Products, at most [`MAX_PRODUCTS`].
    pub products: usize,
    /// Customers.
    pub customers: usize,
    /// Orders; from 11 on there is one in every state.
    pub orders: usize,
}

/// A shop with its customers and orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// The catalogue.
    pub products: Vec<StoreProduct>,
    /// Who buys there.
    pub customers: Vec<StoreCustomer>,
    /// What they ordered, first one first.
    pub orders: Vec<Order>,
}

/// Makes a shop as it stands on a day, none of whose orders is younger than that. The same size,
/// day and seed give the same shop.
pub fn generate_store(size: StoreSize, today: Date, seed: u64) -> Store {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let products = catalogue::products(size.products, &mut rng);
    let customers = people::customers(size.customers, &mut rng);
    let today_ms = u64::try_from(today.days()).unwrap_or_default() * DAY_MS;
    let orders = orders::orders(&products, &customers, size.orders, today_ms, &mut rng);
    Store { products, customers, orders }
}

impl Store {
    /// Writes what the trainer reads into `data` (without the sales, which the import of the orders
    /// makes), and beside it what is of persons: `orders.ndjson`, as the worker's table takes them,
    /// and `customers.csv`.
    pub fn write(&self, out: &Path) -> io::Result<()> {
        let data = out.join("data");
        fs::create_dir_all(data.join("documents"))?;
        fs::write(data.join("shop.toml"), SHOP_FILE)?;
        for (name, text) in DOCUMENTS {
            fs::write(data.join("documents").join(name), text)?;
        }
        write_products(&self.products, fs::File::create(data.join("products.csv"))?)?;
        let mut orders = io::BufWriter::new(fs::File::create(out.join("orders.ndjson"))?);
        for order in &self.orders {
            serde_json::to_writer(&mut orders, order)?;
            orders.write_all(b"\n")?;
        }
        orders.flush()?;
        let mut customers = csv::Writer::from_path(out.join("customers.csv"))?;
        customers.write_record(["id", "name", "email"])?;
        for customer in &self.customers {
            customers.write_record([&customer.id, &customer.name, &customer.email])?;
        }
        customers.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use aisle_core::orders::{Email, check};
    use aisle_core::protocol::OrderState;

    use super::*;
    use crate::read::read_shop;

    const SIZE: StoreSize = StoreSize { products: 40, customers: 30, orders: 200 };

    fn today() -> Date {
        Date::new(2026, 6, 15).unwrap()
    }

    #[test]
    fn the_same_seed_makes_the_same_shop() {
        let store = generate_store(SIZE, today(), 1);
        assert_eq!(store, generate_store(SIZE, today(), 1));
        assert_ne!(store, generate_store(SIZE, today(), 2));
        let counts = (store.products.len(), store.customers.len(), store.orders.len());
        assert_eq!(counts, (40, 30, 200));
    }

    #[test]
    fn few_orders_are_in_every_state() {
        let size = StoreSize { products: 5, customers: 3, orders: 11 };
        let store = generate_store(size, today(), 7);
        let states: HashSet<OrderState> = store.orders.iter().map(|order| order.state).collect();
        assert_eq!(states.len(), 11);
    }

    #[test]
    fn orders_hold_together() {
        let store = generate_store(SIZE, today(), 3);
        let now_ms = u64::try_from(today().days()).unwrap() * DAY_MS;
        let emails: HashMap<&str, &str> =
            store.customers.iter().map(|c| (c.id.as_str(), c.email.as_str())).collect();
        let variants: HashMap<&str, u32> = store
            .products
            .iter()
            .flat_map(|p| p.variants.iter().map(|v| (v.sku.as_str(), v.price_minor)))
            .collect();
        let mut numbers = HashSet::new();
        for order in &store.orders {
            let key = check(order).unwrap_or_else(|e| panic!("{}: {e}", order.number));
            assert!(numbers.insert(key));
            let customer = order.customer.as_deref().unwrap();
            assert_eq!(order.email.as_deref(), Some(emails[customer]));
            let goods: u32 = order.lines.iter().map(|l| l.quantity * l.price_minor).sum();
            let sum = goods + order.shipping_minor - order.discount_minor;
            assert_eq!(order.total_minor, sum, "{}", order.number);
            for line in &order.lines {
                assert_eq!(variants.get(line.sku.as_str()), Some(&line.price_minor));
            }
            let times = [order.placed_at_ms, order.shipped_at_ms, order.delivered_at_ms];
            let told: Vec<u64> = times.into_iter().flatten().collect();
            assert!(told.is_sorted() && told.iter().all(|at| *at <= now_ms), "{order:?}");
            let (is_sent, has_arrived) = match order.state {
                OrderState::Placed | OrderState::Paid | OrderState::Packed => (false, false),
                OrderState::Cancelled => (false, false),
                OrderState::Shipped | OrderState::OutForDelivery => (true, false),
                _ => (true, true),
            };
            let found = (order.shipped_at_ms.is_some(), order.delivered_at_ms.is_some());
            assert_eq!(found, (is_sent, has_arrived), "{order:?}");
            assert_eq!(order.tracking.is_empty(), !is_sent);
        }
    }

    #[test]
    fn addresses_are_nobodys() {
        let store = generate_store(SIZE, today(), 3);
        let emails: HashSet<&String> = store.customers.iter().map(|c| &c.email).collect();
        assert_eq!(emails.len(), 30);
        for email in emails {
            assert!(Email::parse(email).is_some(), "{email}");
            let host = email.split('@').nth(1).unwrap();
            assert!(["example.com", "example.net", "example.org"].contains(&host), "{email}");
        }
    }

    #[test]
    fn the_trainer_reads_it_without_a_warning() {
        let dir = tempfile::TempDir::new().unwrap();
        let store = generate_store(SIZE, today(), 3);
        store.write(dir.path()).unwrap();
        let shop = read_shop(&dir.path().join("data")).unwrap();
        assert_eq!(shop.warnings, []);
        assert_eq!((shop.products.len(), shop.documents.len()), (40, DOCUMENTS.len()));
        let variants: usize = store.products.iter().map(|product| product.variants.len()).sum();
        let read: usize = shop.products.iter().map(|p| 1 + p.variant_skus.len()).sum();
        assert_eq!(read, variants);
        assert!(variants > 2 * shop.products.len());
        assert_eq!(shop.profile.currency, STORE_CURRENCY);
    }
}
