//! A tab of the shopper's browser: the chat itself, and connections in place of the browser's.

use aisle_core::chat::{Chat, Entry, EntryStatus};
use aisle_core::protocol::Role;
use aisle_core::sse::Decoder;

use crate::server::{Connection, answer_to};

/// A stream that the tab reads.
pub struct Stream {
    pub number: u32,
    pub message_id: String,
    pub connection: Connection,
    pub decoder: Decoder,
    /// No chunk overtakes another of its connection.
    pub last_ms: u64,
}

pub struct Tab {
    pub chat: Chat,
    /// Counts reloads: what was asked by a page that is gone is not told to the next one.
    pub page: u32,
    pub streams: Vec<Stream>,
}

impl Tab {
    pub fn new(page: u32) -> Self {
        Self { chat: Chat::default(), page, streams: vec![] }
    }

    /// Closes the connection of a turn.
    pub fn abort(&mut self, message_id: &str) {
        self.streams.retain(|stream| {
            let is_other = stream.message_id != message_id;
            if !is_other {
                stream.connection.close();
            }
            is_other
        });
    }

    pub fn question(&self, message_id: &str) -> Option<&Entry> {
        let is_it = |e: &&Entry| e.role == Role::Shopper && e.message_id == message_id;
        self.chat.entries.iter().find(is_it)
    }

    pub fn answers(&self) -> impl Iterator<Item = &Entry> {
        self.chat.entries.iter().filter(|entry| entry.role == Role::Assistant)
    }

    /// An answer that is called whole has every byte of itself, once.
    pub fn check(&self) {
        for answer in self.answers() {
            let question = self.question(&answer.message_id).expect("every answer has a question");
            if answer.status == EntryStatus::Complete {
                assert_eq!(answer.text, answer_to(&question.text), "{}", answer.message_id);
            }
        }
    }

    /// Each message as the shopper sees it: id, and whether its answer is whole.
    pub fn transcript(&self) -> Vec<(String, bool)> {
        let whole = |e: &Entry| (e.message_id.clone(), e.status == EntryStatus::Complete);
        self.answers().map(whole).collect()
    }
}
