//! Orders of a folder with `orders.json` and `users.json`: objects by id, an order's items by their
//! variants, its payments, its parcels, and no dates.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use aisle_core::protocol::{Order, OrderLine, OrderState, Tracking};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::error::ImportError;
use super::super::json::{Object, member, read_members, text};
use super::super::sort::{Group, Sorter};
use super::super::source::{OnBytes, Source, warn_of_encoding};
use super::super::{Options, temporary_folder};
use super::EachOrder;
use super::state::state_of;
use crate::read::{Warnings, parse_price, plain, quoted};

/// The orders, by number.
const ORDERS_FILE: &str = "orders.json";
/// Who placed them, by id.
const USERS_FILE: &str = "users.json";
const EXPECTED_ORDERS: &str = "orders.json: an object with one object for each order";
const EXPECTED_USERS: &str = "users.json: an object with one object for each customer";

/// Whether this is such a folder.
pub(super) fn is_folder(from: &Path) -> bool {
    from.join(ORDERS_FILE).is_file() && from.join(USERS_FILE).is_file()
}

/// What is known of a customer: the address, and the orders as JSON.
#[derive(Serialize, Deserialize)]
enum Known {
    Email(String),
    Order { line: u64, json: String },
}

/// Reads both files and gives every order with its customer's address. Returns the number of
/// orders that were read.
pub(super) fn read(
    from: &Path,
    options: &Options<'_>,
    warnings: &mut Warnings,
    each: EachOrder<'_>,
) -> Result<u64, ImportError> {
    let mut sorter = Sorter::new(temporary_folder(options)?);
    members(
        &from.join(USERS_FILE),
        EXPECTED_USERS,
        &options.on_bytes,
        warnings,
        &mut |user, _| {
            let Object { key, value, .. } = user;
            match member(value, "email").map(|email| text(Some(email))) {
                Some(email) => sorter.push(key, &Known::Email(email)),
                // Whoever has none asks as a signed-in customer.
                None => Ok(()),
            }
        },
    )?;
    let path = from.join(ORDERS_FILE);
    let file = path.display().to_string();
    let mut records = 0;
    members(&path, EXPECTED_ORDERS, &options.on_bytes, warnings, &mut |order, warnings| {
        records += 1;
        let Object { line, value, .. } = order;
        let customer = text(member(value, "user_id"));
        if customer.is_empty() {
            warnings.add(line, Some("user_id"), "is empty; order left out");
            return Ok(());
        }
        sorter.push(&customer, &Known::Order { line, json: value.to_string() })
    })?;
    warnings.set_file(&file);
    let mut sorted = sorter.finish()?;
    while let Some(Group { key, records, surplus }) = sorted.next_group::<Known>()? {
        if surplus > 0 {
            let reason = format!("{} has {surplus} orders too many; left out", quoted(&key));
            warnings.add_of_file(reason);
        }
        let email = records.iter().find_map(|known| match known {
            Known::Email(email) => Some(email.clone()),
            Known::Order { .. } => None,
        });
        for known in records {
            let Known::Order { line, json } = known else { continue };
            // It was made of JSON.
            let Ok(value) = serde_json::from_str::<Value>(&json) else { continue };
            match order(&value, &key, email.clone(), options.currency) {
                Ok(order) => each(line, order, warnings)?,
                Err((column, reason)) => {
                    warnings.add(line, Some(column), format!("{reason}; order left out"));
                }
            }
        }
    }
    Ok(records)
}

fn members(
    path: &Path,
    expected: &'static str,
    on_bytes: &OnBytes,
    warnings: &mut Warnings,
    each: &mut dyn FnMut(Object<'_>, &mut Warnings) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let source = Source::open(path, expected, &Rc::clone(on_bytes))?;
    let (file, reader, found) = source.into_reader();
    warnings.set_file(&file);
    read_members(&file, reader, warnings, each)?;
    warn_of_encoding(&found, warnings);
    Ok(())
}

/// Why an order cannot be used: where, and what.
type Refusal = (&'static str, String);

fn order(
    value: &Value,
    customer: &str,
    email: Option<String>,
    currency: &str,
) -> Result<Order, Refusal> {
    let status = text(member(value, "status"));
    let state = state_of(&[&status])
        .ok_or_else(|| ("status", format!("{} is not known", quoted(&status))))?;
    let price = |column: &'static str, of: &Value| {
        let shown = text(Some(of));
        parse_price(&shown, currency).map_err(|e| (column, format!("{} {e}", quoted(&shown))))
    };
    let mut lines: BTreeMap<String, OrderLine> = BTreeMap::new();
    for item in list(value, "items") {
        let sku = plain(&text(member(item, "item_id")));
        let price_minor = price("items", member(item, "price").unwrap_or(&Value::Null))?;
        let line = lines.entry(sku.clone()).or_insert_with(|| OrderLine {
            title: title(item),
            sku,
            quantity: 0,
            price_minor,
        });
        line.quantity = line.quantity.saturating_add(1);
    }
    let lines: Vec<OrderLine> = lines.into_values().collect();
    let goods = lines.iter().fold(0_u32, |sum, line| {
        sum.saturating_add(line.quantity.saturating_mul(line.price_minor))
    });
    let mut paid = 0_u32;
    for payment in list(value, "payment_history") {
        if text(member(payment, "transaction_type")) == "payment" {
            let amount = member(payment, "amount").unwrap_or(&Value::Null);
            paid = paid.saturating_add(price("payment_history", amount)?);
        }
    }
    // What is pending and paid for waits to be packed.
    let is_paid = state == OrderState::Placed && paid >= goods && goods > 0;
    Ok(Order {
        number: plain(&text(member(value, "order_id"))),
        email,
        customer: Some(customer.to_owned()),
        state: if is_paid { OrderState::Paid } else { state },
        placed_at_ms: None,
        currency: currency.to_owned(),
        lines,
        shipping_minor: 0,
        discount_minor: 0,
        total_minor: if paid > 0 { paid } else { goods },
        tracking: parcels(value),
        shipped_at_ms: None,
        expected_at_ms: None,
        delivered_at_ms: None,
    })
}

/// A product's name with the options of the variant.
fn title(item: &Value) -> String {
    let name = plain(&text(member(item, "name")));
    let options = member(item, "options").and_then(Value::as_object);
    let values: Vec<String> =
        options.into_iter().flatten().map(|(_, value)| plain(&text(Some(value)))).collect();
    if values.is_empty() { name } else { format!("{name} - {}", values.join(" / ")) }
}

fn parcels(value: &Value) -> Vec<Tracking> {
    let numbers = list(value, "fulfillments").iter().flat_map(|sent| list(sent, "tracking_id"));
    numbers
        .map(|number| plain(&text(Some(number))))
        .filter(|number| !number.is_empty())
        .map(|number| Tracking { carrier: String::new(), number, url: String::new() })
        .collect()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    member(value, key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
