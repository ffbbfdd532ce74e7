//! A request about personal data as it is kept until it is done, and its receipt.

use aisle_core::protocol::{PrivacyAction, PrivacyReceipt, PrivacyState};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Link, Subject};
use crate::admin_key::hex;
use crate::holder::Holder;

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

    /// The deletion that a shopper asks for: of the visitor's conversations, and of those of the
    /// customer whose links come with it. The same shopper's is the same request, so that there is
    /// one of it at a time.
    pub fn own(asker: Holder, mut links: Vec<Link>, requested_ms: u64) -> Self {
        let Holder { visitor, customer } = &asker;
        let hash = hex(&Sha256::digest(format!("{visitor}\n{customer}")));
        let id = format!("own-{}", hash.get(..32).unwrap_or_default());
        let kinds = [("visitor", visitor), ("customer", customer)];
        let named = kinds.into_iter().filter(|(_, name)| !name.is_empty());
        let by = named.map(|(kind, _)| kind.to_owned()).collect();
        if !visitor.is_empty() {
            links.push(Link::visitor(visitor));
        }
        let subject = Subject { links, asker: Some(asker), ..Subject::default() };
        Self::new(id, PrivacyAction::Delete, (subject, by), requested_ms)
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
