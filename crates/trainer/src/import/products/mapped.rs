//! Products of a plain table, or of plain objects, whose columns are named or guessed.

use serde_json::Value;

use super::item::{Item, Variant, add_tags, last_category, new_handle};
use super::sink::{Sink, description, is_sold_out, name};
use crate::import::error::ImportError;
use crate::import::json;
use crate::import::mapping::{Field, Mapping, letters};
use crate::import::source::failed_table;
use crate::read::{Table, plain, quoted, refusal};

const HANDLE: Field = Field { name: "handle", names: &["handle", "slug", "urlhandle", "urlkey"] };
const URL: Field =
    Field { name: "url", names: &["url", "link", "producturl", "permalink", "productlink"] };
const SKU: Field = Field {
    name: "sku",
    names: &[
        "sku",
        "variantsku",
        "id",
        "productid",
        "itemid",
        "articlenumber",
        "productcode",
        "code",
        "stockcode",
        "itemnumber",
        "gtin",
        "ean",
        "upc",
        "asin",
    ],
};
const TITLE: Field = Field {
    name: "title",
    names: &["title", "name", "productname", "producttitle", "itemname", "product", "item"],
};
const DESCRIPTION: Field = Field {
    name: "description",
    names: &["description", "bodyhtml", "longdescription", "body", "details", "shortdescription"],
};
const VENDOR: Field =
    Field { name: "vendor", names: &["vendor", "brand", "manufacturer", "maker", "supplier"] };
const CATEGORY: Field = Field {
    name: "category",
    names: &["category", "producttype", "type", "categories", "department", "productcategory"],
};
const TAGS: Field =
    Field { name: "tags", names: &["tags", "keywords", "labels", "attributes", "features"] };
const PRICE: Field = Field {
    name: "price",
    names: &["price", "unitprice", "variantprice", "regularprice", "listprice", "retailprice"],
};
const SALE: Field =
    Field { name: "sale_price", names: &["saleprice", "specialprice", "discountedprice"] };
const BEFORE: Field = Field {
    name: "compare_at_price",
    names: &["compareatprice", "variantcompareatprice", "wasprice", "oldprice", "rrp", "msrp"],
};
const CURRENCY: Field =
    Field { name: "currency", names: &["currency", "currencycode", "pricecurrency"] };
const STOCK: Field = Field {
    name: "stock",
    names: &["stock", "quantity", "qty", "inventory", "stockquantity", "inventoryquantity"],
};
const AVAILABLE: Field = Field {
    name: "available",
    names: &["available", "availability", "instock", "stockstatus", "isinstock"],
};
const IMAGE: Field = Field {
    name: "image",
    names: &["image", "imageurl", "imagelink", "imagesrc", "images", "picture", "photo", "img"],
};
const COLOUR: Field = Field { name: "colour", names: &["colour", "color"] };
const SIZE: Field = Field { name: "size", names: &["size"] };

/// Every field.
pub(super) const FIELDS: [Field; 17] = [
    HANDLE,
    URL,
    SKU,
    TITLE,
    DESCRIPTION,
    VENDOR,
    CATEGORY,
    TAGS,
    PRICE,
    SALE,
    BEFORE,
    CURRENCY,
    STOCK,
    AVAILABLE,
    IMAGE,
    COLOUR,
    SIZE,
];

/// Reads all rows of a table.
pub(super) fn read_table(
    mut table: Table,
    file: &str,
    mapping: &Mapping,
    sink: &mut Sink<'_>,
) -> Result<(), ImportError> {
    let columns = table.columns().to_vec();
    mapping.require(TITLE, &columns, file)?;
    mapping.require(PRICE, &columns, file)?;
    let mut at = Vec::with_capacity(FIELDS.len());
    for field in FIELDS {
        at.push((field.name, mapping.column(field, &columns, file)?));
    }
    while let Some(row) = table.next(sink.warnings).map_err(failed_table)? {
        let cell = |field: Field| {
            let column = at.iter().find(|(name, _)| *name == field.name).and_then(|(_, at)| *at);
            row.get(column).to_owned()
        };
        add(row.line, &cell, sink)?;
    }
    Ok(())
}

