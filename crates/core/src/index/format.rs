//! The bytes of an index: a header and a postcard body.
//!
//! Header, little endian: mark `AISLEIDX`, format `u16`, featuriser version `u16`, CRC-32 of the
//! body `u32`. The body is one postcard-encoded [`Body`].

use serde::{Deserialize, Serialize};

use super::sales::StoredSales;
use super::{INDEX_FORMAT, IndexError};
use crate::text::FEATURISER_VERSION;

const MARK: &[u8; 8] = b"AISLEIDX";
const HEADER_BYTES: usize = 16;

/// Most documents of all kinds: every offset is inside `u32`, and what a search allocates for each
/// of them stays at some tens of megabytes, however small the file that names them is.
pub(super) const MAX_DOCUMENTS: usize = 1_000_000;
/// Longest vector, with which no dot product of two overflows.
pub(super) const MAX_VECTOR_LENGTH: u32 = 4_096;
/// Most labels, which is what a stored intent can number.
pub(super) const MAX_LABELS: usize = 1 << 16;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Body {
    pub(super) currency: String,
    pub(super) labels: Vec<String>,
    pub(super) products: Vec<StoredProduct>,
    pub(super) documents: Vec<StoredDocument>,
    pub(super) sections: Vec<StoredSection>,
    pub(super) actions: Vec<StoredAction>,
    pub(super) completions: Vec<StoredCompletion>,
    pub(super) terms: Vec<u8>,
    pub(super) posting_ends: Vec<u32>,
    pub(super) postings: Vec<u8>,
    pub(super) weights: Vec<u8>,
    pub(super) vector_length: u32,
    pub(super) vectors: Vec<i8>,
    pub(super) sales: StoredSales,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredProduct {
    pub(super) sku: String,
    pub(super) handle: String,
    pub(super) title: String,
    pub(super) image: String,
    pub(super) price_minor: u32,
    pub(super) compare_at_minor: Option<u32>,
    pub(super) available: bool,
    pub(super) popularity: u8,
    pub(super) category: u16,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredDocument {
    pub(super) title: String,
    pub(super) url: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredSection {
    pub(super) document: u32,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) intents: Vec<u16>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredAction {
    pub(super) label: String,
    pub(super) url: String,
    pub(super) intents: Vec<u16>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredCompletion {
    pub(super) text: String,
    pub(super) popularity: u8,
}

pub(super) fn write(body: &Body) -> Result<Vec<u8>, IndexError> {
    check(body)?;
    seal(body)
}

/// The bytes of a body, whatever is in it.
pub(super) fn seal(body: &Body) -> Result<Vec<u8>, IndexError> {
    let encoded =
        postcard::to_allocvec(body).map_err(|_| IndexError::TooLarge("the whole body"))?;
    let mut out = Vec::with_capacity(HEADER_BYTES + encoded.len());
    out.extend_from_slice(MARK);
    out.extend_from_slice(&INDEX_FORMAT.to_le_bytes());
    out.extend_from_slice(&FEATURISER_VERSION.to_le_bytes());
    out.extend_from_slice(&crc32fast::hash(&encoded).to_le_bytes());
    out.extend_from_slice(&encoded);
    Ok(out)
}

pub(super) fn read(bytes: &[u8]) -> Result<Body, IndexError> {
    let Some((header, encoded)) = bytes.split_at_checked(HEADER_BYTES) else {
        return Err(IndexError::NotAnIndex);
    };
    let [m0, m1, m2, m3, m4, m5, m6, m7, f0, f1, v0, v1, c0, c1, c2, c3] = *header else {
        return Err(IndexError::NotAnIndex);
    };
    if [m0, m1, m2, m3, m4, m5, m6, m7] != *MARK {
        return Err(IndexError::NotAnIndex);
    }
    let format = u16::from_le_bytes([f0, f1]);
    if format != INDEX_FORMAT {
        return Err(IndexError::Format { found: format });
    }
    let featuriser = u16::from_le_bytes([v0, v1]);
    if featuriser != FEATURISER_VERSION {
        return Err(IndexError::Featuriser { found: featuriser });
    }
    if crc32fast::hash(encoded) != u32::from_le_bytes([c0, c1, c2, c3]) {
        return Err(IndexError::Damaged("the checksum is wrong"));
    }
    let body: Body = postcard::from_bytes(encoded)
        .map_err(|_| IndexError::Damaged("the body cannot be read"))?;
    check(&body)?;
    Ok(body)
}

/// What the accessors rely on. A body with a right checksum can still be hostile.
fn check(body: &Body) -> Result<(), IndexError> {
    let searchable = body.products.len() + body.sections.len();
    let all = searchable + body.actions.len() + body.completions.len();
    if all > MAX_DOCUMENTS {
        return Err(IndexError::TooLarge("more documents than the layout can number"));
    }
    if body.vector_length > MAX_VECTOR_LENGTH {
        return Err(IndexError::TooLarge("vectors of more than 4,096 numbers"));
    }
    if body.labels.len() > MAX_LABELS {
        return Err(IndexError::TooLarge("more than 65,536 labels"));
    }
    if body.vectors.len() as u64 != searchable as u64 * u64::from(body.vector_length) {
        return Err(IndexError::Damaged("the vectors do not match the documents"));
    }
    let ends_fit = body.posting_ends.is_sorted()
        && body.posting_ends.last().map_or(0, |end| *end as usize) == body.postings.len()
        && body.weights.len() == body.posting_ends.len();
    if !ends_fit {
        return Err(IndexError::Damaged("the postings do not match the terms"));
    }
    if body.sections.iter().any(|s| s.document as usize >= body.documents.len()) {
        return Err(IndexError::Damaged("a section belongs to no document"));
    }
    let intents = body.sections.iter().map(|s| &s.intents);
    let mut intents = intents.chain(body.actions.iter().map(|a| &a.intents)).flatten();
    if intents.any(|intent| usize::from(*intent) >= body.labels.len()) {
        return Err(IndexError::Damaged("an intent has no label"));
    }
    body.sales.check(body.products.len())
}
