//! Turns on their way to the worker: one at a time, in order, none lost.

use super::state::{Chat, Effect, Entry, EntryStatus, Notice, TurnError};
use super::update::new_turn;
use crate::protocol::{
    ErrorCode, History, LocalAnswer, Message, MessageStatus, Role, StreamEvent, TurnRequest,
};

impl Chat {
    pub(super) fn push_question(&mut self, text: &str, message_id: &str) {
        let entry = self.push_entry(Role::Shopper, message_id);
        text.clone_into(&mut entry.text);
        entry.status = EntryStatus::Complete;
    }

    /// Adds an answer that was made on the device, to be filled in by the caller.
    pub(super) fn push_answer(&mut self, message_id: &str) -> &mut Entry {
        let entry = self.push_entry(Role::Assistant, message_id);
        entry.status = EntryStatus::Complete;
        entry.local = true;
        entry
    }

    fn push_entry(&mut self, role: Role, message_id: &str) -> &mut Entry {
        let key = self.next_key;
        self.next_key = self.next_key.wrapping_add(1);
        self.entries.push_mut(Entry {
            key,
            message_id: message_id.to_owned(),
            role,
            text: String::new(),
            status: EntryStatus::Waiting,
            sources: vec![],
            products: vec![],
            local: false,
        })
    }

    /// Leaves a turn that was answered on the device with the worker.
    pub(super) fn keep_local(&mut self, turn: TurnRequest, local: LocalAnswer) -> Vec<Effect> {
        let mut effects = vec![Effect::AnswerEnded { message_id: turn.message_id.clone() }];
        self.outbox.push(TurnRequest { local: Some(local), ..turn });
        effects.extend(self.pump());
        effects
    }

    pub(super) fn ask_worker(&mut self, turn: TurnRequest) -> Vec<Effect> {
        self.push_entry(Role::Assistant, &turn.message_id);
        self.outbox.push(turn);
        self.pump()
    }

    /// Starts the next turn if none is running.
    pub(super) fn pump(&mut self) -> Vec<Effect> {
        if self.in_flight.is_some() || self.outbox.is_empty() {
            return vec![];
        }
        let Some(conversation) = self.conversation.clone() else {
            if std::mem::replace(&mut self.creating, true) {
                return vec![];
            }
            return vec![Effect::CreateConversation];
        };
        let turn = self.outbox.remove(0);
        self.in_flight = Some(turn.clone());
        vec![Effect::PostTurn { conversation, turn }]
    }

    pub(super) fn conversation_created(&mut self, id: String) -> Vec<Effect> {
        if !std::mem::take(&mut self.creating) {
            return vec![];
        }
        self.conversation = Some(id.clone());
        let mut effects = vec![Effect::RememberConversation(id)];
        effects.extend(self.pump());
        effects
    }

    /// Questions fail visibly; turns that only want to be kept stay for a later try.
    pub(super) fn conversation_failed(&mut self, error: &TurnError) -> Vec<Effect> {
        if !std::mem::take(&mut self.creating) {
            return vec![];
        }
        self.note_refusal(error);
        let (kept, failed): (Vec<_>, Vec<_>) =
            self.outbox.drain(..).partition(|turn| turn.local.is_some());
        self.outbox.extend(kept);
        failed.into_iter().map(|turn| self.give_up(turn)).collect()
    }

    pub(super) fn streamed(&mut self, message_id: &str, event: StreamEvent) -> Vec<Effect> {
        if self.in_flight.as_ref().is_none_or(|turn| turn.message_id != message_id) {
            return vec![];
        }
        let is_question = self.in_flight.as_ref().is_some_and(|turn| turn.local.is_none());
        let answer = self.answer_mut(message_id).filter(|_| is_question);
        match event {
            StreamEvent::Accepted { .. } => {
                if let Some(answer) = answer {
                    answer.status = EntryStatus::Streaming;
                    answer.text.clear();
                }
                self.reopened = false;
                self.clear_notice(Notice::NotServed);
                vec![]
            }
            StreamEvent::Delta { text } => {
                if let Some(answer) = answer {
                    answer.text.push_str(&text);
                }
                vec![]
            }
            StreamEvent::Sources { sources } => {
                if let Some(answer) = answer {
                    answer.sources = sources;
                }
                vec![]
            }
            StreamEvent::Products { products } => {
                if let Some(answer) = answer {
                    answer.products = products;
                }
                vec![]
            }
            StreamEvent::Done { status } => {
                if let Some(answer) = answer {
                    answer.status = status.into();
                }
                let mut effects = Vec::new();
                if let Some(turn) = self.in_flight.take().filter(|_| is_question) {
                    effects.push(Effect::AnswerEnded { message_id: message_id.to_owned() });
                    if status != MessageStatus::Complete {
                        self.unanswered.push(turn);
                        effects.push(close_connection(message_id));
                    }
                }
                effects.extend(self.pump());
                effects
            }
            StreamEvent::Failed { error } => {
                let mut effects = vec![close_connection(message_id)];
                effects.extend(self.turn_ended(message_id, Some(TurnError::Refused(error))));
                effects
            }
        }
    }

