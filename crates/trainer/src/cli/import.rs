//! `aisle import`

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use aisle_core::date::Date;
use aisle_trainer::import::{
    DateOrder, ImportError, Mapping, NewShop, Options, ProductFormat, Summary, ensure_shop,
    export_orders, import_chats, import_orders, import_products, import_reviews,
};
use clap::{Args, Subcommand, ValueEnum};

use super::output::{byte_bar, print_json, print_warnings};

/// Brings a shop's own data into the folder that `aisle train` reads.
///
/// Files may be plain or gzipped, in UTF-8, UTF-16 or Windows-1252, and of any size: they are
/// streamed. What the folder has already is kept, and updated by its id; importing a file twice
/// is importing it once. Entries that cannot be used are named with file, line, column and reason
/// and left out; a file without one that can be used is an error, and nothing is written.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  aisle import products --from products_export.csv --shop my-shop/data --currency GBP --name \"My shop\"
  aisle import orders   --from orders_export.csv --shop my-shop/data
  aisle import reviews  --from reviews.csv --shop my-shop/data
  aisle import chats    --from conversations.jsonl.gz --shop my-shop/data
  aisle train --shop my-shop/data --out my-shop/artifact")]
pub(super) enum Import {
    Products(Products),
    Orders(Orders),
    Reviews(Reviews),
    Chats(Chats),
}

impl Import {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        match self {
            Self::Products(command) => command.run(out),
            Self::Orders(command) => command.run(out),
            Self::Reviews(command) => command.run(out),
            Self::Chats(command) => command.run(out),
        }
    }
}

/// What all kinds of import take.
#[derive(Debug, Args)]
struct Common {
    /// The outside file.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The shop's folder; it is made where it is missing.
    #[arg(long, value_name = "DIR")]
    shop: PathBuf,
    /// Currency of the prices of a new shop, such as GBP. Prices in other currencies are left out.
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Name of a new shop.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Which column of the file is which field, where its name does not tell: `--map title=Name`.
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<String>,
    /// Forget what the folder has of this kind instead of updating it.
    #[arg(long)]
    replace: bool,
    /// Read and count everything, write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

impl Common {
    fn run(
        &self,
        what: &str,
        out: &mut dyn Write,
        dates: (Option<DateOrder>, Option<u64>),
        import: impl FnOnce(&Options<'_>) -> Result<Summary, ImportError>,
    ) -> anyhow::Result<()> {
        let new = NewShop { currency: self.currency.clone(), name: self.name.clone() };
        let mapping = Mapping::parse(&self.map)?;
        let currency = ensure_shop(&self.shop, &new, self.dry_run)?;
        let bar = byte_bar("reading", size(&self.from));
        let told = bar.clone();
        let options = Options {
            shop: &self.shop,
            currency: &currency,
            mapping,
            dates: dates.0,
            placed_at_ms: dates.1,
            replace: self.replace,
            dry_run: self.dry_run,
            on_bytes: Rc::new(move |bytes| told.inc(bytes)),
        };
        let done = import(&options);
        bar.finish_and_clear();
        let summary = done?;
        print_warnings(&summary.warnings);
        if self.json {
            return print_json(out, &summary);
        }
        let Summary { format, records, counts, total, warning_count, written, .. } = &summary;
        writeln!(out, "{records} records read as {format}, {warning_count} warnings")?;
        writeln!(
            out,
            "{what}: {} new, {} updated, {} unchanged, {} kept, {} left out; {total} in all",
            counts.added, counts.updated, counts.unchanged, counts.kept, counts.left_out
        )?;
        if self.dry_run {
            writeln!(out, "nothing was written")?;
        } else {
            writeln!(out, "written to {written}")?;
        }
        Ok(())
    }
}

/// Bytes of a file, or of those in a folder.
fn size(path: &Path) -> u64 {
    let Ok(entry) = fs::metadata(path) else { return 0 };
    if !entry.is_dir() {
        return entry.len();
    }
    let entries = fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.metadata().map_or(0, |m| m.len())).sum()
}

/// Imports a catalogue into products.csv.
///
/// The form is told by the file's beginning. Fields for --map: handle, url, sku, title,
/// description, vendor, category, tags, price, sale_price, compare_at_price, currency, stock,
/// available, image, colour, size. A product is known by its handle; where there is none, by the
/// last part of its address, or by title and SKU.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aisle import products --from products_export_1.csv --shop my-shop/data --currency GBP --name \"My shop\"
  curl 'https://my-shop.example/products.json?limit=250' > p.json && aisle import products --from p.json --shop my-shop/data
  aisle import products --from wc-product-export.csv --shop my-shop/data
  aisle import products --from feed.xml.gz --shop my-shop/data --dry-run
  aisle import products --from stock.csv --map title=Bezeichnung --map price=Preis --shop my-shop/data
  aisle import products --from saved-pages/ --format json-ld --shop my-shop/data --json")]
pub(super) struct Products {
    #[command(flatten)]
    common: Common,
    /// The form of the file.
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Told by the file's beginning; a folder is one of pages.
    Auto,
    /// Shopify's product export, old and new column names.
    ShopifyCsv,
    /// Shopify's products.json.
    ShopifyJson,
    /// WooCommerce's product export, with variable products.
    WoocommerceCsv,
    /// A table with one product a row; the divider is found.
    Csv,
    /// Objects, one a line or in a list.
    Ndjson,
    /// Google Merchant's feed, RSS 2.0 or Atom.
    GoogleXml,
    /// A web page, or a folder of them, with schema.org's Product in JSON-LD.
    JsonLd,
    /// An object of products by id, with variants by id; or a folder with that and orders.json.
    StoreJson,
}

impl Format {
    fn named(self) -> Option<ProductFormat> {
        Some(match self {
            Self::Auto => return None,
            Self::ShopifyCsv => ProductFormat::ShopifyCsv,
            Self::ShopifyJson => ProductFormat::ShopifyJson,
            Self::WoocommerceCsv => ProductFormat::WoocommerceCsv,
            Self::Csv => ProductFormat::Csv,
            Self::Ndjson => ProductFormat::Ndjson,
            Self::GoogleXml => ProductFormat::GoogleXml,
            Self::JsonLd => ProductFormat::JsonLd,
            Self::StoreJson => ProductFormat::StoreJson,
        })
    }
}

impl Products {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        self.common.run("products", out, (None, None), |options| {
            import_products(&self.common.from, self.format.named(), options)
        })
    }
}

