//! What has come of an answer so far, whatever the wire format.

use serde_json::Value;

use super::calls::{CallPiece, Calls};
use crate::ports::ModelError;

/// Bytes of a provider's own name for a reason.
const MAX_REASON_BYTES: usize = 64;

/// Why a model stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It had said everything, or waits for the results of tools.
    Whole,
    /// It reached a bound of length.
    Cut,
    /// It, or its provider, does not answer this.
    Refused(String),
}

/// What has come of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Text that was not taken yet.
    pub text: String,
    /// Whether any text came.
    pub has_text: bool,
    /// The calls of tools.
    pub calls: Calls,
    /// Tokens read, as far as the provider said.
    pub input_tokens: Option<u32>,
    /// Tokens written, as far as the provider said.
    pub output_tokens: Option<u32>,
    /// Why the model stopped, once it did.
    pub end: Option<End>,
    /// Whether the last event of the format has come.
    pub is_over: bool,
    /// Bytes of text, arguments and reasoning that came.
    pub written_bytes: usize,
}

impl Draft {
    /// Adds text.
    pub(super) fn say(&mut self, text: &str) {
        self.text.push_str(text);
        self.has_text |= !text.is_empty();
        self.written_bytes += text.len();
    }

    /// Hears of reasoning, which nobody is shown.
    pub(super) fn think(&mut self, reasoning: &str) {
        self.written_bytes += reasoning.len();
    }

    /// Adds a piece of a call.
    pub(super) fn call(&mut self, piece: CallPiece<'_>) -> Result<(), ModelError> {
        self.written_bytes += piece.name.len() + piece.arguments.len();
        self.calls.push(piece)
    }

    /// Why there is no whole answer, now that nothing more comes; `None` if there is one.
    pub(super) fn lack(&self, has_calls: bool) -> Option<ModelError> {
        match &self.end {
            None if !self.is_over => Some(ModelError::Network("the stream ended early".to_owned())),
            Some(End::Refused(reason)) => Some(ModelError::Refused(reason.clone())),
            Some(End::Cut) if !self.has_text => {
                Some(ModelError::Refused("no room for an answer".to_owned()))
            }
            _ if !self.has_text && !has_calls => {
                Some(ModelError::Protocol("an empty answer".to_owned()))
            }
            _ => None,
        }
    }
}

/// The text of a field; empty where it is missing, null or no text.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A count of tokens.
pub(super) fn count(value: &Value, field: &str) -> Option<u32> {
    let count = value.get(field)?.as_u64()?;
    Some(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A provider's own name for a reason, as it may be logged: an identifier, never a sentence, which
/// could repeat what the shopper wrote.
pub(super) fn reason(name: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    if (1..=MAX_REASON_BYTES).contains(&name.len()) && name.bytes().all(is_plain) {
        name.to_owned()
    } else {
        "error".to_owned()
    }
}
