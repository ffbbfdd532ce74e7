//! Vectors in 16 bytes each: product quantisation (Jégou, Douze and Schmid, "Product quantization
//! for nearest neighbor search", 2011) with 32 sub-spaces of 16 centroids, two codes a byte.

use super::IndexError;
use super::format::StoredVectors;

/// Sub-spaces of a vector, where it has as many numbers.
const SUBSPACES: usize = 32;
/// Centroids of a sub-space: what four bits can tell apart.
const CENTROIDS: usize = 16;
/// Longest vector, with which no dot product of two overflows.
pub(super) const MAX_LENGTH: u32 = 4_096;

/// The vectors of products and sections.
#[derive(Debug)]
pub(super) struct Vectors {
    length: usize,
    codebook: Vec<i8>,
    codes: Vec<u8>,
    sections: Vec<i8>,
}

/// Tables that tell the dot product of a query with any coded vector: for each byte of a code what
/// each of its 256 values adds.
#[derive(Debug)]
pub(super) struct Tables(Vec<[i32; 256]>);

/// Where the numbers of a sub-space lie in a vector.
fn span(length: usize, subspace: usize) -> std::ops::Range<usize> {
    let count = length.clamp(1, SUBSPACES);
    subspace * length / count..(subspace + 1) * length / count
}

/// Bytes of a code.
fn code_bytes(length: usize) -> usize {
    length.min(SUBSPACES).div_ceil(2)
}

