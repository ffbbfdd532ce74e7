//! Makes the shop's catalogue and sales out of a public set of invoices.
//!
//! What a stock list and its invoices say is all there is: titles in capitals, prices, who bought
//! what and when. Readable titles, departments, tags, stock and reduced prices are derived from
//! that alone, and the same input gives the same bytes.

mod handles;
mod products;
mod sales;
mod titles;

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use thiserror::Error;

pub use titles::readable_title;

use products::{ShopProduct, StockRow, to_products};

/// Name of the catalogue that is written.
const PRODUCTS_FILE: &str = "products.csv";
/// Name of the sales that are written.
const SALES_FILE: &str = "sales.csv.gz";
/// The maker of everything in the shop, as far as is known.
const VENDOR: &str = "Fernside & Co";

/// Why the shop's data could not be made.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// A file cannot be read or written.
    #[error(transparent)]
    Io(io::Error),
    /// A file is no CSV.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// The sales lack a column.
    #[error("the sales have no column {0:?}")]
    MissingColumn(&'static str),
    /// A row of the catalogue cannot be used.
    #[error("row {row} of the catalogue: {reason}")]
    BadRow {
        /// The row, from 1, without the header.
        row: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Products of the catalogue.
    pub products: usize,
    /// Products that are sold out.
    pub sold_out: usize,
    /// Products with a former price.
    pub reduced: usize,
    /// Products by category.
    pub categories: BTreeMap<String, usize>,
    /// Rows of sales that were kept.
    pub sales: u64,
    /// Rows of sales that were left out.
    pub dropped_sales: u64,
}

/// Reads a catalogue (columns StockCode, title, median_price_gbp) and gzipped sales, and writes
/// `products.csv` and `sales.csv.gz` into a folder.
///
/// # Errors
/// When a file cannot be read or written, or is not what it should be.
pub fn prepare(catalogue: &Path, sales: &Path, out: &Path) -> Result<Summary, PrepareError> {
    let rows = read_catalogue(BufReader::new(File::open(catalogue)?))?;
    let known: HashSet<String> = rows.iter().map(|row| row.sku.to_uppercase()).collect();
    fs::create_dir_all(out)?;
    let sales_out = BufWriter::new(File::create(out.join(SALES_FILE))?);
    let sales_in = BufReader::new(File::open(sales)?);
    let histories = sales::reduce_sales(sales_in, sales_out, |sku| known.contains(sku))?;
    let products = to_products(&rows, &histories);
    write_products(&products, BufWriter::new(File::create(out.join(PRODUCTS_FILE))?))?;
    let mut summary = Summary {
        products: products.len(),
        sold_out: products.iter().filter(|p| p.stock == 0).count(),
        reduced: products.iter().filter(|p| p.compare_at_minor.is_some()).count(),
        sales: histories.kept,
        dropped_sales: histories.dropped,
        ..Summary::default()
    };
    for product in &products {
        *summary.categories.entry(product.category.to_owned()).or_default() += 1;
    }
    Ok(summary)
}

fn read_catalogue(from: impl Read) -> Result<Vec<StockRow>, PrepareError> {
    let mut reader = csv::Reader::from_reader(from);
    let mut rows = Vec::new();
    for (row, record) in (1..).zip(reader.records()) {
        let record = record?;
        let cell = |at: usize| record.get(at).unwrap_or("").trim();
        let bad = |reason| PrepareError::BadRow { row, reason };
        let sku = Some(cell(0)).filter(|sku| !sku.is_empty()).ok_or(bad("no SKU"))?;
        let price = sales::to_minor(cell(2)).filter(|price| *price > 0).ok_or(bad("no price"))?;
        let title = cell(1).to_owned();
        rows.push(StockRow { sku: sku.to_owned(), title, price_minor: price });
    }
    Ok(rows)
}

/// Writes products as Shopify exports them.
fn write_products(products: &[ShopProduct], to: impl Write) -> Result<(), PrepareError> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record([
        "Handle",
        "Title",
        "Body (HTML)",
        "Vendor",
        "Type",
        "Tags",
        "Published",
        "Variant SKU",
        "Variant Inventory Tracker",
        "Variant Inventory Qty",
        "Variant Inventory Policy",
        "Variant Price",
        "Variant Compare At Price",
        "Image Src",
        "Image Alt Text",
        "Status",
    ])?;
    let pounds = |minor: u32| format!("{}.{:02}", minor / 100, minor % 100);
    for product in products {
        writer.write_record([
            &product.handle,
            &product.title,
            &product.body,
            VENDOR,
            product.category,
            &product.tags.join(", "),
            "TRUE",
            &product.sku,
            "shopify",
            &product.stock.to_string(),
            "deny",
            &pounds(product.price_minor),
            &product.compare_at_minor.map(pounds).unwrap_or_default(),
            &format!("/images/{}.svg", product.handle),
            &product.title,
            "active",
        ])?;
    }
    writer.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const SALES: &str = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n\
        1,7,2,2011-01-01 10:00:00,1.00,\n2,8,1,2011-09-01 10:00:00,1.00,\n";

    fn prepare_in(dir: &Path, catalogue: &str) -> Result<Summary, PrepareError> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(SALES.as_bytes()).unwrap();
        fs::write(dir.join("s.gz"), gzip.finish().unwrap()).unwrap();
        fs::write(dir.join("c.csv"), catalogue).unwrap();
        prepare(&dir.join("c.csv"), &dir.join("s.gz"), &dir.join("out"))
    }

    #[test]
    fn files_are_written() {
        let dir = tempfile::tempdir().unwrap();
        let catalogue = "StockCode,title,median_price_gbp\n7,RED MUG,1.005\n8,DOORMAT CATS,7.95\n";
        let summary = prepare_in(dir.path(), catalogue).unwrap();
        assert_eq!((summary.products, summary.sold_out, summary.reduced), (2, 1, 0));
        assert_eq!((summary.sales, summary.dropped_sales), (2, 0));
        let written = fs::read_to_string(dir.path().join("out/products.csv")).unwrap();
        assert_eq!(
            written.lines().nth(1).unwrap(),
            "red-mug,Red Mug,<p>Red Mug.</p><ul><li>Kind: mug</li><li>Colour: red</li></ul>,\
             Fernside & Co,\"Mugs, Cups & Tea\",\"mug, red\",TRUE,7,shopify,0,deny,1.00,,\
             /images/red-mug.svg,Red Mug,active"
        );
        assert_eq!(prepare_in(dir.path(), catalogue).unwrap(), summary);
    }

    #[test]
    fn bad_rows_are_told() {
        let dir = tempfile::tempdir().unwrap();
        for (row, message) in [
            (",MUG,1", "row 1 of the catalogue: no SKU"),
            ("7,MUG,x", "row 1 of the catalogue: no price"),
            ("7,MUG,0", "row 1 of the catalogue: no price"),
        ] {
            let error = prepare_in(dir.path(), &format!("StockCode,title,p\n{row}\n"));
            assert_eq!(error.unwrap_err().to_string(), message);
        }
    }
}
