//! Catalogues in the forms in which shops have them, into the shop's `products.csv`.

mod catalogue;
mod google_xml;
mod item;
mod json_ld;
mod mapped;
mod shopify_csv;
mod shopify_json;
mod sink;
mod store_json;
mod woocommerce;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use walkdir::WalkDir;

use super::error::ImportError;
use super::json::{read_lines, read_list, read_members};
use super::mapping::letters;
use super::output::place;
use super::sort::Sorter;
use super::source::{OnBytes, Source, delimiter, warn_of_encoding};
use super::{Options, Summary, conclude, open_table, temporary_folder};
use crate::read::{ReadError, Table, Warnings};

pub use catalogue::Counts;
use mapped::FIELDS;
use sink::Sink;

/// What a file of products is, for errors.
const EXPECTED: &str = "products as a CSV, JSON or XML file, or a folder of saved pages";
/// The catalogue in the shop's folder.
const PRODUCTS_FILE: &str = "products.csv";
/// The catalogue in a folder of another kind, and what tells such a folder.
const STORE_FILE: &str = "products.json";
const STORE_ORDERS_FILE: &str = "orders.json";

/// In which form products come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProductFormat {
    /// The product CSV that Shopify exports.
    ShopifyCsv,
    /// Shopify's `products.json`.
    ShopifyJson,
    /// The product CSV that WooCommerce exports.
    WoocommerceCsv,
    /// A table with one product a row.
    Csv,
    /// Objects, one a line or in a list.
    Ndjson,
    /// Google Merchant's feed.
    GoogleXml,
    /// Web pages with schema.org's Product.
    JsonLd,
    /// An object by id, with variants by id; also a folder with `products.json` and `orders.json`.
    StoreJson,
}

/// Imports products from a file, or from a folder of pages.
pub fn import_products(
    from: &Path,
    format: Option<ProductFormat>,
    options: &Options<'_>,
) -> Result<Summary, ImportError> {
    options.mapping.check(&FIELDS)?;
    let folder = temporary_folder(options)?;
    let mut sorter = Sorter::new(folder);
    let path = place(options.shop, PRODUCTS_FILE);
    let (old_name, new_name) = (path.display().to_string(), from.display().to_string());
    let mut warnings = Warnings::new(&old_name);
    if path.exists() && !options.replace {
        let quiet: OnBytes = std::rc::Rc::new(|_| {});
        let source = Source::open(&path, EXPECTED, &quiet)?;
        let mut sink = new_sink(&mut sorter, &mut warnings, options.currency);
        sink.is_old = true;
        shopify_csv::read(open_table(source, b',', EXPECTED)?.0, &mut sink)?;
    }
    warnings.set_file(&new_name);
    let before = warnings.count();
    let mut sink = new_sink(&mut sorter, &mut warnings, options.currency);
    let beside_orders = from.join(STORE_FILE);
    let format = if beside_orders.is_file() && from.join(STORE_ORDERS_FILE).is_file() {
        let format = format.unwrap_or(ProductFormat::StoreJson);
        read_file(&beside_orders, Some(format), options, &mut sink)?
    } else if from.is_dir() {
        read_folder(from, format, options, &mut sink)?
    } else {
        read_file(from, format, options, &mut sink)?
    };
    let records = sink.records;
    let target = (!options.dry_run).then_some(path.as_path());
    let names = (old_name.as_str(), new_name.as_str());
    let (counts, output) =
        catalogue::write(sorter.finish()?, target, names, options.currency, &mut warnings)?;
    let first_reason =
        if warnings.count() > before { warnings.first_reason() } else { String::new() };
    conclude(counts.used(), records, (new_name, EXPECTED), first_reason, output)?;
    let format = serde_json::to_value(format).ok().and_then(|v| v.as_str().map(str::to_owned));
    Ok(Summary::new(format.unwrap_or_default(), records, counts, warnings, &path))
}

fn new_sink<'a>(sorter: &'a mut Sorter, warnings: &'a mut Warnings, currency: &'a str) -> Sink<'a> {
    let without_currency = BTreeSet::new();
    Sink { sorter, warnings, currency, is_old: false, records: 0, file: None, without_currency }
}

