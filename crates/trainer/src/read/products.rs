//! The catalogue: a product file as Shopify exports it, in its older and its newer column names.

use std::collections::{HashMap, HashSet};

use super::html::html_to_text;
use super::input::plain;
use super::price::{PriceError, parse_price};
use super::table::{Row, Table};
use super::warning::{Warnings, quoted};
use super::{Input, ReadError, Warning};

/// What a product file is, for errors.
pub(crate) const EXPECTED: &str =
    "a product CSV in Shopify's format, with the columns Handle, Title and Variant Price";

/// A product, its variants taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// Stock-keeping unit of the first variant, or the handle where that is missing or taken;
    /// unique in the shop.
    pub sku: String,
    /// Stock-keeping units of the other variants.
    pub variant_skus: Vec<String>,
    /// URL handle, unique in the shop.
    pub handle: String,
    /// Title as shown.
    pub title: String,
    /// Description as plain text.
    pub description: String,
    /// Vendor or brand.
    pub vendor: String,
    /// The type, or the last part of the product category.
    pub category: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Lowest price of the variants, in minor units.
    pub price_minor: u32,
    /// Former price of that variant in minor units, where it was higher.
    pub compare_at_minor: Option<u32>,
    /// Whether a variant can be bought.
    pub available: bool,
    /// First image as the file has it, or empty.
    pub image: String,
}

/// Positions of the columns that are read.
pub(crate) struct Columns {
    pub(crate) handle: Option<usize>,
    pub(crate) title: Option<usize>,
    pub(crate) description: Option<usize>,
    pub(crate) vendor: Option<usize>,
    pub(crate) category: Option<usize>,
    pub(crate) kind: Option<usize>,
    pub(crate) tags: Option<usize>,
    pub(crate) published: Option<usize>,
    pub(crate) status: Option<usize>,
    pub(crate) sku: Option<usize>,
    pub(crate) price: Option<usize>,
    pub(crate) compare_at: Option<usize>,
    pub(crate) tracker: Option<usize>,
    pub(crate) quantity: Option<usize>,
    pub(crate) policy: Option<usize>,
    pub(crate) image: Option<usize>,
}

impl Columns {
    pub(crate) fn of(table: &Table) -> Result<Self, ReadError> {
        Ok(Self {
            handle: table.require("Handle", &["handle", "url handle"])?,
            title: table.require("Title", &["title"])?,
            price: table.require("Variant Price", &["variant price", "price"])?,
            description: table.column(&["body (html)", "body html", "description"]),
            vendor: table.column(&["vendor"]),
            category: table.column(&["product category", "standard product type"]),
            kind: table.column(&["type", "custom product type"]),
            tags: table.column(&["tags"]),
            published: table.column(&["published", "published on online store"]),
            status: table.column(&["status"]),
            sku: table.column(&["variant sku", "sku"]),
            compare_at: table.column(&["variant compare at price", "compare-at price"]),
            tracker: table.column(&["variant inventory tracker", "inventory tracker"]),
            quantity: table.column(&["variant inventory qty", "inventory quantity"]),
            policy: table
                .column(&["variant inventory policy", "continue selling when out of stock"]),
            image: table.column(&["image src", "product image url"]),
        })
    }

    pub(crate) fn is_hidden(&self, row: &Row<'_>) -> bool {
        let status = row.get(self.status).to_lowercase();
        row.get(self.published).eq_ignore_ascii_case("false")
            || matches!(status.as_str(), "draft" | "archived" | "unlisted")
    }

    /// A variant sells unless its stock is tracked, is used up and ends the sale.
    pub(crate) fn is_available(&self, row: &Row<'_>) -> bool {
        let is_tracked = self.tracker.is_none() || !row.get(self.tracker).is_empty();
        let is_used_up = row.get(self.quantity).parse::<i64>().is_ok_and(|stock| stock <= 0);
        let policy = row.get(self.policy).to_lowercase();
        !(is_tracked && is_used_up) || matches!(policy.as_str(), "continue" | "true")
    }
}

