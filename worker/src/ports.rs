//! What the worker's logic needs of the world, and an in-memory double of each for tests.

mod memory;
mod model;
mod virtual_time;

use aisle_core::protocol::Message;
use futures_util::future::LocalBoxFuture;
use thiserror::Error;

use crate::holder::Holder;

pub use memory::{ManualClock, MemoryStore, ScriptedModel};
pub use model::{Model, ModelError, ModelRequest, Piece, ToolSpec, Usage};
pub use virtual_time::{Tasks, VirtualClock};

/// The storage of a conversation failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the conversation's storage failed: {0}")]
pub struct StoreError(pub String);

/// The messages of one conversation.
pub trait Store {
    /// Whether the conversation was ever opened.
    fn is_open(&self) -> Result<bool, StoreError>;

    /// Opens the conversation for its holder. Opening it twice changes nothing.
    fn open(&self, at_ms: u64, holder: &Holder) -> Result<(), StoreError>;

    /// Whose the conversation is; nobody's in particular where that was not kept.
    fn holder(&self) -> Result<Holder, StoreError>;

    /// Makes a customer the holder of a conversation that is no customer's yet.
    fn claim(&self, customer: &str) -> Result<(), StoreError>;

    /// Messages with a sequence number above `after`, in order, at most `limit`.
    fn messages(&self, after: u32, limit: u32) -> Result<Vec<Message>, StoreError>;

    /// The last `limit` messages with a sequence number below `before`, in order.
    fn messages_before(&self, before: u32, limit: u32) -> Result<Vec<Message>, StoreError>;

    /// Highest sequence number that was given; 0 when there is none.
    fn last_seq(&self) -> Result<u32, StoreError>;

    /// The shopper's message with this id of the client.
    fn find(&self, message_id: &str) -> Result<Option<Message>, StoreError>;

    /// The message with this sequence number.
    fn get(&self, seq: u32) -> Result<Option<Message>, StoreError>;

    /// Adds messages and removes those with these sequence numbers: all of it, or nothing. The ids
    /// that the added ones replace are remembered.
    fn insert(&self, messages: &[&Message], removed: &[u32]) -> Result<(), StoreError>;

    /// Whether a message that was added replaces one of this id.
    fn is_replaced(&self, message_id: &str) -> Result<bool, StoreError>;

    /// Replaces the message with the same sequence number.
    fn update(&self, message: &Message) -> Result<(), StoreError>;

    /// Marks every answer that is still being written as interrupted, under its next epoch: whoever
    /// wrote it is gone, and may have told readers more than what is kept.
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