/// Reads an object.
pub(super) fn read_object(
    line: u64,
    value: &Value,
    mapping: &Mapping,
    sink: &mut Sink<'_>,
) -> Result<(), ImportError> {
    let Value::Object(members) = value else {
        sink.records += 1;
        sink.warnings.add(line, None, "is not an object; left out");
        return Ok(());
    };
    let simple: Vec<(String, String, &Value)> =
        members.iter().map(|(key, value)| (key.to_lowercase(), letters(key), value)).collect();
    let find = |field: Field| match mapping.named(field) {
        Some(named) => simple.iter().find(|(key, ..)| key == named),
        None => field.names.iter().find_map(|name| simple.iter().find(|(_, key, _)| key == name)),
    };
    add(line, &|field| find(field).map_or_else(String::new, |(.., v)| shallow(v)), sink)
}

/// The text of a value; of a list, its texts divided by commas.
fn shallow(value: &Value) -> String {
    match value {
        Value::Array(list) => {
            let texts: Vec<String> = list.iter().map(|value| json::text(Some(value))).collect();
            texts.join(",")
        }
        other => json::text(Some(other)),
    }
}

fn add(line: u64, cell: &dyn Fn(Field) -> String, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    sink.records += 1;
    let title = name(&cell(TITLE));
    if title.is_empty() {
        sink.warnings.add(line, Some(TITLE.name), "is empty; row left out");
        return Ok(());
    }
    let (sku, handle) = (plain(&cell(SKU)), plain(&cell(HANDLE)));
    let handle = if handle.is_empty() { new_handle(&cell(URL), &title, &sku) } else { handle };
    if let Some((_, reason)) = refusal(&handle, &title) {
        sink.warnings.add(line, Some(HANDLE.name), format!("{reason}; row left out"));
        return Ok(());
    }
    let currency = cell(CURRENCY);
    let price = (PRICE.name, cell(PRICE));
    sink.expect_currency(line, price.0, &price.1, &currency);
    let (price_minor, mut compare_at_minor) =
        sink.prices(line, (price.0, &price.1), (SALE.name, &cell(SALE)), &currency);
    let before = sink.price(line, BEFORE.name, &cell(BEFORE), &currency);
    compare_at_minor =
        compare_at_minor.or(before.filter(|before| price_minor.is_some_and(|now| *before > now)));
    if price_minor.is_none() && price.1.is_empty() {
        sink.warnings.add(line, Some(PRICE.name), "is empty; row left out");
        return Ok(());
    }
    let mut tags = Vec::new();
    add_tags(&mut tags, &cell(TAGS));
    let options = [("Colour", cell(COLOUR)), ("Size", cell(SIZE))]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), plain(&value)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let images = cell(IMAGE);
    let item = Item {
        title,
        description: description(&cell(DESCRIPTION)),
        vendor: plain(&cell(VENDOR)),
        category: last_category(cell(CATEGORY).split([',', ';']).next().unwrap_or("")),
        tags,
        image: sink.image(line, IMAGE.name, images.split([',', ' ']).next().unwrap_or("")),
        hidden: None,
        variants: vec![Variant {
            sku,
            options,
            price_minor,
            compare_at_minor,
            sold_out: is_gone(line, &cell(STOCK), &cell(AVAILABLE), sink),
        }],
    };
    sink.push(&handle, line, false, item)
}

/// Whether there is none left, by the count or by a word.
fn is_gone(line: u64, stock: &str, available: &str, sink: &mut Sink<'_>) -> bool {
    let count = match stock.trim() {
        "" => None,
        text => match text.parse::<f64>() {
            Ok(count) if count.is_finite() => Some(count),
            _ => {
                let reason = format!("{} is not a number; not used", quoted(text));
                sink.warnings.add(line, Some(STOCK.name), reason);
                None
            }
        },
    };
    count.is_some_and(|count| count <= 0.0) || is_sold_out(available)
}
