//! The wire format of Anthropic's messages, streamed.
//!
//! Source: Anthropic's API reference, "Create a message" and "Streaming messages".

mod body;
mod read;

pub(super) use body::body;
pub(super) use read::read;

/// The version of the interface that is asked for.
pub(super) const VERSION: &str = "2023-06-01";
