//! Tickets: what a conversation's shopper asked the shop's team for, until somebody closes it.

use aisle_core::orders::OrderKey;
use aisle_core::protocol::{Requested, Ticket};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::admin_key::hex;

/// Tickets that one conversation may have open.
pub const MAX_TICKETS: u32 = 20;

/// What became of a ticket that was to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opened {
    /// It is open.
    New,
    /// It was open already; what is asked for now is in it.
    Known,
    /// It is not: the conversation is not listed, or has as many as it may have.
    Refused,
}

/// What a wish to the team is called. Nothing for what the team has no part in.
pub fn kind(requested: &Requested) -> Option<&'static str> {
    match requested {
        Requested::CartChange { .. } => None,
        Requested::Return { .. } => Some("return"),
        Requested::HandOver { .. } => Some("hand_over"),
    }
}

/// The ticket for what is asked for. The same wish in the same conversation is the same ticket, so
/// that asking twice is asking once. Nothing for what the team has no part in.
pub fn ticket(conversation: &str, requested: &Requested, opened_ms: u64) -> Option<Ticket> {
    let kind = kind(requested)?;
    let of = match requested {
        Requested::Return { order, .. } => {
            let key = OrderKey::parse(order);
            key.map_or_else(|| order.clone(), |key| key.as_str().to_owned())
        }
        Requested::CartChange { .. } | Requested::HandOver { .. } => String::new(),
    };
    let hash = hex(&Sha256::digest(format!("{conversation}\n{kind}\n{of}")));
    Some(Ticket {
        id: hash.get(..32).unwrap_or_default().to_owned(),
        conversation: conversation.to_owned(),
        opened_ms,
        requested: requested.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{Cursor, Directory, Listing, MemoryDirectory, Subject};
    use crate::shops::is_name;

    fn back(order: &str, reason: &str) -> Requested {
        Requested::Return { order: order.into(), reason: reason.into() }
    }

    fn person(reason: &str) -> Requested {
        Requested::HandOver { reason: reason.into() }
    }

    #[test]
    fn the_same_wish_is_the_same_ticket() {
        let id = |conversation: &str, requested: &Requested| {
            ticket(conversation, requested, 5).unwrap().id
        };
        assert_eq!(id("c-1", &back("#1042", "a")), id("c-1", &back("1042", "b")));
        let all = [
            id("c-1", &back("#1042", "a")),
            id("c-1", &back("#1043", "a")),
            id("c-1", &person("a")),
            id("c-2", &person("a")),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(is_name(one) && !all[at + 1..].contains(one), "{one}");
        }
    }

    #[test]
    fn tickets_are_of_conversations_that_are_there_and_few() {
        let directory = MemoryDirectory::default();
        let open = |conversation: &str, requested: &Requested, at_ms| {
            directory.open_ticket(&ticket(conversation, requested, at_ms).unwrap()).unwrap()
        };
        let list =
            |subject: &Subject, after: &Cursor| directory.tickets(subject, after, 9).unwrap();
        assert_eq!(open("c-1", &person("a"), 1), Opened::Refused);
        for conversation in ["c-1", "c-2"] {
            let conversation = conversation.to_owned();
            let listing = Listing { conversation, ..Listing::default() };
            directory.list(&listing, &[]).unwrap();
        }
        assert_eq!(open("c-1", &person("a"), 7), Opened::New);
        assert_eq!(open("c-1", &person("b"), 9), Opened::Known);
        assert_eq!(open("c-2", &person("c"), 3), Opened::New);
        let all = list(&Subject::whole_shop(), &Cursor::default());
        let told: Vec<_> = all.iter().map(|one| (one.opened_ms, one.requested.clone())).collect();
        assert_eq!(told, [(3, person("c")), (7, person("b"))]);
        assert_eq!(list(&Subject::whole_shop(), &Cursor::after_ticket(&all[0])), all[1..]);
        let one = Subject { conversation: Some("c-1".into()), ..Subject::default() };
        assert_eq!(list(&one, &Cursor::default()), all[1..]);

        for at in 1..MAX_TICKETS {
            assert_eq!(open("c-1", &back(&at.to_string(), "a"), 9), Opened::New);
        }
        assert_eq!(open("c-1", &back("99", "a"), 9), Opened::Refused);
        assert_eq!(directory.close_ticket(&all[1].id), Ok(true));
        assert_eq!(directory.close_ticket(&all[1].id), Ok(false));
        assert_eq!(open("c-1", &back("99", "a"), 9), Opened::New);

        // They go with their conversation.
        assert_eq!(directory.forget("c-1"), Ok(true));
        assert_eq!(list(&Subject::whole_shop(), &Cursor::default()), all[..1]);
    }
}
