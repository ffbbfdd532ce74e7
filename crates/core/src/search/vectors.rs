//! Search by meaning: exhaustive dot products over quantised unit vectors.

use crate::index::Index;

/// A document close to the query vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similar {
    /// Number of the document.
    pub document: u32,
    /// Cosine, -1 to 1.
    pub cosine: f32,
}

/// Quantises a unit vector to -127..=127.
pub fn quantize(unit: &[f32]) -> Vec<i8> {
    unit.iter().map(|x| (x.clamp(-1.0, 1.0) * 127.0).round() as i8).collect()
}

/// Cosine of two vectors that were unit length before they were quantised to -127..=127.
pub fn cosine(a: &[i8], b: &[i8]) -> f32 {
    let dot: i32 = a.iter().zip(b).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum();
    dot as f32 / (127.0 * 127.0)
}

/// The `limit` documents of the range that are closest to the query, best first. Empty when the
/// query has another length than the index's vectors.
pub fn search_vectors(
    index: &Index,
    query: &[i8],
    documents: std::ops::Range<u32>,
    limit: usize,
) -> Vec<Similar> {
    if query.len() != index.vector_length() || query.is_empty() {
        return vec![];
    }
    let mut all: Vec<Similar> = documents
        .filter_map(|document| {
            Some(Similar { document, cosine: cosine(index.vector(document)?, query) })
        })
        .collect();
    let best_first =
        |a: &Similar, b: &Similar| b.cosine.total_cmp(&a.cosine).then(a.document.cmp(&b.document));
    if limit < all.len() {
        all.select_nth_unstable_by(limit, best_first);
        all.truncate(limit);
    }
    all.sort_unstable_by(best_first);
    all
}
