//! Orders, as Shopify exports them or as invoice lines, into the shop's `sales.csv`.
//!
//! An order that comes again takes the place of the former one; one that was cancelled or paid back
//! since is taken out.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::date::parse_date;
use super::error::ImportError;
use super::mapping::Field;
use super::output::{Output, place, unwritable};
use super::sort::{Group, Sorter};
use super::source::{OnBytes, Source, delimiter, failed_table, warn_of_encoding};
use super::{Counts, Options, Summary, conclude, open_table, temporary_folder};
use crate::read::{
    PriceError, ReadError, Row, Table, Warnings, parse_price, plain, quoted, read_products,
    write_price,
};

/// What a file of orders is, for errors.
const EXPECTED: &str = "orders as Shopify's CSV, or a CSV with the columns InvoiceNo, StockCode, \
    Quantity, InvoiceDate and UnitPrice";
/// The sales in the shop's folder.
const SALES_FILE: &str = "sales.csv";
/// Its columns.
const HEADER: [&str; 6] =
    ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"];

/// Longest cell, in characters.
const MAX_CHARS: usize = 10_000;

const ORDER: Field = Field {
    name: "order",
    names: &["invoiceno", "invoice", "ordernumber", "orderno", "orderid", "order", "name", "id"],
};
const SKU: Field =
    Field { name: "sku", names: &["stockcode", "lineitemsku", "sku", "productsku", "variantsku"] };
const TITLE: Field = Field {
    name: "title",
    names: &["lineitemname", "producttitle", "productname", "itemname", "description"],
};
const QUANTITY: Field =
    Field { name: "quantity", names: &["quantity", "lineitemquantity", "qty", "netquantity"] };
const DATE: Field = Field {
    name: "date",
    names: &["invoicedate", "createdat", "orderdate", "date", "paidat", "processedat"],
};
const PRICE: Field =
    Field { name: "price", names: &["unitprice", "lineitemprice", "price", "itemprice"] };
const CUSTOMER: Field = Field {
    name: "customer",
    names: &["customerid", "customer", "email", "customeremail", "billingemail"],
};
const CANCELLED: Field = Field { name: "cancelled", names: &["cancelledat", "canceledat"] };
const STATUS: Field =
    Field { name: "status", names: &["financialstatus", "paymentstatus", "orderstatus", "status"] };
const CURRENCY: Field = Field { name: "currency", names: &["currency", "currencycode"] };

