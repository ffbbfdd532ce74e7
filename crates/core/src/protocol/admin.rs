//! What administrators send and are told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The largest body of a shop's settings that is read, in bytes.
pub const MAX_SETTINGS_BYTES: usize = 32 * 1024;

/// The largest file of an artifact that is taken, in bytes.
pub const MAX_ARTIFACT_FILE_BYTES: usize = 32 * 1024 * 1024;

/// Reply of `GET` and `PUT /v1/admin/shops/{shop}/settings`. The `PUT` has the settings alone as
/// its body, and their version in the header `if-match`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShopSettings<T> {
    /// Counts replacements; 0 before the first.
    pub version: u32,
    /// What administrators set, in place of what the environment says.
    pub settings: T,
    /// What holds, with what the environment says of the rest.
    pub in_effect: T,
}

/// Reply of `GET /v1/admin/shops`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopList {
    /// Names of the shops that the key is for.
    pub shops: Vec<String>,
}

/// Body of `POST /v1/admin/shops/{shop}/artifacts`: the files, each sent before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishArtifact {
    /// SHA-256 in hexadecimal digits by the file's name.
    pub files: BTreeMap<String, String>,
}

/// Body of `PUT /v1/admin/shops/{shop}/artifacts/current`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectArtifact {
    /// One that was published; none for the one in the worker's folder.
    pub id: Option<String>,
}

/// An artifact that was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedArtifact {
    /// Hash of its files' names and hashes.
    pub id: String,
    /// SHA-256 in hexadecimal digits by the file's name.
    pub files: BTreeMap<String, String>,
    /// When it was published, in milliseconds since the Unix epoch.
    pub published_ms: u64,
}

/// Reply of every request about a shop's artifacts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifacts {
    /// The one in use; none for the one in the worker's folder.
    pub current: Option<String>,
    /// All that can be gone back to, the latest first.
    pub published: Vec<PublishedArtifact>,
}

/// Reply of `PUT /v1/admin/shops/{shop}/artifacts/files/{sha256}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStored {
    /// Its length.
    pub bytes: u64,
}

/// What a shop spent on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpentDay {
    /// Days since the Unix epoch, by UTC.
    pub day: u32,
    /// Requests to language models.
    pub requests: u32,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Money, in millionths of the currency in which the providers' prices are written.
    pub micros: u64,
    /// Requests that were not made because of the cap.
    pub refused: u32,
}

/// Reply of `GET /v1/admin/shops/{shop}/spend`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spending {
    /// The last days with any spending, the first one first.
    pub days: Vec<SpentDay>,
}
