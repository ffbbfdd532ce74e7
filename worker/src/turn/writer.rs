//! The writer of an answer: a task of its own, which no reader holds up. What was written is kept,
//! whatever happens.

use std::cell::Cell;
use std::collections::VecDeque;
use std::pin::pin;
use std::rc::Rc;

use aisle_core::answer::{Answer, chunks};
use aisle_core::protocol::{ErrorCode, ErrorDetail, Message, MessageStatus, StreamEvent};
use futures_util::future::{Either, select};
use futures_util::stream::StreamExt;

use super::log::{Log, beside, end};
use super::silence::Silence;
use super::watch::{Happening, Watch};
use super::{Material, Pieces};
use crate::agent::{Beside, Item};
use crate::ports::{Clock, ModelError, Store};

/// How long an answer that nobody reads is still written, in milliseconds. A reader's leaving is
/// noticed by its second heartbeat at the latest: with both it is less than half a second from
/// leaving to the end of the request to the model.
const GRACE_MS: u32 = 80;
/// The longest silence of the model, in milliseconds.
const MAX_SILENCE_MS: u32 = 20_000;
/// Words of a composed answer that are written at a time, and the pause after it in milliseconds.
/// Text that is there at once pushes what the shopper reads out of view; 60 words take a fifth of
/// a second.
const WORDS_AT_A_TIME: usize = 3;
const PAUSE_MS: u32 = 10;
/// The part of an answer that a crash may lose, in bytes.
const UNSAVED_BYTES: usize = 600;
/// The longest answer of a model that is passed on, in bytes.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// Where the text comes from.
enum Text {
    /// Words that are there already.
    Words(VecDeque<String>),
    /// A model that writes.
    Model(Pieces),
}

/// Why the text is at its end.
enum End {
    Whole,
    Failed(ModelError),
    GivenUp(MessageStatus),
}

/// An answer on its way.
pub(super) struct Writer<S: Store, C: Clock> {
    store: S,
    clock: C,
    log: Log,
    answer: Message,
    text: Text,
    /// Whether more text costs money.
    is_paid: Rc<Cell<bool>>,
    /// What is said where the model says nothing.
    grounded: Answer,
    /// What belongs to the text.
    beside: Beside,
    /// Whether the model looked for more than the shop's documents gave it.
    has_looked: bool,
    saved_bytes: usize,
    /// When it was begun, in milliseconds since the Unix epoch.
    begun_ms: u64,
    watch: Watch,
}

impl<S: Store, C: Clock + Clone> Writer<S, C> {
    pub(super) fn new(
        store: S,
        clock: C,
        log: Log,
        answer: Message,
        material: Material,
        watch: Watch,
    ) -> Self {
        let Material { mut grounded, model } = material;
        let is_paid = Rc::new(Cell::new(model.is_some()));
        let (text, beside) = match model {
            Some(model) => (Text::Model(model), Beside::default()),
            None => (words(&grounded.text), of_documents(&mut grounded)),
        };
        (watch.count)(Happening::Begun);
        Self {
            begun_ms: clock.now_ms(),
            store,
            clock,
            log,
            answer,
            text,
            is_paid,
            grounded,
            beside,
            has_looked: false,
            saved_bytes: 0,
            watch,
        }
    }

    /// Writes to the end, or until the answer is stopped, or costs money and nobody reads it.
    pub(super) async fn run(mut self) {
        let given_up = given_up(self.log.clone(), self.clock.clone(), self.is_paid.clone());
        let end = match select(pin!(given_up), pin!(self.write())).await {
            Either::Left((status, _)) => End::GivenUp(status),
            Either::Right((end, _)) => end,
        };
        // Dropped now: it must not be paid for any longer.
        self.text = Text::Words(VecDeque::new());
        match end {
            End::Whole => self.finish().await,
            End::Failed(error) => {
                (self.watch.report)(&error.to_string());
                self.close(MessageStatus::Failed);
            }
            End::GivenUp(status) => self.close(status),
        }
    }

