//! The directory of a shop's conversations: which there are, and whose they are, so that what is
//! kept of a person can be found. A conversation is listed before anybody is told that it is there,
//! and is unlisted only after its messages are gone.
//!
//! With a conversation go its tickets: what its shopper asked the shop's team for.
//!
//! It is no profile: nothing reads it but exports, deletions and the team. Addresses and customers'
//! ids are in it as keyed hashes alone.

mod memory;
mod request;
mod subject;
mod ticket;

use aisle_core::protocol::{ErrorCode, ErrorDetail, Ticket};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use memory::MemoryDirectory;
pub use request::Request;
pub use subject::{Link, Subject, SubjectError};
pub use ticket::{MAX_TICKETS, Opened, kind, ticket};

/// The storage of the directory failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the directory's storage failed: {0}")]
pub struct DirectoryError(pub String);

/// A conversation of the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Its id.
    pub conversation: String,
    /// When it was opened, in milliseconds since the Unix epoch.
    pub opened_ms: u64,
    /// Whether the shopper objects to its use for anything but the answer.
    pub is_private: bool,
}

/// A place in the order of conversations or of tickets: by the time of opening, then by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cursor {
    /// Time of opening.
    pub opened_ms: u64,
    /// The id; what comes after it is meant.
    pub id: String,
}

impl Cursor {
    /// Before everything that was opened at that time or later.
    pub fn since(opened_ms: u64) -> Self {
        Self { opened_ms, id: String::new() }
    }

    /// The place that a request names; the beginning where it names none.
    pub fn given(written: &str) -> Result<Self, ErrorDetail> {
        if written.is_empty() {
            return Ok(Self::default());
        }
        written.parse().map_err(|_| {
            let message = "the cursor is not one that was given";
            ErrorDetail::new(ErrorCode::MalformedRequest, message)
        })
    }

    /// Right after a listing.
    pub fn after(listing: &Listing) -> Self {
        Self { opened_ms: listing.opened_ms, id: listing.conversation.clone() }
    }

    /// Right after a ticket.
    pub fn after_ticket(ticket: &Ticket) -> Self {
        Self { opened_ms: ticket.opened_ms, id: ticket.id.clone() }
    }
}

/// As it is written in a query: the time, a full stop, the id.
impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.opened_ms, self.id)
    }
}

impl std::str::FromStr for Cursor {
    type Err = std::num::ParseIntError;

    /// Reads a cursor, or a time alone.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (opened_ms, id) = text.split_once('.').unwrap_or((text, ""));
        Ok(Self { opened_ms: opened_ms.parse()?, id: id.to_owned() })
    }
}

/// One shop's directory, and the requests about personal data that it works on.
pub trait Directory {
    /// Lists a conversation under these links. One that is listed already keeps its time and its
    /// links, gets the new ones, and stays private once it is.
    fn list(&self, listing: &Listing, links: &[Link]) -> Result<(), DirectoryError>;

    /// Unlists a conversation, and drops its tickets; whether it was listed.
    fn forget(&self, conversation: &str) -> Result<bool, DirectoryError>;

    /// Links that lead to a conversation and to no other.
    fn links_of_its_own(&self, conversation: &str) -> Result<Vec<Link>, DirectoryError>;

    /// Conversations of a subject after a place, in order.
    fn find(
        &self,
        subject: &Subject,
        after: &Cursor,
        limit: u32,
    ) -> Result<Vec<Listing>, DirectoryError>;

    /// Opens a ticket of a conversation that is listed. One with that id keeps its time.
    fn open_ticket(&self, ticket: &Ticket) -> Result<Opened, DirectoryError>;

    /// Tickets of a subject's conversations after a place, in order.
    fn tickets(
        &self,
        subject: &Subject,
        after: &Cursor,
        limit: u32,
    ) -> Result<Vec<Ticket>, DirectoryError>;

    /// Closes a ticket; whether it was open.
    fn close_ticket(&self, id: &str) -> Result<bool, DirectoryError>;

    /// Keeps a request, in the place of one with the same id.
    fn put(&self, request: &Request) -> Result<(), DirectoryError>;

    /// The request with this id.
    fn request(&self, id: &str) -> Result<Option<Request>, DirectoryError>;

    /// Requests by the time at which they were written down, the latest first.
    fn requests(&self, limit: u32) -> Result<Vec<Request>, DirectoryError>;

    /// Deletions that are not done, the oldest first.
    fn running(&self, limit: u32) -> Result<Vec<Request>, DirectoryError>;

    /// Drops a request.
    fn drop_request(&self, id: &str) -> Result<(), DirectoryError>;

    /// Drops exports that were written down before a time, and with them whose data was meant.
    /// When the oldest of those that are left was written down.
    fn drop_exports(&self, before_ms: u64) -> Result<Option<u64>, DirectoryError>;

    /// Resolves when everything written so far is on disk.
    fn synced(&self) -> LocalBoxFuture<'static, Result<(), DirectoryError>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_is_written() {
        let cursor = Cursor { opened_ms: 7, id: "c-1".into() };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert_eq!("12".parse(), Ok(Cursor::since(12)));
        for wrong in ["", ".", "x.7", "-1", "99999999999999999999"] {
            assert!(wrong.parse::<Cursor>().is_err(), "{wrong}");
        }
    }
}