    pub(super) fn turn_ended(&mut self, message_id: &str, error: Option<TurnError>) -> Vec<Effect> {
        let Some(turn) = self.in_flight.take_if(|turn| turn.message_id == message_id) else {
            return vec![];
        };
        // Without a last frame even a connection that ended by itself was cut short.
        let error = error.unwrap_or(TurnError::Network);
        let mut effects = Vec::new();
        let is_unknown = matches!(
            &error,
            TurnError::Refused(detail) if detail.code == ErrorCode::UnknownConversation
        );
        if is_unknown {
            effects.push(self.forget_conversation());
            if !std::mem::replace(&mut self.reopened, true) {
                self.outbox.insert(0, turn);
                effects.extend(self.pump());
                return effects;
            }
        }
        self.note_refusal(&error);
        if turn.local.is_none() {
            effects.push(self.give_up(turn));
            effects.extend(self.pump());
            return effects;
        }
        let is_final = matches!(&error, TurnError::Refused(detail) if !detail.retryable);
        if is_final && !is_unknown {
            effects.extend(self.pump());
            return effects;
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
            effects.extend(self.pump());
        }
        effects
    }

    /// Shows a question as failed and keeps it for a retry.
    fn give_up(&mut self, turn: TurnRequest) -> Effect {
        let message_id = turn.message_id.clone();
        self.end_answer(&message_id, EntryStatus::Failed);
        self.unanswered.push(turn);
        Effect::AnswerEnded { message_id }
    }

    pub(super) fn stopped(&mut self) -> Vec<Effect> {
        if let Some(pending) = self.pending.take() {
            self.push_entry(Role::Assistant, &pending.message_id);
            self.outbox.push(new_turn(pending.message_id, pending.text));
        }
        let (kept, cancelled): (Vec<_>, Vec<_>) =
            self.outbox.drain(..).partition(|turn| turn.local.is_some());
        self.outbox.extend(kept);
        let running = self.in_flight.take_if(|turn| turn.local.is_none());
        let mut effects: Vec<Effect> = running
            .iter()
            .map(|turn| Effect::AbortTurn { message_id: turn.message_id.clone() })
            .collect();
        for turn in running.into_iter().chain(cancelled) {
            self.end_answer(&turn.message_id, EntryStatus::Cancelled);
            self.unanswered.push(turn);
        }
        effects.extend(self.pump());
        effects
    }

    pub(super) fn retried(&mut self, message_id: &str) -> Vec<Effect> {
        let Some(at) = self.unanswered.iter().position(|turn| turn.message_id == message_id) else {
            return vec![];
        };
        let turn = self.unanswered.remove(at);
        if let Some(answer) = self.answer_mut(message_id) {
            answer.status = EntryStatus::Waiting;
            answer.text.clear();
            answer.sources.clear();
            answer.products.clear();
        }
        self.clear_notice(Notice::NotServed);
        self.clear_notice(Notice::MessageTooLong);
        // The shopper's own wish is worth another try.
        self.reopened = false;
        self.outbox.push(turn);
        self.pump()
    }

    /// Puts the earlier messages before what this page view has added.
    pub(super) fn history_loaded(&mut self, history: History) {
        self.loading_history = false;
        let recent = std::mem::take(&mut self.entries);
        let mut question: Option<(String, String)> = None;
        for message in history.messages {
            if message.role == Role::Shopper {
                question = Some((message.message_id.clone(), message.text.clone()));
            }
            let message_id = question.as_ref().map_or("", |(id, _)| id.as_str()).to_owned();
            if recent.iter().any(|entry| entry.message_id == message_id) {
                continue;
            }
            if message.role == Role::Assistant
                && let Some((id, text)) = &question
            {
                self.unanswered.retain(|turn| turn.message_id != *id);
                if message.status != MessageStatus::Complete {
                    self.unanswered.push(new_turn(id.clone(), text.clone()));
                }
            }
            self.push_message(message, &message_id);
        }
        self.entries.extend(recent);
    }

    fn push_message(&mut self, message: Message, message_id: &str) {
        let entry = self.push_entry(message.role, message_id);
        entry.text = message.text;
        entry.status = message.status.into();
        entry.sources = message.sources;
        entry.products = message.products;
    }

    fn answer_mut(&mut self, message_id: &str) -> Option<&mut Entry> {
        self.entries
            .iter_mut()
            .rev()
            .find(|entry| entry.role == Role::Assistant && entry.message_id == message_id)
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

/// A turn that may be sent again closes its connection with its last frame: the end of the old one
/// would count as the end of the new one.
fn close_connection(message_id: &str) -> Effect {
    Effect::AbortTurn { message_id: message_id.to_owned() }
}

impl From<MessageStatus> for EntryStatus {
    /// An answer that the history shows as streaming belongs to a page view that is gone.
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
