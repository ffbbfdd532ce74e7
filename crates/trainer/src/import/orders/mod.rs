//! Orders, as Shopify exports them, as invoice lines, as the worker's table has them or as a folder
//! of JSON, into the shop's `sales.csv` and into the worker's table ([`export_orders`]).
//!
//! In the sales, an order that comes again takes the place of the former one; one that was cancelled
//! or paid back since is taken out.

mod fields;
mod folder;
mod rows;
mod state;
mod table;
mod written;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use aisle_core::date::Date;
use aisle_core::orders::check;
use aisle_core::protocol::Order as FullOrder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::date::parse_date;
use super::error::ImportError;
use super::mapping::Field;
use super::output::{Output, Table, place};
use super::sort::{Group, Sorter};
use super::source::{OnBytes, Source, delimiter, failed_table, warn_of_encoding};
use super::{Counts, Options, Summary, conclude, open_table, temporary_folder};
pub use table::export_orders;

use fields::{
    CANCELLED, CURRENCY, CUSTOMER, Columns, DATE, FIELDS, ORDER, PRICE, QUANTITY, SKU, STATUS,
    TITLE,
};
use state::is_void;

use crate::read::{
    PriceError, ReadError, Row, Warnings, parse_price, plain, quoted, read_products, write_price,
};

/// What a file of orders is, for errors.
const EXPECTED: &str = "orders as Shopify's CSV, a CSV with the columns InvoiceNo, StockCode, \
    Quantity, InvoiceDate and UnitPrice, one JSON object a line, or a folder with orders.json and \
    users.json";
/// The sales in the shop's folder.
const SALES_FILE: &str = "sales.csv";
/// Its columns.
const HEADER: [&str; 6] =
    ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"];

/// In the place of a guest's id, for the check alone.
const GUEST: &str = "guest";
/// Longest cell, in characters.
const MAX_CHARS: usize = 10_000;

/// A row: what it says of its order, and the line of goods that it is.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    is_old: bool,
    line: u64,
    date: Option<String>,
    customer: Option<String>,
    /// Whether the order was no sale in the end.
    is_void: bool,
    is_foreign: bool,
    goods: Option<Goods>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Goods {
    sku: String,
    quantity: u32,
    price_minor: u32,
}

/// An order that was made and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Order {
    date: String,
    customer: String,
    goods: Vec<Goods>,
}

