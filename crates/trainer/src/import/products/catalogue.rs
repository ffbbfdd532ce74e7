//! The shop's catalogue after an import: what was there and what came, by handle, as `products.csv`.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use serde::Serialize;

use super::item::{Fragment, Item, Variant, add_tags, join, over};
use crate::import::error::ImportError;
use crate::import::output::{Output, Table};
use crate::import::sort::{Group, Sorted};
use crate::read::{Warnings, write_price};

/// The columns, in Shopify's spelling.
const HEADER: [&str; 20] = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Image Src",
];
/// Options that a product may have there.
const OPTIONS: usize = 3;
/// Options whose values shoppers search for, so that they become tags.
const TELLING_OPTIONS: [&str; 10] = [
    "colour", "color", "material", "pattern", "fabric", "finish", "style", "scent", "flavour",
    "flavor",
];
/// The option of a product that comes in one form only.
const NO_OPTION: &str = "Default Title";

/// What became of the entries of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Entries (products, orders, reviews, conversations) that the shop did not have.
    pub added: u64,
    /// Entries that the shop had in another form.
    pub updated: u64,
    /// Entries that the shop had just so.
    pub unchanged: u64,
    /// Entries that the shop had and the file has not; they are kept.
    pub kept: u64,
    /// Entries of the file that cannot be used.
    pub left_out: u64,
}

impl Counts {
    /// Entries that the shop has now.
    pub fn total(&self) -> u64 {
        self.added + self.updated + self.unchanged + self.kept
    }

    /// Entries of the file that are used.
    pub fn used(&self) -> u64 {
        self.added + self.updated + self.unchanged
    }

    /// Counts an entry by what was there and what came.
    pub(in crate::import) fn count<T: PartialEq>(
        &mut self,
        old: Option<&T>,
        merged: &T,
        came: bool,
    ) {
        match old {
            None => self.added += 1,
            Some(_) if !came => self.kept += 1,
            Some(old) if old == merged => self.unchanged += 1,
            Some(_) => self.updated += 1,
        }
    }
}

/// Merges and writes; `path` is nothing for a mere trial.
pub(super) fn write(
    mut sorted: Sorted,
    path: Option<&Path>,
    (old_file, new_file): (&str, &str),
    currency: &str,
    warnings: &mut Warnings,
) -> Result<(Counts, Option<Output>), ImportError> {
    let mut table = Table::create(path, &HEADER)?;
    let mut counts = Counts::default();
    let mut skus = HashSet::new();
    while let Some(Group { key: handle, records, surplus }) = sorted.next_group::<Fragment>()? {
        let (old, new): (Vec<_>, Vec<_>) = records.into_iter().partition(|f| f.is_old);
        let place = new.first().or(old.first()).map(|f| (f.line, f.file.clone()));
        let (line, file) = place.unwrap_or_default();
        warnings.set_file(old_file);
        let old = (!old.is_empty()).then(|| join(&handle, old, warnings));
        warnings.set_file(file.as_deref().unwrap_or(new_file));
        if surplus > 0 {
            let reason = format!("{handle:?} has {surplus} rows too many; they are left out");
            warnings.add(line, Some("Handle"), reason);
        }
        let came = !new.is_empty();
        let new = came.then(|| join(&handle, new, warnings));
        let merged = match (&old, new) {
            (Some(old), Some(new)) => over(new, old.clone()),
            (_, Some(new)) => new,
            (Some(old), None) => old.clone(),
            (None, None) => continue,
        };
        let mut merged = normal(merged);
        if let Some((column, reason)) = refusal(&merged) {
            if came {
                warnings.add(line, Some(column), format!("{reason}; {handle:?} is left out"));
                counts.left_out += 1;
            }
            continue;
        }
        for variant in merged.variants.iter_mut().filter(|v| !v.sku.is_empty()) {
            if !skus.insert(hash(&variant.sku)) {
                let reason = format!(
                    "{:?} is another product's SKU as well; that of {handle:?} is taken away",
                    variant.sku
                );
                warnings.add(line, Some("SKU"), reason);
                variant.sku.clear();
            }
        }
        counts.count(old.map(normal).as_ref(), &merged, came);
        write_rows(&mut table, &handle, &merged, currency)?;
    }
    Ok((counts, table.finish()?))
}

/// Without variants that have no price, with the options that are searched for among the tags, and with at most three options in one order, so that the
/// same product always looks the same.
fn normal(mut item: Item) -> Item {
    item.variants.retain(|variant| variant.price_minor.is_some());
    let mut names: Vec<String> = Vec::new();
    for (name, value) in item.variants.iter().flat_map(|v| &v.options) {
        if !names.contains(name) && names.len() < OPTIONS && value != NO_OPTION {
            names.push(name.clone());
        }
    }
    for variant in &mut item.variants {
        let options = std::mem::take(&mut variant.options);
        let of = |name: &String| options.iter().find(|(n, v)| n == name && v != NO_OPTION);
        variant.options = names.iter().filter_map(of).cloned().collect();
    }
    let telling = item.variants.iter().flat_map(|v| &v.options).filter(|(name, _)| {
        let name = name.to_lowercase();
        TELLING_OPTIONS.contains(&name.as_str())
    });
    telling.for_each(|(_, value)| add_tags(&mut item.tags, value));
    item.hidden = Some(item.hidden.unwrap_or(false));
    item
}

fn refusal(item: &Item) -> Option<(&'static str, &'static str)> {
    if item.title.is_empty() {
        return Some(("Title", "is empty in all rows of the product"));
    }
    item.variants.is_empty().then_some(("Price", "no price that can be used"))
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn write_rows(
    table: &mut Table,
    handle: &str,
    item: &Item,
    currency: &str,
) -> Result<(), ImportError> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in item.variants.iter().flat_map(|v| &v.options) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    for (at, variant) in item.variants.iter().enumerate() {
        let first = |text: &str| if at == 0 { text.to_owned() } else { String::new() };
        let mut row = vec![
            handle.to_owned(),
            first(&item.title),
            first(&item.description.replace('&', "&amp;").replace('<', "&lt;")),
            first(&item.vendor),
            first(&item.category),
            first(&item.tags.join(", ")),
            first(if item.hidden == Some(true) { "FALSE" } else { "TRUE" }),
        ];
        for at in 0..OPTIONS {
            let name = names.get(at).copied();
            let value = variant.options.iter().find(|(known, _)| Some(known.as_str()) == name);
            row.push(name.filter(|_| value.is_some()).unwrap_or("").to_owned());
            row.push(value.map(|(_, value)| value.clone()).unwrap_or_default());
        }
        row.push(variant.sku.clone());
        row.extend(prices(variant, currency));
        let stock = if variant.sold_out { ["shopify", "0", "deny"] } else { ["", "", ""] };
        row.extend(stock.map(str::to_owned));
        row.push(first(&item.image));
        table.write(&row)?;
    }
    Ok(())
}

fn prices(variant: &Variant, currency: &str) -> [String; 2] {
    [variant.price_minor, variant.compare_at_minor]
        .map(|price| price.map_or_else(String::new, |price| write_price(price, currency)))
}
