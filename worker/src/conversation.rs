//! The messages of one conversation: what a turn adds to them, and how they are read.

use aisle_core::answer::{Answer, Question, compose, ground};
use aisle_core::index::Index;
use aisle_core::protocol::{
    ErrorCode, ErrorDetail, History, LocalAnswer, MAX_REPLACED, Message, MessageStatus,
    ProductCard, Role, TurnRequest, is_intent_name,
};
use aisle_core::redact::{Redacted, proof, redact};
use aisle_core::words::ENGLISH;
use thiserror::Error;

use crate::ports::{Store, StoreError};
use crate::routing::unknown_conversation;
use crate::shops::Shop;

/// Messages in one reply of the history.
const HISTORY_PAGE: u32 = 1_000;
/// Earlier messages that a turn is given; the last are told to a model, the rest summarised.
const EARLIER: u32 = 64;
/// Products of a local answer that are kept.
const MAX_LOCAL_PRODUCTS: usize = 12;

/// Why something cannot be done with a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConversationError {
    /// What was asked for is refused.
    #[error("{}", .0.message)]
    Refused(ErrorDetail),
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ConversationError> for ErrorDetail {
    fn from(error: ConversationError) -> Self {
        match error {
            ConversationError::Refused(detail) => detail,
            // What exactly the storage says is for the log, not for the network.
            ConversationError::Store(_) => {
                Self::new(ErrorCode::Internal, "the conversation's storage failed")
            }
        }
    }
}

/// A turn that may be answered, once it is written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Begun {
    /// The shopper's message.
    pub question: Message,
    /// Its answer, as far as there is one.
    pub answer: Message,
    /// Messages before the question, oldest first.
    pub earlier: Vec<Message>,
    unwritten: Unwritten,
}

/// What is not on disk yet.
#[derive(Clone, Debug, PartialEq)]
enum Unwritten {
    /// Both messages, which take the place of those with these numbers.
    Both {
        removed: Vec<u32>,
    },
    /// The answer, which is begun anew.
    Answer,
    Nothing,
}

impl Begun {
    /// Writes the turn down, the whole of it or nothing.
    pub fn write(&self, store: &impl Store) -> Result<(), StoreError> {
        match &self.unwritten {
            Unwritten::Both { removed } => store.insert(&[&self.question, &self.answer], removed),
            Unwritten::Answer => store.update(&self.answer),
            Unwritten::Nothing => Ok(()),
        }
    }

    /// Whether the answer was whole before this turn came (again).
    pub fn is_answered(&self) -> bool {
        self.answer.status == MessageStatus::Complete
    }

    /// Makes the answer a whole one that was given already.
    pub(crate) fn keep(&mut self, answer: Answer) {
        self.answer.status = MessageStatus::Complete;
        self.answer.text = answer.text;
        self.answer.sources = answer.sources;
        self.answer.products = answer.products;
        self.answer.answered = answer.found_nothing.then_some(false);
    }
}

/// The turn with marks in place of personal data, as it may be kept and given to a model. The chat
/// does the same on the device; a client that did not is not trusted with it. An e-mail address
/// beside the number of an order becomes the turn's proof of whose the order is.
pub fn without_personal_data(turn: TurnRequest) -> TurnRequest {
    let Redacted { text, found } = redact(&turn.text);
    if found.is_empty() {
        return turn;
    }
    let email = turn.email.or_else(|| proof(&turn.text, &text, &found));
    // The vector was made of what is to be forgotten.
    TurnRequest { text, vector: vec![], email, ..turn }
}

/// The turn without what the page knows, for a shopper who objects to its use.
pub fn without_page(turn: TurnRequest) -> TurnRequest {
    TurnRequest { page: None, cart: vec![], ..turn }
}

