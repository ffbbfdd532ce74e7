//! Providers of language models: their wire formats, the time they are given, and who is asked
//! when one of them fails.
//!
//! [`Provider`] is one of them behind the port [`crate::ports::Model`]; [`Failover`] is several.
//! The wire formats are in `openai` and `anthropic`: each writes the body of a request and reads
//! the data of one server-sent event at a time into a [`draft::Draft`], and neither does I/O.

mod anthropic;
mod calls;
mod draft;
mod exchange;
mod failover;
mod format;
mod openai;
mod options;
mod provider;
mod retry_after;
mod settings;
mod track_record;

pub use failover::{Candidate, Failover};
pub use format::Format;
pub use options::Options;
pub use provider::Provider;
pub use retry_after::retry_after_ms;
pub use settings::{ProviderSettings, Providers, ProvidersError};
pub use track_record::TrackRecords;

#[cfg(test)]
mod tests;
