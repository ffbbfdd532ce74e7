//! Products as an object by id, each with its variants by id: `products.json` of a folder with
//! orders and users.

use std::collections::BTreeMap;

use serde_json::Value;

use super::item::{Item, Variant, new_handle};
use super::sink::{Sink, name};
use crate::import::error::ImportError;
use crate::import::json::{Object, member, text};
use crate::read::{plain, quoted};

/// Reads a product.
pub(super) fn read_product(object: &Object<'_>, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    sink.records += 1;
    let Object { line, key, value } = *object;
    let title = name(&text(member(value, "name")));
    if title.is_empty() {
        let reason = format!("is empty; {} is left out", quoted(key));
        sink.warnings.add(line, Some("name"), reason);
        return Ok(());
    }
    let mut variants = Vec::new();
    for (id, variant) in member(value, "variants").and_then(Value::as_object).into_iter().flatten()
    {
        let options = member(variant, "options").and_then(Value::as_object);
        variants.push(Variant {
            sku: plain(id),
            options: options
                .into_iter()
                .flatten()
                .map(|(name, value)| (plain(name), plain(&text(Some(value)))))
                .filter(|(name, value)| !name.is_empty() && !value.is_empty())
                .collect(),
            price_minor: sink.price(line, "price", &text(member(variant, "price")), ""),
            compare_at_minor: None,
            sold_out: text(member(variant, "available")) == "false",
        });
    }
    let item = Item {
        description: choices(&variants),
        title: title.clone(),
        hidden: Some(false),
        variants,
        ..Item::default()
    };
    sink.push(&new_handle("", &title, ""), line, false, item)
}

/// What can be chosen, as a text: the only thing that such a file says of a product.
fn choices(variants: &[Variant]) -> String {
    let mut choices: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in variants.iter().flat_map(|variant| &variant.options) {
        let values = choices.entry(name).or_default();
        if !values.contains(&value.as_str()) {
            values.push(value);
        }
    }
    let told = choices.iter().map(|(name, values)| {
        let mut letters = name.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{}: {}.", letters.as_str(), values.join(", "))
    });
    told.collect::<Vec<_>>().join(" ")
}
