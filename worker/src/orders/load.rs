//! A merchant's batch of orders: one JSON object a line.

use aisle_core::orders::{Email, check};
use aisle_core::protocol::{Order, OrdersLoaded, RefusedLine};

use super::{OrderSecret, OrderTable, Owner, Row, TableError};

/// The first lines that were left out, of which the reason is told.
const MAX_REASONS: usize = 20;
/// Longest reason, in characters.
const MAX_REASON_CHARS: usize = 200;

/// Keeps the orders of a batch. Lines that are none are left out and told; of two lines with one
/// number the later counts, and so does a batch that comes later. Sending a batch twice is sending
/// it once. Addresses are kept as keyed hashes alone.
pub fn load(
    table: &impl OrderTable,
    secret: &OrderSecret,
    shop: &str,
    body: &[u8],
) -> Result<OrdersLoaded, TableError> {
    let mut loaded = OrdersLoaded::default();
    let mut rows = std::collections::BTreeMap::new();
    for (line, text) in (1..).zip(body.split(|byte| *byte == b'\n')) {
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match row(secret, shop, text) {
            Ok(row) => {
                rows.insert(row.key.clone(), row);
            }
            Err(reason) => {
                loaded.refused += 1;
                if loaded.reasons.len() < MAX_REASONS {
                    let reason = reason.chars().take(MAX_REASON_CHARS).collect();
                    loaded.reasons.push(RefusedLine { line, reason });
                }
            }
        }
    }
    let rows: Vec<Row> = rows.into_values().collect();
    table.put(&rows)?;
    loaded.stored = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    Ok(loaded)
}

fn row(secret: &OrderSecret, shop: &str, text: &[u8]) -> Result<Row, String> {
    let mut order: Order = serde_json::from_slice(text).map_err(|e| e.to_string())?;
    let key = check(&order).map_err(|e| e.to_string())?;
    let email = order.email.take().and_then(|email| Email::parse(&email));
    Ok(Row {
        key: key.as_str().to_owned(),
        owner: Owner {
            email: email.map(|email| secret.email_key(shop, &email)),
            customer: order.customer.clone(),
        },
        placed_at_ms: order.placed_at_ms.unwrap_or_default(),
        order: serde_json::to_string(&order).map_err(|e| e.to_string())?,
    })
}
