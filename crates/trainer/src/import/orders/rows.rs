//! Orders of a table whose rows are lines of goods, put together again: Shopify's orders export, or
//! any other with a column that says how far an order has come.

use aisle_core::protocol::{Order, OrderLine, OrderState};
use serde::{Deserialize, Serialize};

use super::super::Options;
use super::super::date::parse_moment;
use super::super::error::ImportError;
use super::super::mapping::Field;
use super::super::sort::{Group, Sorter};
use super::super::source::{Source, delimiter, failed_table, warn_of_encoding};
use super::super::{open_table, temporary_folder};
use super::fields::{
    CANCELLED, CURRENCY, CUSTOMER, Columns, DATE, DELIVERED, DISCOUNT, EMAIL, FULFILMENT, ORDER,
    PRICE, QUANTITY, SHIPPED, SHIPPING, SKU, STATUS, TITLE, TOTAL,
};
use super::state::state_of;
use super::{EXPECTED, EachOrder, MAX_CHARS, Titles};
use crate::read::{Row, Warnings, parse_price, plain, quoted};

/// In the place of a SKU that is not told.
const NO_SKU: &str = "-";

/// What a row says of its order, and the line of goods that it is.
#[derive(Default, Serialize, Deserialize)]
struct Part {
    line: u64,
    email: Option<String>,
    customer: Option<String>,
    state: Option<OrderState>,
    currency: Option<String>,
    placed_at_ms: Option<u64>,
    shipped_at_ms: Option<u64>,
    delivered_at_ms: Option<u64>,
    shipping_minor: Option<u32>,
    discount_minor: Option<u32>,
    total_minor: Option<u32>,
    goods: Option<OrderLine>,
}

/// Reads all rows and gives the orders that they make, by number, in whatever order the rows come.
/// Returns the number of rows.
pub(super) fn read(
    source: Source,
    options: &Options<'_>,
    warnings: &mut Warnings,
    each: EachOrder<'_>,
) -> Result<u64, ImportError> {
    let (divider, file) = (delimiter(&source.head), source.name.clone());
    let (mut table, found) = open_table(source, divider, EXPECTED)?;
    let columns = Columns::find(&table, &file, options)?;
    options.mapping.require(STATUS, table.columns(), &file)?;
    let reader = Reader { options, columns, titles: Titles::default() };
    let mut sorter = Sorter::new(temporary_folder(options)?);
    while let Some(row) = table.next(warnings).map_err(failed_table)? {
        if let Some((order, part)) = reader.part(&row, warnings) {
            sorter.push(&order, &part)?;
        }
    }
    warn_of_encoding(&found, warnings);
    let mut sorted = sorter.finish()?;
    while let Some(Group { key, records, surplus }) = sorted.next_group::<Part>()? {
        let line = records.first().map_or(0, |part| part.line);
        if surplus > 0 {
            let reason = format!("{} has {surplus} rows too many; left out", quoted(&key));
            warnings.add(line, Some(ORDER.name), reason);
        }
        match order(&key, records, options.currency) {
            Ok(order) => each(line, order, warnings)?,
            Err(reason) => {
                let reason = format!("{} {reason}; left out", quoted(&key));
                warnings.add(line, Some(ORDER.name), reason);
            }
        }
    }
    Ok(table.rows())
}

struct Reader<'a> {
    options: &'a Options<'a>,
    columns: Columns,
    titles: Titles,
}

