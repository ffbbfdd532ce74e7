//! Every type that crosses a boundary as JSON or as a structured-clone message: widget to worker,
//! worker to widget, widget to engine and back. Nothing else in the project defines wire types.
//!
//! The version is sent with every turn; a worker accepts its own version and the one before.

mod engine;
mod orders;
mod requested;

use serde::{Deserialize, Serialize};

pub use engine::*;
pub use orders::*;
pub use requested::*;

/// Version of the wire protocol that this build speaks.
pub const PROTOCOL_VERSION: u16 = 1;

/// The longest message of a shopper that is accepted, in Unicode scalar values.
pub const MAX_MESSAGE_CHARS: usize = 2_000;

/// The largest body of a turn that is read, in bytes.
pub const MAX_TURN_BYTES: usize = 32 * 1024;

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
    /// The shopper stopped it or went away; the text is what had been written by then.
    Cancelled,
    /// The answer could not be finished.
    Failed,
}

/// A document section that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Number of the section in the shop's index.
    pub section: u32,
    /// Title of the document and of the section, ready to show.
    pub title: String,
    /// Where the shopper can read it, relative to the shop.
    pub url: String,
}

/// What a product card shows. All of it comes from the catalogue, never from a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductCard {
    /// Stock-keeping unit, unique in the shop.
    pub sku: String,
    /// The shop's URL handle.
    pub handle: String,
    /// Title as the shop writes it.
    pub title: String,
    /// Product page, relative to the shop.
    pub url: String,
    /// Image, relative to the shop; empty if there is none.
    pub image: String,
    /// Price in minor units (pence, cents).
    pub price_minor: u32,
    /// Former price in minor units, where the shop states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at_minor: Option<u32>,
    /// ISO 4217 code.
    pub currency: String,
    /// Whether it can be bought now.
    pub available: bool,
}

/// An answer taken from one section of the shop's documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionAnswer {
    /// The text of the section: paragraphs divided by blank lines, list items led by `- `.
    pub text: String,
    /// Where it is from.
    pub source: Source,
}

/// Something that the shopper can do with one tap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What the button says.
    pub label: String,
    /// Page of the shop that it opens, relative to the shop.
    pub url: String,
}

/// One line of the list under the composer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Suggestion {
    /// A product of the catalogue.
    Product(ProductCard),
    /// A document that answers; choosing it shows the answer without a request.
    Answer(SectionAnswer),
    /// A page of the shop.
    Action(Action),
    /// A way to finish the sentence.
    Completion {
        /// The whole text that replaces the draft.
        text: String,
    },
}

/// An answer that the widget gave on the device, by reference: the worker renders the text from
/// its own index, so a client cannot put words into the shop's mouth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalAnswer {
    /// Section that was shown, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<u32>,
    /// SKUs of the products shown.
    #[serde(default)]
    pub skus: Vec<String>,
}

/// A line of the shopper's cart, as the page tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// Stock-keeping unit.
    pub sku: String,
    /// Pieces.
    pub quantity: u32,
}

/// Body of `POST /v1/shops/{shop}/conversations/{conversation}/turns`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TurnRequest {
    /// Protocol version of the client.
    pub v: u16,
    /// Made by the client; a repeated send with the same id does nothing new.
    pub message_id: String,
    /// What the shopper wrote.
    pub text: String,
    /// Query vector of the text, if the engine was there; see [`Understanding::vector`].
    #[serde(default)]
    pub vector: Vec<i8>,
    /// Best intent by the engine, if it was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// Set when the widget has already answered on the device and only wants the turn kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<LocalAnswer>,
    /// The page that the shopper is on: the SKU of a product, or a path of the shop. One that the
    /// shop's index does not know says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// What is in the cart; the first lines are looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cart: Vec<CartLine>,
    /// The e-mail address that the shopper wrote beside the number of an order, which is not left
    /// in the text. It proves whose the order is, in this turn; it is neither kept nor passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Reply of `POST /v1/shops/{shop}/conversations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationCreated {
    /// Unguessable id; whoever has it may read and continue the conversation.
    pub conversation: String,
}

/// One frame of a streamed answer. The SSE `event:` field is the tag, `id:` counts from 1 within
/// the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StreamEvent {
    /// The shopper's message is durable. Sent before anything of the answer.
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
        /// Complete or cancelled.
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

/// One message of a conversation as the worker keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Position in the conversation, from 1, without gaps.
    pub seq: u32,
    /// The client's id for a shopper's message; empty for an answer.
    pub message_id: String,
    /// Who wrote it.
    pub role: Role,
    /// Plain text with the light markup of [`SectionAnswer::text`].
    pub text: String,
    /// How far it has come.
    pub status: MessageStatus,
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
}

/// Reply of `GET /v1/shops/{shop}/conversations/{conversation}/messages?after={seq}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Messages with a sequence number above `after`, in order.
    pub messages: Vec<Message>,
    /// Highest sequence number of the conversation; 0 when it is empty.
    pub last_seq: u32,
}

/// Reply of `GET /v1/shops/{shop}/config`: what the widget needs to know and may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopProfile {
    /// Protocol version of the worker.
    pub v: u16,
    /// The shop's name.
    pub name: String,
    /// Where the artifact's files are, relative to the worker.
    pub artifact: String,
}

