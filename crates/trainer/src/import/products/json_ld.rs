//! Products that saved web pages describe for search engines: schema.org's Product and ProductGroup
//! in JSON-LD, alone, in a list, or in a graph.

use std::io::{BufRead, Read};

use html5gum::{DefaultEmitter, Token, Tokenizer};
use serde_json::Value;

use super::item::{Item, Variant, add_tags, last_category, new_handle};
use super::sink::{Sink, description, is_sold_out, name};
use crate::import::error::ImportError;
use crate::import::json::{member, text};
use crate::import::source::failed;
use crate::read::plain;

/// Largest page that is read, in bytes.
const MAX_PAGE_BYTES: u64 = 16 << 20;
/// Objects within one another that are followed.
const MAX_DEPTH: usize = 32;

/// Reads a page; a page without a product is no warning, a shop has many.
pub(super) fn read_page(
    file: &str,
    reader: Box<dyn BufRead>,
    sink: &mut Sink<'_>,
) -> Result<(), ImportError> {
    let mut page = String::new();
    reader.take(MAX_PAGE_BYTES + 1).read_to_string(&mut page).map_err(|e| failed(file, e))?;
    if page.len() as u64 > MAX_PAGE_BYTES {
        let reason = format!("larger than {MAX_PAGE_BYTES} bytes; page left out");
        sink.warnings.add_of_file(reason);
        return Ok(());
    }
    if page.trim_start().starts_with(['{', '[']) {
        return read_block(1, &page, sink);
    }
    for (line, block) in blocks(&page) {
        read_block(line, &block, sink)?;
    }
    Ok(())
}

/// The scripts with JSON-LD, with the lines on which they begin.
fn blocks(page: &str) -> Vec<(u64, String)> {
    let mut emitter = DefaultEmitter::new_with_span();
    emitter.naively_switch_states(true);
    let mut found = Vec::new();
    let mut is_block = false;
    for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
        match token {
            Token::StartTag(tag) => {
                let kind = tag.attributes.get(&b"type"[..]);
                is_block = tag.name.as_slice() == b"script"
                    && kind.is_some_and(|kind| is_json_ld(&String::from_utf8_lossy(&kind.value)));
                if is_block {
                    let before = page.as_bytes().get(..tag.span.end).unwrap_or_default();
                    let line = 1 + before.iter().filter(|b| **b == b'\n').count() as u64;
                    found.push((line, String::new()));
                }
            }
            Token::String(text) if is_block => {
                if let Some((_, block)) = found.last_mut() {
                    block.push_str(&String::from_utf8_lossy(&text));
                }
            }
            Token::EndTag(_) => is_block = false,
            _ => {}
        }
    }
    found
}

fn is_json_ld(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or("").trim();
    kind.eq_ignore_ascii_case("application/ld+json")
}

fn read_block(line: u64, block: &str, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    // Some pages wrap the block in what once hid it from browsers.
    let block = block.trim().trim_start_matches("<!--").trim_start_matches("//<![CDATA[");
    let block = block.trim_end_matches("-->").trim_end_matches("//]]>").trim();
    match serde_json::from_str::<Value>(block) {
        Ok(value) => walk(line, &value, 0, sink),
        Err(e) => {
            let at = line + (e.line() as u64).saturating_sub(1);
            let place = format!("column {}", e.column());
            let reason = format!("the page's JSON-LD is not JSON: {e}; left out");
            sink.warnings.add(at, Some(&place), reason);
            Ok(())
        }
    }
}

/// Finds the products of a value.
fn walk(line: u64, value: &Value, depth: usize, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    if depth > MAX_DEPTH {
        sink.warnings.add(line, None, "the JSON-LD is nested too deeply; the rest is left out");
        return Ok(());
    }
    match value {
        Value::Array(list) => list.iter().try_for_each(|v| walk(line, v, depth + 1, sink)),
        Value::Object(_) if is_a(value, "ProductGroup") => read_group(line, value, sink),
        Value::Object(_) if is_a(value, "Product") => read_product(line, value, sink),
        Value::Object(members) => ["@graph", "itemListElement", "item", "mainEntity", "hasPart"]
            .iter()
            .filter_map(|key| members.get(*key))
            .try_for_each(|inner| walk(line, inner, depth + 1, sink)),
        _ => Ok(()),
    }
}

/// Whether an object is of this type of schema.org.
fn is_a(value: &Value, kind: &str) -> bool {
    let is = |kind_of: &Value| {
        kind_of.as_str().is_some_and(|name| name.rsplit(['/', ':']).next() == Some(kind))
    };
    match member(value, "@type") {
        Some(Value::Array(all)) => all.iter().any(is),
        Some(one) => is(one),
        None => false,
    }
}

fn read_group(line: u64, value: &Value, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    sink.records += 1;
    let mut variants = Vec::new();
    let mut item = about(line, value, sink);
    for member in each(member(value, "hasVariant")) {
        let own = about(line, member, sink);
        if item.image.is_empty() {
            item.image = own.image;
        }
        own.tags.iter().for_each(|tag| add_tags(&mut item.tags, tag));
        let (price_minor, compare_at_minor, sold_out) = offers(line, member, sink);
        variants.push(Variant {
            sku: sku_of(member),
            options: options(member),
            price_minor,
            compare_at_minor,
            sold_out,
        });
    }
    if variants.is_empty() {
        let (price_minor, compare_at_minor, sold_out) = offers(line, value, sink);
        let sku = sku_of(value);
        variants.push(Variant { sku, options: vec![], price_minor, compare_at_minor, sold_out });
    }
    let sku = text(member(value, "productGroupID"));
    push(line, value, &sku, Item { variants, ..item }, sink)
}

