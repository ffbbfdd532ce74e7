//! The shopper deletes the conversation: asked once more, then at the worker, then here. Until the
//! worker has done it everything stays, so that a failure loses nothing and can be tried again.

use super::state::{Chat, Effect, Notice};

/// How far the deletion of the conversation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// The shopper is asked whether it is meant.
    Asked,
    /// The worker is at it; nothing is sent meanwhile.
    Running,
    /// It failed; another try may help.
    Failed,
}

impl Chat {
    /// Whether there is something to delete.
    pub fn can_delete(&self) -> bool {
        self.conversation.is_some() || !self.entries.is_empty()
    }

    pub(super) fn deletion_wanted(&mut self) {
        if !self.can_delete() || self.deletion.is_some() {
            return;
        }
        self.deletion = Some(Deletion::Asked);
        self.clear_suggestions();
        self.effects.push(Effect::FocusDeletion);
    }

    pub(super) fn deletion_cancelled(&mut self) {
        if !self.awaits_decision() {
            return;
        }
        self.deletion = None;
        self.effects.push(Effect::FocusDeleteButton);
    }

    pub(super) fn deletion_confirmed(&mut self) {
        if !self.awaits_decision() {
            return;
        }
        // Before the answers are stopped, so that nothing that waits behind them is sent.
        self.deletion = Some(Deletion::Running);
        self.stopped();
        // What is being loaded is asked for again should the deletion fail.
        self.history_missing |= std::mem::take(&mut self.loading_history);
        if let Some(flight) = self.in_flight.take() {
            self.close_connection(&flight.turn.message_id);
            self.outbox.insert(0, flight.turn);
        }
        match self.conversation.clone() {
            Some(conversation) => self.effects.push(Effect::DeleteConversation { conversation }),
            None => self.deleted(),
        }
    }

    pub(super) fn deletion_ended(&mut self, is_deleted: bool) {
        if !self.is_deleting() {
            return;
        }
        if is_deleted {
            return self.deleted();
        }
        self.deletion = Some(Deletion::Failed);
        self.refetch_history();
        self.pump();
    }

    /// Whether the shopper may still decide either way.
    fn awaits_decision(&self) -> bool {
        matches!(self.deletion, Some(Deletion::Asked | Deletion::Failed))
    }

    pub(super) fn is_deleting(&self) -> bool {
        self.deletion == Some(Deletion::Running)
    }

    /// Begins anew, as a shopper who never said anything.
    fn deleted(&mut self) {
        *self = Self {
            open: self.open,
            draft: std::mem::take(&mut self.draft),
            recommendations: std::mem::take(&mut self.recommendations),
            engine: self.engine,
            notice: Some(Notice::ConversationDeleted),
            // What is still on its way must find none of these numbers again.
            next_key: self.next_key,
            seq: self.seq,
            suggest_seq: self.suggest_seq,
            recommend_seq: self.recommend_seq,
            effects: std::mem::take(&mut self.effects),
            ..Self::default()
        };
        self.effects.push(Effect::ForgetEverything);
        self.recommend();
        self.effects.push(Effect::FocusComposer);
    }
}