/// Stable code of an error on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The body is not JSON of the expected shape.
    MalformedRequest,
    /// The message is empty.
    EmptyMessage,
    /// The message or the body is longer than allowed.
    MessageTooLong,
    /// The client's protocol version is not accepted.
    UnsupportedVersion,
    /// No shop of that name.
    UnknownShop,
    /// The page's origin is not on the shop's list.
    OriginNotAllowed,
    /// No conversation of that id.
    UnknownConversation,
    /// No order of that number, or not one of whoever asks: the two are not told apart.
    UnknownOrder,
    /// The key of an administrator is missing or wrong.
    Unauthorized,
    /// The shop serves signed-in customers alone, and no valid token came.
    IdentityRequired,
    /// Asked too often.
    RateLimited,
    /// The shop's orders cannot be reached now.
    OrdersUnavailable,
    /// Nothing at that path.
    NotFound,
    /// The path exists, but not with that method.
    MethodNotAllowed,
    /// Another answer of this conversation is still being written.
    Busy,
    /// The language model failed and nothing else could answer.
    ProviderFailed,
    /// The shop's artifact is missing or damaged.
    ArtifactUnavailable,
    /// A fault of the worker.
    Internal,
}

impl ErrorCode {
    /// HTTP status that goes with the code.
    pub fn http_status(self) -> u16 {
        match self {
            Self::MalformedRequest | Self::EmptyMessage | Self::UnsupportedVersion => 400,
            Self::Unauthorized | Self::IdentityRequired => 401,
            Self::OriginNotAllowed => 403,
            Self::UnknownShop | Self::UnknownConversation | Self::UnknownOrder | Self::NotFound => {
                404
            }
            Self::MethodNotAllowed => 405,
            Self::Busy => 409,
            Self::MessageTooLong => 413,
            Self::RateLimited => 429,
            Self::ProviderFailed => 502,
            Self::ArtifactUnavailable | Self::OrdersUnavailable => 503,
            Self::Internal => 500,
        }
    }

    /// Whether the same request may succeed later.
    pub fn retryable(self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::RateLimited
                | Self::ProviderFailed
                | Self::ArtifactUnavailable
                | Self::OrdersUnavailable
                | Self::Internal
        )
    }
}

/// What went wrong, for a machine and for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// Stable code.
    pub code: ErrorCode,
    /// One sentence for the developer; the widget shows its own words.
    pub message: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
}

impl ErrorDetail {
    /// An error with the code's own retry advice.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retryable: code.retryable() }
    }
}

/// Body of every JSON reply that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What a turn that arrived may be refused for, before anything is stored.
pub fn validate_turn(turn: &TurnRequest) -> Result<(), ErrorDetail> {
    if turn.v == 0 || turn.v > PROTOCOL_VERSION || turn.v + 1 < PROTOCOL_VERSION {
        return Err(ErrorDetail::new(
            ErrorCode::UnsupportedVersion,
            format!(
                "protocol version {} is not accepted; this worker speaks {PROTOCOL_VERSION}",
                turn.v
            ),
        ));
    }
    let id_ok = (8..=64).contains(&turn.message_id.len())
        && turn.message_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !id_ok {
        return Err(ErrorDetail::new(
            ErrorCode::MalformedRequest,
            "message_id must be 8 to 64 letters, digits, '-' or '_'",
        ));
    }
    if turn.text.trim().is_empty() {
        return Err(ErrorDetail::new(ErrorCode::EmptyMessage, "the message is empty"));
    }
    let chars = turn.text.chars().count();
    if chars > MAX_MESSAGE_CHARS {
        return Err(ErrorDetail::new(
            ErrorCode::MessageTooLong,
            format!("the message has {chars} characters; at most {MAX_MESSAGE_CHARS} are accepted"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn turn(text: &str) -> TurnRequest {
        TurnRequest {
            v: PROTOCOL_VERSION,
            message_id: "0123456789abcdef".into(),
            text: text.into(),
            ..TurnRequest::default()
        }
    }

    #[test]
    fn turns_are_refused_for_what_is_wrong_with_them() {
        let code = |t: &TurnRequest| validate_turn(t).err().map(|e| e.code);
        assert_eq!(code(&turn("where is my order")), None);
        assert_eq!(code(&turn(" \n ")), Some(ErrorCode::EmptyMessage));
        assert_eq!(code(&turn(&"é".repeat(MAX_MESSAGE_CHARS))), None);
        assert_eq!(
            code(&turn(&"é".repeat(MAX_MESSAGE_CHARS + 1))),
            Some(ErrorCode::MessageTooLong)
        );
        assert_eq!(code(&TurnRequest { v: 99, ..turn("x") }), Some(ErrorCode::UnsupportedVersion));
        assert_eq!(code(&TurnRequest { v: 0, ..turn("x") }), Some(ErrorCode::UnsupportedVersion));
        for id in ["", "short", "has space in it", "ümlaut-umlaut", &"a".repeat(65)] {
            assert_eq!(
                code(&TurnRequest { message_id: id.into(), ..turn("x") }),
                Some(ErrorCode::MalformedRequest),
                "{id}"
            );
        }
    }

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

    proptest! {
        /// Anything is either refused with the advice of its code, or safe to store and to show.
        #[test]
        fn every_turn_is_refused_or_good(
            v: u16,
            known_version: bool,
            message_id in "[a-zA-Z0-9_-]{0,70}|\\PC{0,70}",
            text in "[ \\n]{0,3}|\\PC{0,300}|.{1990,2010}",
        ) {
            let v = if known_version { PROTOCOL_VERSION } else { v };
            let turn = TurnRequest { v, message_id, ..turn(&text) };
            match validate_turn(&turn) {
                Ok(()) => {
                    prop_assert_eq!(turn.v, PROTOCOL_VERSION);
                    prop_assert!((8..=64).contains(&turn.message_id.len()));
                    prop_assert!(turn.message_id.is_ascii());
                    prop_assert!(!turn.text.trim().is_empty());
                    prop_assert!(turn.text.chars().count() <= MAX_MESSAGE_CHARS);
                }
                Err(error) => {
                    prop_assert!(!error.retryable && (400..500).contains(&error.code.http_status()));
                }
            }
        }
    }
}