    async fn write(&mut self) -> End {
        let mut silence = Silence::of(MAX_SILENCE_MS, self.clock.clone());
        loop {
            match &mut self.text {
                Text::Words(words) => {
                    let text: String = words.drain(..words.len().min(WORDS_AT_A_TIME)).collect();
                    if text.is_empty() {
                        return End::Whole;
                    }
                    if !self.answer.text.is_empty() {
                        self.clock.sleep(PAUSE_MS).await;
                    }
                    self.append(&text);
                }
                Text::Model(pieces) => {
                    let came = match select(pieces.next(), pin!(silence.lasted())).await {
                        Either::Left((came, _)) => came,
                        Either::Right(_) => Some(Err(ModelError::Silent)),
                    };
                    silence.heard();
                    let error = match came {
                        Some(Ok(item)) => {
                            match item {
                                Item::Text(text) => self.append(&text),
                                Item::Beside(beside) => self.beside = beside,
                                Item::Step => self.has_looked = true,
                                Item::Usage(_) => {}
                            }
                            if self.answer.text.len() <= MAX_ANSWER_BYTES {
                                continue;
                            }
                            ModelError::Protocol("an endless answer".to_owned())
                        }
                        Some(Err(error)) => error,
                        None if self.answer.text.is_empty() => {
                            ModelError::Protocol("an empty answer".to_owned())
                        }
                        None => return End::Whole,
                    };
                    // Before its first word a model that fails is replaced; after it, it cannot be.
                    if !self.answer.text.is_empty() {
                        return End::Failed(error);
                    }
                    (self.watch.report)(&error.to_string());
                    self.beside = of_documents(&mut self.grounded);
                    self.has_looked = false;
                    self.text = words(&self.grounded.text);
                    self.is_paid.set(false);
                }
            }
        }
    }

    fn append(&mut self, text: &str) {
        // Blanks before the first word are none: a model that says nothing else has said nothing.
        let is_first = self.answer.text.is_empty();
        let text = if is_first { text.trim_start() } else { text };
        if text.is_empty() {
            return;
        }
        if is_first {
            let after_ms = self.clock.now_ms().saturating_sub(self.begun_ms);
            (self.watch.count)(Happening::Spoke { after_ms });
        }
        self.answer.text.push_str(text);
        self.log.append(text);
        if self.answer.text.len() >= self.saved_bytes + UNSAVED_BYTES {
            self.saved_bytes = self.answer.text.len();
            self.save();
        }
    }

    /// The answer is whole; that it is said only once it is on disk.
    async fn finish(&mut self) {
        self.answer.status = MessageStatus::Complete;
        self.answer.answered = self.is_empty_handed().then_some(false);
        let Beside { sources, products, requested } = std::mem::take(&mut self.beside);
        self.answer.sources = sources;
        self.answer.products = products;
        self.answer.requested = requested;
        let saved = match self.store.update(&self.answer) {
            Ok(()) => self.store.synced().await,
            Err(error) => Err(error),
        };
        match saved {
            Ok(()) => {
                beside(&self.answer).into_iter().for_each(|event| self.log.say(event));
                self.log.end(end(MessageStatus::Complete));
            }
            Err(error) => {
                (self.watch.report)(&error.to_string());
                self.answer.status = MessageStatus::Failed;
                let error = ErrorDetail::new(ErrorCode::Internal, "the answer could not be kept");
                self.log.end(StreamEvent::Failed { error });
            }
        }
    }
}

impl<S: Store, C: Clock> Writer<S, C> {
    /// Whether the answer rests on nothing: the shop has nothing on what was asked, and a model
    /// neither looked further nor found anything to cite, to show or to ask for.
    fn is_empty_handed(&self) -> bool {
        self.grounded.found_nothing && !self.has_looked && self.beside == Beside::default()
    }

    /// Ends an answer that is not whole.
    fn close(&mut self, status: MessageStatus) {
        self.answer.status = status;
        self.answer.answered = (status == MessageStatus::Failed).then_some(false);
        self.save();
        self.log.end(end(status));
    }

    fn save(&self) {
        if let Err(error) = self.store.update(&self.answer) {
            (self.watch.report)(&error.to_string());
        }
    }
}

impl<S: Store, C: Clock> Drop for Writer<S, C> {
    /// A writer that the runtime drops leaves what it has.
    fn drop(&mut self) {
        if self.answer.status == MessageStatus::Streaming {
            self.close(MessageStatus::Interrupted);
        }
        self.log.end(end(self.answer.status));
        (self.watch.count)(Happening::Ended(self.answer.status));
    }
}

/// Resolves when the answer was stopped, or when it is paid for and nobody has read it for a while.
async fn given_up<C: Clock>(log: Log, clock: C, is_paid: Rc<Cell<bool>>) -> MessageStatus {
    loop {
        let requests = log.requests();
        if log.is_stopped() {
            return MessageStatus::Cancelled;
        }
        let mut asked = pin!(log.asked_since(requests));
        if log.readers() == 0
            && let Either::Right(_) = select(asked.as_mut(), clock.sleep(GRACE_MS)).await
            && is_paid.get()
        {
            return MessageStatus::Interrupted;
        }
        asked.await;
    }
}

/// What belongs to the answer from the shop's documents.
fn of_documents(grounded: &mut Answer) -> Beside {
    Beside {
        sources: std::mem::take(&mut grounded.sources),
        products: std::mem::take(&mut grounded.products),
        requested: vec![],
    }
}

fn words(text: &str) -> Text {
    Text::Words(chunks(text).into_iter().map(str::to_owned).collect())
}
