//! The frames of a streamed answer, and where in it a reader stands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ErrorDetail, MessageStatus, ProductCard, Requested, Source};

/// One frame of a streamed answer. The SSE `event:` field is the tag, `id:` is an [`EventId`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StreamEvent {
    /// The shopper's message is durable. First in every stream; what a reader has of the text
    /// beyond the bytes of its id, or of another epoch, is void.
    Accepted {
        /// Server sequence number of the shopper's message.
        message_seq: u32,
        /// Server sequence number of the answer.
        answer_seq: u32,
    },
    /// More text.
    Delta {
        /// To be appended.
        text: String,
    },
    /// What the answer rests on.
    Sources {
        /// In the order of use.
        sources: Vec<Source>,
    },
    /// Products that belong to the answer.
    Products {
        /// Best first.
        products: Vec<ProductCard>,
    },
    /// What is asked for on the shopper's behalf.
    Requested {
        /// In order.
        requested: Vec<Requested>,
    },
    /// The end of a whole or stopped answer.
    Done {
        /// Complete, cancelled or interrupted.
        status: MessageStatus,
    },
    /// The end of an answer that could not be finished.
    Failed {
        /// What went wrong.
        error: ErrorDetail,
    },
}

impl StreamEvent {
    /// Name for the SSE `event:` field; the same as the JSON tag.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Delta { .. } => "delta",
            Self::Sources { .. } => "sources",
            Self::Products { .. } => "products",
            Self::Requested { .. } => "requested",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
        }
    }
}

/// Where a reader stands in an answer after a frame, written `{epoch}-{bytes}`. It depends on what
/// is kept alone, so it means the same after the answer's writer was lost.
///
/// The text of a `delta` is the one that ends at `bytes`. Frames that carry no text do not move the
/// reader; they replace what came before of their kind, so that having one twice is harmless.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventId {
    /// How often the answer's text was begun or has lost its end; from 1, or 0 for nothing read.
    pub epoch: u32,
    /// How much of the text was read, in bytes of UTF-8.
    pub bytes: u32,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.bytes)
    }
}

/// What was to be an [`EventId`] is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event id is two numbers with '-' between them")]
pub struct NotAnEventId;

impl FromStr for EventId {
    type Err = NotAnEventId;

    fn from_str(text: &str) -> Result<Self, NotAnEventId> {
        let number = |digits: &str| match digits.bytes().all(|b| b.is_ascii_digit()) {
            true => digits.parse().map_err(|_| NotAnEventId),
            false => Err(NotAnEventId),
        };
        let (epoch, bytes) = text.split_once('-').ok_or(NotAnEventId)?;
        Ok(Self { epoch: number(epoch)?, bytes: number(bytes)? })
    }
}

/// Reply of `POST /v1/shops/{shop}/conversations/{conversation}/turns/{message_id}/stop`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnStopped {
    /// How far the answer came: cancelled, or whole if the end was faster.
    pub status: MessageStatus,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;
    use proptest::prelude::*;

    #[test]
    fn the_event_name_is_the_json_tag() {
        let events = [
            StreamEvent::Accepted { message_seq: 1, answer_seq: 2 },
            StreamEvent::Delta { text: "a".into() },
            StreamEvent::Sources { sources: vec![] },
            StreamEvent::Products { products: vec![] },
            StreamEvent::Requested { requested: vec![] },
            StreamEvent::Done { status: MessageStatus::Complete },
            StreamEvent::Failed { error: ErrorDetail::new(ErrorCode::Internal, "x") },
        ];
        for event in events {
            let json = serde_json::to_value(&event).unwrap();
            assert_eq!(json["type"], event.name());
        }
    }

    #[test]
    fn what_is_no_event_id_is_refused() {
        for text in
            ["", "-", "1", "1-", "-1", "1-2-3", "+1-2", "1-+2", "1-x", "4294967296-0", "١-٢"]
        {
            assert_eq!(text.parse::<EventId>(), Err(NotAnEventId), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_event_id_is_read_as_it_was_written(epoch: u32, bytes: u32) {
            let id = EventId { epoch, bytes };
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn any_text_is_an_event_id_or_none(text in "[0-9-]{0,24}|\\PC{0,20}") {
            let _ = text.parse::<EventId>();
        }
    }
}
