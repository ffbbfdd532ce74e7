//! Orders with their states, for the worker's table: one JSON object a line.
//!
//! The file holds addresses; the worker keeps their keyed hashes alone.

use std::io::Write;
use std::path::Path;

use aisle_core::orders::check;
use serde::{Deserialize, Serialize};

use super::super::error::ImportError;
use super::super::output::{Output, unwritable};
use super::super::sort::{Group, Sorter};
use super::super::{Counts, Options, Summary, conclude, temporary_folder};
use super::fields::{FIELDS, ORDER};
use super::{EXPECTED, each_order};
use crate::read::{Warnings, quoted};

/// An order as it is written, with its line.
#[derive(Serialize, Deserialize)]
struct Written {
    line: u64,
    json: String,
}

/// Writes the orders of a file or folder as `PUT /v1/admin/shops/{shop}/orders` takes them. Of two
/// orders with one number the later counts.
pub fn export_orders(
    from: &Path,
    to: &Path,
    options: &Options<'_>,
) -> Result<Summary, ImportError> {
    options.mapping.check(&FIELDS)?;
    let name = from.display().to_string();
    let mut warnings = Warnings::new(&name);
    let mut sorter = Sorter::new(temporary_folder(options)?);
    let mut counts = Counts::default();
    let (records, form) = each_order(
        from,
        options,
        &mut warnings,
        &mut |line, order, warnings| match check(&order) {
            Ok(key) => {
                let json = serde_json::to_string(&order)
                    .map_err(|e| ImportError::Sort(std::io::Error::from(e)))?;
                sorter.push(key.as_str(), &Written { line, json })
            }
            Err(reason) => {
                counts.left_out += 1;
                let reason = format!("{}: {reason}; left out", quoted(&order.number));
                warnings.add(line, Some(ORDER.name), reason);
                Ok(())
            }
        },
    )?;
    let mut output = match options.dry_run {
        true => None,
        false => Some(Output::create(to)?),
    };
    let mut sorted = sorter.finish()?;
    while let Some(Group { key, mut records, surplus }) = sorted.next_group::<Written>()? {
        let Some(Written { line, json }) = records.pop() else { continue };
        if !records.is_empty() || surplus > 0 {
            let reason = format!("{} is there twice; the last one is used", quoted(&key));
            warnings.add(line, Some(ORDER.name), reason);
        }
        counts.added += 1;
        if let Some(output) = &mut output {
            writeln!(output, "{json}").map_err(|e| unwritable(to, e))?;
        }
    }
    let first_reason = warnings.first_reason();
    conclude(counts.used(), records, (name, EXPECTED), first_reason, output)?;
    Ok(Summary::new(form.to_owned(), records, counts, warnings, to))
}
