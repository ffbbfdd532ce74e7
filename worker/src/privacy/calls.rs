//! What the worker's objects ask of each other. It goes to [`PATH`], which no route from outside
//! leads to.

use aisle_core::protocol::Ticket;
use serde::{Deserialize, Serialize};

use crate::directory::{Cursor, Link, Listing, Request, Subject};
use crate::holder::Holder;

/// The path of these calls within an object.
pub const PATH: &str = "/internal";

/// Asked of the object of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationCall {
    /// To begin. Answers nothing.
    Open(Opening),
    /// To delete everything that it has, for a directory that unlists it then. Answers whether it
    /// did; deleting twice is deleting once.
    Delete {
        /// The shopper who asks; a conversation of somebody else stays. Nobody where an
        /// administrator does.
        asker: Option<Holder>,
    },
    /// To hand out a part of itself. Answers a [`super::Part`].
    Export {
        /// The part's number, from 1.
        number: u32,
        /// The sequence number that it begins after.
        after: u32,
    },
    /// What its language models took. Answers a [`crate::usage::Total`], or `null` where the
    /// conversation is not open.
    Usage,
}

/// How a conversation begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Its shop.
    pub shop: String,
    /// Its id.
    pub conversation: String,
    /// The visitor who opens it; empty where nobody knows.
    pub visitor: String,
    /// The shop's id of the customer who opens it; empty where nobody vouches for one.
    pub customer: String,
    /// Under which keys it is listed, beside the visitor's.
    pub links: Vec<Link>,
    /// Whether the shopper objects to its use for anything but the answer.
    pub is_private: bool,
}

/// Asked of the object of a shop's directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectoryCall {
    /// To list a conversation. Answers nothing.
    List {
        /// The conversation.
        listing: Listing,
        /// Keys that it is found by, beside those that it is listed under already.
        links: Vec<Link>,
    },
    /// To unlist a conversation whose messages are gone. Answers nothing.
    Forget {
        /// The shop.
        shop: String,
        /// The conversation.
        conversation: String,
    },
    /// Which conversations there are. Answers [`Listing`]s.
    Find {
        /// Whose.
        subject: Subject,
        /// After which place.
        after: Cursor,
        /// At most.
        limit: u32,
    },
    /// To open a ticket. Answers [`crate::directory::Opened`].
    OpenTicket(Ticket),
    /// Which tickets are open. Answers [`Ticket`]s.
    Tickets {
        /// Whose.
        subject: Subject,
        /// After which place.
        after: Cursor,
        /// At most.
        limit: u32,
    },
    /// To close a ticket. Answers whether it was open.
    CloseTicket(String),
    /// To write down a request and, if it is a deletion, to begin with it. One with that id stays
    /// as it is. Answers the request.
    Begin {
        /// The shop.
        shop: String,
        /// The request.
        request: Request,
    },
    /// A request by its id. Answers the request, or `null`.
    Request(String),
    /// The latest requests. Answers requests.
    Requests,
    /// To mark an export as fetched. Answers nothing.
    Exported(String),
}

/// Asked of the object of a shop's orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrdersCall {
    /// To delete a subject's orders. Answers how many there were.
    Delete(Subject),
    /// To hand out a subject's orders, at most 1,000. Answers orders as they are kept.
    Export(Subject),
}