/// Imports orders into sales.csv, or with --table writes them for the worker.
///
/// Reads Shopify's orders export; invoice lines with the columns InvoiceNo, StockCode, Quantity,
/// InvoiceDate, UnitPrice and CustomerID; one JSON object a line as the worker's table has it
/// (docs/orders.md); and a folder with orders.json and users.json. Fields for --map: order, sku,
/// title, quantity, date, price, customer, cancelled, status, currency, email, fulfilment, shipped,
/// delivered, shipping, discount, total. An order that comes again takes the place of the former
/// one; cancelled, returned and refunded orders are taken out of the sales. In the sales, e-mail
/// addresses are kept as a digest only. With --table every order is written with its state, and
/// with the address that it is looked up by: the file is for the worker alone.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aisle import orders --from orders_export.csv --shop my-shop/data
  aisle import orders --from orders_export.csv --shop my-shop/data --table orders.ndjson
  aisle import orders --from invoices.csv.gz --dates dmy --shop my-shop/data
  aisle import orders --from store/ --placed 2026-03-01 --shop my-shop/data
  aisle import orders --from till.csv --map order=Beleg --map sku=Artikel --map date=Datum --shop my-shop/data")]
pub(super) struct Orders {
    #[command(flatten)]
    common: Common,
    /// What comes first in dates such as 1/2/2026.
    #[arg(long, value_enum)]
    dates: Option<Dates>,
    /// Write the orders with their states to this file, for the worker's table, and no sales.
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
    /// When orders were placed of which the file does not say it, such as 2026-03-01.
    #[arg(long, value_name = "DAY", value_parser = super::day::parse)]
    placed: Option<Date>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Dates {
    /// The day.
    Dmy,
    /// The month.
    Mdy,
}

impl Orders {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let dates = self.dates.map(|dates| match dates {
            Dates::Dmy => DateOrder::DayFirst,
            Dates::Mdy => DateOrder::MonthFirst,
        });
        let from = &self.common.from;
        let dates = (dates, self.placed.map(super::day::start_ms));
        self.common.run("orders", out, dates, |options| match &self.table {
            Some(to) => export_orders(from, to, options),
            None => import_orders(from, options),
        })
    }
}

/// Imports what customers wrote about products into reviews.csv.
///
/// Columns for the product (SKU, handle or id), the rating (5, 4/5, 8/10, stars), the title and the
/// text are found by their usual names. Fields for --map: id, sku, rating, title, text, status.
/// Names and addresses of reviewers are not kept. Training makes products searchable by what
/// reviewers say, and answers questions such as \"does it run small?\" in their words.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aisle import reviews --from reviews.csv --shop my-shop/data
  aisle import reviews --from clothing.csv.gz --map sku=\"Clothing ID\" --map text=\"Review Text\" --shop my-shop/data")]
pub(super) struct Reviews {
    #[command(flatten)]
    common: Common,
}

impl Reviews {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let from = &self.common.from;
        self.common.run("reviews", out, (None, None), |options| import_reviews(from, options))
    }
}

/// Imports former conversations, one JSON object a line, into chats.jsonl.
///
/// The format is that of the worker's export (docs/protocol.md): id, started, and messages with
/// role, text, at, intent, intent_by and answered. E-mail addresses and long numbers are masked.
/// Training learns from shoppers' messages whose intent is confirmed, and lists the questions that
/// stayed without an answer in unanswered.tsv beside the artifact.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aisle import chats --from conversations.jsonl --shop my-shop/data
  aisle import chats --from conversations.jsonl.gz --shop my-shop/data --dry-run --json")]
pub(super) struct Chats {
    #[command(flatten)]
    common: Common,
}

impl Chats {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let from = &self.common.from;
        self.common.run("conversations", out, (None, None), |options| import_chats(from, options))
    }
}
