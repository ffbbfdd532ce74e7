//! The messages that the worker has: merged with what is here by their sequence numbers.

use super::state::{Chat, Effect, EntryStatus, Flight};
use super::update::new_turn;
use crate::protocol::{EventId, History, MAX_REPLACED, Message, MessageStatus, Role};

impl Chat {
    /// Puts messages in their places among those that are here, and goes on with the last answer
    /// if it is not whole.
    pub(super) fn history_loaded(&mut self, history: History) {
        self.loading_history = false;
        let loaded = history.messages.last().map_or(history.last_seq, |message| message.seq);
        self.last_seq = self.last_seq.max(loaded);
        // What was edited here may be told from before the edit.
        let mut here = self.replaced.clone();
        here.extend(self.entries.iter().map(|entry| entry.message_id.clone()));
        let mut question = (String::new(), String::new());
        let mut last = None;
        for message in history.messages {
            if message.role == Role::Shopper {
                self.forget_replaced(&message.replaces);
                question = (message.message_id.clone(), message.text.clone());
            }
            let id = question.0.as_str();
            last = None;
            if here.iter().any(|known| known == id) {
                self.number(id, &message);
                continue;
            }
            if message.role == Role::Assistant && !id.is_empty() {
                self.unanswered.retain(|turn| turn.message_id != id);
                if message.status != MessageStatus::Complete {
                    self.unanswered.push(new_turn(id.to_owned(), question.1.clone()));
                }
                let bytes = u32::try_from(message.text.len()).unwrap_or_default();
                let read = EventId { epoch: message.epoch, bytes };
                last = Some((id.to_owned(), message.status, read));
            }
            self.insert_message(message, id);
        }
        if loaded < history.last_seq {
            self.fetch_history();
        } else if let Some((id, status, read)) = last {
            self.go_on(&id, status, read);
        }
    }

    fn number(&mut self, message_id: &str, message: &Message) {
        let is_it = |entry: &&mut super::Entry| {
            entry.message_id == message_id && entry.role == message.role
        };
        if let Some(entry) = self.entries.iter_mut().find(is_it) {
            entry.seq = message.seq;
        }
    }

    fn insert_message(&mut self, message: Message, message_id: &str) {
        let mut entry = self.new_entry(message.role, message_id);
        entry.seq = message.seq;
        entry.text = message.text;
        entry.status = message.status.into();
        entry.sources = message.sources;
        entry.products = message.products;
        entry.requested = message.requested;
        let is_before = |other: &super::Entry| other.seq != 0 && other.seq < entry.seq;
        let at = self.entries.iter().rposition(is_before).map_or(0, |at| at + 1);
        self.entries.insert(at, entry);
    }

    /// Messages that were edited in another tab.
    fn forget_replaced(&mut self, ids: &[String]) {
        if !ids.is_empty() {
            self.entries.retain(|entry| !ids.contains(&entry.message_id));
            self.unanswered.retain(|turn| !ids.contains(&turn.message_id));
        }
    }

    /// Reads on an answer that is being written, and asks again for one that nobody finished. The
    /// shopper who came back does not have to.
    fn go_on(&mut self, message_id: &str, status: MessageStatus, read: EventId) {
        if self.is_answering() || self.in_flight.is_some() || read.epoch == 0 {
            return;
        }
        match status {
            MessageStatus::Interrupted if self.may_ask_again(message_id) => {
                self.retried(message_id);
            }
            MessageStatus::Streaming => {
                let Some(conversation) = self.conversation.clone() else { return };
                let at = self.unanswered.iter().position(|turn| turn.message_id == message_id);
                let Some(at) = at else { return };
                let turn = self.unanswered.remove(at);
                self.in_flight = Some(Flight { turn, read, tries: 0 });
                if let Some(answer) = self.answer_mut(message_id) {
                    answer.status = EntryStatus::Streaming;
                }
                let message_id = message_id.to_owned();
                let resume =
                    Effect::ResumeTurn { conversation, message_id, after: read, delay_ms: 0 };
                self.effects.push(resume);
            }
            _ => {}
        }
    }

    /// Whether an interrupted turn may be sent again without the shopper: once.
    pub(super) fn may_ask_again(&mut self, message_id: &str) -> bool {
        let is_first = self.asked_again.iter().all(|id| id != message_id);
        if is_first {
            self.asked_again.push(message_id.to_owned());
        }
        is_first
    }

    /// Puts the shopper's last message back into the composer.
    pub(super) fn edit(&mut self) {
        let Some(question) = self.last_question() else { return };
        let (id, text) = (question.message_id.clone(), question.text.clone());
        self.editing = Some(id);
        self.put_draft(text);
    }

    /// Takes the message that the draft replaces out of the transcript and of everything that is on
    /// its way. Gives the ids that the new one is to replace at the worker.
    pub(super) fn take_back_edited(&mut self) -> Vec<String> {
        let edited = self.editing.take();
        let last = self.last_question().filter(|last| Some(&last.message_id) == edited.as_ref());
        let Some((id, has_arrived)) = last.map(|last| (last.message_id.clone(), last.seq != 0))
        else {
            return vec![];
        };
        let mut replaces = Vec::new();
        if let Some(pending) = self.pending.take_if(|pending| pending.message_id == id) {
            replaces = pending.replaces;
        }
        if let Some(flight) = self.in_flight.take_if(|flight| flight.turn.message_id == id) {
            self.close_connection(&id);
            replaces = flight.turn.replaces;
        }
        for turns in [&mut self.outbox, &mut self.unanswered] {
            while let Some(at) = turns.iter().position(|turn| turn.message_id == id) {
                replaces = turns.remove(at).replaces;
            }
        }
        // Of an edit that may not have arrived, what it was to replace may still be there.
        if has_arrived {
            replaces.clear();
        }
        replaces.push(id.clone());
        self.replaced.push(id.clone());
        if replaces.len() > MAX_REPLACED {
            // The first is the one that is there for certain.
            replaces.remove(1);
        }
        self.entries.retain(|entry| entry.message_id != id);
        // What waited behind it need not wait for the engine.
        self.pump();
        replaces
    }
}

impl From<MessageStatus> for EntryStatus {
    /// An answer that the history shows as streaming is not read here, unless it is gone on with.
    fn from(status: MessageStatus) -> Self {
        match status {
            MessageStatus::Complete => Self::Complete,
            MessageStatus::Streaming | MessageStatus::Cancelled | MessageStatus::Interrupted => {
                Self::Cancelled
            }
            MessageStatus::Failed => Self::Failed,
        }
    }
}