/// Imports orders from a file.
pub fn import_orders(from: &Path, options: &Options<'_>) -> Result<Summary, ImportError> {
    options.mapping.check(&FIELDS)?;
    let mut sorter = Sorter::new(temporary_folder(options)?);
    let path = place(options.shop, SALES_FILE);
    let (old_name, new_name) = (path.display().to_string(), from.display().to_string());
    let mut warnings = Warnings::new(&old_name);
    if path.exists() && !options.replace {
        let quiet: OnBytes = Rc::new(|_| {});
        match Source::open(&path, EXPECTED, &quiet) {
            Ok(source) => {
                let own = options.again();
                let reading = Reading { options: &own, is_old: true, titles: Titles::default() };
                reading.read(source, &mut sorter, &mut warnings)?;
            }
            Err(ImportError::Read(ReadError::Empty { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    warnings.set_file(&new_name);
    let (records, format) = if is_table(from)? {
        let source = Source::open(from, EXPECTED, &options.on_bytes)?;
        let reading = Reading { options, is_old: false, titles: Titles::default() };
        reading.read(source, &mut sorter, &mut warnings)?
    } else {
        each_order(from, options, &mut warnings, &mut |line, order, warnings| {
            push_sales(line, order, options, &mut sorter, warnings)
        })?
    };
    let target = (!options.dry_run).then_some(path.as_path());
    let (counts, output) = write(sorter, target, options, &mut warnings)?;
    let first_reason = warnings.first_reason();
    conclude(counts.used(), records, (new_name, EXPECTED), first_reason, output)?;
    Ok(Summary::new(format.to_owned(), records, counts, warnings, &path))
}

/// Told of every order, with its line.
type EachOrder<'a> = &'a mut dyn FnMut(u64, FullOrder, &mut Warnings) -> Result<(), ImportError>;

/// Whether the file is a table, and not JSON or a folder of it.
fn is_table(from: &Path) -> Result<bool, ImportError> {
    if from.is_dir() {
        return Ok(false);
    }
    let quiet: OnBytes = Rc::new(|_| {});
    let head = Source::open(from, EXPECTED, &quiet)?.head;
    Ok(!is_json(&head))
}

fn is_json(head: &str) -> bool {
    head.trim_start().starts_with('{')
}

/// Reads whole orders with their states, whatever form they come in. Returns the number of records
/// and the form.
fn each_order(
    from: &Path,
    options: &Options<'_>,
    warnings: &mut Warnings,
    each: EachOrder<'_>,
) -> Result<(u64, &'static str), ImportError> {
    let mut dated = |line, mut order: FullOrder, warnings: &mut Warnings| {
        order.placed_at_ms = order.placed_at_ms.or(options.placed_at_ms);
        each(line, order, warnings)
    };
    if from.is_dir() {
        if !folder::is_folder(from) {
            let file = from.display().to_string();
            return Err(ReadError::Missing { file, expected: EXPECTED }.into());
        }
        return Ok((folder::read(from, options, warnings, &mut dated)?, "orders-folder"));
    }
    let source = Source::open(from, EXPECTED, &options.on_bytes)?;
    if is_json(&source.head) {
        return Ok((written::read(source, warnings, &mut dated)?, "orders-ndjson"));
    }
    Ok((rows::read(source, options, warnings, &mut dated)?, "orders-csv"))
}

/// Puts the lines of an order among the sales.
fn push_sales(
    line: u64,
    mut order: FullOrder,
    options: &Options<'_>,
    sorter: &mut Sorter,
    warnings: &mut Warnings,
) -> Result<(), ImportError> {
    // An id may be a name.
    let customer = order.customer.as_deref().or(order.email.as_deref()).map(digest);
    if order.email.is_none() {
        // A guest's order counts as well.
        order.customer.get_or_insert_with(|| GUEST.to_owned());
    }
    if let Err(reason) = check(&order) {
        let reason = format!("{}: {reason}; left out", quoted(&order.number));
        warnings.add(line, Some(ORDER.name), reason);
        return Ok(());
    }
    let number = plain(&order.number);
    let is_void = is_void(order.state) || is_void_row(&number, "", "");
    let is_foreign = order.currency != options.currency;
    let date = order.placed_at_ms.and_then(written_date);
    for goods in &order.lines {
        let sku = plain(&goods.sku);
        let is_sale = goods.price_minor > 0 && goods.quantity > 0 && !sku.is_empty();
        let (quantity, price_minor) = (goods.quantity, goods.price_minor);
        let entry = Entry {
            is_old: false,
            line,
            date: date.clone(),
            customer: customer.clone(),
            is_void,
            is_foreign,
            goods: is_sale.then_some(Goods { sku, quantity, price_minor }),
        };
        sorter.push(&number, &entry)?;
    }
    Ok(())
}

/// A time as the sales have it, such as "2026-09-30 14:05"; nothing beyond the year 9999.
fn written_date(at_ms: u64) -> Option<String> {
    let Date { year, month, day } = Date::from_ms(at_ms);
    let minute = at_ms / 60_000 % (24 * 60);
    let (hour, minute) = (minute / 60, minute % 60);
    (year <= 9_999).then(|| format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"))
}

/// SKUs by title, of what is in the shop's catalogue; read when they are first asked for. What is
/// wrong with the catalogue is told where it is imported or trained from.
#[derive(Default)]
struct Titles(OnceCell<HashMap<String, String>>);

impl Titles {
    /// The SKU of a product by the name of a line of goods, which may end in that of a variant.
    fn sku_of(&self, title: &str, options: &Options<'_>) -> Option<String> {
        let title = title.to_lowercase();
        let product = title.rsplit_once(" - ").map_or(title.as_str(), |(product, _)| product);
        let titles = self.0.get_or_init(|| Self::read(options));
        titles.get(&title).or_else(|| titles.get(product)).cloned()
    }

    fn read(options: &Options<'_>) -> HashMap<String, String> {
        let path = place(options.shop, "products.csv");
        let quiet: OnBytes = Rc::new(|_| {});
        let Ok(source) = Source::open(&path, EXPECTED, &quiet) else { return HashMap::new() };
        let products = read_products(source.into_input().0, options.currency);
        products.map_or_else(
            |_| HashMap::new(),
            |(products, _)| products.into_iter().map(|p| (p.title.to_lowercase(), p.sku)).collect(),
        )
    }
}

struct Reading<'a> {
    options: &'a Options<'a>,
    is_old: bool,
    titles: Titles,
}

impl Reading<'_> {
    /// Reads all rows; returns their number and the form of the file.
    fn read(
        &self,
        source: Source,
        sorter: &mut Sorter,
        warnings: &mut Warnings,
    ) -> Result<(u64, &'static str), ImportError> {
        let (divider, file) = (delimiter(&source.head), source.name.clone());
        let (mut table, found) = open_table(source, divider, EXPECTED)?;
        let columns = Columns::find(&table, &file, self.options)?;
        let is_shopify = table.column(&["lineitem quantity"]).is_some();
        while let Some(row) = table.next(warnings).map_err(failed_table)? {
            self.read_row(&row, &columns, sorter, warnings)?;
        }
        warn_of_encoding(&found, warnings);
        Ok((table.rows(), if is_shopify { "shopify-orders-csv" } else { "sales-csv" }))
    }

    fn read_row(
        &self,
        row: &Row<'_>,
        columns: &Columns,
        sorter: &mut Sorter,
        warnings: &mut Warnings,
    ) -> Result<(), ImportError> {
        let cell = |field: Field| row.get(columns.of(field));
        let order = plain(cell(ORDER));
        if order.is_empty() {
            warnings.add(row.line, Some(ORDER.name), "is empty; row left out");
            return Ok(());
        }
        if FIELDS.iter().any(|field| cell(*field).chars().count() > MAX_CHARS) {
            let reason = format!("a cell is longer than {MAX_CHARS} characters; row left out");
            warnings.add(row.line, None, reason);
            return Ok(());
        }
        let mut warn = |field: Field, reason: String| {
            warnings.add(row.line, Some(field.name), format!("{reason}; row left out"));
        };
        let date = match cell(DATE) {
            // Shopify tells it in the first row of an order.
            "" => None,
            text => match parse_date(text, self.options.dates) {
                Ok(date) => Some(date),
                Err(e) => {
                    warn(DATE, format!("{} {e}", quoted(text)));
                    return Ok(());
                }
            },
        };
        let currency = cell(CURRENCY);
        let entry = Entry {
            is_old: self.is_old,
            line: row.line,
            date,
            customer: Some(cell(CUSTOMER)).filter(|c| !c.is_empty()).map(pseudonym),
            is_void: is_void_row(&order, cell(CANCELLED), cell(STATUS)),
            is_foreign: !currency.is_empty()
                && !currency.eq_ignore_ascii_case(self.options.currency),
            goods: match self.goods(row, columns) {
                Ok(goods) => goods,
                Err((field, reason)) => {
                    warn(field, reason);
                    None
                }
            },
        };
        sorter.push(&order, &entry)
    }

    /// The goods of a row; nothing where it is a correction and no sale.
    fn goods(&self, row: &Row<'_>, columns: &Columns) -> Result<Option<Goods>, (Field, String)> {
        let cell = |field: Field| row.get(columns.of(field));
        let (quantity, price) = (cell(QUANTITY), cell(PRICE));
        if quantity.is_empty() && price.is_empty() {
            return Ok(None);
        }
        let pieces: f64 = quantity
            .parse()
            .ok()
            .filter(|pieces: &f64| pieces.fract() == 0.0)
            .ok_or_else(|| (QUANTITY, format!("{} is not a whole number", quoted(quantity))))?;
        let price_minor = match parse_price(price, self.options.currency) {
            Ok(price) => price,
            Err(PriceError::Negative) => return Ok(None),
            Err(PriceError::Empty) => return Err((PRICE, "is empty".to_owned())),
            Err(e) => return Err((PRICE, format!("{} {e}", quoted(price)))),
        };
        if pieces <= 0.0 || price_minor == 0 {
            return Ok(None);
        }
        if pieces > f64::from(u32::MAX) {
            let reason = format!("{} is not a sensible number of pieces", quoted(quantity));
            return Err((QUANTITY, reason));
        }
        let sku = match plain(cell(SKU)) {
            sku if sku.is_empty() => self.titles.sku_of(cell(TITLE), self.options),
            sku => Some(sku),
        };
        let sku = sku.ok_or_else(|| {
            let reason = match cell(TITLE) {
                "" => "is empty".to_owned(),
                title => format!("is empty, and {} is no title of the catalogue", quoted(title)),
            };
            (SKU, reason)
        })?;
        Ok(Some(Goods { sku, quantity: pieces as u32, price_minor }))
    }
}

/// Whether an order was no sale in the end.
fn is_void_row(order: &str, cancelled: &str, status: &str) -> bool {
    let is_credit = order
        .strip_prefix('C')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
    let status = status.to_lowercase();
    let is_back =
        matches!(status.as_str(), "refunded" | "voided" | "cancelled" | "canceled" | "failed");
    is_credit || is_back || !cancelled.is_empty()
}

/// A customer's number; of an e-mail address a digest, so that the address itself is not kept.
fn pseudonym(customer: &str) -> String {
    let customer = plain(customer);
    if !customer.contains('@') {
        return customer;
    }
    digest(&customer)
}

fn digest(customer: &str) -> String {
    let digest = Sha256::digest(customer.to_lowercase().as_bytes());
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("c{hex}")
}

/// Merges and writes; `path` is nothing for a mere trial.
fn write(
    sorter: Sorter,
    path: Option<&Path>,
    options: &Options<'_>,
    warnings: &mut Warnings,
) -> Result<(Counts, Option<Output>), ImportError> {
    let placed = options.placed_at_ms.and_then(written_date);
    let mut table = Table::create(path, &HEADER)?;
    let mut counts = Counts::default();
    let mut voids = 0_u64;
    let mut sorted = sorter.finish()?;
    while let Some(Group { key, records, surplus }) = sorted.next_group::<Entry>()? {
        let (old, new): (Vec<_>, Vec<_>) = records.into_iter().partition(|entry| entry.is_old);
        let (came, line) = (!new.is_empty(), new.first().map_or(0, |entry| entry.line));
        if surplus > 0 {
            let reason = format!("{} has {surplus} rows too many; left out", quoted(&key));
            warnings.add(line, Some(ORDER.name), reason);
        }
        let old = order(old, None).ok().flatten();
        let order = match order(new, placed.clone()) {
            Ok(order) if came => order,
            Err(reason) => {
                warnings.add(
                    line,
                    Some(ORDER.name),
                    format!("{} {reason}; left out", quoted(&key)),
                );
                counts.left_out += 1;
                continue;
            }
            _ => old.clone(),
        };
        let Some(order) = order else {
            voids += 1;
            counts.left_out += 1;
            continue;
        };
        counts.count(old.as_ref(), &order, came);
        for Goods { sku, quantity, price_minor } in &order.goods {
            let price = write_price(*price_minor, options.currency);
            let row = [&key, sku, &quantity.to_string(), &order.date, &price, &order.customer];
            table.write(row)?;
        }
    }
    if voids > 0 {
        let what = if voids == 1 { "order is" } else { "orders are" };
        let reason = format!("{voids} {what} cancelled, paid back or a correction; left out");
        warnings.add_of_file(reason);
    }
    Ok((counts, table.finish()?))
}

/// The order that rows make, in whatever order they come; nothing where it was no sale. `placed` is
/// its date where no row has one.
fn order(entries: Vec<Entry>, placed: Option<String>) -> Result<Option<Order>, &'static str> {
    if entries.iter().any(|entry| entry.is_void) {
        return Ok(None);
    }
    if entries.iter().any(|entry| entry.is_foreign) {
        return Err("is in another currency than the shop's");
    }
    let date = entries.iter().find_map(|entry| entry.date.clone()).or(placed);
    let customer = entries.iter().find_map(|entry| entry.customer.clone()).unwrap_or_default();
    let goods: Vec<Goods> = entries.into_iter().filter_map(|entry| entry.goods).collect();
    match date {
        _ if goods.is_empty() => Ok(None),
        None => Err("has no date; say one for all such with --placed"),
        Some(date) => Ok(Some(Order { date, customer, goods })),
    }
}