/// What a turn adds; nothing is written yet. A message that is there already, by its id, is not
/// added again: its answer is begun anew unless it is whole. One that was edited takes the place of
/// the last message, which is removed with its answer, and refused should it only arrive later.
///
/// The caller sees to it that no other answer of the conversation is being written.
pub fn begin(
    store: &impl Store,
    turn: &TurnRequest,
    now_ms: u64,
) -> Result<Begun, ConversationError> {
    if !store.is_open()? {
        return Err(ConversationError::Refused(unknown_conversation()));
    }
    if let Some(question) = store.find(&turn.message_id)? {
        return again(store, turn, question);
    }
    if store.is_replaced(&turn.message_id)? {
        return Err(malformed("this message was edited: another took its place"));
    }
    let last = store.last_seq()?;
    let mut removed = Vec::new();
    let mut replaces = Vec::new();
    for id in &turn.replaces {
        match store.find(id)? {
            Some(old) if old.seq.saturating_add(1) == last => {
                removed.extend([old.seq, last]);
                // For a tab that has not heard of the former edit yet.
                replaces.extend(old.replaces);
            }
            // Something was said after it: both stay, rather than that words are lost.
            Some(_) => continue,
            None => {}
        }
        replaces.push(id.clone());
    }
    replaces.dedup();
    let surplus = replaces.len().saturating_sub(MAX_REPLACED);
    replaces.drain(..surplus);
    let question = Message {
        message_id: turn.message_id.clone(),
        replaces,
        intent: turn.intent.clone().filter(|intent| is_intent_name(intent)),
        ..Message::new(last.saturating_add(1), Role::Shopper, &turn.text, now_ms)
    };
    let answer = Message {
        status: MessageStatus::Streaming,
        epoch: 1,
        ..Message::new(last.saturating_add(2), Role::Assistant, "", now_ms)
    };
    let mut earlier = store.messages_before(question.seq, EARLIER)?;
    earlier.retain(|message| !removed.contains(&message.seq));
    Ok(Begun { question, answer, earlier, unwritten: Unwritten::Both { removed } })
}

fn again(
    store: &impl Store,
    turn: &TurnRequest,
    question: Message,
) -> Result<Begun, ConversationError> {
    check_same_text(&question, turn)?;
    // The two are inserted together, so a question without an answer is damage.
    let Some(mut answer) = store.get(question.seq.saturating_add(1))? else {
        return Err(StoreError("a question has no answer beside it".to_owned()).into());
    };
    let is_whole = answer.status == MessageStatus::Complete;
    if !is_whole {
        answer.status = MessageStatus::Streaming;
        answer.epoch = answer.epoch.saturating_add(1);
        answer.text.clear();
        answer.sources.clear();
        answer.products.clear();
        answer.requested.clear();
        answer.answered = None;
    }
    let earlier = store.messages_before(question.seq, EARLIER)?;
    let unwritten = if is_whole { Unwritten::Nothing } else { Unwritten::Answer };
    Ok(Begun { question, answer, earlier, unwritten })
}

/// An id is one message: with another text it is refused.
pub(crate) fn check_same_text(
    question: &Message,
    turn: &TurnRequest,
) -> Result<(), ConversationError> {
    if question.text == turn.text {
        Ok(())
    } else {
        Err(malformed("this message_id was used for another text"))
    }
}

fn malformed(message: &str) -> ConversationError {
    ConversationError::Refused(ErrorDetail::new(ErrorCode::MalformedRequest, message))
}

/// Messages above a sequence number.
pub fn history(store: &impl Store, after: u32) -> Result<History, ConversationError> {
    if !store.is_open()? {
        return Err(ConversationError::Refused(unknown_conversation()));
    }
    Ok(History { messages: store.messages(after, HISTORY_PAGE)?, last_seq: store.last_seq()? })
}

/// The question of a turn, for retrieval.
pub fn question(turn: &TurnRequest) -> Question<'_> {
    Question { text: &turn.text, vector: &turn.vector, intent: turn.intent.as_deref() }
}

