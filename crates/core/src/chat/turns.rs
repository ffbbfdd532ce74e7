//! Turns on their way to the worker: one at a time, in order, none lost.

use super::reading::{keep_known, unread};
use super::state::{Chat, Effect, Entry, EntryStatus, Flight, Notice, RESUME_AFTER_MS, TurnError};
use crate::protocol::{
    ErrorCode, EventId, LocalAnswer, MessageStatus, Role, StreamEvent, TurnRequest,
};

impl Chat {
    pub(super) fn push_question(&mut self, text: &str, message_id: &str) {
        let entry = self.push_entry(Role::Shopper, message_id);
        text.clone_into(&mut entry.text);
        entry.status = EntryStatus::Complete;
        self.clear_notice(Notice::ConversationDeleted);
    }

    /// Adds an answer that was made on the device, to be filled in by the caller.
    pub(super) fn push_answer(&mut self, message_id: &str) -> &mut Entry {
        let entry = self.push_entry(Role::Assistant, message_id);
        entry.status = EntryStatus::Complete;
        entry.local = true;
        entry
    }

    fn push_entry(&mut self, role: Role, message_id: &str) -> &mut Entry {
        let entry = self.new_entry(role, message_id);
        self.entries.push_mut(entry)
    }

    pub(super) fn new_entry(&mut self, role: Role, message_id: &str) -> Entry {
        let key = self.next_key;
        self.next_key = self.next_key.wrapping_add(1);
        Entry {
            key,
            message_id: message_id.to_owned(),
            role,
            text: String::new(),
            status: EntryStatus::Waiting,
            sources: vec![],
            products: vec![],
            requested: vec![],
            local: false,
            seq: 0,
        }
    }

    /// Leaves a turn that was answered on the device with the worker.
    pub(super) fn keep_local(&mut self, turn: TurnRequest, local: LocalAnswer) {
        self.answer_ended(&turn.message_id);
        self.outbox.push(TurnRequest { local: Some(local), ..turn });
        self.pump();
    }

    pub(super) fn ask_worker(&mut self, turn: TurnRequest) {
        self.push_entry(Role::Assistant, &turn.message_id);
        self.outbox.push(turn);
        self.pump();
    }

    fn answer_ended(&mut self, message_id: &str) {
        self.effects.push(Effect::AnswerEnded { message_id: message_id.to_owned() });
    }

    /// A turn that may be sent again closes its connection with its last frame: the end of the old
    /// one would count as the end of the new one.
    pub(super) fn close_connection(&mut self, message_id: &str) {
        self.effects.push(Effect::AbortTurn { message_id: message_id.to_owned() });
    }

    /// Starts the next turn if none is running.
    pub(super) fn pump(&mut self) {
        if self.in_flight.is_some() || self.is_deleting() || self.outbox.is_empty() {
            return;
        }
        let Some(conversation) = self.conversation.clone() else {
            if !std::mem::replace(&mut self.creating, true) {
                self.effects.push(Effect::CreateConversation);
            }
            return;
        };
        let turn = self.outbox.remove(0);
        let read = EventId::default();
        self.in_flight = Some(Flight { turn: turn.clone(), read, tries: 0 });
        self.effects.push(Effect::PostTurn { conversation, turn });
    }

    pub(super) fn conversation_created(&mut self, id: String) {
        if !std::mem::take(&mut self.creating) {
            return;
        }
        self.conversation = Some(id.clone());
        self.effects.push(Effect::RememberConversation(id));
        self.pump();
    }

    /// Questions fail visibly; turns that only want to be kept stay for a later try.
    pub(super) fn conversation_failed(&mut self, error: &TurnError) {
        if !std::mem::take(&mut self.creating) {
            return;
        }
        self.note_refusal(error);
        let (kept, failed): (Vec<_>, Vec<_>) =
            self.outbox.drain(..).partition(|turn| turn.local.is_some());
        self.outbox.extend(kept);
        failed.into_iter().for_each(|turn| self.give_up(turn));
    }

