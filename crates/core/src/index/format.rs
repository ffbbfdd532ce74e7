//! The bytes of an index: a header and a body.
//!
//! Header, little endian: mark `AISLEIDX`, format `u16`, featuriser version `u16`, checksum of the
//! body `u32`. The body is one postcard-encoded [`Body`], whose large parts are columns of bytes, and
//! after it, where products have further variants, their SKUs.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::sales::StoredSales;
use super::variants::StoredVariants;
use super::{INDEX_FORMAT, IndexError};
use crate::text::FEATURISER_VERSION;

const MARK: &[u8; 8] = b"AISLEIDX";
const HEADER_BYTES: usize = 16;

/// Most documents of all kinds: every offset is inside `u32`, and what a search allocates for each
/// of them stays at some tens of megabytes, however small the file that names them is.
pub(super) const MAX_DOCUMENTS: usize = 1_000_000;
/// Most labels, which is what a stored intent can number.
pub(super) const MAX_LABELS: usize = 1 << 16;

/// What the greatest gain of an index can be.
pub(super) const IMPACT_SCALES: RangeInclusive<f32> = 1e-3..=1e3;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Body {
    pub(super) currency: String,
    pub(super) labels: Vec<String>,
    pub(super) pages: Pages,
    /// The term dictionary.
    #[serde(with = "serde_bytes")]
    pub(super) terms: Vec<u8>,
    /// How much each term group tells.
    #[serde(with = "serde_bytes")]
    pub(super) weights: Vec<u8>,
    /// The greatest gain times weight, whose impact is 1.
    pub(super) impact_scale: f32,
    pub(super) products: StoredProducts,
    pub(super) vectors: StoredVectors,
    pub(super) sales: StoredSales,
    /// After the others, and only where there are any.
    #[serde(skip)]
    pub(super) variants: StoredVariants,
}

/// What is found besides products.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Pages {
    pub(super) documents: Vec<StoredDocument>,
    pub(super) sections: Vec<StoredSection>,
    pub(super) actions: Vec<StoredAction>,
    pub(super) completions: Vec<StoredCompletion>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredDocument {
    pub(super) title: String,
    pub(super) url: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredSection {
    pub(super) document: u32,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) intents: Vec<u16>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredAction {
    pub(super) label: String,
    pub(super) url: String,
    pub(super) keywords: String,
    pub(super) intents: Vec<u16>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredCompletion {
    pub(super) text: String,
    pub(super) popularity: u8,
}

/// Products as they are stored: one column for each field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct StoredProducts {
    pub(super) count: u32,
    /// Texts.
    #[serde(with = "serde_bytes")]
    pub(super) skus: Vec<u8>,
    /// Whether the SKUs, in lower case, ascend: most shops export so.
    pub(super) skus_in_order: bool,
    /// Texts: the distinct words of all titles as they are shown, in alphabetical order.
    #[serde(with = "serde_bytes")]
    pub(super) title_words: Vec<u8>,
    pub(super) title_word_count: u32,
    /// For each title the positions of its words.
    pub(super) titles: StoredLists,
    #[serde(with = "serde_bytes")]
    pub(super) flags: Vec<u8>,
    /// Texts: the handles that no rule makes.
    #[serde(with = "serde_bytes")]
    pub(super) handles: Vec<u8>,
    /// What most images have before and after the handle.
    pub(super) image_around: (String, String),
    /// Texts: the images that do not follow the pattern.
    #[serde(with = "serde_bytes")]
    pub(super) images: Vec<u8>,
    /// Numbers: prices in minor units.
    #[serde(with = "serde_bytes")]
    pub(super) prices: Vec<u8>,
    /// Numbers: former prices of those that have one.
    #[serde(with = "serde_bytes")]
    pub(super) former_prices: Vec<u8>,
    /// 0 to [`super::products::MOST_POPULAR`].
    #[serde(with = "serde_bytes")]
    pub(super) popularity: Vec<u8>,
    /// Numbers.
    #[serde(with = "serde_bytes")]
    pub(super) categories: Vec<u8>,
    /// For each category the groups of its words.
    pub(super) category_words: StoredLists,
    pub(super) category_count: u32,
    /// For each product the groups of its keywords.
    pub(super) keywords: StoredLists,
    /// Groups of words that shoppers say for things: many products share them.
    pub(super) sayings: StoredLists,
    pub(super) saying_count: u32,
    /// For each product the sayings that it is found by.
    pub(super) said: StoredLists,
}

/// Lists of numbers as they are stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct StoredLists {
    /// How many numbers each list has.
    #[serde(with = "serde_bytes")]
    pub(super) counts: Vec<u8>,
    /// Bytes of a number: 2 or 3.
    pub(super) width: u8,
    /// The numbers, high byte first.
    #[serde(with = "serde_bytes")]
    pub(super) items: Vec<u8>,
}