/// What the widget has shown on the device, from this worker's own index. What the index does not
/// have any more is answered anew.
pub fn local_answer(shop: &Shop, index: &Index, turn: &TurnRequest, local: &LocalAnswer) -> Answer {
    let section = local.section.and_then(|section| index.section_answer(section));
    let products: Vec<ProductCard> = local
        .skus
        .iter()
        .take(MAX_LOCAL_PRODUCTS)
        .filter_map(|sku| index.card(index.product_by_sku(sku)?))
        .collect();
    match section {
        Some(section) => {
            let sources = vec![section.source];
            Answer { text: section.text, sources, products, found_nothing: false }
        }
        None if !products.is_empty() => {
            // The panel's words, which are English.
            let text = ENGLISH.found.to_owned();
            Answer { text, sources: vec![], products, found_nothing: false }
        }
        None => {
            let question = question(turn);
            compose(shop.words(), &shop.name, &question, &ground(index, &question))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holder::Holder;
    use crate::ports::MemoryStore;
    use aisle_core::protocol::PROTOCOL_VERSION;

    fn turn(id: &str, text: &str) -> TurnRequest {
        TurnRequest {
            v: PROTOCOL_VERSION,
            message_id: id.into(),
            text: text.into(),
            ..TurnRequest::default()
        }
    }

    fn written(
        store: &MemoryStore,
        turn: &TurnRequest,
        now_ms: u64,
    ) -> Result<Begun, ConversationError> {
        let begun = begin(store, turn, now_ms)?;
        begun.write(store)?;
        Ok(begun)
    }

    fn open_store() -> MemoryStore {
        let store = MemoryStore::default();
        store.open(0, &Holder::default()).unwrap();
        store
    }

    #[test]
    fn a_conversation_that_was_never_opened_is_unknown() {
        let store = MemoryStore::default();
        let code = |error: ConversationError| ErrorDetail::from(error).code;
        assert_eq!(
            written(&store, &turn("m1", "hi"), 1).map_err(code),
            Err(ErrorCode::UnknownConversation)
        );
        assert_eq!(history(&store, 0).map_err(code), Err(ErrorCode::UnknownConversation));
        assert_eq!(store.last_seq(), Ok(0));
    }

    #[test]
    fn turns_are_numbered_without_gaps_and_read_by_number() {
        let store = open_store();
        let first = written(&store, &turn("m1", "hi"), 5).unwrap();
        assert_eq!((first.question.seq, first.answer.seq, first.earlier.len()), (1, 2, 0));
        let second = written(&store, &turn("m2", "more"), 6).unwrap();
        assert_eq!((second.question.seq, second.answer.seq, second.earlier.len()), (3, 4, 2));
        let seqs = |after| {
            let found = history(&store, after).unwrap();
            assert_eq!(found.last_seq, 4);
            found.messages.iter().map(|m| m.seq).collect::<Vec<_>>()
        };
        assert_eq!(seqs(0), [1, 2, 3, 4]);
        assert_eq!(seqs(2), [3, 4]);
        assert_eq!(seqs(9), [0; 0]);
    }

    #[test]
    fn the_intent_is_kept_where_it_can_be_one() {
        for (intent, is_kept) in [
            ("size_fit", true),
            ("", false),
            ("Ann, 12 Mill Lane", false),
            (&"a".repeat(32), true),
            (&"a".repeat(33), false),
        ] {
            let store = open_store();
            let asked = TurnRequest { intent: Some(intent.into()), ..turn("m1", "hi") };
            written(&store, &asked, 5).unwrap();
            let kept = store.get(1).unwrap().unwrap().intent;
            assert_eq!(kept.as_deref(), is_kept.then_some(intent), "{intent}");
        }
    }

    #[test]
    fn a_message_that_comes_again_is_not_added_again() {
        let store = open_store();
        let mut first = written(&store, &turn("m1", "hi"), 5).unwrap();
        first.answer.text = "half".into();
        first.answer.status = MessageStatus::Interrupted;
        store.update(&first.answer).unwrap();
        let again = written(&store, &turn("m1", "hi"), 9).unwrap();
        assert!(!again.is_answered());
        assert_eq!((again.answer.seq, again.answer.text.as_str()), (2, ""));
        assert_eq!((first.answer.epoch, again.answer.epoch), (1, 2));
        assert_eq!(again.answer.status, MessageStatus::Streaming);

        let whole = Message { status: MessageStatus::Complete, text: "x".into(), ..again.answer };
        store.update(&whole).unwrap();
        let third = written(&store, &turn("m1", "hi"), 9).unwrap();
        assert!(third.is_answered());
        assert_eq!(third.answer, whole);
        assert_eq!(store.last_seq(), Ok(2));

        let other = written(&store, &turn("m1", "another text"), 9).map_err(ErrorDetail::from);
        assert_eq!(other.map_err(|e| e.code), Err(ErrorCode::MalformedRequest));
    }

    fn edit(id: &str, text: &str, replaces: &str) -> TurnRequest {
        TurnRequest { replaces: vec![replaces.into()], ..turn(id, text) }
    }

    fn refusal(error: ConversationError) -> ErrorCode {
        ErrorDetail::from(error).code
    }

    #[test]
    fn an_edited_message_takes_the_place_of_the_last_one() {
        let store = open_store();
        written(&store, &turn("m1", "hi"), 1).unwrap();
        written(&store, &turn("m2", "where is my odrer"), 2).unwrap();
        let edited = edit("m3", "where is my order", "m2");
        let begun = written(&store, &edited, 3).unwrap();
        assert_eq!((begun.question.seq, begun.answer.seq), (5, 6));
        assert_eq!(begun.earlier.iter().map(|m| m.seq).collect::<Vec<_>>(), [1, 2]);
        let kept = history(&store, 0).unwrap();
        let seqs: Vec<_> = kept.messages.iter().map(|m| m.seq).collect();
        assert_eq!((seqs, kept.last_seq), (vec![1, 2, 5, 6], 6));
        assert_eq!(kept.messages[2].replaces, ["m2"]);

        // Sent again it is the same edit; what it replaced does not come back, however late.
        assert_eq!(written(&store, &edited, 4).unwrap().question.seq, 5);
        let late = written(&store, &turn("m2", "where is my odrer"), 5).map_err(refusal);
        assert_eq!(late, Err(ErrorCode::MalformedRequest));

        // An edit of an edit removes that one, and both stay gone.
        let second = written(&store, &edit("m4", "where is it", "m3"), 6).unwrap();
        assert_eq!(second.question.replaces, ["m2", "m3"]);
        for (id, text) in [("m2", "where is my odrer"), ("m3", "where is my order")] {
            assert!(written(&store, &turn(id, text), 7).is_err(), "{id}");
        }
        assert_eq!(history(&store, 2).unwrap().messages.len(), 2);
    }

    #[test]
    fn an_edit_that_may_have_arrived_is_replaced_with_what_it_replaced() {
        let twice = || TurnRequest {
            replaces: vec!["m1".into(), "m2".into()],
            ..turn("m3", "where is my order")
        };
        for first_arrived in [true, false] {
            let store = open_store();
            written(&store, &turn("m1", "wheres my odrer"), 1).unwrap();
            let first = edit("m2", "where is my odrer", "m1");
            if first_arrived {
                written(&store, &first, 2).unwrap();
            }
            written(&store, &twice(), 3).unwrap();
            let left = history(&store, 0).unwrap().messages;
            assert_eq!((left.len(), left[0].message_id.as_str()), (2, "m3"));
            assert!(written(&store, &first, 4).is_err(), "it comes too late");
        }
    }

    #[test]
    fn only_the_last_message_is_edited() {
        let store = open_store();
        written(&store, &turn("m1", "hi"), 1).unwrap();
        written(&store, &turn("m2", "more"), 2).unwrap();
        let late = written(&store, &edit("m3", "hello", "m1"), 3).unwrap();
        assert_eq!((late.question.seq, late.earlier.len()), (5, 4));
        assert!(late.question.replaces.is_empty());
        assert!(written(&store, &turn("m1", "hi"), 3).is_ok(), "it is still there");

        // The edit may be faster than what it replaces.
        written(&store, &edit("m5", "hello", "m4"), 4).unwrap();
        assert_eq!(store.last_seq(), Ok(8));
        let late = written(&store, &turn("m4", "helo"), 5).map_err(refusal);
        assert_eq!(late, Err(ErrorCode::MalformedRequest));
    }

    #[test]
    fn personal_data_is_neither_kept_nor_compared() {
        let sent = "my card 4111 1111 1111 1111 was charged twice for order 536365";
        let turn = TurnRequest { vector: vec![1, 2], ..turn("m1", sent) };
        let kept = without_personal_data(turn.clone());
        assert_eq!(kept.text, "my card [card number] was charged twice for order 536365");
        assert!(kept.vector.is_empty());
        assert_eq!(without_personal_data(kept.clone()), kept);
        let store = open_store();
        written(&store, &kept, 1).unwrap();
        assert!(written(&store, &without_personal_data(turn), 2).is_ok());
        let clean = TurnRequest { text: "where is order 536365".into(), ..kept };
        assert_eq!(without_personal_data(clean.clone()), clean);
    }

    #[test]
    fn a_failing_disk_says_nothing_of_itself_to_the_network() {
        let store = open_store();
        store.fail();
        let error = written(&store, &turn("m1", "hi"), 5).unwrap_err();
        assert!(error.to_string().contains("disk full"));
        let detail = ErrorDetail::from(error);
        assert_eq!(detail.code, ErrorCode::Internal);
        assert!(!detail.message.contains("disk full"));
    }
}
