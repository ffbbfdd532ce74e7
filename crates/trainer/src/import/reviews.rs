//! Reviews from a table with columns of any name into the shop's `reviews.csv`.
//!
//! Who wrote a review is not kept.

use std::path::Path;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::ImportError;
use super::mapping::Field;
use super::output::{Output, Table, place};
use super::sort::{Group, Sorter};
use super::source::{OnBytes, Source, delimiter, failed_table, warn_of_encoding};
use super::{Counts, Options, Summary, conclude, open_table, temporary_folder};
use crate::read::{Warnings, html_to_text, parse_rating, plain, quoted};

/// What a file of reviews is, for errors.
const EXPECTED: &str = "a CSV of reviews with columns for the product, the rating and the text";
/// The reviews in the shop's folder.
const REVIEWS_FILE: &str = "reviews.csv";
/// Its columns.
const HEADER: [&str; 5] = ["id", "sku", "rating", "title", "text"];

/// Longest text, in characters.
const MAX_CHARS: usize = 20_000;

const ID: Field = Field { name: "id", names: &["reviewid", "id"] };
const SKU: Field = Field {
    name: "sku",
    names: &[
        "sku",
        "productsku",
        "stockcode",
        "productid",
        "producthandle",
        "handle",
        "itemid",
        "asin",
        "clothingid",
        "product",
        "itemcode",
    ],
};
const RATING: Field = Field {
    name: "rating",
    names: &["rating", "stars", "score", "reviewrating", "reviewscore", "overall", "ratingvalue"],
};
const TITLE: Field = Field {
    name: "title",
    names: &["title", "reviewtitle", "headline", "subject", "summary", "reviewheadline"],
};
const TEXT: Field = Field {
    name: "text",
    names: &[
        "text",
        "body",
        "reviewtext",
        "reviewbody",
        "review",
        "content",
        "reviewcontent",
        "comment",
        "message",
    ],
};
const STATUS: Field =
    Field { name: "status", names: &["status", "published", "state", "curated", "isapproved"] };

/// Every field.
const FIELDS: [Field; 6] = [ID, SKU, RATING, TITLE, TEXT, STATUS];

/// A review as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    is_old: bool,
    line: u64,
    review: Kept,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    sku: String,
    rating: u8,
    title: String,
    text: String,
}

/// Imports reviews from a file.
pub fn import_reviews(from: &Path, options: &Options<'_>) -> Result<Summary, ImportError> {
    options.mapping.check(&FIELDS)?;
    let mut sorter = Sorter::new(temporary_folder(options)?);
    let path = place(options.shop, REVIEWS_FILE);
    let new_name = from.display().to_string();
    let mut warnings = Warnings::new(&path.display().to_string());
    if path.exists() && !options.replace {
        let quiet: OnBytes = Rc::new(|_| {});
        let own = options.again();
        read(Source::open(&path, EXPECTED, &quiet)?, &own, true, &mut sorter, &mut warnings)?;
    }
    warnings.set_file(&new_name);
    let source = Source::open(from, EXPECTED, &options.on_bytes)?;
    let records = read(source, options, false, &mut sorter, &mut warnings)?;
    let target = (!options.dry_run).then_some(path.as_path());
    let (counts, output) = write(sorter, target, &mut warnings)?;
    let first_reason = warnings.first_reason();
    conclude(counts.used(), records, (new_name, EXPECTED), first_reason, output)?;
    Ok(Summary::new("reviews-csv".to_owned(), records, counts, warnings, &path))
}

/// Reads all rows and returns their number.
fn read(
    source: Source,
    options: &Options<'_>,
    is_old: bool,
    sorter: &mut Sorter,
    warnings: &mut Warnings,
) -> Result<u64, ImportError> {
    let (divider, file) = (delimiter(&source.head), source.name.clone());
    let (mut table, found) = open_table(source, divider, EXPECTED)?;
    let (mapping, names) = (&options.mapping, table.columns().to_vec());
    let sku_at = mapping.require(SKU, &names, &file)?;
    let rating_at = mapping.require(RATING, &names, &file)?;
    let text_at = mapping.require(TEXT, &names, &file)?;
    let title_at = mapping.column(TITLE, &names, &file)?;
    let id_at = mapping.column(ID, &names, &file)?;
    let status_at = mapping.column(STATUS, &names, &file)?;
    while let Some(row) = table.next(warnings).map_err(failed_table)? {
        if is_unpublished(row.get(status_at)) {
            warnings.add(row.line, Some(STATUS.name), "is not published; review left out");
            continue;
        }
        let sku = plain(row.get(sku_at));
        if sku.is_empty() {
            warnings.add(row.line, Some(SKU.name), "is empty; review left out");
            continue;
        }
        let Some(rating) = parse_rating(row.get(rating_at)) else {
            let shown = quoted(row.get(rating_at));
            let reason = format!("{shown} is not a rating of 1 to 5; review left out");
            warnings.add(row.line, Some(RATING.name), reason);
            continue;
        };
        // What is in the folder already has no markup any more.
        let clean = if is_old { plain } else { html_to_text };
        let (text, title) = (clean(row.get(text_at)), clean(row.get(title_at)));
        if [&text, &title, &sku].iter().any(|t| t.chars().count() > MAX_CHARS) {
            let reason = format!("is longer than {MAX_CHARS} characters; review left out");
            warnings.add(row.line, Some(TEXT.name), reason);
            continue;
        }
        if text.is_empty() && title.is_empty() {
            warnings.add(row.line, Some(TEXT.name), "is empty; review left out");
            continue;
        }
        let id = match plain(row.get(id_at)) {
            id if id.is_empty() => digest(&sku, &title, &text),
            id if id.chars().count() > MAX_CHARS => digest(&id, "", ""),
            id => id,
        };
        let review = Kept { sku, rating, title, text };
        sorter.push(&id, &Entry { is_old, line: row.line, review })?;
    }
    warn_of_encoding(&found, warnings);
    Ok(table.rows())
}

fn is_unpublished(status: &str) -> bool {
    let status = status.to_lowercase();
    matches!(
        status.as_str(),
        "unpublished" | "false" | "no" | "spam" | "rejected" | "pending" | "hidden" | "not-yet"
    )
}

/// An id for a review that comes without one: the same review has the same.
fn digest(sku: &str, title: &str, text: &str) -> String {
    let digest = Sha256::digest([sku, title, text].join("\n").as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Merges and writes; `path` is nothing for a mere trial.
fn write(
    sorter: Sorter,
    path: Option<&Path>,
    warnings: &mut Warnings,
) -> Result<(Counts, Option<Output>), ImportError> {
    let mut table = Table::create(path, &HEADER)?;
    let mut counts = Counts::default();
    let mut sorted = sorter.finish()?;
    while let Some(Group { key, records, .. }) = sorted.next_group::<Entry>()? {
        let (old, new): (Vec<_>, Vec<_>) = records.into_iter().partition(|entry| entry.is_old);
        let old = old.into_iter().next_back().map(|entry| entry.review);
        for twice in new.iter().skip(1) {
            let reason = format!("{} is there twice; the first one is used", quoted(&key));
            warnings.add(twice.line, Some(ID.name), reason);
        }
        let came = !new.is_empty();
        let new = new.into_iter().next().map(|entry| entry.review);
        let Some(review) = new.or(old.clone()) else { continue };
        counts.count(old.as_ref(), &review, came);
        let rating = review.rating.to_string();
        table.write([&key, &review.sku, &rating, &review.title, &review.text])?;
    }
    Ok((counts, table.finish()?))
}