impl Reader<'_> {
    fn cell<'r>(&self, row: &'r Row<'_>, field: Field) -> &'r str {
        row.get(self.columns.of(field))
    }

    /// The number of a row's order, and what the row says of it; nothing for a row without use.
    fn part(&self, row: &Row<'_>, warnings: &mut Warnings) -> Option<(String, Part)> {
        let cell = |field| self.cell(row, field);
        let number = plain(cell(ORDER));
        if number.is_empty() {
            warnings.add(row.line, Some(ORDER.name), "is empty; row left out");
            return None;
        }
        if super::fields::FIELDS.iter().any(|f| cell(*f).chars().count() > MAX_CHARS) {
            let reason = format!("a cell is longer than {MAX_CHARS} characters; row left out");
            warnings.add(row.line, None, reason);
            return None;
        }
        let some = |field| Some(plain(cell(field))).filter(|text| !text.is_empty());
        let customer = some(CUSTOMER);
        let is_address = |text: &String| text.contains('@');
        let cancelled = if cell(CANCELLED).is_empty() { "" } else { "cancelled" };
        let goods = match self.goods(row) {
            Ok(goods) => goods,
            Err((field, reason)) => {
                warnings.add(row.line, Some(field.name), format!("{reason}; line left out"));
                None
            }
        };
        let mut time = |field| self.time(row, field, warnings);
        let (placed_at_ms, shipped_at_ms) = (time(DATE), time(SHIPPED));
        let delivered_at_ms = time(DELIVERED);
        let mut price = |field| self.price(row, field, warnings);
        let part = Part {
            line: row.line,
            email: some(EMAIL).or_else(|| customer.clone().filter(is_address)),
            customer: customer.filter(|text| !is_address(text)),
            state: state_of(&[cancelled, cell(STATUS), cell(FULFILMENT)]),
            currency: some(CURRENCY),
            placed_at_ms,
            shipped_at_ms,
            delivered_at_ms,
            shipping_minor: price(SHIPPING),
            discount_minor: price(DISCOUNT),
            total_minor: price(TOTAL),
            goods,
        };
        Some((number, part))
    }

    fn time(&self, row: &Row<'_>, field: Field, warnings: &mut Warnings) -> Option<u64> {
        let text = self.cell(row, field);
        if text.is_empty() {
            return None;
        }
        let found = parse_moment(text, self.options.dates);
        found
            .map_err(|e| {
                warnings.add(row.line, Some(field.name), format!("{} {e}; not used", quoted(text)));
            })
            .ok()
    }

    fn price(&self, row: &Row<'_>, field: Field, warnings: &mut Warnings) -> Option<u32> {
        let text = self.cell(row, field);
        if text.is_empty() {
            return None;
        }
        parse_price(text, self.options.currency)
            .map_err(|e| {
                warnings.add(row.line, Some(field.name), format!("{} {e}; not used", quoted(text)));
            })
            .ok()
    }

    fn goods(&self, row: &Row<'_>) -> Result<Option<OrderLine>, (Field, String)> {
        let (quantity, price) = (self.cell(row, QUANTITY), self.cell(row, PRICE));
        if quantity.is_empty() && price.is_empty() {
            return Ok(None);
        }
        let quantity: u32 = quantity
            .parse()
            .map_err(|_| (QUANTITY, format!("{} is not a number of pieces", quoted(quantity))))?;
        let price_minor = parse_price(price, self.options.currency)
            .map_err(|e| (PRICE, format!("{} {e}", quoted(price))))?;
        let (title, sku) = (plain(self.cell(row, TITLE)), plain(self.cell(row, SKU)));
        let sku = match sku {
            sku if sku.is_empty() => {
                self.titles.sku_of(&title, self.options).unwrap_or_else(|| NO_SKU.to_owned())
            }
            sku => sku,
        };
        let title = if title.is_empty() { sku.clone() } else { title };
        Ok((quantity > 0).then_some(OrderLine { sku, title, quantity, price_minor }))
    }
}

/// The order that rows make.
fn order(number: &str, parts: Vec<Part>, currency: &str) -> Result<Order, &'static str> {
    let mut all = Part::default();
    let mut lines = Vec::new();
    for part in parts {
        all.email = all.email.or(part.email);
        all.customer = all.customer.or(part.customer);
        all.state = all.state.or(part.state);
        all.currency = all.currency.or(part.currency);
        all.placed_at_ms = all.placed_at_ms.or(part.placed_at_ms);
        all.shipped_at_ms = all.shipped_at_ms.or(part.shipped_at_ms);
        all.delivered_at_ms = all.delivered_at_ms.or(part.delivered_at_ms);
        all.shipping_minor = all.shipping_minor.or(part.shipping_minor);
        all.discount_minor = all.discount_minor.or(part.discount_minor);
        all.total_minor = all.total_minor.or(part.total_minor);
        lines.extend(part.goods);
    }
    let own = all.currency.is_none_or(|code| code.eq_ignore_ascii_case(currency));
    if !own {
        return Err("is in another currency than the shop's");
    }
    let state = all.state.ok_or("has no status that is known")?;
    let goods = lines.iter().fold(0_u32, |sum, line| {
        sum.saturating_add(line.quantity.saturating_mul(line.price_minor))
    });
    let shipping_minor = all.shipping_minor.unwrap_or_default();
    let discount_minor = all.discount_minor.unwrap_or_default();
    let sum = goods.saturating_add(shipping_minor).saturating_sub(discount_minor);
    Ok(Order {
        number: number.to_owned(),
        email: all.email,
        customer: all.customer,
        state,
        placed_at_ms: all.placed_at_ms,
        currency: currency.to_owned(),
        lines,
        shipping_minor,
        discount_minor,
        total_minor: all.total_minor.unwrap_or(sum),
        tracking: vec![],
        shipped_at_ms: all.shipped_at_ms,
        expected_at_ms: None,
        delivered_at_ms: all.delivered_at_ms,
    })
}