/// A product whose rows are being read.
struct Draft {
    product: Product,
    line: u64,
    /// Nothing until a variant has a price.
    has_price: bool,
    /// Why there is no price has been told.
    price_warned: bool,
    is_hidden: bool,
}

/// Reads a product file; `currency` is the ISO 4217 code of its prices.
pub(crate) fn read_products(
    input: Input,
    currency: &str,
) -> Result<(Vec<Product>, Vec<Warning>), ReadError> {
    let file = input.name.clone();
    let mut warnings = Warnings::new(&file);
    let mut table = Table::open(input, b',', EXPECTED)?;
    let columns = Columns::of(&table)?;
    let mut drafts: Vec<Draft> = Vec::new();
    let mut by_handle: HashMap<String, usize> = HashMap::new();
    while let Some(row) = table.next(&mut warnings)? {
        let handle = row.get(columns.handle);
        let title = plain(row.get(columns.title));
        match by_handle.get(handle).and_then(|at| drafts.get_mut(*at)) {
            Some(draft) if title.is_empty() || title == draft.product.title => {
                if !draft.is_hidden {
                    add_variant(draft, &columns, &row, currency, &mut warnings);
                }
            }
            Some(draft) => {
                let reason = format!(
                    "{} is already the handle of the product at line {}; row left out",
                    quoted(handle),
                    draft.line
                );
                warnings.add(row.line, Some("Handle"), reason);
            }
            None => {
                if let Some((column, reason)) = refusal(handle, &title) {
                    warnings.add(row.line, Some(column), format!("{reason}; row left out"));
                    continue;
                }
                let mut draft = new_draft(handle, title, &columns, &row);
                if !draft.is_hidden {
                    add_variant(&mut draft, &columns, &row, currency, &mut warnings);
                }
                by_handle.insert(handle.to_owned(), drafts.len());
                drafts.push(draft);
            }
        }
    }
    let products = finish(drafts, &mut warnings);
    if products.is_empty() {
        return Err(ReadError::NoUsableRow {
            file,
            rows: table.rows(),
            expected: EXPECTED,
            first_reason: warnings.first_reason(),
        });
    }
    Ok((products, warnings.finish()))
}

/// Why a product cannot begin with this row.
pub(crate) fn refusal(handle: &str, title: &str) -> Option<(&'static str, String)> {
    if handle.is_empty() {
        return Some(("Handle", "is empty".into()));
    }
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    if !handle.chars().all(fits) || handle.chars().all(|c| c == '.') {
        let reason = format!("{} cannot be part of a web address", quoted(handle));
        return Some(("Handle", reason));
    }
    title.is_empty().then(|| ("Title", "is empty, and no earlier row has this handle".into()))
}

fn new_draft(handle: &str, title: String, columns: &Columns, row: &Row<'_>) -> Draft {
    let kind = plain(row.get(columns.kind));
    let category = row.get(columns.category).rsplit('>').next().unwrap_or("");
    let product = Product {
        handle: handle.to_owned(),
        title,
        description: html_to_text(row.get(columns.description)),
        vendor: plain(row.get(columns.vendor)),
        category: if kind.is_empty() { plain(category) } else { kind },
        tags: row.get(columns.tags).split(',').map(plain).filter(|t| !t.is_empty()).collect(),
        ..Product::default()
    };
    Draft {
        product,
        line: row.line,
        has_price: false,
        price_warned: false,
        is_hidden: columns.is_hidden(row),
    }
}

