//! Text as the models and the search see it: the one home of normalisation, tokens and features.

mod features;
mod normalize;

pub use features::{FEATURE_BUCKETS, FEATURISER_VERSION, WORD_FEATURES, WordRow, features};
pub use normalize::{is_stopword, normalize, tokens};

/// Tokens beyond this many are not looked at.
pub const MAX_TOKENS: usize = 256;
