//! The shop's team, as a conversation reaches it: what is asked of it, and what the shopper is told
//! of that.

use aisle_core::protocol::Requested;
use futures_util::future::{LocalBoxFuture, ready};

use super::ToolError;

/// Where a shopper's wishes are put before the shop's team.
pub trait Team {
    /// Puts a wish before the team; once more changes nothing. When it comes back, it is on disk:
    /// only then may anybody be told so.
    fn tell(&self, requested: &Requested) -> LocalBoxFuture<'static, Result<(), TeamError>>;
}

/// Why the team is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamError {
    /// The conversation has asked for enough.
    Full,
    /// It cannot be written down now.
    Unavailable,
}

impl From<TeamError> for ToolError {
    fn from(error: TeamError) -> Self {
        match error {
            TeamError::Full => Self::Refused("the team has enough wishes of this conversation"),
            TeamError::Unavailable => Self::Unavailable,
        }
    }
}

/// What the shopper reads of a wish that is before the team. It says what is so whatever the model
/// promises. Nothing for what the team has no part in.
pub(super) fn note(requested: &Requested, contact: &str) -> Option<String> {
    let contact = contact.trim();
    let at = |words: &str| match contact {
        "" => String::new(),
        contact => format!(" {words}: {contact}"),
    };
    match requested {
        Requested::CartChange { .. } => None,
        Requested::Return { order, .. } => Some(format!(
            "Your wish to send order {order} back is noted for the shop's team.{}",
            at("Ask them how it goes on")
        )),
        Requested::HandOver { .. } => Some(format!(
            "Your wish to speak to a person is noted for the shop's team. They cannot answer in \
             this chat.{}",
            at("For an answer, contact them")
        )),
    }
}

/// A team in memory: it hears everything, or nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemoryTeam {
    /// Why it hears nothing.
    pub error: Option<TeamError>,
}

impl Team for MemoryTeam {
    fn tell(&self, _: &Requested) -> LocalBoxFuture<'static, Result<(), TeamError>> {
        Box::pin(ready(self.error.map_or(Ok(()), Err)))
    }
}
