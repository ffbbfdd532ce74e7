//! How much one visitor, and one network address, may ask for.

mod address;
mod bucket;
mod buckets;
mod history;
mod rates;

pub use address::subject;
pub use bucket::{Rate, admit};
pub use buckets::{Buckets, Draw, visitors_bucket};
pub use history::check_room;
pub use rates::{Action, LimitError, Limits, draws};
