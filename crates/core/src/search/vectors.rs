//! Search by meaning: dot products with the vectors of all documents, by tables.

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
    let mut best = Best { limit, found: Vec::with_capacity(limit + 1) };
    if documents == index.products() {
        query.products(documents.clone()).zip(documents).for_each(|(c, d)| best.offer(d, c));
    } else {
        documents.for_each(|d| query.cosine(d).into_iter().for_each(|c| best.offer(d, c)));
    }
    best.found
}

/// The closest so far, best first.
struct Best {
    limit: usize,
    found: Vec<Similar>,
}

impl Best {
    /// Documents come in ascending order: of equals the first stays before.
    fn offer(&mut self, document: u32, cosine: f32) {
        let is_full = self.found.len() >= self.limit;
        if is_full && self.found.last().is_none_or(|last| cosine <= last.cosine) {
            return;
        }
        let at = self.found.partition_point(|similar| similar.cosine >= cosine);
        self.found.insert(at, Similar { document, cosine });
        self.found.truncate(self.limit);
    }
}
