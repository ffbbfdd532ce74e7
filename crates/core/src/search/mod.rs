//! Finding candidates: words with prefixes and typos through the term dictionary, and meaning
//! through the vectors. What is best among them is the ranker's business.

mod best;
mod fuzzy;
mod lexical;
mod vectors;
mod wants;

#[cfg(test)]
mod tests;

pub use lexical::{Match, Query, Resolved, best_of_kinds, search_words};
pub use vectors::{Similar, cosine, quantize, search_vectors};
pub use wants::{PriceOrder, PriceRange, Wants};