/// Vectors as they are stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct StoredVectors {
    /// Numbers of a vector; 0 when there are none.
    pub(super) length: u32,
    /// The centroids of each sub-space, one sub-space after the other.
    #[serde(with = "serde_bytes")]
    pub(super) codebook: Vec<u8>,
    /// The codes of each product.
    #[serde(with = "serde_bytes")]
    pub(super) codes: Vec<u8>,
    /// The vectors of the sections as they are: they are few, and an answer depends on them.
    #[serde(with = "serde_bytes")]
    pub(super) sections: Vec<u8>,
}

/// The bytes of a body, whatever is in it.
pub(super) fn seal(body: &Body) -> Result<Vec<u8>, IndexError> {
    let too_large = |_| IndexError::TooLarge("the whole body");
    let mut encoded = postcard::to_allocvec(body).map_err(too_large)?;
    if !body.variants.is_empty() {
        encoded.extend(postcard::to_allocvec(&body.variants).map_err(too_large)?);
    }
    let mut out = Vec::with_capacity(HEADER_BYTES + encoded.len());
    out.extend_from_slice(MARK);
    out.extend_from_slice(&INDEX_FORMAT.to_le_bytes());
    out.extend_from_slice(&FEATURISER_VERSION.to_le_bytes());
    out.extend_from_slice(&checksum(&encoded).to_le_bytes());
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
    if checksum(encoded) != u32::from_le_bytes([c0, c1, c2, c3]) {
        return Err(IndexError::Damaged("the checksum is wrong"));
    }
    let damaged = |_| IndexError::Damaged("the body cannot be read");
    let (mut body, rest): (Body, &[u8]) = postcard::take_from_bytes(encoded).map_err(damaged)?;
    if !rest.is_empty() {
        body.variants = postcard::from_bytes(rest).map_err(damaged)?;
    }
    check(&body)?;
    Ok(body)
}

/// Tells a body that was changed or cut: FNV-1a over words of eight bytes. In Wasm that was just
/// loaded a CRC-32 takes several times as long.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ bytes.len() as u64;
    for word in words.iter().chain([&last]) {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(0x0000_0100_0000_01b3);
        hash ^= hash >> 32;
    }
    hash as u32
}

/// What the accessors rely on, as far as the parts do not check it themselves. A body with a right
/// checksum can still be hostile.
pub(super) fn check(body: &Body) -> Result<(), IndexError> {
    let Pages { documents, sections, actions, completions } = &body.pages;
    let pages = sections.len() + actions.len() + completions.len();
    if (body.products.count as usize).saturating_add(pages) > MAX_DOCUMENTS {
        return Err(IndexError::TooLarge("more documents than the layout can number"));
    }
    if body.labels.len() > MAX_LABELS {
        return Err(IndexError::TooLarge("more than 65,536 labels"));
    }
    if !IMPACT_SCALES.contains(&body.impact_scale) {
        return Err(IndexError::Damaged("the impacts have no scale"));
    }
    if sections.iter().any(|s| s.document as usize >= documents.len()) {
        return Err(IndexError::Damaged("a section belongs to no document"));
    }
    let intents = sections.iter().map(|s| &s.intents);
    let mut intents = intents.chain(actions.iter().map(|a| &a.intents)).flatten();
    if intents.any(|intent| usize::from(*intent) >= body.labels.len()) {
        return Err(IndexError::Damaged("an intent has no label"));
    }
    body.sales.check(body.products.count as usize)
}
