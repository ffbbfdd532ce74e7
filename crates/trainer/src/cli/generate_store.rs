//! `aisle generate-store`

use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::SystemTime;

use aisle_core::date::Date;
use aisle_trainer::generate::{MAX_PRODUCTS, STORE_CURRENCY, StoreSize, generate_store};
use aisle_trainer::import::{Mapping, Options, import_orders};
use anyhow::Context;
use clap::Args;
use serde::Serialize;

use super::index::index;
use super::output::print_json;

/// Makes a whole shop that nobody runs, to try and to test with: products in sizes and colours,
/// documents, customers, and orders in every state.
///
/// Into OUT/data goes what `aisle train` reads, into OUT/orders.ndjson what the worker's table takes
/// and into OUT/customers.csv who may sign in. All of it is made up.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  aisle generate-store --out second-shop
  aisle train --shop second-shop/data --out second-shop/artifact
  curl -X PUT https://chat.example/v1/admin/shops/second/orders \\
    -H \"Authorization: Bearer $KEY\" --data-binary @second-shop/orders.ndjson

The same sizes, day and seed give the same bytes.")]
pub(super) struct GenerateStore {
    /// Where to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Number of products.
    #[arg(long, default_value_t = 48, value_parser = products)]
    products: usize,
    /// Number of customers.
    #[arg(long, default_value_t = 60)]
    customers: usize,
    /// Number of orders; from 11 on there is one in every state.
    #[arg(long, default_value_t = 400)]
    orders: usize,
    /// The day on which the shop stands so, such as 2026-03-01; the present one unless it is given.
    #[arg(long, value_name = "DAY", value_parser = super::day::parse)]
    today: Option<Date>,
    /// Write OUT/artifact as well, with the models of the artifact in this folder: in seconds, and
    /// good enough to try; `aisle train` makes a better one.
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Seed of everything random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

/// What `--json` writes.
#[derive(Serialize)]
struct Told {
    products: usize,
    variants: usize,
    customers: usize,
    orders: usize,
}

fn products(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=MAX_PRODUCTS).contains(number));
    number.ok_or_else(|| format!("a number from 1 to {MAX_PRODUCTS}"))
}

impl GenerateStore {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let GenerateStore { products, customers, orders, .. } = *self;
        let size = StoreSize { products, customers, orders };
        let store = generate_store(size, self.today.unwrap_or_else(present), self.seed);
        let written = || format!("{} cannot be written", self.out.display());
        store.write(&self.out).with_context(written)?;
        if !store.orders.is_empty() {
            let options = Options {
                shop: &self.out.join("data"),
                currency: STORE_CURRENCY,
                mapping: Mapping::default(),
                dates: None,
                placed_at_ms: None,
                replace: true,
                dry_run: false,
                on_bytes: Rc::new(|_| {}),
            };
            import_orders(&self.out.join("orders.ndjson"), &options)?;
        }
        if let Some(dir) = &self.models {
            index(&self.out.join("data"), dir, &self.out.join("artifact"))?;
        }
        let variants: usize = store.products.iter().map(|product| product.variants.len()).sum();
        if self.json {
            return print_json(out, &Told { products, variants, customers, orders });
        }
        writeln!(
            out,
            "{products} products in {variants} variants, {customers} customers, {orders} orders"
        )?;
        Ok(())
    }
}

/// Today in UTC.
fn present() -> Date {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Date::from_days(i64::try_from(since.as_secs() / 86_400).unwrap_or_default())
}
