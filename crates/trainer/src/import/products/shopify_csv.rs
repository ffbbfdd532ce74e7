//! Shopify's product CSV, in its older and its newer column names. It is also the form in which
//! the catalogue lies in the shop's folder.

use super::item::{Item, Variant, add_tags, last_category};
use super::sink::{Sink, description, name};
use crate::import::error::ImportError;
use crate::import::source::failed_table;
use crate::read::{ProductColumns, Row, Table, html_to_text, plain, refusal};

/// Reads all rows.
pub(super) fn read(mut table: Table, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    let columns = ProductColumns::of(&table)?;
    let options = option_columns(&table);
    // Names of the options stand in the first row of a product alone.
    let (mut names_of, mut names) = (String::new(), vec![String::new(); options.len()]);
    while let Some(row) = table.next(sink.warnings).map_err(failed_table)? {
        sink.records += 1;
        let handle = row.get(columns.handle);
        let title = if sink.is_old { plain } else { name }(row.get(columns.title));
        // Without a title it is a further variant, and its handle was seen or will be missed.
        let shown_title = if title.is_empty() { "?" } else { &title };
        if let Some((column, reason)) = refusal(handle, shown_title) {
            sink.warnings.add(row.line, Some(column), format!("{reason}; row left out"));
            continue;
        }
        if names_of != handle {
            handle.clone_into(&mut names_of);
            names = vec![String::new(); options.len()];
        }
        for (known, (column, _)) in names.iter_mut().zip(&options) {
            let written = plain(row.get(*column));
            if !written.is_empty() {
                *known = written;
            }
        }
        let item = read_row(&row, &columns, title, sink, &|row| {
            let pairs =
                options.iter().zip(&names).map(|((_, value), n)| (n, plain(row.get(*value))));
            pairs
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (name.clone(), value))
                .collect()
        });
        sink.push(handle, row.line, false, item)?;
    }
    Ok(())
}

/// Positions of the names and the values of the three options.
fn option_columns(table: &Table) -> Vec<(Option<usize>, Option<usize>)> {
    (1..=3)
        .map(|at| {
            let column = |what| table.column(&[format!("option{at} {what}").as_str()]);
            (column("name"), column("value"))
        })
        .collect()
}

fn read_row(
    row: &Row<'_>,
    columns: &ProductColumns,
    title: String,
    sink: &mut Sink<'_>,
    options: &dyn Fn(&Row<'_>) -> Vec<(String, String)>,
) -> Item {
    let kind = plain(row.get(columns.kind));
    let mut tags = Vec::new();
    add_tags(&mut tags, row.get(columns.tags));
    let sku = plain(row.get(columns.sku));
    let price = row.get(columns.price);
    let mut variants = Vec::new();
    // A row may be nothing but a further image.
    if !sku.is_empty() || !price.is_empty() {
        let price_minor = sink.price(row.line, "Variant Price", price, "");
        let former = row.get(columns.compare_at);
        let compare_at_minor = sink
            .price(row.line, "Variant Compare At Price", former, "")
            .filter(|former| price_minor.is_some_and(|price| *former > price));
        let sold_out = !columns.is_available(row);
        let options = options(row);
        variants.push(Variant { sku, options, price_minor, compare_at_minor, sold_out });
    }
    Item {
        // Only the first row of a product tells whether it is shown.
        hidden: if title.is_empty() { None } else { Some(columns.is_hidden(row)) },
        title,
        // What is in the folder already was written as text once and for all.
        description: if sink.is_old { html_to_text } else { description }(
            row.get(columns.description),
        ),
        vendor: plain(row.get(columns.vendor)),
        category: if kind.is_empty() { last_category(row.get(columns.category)) } else { kind },
        tags,
        image: sink.image(row.line, "Image Src", row.get(columns.image)),
        variants,
    }
}
