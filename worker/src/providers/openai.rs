//! The wire format of OpenAI's chat completions, as servers that are compatible with it stream it.
//!
//! Source: OpenAI's API reference, "Create chat completion" and "The chat completion chunk object".

mod body;
mod read;

pub(super) use body::body;
pub(super) use read::read;