fn read_file(
    from: &Path,
    format: Option<ProductFormat>,
    options: &Options<'_>,
    sink: &mut Sink<'_>,
) -> Result<ProductFormat, ImportError> {
    let source = Source::open(from, EXPECTED, &options.on_bytes)?;
    let format = match format.or_else(|| detect(&source.head)) {
        Some(format) => format,
        None => return Err(ImportError::UnknownFormat { file: source.name }),
    };
    if format == ProductFormat::WoocommerceCsv {
        // Parents first; this reading is not counted as progress.
        let quiet: OnBytes = std::rc::Rc::new(|_| {});
        let first = Source::open(from, EXPECTED, &quiet)?;
        let divider = delimiter(&first.head);
        let parents = woocommerce::read_parents(open_table(first, divider, EXPECTED)?.0)?;
        let (table, found) = open_table(source, divider, EXPECTED)?;
        woocommerce::read(table, &parents, sink)?;
        warn_of_encoding(&found, sink.warnings);
        return Ok(format);
    }
    read_source(source, format, options, sink)?;
    Ok(format)
}

/// Reads from a source in a form that needs but one reading.
fn read_source(
    source: Source,
    format: ProductFormat,
    options: &Options<'_>,
    sink: &mut Sink<'_>,
) -> Result<(), ImportError> {
    let mapping = &options.mapping;
    if let ProductFormat::ShopifyCsv | ProductFormat::WoocommerceCsv | ProductFormat::Csv = format {
        let (divider, name) = (delimiter(&source.head), source.name.clone());
        let (table, found): (Table, _) = open_table(source, divider, EXPECTED)?;
        match format {
            ProductFormat::Csv => mapped::read_table(table, &name, mapping, sink)?,
            _ => shopify_csv::read(table, sink)?,
        }
        warn_of_encoding(&found, sink.warnings);
        return Ok(());
    }
    let is_list = is_json_list(&source.head);
    let (file, reader, found) = source.into_reader();
    match format {
        ProductFormat::GoogleXml => {
            google_xml::read(reader, sink).map_err(|error| match error {
                ImportError::CutShort { .. } => ImportError::CutShort { file },
                other => other,
            })?;
        }
        ProductFormat::JsonLd => json_ld::read_page(&file, reader, sink)?,
        ProductFormat::StoreJson => with_warnings(sink, &file, |sink, warnings| {
            read_members(&file, reader, warnings, &mut |object, warnings| {
                lent(sink, warnings, |sink| store_json::read_product(&object, sink))
            })
        })?,
        _ => {
            with_warnings(sink, &file, |sink, warnings| {
                let mut each = |line, value, warnings: &mut Warnings| {
                    lent(sink, warnings, |sink| match format {
                        ProductFormat::ShopifyJson => {
                            shopify_json::read_product(line, &value, sink)
                        }
                        _ => mapped::read_object(line, &value, mapping, sink),
                    })
                };
                if is_list {
                    read_list(&file, reader, "products", warnings, &mut each)
                } else {
                    read_lines(&file, reader, warnings, &mut each)
                }
            })?;
        }
    }
    warn_of_encoding(&found, sink.warnings);
    Ok(())
}