impl Vectors {
    pub(super) fn open(
        stored: StoredVectors,
        products: usize,
        sections: usize,
    ) -> Result<Self, IndexError> {
        if stored.length > MAX_LENGTH {
            return Err(IndexError::TooLarge("vectors of more than 4,096 numbers"));
        }
        let length = stored.length as usize;
        let fits = stored.codebook.len() == length * CENTROIDS
            && stored.codes.len() as u64 == products as u64 * code_bytes(length) as u64
            && stored.sections.len() as u64 == sections as u64 * length as u64;
        if !fits {
            return Err(IndexError::Damaged("the vectors do not match the documents"));
        }
        Ok(Self {
            length,
            codebook: signed(&stored.codebook),
            codes: stored.codes,
            sections: signed(&stored.sections),
        })
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// The code of a product.
    pub(super) fn code(&self, product: u32) -> Option<&[u8]> {
        let bytes = code_bytes(self.length);
        let from = (product as usize).checked_mul(bytes)?;
        self.codes.get(from..from.checked_add(bytes)?).filter(|code| !code.is_empty())
    }

    /// All codes from this product on, in order.
    pub(super) fn codes(&self, products: std::ops::Range<u32>) -> impl Iterator<Item = &[u8]> {
        let bytes = code_bytes(self.length).max(1);
        let (from, to) = (products.start as usize, products.end as usize);
        self.codes.get(from * bytes..to * bytes).unwrap_or_default().chunks_exact(bytes)
    }

    /// What the code of a product stands for; nothing where there are no vectors.
    pub(super) fn decoded(&self, product: u32) -> Option<Vec<i8>> {
        let code = self.code(product)?;
        let mut vector = Vec::with_capacity(self.length);
        for subspace in 0..self.length.min(SUBSPACES) {
            let byte = code.get(subspace / 2)?;
            let centroid = usize::from(if subspace % 2 == 0 { byte & 15 } else { byte >> 4 });
            let length = span(self.length, subspace).len();
            let from = centroid * length;
            vector.extend_from_slice(self.centroids(subspace).get(from..from + length)?);
        }
        Some(vector)
    }

    /// The vector of a section.
    pub(super) fn section(&self, section: u32) -> Option<&[i8]> {
        let from = (section as usize).checked_mul(self.length)?;
        self.sections.get(from..from.checked_add(self.length)?).filter(|v| !v.is_empty())
    }

    fn centroids(&self, subspace: usize) -> &[i8] {
        let span = span(self.length, subspace);
        self.codebook.get(span.start * CENTROIDS..span.end * CENTROIDS).unwrap_or_default()
    }

    /// Tables for a query of the vectors' length.
    pub(super) fn tables(&self, query: &[i8]) -> Tables {
        let dots = |subspace: usize| {
            let query = query.get(span(self.length, subspace)).unwrap_or_default();
            let mut dots = [0_i32; CENTROIDS];
            let centroids = self.centroids(subspace).chunks_exact(query.len().max(1));
            for (dot, centroid) in dots.iter_mut().zip(centroids) {
                let products =
                    centroid.iter().zip(query).map(|(a, b)| i32::from(*a) * i32::from(*b));
                *dot = products.sum();
            }
            dots
        };
        let table = |byte: usize| {
            let low = dots(2 * byte);
            let has_high = 2 * byte + 1 < self.length.min(SUBSPACES);
            let high = if has_high { dots(2 * byte + 1) } else { [0; CENTROIDS] };
            let mut table = [0; 256];
            for (row, high) in table.chunks_exact_mut(CENTROIDS).zip(high) {
                for (sum, low) in row.iter_mut().zip(low) {
                    *sum = low + high;
                }
            }
            table
        };
        Tables((0..code_bytes(self.length)).map(table).collect())
    }
}

impl Tables {
    /// Dot product of the query with a coded vector.
    pub(super) fn dot(&self, code: &[u8]) -> i32 {
        let terms = self.0.iter().zip(code);
        terms.map(|(table, byte)| table.get(usize::from(*byte)).copied().unwrap_or(0)).sum()
    }
}

/// Bytes as signed numbers.
fn signed(bytes: &[u8]) -> Vec<i8> {
    bytes.iter().map(|byte| byte.cast_signed()).collect()
}

/// Numbers as bytes.
pub(super) fn unsigned(numbers: impl IntoIterator<Item = i8>) -> Vec<u8> {
    numbers.into_iter().map(i8::cast_unsigned).collect()
}

/// Vectors from which a codebook is learned.
const SAMPLE: usize = 16_384;
/// Rounds of k-means.
const ROUNDS: usize = 20;

/// Learns a codebook and codes the vectors with it; the same vectors give the same bytes. Returns
/// codebook and codes.
pub(super) fn learn(vectors: &[Vec<i8>], length: usize) -> (Vec<u8>, Vec<u8>) {
    let bytes = code_bytes(length);
    let mut codes = vec![0_u8; bytes * vectors.len()];
    let mut codebook = Vec::with_capacity(length * CENTROIDS);
    for subspace in 0..length.min(SUBSPACES) {
        let span = span(length, subspace);
        let part = |vector: &Vec<i8>| -> Vec<f32> {
            let part = vector.get(span.clone()).unwrap_or_default();
            part.iter().map(|x| f32::from(*x)).collect()
        };
        let step = vectors.len().div_ceil(SAMPLE).max(1);
        let sample: Vec<Vec<f32>> = vectors.iter().step_by(step).map(part).collect();
        let centroids = rounded(&k_means(&sample, span.len()));
        for (vector, code) in vectors.iter().zip(codes.chunks_exact_mut(bytes.max(1))) {
            let nearest = nearest(&centroids, &part(vector)) as u8;
            if let Some(byte) = code.get_mut(subspace / 2) {
                *byte |= nearest << (4 * (subspace % 2));
            }
        }
        codebook.extend(centroids.iter().flatten().map(|x| *x as i8));
    }
    (unsigned(codebook), codes)
}

/// Centroids of a sub-space (Lloyd, 1982). They start far from each other: each is the sample that
/// is farthest from all before it.
fn k_means(sample: &[Vec<f32>], length: usize) -> Vec<Vec<f32>> {
    let mut centroids: Vec<Vec<f32>> = vec![mean(sample.iter(), length)];
    while centroids.len() < CENTROIDS {
        let gap =
            |v: &Vec<f32>| centroids.iter().map(|c| distance(c, v)).fold(f32::INFINITY, f32::min);
        let farthest = sample.iter().max_by(|a, b| gap(a).total_cmp(&gap(b)));
        centroids.push(farthest.cloned().unwrap_or_else(|| vec![0.0; length]));
    }
    for _ in 0..ROUNDS {
        let mut members: Vec<Vec<&Vec<f32>>> = vec![vec![]; CENTROIDS];
        for vector in sample {
            if let Some(members) = members.get_mut(nearest(&centroids, vector)) {
                members.push(vector);
            }
        }
        for (centroid, members) in centroids.iter_mut().zip(members) {
            if !members.is_empty() {
                *centroid = mean(members.into_iter(), length);
            }
        }
    }
    centroids
}

fn rounded(centroids: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let round = |x: &f32| x.round().clamp(-127.0, 127.0);
    centroids.iter().map(|centroid| centroid.iter().map(round).collect()).collect()
}

fn mean<'a>(vectors: impl Iterator<Item = &'a Vec<f32>>, length: usize) -> Vec<f32> {
    let mut sum = vec![0.0; length];
    let mut count = 0.0_f32;
    for vector in vectors {
        sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x);
        count += 1.0;
    }
    sum.iter_mut().for_each(|sum| *sum /= count.max(1.0));
    sum
}

