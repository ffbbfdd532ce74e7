//! A conversation as it is handed out.

use aisle_core::date::rfc3339;
use aisle_core::protocol::{ExportedConversation, ExportedMessage, Message, Role};
use serde::{Deserialize, Serialize};

use crate::directory::Listing;
use crate::ports::{Store, StoreError};

/// Most messages that are looked at for one part.
const PART_MESSAGES: u32 = 1_000;
/// The text of a part, in bytes; the message that goes beyond it is the part's last. A line of the
/// export stays below the 4 MiB that `aisle import chats` reads, whatever JSON escapes.
const PART_BYTES: usize = 512 * 1024;

/// A part of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What is handed out; nothing where no message of the part has a text.
    pub conversation: Option<ExportedConversation>,
    /// The last sequence number of the part, where there is more after it.
    pub next: Option<u32>,
}

/// Whether a conversation may be used for training: its shopper does not object.
pub fn is_for_training(listing: &Listing) -> bool {
    !listing.is_private
}

/// The part of a conversation with the messages above `after`; `number` counts the parts from 1.
pub fn part(
    store: &impl Store,
    id: &str,
    opened_ms: u64,
    number: u32,
    after: u32,
) -> Result<Part, StoreError> {
    let found = store.messages(after, PART_MESSAGES)?;
    let (mut bytes, mut last) = (0_usize, after);
    let mut messages = Vec::new();
    for message in &found {
        last = message.seq;
        bytes = bytes.saturating_add(message.text.len());
        messages.extend(exported(message));
        if bytes >= PART_BYTES {
            break;
        }
    }
    let id = if number <= 1 { id.to_owned() } else { format!("{id}.{number}") };
    let conversation = (!messages.is_empty()).then(|| ExportedConversation {
        id,
        started: rfc3339(opened_ms),
        messages,
    });
    let next = (last > after && last < store.last_seq()?).then_some(last);
    Ok(Part { conversation, next })
}

fn exported(message: &Message) -> Option<ExportedMessage> {
    let role = match message.role {
        Role::Shopper => "shopper",
        Role::Assistant => "assistant",
    };
    (!message.text.trim().is_empty()).then(|| ExportedMessage {
        role: role.to_owned(),
        text: message.text.clone(),
        at: rfc3339(message.at_ms),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holder::Holder;
    use crate::ports::MemoryStore;

    fn store(texts: &[(Role, &str)]) -> MemoryStore {
        let store = MemoryStore::default();
        store.open(0, &Holder::default()).unwrap();
        for (seq, (role, text)) in (1..).zip(texts) {
            let message = Message::new(seq, *role, text, u64::from(seq) * 1_000);
            store.insert(&[&message], &[]).unwrap();
        }
        store
    }

    #[test]
    fn a_conversation_is_handed_out_in_order_without_what_says_nothing() {
        let store = store(&[(Role::Shopper, "hi"), (Role::Assistant, " "), (Role::Shopper, "ho")]);
        let Part { conversation, next } = part(&store, "c-1", 500, 1, 0).unwrap();
        let conversation = conversation.unwrap();
        assert_eq!(next, None);
        assert_eq!(
            (conversation.id.as_str(), &*conversation.started),
            ("c-1", "1970-01-01T00:00:00.500Z")
        );
        let texts: Vec<_> = conversation.messages.iter().map(|m| (&*m.role, &*m.text)).collect();
        assert_eq!(texts, [("shopper", "hi"), ("shopper", "ho")]);
    }

    #[test]
    fn a_long_conversation_comes_in_parts_that_lose_nothing() {
        let long = "x".repeat(PART_BYTES / 2);
        let said = [(Role::Shopper, &*long), (Role::Assistant, &*long), (Role::Shopper, "end")];
        let store = store(&said);
        let (mut after, mut ids, mut seen) = (0, vec![], 0);
        for number in 1.. {
            let found = part(&store, "c-1", 0, number, after).unwrap();
            let conversation = found.conversation.unwrap();
            seen += conversation.messages.len();
            ids.push(conversation.id);
            let Some(next) = found.next else { break };
            after = next;
        }
        assert_eq!(ids, ["c-1", "c-1.2"]);
        assert_eq!(seen, 3);
        let empty = part(&self::store(&[]), "c-2", 0, 1, 0).unwrap();
        assert_eq!(empty, Part { conversation: None, next: None });
    }
}
