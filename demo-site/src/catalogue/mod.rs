//! The shop's products, as the server holds them.

mod listing;
mod search;
mod together;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use thiserror::Error;

pub use listing::{Filter, Page, PriceRange, Sort, list};
pub use search::search;

use crate::attributes::attributes_of;
use crate::kind::Category;
use together::Invoices;

/// Products that are bought together with one, at most.
const MAX_TOGETHER: usize = 10;
/// Numbers of products and variants stay below these powers of ten, so that a browser holds them
/// exactly.
const PRODUCT_IDS: std::ops::Range<u64> = 7_000_000_000_000..8_000_000_000_000;
const VARIANT_IDS: std::ops::Range<u64> = 40_000_000_000_000..50_000_000_000_000;

/// Why the catalogue cannot be read.
#[derive(Debug, Error)]
pub enum CatalogueError {
    /// A file cannot be opened or read.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// A file is no CSV.
    #[error("{file}: {source}")]
    Csv {
        /// The file.
        file: String,
        /// What went wrong.
        source: csv::Error,
    },
    /// A file lacks a column.
    #[error("{file}: no column {column:?}")]
    MissingColumn {
        /// The file.
        file: String,
        /// The column.
        column: &'static str,
    },
    /// A file has no usable row.
    #[error("{file}: no usable row")]
    Empty {
        /// The file.
        file: String,
    },
}

/// A product with its one variant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// Number of the product, stable for its SKU.
    pub id: u64,
    /// Number of its variant, stable for its SKU.
    pub variant_id: u64,
    /// Stock-keeping unit.
    pub sku: String,
    /// The part of its address that names it.
    pub handle: String,
    /// Title as shown.
    pub title: String,
    /// Description as HTML, of the merchant's own making.
    pub description_html: String,
    /// What is known of it: name and value, as plain text.
    pub facts: Vec<(String, String)>,
    /// Maker.
    pub vendor: String,
    /// Department as shown.
    pub category: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Names of the colours in its title.
    pub colours: Vec<&'static str>,
    /// Price in pence.
    pub price_minor: u32,
    /// Former price in pence.
    pub compare_at_minor: Option<u32>,
    /// Pieces in stock.
    pub stock: u32,
    /// Invoices that it is on; zero of a product that is new.
    pub invoices: u32,
    /// Positions of the products that are most bought together with it.
    pub together: Vec<usize>,
}

impl Product {
    /// Whether it can be bought.
    pub fn is_available(&self) -> bool {
        self.stock > 0
    }
}

/// A department with something in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// The part of its address that names it.
    pub handle: String,
    /// Name as shown.
    pub title: String,
    /// Positions of its products, best seller first.
    pub products: Vec<usize>,
}

/// All products.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The products, in the order of the file.
    pub products: Vec<Product>,
    /// The departments, as the shop lists them.
    pub collections: Vec<Collection>,
    /// Positions of all products, best seller first.
    pub best_sellers: Vec<usize>,
    by_handle: HashMap<String, usize>,
    by_variant: HashMap<u64, usize>,
    by_id: HashMap<u64, usize>,
}

impl Catalogue {
    /// Reads `products.csv` and, where it is there, `sales.csv.gz` of a folder.
    ///
    /// # Errors
    /// When a file cannot be read, lacks a column or has no usable row. Rows that cannot be used
    /// are left out.
    pub fn read(dir: &Path) -> Result<Self, CatalogueError> {
        let (products, sales) = (dir.join("products.csv"), dir.join("sales.csv.gz"));
        let open = |path: &Path| {
            let file = path.display().to_string();
            File::open(path)
                .map(BufReader::new)
                .map_err(|source| CatalogueError::Io { file, source })
        };
        let products = read_products(open(&products)?, &products.display().to_string())?;
        let mut invoices = Invoices::default();
        if sales.exists() {
            let name = sales.display().to_string();
            invoices = Invoices::read(GzDecoder::new(open(&sales)?), &name, &products)?;
        }
        Ok(Self::new(products, &invoices))
    }

    fn new(mut products: Vec<Product>, invoices: &Invoices) -> Self {
        let together = invoices.together(products.len(), MAX_TOGETHER);
        for (at, product) in products.iter_mut().enumerate() {
            product.invoices = invoices.count(at);
            product.together = together.get(at).cloned().unwrap_or_default();
        }
        let mut catalogue = Self { products, ..Self::default() };
        catalogue.give_numbers();
        catalogue.make_collections();
        catalogue
    }

    /// Gives each product the numbers that its SKU hashes to, or the next that are free.
    fn give_numbers(&mut self) {
        for (at, product) in self.products.iter_mut().enumerate() {
            let hash = product.sku.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            let within =
                |range: &std::ops::Range<u64>| range.start + hash % (range.end - range.start);
            product.id = within(&PRODUCT_IDS);
            while self.by_id.contains_key(&product.id) {
                product.id += 1;
            }
            product.variant_id = within(&VARIANT_IDS);
            while self.by_variant.contains_key(&product.variant_id) {
                product.variant_id += 1;
            }
            self.by_id.insert(product.id, at);
            self.by_variant.insert(product.variant_id, at);
            self.by_handle.insert(product.handle.clone(), at);
        }
    }