fn read_product(line: u64, value: &Value, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    sink.records += 1;
    // A variant's page may tell of its group with the others; then the group is the product.
    if let Some(group) = member(value, "isVariantOf").filter(|g| member(g, "hasVariant").is_some())
    {
        return read_group(line, group, sink);
    }
    let (price_minor, compare_at_minor, sold_out) = offers(line, value, sink);
    let sku = sku_of(value);
    let variant = Variant {
        sku: sku.clone(),
        options: options(value),
        price_minor,
        compare_at_minor,
        sold_out,
    };
    let item = Item { variants: vec![variant], ..about(line, value, sink) };
    push(line, value, &sku, item, sink)
}

fn push(
    line: u64,
    value: &Value,
    sku: &str,
    item: Item,
    sink: &mut Sink<'_>,
) -> Result<(), ImportError> {
    if item.title.is_empty() {
        sink.warnings.add(line, Some("name"), "is empty; product left out");
        return Ok(());
    }
    let first_offer = each(member(value, "offers")).into_iter().next();
    let own = text(member(value, "url"));
    let url = match own.as_str() {
        "" => first_offer.map_or_else(String::new, |offer| text(member(offer, "url"))),
        _ => own,
    };
    sink.push(&new_handle(&url, &item.title, sku), line, true, item)
}

/// What is said of a product beside its offers.
fn about(line: u64, value: &Value, sink: &mut Sink<'_>) -> Item {
    let mut tags = Vec::new();
    for key in ["color", "material", "pattern", "keywords"] {
        each(member(value, key)).iter().for_each(|tag| add_tags(&mut tags, &named(tag)));
    }
    let image = each(member(value, "image")).into_iter().next();
    let image = image.map_or_else(String::new, |image| {
        let source = ["url", "contentUrl"].iter().find_map(|key| member(image, key));
        text(source.or(Some(image)))
    });
    let category =
        each(member(value, "category")).into_iter().next().map_or_else(String::new, named);
    Item {
        title: name(&text(member(value, "name"))),
        description: description(&text(member(value, "description"))),
        vendor: name(&member(value, "brand").map_or_else(String::new, named)),
        category: last_category(&category.replace('/', ">")),
        tags,
        image: sink.image(line, "image", &image),
        hidden: Some(false),
        variants: vec![],
    }
}

/// Lowest price, the price before, and whether everything is sold out. Offers may be one, a list,
/// or an aggregate with a lowest price.
fn offers(line: u64, value: &Value, sink: &mut Sink<'_>) -> (Option<u32>, Option<u32>, bool) {
    let mut all = each(member(value, "offers"));
    let nested: Vec<&Value> = all.iter().flat_map(|offer| each(member(offer, "offers"))).collect();
    if !nested.is_empty() {
        all = nested;
    }
    let mut best: (Option<u32>, Option<u32>) = (None, None);
    for offer in &all {
        let specification = each(member(offer, "priceSpecification"));
        let field = |key: &str| {
            let own = text(member(offer, key));
            match own.as_str() {
                "" => specification.first().map_or_else(String::new, |s| text(member(s, key))),
                _ => own,
            }
        };
        let currency = field("priceCurrency");
        let shown = match field("price") {
            price if price.is_empty() => field("lowPrice"),
            price => price,
        };
        if currency.is_empty() && !shown.is_empty() {
            let reason = format!("is missing; taken for {}, the shop's currency", sink.currency);
            sink.warnings.add(line, Some("priceCurrency"), reason);
        }
        let Some(price) = sink.price(line, "price", &shown, &currency) else { continue };
        if best.0.is_some_and(|known| known <= price) {
            continue;
        }
        // A second specification marked as the list price is the price before.
        let before = specification
            .iter()
            .filter(|s| text(member(s, "priceType")).ends_with("ListPrice"))
            .find_map(|s| sink.price(line, "price", &text(member(s, "price")), &currency));
        best = (Some(price), before.filter(|before| *before > price));
    }
    let is_gone = |offer: &&Value| is_sold_out(&text(member(offer, "availability")));
    (best.0, best.1, !all.is_empty() && all.iter().all(is_gone))
}

fn sku_of(value: &Value) -> String {
    let keys = ["sku", "mpn", "productID", "gtin", "gtin13", "gtin12", "gtin8"];
    keys.iter()
        .map(|key| plain(&text(member(value, key))))
        .find(|id| !id.is_empty())
        .unwrap_or_default()
}

fn options(value: &Value) -> Vec<(String, String)> {
    [("Colour", "color"), ("Size", "size"), ("Material", "material"), ("Pattern", "pattern")]
        .into_iter()
        .filter_map(|(name, key)| Some((name.to_owned(), plain(&named(member(value, key)?)))))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// A text, or the name of an object.
fn named(value: &Value) -> String {
    text(member(value, "name").or(Some(value)))
}

/// The elements of a list; anything else is one element.
fn each(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(list)) => list.iter().collect(),
        other => other.into_iter().collect(),
    }
}
