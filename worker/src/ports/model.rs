//! A language model: what it is asked, and the pieces of what it says.

use std::rc::Rc;

use aisle_core::answer::{PromptMessage, ToolCall};
use futures_util::stream::LocalBoxStream;
use serde_json::Value;
use thiserror::Error;

/// A tool that a model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    /// Its name: letters, digits, `_` and `-`, at most 64.
    pub name: &'static str,
    /// What it does and when it is of use, for the model.
    pub description: &'static str,
    /// JSON Schema of its arguments, an object.
    pub parameters: Value,
}

/// One request to a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRequest {
    /// The messages, oldest first.
    pub messages: Vec<PromptMessage>,
    /// The tools that it may call; none where it may not call any.
    pub tools: Rc<[ToolSpec]>,
    /// The most tokens that it may write.
    pub max_tokens: u32,
}

/// What one request to a model took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Name of the provider that answered.
    pub provider: String,
    /// Tokens read, those from a cache included.
    pub input_tokens: u32,
    /// Tokens written, those of hidden reasoning included.
    pub output_tokens: u32,
    /// Cost by the provider's prices, in millionths of the currency in which they are written.
    pub cost_micros: u64,
    /// Whether the tokens are estimated because the provider did not count them.
    pub is_estimated: bool,
}

/// A piece of what a model says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Some text, never empty.
    Text(String),
    /// A whole call of a tool; its arguments have ended.
    Call(ToolCall),
    /// What the request took; the last piece, if it comes.
    Usage(Usage),
}

/// Why a language model gave no answer, or no whole one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModelError {
    /// No connection, or it was cut.
    #[error("the provider cannot be reached: {0}")]
    Network(String),
    /// It answered with an HTTP error.
    #[error("the provider answered with HTTP {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// How long it asks to be left alone, in milliseconds.
        retry_after_ms: Option<u32>,
    },
    /// It broke off inside its stream.
    #[error("the provider failed: {0}")]
    Failed(String),
    /// What it sent is not its protocol.
    #[error("the provider sent what is not its protocol: {0}")]
    Protocol(String),
    /// It was not asked: the shop's cap for the day does not leave as much.
    #[error("the shop's cap for the day is reached")]
    Capped,
    /// It said nothing for too long.
    #[error("the provider was silent for too long")]
    Silent,
}

/// A language model.
pub trait Model {
    /// The pieces of its answer as they are written. Nothing follows an error. Dropping the stream
    /// ends the request.
    fn ask(&self, request: ModelRequest) -> LocalBoxStream<'static, Result<Piece, ModelError>>;
}
