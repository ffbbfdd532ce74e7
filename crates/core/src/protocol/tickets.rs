//! What waits for a shop's team, and what conversations took.

use serde::{Deserialize, Serialize};

use super::Requested;

/// Something that a shopper asks of the shop's team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its id. Whoever asks for the same again in a conversation has the same ticket.
    pub id: String,
    /// The conversation in which it was asked for.
    pub conversation: String,
    /// When it was asked for first, in milliseconds since the Unix epoch.
    pub opened_ms: u64,
    /// What is asked for: a person, or to take an order back.
    pub requested: Requested,
}

/// Reply of `GET /v1/admin/shops/{shop}/tickets`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tickets {
    /// Those that nobody closed, the oldest first.
    pub tickets: Vec<Ticket>,
    /// The parameter `after` of the next page, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Reply of `GET /v1/admin/shops/{shop}/conversations/{conversation}/usage`: what the language
/// models of a conversation took so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationUsage {
    /// Requests to language models.
    pub requests: u64,
    /// Those of them whose tokens are estimated.
    pub estimated: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Money, in millionths of the currency in which the providers' prices are written.
    pub micros: u64,
}
