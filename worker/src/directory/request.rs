//! A request about personal data as it is kept until it is done, and its receipt.

use aisle_core::protocol::{PrivacyAction, PrivacyReceipt, PrivacyState};
use serde::{Deserialize, Serialize};

use super::Subject;

/// A request that was written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its id, which is that of the receipt.
    pub id: String,
    /// What is to be done.
    pub action: PrivacyAction,
    /// Kinds of the keys that it was asked for by.
    pub by: Vec<String>,
    /// Whose data; gone when a deletion is done.
    pub subject: Option<Subject>,
    /// When it was written down, in milliseconds since the Unix epoch.
    pub requested_ms: u64,
    /// When it was done.
    pub done_ms: Option<u64>,
    /// Conversations that were deleted.
    pub conversations: u32,
    /// Orders that were deleted.
    pub orders: u32,
}

impl Request {
    /// A request that is new.
    pub fn new(
        id: String,
        action: PrivacyAction,
        (subject, by): (Subject, Vec<String>),
        requested_ms: u64,
    ) -> Self {
        Self {
            id,
            action,
            by,
            subject: Some(subject),
            requested_ms,
            done_ms: None,
            conversations: 0,
            orders: 0,
        }
    }

    /// How far it has come.
    pub fn state(&self) -> PrivacyState {
        match (self.done_ms, self.action) {
            (Some(_), _) => PrivacyState::Done,
            (None, PrivacyAction::Delete) => PrivacyState::Running,
            (None, PrivacyAction::Export) => PrivacyState::Open,
        }
    }

    /// What may be told of it.
    pub fn receipt(&self) -> PrivacyReceipt {
        PrivacyReceipt {
            receipt: self.id.clone(),
            action: self.action,
            state: self.state(),
            by: self.by.clone(),
            requested_ms: self.requested_ms,
            done_ms: self.done_ms,
            conversations: self.conversations,
            orders: self.orders,
        }
    }
}
