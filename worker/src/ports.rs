//! What the worker's logic needs of the world, and an in-memory double of each for tests.

mod memory;
mod model;
mod upstream;

use aisle_core::protocol::Message;
use futures_util::future::LocalBoxFuture;
use thiserror::Error;

pub use memory::{ManualClock, MemoryLedger, MemoryStore, NoChance, ScriptedModel};
pub use model::{Ledger, Model, ModelError, ModelRequest, Piece, ToolSpec, Usage};
pub use upstream::{ScriptedReply, ScriptedUpstream, Upstream, UpstreamReply, UpstreamRequest};

/// The storage of a conversation failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the conversation's storage failed: {0}")]
pub struct StoreError(pub String);

/// The messages of one conversation.
pub trait Store {
    /// Whether the conversation was ever opened.
    fn is_open(&self) -> Result<bool, StoreError>;

    /// Opens the conversation. Opening it twice changes nothing.
    fn open(&self, at_ms: u64) -> Result<(), StoreError>;

    /// Messages with a sequence number above `after`, in order, at most `limit`.
    fn messages(&self, after: u32, limit: u32) -> Result<Vec<Message>, StoreError>;

    /// The last `limit` messages with a sequence number below `before`, in order.
    fn messages_before(&self, before: u32, limit: u32) -> Result<Vec<Message>, StoreError>;

    /// Highest sequence number; 0 when there is no message.
    fn last_seq(&self) -> Result<u32, StoreError>;

    /// The shopper's message with this id of the client.
    fn find(&self, message_id: &str) -> Result<Option<Message>, StoreError>;

    /// The message with this sequence number.
    fn get(&self, seq: u32) -> Result<Option<Message>, StoreError>;

    /// Adds messages, all or none of them.
    fn insert(&self, messages: &[&Message]) -> Result<(), StoreError>;

    /// Replaces the message with the same sequence number.
    fn update(&self, message: &Message) -> Result<(), StoreError>;

    /// Marks every answer that is still being written as cancelled: whoever wrote it is gone.
    fn end_interrupted(&self) -> Result<(), StoreError>;

    /// Resolves when everything written so far is on disk.
    fn synced(&self) -> LocalBoxFuture<'static, Result<(), StoreError>>;
}

/// Time.
pub trait Clock {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> u64;

    /// Resolves after this many milliseconds.
    fn sleep(&self, ms: u32) -> LocalBoxFuture<'static, ()>;
}

/// Chance.
pub trait Chance {
    /// A number from 0 up to but not including `bound`, each as likely as the other; 0 for 0.
    fn below(&self, bound: u32) -> u32;
}
