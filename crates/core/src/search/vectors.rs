//! Search by meaning: dot products with the vectors of all documents, by tables.

use super::best::Best;
use crate::index::{Comparer, Index};

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

/// The `limit` documents of the range that are closest to the query, best first. The range is of
/// products or of sections.
pub fn search_vectors(
    index: &Index,
    query: &Comparer<'_>,
    documents: std::ops::Range<u32>,
    limit: usize,
) -> Vec<Similar> {
    let mut best = Best::new(limit);
    let mut offer = |document, cosine| {
        best.offer(Similar { document, cosine }, |a, b| a.cosine > b.cosine);
    };
    if documents == index.products() {
        query.products(documents.clone()).zip(documents).for_each(|(c, d)| offer(d, c));
    } else {
        documents.for_each(|d| query.cosine(d).into_iter().for_each(|c| offer(d, c)));
    }
    best.into_vec()
}