/// Adds what a row says of a variant, of an image, or of both.
fn add_variant(
    draft: &mut Draft,
    columns: &Columns,
    row: &Row<'_>,
    currency: &str,
    warnings: &mut Warnings,
) {
    let product = &mut draft.product;
    let image = row.get(columns.image);
    if product.image.is_empty() && !image.is_empty() {
        if is_image_address(image) {
            product.image = image.to_owned();
        } else {
            let reason = format!("{} is not an image's address; no image used", quoted(image));
            warnings.add(row.line, Some("Image Src"), reason);
        }
    }
    let sku = plain(row.get(columns.sku));
    let price = parse_price(row.get(columns.price), currency);
    if price == Err(PriceError::Empty) && sku.is_empty() {
        return;
    }
    if product.sku.is_empty() {
        product.sku = sku;
    } else if !sku.is_empty() && sku != product.sku {
        product.variant_skus.push(sku);
    }
    let price = match price {
        Ok(price) => price,
        Err(e) => {
            let cell = row.get(columns.price);
            let shown = if cell.is_empty() { String::new() } else { quoted(cell) + " " };
            let reason = format!("{shown}{e}; variant left out");
            warnings.add(row.line, Some("Variant Price"), reason);
            draft.price_warned = true;
            return;
        }
    };
    product.available |= columns.is_available(row);
    if draft.has_price && price >= product.price_minor {
        return;
    }
    draft.has_price = true;
    product.price_minor = price;
    product.compare_at_minor = match parse_price(row.get(columns.compare_at), currency) {
        Ok(former) => Some(former).filter(|former| *former > price),
        Err(PriceError::Empty) => None,
        Err(e) => {
            let reason = format!("{} {e}; not used", quoted(row.get(columns.compare_at)));
            warnings.add(row.line, Some("Variant Compare At Price"), reason);
            None
        }
    };
}

/// A relative address, or an absolute one of the web.
pub(crate) fn is_image_address(image: &str) -> bool {
    let is_web = image.starts_with("https://") || image.starts_with("http://");
    let is_clean = !image.chars().any(|c| c.is_control() || c.is_whitespace());
    is_clean && (is_web || !image.split(['/', '?', '#']).next().unwrap_or("").contains(':'))
}

