//! Why a merchant's file cannot be used at all.

use std::io;

use thiserror::Error;

/// Why reading stopped. Rows that are merely bad are [`Warning`](super::Warning)s instead.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file or folder is not there.
    #[error("{file}: not found; expected {expected}")]
    Missing {
        /// What was looked for.
        file: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The operating system, or the decompression, failed; the source says how.
    #[error("{file}: cannot be read")]
    Io {
        /// The file.
        file: String,
        /// The cause.
        source: io::Error,
    },
    /// The file has no content.
    #[error("{file}: the file is empty; expected {expected}")]
    Empty {
        /// The file.
        file: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// The file is larger than such a file can sensibly be.
    #[error("{file}: larger than {limit_bytes} bytes")]
    TooLarge {
        /// The file.
        file: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// The file is in another encoding.
    #[error("{file}:{line}: not UTF-8; save the file as UTF-8 and try again")]
    NotUtf8 {
        /// The file.
        file: String,
        /// First line that is not UTF-8, from 1.
        line: u64,
    },
    /// A column that the rows cannot be understood without.
    #[error("{file}: no column \"{expected}\"; found {found}{hint}")]
    MissingColumn {
        /// The file.
        file: String,
        /// The column's name.
        expected: &'static str,
        /// The header, shortened.
        found: String,
        /// What probably happened, or empty.
        hint: String,
    },
    /// Rows were read and every one of them was left out.
    #[error("{file}: none of its {rows} rows can be used; expected {expected}{first_reason}")]
    NoUsableRow {
        /// The file.
        file: String,
        /// Rows read, without the header.
        rows: u64,
        /// What a row should be.
        expected: &'static str,
        /// The first warning, led by `"; first: "`, or empty.
        first_reason: String,
    },
    /// The shop's TOML file does not say what it must.
    #[error("{file}:{line}: {reason}")]
    Toml {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong, with the key's name.
        reason: String,
    },
}
