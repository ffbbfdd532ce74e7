//! The shop's team, as a conversation reaches it: what is asked of it, and what the shopper is told
//! of that.

use aisle_core::protocol::Requested;
use aisle_core::words::{Words, fill};
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
pub(super) fn note(words: &Words, requested: &Requested, contact: &str) -> Option<String> {
    let (noted, at) = match requested {
        Requested::CartChange { .. } => return None,
        Requested::Return { order, .. } => {
            (fill(words.return_noted, &[order]), words.return_contact)
        }
        Requested::HandOver { .. } => (words.person_noted.to_owned(), words.person_contact),
    };
    Some(match contact.trim() {
        "" => noted,
        contact => [&noted, " ", &fill(at, &[contact])].concat(),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_next_is_said_in_the_shops_language() {
        let back = Requested::Return { order: "#1042".into(), reason: "broken".into() };
        let person = Requested::HandOver { reason: "a complaint".into() };
        for (locale, requested, contact, expected) in [
            (
                "en",
                &back,
                " team@shop.example ",
                "Your wish to send order #1042 back is noted for the shop's team. Ask them how it \
                 goes on: team@shop.example",
            ),
            ("", &back, "", "Your wish to send order #1042 back is noted for the shop's team."),
            (
                "de-CH",
                &person,
                "/pages/kontakt",
                "Ihr Wunsch, mit einem Menschen zu sprechen, ist für das Team des Shops notiert. \
                 In diesem Chat kann es nicht antworten. Eine Antwort bekommen Sie hier: \
                 /pages/kontakt",
            ),
        ] {
            let found = note(Words::for_locale(locale), requested, contact);
            assert_eq!(found.as_deref(), Some(expected));
        }
    }
}