fn nearest(centroids: &[Vec<f32>], vector: &[f32]) -> usize {
    let distances = centroids.iter().map(|centroid| distance(centroid, vector)).zip(0..);
    distances.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |(_, at)| at)
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::cosine;
    use proptest::prelude::*;

    fn coded(vectors: &[Vec<i8>], length: usize) -> Vectors {
        let (codebook, codes) = learn(vectors, length);
        let stored = StoredVectors { length: length as u32, codebook, codes, sections: vec![] };
        Vectors::open(stored, vectors.len(), 0).unwrap()
    }

    /// Unit vectors of no pattern, quantised.
    fn scattered(count: usize, length: usize) -> Vec<Vec<i8>> {
        let mut state = 7_u64;
        let mut number = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as f32 / (1_u64 << 30) as f32 - 1.0
        };
        let unit = |v: Vec<f32>| {
            let norm = v.iter().map(|x| x * x).sum::<f32>().sqrt();
            v.iter().map(|x| (x / norm * 127.0).round() as i8).collect()
        };
        (0..count).map(|_| unit((0..length).map(|_| number()).collect())).collect()
    }

    #[test]
    fn few_vectors_come_back_almost_as_they_went() {
        for length in [1, 2, 31, 33, 64, 80, 128] {
            let vectors = scattered(15, length);
            let index = coded(&vectors, length);
            let query = vectors.last().unwrap();
            let tables = index.tables(query);
            for (at, vector) in vectors.iter().enumerate() {
                let found = tables.dot(index.code(at as u32).unwrap()) as f32 / (127.0 * 127.0);
                assert!((found - cosine(vector, query)).abs() < 0.02, "{length}: {found}");
            }
        }
    }

    #[test]
    fn many_vectors_keep_their_neighbours() {
        let vectors = scattered(1_500, 64);
        let index = coded(&vectors, 64);
        let tables = index.tables(&vectors[3]);
        let dots: Vec<i32> = index.codes(0..1_500).map(|code| tables.dot(code)).collect();
        let best = (0..1_500).max_by_key(|at| dots[*at]).unwrap();
        assert_eq!(best, 3);
        let error =
            |at: usize| (dots[at] as f32 / 16_129.0 - cosine(&vectors[at], &vectors[3])).abs();
        let mean = (0..1_500).map(error).sum::<f32>() / 1_500.0;
        assert!(mean < 0.04, "{mean}");
    }

    proptest! {
        #[test]
        fn any_vectors_are_coded(
            vectors in prop::collection::vec(prop::collection::vec(any::<i8>(), 5), 0..20),
            query in prop::collection::vec(any::<i8>(), 5),
        ) {
            let index = coded(&vectors, 5);
            let tables = index.tables(&query);
            prop_assert_eq!(index.codes(0..vectors.len() as u32).count(), vectors.len());
            prop_assert!(index.codes(0..vectors.len() as u32).all(|c| tables.dot(c).abs() <= 5 << 14));
        }
    }
}