    pub(super) fn streamed(&mut self, message_id: &str, id: Option<EventId>, event: StreamEvent) {
        let flight = self.in_flight.as_mut().filter(|flight| flight.turn.message_id == message_id);
        let Some(flight) = flight else { return };
        let is_question = flight.turn.local.is_none();
        let answer = answer_of(&mut self.entries, message_id).filter(|_| is_question);
        match event {
            StreamEvent::Accepted { message_seq, answer_seq } => {
                if let Some(answer) = answer {
                    answer.status = EntryStatus::Streaming;
                    keep_known(&mut answer.text, flight.read, id);
                }
                flight.read = id.unwrap_or_default();
                self.reopened = false;
                self.clear_notice(Notice::NotServed);
                self.arrived(message_id, message_seq, answer_seq);
            }
            StreamEvent::Delta { text } => {
                let Some(answer) = answer else { return };
                let Some(id) = id else {
                    answer.text.push_str(&text);
                    return;
                };
                let Some(unread) = unread(&text, flight.read, id) else {
                    self.close_connection(message_id);
                    return self.turn_ended(message_id, None);
                };
                if !unread.is_empty() {
                    answer.text.push_str(unread);
                    flight.read = id;
                    flight.tries = 0;
                }
            }
            StreamEvent::Sources { sources } => {
                if let Some(answer) = answer {
                    answer.sources = sources;
                }
            }
            StreamEvent::Products { products } => {
                if let Some(answer) = answer {
                    answer.products = products;
                }
            }
            StreamEvent::Requested { requested } => {
                if let Some(answer) = answer {
                    answer.requested = requested;
                }
            }
            StreamEvent::Done { status } => {
                if let Some(answer) = answer {
                    answer.status = status.into();
                }
                let Some(flight) = self.in_flight.take().filter(|_| is_question) else {
                    return self.pump();
                };
                if status != MessageStatus::Complete {
                    self.unanswered.push(flight.turn);
                    self.close_connection(message_id);
                    if status == MessageStatus::Interrupted && self.may_ask_again(message_id) {
                        return self.retried(message_id);
                    }
                }
                self.answer_ended(message_id);
                self.pump();
            }
            StreamEvent::Failed { error } => {
                self.close_connection(message_id);
                self.turn_ended(message_id, Some(TurnError::Refused(error)));
            }
        }
    }

    pub(super) fn turn_ended(&mut self, message_id: &str, error: Option<TurnError>) {
        // Without a last frame even a connection that ended by itself was cut short.
        let error = error.unwrap_or(TurnError::Network);
        if let Some(resume) = self.resume(message_id, &error) {
            return self.effects.push(resume);
        }
        let flight = self.in_flight.take_if(|flight| flight.turn.message_id == message_id);
        let Some(Flight { turn, .. }) = flight else { return };
        let is_unknown = matches!(
            &error,
            TurnError::Refused(detail) if detail.code == ErrorCode::UnknownConversation
        );
        if is_unknown {
            self.forget_conversation();
            if !std::mem::replace(&mut self.reopened, true) {
                self.outbox.insert(0, turn);
                return self.pump();
            }
        }
        self.note_refusal(&error);
        if turn.local.is_none() {
            self.give_up(turn);
            return self.pump();
        }
        let is_final = matches!(&error, TurnError::Refused(detail) if !detail.retryable);
        if is_final && !is_unknown {
            return self.pump();
        }
        // Kept for the next time that the shopper sends something, opens the panel or is online
        // again. A question that waits behind it must not wait for that.
        let question = self
            .outbox
            .iter()
            .position(|turn| turn.local.is_none())
            .map(|at| self.outbox.remove(at));
        self.outbox.insert(0, turn);
        if let Some(question) = question {
            self.outbox.insert(0, question);
            self.pump();
        }
    }

