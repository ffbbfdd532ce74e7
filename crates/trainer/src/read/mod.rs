//! Reading what a merchant has: catalogue, documents, examples, sales and the shop's own file.
//!
//! All of it is written by others. A row that cannot be used is a [`Warning`] with file, line,
//! column and reason, and the rest is used; a file that cannot be used at all is a [`ReadError`]
//! that says what was expected. Tables are streamed, and may be gzipped.

mod chats;
mod documents;
mod error;
mod examples;
mod html;
mod input;
mod judgements;
mod lessons;
mod meter;
mod price;
mod products;
mod reviews;
mod sales;
mod shop;
mod table;
mod warning;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

pub use chats::{ChatMessage, Conversation};
pub use documents::{Document, Section};
pub use error::ReadError;
pub use examples::{Example, INTENTS, OUT_OF_SCOPE};
pub use judgements::{JudgedQuery, Judgements, SearchQuery};
pub use lessons::Lesson;
pub use products::Product;
pub use reviews::Review;
pub use sales::Sale;
pub use shop::{ActionEntry, ShopFile};
pub use warning::Warning;

pub(crate) use chats::{EXPECTED as EXPECTED_CHATS, parse_line as parse_conversation};
pub(crate) use html::html_to_text;
pub(crate) use input::{Input, plain};
pub(crate) use meter::{MAX_RECORD_BYTES, Meter, Metered};
pub(crate) use price::{PriceError, may_be_thousands, parse_price, write_price};
pub(crate) use products::{Columns as ProductColumns, is_image_address, read_products, refusal};
pub(crate) use reviews::parse_rating;
pub(crate) use sales::parse_minutes;
pub(crate) use shop::read_shop_file;
pub(crate) use table::{Row, Table};
pub(crate) use warning::{Warnings, quoted};

/// File with the shop's name, currency, actions and questions.
const SHOP_FILE: &str = "shop.toml";
/// File with the catalogue; it may also end in `.gz`.
const PRODUCTS_FILE: &str = "products.csv";
/// File with the examples; it may be missing, and may also end in `.gz`.
const EXAMPLES_FILE: &str = "examples.tsv";
/// File with the sales; it may be missing, and may also end in `.gz`.
const SALES_FILE: &str = "sales.csv";
/// File with what customers wrote about products; it may be missing, and may also end in `.gz`.
const REVIEWS_FILE: &str = "reviews.csv";
/// File with former conversations; it may be missing, and may also end in `.gz`.
const CHATS_FILE: &str = "chats.jsonl";
/// File with search queries; it may be missing, and may also end in `.gz`.
const QUERIES_FILE: &str = "queries.csv";
/// File with how well products answer them; there where the queries are.
const JUDGEMENTS_FILE: &str = "judgements.csv";
/// Folder with the documents; it may be missing.
const DOCUMENTS_FOLDER: &str = "documents";
/// Largest file of texts that is read, in bytes.
const MAX_TEXT_BYTES: u64 = 64 << 20;
/// Unknown SKUs that a warning names.
const SHOWN_SKUS: usize = 5;

/// Everything that a shop is trained from.
#[derive(Clone, Debug, Default)]
pub struct Shop {
    /// Name, currency, actions and questions.
    pub profile: ShopFile,
    /// The catalogue, in the order of the file; never empty.
    pub products: Vec<Product>,
    /// The documents, by file name.
    pub documents: Vec<Document>,
    /// The shop's own examples.
    pub examples: Vec<Example>,
    /// Sales of products that are in the catalogue, in the order of the file.
    pub sales: Vec<Sale>,
    /// Reviews of products that are in the catalogue, in the order of the file.
    pub reviews: Vec<Review>,
    /// Former conversations, in the order of the file.
    pub chats: Vec<Conversation>,
    /// Search queries with grades of the products, in the order of the file.
    pub judged: Vec<JudgedQuery>,
    /// What was left out.
    pub warnings: Vec<Warning>,
}

