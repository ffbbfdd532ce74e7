//! WooCommerce's product CSV: variable products with their variations, in any order.
//!
//! A variation names its parent by SKU or as `id:12`, and may come before it; the file is read
//! twice, first for the parents.

use std::collections::{HashMap, HashSet};

use super::item::{Item, Variant, add_tags, last_category, to_handle};
use super::sink::{Sink, description, is_sold_out, name};
use crate::import::error::ImportError;
use crate::import::source::failed_table;
use crate::read::{Row, Table, Warnings, plain, quoted};

/// Attributes that are looked at.
const MAX_ATTRIBUTES: usize = 20;

struct Columns {
    id: Option<usize>,
    kind: Option<usize>,
    sku: Option<usize>,
    name: Option<usize>,
    published: Option<usize>,
    short: Option<usize>,
    long: Option<usize>,
    in_stock: Option<usize>,
    regular: Option<usize>,
    sale: Option<usize>,
    categories: Option<usize>,
    tags: Option<usize>,
    images: Option<usize>,
    parent: Option<usize>,
    brand: Option<usize>,
    attributes: Vec<(Option<usize>, Option<usize>)>,
}

impl Columns {
    fn of(table: &Table) -> Result<Self, ImportError> {
        Ok(Self {
            kind: table.require("Type", &["type"])?,
            name: table.require("Name", &["name"])?,
            regular: table.require("Regular price", &["regular price"])?,
            id: table.column(&["id"]),
            sku: table.column(&["sku"]),
            published: table.column(&["published"]),
            short: table.column(&["short description"]),
            long: table.column(&["description"]),
            in_stock: table.column(&["in stock?"]),
            sale: table.column(&["sale price"]),
            categories: table.column(&["categories"]),
            tags: table.column(&["tags"]),
            images: table.column(&["images"]),
            parent: table.column(&["parent"]),
            brand: table.column(&["brands", "brand"]),
            attributes: (1..=MAX_ATTRIBUTES)
                .map(|at| {
                    let column = |what| table.column(&[format!("attribute {at} {what}").as_str()]);
                    (column("name"), column("value(s)"))
                })
                .take_while(|(name, _)| name.is_some())
                .collect(),
        })
    }
}

/// Handles by what a variation may call its parent.
#[derive(Default)]
pub(super) struct Parents {
    by_reference: HashMap<String, String>,
    /// Handle by line of the product's row.
    by_line: HashMap<u64, String>,
}

/// Reads the products that are no variations. The handle is made of the name, as WooCommerce does
/// it; of several with one name the later ones get a number.
pub(super) fn read_parents(mut table: Table) -> Result<Parents, ImportError> {
    let columns = Columns::of(&table)?;
    let mut parents = Parents::default();
    let mut taken: HashSet<String> = HashSet::new();
    let mut numbers: HashMap<String, u32> = HashMap::new();
    // The second reading tells of them.
    let mut unheard = Warnings::new("");
    while let Some(row) = table.next(&mut unheard).map_err(failed_table)? {
        if is_variation(&row, &columns) {
            continue;
        }
        let base = to_handle(&name(row.get(columns.name)));
        if base.is_empty() {
            continue;
        }
        let (id, sku) = (row.get(columns.id), plain(row.get(columns.sku)));
        let references = [(id, format!("id:{id}")), (&sku, sku.clone())];
        let references: Vec<String> =
            references.into_iter().filter(|(key, _)| !key.is_empty()).map(|(_, r)| r).collect();
        // The same product a second time, by its id or SKU, keeps its handle.
        let known = references.iter().find_map(|r| parents.by_reference.get(r).cloned());
        let handle = known.unwrap_or_else(|| {
            let mut handle = base.clone();
            while taken.contains(&handle) {
                let number = numbers.entry(base.clone()).or_insert(1);
                *number += 1;
                handle = format!("{base}-{number}");
            }
            handle
        });
        taken.insert(handle.clone());
        for reference in references {
            parents.by_reference.entry(reference).or_insert_with(|| handle.clone());
        }
        parents.by_line.insert(row.line, handle);
    }
    Ok(parents)
}

/// Reads all rows.
pub(super) fn read(
    mut table: Table,
    parents: &Parents,
    sink: &mut Sink<'_>,
) -> Result<(), ImportError> {
    let columns = Columns::of(&table)?;
    while let Some(row) = table.next(sink.warnings).map_err(failed_table)? {
        sink.records += 1;
        if is_variation(&row, &columns) {
            let parent = row.get(columns.parent);
            let Some(handle) = parents.by_reference.get(&plain(parent)) else {
                let reason = if parent.is_empty() {
                    "is empty; variation left out".to_owned()
                } else {
                    format!("{} is no product of this file; variation left out", quoted(parent))
                };
                sink.warnings.add(row.line, Some("Parent"), reason);
                continue;
            };
            let variants = vec![variant(&row, &columns, sink)];
            sink.push(handle, row.line, true, Item { variants, ..Item::default() })?;
            continue;
        }
        let Some(handle) = parents.by_line.get(&row.line) else {
            sink.warnings.add(row.line, Some("Name"), "is empty; row left out");
            continue;
        };
        let item = product(&row, &columns, sink);
        sink.push(handle, row.line, false, item)?;
    }
    Ok(())
}

fn is_variation(row: &Row<'_>, columns: &Columns) -> bool {
    row.get(columns.kind).to_lowercase().split(',').any(|kind| kind.trim() == "variation")
}

fn product(row: &Row<'_>, columns: &Columns, sink: &mut Sink<'_>) -> Item {
    let kind = row.get(columns.kind).to_lowercase();
    let text = format!("{} {}", row.get(columns.short), row.get(columns.long));
    let mut tags = Vec::new();
    add_tags(&mut tags, row.get(columns.tags));
    let categories = row.get(columns.categories);
    let first_image = row.get(columns.images).split(',').next().unwrap_or("");
    // What a variable or a grouped product costs is what its variations cost.
    let is_sold_itself = !kind.contains("variable") && !kind.contains("grouped");
    let variants = if is_sold_itself { vec![variant(row, columns, sink)] } else { vec![] };
    if !is_sold_itself {
        // What it comes in is worth finding it by, also where a variation is missing.
        for (_, values) in attributes(row, columns) {
            add_tags(&mut tags, &values);
        }
    }
    Item {
        title: name(row.get(columns.name)),
        description: description(&text),
        vendor: plain(row.get(columns.brand)),
        category: last_category(categories.split(',').next().unwrap_or("")),
        tags,
        image: sink.image(row.line, "Images", first_image),
        // Published is 1, 0 (private) or -1 (draft).
        hidden: Some(matches!(row.get(columns.published), "0" | "-1")),
        variants,
    }
}

fn variant(row: &Row<'_>, columns: &Columns, sink: &mut Sink<'_>) -> Variant {
    let (price_minor, compare_at_minor) = sink.prices(
        row.line,
        ("Regular price", row.get(columns.regular)),
        ("Sale price", row.get(columns.sale)),
        "",
    );
    Variant {
        sku: plain(row.get(columns.sku)),
        options: attributes(row, columns),
        price_minor,
        compare_at_minor,
        sold_out: is_sold_out(row.get(columns.in_stock)),
    }
}

fn attributes(row: &Row<'_>, columns: &Columns) -> Vec<(String, String)> {
    let pairs = columns.attributes.iter().map(|(n, v)| (plain(row.get(*n)), plain(row.get(*v))));
    pairs.filter(|(_, value)| !value.is_empty()).collect()
}