    /// Sorts the products by their sales, and each into its department.
    fn make_collections(&mut self) {
        let invoices = |at: usize| self.products.get(at).map_or(0, |p| p.invoices);
        let mut best: Vec<usize> = (0..self.products.len()).collect();
        best.sort_by_key(|at| (Reverse(invoices(*at)), *at));
        let mut titles: Vec<&str> = Category::ALL.iter().map(|category| category.name()).collect();
        for product in &self.products {
            if !titles.contains(&product.category.as_str()) {
                titles.push(&product.category);
            }
        }
        let of_title = |title: &str| {
            let is_in = |at: &usize| self.products.get(*at).is_some_and(|p| p.category == title);
            let products = best.iter().copied().filter(is_in).collect();
            Collection { handle: collection_handle(title), title: title.to_owned(), products }
        };
        let collections = titles.into_iter().map(of_title);
        self.collections = collections.filter(|c| !c.products.is_empty()).collect();
        self.best_sellers = best;
    }

    /// The product at a position.
    pub fn get(&self, at: usize) -> Option<&Product> {
        self.products.get(at)
    }

    /// The product with this handle.
    pub fn by_handle(&self, handle: &str) -> Option<&Product> {
        self.by_handle.get(handle).and_then(|at| self.products.get(*at))
    }

    /// The product with this variant.
    pub fn by_variant(&self, variant_id: u64) -> Option<&Product> {
        self.by_variant.get(&variant_id).and_then(|at| self.products.get(*at))
    }

    /// The product with this number.
    pub fn by_id(&self, id: u64) -> Option<&Product> {
        self.by_id.get(&id).and_then(|at| self.products.get(*at))
    }

    /// The department with this handle.
    pub fn collection(&self, handle: &str) -> Option<&Collection> {
        self.collections.iter().find(|collection| collection.handle == handle)
    }

    /// What is most bought together with a product and can be bought now. Where that is too
    /// little, best sellers of its department follow.
    pub fn related<'a>(&'a self, product: &'a Product, limit: usize) -> Vec<&'a Product> {
        let department = self.collection(&collection_handle(&product.category));
        let others = department.map_or(&[][..], |collection| &collection.products);
        let mut related: Vec<&Product> = Vec::with_capacity(limit);
        for other in product.together.iter().chain(others).filter_map(|at| self.get(*at)) {
            let is_known = related.iter().any(|known| known.id == other.id);
            if related.len() < limit && other.is_available() && other.id != product.id && !is_known
            {
                related.push(other);
            }
        }
        related
    }
}

/// "Mugs, Cups & Tea" as "mugs-cups-tea".
pub fn collection_handle(title: &str) -> String {
    let words: Vec<String> = title
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.join("-")
}

/// Reads a product file in Shopify's format; a handle that is there twice counts once.
fn read_products(from: impl Read, file: &str) -> Result<Vec<Product>, CatalogueError> {
    let csv_error = |source| CatalogueError::Csv { file: file.to_owned(), source };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(from);
    let header = reader.headers().map_err(csv_error)?.clone();
    let column = |name: &'static str| {
        let position = header.iter().position(|h| h.trim().eq_ignore_ascii_case(name));
        let missing = CatalogueError::MissingColumn { file: file.to_owned(), column: name };
        position.ok_or(missing)
    };
    let (handle, title, price) = (column("Handle")?, column("Title")?, column("Variant Price")?);
    let optional = |name| column(name).ok();
    let (sku, body, vendor) =
        (optional("Variant SKU"), optional("Body (HTML)"), optional("Vendor"));
    let (kind, tags, stock) =
        (optional("Type"), optional("Tags"), optional("Variant Inventory Qty"));
    let compare_at = optional("Variant Compare At Price");
    let mut products: Vec<Product> = Vec::new();
    let mut handles: HashSet<String> = HashSet::new();
    for row in reader.records() {
        let row = row.map_err(csv_error)?;
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or("").trim();
        let (handle, title) = (cell(Some(handle)), cell(Some(title)));
        let Some(price_minor) = to_minor(cell(Some(price))) else { continue };
        if handle.is_empty() || title.is_empty() || !handles.insert(handle.to_owned()) {
            continue;
        }
        let sku = Some(cell(sku)).filter(|sku| !sku.is_empty()).unwrap_or(handle);
        products.push(Product {
            sku: sku.to_owned(),
            handle: handle.to_owned(),
            title: title.to_owned(),
            description_html: cell(body).to_owned(),
            facts: facts_of(cell(body)),
            vendor: cell(vendor).to_owned(),
            category: cell(kind).to_owned(),
            tags: cell(tags)
                .split(',')
                .map(|t| t.trim().to_owned())
                .filter(|t| !t.is_empty())
                .collect(),
            colours: attributes_of(title).colours.iter().map(|c| c.name).collect(),
            price_minor,
            compare_at_minor: to_minor(cell(compare_at)).filter(|former| *former > price_minor),
            stock: cell(stock).parse().unwrap_or(0),
            ..Product::default()
        });
    }
    if products.is_empty() {
        return Err(CatalogueError::Empty { file: file.to_owned() });
    }
    Ok(products)
}

