//! Shopify's `products.json`, as every shop serves it and as its interface for programs does.

use serde_json::Value;

use super::item::{Item, Variant, add_tags};
use super::sink::{Sink, description, name};
use crate::import::error::ImportError;
use crate::import::json::{member, text};
use crate::read::{plain, refusal};

/// Reads a product.
pub(super) fn read_product(
    line: u64,
    value: &Value,
    sink: &mut Sink<'_>,
) -> Result<(), ImportError> {
    sink.records += 1;
    let field = |key: &str| text(member(value, key));
    let (handle, title) = (plain(&field("handle")), name(&field("title")));
    if let Some((column, reason)) = refusal(&handle, &title) {
        let column = column.to_lowercase();
        sink.warnings.add(line, Some(&column), format!("{reason}; product left out"));
        return Ok(());
    }
    let names: Vec<String> = list(value, "options")
        .iter()
        .map(|option| plain(&text(member(option, "name").or(Some(option)))))
        .collect();
    let mut variants = Vec::new();
    for variant in list(value, "variants") {
        variants.push(read_variant(line, variant, &names, sink));
    }
    let mut tags = Vec::new();
    match member(value, "tags") {
        Some(Value::Array(all)) => {
            all.iter().for_each(|tag| add_tags(&mut tags, &text(Some(tag))));
        }
        other => add_tags(&mut tags, &text(other)),
    }
    let image = list(value, "images").first().or(member(value, "image"));
    let image = image.map_or_else(String::new, |i| text(member(i, "src").or(Some(i))));
    let status = field("status");
    // The public list has only what is published, and says null elsewhere.
    let hidden = !matches!(status.as_str(), "" | "active");
    let item = Item {
        title,
        description: description(&field("body_html")),
        vendor: plain(&field("vendor")),
        category: plain(&field("product_type")),
        tags,
        image: sink.image(line, "images", &image),
        hidden: Some(hidden),
        variants,
    };
    sink.push(&handle, line, false, item)
}

fn read_variant(line: u64, value: &Value, names: &[String], sink: &mut Sink<'_>) -> Variant {
    let field = |key: &str| text(member(value, key));
    let options = ["option1", "option2", "option3"]
        .iter()
        .enumerate()
        .map(|(at, key)| (names.get(at).cloned().unwrap_or_default(), plain(&field(key))))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let price_minor = sink.price(line, "price", &field("price"), "");
    let compare_at_minor = sink
        .price(line, "compare_at_price", &field("compare_at_price"), "")
        .filter(|before| price_minor.is_some_and(|now| *before > now));
    let is_used_up = !field("inventory_management").is_empty()
        && field("inventory_policy") != "continue"
        && field("inventory_quantity").parse::<i64>().is_ok_and(|stock| stock <= 0);
    Variant {
        sku: plain(&field("sku")),
        options,
        price_minor,
        compare_at_minor,
        sold_out: field("available") == "false" || is_used_up,
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    member(value, key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