/// Reads a shop's folder: `shop.toml` and `products.csv`, and as far as they are there
/// `documents/*.md`, `examples.tsv`, `sales.csv`, `reviews.csv`, `chats.jsonl`, and `queries.csv`
/// with `judgements.csv`.
pub fn read_shop(dir: &Path) -> Result<Shop, ReadError> {
    if !dir.is_dir() {
        let file = dir.display().to_string();
        return Err(ReadError::Missing { file, expected: "a folder with a shop's data" });
    }
    let shop_file = Input::open(&dir.join(SHOP_FILE), SHOP_FILE, shop::EXPECTED)?;
    let (profile, mut warnings) = shop::read_shop_file(shop_file)?;
    let (path, name) = find_table(dir, PRODUCTS_FILE)
        .unwrap_or_else(|| (dir.join(PRODUCTS_FILE), PRODUCTS_FILE.to_owned()));
    let input = Input::open(&path, &name, products::EXPECTED)?;
    let (products, more) = products::read_products(input, &profile.currency)?;
    warnings.extend(more);
    let (documents, more) = read_documents(dir)?;
    warnings.extend(more);
    let mut examples = Vec::new();
    if let Some((path, name)) = find_table(dir, EXAMPLES_FILE) {
        let (read, more) = examples::read_examples(Input::open(&path, &name, examples::EXPECTED)?)?;
        examples = read;
        warnings.extend(more);
    }
    let mut sales = Vec::new();
    if let Some((path, name)) = find_table(dir, SALES_FILE) {
        let input = Input::open(&path, &name, sales::EXPECTED)?;
        let (read, more) = sales::read_sales(input, &profile.currency)?;
        warnings.extend(more);
        let (known, unknown) = of_catalogue(read, &products, &name);
        sales = known;
        warnings.extend(unknown);
    }
    let mut reviews = Vec::new();
    if let Some((path, name)) = find_table(dir, REVIEWS_FILE) {
        let input = Input::open(&path, &name, reviews::EXPECTED)?;
        let (read, more) = reviews::read_reviews(input, &products)?;
        reviews = read;
        warnings.extend(more);
    }
    let mut chats = Vec::new();
    if let Some((path, name)) = find_table(dir, CHATS_FILE) {
        let (read, more) = chats::read_chats(Input::open(&path, &name, chats::EXPECTED)?)?;
        chats = read;
        warnings.extend(more);
    }
    let (judged, more) = read_judged(dir)?;
    warnings.extend(more);
    Ok(Shop { profile, products, documents, examples, sales, reviews, chats, judged, warnings })
}

/// Reads the judged queries; queries without judgements are left out.
fn read_judged(dir: &Path) -> Result<(Vec<JudgedQuery>, Vec<Warning>), ReadError> {
    let (Some((queries_path, queries_name)), Some((path, name))) =
        (find_table(dir, QUERIES_FILE), find_table(dir, JUDGEMENTS_FILE))
    else {
        return Ok((vec![], vec![]));
    };
    let input = Input::open(&queries_path, &queries_name, judgements::EXPECTED_QUERIES)?;
    let (queries, mut warnings) = judgements::read_queries(input)?;
    let input = Input::open(&path, &name, judgements::EXPECTED_JUDGEMENTS)?;
    let (mut grades, more) = judgements::read_judgements(input)?;
    warnings.extend(more);
    let judged = queries
        .into_iter()
        .filter_map(|query| Some(JudgedQuery { grades: grades.remove(&query.id)?, query }))
        .collect();
    Ok((judged, warnings))
}

/// Reads a file of examples, plain or gzipped; columns other than text and intent are ignored.
pub fn read_examples(path: &Path) -> Result<(Vec<Example>, Vec<Warning>), ReadError> {
    examples::read_examples(Input::open(path, &path.display().to_string(), examples::EXPECTED)?)
}

/// Reads a file of examples whose labels are its own, plain or gzipped: text, and label or intent.
pub fn read_labelled(path: &Path) -> Result<(Vec<Example>, Vec<Warning>), ReadError> {
    examples::read_labelled(Input::open(path, &path.display().to_string(), examples::EXPECTED)?)
}

/// Reads a file of texts with the vectors that a larger model gives them, plain or gzipped.
pub fn read_lessons(path: &Path) -> Result<(Vec<Lesson>, Vec<Warning>), ReadError> {
    lessons::read_lessons(Input::open(path, &path.display().to_string(), lessons::EXPECTED)?)
}

/// Reads a file of search queries (query_id, query, kind), plain or gzipped.
pub fn read_queries(path: &Path) -> Result<(Vec<SearchQuery>, Vec<Warning>), ReadError> {
    let name = path.display().to_string();
    judgements::read_queries(Input::open(path, &name, judgements::EXPECTED_QUERIES)?)
}

