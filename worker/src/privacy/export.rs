//! A conversation as it is handed out.

use aisle_core::date::rfc3339;
use aisle_core::protocol::{ExportedConversation, ExportedMessage, Message, MessageStatus, Role};
use serde::{Deserialize, Serialize};

use crate::directory::Listing;
use crate::ports::{Store, StoreError};

/// Most messages that are looked at for one part.
const PART_MESSAGES: u32 = 1_000;
/// The text of a part, in bytes; the message that goes beyond it is the part's last. A line of the
/// export stays below the 4 MiB that `aisle import chats` reads, whatever JSON escapes.
const PART_BYTES: usize = 512 * 1024;
/// Messages after a part's last that tell of it: its answer, and what the shopper says to that.
const LOOK_AHEAD: u32 = 2;
/// The intent of a shopper who is content.
const THANKS: &str = "closing";

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
    let found = store.messages(after, PART_MESSAGES.saturating_add(LOOK_AHEAD))?;
    let (mut bytes, mut last) = (0_usize, after);
    let mut messages = Vec::new();
    let mut rest = found.as_slice();
    for _ in 0..PART_MESSAGES {
        let [message, later @ ..] = rest else { break };
        rest = later;
        last = message.seq;
        bytes = bytes.saturating_add(message.text.len());
        messages.extend(exported(message, later));
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

/// A message, with those after it.
fn exported(message: &Message, later: &[Message]) -> Option<ExportedMessage> {
    if message.text.trim().is_empty() {
        return None;
    }
    let said = ExportedMessage {
        text: message.text.clone(),
        at: rfc3339(message.at_ms),
        ..ExportedMessage::default()
    };
    Some(match message.role {
        Role::Shopper => ExportedMessage {
            role: "shopper".to_owned(),
            intent: message.intent.clone(),
            intent_by: message.intent.as_ref().map(|_| "model".to_owned()),
            answered: answered(later),
            ..said
        },
        Role::Assistant => ExportedMessage { role: "assistant".to_owned(), ..said },
    })
}

/// Whether a shopper's message got what it asked for, by those after it: not where its answer says
/// so; it did where the answer shows something of the shop and the shopper says thanks to it.
fn answered(later: &[Message]) -> Option<bool> {
    let [answer, rest @ ..] = later else { return None };
    if answer.role != Role::Assistant || answer.answered.is_some() {
        return answer.answered;
    }
    let shows = !answer.sources.is_empty() || !answer.products.is_empty();
    let thanks = rest.first().is_some_and(|next| next.intent.as_deref() == Some(THANKS));
    (answer.status == MessageStatus::Complete && shows && thanks).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holder::Holder;
    use crate::ports::MemoryStore;
    use aisle_core::protocol::Source;

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

    /// What the export says of the first message of a conversation.
    fn of_first(said: &[Message]) -> ExportedMessage {
        let store = MemoryStore::default();
        store.open(0, &Holder::default()).unwrap();
        store.insert(&said.iter().collect::<Vec<_>>(), &[]).unwrap();
        let found = part(&store, "c-1", 0, 1, 0).unwrap().conversation.unwrap();
        found.messages.into_iter().next().unwrap()
    }

    #[test]
    fn what_was_meant_and_whether_it_was_answered_is_handed_out() {
        let asked = |seq, intent: Option<&str>| Message {
            intent: intent.map(str::to_owned),
            ..Message::new(seq, Role::Shopper, "does it run small?", 0)
        };
        let question = || asked(1, Some("size_fit"));
        let answer = |answered, status| Message {
            answered,
            status,
            sources: vec![Source { section: 0, title: "Sizes".into(), url: "/sizes".into() }],
            ..Message::new(2, Role::Assistant, "Take one size up.", 0)
        };
        let whole = || answer(None, MessageStatus::Complete);
        let bare = Message { sources: vec![], ..whole() };
        let thanks = || asked(3, Some("closing"));
        for (said, expected) in [
            (vec![question()], None),
            (vec![question(), whole()], None),
            (vec![question(), whole(), asked(3, Some("size_fit"))], None),
            (vec![question(), whole(), asked(3, None)], None),
            (vec![question(), whole(), thanks()], Some(true)),
            (vec![question(), bare, thanks()], None),
            (vec![question(), answer(None, MessageStatus::Cancelled), thanks()], None),
            (vec![question(), answer(Some(false), MessageStatus::Complete), thanks()], Some(false)),
            (vec![question(), answer(Some(false), MessageStatus::Failed)], Some(false)),
        ] {
            let found = of_first(&said);
            assert_eq!(found.answered, expected, "{said:?}");
            assert_eq!(found.intent.as_deref(), Some("size_fit"));
            assert_eq!(found.intent_by.as_deref(), Some("model"));
        }
        let unknown = of_first(&[asked(1, None), whole()]);
        assert_eq!((unknown.intent, unknown.intent_by, unknown.answered), (None, None, None));
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