/// "4.25" in pence.
fn to_minor(price: &str) -> Option<u32> {
    let pence = (price.parse::<f64>().ok()? * 100.0).round();
    // The range makes the cast exact.
    (0.0..1e9).contains(&pence).then_some(pence as u32)
}

/// The "name: value" items of a description's list, as plain text.
fn facts_of(html: &str) -> Vec<(String, String)> {
    let items = html.split("<li>").skip(1).filter_map(|rest| rest.split_once("</li>"));
    items
        .filter_map(|(item, _)| item.split_once(": "))
        .map(|(name, value)| (unescaped(name), unescaped(value)))
        .collect()
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A small shop: a mug in stock, a sold-out bowl, a reduced clock, and a title that is hostile.
    pub(crate) const PRODUCTS: &str = "Handle,Title,Body (HTML),Vendor,Type,Tags,Variant SKU,\
        Variant Inventory Qty,Variant Price,Variant Compare At Price\n\
        red-mug,Red Mug,<p>Red Mug.</p><ul><li>Kind: mug</li><li>Colour: red</li></ul>,F,\"Mugs, Cups & Tea\",\"mug, red\",M1,5,2.50,\n\
        blue-mug,Blue Mug,,F,\"Mugs, Cups & Tea\",\"mug, blue\",M2,120,1.25,\n\
        cat-bowl,Cat Bowl,,F,Tableware,bowl,B1,0,8.00,\n\
        wall-clock,Ivory Wall Clock,,F,Clocks,clock,C1,40,12.00,15.00\n\
        evil,\"<script>alert(1)</script> & \"\"Sons\"\"\",,F,Clocks,\"<b>\",X1,9,0.50,\n";

    /// The small shop with these sales: invoice and SKU on a line.
    pub(crate) fn catalogue(sales: &str) -> Catalogue {
        let products = read_products(PRODUCTS.as_bytes(), "products.csv").unwrap();
        let sales = format!("InvoiceNo,StockCode\n{sales}");
        let invoices = Invoices::read(sales.as_bytes(), "sales.csv", &products).unwrap();
        Catalogue::new(products, &invoices)
    }

    #[test]
    fn products_are_read() {
        let catalogue = catalogue("1,M2\n1,M1\n2,m2\n");
        let mug = catalogue.by_handle("red-mug").unwrap();
        assert_eq!((mug.price_minor, mug.stock, mug.invoices), (250, 5, 1));
        assert_eq!(mug.facts, [("Kind".into(), "mug".into()), ("Colour".into(), "red".into())]);
        assert_eq!(catalogue.by_handle("wall-clock").unwrap().compare_at_minor, Some(1500));
        assert_eq!(catalogue.by_handle("blue-mug").unwrap().invoices, 2);
        assert_eq!(catalogue.by_variant(mug.variant_id), Some(mug));
        assert_eq!(catalogue.by_id(mug.id), Some(mug));
        assert!(VARIANT_IDS.contains(&mug.variant_id));
        let titles: Vec<&str> = catalogue.collections.iter().map(|c| c.title.as_str()).collect();
        assert_eq!(titles, ["Mugs, Cups & Tea", "Tableware", "Clocks"]);
        assert_eq!(catalogue.collection("mugs-cups-tea").unwrap().products, [1, 0]);
    }

    #[test]
    fn numbers_are_stable() {
        let (one, two) = (catalogue(""), catalogue("1,M1\n"));
        let ids = |c: &Catalogue| c.products.iter().map(|p| p.variant_id).collect::<Vec<_>>();
        assert_eq!(ids(&one), ids(&two));
    }

    #[test]
    fn related_products_can_be_bought_and_are_filled_up() {
        let catalogue = catalogue("1,M1\n1,C1\n1,B1\n2,M1\n2,C1\n2,B1\n3,M1\n3,C1\n3,B1\n");
        let mug = catalogue.by_handle("red-mug").unwrap();
        let handles = |limit| {
            catalogue.related(mug, limit).iter().map(|p| p.handle.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(handles(5), ["wall-clock", "blue-mug"]);
        assert_eq!(handles(1), ["wall-clock"]);
    }

    #[test]
    fn bad_files_are_told() {
        let error = |text: &str| read_products(text.as_bytes(), "p.csv").unwrap_err().to_string();
        assert_eq!(error("Handle,Title\n"), "p.csv: no column \"Variant Price\"");
        assert_eq!(error("Handle,Title,Variant Price\na,A,x\n"), "p.csv: no usable row");
        let missing = Catalogue::read(Path::new("/nowhere")).unwrap_err().to_string();
        assert!(missing.starts_with("/nowhere/products.csv: "), "{missing}");
    }
}
