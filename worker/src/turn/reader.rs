//! One reader of an answer: frames as they are written, heartbeats while nothing is.

use aisle_core::sse::{HEARTBEAT, encode};
use futures_util::future::{Either, select};
use futures_util::stream::{Stream, unfold};
use std::pin::pin;

use aisle_core::protocol::EventId;

use super::log::{Cursor, Log};
use super::silence::Silence;
use super::watch::{Happening, Watch};
use crate::ports::Clock;

/// While nothing is written, something is sent this often, in milliseconds: only a write tells
/// that the shopper has left, and until then the model's tokens are paid for.
pub(super) const HEARTBEAT_MS: u32 = 150;

/// A reader of an answer. Dropping it is leaving.
pub struct Reader<C: Clock> {
    log: Log,
    cursor: Cursor,
    silence: Silence<C>,
    watch: Watch,
}

impl<C: Clock> Reader<C> {
    /// A reader that has read up to `after`.
    pub(super) fn new(log: Log, after: Option<EventId>, clock: C, watch: Watch) -> Self {
        let cursor = log.enter(after);
        (watch.count)(Happening::ReaderCame);
        Self { log, cursor, silence: Silence::of(HEARTBEAT_MS, clock), watch }
    }

    /// The frames, as bytes.
    pub fn into_stream(self) -> impl Stream<Item = Vec<u8>> + use<C> {
        unfold(self, |mut reader| async move {
            let bytes = reader.next().await?;
            Some((bytes, reader))
        })
    }

    async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let growth = self.log.growth();
            if let Some((id, event)) = self.log.next(&mut self.cursor) {
                self.silence.heard();
                let data = serde_json::to_string(&event).unwrap_or_default();
                return Some(encode(id, event.name(), &data).into_bytes());
            }
            if self.cursor.is_over() {
                return None;
            }
            let grown = pin!(self.log.grown_since(growth));
            if let Either::Right(_) = select(grown, pin!(self.silence.lasted())).await {
                return Some(HEARTBEAT.as_bytes().to_vec());
            }
        }
    }
}

impl<C: Clock> Drop for Reader<C> {
    fn drop(&mut self) {
        self.log.leave();
        (self.watch.count)(Happening::ReaderLeft);
    }
}