    /// Goes on with an answer that was begun, as long as that may help.
    fn resume(&mut self, message_id: &str, error: &TurnError) -> Option<Effect> {
        let is_final = matches!(error, TurnError::Refused(detail) if !detail.retryable);
        let conversation = self.conversation.clone()?;
        let flight = self.in_flight.as_mut().filter(|flight| {
            flight.turn.message_id == message_id && flight.turn.local.is_none() && !is_final
        })?;
        let (message_id, after) = (message_id.to_owned(), flight.read);
        let delay_ms = *RESUME_AFTER_MS.get(flight.tries).filter(|_| after.epoch > 0)?;
        flight.tries += 1;
        Some(Effect::ResumeTurn { conversation, message_id, after, delay_ms })
    }

    /// Notes that the worker has a turn, and asks for what it has before and is not here.
    fn arrived(&mut self, message_id: &str, message_seq: u32, answer_seq: u32) {
        for entry in self.entries.iter_mut().filter(|entry| entry.message_id == message_id) {
            entry.seq = if entry.role == Role::Shopper { message_seq } else { answer_seq };
        }
        if message_seq <= self.last_seq.saturating_add(1) {
            self.last_seq = self.last_seq.max(answer_seq);
        } else if !self.loading_history {
            self.fetch_history();
        }
    }

    /// Shows a question as failed and keeps it for a retry.
    fn give_up(&mut self, turn: TurnRequest) {
        self.end_answer(&turn.message_id, EntryStatus::Failed);
        self.answer_ended(&turn.message_id);
        self.unanswered.push(turn);
    }

    pub(super) fn stopped(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.push_entry(Role::Assistant, &pending.message_id);
            self.outbox.push(pending.into_turn());
        }
        let (kept, cancelled): (Vec<_>, Vec<_>) =
            self.outbox.drain(..).partition(|turn| turn.local.is_some());
        self.outbox.extend(kept);
        let running = self.in_flight.take_if(|flight| flight.turn.local.is_none());
        let running = running.map(|flight| flight.turn);
        if let (Some(turn), Some(conversation)) = (&running, self.conversation.clone()) {
            self.close_connection(&turn.message_id);
            let message_id = turn.message_id.clone();
            self.effects.push(Effect::StopTurn { conversation, message_id });
        }
        for turn in running.into_iter().chain(cancelled) {
            self.end_answer(&turn.message_id, EntryStatus::Cancelled);
            self.unanswered.push(turn);
        }
        self.pump();
    }

    pub(super) fn retried(&mut self, message_id: &str) {
        let Some(at) = self.unanswered.iter().position(|turn| turn.message_id == message_id) else {
            return;
        };
        let turn = self.unanswered.remove(at);
        if let Some(answer) = self.answer_mut(message_id) {
            answer.status = EntryStatus::Waiting;
            answer.text.clear();
            answer.sources.clear();
            answer.products.clear();
            answer.requested.clear();
        }
        self.clear_notice(Notice::NotServed);
        self.clear_notice(Notice::MessageTooLong);
        // The shopper's own wish is worth another try.
        self.reopened = false;
        self.outbox.push(turn);
        self.pump();
    }

    pub(super) fn answer_mut(&mut self, message_id: &str) -> Option<&mut Entry> {
        answer_of(&mut self.entries, message_id)
    }

    fn end_answer(&mut self, message_id: &str, status: EntryStatus) {
        if let Some(answer) = self.answer_mut(message_id) {
            answer.status = status;
        }
    }

    fn note_refusal(&mut self, error: &TurnError) {
        if let TurnError::Refused(detail) = error {
            self.notice = match detail.code {
                ErrorCode::UnknownShop | ErrorCode::OriginNotAllowed => Some(Notice::NotServed),
                ErrorCode::MessageTooLong => Some(Notice::MessageTooLong),
                _ => self.notice,
            };
        }
    }
}

fn answer_of<'a>(entries: &'a mut [Entry], message_id: &str) -> Option<&'a mut Entry> {
    entries
        .iter_mut()
        .rev()
        .find(|entry| entry.role == Role::Assistant && entry.message_id == message_id)
}
