//! What the shopper sends, and what it may be refused for.

use serde::{Deserialize, Serialize};

use super::{ErrorCode, ErrorDetail, PROTOCOL_VERSION};

/// The longest message of a shopper that is accepted, in Unicode scalar values.
pub const MAX_MESSAGE_CHARS: usize = 2_000;

/// The largest body of a turn that is read, in bytes.
pub const MAX_TURN_BYTES: usize = 32 * 1024;

/// The most messages that one turn may take the place of.
pub const MAX_REPLACED: usize = 16;

/// The longest text that can be a page, in bytes.
pub const MAX_PAGE_BYTES: usize = 512;

/// Lines of the cart that are sent and looked at.
pub const MAX_CART_LINES: usize = 8;

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
    /// Stock-keeping unit of the variant.
    pub sku: String,
    /// The shop's URL handle of the product: it tells of a variant that the index does not know.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub handle: String,
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
    /// Query vector of the text, if the engine was there; see
    /// [`Understanding::vector`](super::Understanding::vector).
    #[serde(default)]
    pub vector: Vec<i8>,
    /// Best intent by the engine, if it was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// Set when the widget has already answered on the device and only wants the turn kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<LocalAnswer>,
    /// The client's ids of the shopper's last message, which this one takes the place of: they are
    /// one message that was edited. More than one if the client does not know which of its former
    /// edits arrived. What is there of them is removed with its answer; the rest never comes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<String>,
    /// The page that the shopper is on: the SKU of a product, or a path of the shop. One that the
    /// shop's index does not know says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// What is in the cart; the first [`MAX_CART_LINES`] are looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cart: Vec<CartLine>,
    /// The e-mail address that the shopper wrote beside the number of an order, which is not left
    /// in the text. It proves whose the order is, in this turn; it is neither kept nor passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Whether a text may be the name of an intent: at most 32 small letters and `_`.
pub fn is_intent_name(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// Whether a text may be a client's id of a message: 8 to 64 letters, digits, `-` or `_`.
pub fn is_message_id(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
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
    let replaces = &turn.replaces;
    if !is_message_id(&turn.message_id) || !replaces.iter().all(|id| is_message_id(id)) {
        return Err(ErrorDetail::new(
            ErrorCode::MalformedRequest,
            "message_id and replaces must be 8 to 64 letters, digits, '-' or '_'",
        ));
    }
    if replaces.len() > MAX_REPLACED || replaces.contains(&turn.message_id) {
        let message = format!("a message replaces at most {MAX_REPLACED} others, and not itself");
        return Err(ErrorDetail::new(ErrorCode::MalformedRequest, message));
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
            assert_eq!(
                code(&TurnRequest { replaces: vec![id.into()], ..turn("x") }),
                Some(ErrorCode::MalformedRequest),
                "{id}"
            );
        }
    }

    #[test]
    fn a_message_is_not_edited_into_itself() {
        let edit = |id: &str| TurnRequest { replaces: vec![id.into()], ..turn("x") };
        assert_eq!(validate_turn(&edit("0123456789-other")), Ok(()));
        assert!(validate_turn(&edit(&turn("x").message_id)).is_err());
        let many = |count| (0..count).map(|n| format!("message-{n}")).collect();
        let edits = |count| TurnRequest { replaces: many(count), ..turn("x") };
        assert!(validate_turn(&edits(MAX_REPLACED)).is_ok());
        assert!(validate_turn(&edits(MAX_REPLACED + 1)).is_err());
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
