//! A conversation as the worker keeps it and tells of it.

use serde::{Deserialize, Serialize};

use super::{ErrorDetail, ProductCard, Requested, Source};

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The shopper.
    Shopper,
    /// Aisle, whether the answer was made on the device or by the worker.
    Assistant,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// Still being written.
    Streaming,
    /// Whole.
    Complete,
    /// The shopper stopped it; the text is what had been written by then.
    Cancelled,
    /// Nobody read it any more, or its writer was lost; the text is what is left. The same message
    /// sent again begins it anew.
    Interrupted,
    /// The answer could not be finished.
    Failed,
}

/// Reply of `POST /v1/shops/{shop}/session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionGranted {
    /// The token, to be sent as `x-aisle-session` with every request about a conversation; empty
    /// where the worker asks for none.
    pub session: String,
    /// After this many seconds it is to be renewed, by the same request with the token.
    pub renew_after_s: u32,
}

/// Reply of the same where the shop asks new visitors for work that was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofRequired {
    /// Says so.
    pub error: ErrorDetail,
    /// The work.
    pub challenge: Challenge,
}

/// Work that is to be done: a number, such that the SHA-256 of the challenge, a full stop and the
/// number in decimal digits begins with so many zero bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// What is hashed. It is good for a few minutes, for pages of one origin, once.
    pub challenge: String,
    /// Zero bits, at most 22.
    pub bits: u8,
}

/// Body of `POST /v1/shops/{shop}/session` with the work done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofOfWork {
    /// The challenge as it came.
    pub challenge: String,
    /// The number.
    pub nonce: u64,
}

/// Reply of `POST /v1/shops/{shop}/conversations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationCreated {
    /// Unguessable id; whoever has it may read and continue the conversation.
    pub conversation: String,
}

/// One message of a conversation as the worker keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Position in the conversation, from 1, in order. Numbers of removed messages do not return.
    pub seq: u32,
    /// The client's id for a shopper's message; empty for an answer.
    pub message_id: String,
    /// Who wrote it.
    pub role: Role,
    /// Plain text with the light markup of [`SectionAnswer::text`].
    pub text: String,
    /// How far it has come.
    pub status: MessageStatus,
    /// Of an answer: how often its text was begun, see [`EventId`](super::EventId). 0 for a
    /// shopper's message.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub epoch: u32,
    /// The client's ids of the messages that a shopper's edited message took the place of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<String>,
    /// What it rests on.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// Products shown with it.
    #[serde(default)]
    pub products: Vec<ProductCard>,
    /// What it asks for on the shopper's behalf.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requested: Vec<Requested>,
    /// When it was accepted, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Of a shopper's message: the intent that the engine gave it. Kept for training, told to
    /// nobody who chats.
    #[serde(skip)]
    pub intent: Option<String>,
    /// Of an answer: `false` where it does not give what was asked for. Kept as the intent is.
    #[serde(skip)]
    pub answered: Option<bool>,
}

impl Message {
    /// A whole message with nothing beside its text.
    pub fn new(seq: u32, role: Role, text: &str, at_ms: u64) -> Self {
        Self {
            seq,
            message_id: String::new(),
            role,
            text: text.to_owned(),
            status: MessageStatus::Complete,
            epoch: 0,
            replaces: vec![],
            sources: vec![],
            products: vec![],
            requested: vec![],
            at_ms,
            intent: None,
            answered: None,
        }
    }
}

/// Reply of `GET /v1/shops/{shop}/conversations/{conversation}/messages?after={seq}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Messages with a sequence number above `after`, in order.
    pub messages: Vec<Message>,
    /// Highest sequence number of the conversation; 0 when it is empty.
    pub last_seq: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}
