//! Personal data on request: whose data, what became of a request, and conversations as they are
//! handed out.

use serde::{Deserialize, Serialize};

/// The largest body of a request about personal data that is read, in bytes.
pub const MAX_PRIVACY_BYTES: usize = 4 * 1024;

/// Whose data: everything that any of the keys leads to. Body of
/// `POST /v1/admin/shops/{shop}/privacy/export` and of `…/privacy/delete`; at least one key is
/// needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivacySubject {
    /// The address of a customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The shop's own id of a customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The id of a visitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitor: Option<String>,
    /// The id of a conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// The receipt of an earlier request, such as one that came by a webhook: the same data again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

/// What is done with the data of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyAction {
    /// It is deleted.
    Delete,
    /// It is to be handed out; an administrator exports it by the receipt.
    Export,
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyState {
    /// A deletion that is going on, and will go on after any failure.
    Running,
    /// An export that nobody has fetched yet.
    Open,
    /// Done.
    Done,
}

/// What became of a request. It holds nothing of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivacyReceipt {
    /// Its id.
    pub receipt: String,
    /// What is done.
    pub action: PrivacyAction,
    /// How far it has come.
    pub state: PrivacyState,
    /// The kinds of keys that it was asked for by, such as `email`; `shop` for a whole shop.
    pub by: Vec<String>,
    /// When it was written down, in milliseconds since the Unix epoch.
    pub requested_ms: u64,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_ms: Option<u64>,
    /// Conversations that were deleted.
    pub conversations: u32,
    /// Orders of the built-in table that were deleted.
    pub orders: u32,
}

/// Reply of `GET /v1/admin/shops/{shop}/privacy/requests`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivacyRequests {
    /// Latest first.
    pub requests: Vec<PrivacyReceipt>,
}

/// A conversation as it is handed out: a line of an export, and of the file that
/// `aisle import chats` reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedConversation {
    /// Its id; the parts of a long one after the first have `.2`, `.3` and so on after it.
    pub id: String,
    /// When it was opened, by RFC 3339.
    pub started: String,
    /// In order.
    pub messages: Vec<ExportedMessage>,
}

/// A message of an exported conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedMessage {
    /// Who wrote it: `shopper`, `assistant` or `agent`.
    pub role: String,
    /// What was written.
    pub text: String,
    /// When, by RFC 3339.
    pub at: String,
    /// What a shopper's message meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// Who says so: `model` or `agent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent_by: Option<String>,
    /// Whether a shopper's message got the answer that it asked for, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<bool>,
}
