//! `aisle import`: outside files into the shop's folder.
//!
//! Every importer streams its file, puts what it finds into an external sort by id together with
//! what the shop already has, and writes the merged result in the place of the old file: whole or
//! not at all, in the order of the ids. Importing a file twice is the same as importing it once.
//! Entries that cannot be used are warnings; a file without one that can is an error, and nothing
//! is written then.

mod chats;
mod date;
mod encoding;
mod error;
mod json;
mod mapping;
mod orders;
mod output;
mod products;
mod reviews;
mod shop;
mod sort;
mod source;

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::read::{ReadError, Table, Warning, Warnings};

pub use chats::import_chats;
pub use date::DateOrder;
pub use error::ImportError;
pub use mapping::Mapping;
pub use orders::{export_orders, import_orders};
pub use products::{Counts, ProductFormat, import_products};
pub use reviews::import_reviews;
pub use shop::{NewShop, ensure_shop};
pub use source::OnBytes;

use encoding::Found;
use output::Output;
use source::Source;

/// What all imports are told.
pub struct Options<'a> {
    /// The shop's folder; it exists unless this is a trial.
    pub shop: &'a Path,
    /// ISO 4217 code of the shop's prices.
    pub currency: &'a str,
    /// Which columns are which.
    pub mapping: Mapping,
    /// How dates such as 1/2/2026 are to be read.
    pub dates: Option<DateOrder>,
    /// When orders were placed of which the file does not say it, in milliseconds since the Unix
    /// epoch.
    pub placed_at_ms: Option<u64>,
    /// Whether to forget what the shop already has.
    pub replace: bool,
    /// Whether to write nothing.
    pub dry_run: bool,
    /// Told how far the file was read.
    pub on_bytes: OnBytes,
}

impl Options<'_> {
    /// The same for what the shop has already.
    fn again(&self) -> Options<'_> {
        Options { mapping: Mapping::default(), on_bytes: self.on_bytes.clone(), ..*self }
    }
}

/// What an import did.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The form of the file.
    pub format: String,
    /// Records (rows, objects, items) that were read.
    pub records: u64,
    /// What became of them.
    #[serde(flatten)]
    pub counts: Counts,
    /// Entries that the shop has now.
    pub total: u64,
    /// Warnings in all, also those that are not kept.
    pub warning_count: u64,
    /// The first warnings of each kind, and how many more there are.
    #[serde(serialize_with = "as_texts")]
    pub warnings: Vec<Warning>,
    /// The file of the shop.
    pub written: String,
}

impl Summary {
    fn new(
        format: String,
        records: u64,
        counts: Counts,
        warnings: Warnings,
        written: &Path,
    ) -> Self {
        Self {
            format,
            records,
            counts,
            total: counts.total(),
            warning_count: warnings.count(),
            warnings: warnings.finish(),
            written: written.display().to_string(),
        }
    }
}

fn as_texts<S: serde::Serializer>(warnings: &[Warning], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(warnings.iter().map(ToString::to_string))
}

/// Opens a table whose encoding is being watched.
fn open_table(
    source: Source,
    delimiter: u8,
    expected: &'static str,
) -> Result<(Table, Found), ImportError> {
    let (input, found) = source.into_input();
    let table = Table::open(input, delimiter, expected).map_err(source::failed_table)?;
    Ok((table, found))
}

/// Ends an import: what was written takes the place of the old file, unless nothing of the file
/// could be used.
fn conclude(
    used: u64,
    records: u64,
    (file, expected): (String, &'static str),
    first_reason: String,
    output: Option<Output>,
) -> Result<(), ImportError> {
    if used == 0 {
        return Err(ReadError::NoUsableRow { file, rows: records, expected, first_reason }.into());
    }
    output.map_or(Ok(()), Output::finish)
}

/// Where the sorting may write: beside the result, where there is room for it.
fn temporary_folder(options: &Options<'_>) -> Result<PathBuf, ImportError> {
    if options.shop.is_dir() {
        return Ok(options.shop.to_owned());
    }
    Ok(std::env::temp_dir())
}