/// Reads a file of relevance judgements (query_id, sku, grade), plain or gzipped.
pub fn read_judgements(path: &Path) -> Result<(Judgements, Vec<Warning>), ReadError> {
    let name = path.display().to_string();
    judgements::read_judgements(Input::open(path, &name, judgements::EXPECTED_JUDGEMENTS)?)
}

/// Reads a file of sales, plain or gzipped. Prices are in the currency with this code.
pub fn read_sales(path: &Path, currency: &str) -> Result<(Vec<Sale>, Vec<Warning>), ReadError> {
    sales::read_sales(Input::open(path, &path.display().to_string(), sales::EXPECTED)?, currency)
}

/// Reads a file of texts, plain or gzipped: one a line, blank lines left out.
pub fn read_texts(path: &Path) -> Result<Vec<String>, ReadError> {
    const EXPECTED: &str = "plain text, one message a line";
    let name = path.display().to_string();
    let text = Input::open(path, &name, EXPECTED)?.text(MAX_TEXT_BYTES, EXPECTED)?;
    Ok(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
}

/// The file of this name, plain or gzipped, and how messages call it.
fn find_table(dir: &Path, name: &str) -> Option<(PathBuf, String)> {
    [name.to_owned(), format!("{name}.gz")]
        .into_iter()
        .map(|name| (dir.join(&name), name))
        .find(|(path, _)| path.exists())
}

/// Reads every Markdown file of the documents' folder, by name. Of two documents with one slug,
/// the second is left out.
fn read_documents(dir: &Path) -> Result<(Vec<Document>, Vec<Warning>), ReadError> {
    let folder = dir.join(DOCUMENTS_FOLDER);
    let failed = |source| ReadError::Io { file: DOCUMENTS_FOLDER.to_owned(), source };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((vec![], vec![])),
        Err(e) => return Err(failed(e)),
    };
    let mut paths = entries
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    let (mut documents, mut warnings) = (Vec::new(), Vec::new());
    let mut slugs: HashMap<String, String> = HashMap::new();
    for path in paths {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("{DOCUMENTS_FOLDER}/{stem}.md");
        let input = Input::open(&path, &name, documents::EXPECTED)?;
        let (document, more) = documents::read_document(input, &stem)?;
        warnings.extend(more);
        let Some(document) = document else { continue };
        if let Some(first) = slugs.get(&document.slug) {
            let reason =
                format!("{} is the slug of {first}; document left out", quoted(&document.slug));
            let column = Some("slug".to_owned());
            warnings.push(Warning { file: name, line: None, column, reason });
            continue;
        }
        slugs.insert(document.slug.clone(), name);
        documents.push(document);
    }
    Ok((documents, warnings))
}

/// Keeps the sales of products that the catalogue has, and gives each the SKU of its product; one
/// warning tells of the others.
fn of_catalogue(
    sales: Vec<Sale>,
    products: &[Product],
    file: &str,
) -> (Vec<Sale>, Option<Warning>) {
    let mut by_sku: HashMap<String, Arc<str>> = HashMap::new();
    for product in products {
        let sku: Arc<str> = product.sku.as_str().into();
        for variant in product.variant_skus.iter().chain([&product.sku]) {
            by_sku.entry(variant.to_uppercase()).or_insert_with(|| sku.clone());
        }
    }
    let mut unknown: BTreeMap<Arc<str>, u64> = BTreeMap::new();
    let known = sales
        .into_iter()
        .filter_map(|sale| match by_sku.get(&*sale.sku) {
            Some(sku) => Some(Sale { sku: sku.clone(), ..sale }),
            None => {
                *unknown.entry(sale.sku).or_default() += 1;
                None
            }
        })
        .collect();
    (known, warn_of_unknown(&unknown, file))
}

fn warn_of_unknown(unknown: &BTreeMap<Arc<str>, u64>, file: &str) -> Option<Warning> {
    if unknown.is_empty() {
        return None;
    }
    let rows: u64 = unknown.values().sum();
    let mut skus: Vec<(&Arc<str>, &u64)> = unknown.iter().collect();
    skus.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let shown: Vec<String> = skus.iter().take(SHOWN_SKUS).map(|(sku, _)| quoted(sku)).collect();
    let dots = if skus.len() > SHOWN_SKUS { ", ..." } else { "" };
    let reason = format!(
        "{} of {} not in the catalogue ({}{dots}); left out",
        counted(rows, "row"),
        counted(skus.len() as u64, "code"),
        shown.join(", ")
    );
    let column = Some("StockCode".to_owned());
    Some(Warning { file: file.to_owned(), line: None, column, reason })
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
