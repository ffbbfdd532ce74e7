//! Finding candidates: words with prefixes and typos through the term dictionary, and meaning
//! through the vectors. What is best among them is the ranker's business.

mod amounts;
mod best;
mod counts;
mod fuzzy;
mod lack;
mod lexical;
mod spelling;
mod title;
mod vectors;
mod wants;

#[cfg(test)]
mod tests;

pub use counts::stated_count;
pub use lack::{Lack, lack};
pub use lexical::{Match, Query, Resolved, best_of_kinds, search_words};
pub use title::TitleFit;
pub use vectors::{Similar, cosine, quantize, search_vectors};
pub use wants::{PriceOrder, PriceRange, Wants};
