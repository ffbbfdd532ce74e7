//! Why an import cannot be done.

use std::io;

use thiserror::Error;

use crate::read::ReadError;

/// Why an import stopped; nothing was written then.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file, or one that is already in the shop's folder, cannot be used.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file ends before its compressed data does.
    #[error("{file}: the gzip file ends too early; fetch it again, nothing was imported")]
    CutShort {
        /// The file.
        file: String,
    },
    /// The kind of file is not clear.
    #[error(
        "{file}: this is none of the formats that can be told by themselves (Shopify CSV or \
         products.json, WooCommerce CSV, CSV or NDJSON with named columns, Google Merchant XML, \
         pages with JSON-LD); name one with --format"
    )]
    UnknownFormat {
        /// The file.
        file: String,
    },
    /// A field has no column.
    #[error("{file}: no column for {field}; found {found}; name it with --map {field}=COLUMN")]
    NoColumn {
        /// The file.
        file: String,
        /// What is looked for.
        field: &'static str,
        /// The columns that there are, shortened.
        found: String,
    },
    /// What was asked for with `--map` cannot be done.
    #[error("--map {given}: {reason}")]
    Map {
        /// As it was given.
        given: String,
        /// What is wrong.
        reason: String,
    },
    /// The shop has no currency yet.
    #[error(
        "{folder}: there is no shop.toml yet; give --currency (such as GBP) and --name, and it is \
         written"
    )]
    NoShop {
        /// The shop's folder.
        folder: String,
    },
    /// Another currency is asked for than the shop has.
    #[error("--currency {given}: the shop's prices are in {currency}, says its shop.toml")]
    OtherCurrency {
        /// What was asked for.
        given: String,
        /// The shop's.
        currency: String,
    },
    /// The operating system failed.
    #[error("{what} cannot be written")]
    Write {
        /// The file or folder.
        what: String,
        /// The cause.
        source: io::Error,
    },
    /// The files in which a large import is sorted failed.
    #[error("the temporary files in the shop's folder failed")]
    Sort(#[source] io::Error),
}
