//! What a request was refused for.

use serde::{Deserialize, Serialize};

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
    /// The token of the visitor's session is missing, or not valid (any more).
    SessionRequired,
    /// A new visitor has to do work first.
    ProofRequired,
    /// The conversation has as many messages as one may have.
    ConversationFull,
    /// The settings were replaced by somebody else meanwhile.
    VersionMismatch,
    /// The header `if-match` is missing.
    VersionRequired,
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
            Self::Unauthorized
            | Self::IdentityRequired
            | Self::SessionRequired
            | Self::ProofRequired => 401,
            Self::OriginNotAllowed => 403,
            Self::UnknownShop | Self::UnknownConversation | Self::UnknownOrder | Self::NotFound => {
                404
            }
            Self::MethodNotAllowed => 405,
            Self::Busy | Self::ConversationFull => 409,
            Self::VersionMismatch => 412,
            Self::MessageTooLong => 413,
            Self::VersionRequired => 428,
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
