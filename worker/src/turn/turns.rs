//! The turns of one conversation: one answer is written at a time, and everybody may read it.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

use aisle_core::answer::Answer;
use aisle_core::protocol::{
    ErrorCode, ErrorDetail, EventId, Message, MessageStatus, TurnRequest, TurnStopped,
};
use futures_util::future::{Either, LocalBoxFuture, select};

use super::Material;
use super::log::Log;
use super::reader::Reader;
use super::watch::Watch;
use super::writer::Writer;
use crate::conversation::{Begun, ConversationError, begin, check_same_text};
use crate::ports::{Clock, Store, StoreError};
use crate::routing::{unknown_conversation, unknown_turn};

/// How long a turn waits for the one before it to end, in milliseconds.
const WAIT_MS: u32 = 2_000;

/// What runs a task that outlives the request it came with.
pub type Spawn<'a> = &'a dyn Fn(LocalBoxFuture<'static, ()>);

/// The turns of one conversation.
pub struct Turns<S: Store, C: Clock> {
    store: S,
    clock: C,
    /// The answer that is being written, or was written last.
    latest: RefCell<Option<(Rc<str>, Log)>>,
    watch: Watch,
}

impl<S: Store + Clone + 'static, C: Clock + Clone + 'static> Turns<S, C> {
    /// The turns of the conversation in the store. Whoever was writing there before is gone.
    pub fn new(store: S, clock: C, watch: Watch) -> Self {
        let ended = store
            .is_open()
            .and_then(|is_open| if is_open { store.end_interrupted() } else { Ok(()) });
        if let Err(error) = ended {
            (watch.report)(&error.to_string());
        }
        Self { store, clock, latest: RefCell::default(), watch }
    }

    /// Takes in a turn and reads its answer. One that is there already is read from `after` on:
    /// it is joined while it is being written, said again when it is whole, and otherwise begun
    /// anew. `local` is the answer that the shopper has seen already, where there is one.
    pub async fn begin(
        &self,
        turn: &TurnRequest,
        after: Option<EventId>,
        local: impl FnOnce() -> Option<Answer>,
        material: impl FnOnce(&Begun) -> Material,
        spawn: Spawn<'_>,
    ) -> Result<Reader<C>, ConversationError> {
        if !self.store.is_open()? {
            return Err(ConversationError::Refused(unknown_conversation()));
        }
        if let Some(log) = self.free_for(turn).await? {
            return Ok(self.reader(log, after));
        }
        // Nothing waits from here on until the answer has its writer.
        let mut begun = begin(&self.store, turn, self.clock.now_ms())?;
        if !begun.is_answered()
            && let Some(answer) = local()
        {
            begun.keep(answer);
        }
        if begun.is_answered() {
            begun.write(&self.store)?;
            return Ok(self.reader(Log::kept(begun.question.seq, &begun.answer), after));
        }
        let material = material(&begun).asked().await;
        begun.write(&self.store)?;
        let log = Log::begin(begun.question.seq, &begun.answer);
        let id = turn.message_id.as_str().into();
        self.latest.replace(Some((id, log.clone())));
        // The reader enters before the writer looks for one.
        let reader = self.reader(log.clone(), after);
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let writer = Writer::new(store, clock, log, begun.answer, material, self.watch);
        spawn(Box::pin(writer.run()));
        Ok(reader)
    }

    /// Reads the answer to a turn from `after` on, without beginning anything.
    pub fn resume(
        &self,
        message_id: &str,
        after: Option<EventId>,
    ) -> Result<Reader<C>, ConversationError> {
        if let Some(log) = self.written_for(message_id) {
            return Ok(self.reader(log, after));
        }
        let (question, answer) = self.kept(message_id)?;
        Ok(self.reader(Log::kept(question.seq, &answer), after))
    }

    /// Stops the answer to a turn, and says how far it came. An answer that was interrupted counts
    /// as stopped, too: the shopper does not wait for it.
    pub async fn stop(&self, message_id: &str) -> Result<TurnStopped, ConversationError> {
        if let Some(log) = self.written_for(message_id) {
            log.stop();
            log.over().await;
        }
        let (_, mut answer) = self.kept(message_id)?;
        if answer.status == MessageStatus::Interrupted {
            answer.status = MessageStatus::Cancelled;
            self.store.update(&answer)?;
        }
        Ok(TurnStopped { status: answer.status })
    }

    /// Stops whatever is being written, and waits for its end.
    pub async fn quiet(&self) {
        let latest = self.latest.borrow().clone();
        if let Some((_, log)) = latest.filter(|(_, log)| !log.is_over()) {
            log.stop();
            log.over().await;
        }
    }

    /// Waits until no other answer is being written. Gives the turn's own if that one is.
    async fn free_for(&self, turn: &TurnRequest) -> Result<Option<Log>, ConversationError> {
        let mut patience = pin!(self.clock.sleep(WAIT_MS));
        loop {
            let latest = self.latest.borrow().clone();
            let Some((id, log)) = latest.filter(|(_, log)| !log.is_over()) else {
                return Ok(None);
            };
            if *id == *turn.message_id {
                let question = self.store.find(&turn.message_id)?;
                question.map_or(Ok(()), |question| check_same_text(&question, turn))?;
                return Ok(Some(log));
            }
            if turn.replaces.iter().any(|replaced| **replaced == *id) {
                log.stop();
            }
            if let Either::Right(_) = select(pin!(log.over()), patience.as_mut()).await {
                let message = "another answer of this conversation is being written";
                let busy = ErrorDetail::new(ErrorCode::Busy, message);
                return Err(ConversationError::Refused(busy));
            }
        }
    }

    /// The answer to this message, while it is being written.
    fn written_for(&self, message_id: &str) -> Option<Log> {
        let latest = self.latest.borrow();
        let (_, log) = latest.as_ref().filter(|(id, log)| **id == *message_id && !log.is_over())?;
        Some(log.clone())
    }

    /// A question and its answer as they are kept.
    fn kept(&self, message_id: &str) -> Result<(Message, Message), ConversationError> {
        if !self.store.is_open()? {
            return Err(ConversationError::Refused(unknown_conversation()));
        }
        let Some(question) = self.store.find(message_id)? else {
            return Err(ConversationError::Refused(unknown_turn()));
        };
        match self.store.get(question.seq.saturating_add(1))? {
            Some(answer) => Ok((question, answer)),
            None => Err(StoreError("a question has no answer beside it".to_owned()).into()),
        }
    }

    fn reader(&self, log: Log, after: Option<EventId>) -> Reader<C> {
        Reader::new(log, after, self.clock.clone(), self.watch)
    }
}
