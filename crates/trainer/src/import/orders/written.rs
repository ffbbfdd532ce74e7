//! Orders as the worker's table takes them: one JSON object a line (docs/orders.md).

use aisle_core::protocol::Order;
use serde_json::Value;

use super::super::error::ImportError;
use super::super::json::read_lines;
use super::super::source::{Source, warn_of_encoding};
use super::EachOrder;
use crate::read::{Warnings, quoted};

/// Reads all lines; returns the number of those that are JSON.
pub(super) fn read(
    source: Source,
    warnings: &mut Warnings,
    each: EachOrder<'_>,
) -> Result<u64, ImportError> {
    let (file, reader, found) = source.into_reader();
    let mut records = 0;
    read_lines(&file, reader, warnings, &mut |line, value, warnings| {
        records += 1;
        let number = value.get("number").and_then(Value::as_str).unwrap_or_default().to_owned();
        match serde_json::from_value::<Order>(value) {
            Ok(order) => each(line, order, warnings),
            Err(e) => {
                let reason = format!("{} is no order: {e}; line left out", quoted(&number));
                warnings.add(line, Some("number"), reason);
                Ok(())
            }
        }
    })?;
    warn_of_encoding(&found, warnings);
    Ok(records)
}