/// Reads with the warnings in the hands of the reader, which has some of its own.
fn with_warnings(
    sink: &mut Sink<'_>,
    file: &str,
    read: impl FnOnce(&mut Sink<'_>, &mut Warnings) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut warnings = std::mem::replace(sink.warnings, Warnings::new(file));
    let done = read(sink, &mut warnings);
    *sink.warnings = warnings;
    done
}

/// Gives the warnings back to the sink for one object.
fn lent(
    sink: &mut Sink<'_>,
    warnings: &mut Warnings,
    read: impl FnOnce(&mut Sink<'_>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    std::mem::swap(sink.warnings, warnings);
    let done = read(sink);
    std::mem::swap(sink.warnings, warnings);
    done
}

/// Reads every page of a folder, by name. Files that are not pages are passed over.
fn read_folder(
    from: &Path,
    format: Option<ProductFormat>,
    options: &Options<'_>,
    sink: &mut Sink<'_>,
) -> Result<ProductFormat, ImportError> {
    if format.is_some_and(|format| format != ProductFormat::JsonLd) {
        let file = from.display().to_string();
        let expected = "a file; only pages with JSON-LD are read from a folder";
        return Err(ReadError::Missing { file, expected }.into());
    }
    for path in pages(from) {
        let name = path.display().to_string();
        sink.warnings.set_file(&name);
        sink.file = Some(name);
        match Source::open(&path, "a page", &options.on_bytes) {
            Ok(source) => {
                let (file, reader, found) = source.into_reader();
                json_ld::read_page(&file, reader, sink)?;
                warn_of_encoding(&found, sink.warnings);
            }
            Err(ImportError::Read(ReadError::Empty { .. })) => {
                sink.warnings.add_of_file("the page is empty; left out");
            }
            Err(error) => return Err(error),
        }
    }
    sink.file = None;
    sink.warnings.set_file(&from.display().to_string());
    Ok(ProductFormat::JsonLd)
}

/// The pages in a folder and below it, in the order of their names.
fn pages(from: &Path) -> impl Iterator<Item = PathBuf> {
    let is_page = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        [".html", ".htm", ".xhtml", ".json", ".jsonld"].iter().any(|ending| name.ends_with(ending))
    };
    WalkDir::new(from)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(move |entry| entry.file_type().is_file() && is_page(entry.path()))
        .map(walkdir::DirEntry::into_path)
}

/// Whether the JSON is one list or object and not one object a line.
fn is_json_list(head: &str) -> bool {
    let head = head.trim_start();
    let first = head.lines().next().unwrap_or("");
    head.starts_with('[')
        || has_products(head)
        || serde_json::from_str::<serde::de::IgnoredAny>(first).is_err()
}

/// Whether an object begins with the list of products, or has it soon.
fn has_products(head: &str) -> bool {
    let mut compact = head.chars().filter(|c| !c.is_whitespace()).take(4_000).collect::<String>();
    compact.make_ascii_lowercase();
    compact.starts_with("{\"products\":[") || compact.contains(",\"products\":[{")
}

/// The format, by the beginning of the file.
fn detect(head: &str) -> Option<ProductFormat> {
    let head = head.trim_start();
    let lower: String = head.chars().take(4_000).collect::<String>().to_lowercase();
    if head.starts_with(['{', '[']) {
        let is_shopify =
            has_products(head) && (lower.contains("\"handle\"") || lower.contains("\"variants\""));
        return Some(if lower.contains("schema.org") || lower.contains("\"@type\"") {
            ProductFormat::JsonLd
        } else if is_shopify {
            ProductFormat::ShopifyJson
        } else if lower.contains("\"product_id\"") && lower.contains("\"item_id\"") {
            ProductFormat::StoreJson
        } else {
            ProductFormat::Ndjson
        });
    }
    if head.starts_with('<') {
        let is_feed = ["<rss", "<feed", "<channel", "base.google.com/ns"];
        return Some(if is_feed.iter().any(|mark| lower.contains(mark)) {
            ProductFormat::GoogleXml
        } else {
            ProductFormat::JsonLd
        });
    }
    let divider = char::from(delimiter(head));
    let first = head.lines().next()?;
    let columns: Vec<String> = first.split(divider).map(letters).collect();
    let has = |name: &str| columns.iter().any(|column| column == name);
    if has("handle") && has("title") && has("variantprice")
        || has("urlhandle") && has("title") && has("price")
    {
        Some(ProductFormat::ShopifyCsv)
    } else if has("type") && has("name") && has("regularprice") && (has("sku") || has("id")) {
        Some(ProductFormat::WoocommerceCsv)
    } else {
        // Which column is which is then found or asked for.
        (columns.len() > 1).then_some(ProductFormat::Csv)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_beginning() {
        use ProductFormat::{
            Csv, GoogleXml, JsonLd, Ndjson, ShopifyCsv, ShopifyJson, StoreJson, WoocommerceCsv,
        };
        for (head, expected) in [
            ("Handle,Title,Variant Price\n", Some(ShopifyCsv)),
            ("Title;URL handle;Price\n", Some(ShopifyCsv)),
            ("ID,Type,SKU,Name,Regular price\n", Some(WoocommerceCsv)),
            ("name|price\n", Some(Csv)),
            ("{\"products\": [{\"id\":1,\"handle\":\"a\"", Some(ShopifyJson)),
            ("{\"title\":\"a\"}\n", Some(Ndjson)),
            ("[{\"title\":\"a\"}]", Some(Ndjson)),
            (
                "{\"1\":{\"product_id\":\"1\",\"variants\":{\"2\":{\"item_id\":\"2\"}}}}",
                Some(StoreJson),
            ),
            ("{\"@context\":\"https://schema.org\"", Some(JsonLd)),
            ("<?xml version=\"1.0\"?><rss>", Some(GoogleXml)),
            ("<feed xmlns=\"x\">", Some(GoogleXml)),
            ("<!doctype html><html>", Some(JsonLd)),
            ("just some words", None),
        ] {
            assert_eq!(detect(head), expected, "{head}");
        }
    }
}