/// Every field.
const FIELDS: [Field; 10] =
    [ORDER, SKU, TITLE, QUANTITY, DATE, PRICE, CUSTOMER, CANCELLED, STATUS, CURRENCY];

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
                let reading = Reading { options: &own, is_old: true, titles: OnceCell::new() };
                reading.read(source, &mut sorter, &mut warnings)?;
            }
            Err(ImportError::Read(ReadError::Empty { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    warnings.set_file(&new_name);
    let source = Source::open(from, EXPECTED, &options.on_bytes)?;
    let reading = Reading { options, is_old: false, titles: OnceCell::new() };
    let (records, format) = reading.read(source, &mut sorter, &mut warnings)?;
    let target = (!options.dry_run).then_some(path.as_path());
    let (counts, output) = write(sorter, target, options.currency, &mut warnings)?;
    let first_reason = warnings.first_reason();
    conclude(counts.used(), records, (new_name, EXPECTED), first_reason, output)?;
    Ok(Summary::new(format.to_owned(), records, counts, warnings, &path))
}

/// SKUs by title, of what is in the shop's catalogue. What is wrong with that is told where it is
/// imported or trained from.
fn titles(options: &Options<'_>) -> HashMap<String, String> {
    let path = place(options.shop, "products.csv");
    let quiet: OnBytes = Rc::new(|_| {});
    let Ok(source) = Source::open(&path, EXPECTED, &quiet) else { return HashMap::new() };
    let products = read_products(source.into_input().0, options.currency);
    products.map_or_else(
        |_| HashMap::new(),
        |(products, _)| products.into_iter().map(|p| (p.title.to_lowercase(), p.sku)).collect(),
    )
}

struct Reading<'a> {
    options: &'a Options<'a>,
    is_old: bool,
    /// Read when the first line of goods without a SKU comes.
    titles: OnceCell<HashMap<String, String>>,
}

struct Columns([Option<usize>; FIELDS.len()]);

impl Columns {
    fn of(&self, field: Field) -> Option<usize> {
        let at = FIELDS.iter().position(|known| known.name == field.name)?;
        self.0.get(at).copied().flatten()
    }
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
        let columns = self.columns(&table, &file)?;
        let is_shopify = table.column(&["lineitem quantity"]).is_some();
        while let Some(row) = table.next(warnings).map_err(failed_table)? {
            self.read_row(&row, &columns, sorter, warnings)?;
        }
        warn_of_encoding(&found, warnings);
        Ok((table.rows(), if is_shopify { "shopify-orders-csv" } else { "sales-csv" }))
    }

    fn columns(&self, table: &Table, file: &str) -> Result<Columns, ImportError> {
        let mapping = &self.options.mapping;
        let names = table.columns();
        for field in [ORDER, QUANTITY, DATE, PRICE] {
            mapping.require(field, names, file)?;
        }
        let mut columns = [None; FIELDS.len()];
        for (at, field) in columns.iter_mut().zip(FIELDS) {
            *at = mapping.column(field, names, file)?;
        }
        let columns = Columns(columns);
        if columns.of(TITLE).is_none() {
            mapping.require(SKU, names, file)?;
        }
        Ok(columns)
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
            is_void: is_void(&order, cell(CANCELLED), cell(STATUS)),
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
            sku if sku.is_empty() => self.sku_of(cell(TITLE)),
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

    /// The SKU of a product by the name of a line of goods, which may end in that of a variant.
    fn sku_of(&self, title: &str) -> Option<String> {
        let title = title.to_lowercase();
        let product = title.rsplit_once(" - ").map_or(title.as_str(), |(product, _)| product);
        let titles = self.titles.get_or_init(|| titles(self.options));
        titles.get(&title).or_else(|| titles.get(product)).cloned()
    }
}

/// Whether an order was no sale in the end.
fn is_void(order: &str, cancelled: &str, status: &str) -> bool {
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
    let digest = Sha256::digest(customer.to_lowercase().as_bytes());
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("c{hex}")
}

/// Merges and writes; `path` is nothing for a mere trial.
fn write(
    sorter: Sorter,
    path: Option<&Path>,
    currency: &str,
    warnings: &mut Warnings,
) -> Result<(Counts, Option<Output>), ImportError> {
    let failed =
        |e: csv::Error| unwritable(path.unwrap_or(Path::new(SALES_FILE)), std::io::Error::other(e));
    let mut table = match path {
        Some(path) => Some(csv::Writer::from_writer(Output::create(path)?)),
        None => None,
    };
    if let Some(table) = &mut table {
        table.write_record(HEADER).map_err(failed)?;
    }
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
        let old = order(old).ok().flatten();
        let order = match order(new) {
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
        let Some(table) = &mut table else { continue };
        for Goods { sku, quantity, price_minor } in &order.goods {
            let price = write_price(*price_minor, currency);
            let row = [&key, sku, &quantity.to_string(), &order.date, &price, &order.customer];
            table.write_record(row).map_err(failed)?;
        }
    }
    if voids > 0 {
        let what = if voids == 1 { "order is" } else { "orders are" };
        let reason = format!("{voids} {what} cancelled, paid back or a correction; left out");
        warnings.add_of_file(reason);
    }
    let Some(table) = table else { return Ok((counts, None)) };
    let output = table.into_inner().map_err(|e| failed(e.into_error().into()))?;
    Ok((counts, Some(output)))
}

/// The order that rows make, in whatever order they come; nothing where it was no sale.
fn order(entries: Vec<Entry>) -> Result<Option<Order>, &'static str> {
    if entries.iter().any(|entry| entry.is_void) {
        return Ok(None);
    }
    if entries.iter().any(|entry| entry.is_foreign) {
        return Err("is in another currency than the shop's");
    }
    let date = entries.iter().find_map(|entry| entry.date.clone());
    let customer = entries.iter().find_map(|entry| entry.customer.clone()).unwrap_or_default();
    let goods: Vec<Goods> = entries.into_iter().filter_map(|entry| entry.goods).collect();
    match date {
        _ if goods.is_empty() => Ok(None),
        None => Err("has no date"),
        Some(date) => Ok(Some(Order { date, customer, goods })),
    }
}
