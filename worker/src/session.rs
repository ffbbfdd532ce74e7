//! Sessions of visitors: a short-lived token, signed by the worker, bound to the shop, the visitor
//! and the page's origin.
//!
//! The token alone says who a visitor is; what the visitors' object keeps beside it is which token
//! of a visitor is the latest. One that was renewed is of no more use to whoever copied it.

mod proof;
mod rotation;
mod token;
mod visitors;

use aisle_core::protocol::{ErrorCode, ErrorDetail};
use serde::{Deserialize, Serialize};

use crate::limits::Draw;

pub use proof::{Gate, MAX_BITS, MAX_PROOF_BYTES, ProofError, ProofKey, Work};
pub use rotation::{Issue, Rotation};
pub use token::{Session, SessionError, SessionKey, VALID_S};
pub use visitors::{VisitorTable, answer};

/// Name of the header that carries the token.
pub const HEADER: &str = "x-aisle-session";
/// Name of the header in which a conversation's object is told whose request it is. It is set by
/// the worker alone.
pub const VISITOR_HEADER: &str = "x-aisle-visitor";

/// What the visitors' object of a shop is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// May this be done in this session?
    Admit {
        /// The session.
        session: Session,
        /// What it costs.
        draws: Vec<Draw>,
    },
    /// A token, for the visitor of a former one or for a new one.
    Issue {
        /// The former session, if its token was good.
        former: Option<Session>,
        /// The name of a new visitor.
        fresh: String,
        /// What a new visitor's token costs in work.
        work: Work,
        /// What it costs.
        draws: Vec<Draw>,
    },
    /// Forget these visitors. Their tokens lead nowhere any more: what was theirs is gone.
    Forget {
        /// Their names; all there are where there is no list.
        visitors: Option<Vec<String>>,
        /// Whether the buckets go as well. They stay where shoppers delete what is theirs: nobody
        /// comes to more messages by it.
        with_buckets: bool,
    },
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It may be done.
    Admitted,
    /// A new visitor has to do work, which was not done or was counted before.
    WorkNeeded,
    /// Nothing of them is kept.
    Forgotten,
    /// The session has been renewed since.
    Superseded,
    /// Too often; how long to wait, in milliseconds.
    Limited {
        /// Milliseconds.
        wait_ms: u64,
    },
    /// Whom a token is to be made for.
    Issued {
        /// The session.
        session: Session,
    },
}

/// The one refusal of a token, whatever is wrong with it.
pub fn required() -> ErrorDetail {
    ErrorDetail::new(ErrorCode::SessionRequired, "a valid session is needed: POST .../session")
}

/// The refusal of what came too often.
pub fn limited(wait_ms: u64) -> ErrorDetail {
    let message = format!("asked too often; wait {} seconds", wait_ms.div_ceil(1_000));
    ErrorDetail::new(ErrorCode::RateLimited, message)
}
