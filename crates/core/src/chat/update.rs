//! The transition function.

use super::state::{
    CardPlace, CartState, Chat, Effect, EngineState, Event, HistoryError, Notice, PendingMessage,
    UNDERSTAND_DEADLINE_MS,
};
use crate::protocol::{
    LocalAnswer, MAX_MESSAGE_CHARS, PROTOCOL_VERSION, SectionAnswer, Suggestion, TurnRequest,
    Understanding,
};
use crate::redact::{Redacted, proof, redact};
use crate::route::{Route, likely_intent, route};
use crate::words::ENGLISH;

impl Chat {
    /// Takes in what happened and returns what is to be done, in order.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        self.take_in(event);
        std::mem::take(&mut self.effects)
    }

    fn take_in(&mut self, event: Event) {
        match event {
            // What is to be deleted is not added to.
            Event::Picked { .. }
            | Event::Submitted { .. }
            | Event::Retried { .. }
            | Event::Edited
                if self.deletion.is_some() => {}
            Event::Opened { conversation } => self.opened(conversation),
            Event::Closed => self.closed(),
            Event::Escaped if self.deletion.is_some() => self.deletion_cancelled(),
            Event::Escaped if self.suggestions.is_empty() => self.closed(),
            Event::Escaped => self.clear_suggestions(),
            Event::EngineSearching => self.engine_started(EngineState::Searching),
            Event::EngineReady => self.engine_started(EngineState::Ready),
            Event::EngineFailed => {
                self.engine = EngineState::Absent;
                self.clear_suggestions();
                self.pending_to_edge();
            }
            Event::Typed(draft) => {
                self.draft = draft;
                if self.draft.is_empty() {
                    self.editing = None;
                }
                self.highlighted = None;
                self.note_length();
                self.suggest();
            }
            Event::Suggested { seq, items } => {
                if seq == self.suggest_seq {
                    self.highlighted = None;
                    self.suggestions = items;
                }
            }
            Event::Recommended { seq, items } => {
                if seq == self.recommend_seq {
                    self.recommendations = items;
                }
            }
            Event::HighlightMoved(lines) => self.move_highlight(lines),
            Event::Picked { index, message_id } => self.pick(index, message_id),
            Event::Submitted { message_id } => match self.highlighted {
                Some(index) => self.pick(index, message_id),
                None => self.send_draft(message_id),
            },
            Event::Understood { seq, understanding } => self.understood(seq, understanding),
            Event::DeadlinePassed { seq } => {
                if self.pending.as_ref().is_some_and(|pending| pending.seq == seq) {
                    self.pending_to_edge();
                }
            }
            Event::ConversationCreated(id) => self.conversation_created(id),
            Event::ConversationFailed(error) => self.conversation_failed(&error),
            Event::Streamed { message_id, id, event } => self.streamed(&message_id, id, event),
            Event::TurnEnded { message_id, error } => self.turn_ended(&message_id, error),
            Event::Stopped => self.stopped(),
            Event::Retried { message_id } => self.retried(&message_id),
            Event::HistoryLoaded { conversation, history } => {
                if self.awaits_history_of(&conversation) {
                    self.history_loaded(history);
                }
            }
            Event::HistoryFailed { conversation, error } => {
                if self.awaits_history_of(&conversation) {
                    self.history_failed(error);
                }
            }
            Event::Edited => self.edit(),
            Event::DeletionWanted => self.deletion_wanted(),
            Event::DeletionCancelled => self.deletion_cancelled(),
            Event::DeletionConfirmed => self.deletion_confirmed(),
            Event::DeletionEnded { is_deleted } => self.deletion_ended(is_deleted),
            Event::Returned => self.returned(),
            Event::Reconnected => {
                self.refetch_history();
                self.pump();
            }
            Event::AddToCart(addition) => {
                let (place, sku) = (addition.place, addition.product.sku.clone());
                if self.cart_state(place, &sku) != Some(&CartState::Adding) {
                    self.set_cart_state(place, sku, CartState::Adding);
                    self.effects.push(Effect::AddToCart(addition));
                }
            }
            Event::CartAdded { place, sku } => self.set_cart_state(place, sku, CartState::Added),
            Event::CartFailed { place, sku, reason } => {
                self.set_cart_state(place, sku, CartState::Failed(reason));
            }
        }
    }

    fn opened(&mut self, remembered: Option<String>) {
        self.open = true;
        if self.engine == EngineState::Idle {
            self.engine = EngineState::Loading;
            self.effects.push(Effect::LoadEngine);
        }
        if self.conversation.is_none() && !self.creating {
            self.conversation = remembered;
            self.fetch_history();
        } else {
            self.refetch_history();
        }
        self.suggest();
        self.recommend();
        self.effects.push(Effect::FocusComposer);
        self.pump();
    }

    pub(super) fn refetch_history(&mut self) {
        if self.history_missing {
            self.fetch_history();
        }
    }

    /// Another tab may have gone on with the conversation meanwhile.
    fn returned(&mut self) {
        if self.open && !self.loading_history && self.in_flight.is_none() {
            self.fetch_history();
        }
    }

    pub(super) fn fetch_history(&mut self) {
        let conversation = self.conversation.clone().filter(|_| !self.is_deleting());
        let Some(conversation) = conversation else { return };
        self.loading_history = true;
        self.history_missing = false;
        self.clear_notice(Notice::HistoryUnavailable);
        self.effects.push(Effect::FetchHistory { conversation, after: self.last_seq });
    }

    /// False for a conversation that was given up while its messages were on their way.
    fn awaits_history_of(&self, conversation: &str) -> bool {
        self.loading_history && self.conversation.as_deref() == Some(conversation)
    }

    fn history_failed(&mut self, error: HistoryError) {
        self.loading_history = false;
        match error {
            HistoryError::UnknownConversation => self.forget_conversation(),
            HistoryError::Unavailable => {
                self.history_missing = true;
                self.notice = self.notice.or(Some(Notice::HistoryUnavailable));
            }
        }
    }

    /// The worker does not know the conversation, so there is nothing to load of it either.
    pub(super) fn forget_conversation(&mut self) {
        self.conversation = None;
        self.last_seq = 0;
        self.entries.iter_mut().for_each(|entry| entry.seq = 0);
        self.loading_history = false;
        self.history_missing = false;
        self.clear_notice(Notice::HistoryUnavailable);
        self.effects.push(Effect::ForgetConversation);
    }

    /// Takes a notice back. The one about the earlier messages stands behind every other.
    pub(super) fn clear_notice(&mut self, notice: Notice) {
        if self.notice == Some(notice) {
            self.notice = self.history_missing.then_some(Notice::HistoryUnavailable);
        }
    }

    fn closed(&mut self) {
        self.open = false;
        self.deletion = self.deletion.filter(|_| self.is_deleting());
        self.clear_suggestions();
        self.effects.push(Effect::FocusLauncher);
    }

    /// What was typed before is asked for now. With the models the list gets better, so it is asked
    /// for again, unless the shopper has put it away or is about to choose from it.
    fn engine_started(&mut self, state: EngineState) {
        let is_first = !self.can_search();
        self.engine = state;
        if is_first {
            self.suggest();
            self.recommend();
        } else if self.is_suggesting && self.highlighted.is_none() {
            self.suggest();
        }
    }

    fn can_search(&self) -> bool {
        matches!(self.engine, EngineState::Searching | EngineState::Ready)
    }

    /// Drops the list, and with it every reply that is still on its way.
    pub(super) fn clear_suggestions(&mut self) {
        self.suggest_seq = self.next_seq();
        self.is_suggesting = false;
        self.suggestions.clear();
        self.highlighted = None;
    }

    pub(super) fn next_seq(&mut self) -> u32 {
        self.seq = self.seq.wrapping_add(1);
        self.seq
    }

    fn suggest(&mut self) {
        if self.draft.trim().is_empty() || self.draft_is_too_long() {
            self.clear_suggestions();
        } else if self.can_search() {
            self.suggest_seq = self.next_seq();
            self.is_suggesting = true;
            let (seq, text) = (self.suggest_seq, self.draft.clone());
            self.effects.push(Effect::Suggest { seq, text });
        }
    }

    /// Before anything is said, the shop shows what the shopper may want.
    pub(super) fn recommend(&mut self) {
        let is_untouched = self.entries.is_empty() && self.draft.trim().is_empty();
        if self.open && self.can_search() && is_untouched {
            self.recommend_seq = self.recommend_seq.wrapping_add(1);
            self.effects.push(Effect::Recommend { seq: self.recommend_seq });
        }
    }

    fn note_length(&mut self) {
        if self.draft_is_too_long() {
            self.notice = Some(Notice::MessageTooLong);
        } else {
            self.clear_notice(Notice::MessageTooLong);
        }
    }

    fn draft_is_too_long(&self) -> bool {
        is_too_long(self.draft.trim())
    }

    /// Moves through the lines and the composer itself, which is the place before the first line.
    fn move_highlight(&mut self, lines: i32) {
        let places = i64::try_from(self.suggestions.len()).unwrap_or(0) + 1;
        let at = self.highlighted.map_or(0, |i| i64::try_from(i).unwrap_or(0) + 1);
        let to = (at + i64::from(lines)).rem_euclid(places);
        self.highlighted = usize::try_from(to - 1).ok();
    }

    /// Puts a text into the composer for the shopper to go on with.
    pub(super) fn put_draft(&mut self, text: String) {
        self.draft = text;
        self.highlighted = None;
        self.note_length();
        self.suggest();
        self.effects.push(Effect::FocusComposer);
    }

    fn pick(&mut self, index: usize, message_id: String) {
        match self.suggestions.get(index).cloned() {
            None => {}
            Some(Suggestion::Product(product)) => self.navigate(product.url),
            Some(Suggestion::Action(action)) => self.navigate(action.url),
            Some(Suggestion::Completion { text }) => self.put_draft(text),
            Some(Suggestion::Answer(answer)) => {
                // A message that is still with the engine goes first, so that the order is kept.
                self.pending_to_edge();
                let question = answer.source.title.clone();
                self.editing = None;
                self.draft.clear();
                self.clear_suggestions();
                self.push_question(&question, &message_id);
                self.answer_with_section(new_turn(message_id, question), answer);
                self.effects.push(Effect::FocusComposer);
            }
        }
    }

    fn navigate(&mut self, url: String) {
        self.effects.push(Effect::Navigate { url });
    }

    fn send_draft(&mut self, message_id: String) {
        if self.draft.trim().is_empty() {
            return;
        }
        let Redacted { text, found } = redact(self.draft.trim());
        let email = proof(self.draft.trim(), &text, &found);
        // A mark may be longer than what it stands for.
        if self.draft_is_too_long() || is_too_long(&text) {
            self.notice = Some(Notice::MessageTooLong);
            return;
        }
        if found.is_empty() {
            self.clear_notice(Notice::PersonalDataRemoved);
        } else {
            self.notice = Some(Notice::PersonalDataRemoved);
        }
        let replaces = self.take_back_edited();
        // A message that is still with the engine goes first, so that the order is kept.
        self.pending_to_edge();
        self.draft.clear();
        self.clear_suggestions();
        self.push_question(&text, &message_id);
        let seq = self.next_seq();
        self.pending =
            Some(PendingMessage { seq, message_id, text: text.clone(), replaces, email });
        if self.engine == EngineState::Ready {
            self.effects.push(Effect::Understand { seq, text });
            self.effects.push(Effect::Deadline { seq, after_ms: UNDERSTAND_DEADLINE_MS });
        } else {
            self.pending_to_edge();
        }
    }

    fn understood(&mut self, seq: u32, understanding: Understanding) {
        let Some(pending) = self.pending.take_if(|pending| pending.seq == seq) else { return };
        let route = match &pending.email {
            None => route(&pending.text, &understanding),
            // Whoever proves an order asks about it, whatever the engine makes of that.
            Some(_) => Route::Edge,
        };
        let intent = likely_intent(&understanding).map(str::to_owned);
        let turn = TurnRequest { vector: understanding.vector, intent, ..pending.into_turn() };
        match (route, understanding.answer) {
            (Route::LocalSection, Some(answer)) => self.answer_with_section(turn, answer),
            (Route::LocalProducts, _) => {
                let products = understanding.products;
                let skus = products.iter().map(|p| p.sku.clone()).collect();
                let entry = self.push_answer(&turn.message_id);
                entry.text = ENGLISH.found.to_owned();
                entry.products = products;
                self.keep_local(turn, LocalAnswer { section: None, skus });
            }
            _ => self.ask_worker(turn),
        }
    }

    fn answer_with_section(&mut self, turn: TurnRequest, answer: SectionAnswer) {
        let section = Some(answer.source.section);
        let entry = self.push_answer(&turn.message_id);
        entry.text = answer.text;
        entry.sources = vec![answer.source];
        self.keep_local(turn, LocalAnswer { section, skus: vec![] });
    }

    fn set_cart_state(&mut self, place: CardPlace, sku: String, state: CartState) {
        self.cart.retain(|(at, of, _)| *at != place || *of != sku);
        self.cart.push((place, sku, state));
    }

    /// Sends the message that is with the engine to the worker instead.
    fn pending_to_edge(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.ask_worker(pending.into_turn());
        }
    }
}

impl PendingMessage {
    pub(super) fn into_turn(self) -> TurnRequest {
        let Self { message_id, text, replaces, email, .. } = self;
        TurnRequest { replaces, email, ..new_turn(message_id, text) }
    }
}

fn is_too_long(text: &str) -> bool {
    text.chars().nth(MAX_MESSAGE_CHARS).is_some()
}

/// A turn that asks the worker, without anything from the engine.
pub(super) fn new_turn(message_id: String, text: String) -> TurnRequest {
    TurnRequest { v: PROTOCOL_VERSION, message_id, text, ..TurnRequest::default() }
}