/// Drops what cannot be sold and makes the SKUs unique.
fn finish(drafts: Vec<Draft>, warnings: &mut Warnings) -> Vec<Product> {
    let mut lines: HashMap<String, u64> = HashMap::new();
    let mut products = Vec::with_capacity(drafts.len());
    for mut draft in drafts.into_iter().filter(|d| !d.is_hidden) {
        if !draft.has_price {
            if !draft.price_warned {
                let reason = "is empty in all rows of the product; product left out";
                warnings.add(draft.line, Some("Variant Price"), reason);
            }
            continue;
        }
        let product = &mut draft.product;
        if let Some(other) = lines.get(&product.sku) {
            let reason = format!(
                "{} is already the SKU of the product at line {other}; the handle is used instead",
                quoted(&product.sku)
            );
            warnings.add(draft.line, Some("Variant SKU"), reason);
            product.sku.clear();
        }
        if product.sku.is_empty() {
            product.sku.clone_from(&product.handle);
        }
        if lines.contains_key(&product.sku) {
            let reason = format!("{} is another product's SKU; left out", quoted(&product.sku));
            warnings.add(draft.line, Some("Handle"), reason);
            continue;
        }
        lines.insert(product.sku.clone(), draft.line);
        products.push(draft.product);
    }
    let mut taken: HashSet<String> = lines.into_keys().collect();
    for product in &mut products {
        product.variant_skus.retain(|sku| taken.insert(sku.clone()));
    }
    products
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER: &str = "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,\
        Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,\
        Variant Price,Variant Compare At Price,Image Src,Status,Cost per item";

    fn read(bytes: &[u8]) -> Result<(Vec<Product>, Vec<Warning>), ReadError> {
        read_products(Input::of_bytes("products.csv", bytes), "GBP")
    }

    /// Each product as "sku handle price available", then the warnings, or the error.
    fn check(bytes: &[u8], products: &[&str], messages: &[&str]) {
        match read(bytes) {
            Ok((found, warnings)) => {
                let found: Vec<String> = found
                    .iter()
                    .map(|p| format!("{} {} {} {}", p.sku, p.handle, p.price_minor, p.available))
                    .collect();
                assert_eq!(found, products);
                let shown: Vec<String> = warnings.iter().map(Warning::to_string).collect();
                assert_eq!(shown, messages);
            }
            Err(e) => {
                assert_eq!((products, vec![e.to_string().as_str()]), (&[][..], messages.to_vec()))
            }
        }
    }

    #[test]
    fn a_whole_row_is_understood() {
        let file = format!(
            "\u{feff}{HEADER}\r\nred-mug,Red  mug,<p>A <b>mug</b></p>,Potter,Home > Kitchen > \
             Mugs,,\"red, mug\",TRUE,M1,shopify,0,deny,\"1,004.50\",2000,/i/red.svg,active,1\r\n\
             red-mug,,,,,,,,M2,shopify,3,deny,4.25,4.25,/i/2.svg,,\r\n\
             red-mug,,,,,,,,,,,,,,/i/3.svg,,\r\n"
        );
        let (products, warnings) = read(file.as_bytes()).unwrap();
        assert_eq!(warnings, []);
        let expected = Product {
            sku: "M1".into(),
            variant_skus: vec!["M2".into()],
            handle: "red-mug".into(),
            title: "Red mug".into(),
            description: "A mug".into(),
            vendor: "Potter".into(),
            category: "Mugs".into(),
            tags: vec!["red".into(), "mug".into()],
            price_minor: 425,
            compare_at_minor: None,
            available: true,
            image: "/i/red.svg".into(),
        };
        assert_eq!(products, [expected]);
    }

    #[test]
    fn stock_and_visibility() {
        let row = |at: &str, tail: &str| format!("h{at},T{at},,,,,,{tail}\n");
        let file = [
            HEADER.to_owned() + "\n",
            row("1", "true,A,shopify,0,deny,1,,,active,"),
            row("2", "true,B,shopify,0,continue,1,,,active,"),
            row("3", "true,C,,0,deny,1,,,active,"),
            row("4", "true,D,shopify,,deny,1,,,,"),
            row("5", "FALSE,E,,,,1,,,active,"),
            row("6", "true,F,,,,1,,,Draft,"),
            "h6,,,,,,,,G,,,,bad,,,,\n".to_owned(),
        ]
        .concat();
        check(
            file.as_bytes(),
            &["A h1 100 false", "B h2 100 true", "C h3 100 true", "D h4 100 true"],
            &[],
        );
    }

    #[test]
    fn bad_files() {
        let small = "Handle,Title,Variant SKU,Variant Price,Image Src\n";
        let with = |rows: &str| [small, rows].concat().into_bytes();
        check(b"", &[], &[&format!("products.csv: the file is empty; expected {EXPECTED}")]);
        check(
            b"\xef\xbb\xbf\n\n",
            &[],
            &[&format!("products.csv: the file is empty; expected {EXPECTED}")],
        );
        check(
            small.as_bytes(),
            &[],
            &[&format!("products.csv: none of its 0 rows can be used; expected {EXPECTED}")],
        );
        check(
            b"Handle;Title;Variant Price\na;A;1\n",
            &[],
            &[
                "products.csv: no column \"Handle\"; found \"handle;title;variant price\"; the cells \
               seem to be divided by ';', which is not what was expected",
            ],
        );
        check(
            b"handle,TITLE,colour\na,A,red\n",
            &[],
            &["products.csv: no column \"Variant Price\"; found \"handle\", \"title\", \"colour\""],
        );
        check(
            &[&with("a,A,1,1,\n")[..], b"\"b\nb\",B\xff,2,2,\n"].concat(),
            &[],
            &["products.csv:4: not UTF-8; save the file as UTF-8 and try again"],
        );
        check(
            b"\xff\xfeH\0a\0n\0",
            &[],
            &["products.csv:1: not UTF-8; save the file as UTF-8 and try again"],
        );
        check(
            &with("a,A,1,x,\n"),
            &[],
            &[&format!(
                "products.csv: none of its 1 rows can be used; expected {EXPECTED}; first: \
                 products.csv:2: Variant Price: \"x\" is not a price; variant left out"
            )],
        );
    }

    #[test]
    fn bad_rows() {
        let small = "Handle,Title,Variant SKU,Variant Price,Image Src\n";
        let with = |rows: &str| [small, "ok,Ok,1,1.00,\n", rows].concat().into_bytes();
        let cases: &[(&str, &[&str], &[&str])] = &[
            (
                "x,X,2\n\ny,Y,3,3,\n",
                &["3 y 300 true"],
                &["products.csv:3: the row has 3 cells, the header has 5; row left out"],
            ),
            ("x,X,2,2,,,\n", &["2 x 200 true"], &[]),
            (
                "x,X,2,2,,7\n",
                &[],
                &["products.csv:3: the row has 6 cells, the header has 5; row left out"],
            ),
            (
                "x,X,2,-2,\n",
                &[],
                &["products.csv:3: Variant Price: \"-2\" is negative; variant left out"],
            ),
            ("x,X,2,,\n", &[], &["products.csv:3: Variant Price: is empty; variant left out"]),
            (
                "x,X,,,\n",
                &[],
                &[
                    "products.csv:3: Variant Price: is empty in all rows of the product; product left out",
                ],
            ),
            (",X,2,2,\n", &[], &["products.csv:3: Handle: is empty; row left out"]),
            (
                "a/../b,X,2,2,\n",
                &[],
                &[
                    "products.csv:3: Handle: \"a/../b\" cannot be part of a web address; row left out",
                ],
            ),
            (
                "x,,2,2,\n",
                &[],
                &[
                    "products.csv:3: Title: is empty, and no earlier row has this handle; row left out",
                ],
            ),
            (
                "ok,Other,2,2,\n",
                &[],
                &[
                    "products.csv:3: Handle: \"ok\" is already the handle of the product at line 2; row left out",
                ],
            ),
            ("ok,Ok,2,2,\n", &[], &[]),
            (
                "x,X,1,2,\n",
                &["x x 200 true"],
                &[
                    "products.csv:3: Variant SKU: \"1\" is already the SKU of the product at line 2; the handle is used instead",
                ],
            ),
            ("x,X,,2,\n", &["x x 200 true"], &[]),
            (
                "x,X,2,2,javascript:alert(1)\n",
                &["2 x 200 true"],
                &[
                    "products.csv:3: Image Src: \"javascript:alert(1)\" is not an image's address; no image used",
                ],
            ),
            (
                "x,X,2,2,\ny,\"Y,3,3,\nz,Z,4,4,\n",
                &["2 x 200 true"],
                &["products.csv:4: a quote is opened and never closed; row left out"],
            ),
            (
                "\r\nx,\"\r\nX\",2,2,\r\n\r\n\n\"y\",Y,3,\"z\",\"\"\r\n",
                &["2 x 200 true"],
                &["products.csv:8: Variant Price: \"z\" is not a price; variant left out"],
            ),
        ];
        for (rows, products, messages) in cases {
            let products = [&["1 ok 100 true"], *products].concat();
            check(&with(rows), &products, messages);
        }
    }

    #[test]
    fn an_endless_row_ends_the_file_and_not_the_memory() {
        let rows = "x,X,\"2,2,\n".to_owned() + &"y,Y,3,3,\n".repeat(200_000);
        let file =
            "Handle,Title,Variant SKU,Variant Price,Image Src\nok,Ok,1,1,\n".to_owned() + &rows;
        check(
            file.as_bytes(),
            &["1 ok 100 true"],
            &[
                "products.csv:3: the row is longer than 1048576 bytes, which is what a quote that is \
               never closed leads to; the file is not read beyond it",
            ],
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            has_header: bool,
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            rows in "([ab],[AB]?,,,,,,(true|FALSE)?,[12\"]?,,-?[0-9]?,,[0-9.,£x-]{0,5},,,(draft)?,\r?\n|[,\"\n]){0,12}",
        ) {
            let header = if has_header { HEADER } else { "" };
            let _ = read(&[header.as_bytes(), b"\n", rows.as_bytes(), &bytes].concat());
            let _ = read(&bytes);
            if let Ok((products, _)) = read(&[header.as_bytes(), b"\n", rows.as_bytes()].concat()) {
                let mut skus: Vec<_> = products.iter().map(|p| &p.sku).collect();
                skus.sort();
                skus.dedup();
                prop_assert_eq!(skus.len(), products.len());
            }
        }
    }
}
