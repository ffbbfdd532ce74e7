//! The answer to a turn as a stream of server-sent events: from the model, if there is one that
//! speaks, otherwise from the shop's documents alone. What was written is kept, whatever happens.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

use aisle_core::answer::{Answer, PromptMessage, chunks};
use aisle_core::protocol::{ErrorCode, ErrorDetail, MessageStatus, StreamEvent};
use aisle_core::sse::{HEARTBEAT, encode};
use aisle_core::truth::Facts;
use futures_util::future::{Either, ready, select};
use futures_util::stream::{LocalBoxStream, Stream, StreamExt, unfold};

use crate::checking::checked;
use crate::conversation::Begun;
use crate::ports::{Clock, Model, ModelError, ModelRequest, Piece, Store};

/// While the model is silent, something is sent this often, in milliseconds: only a write tells
/// that the shopper has left, and until then the model's tokens are paid for.
const HEARTBEAT_MS: u32 = 250;
/// The longest silence of the model, in milliseconds.
const MAX_SILENCE_MS: u64 = 20_000;
/// Words of a composed answer in one frame, and the pause after it in milliseconds. Text that is
/// there at once pushes what the shopper reads out of view; 60 words take a fifth of a second.
const WORDS_PER_FRAME: usize = 3;
const FRAME_PAUSE_MS: u32 = 10;
/// The part of an answer that a crash may lose, in bytes.
const UNSAVED_BYTES: usize = 600;
/// The most tokens that a model may write.
const MAX_ANSWER_TOKENS: u32 = 700;
/// The longest answer of a model that is passed on, in bytes.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// That an answer of a conversation is being written; at most one is.
#[derive(Debug)]
pub struct Writing(Rc<Cell<bool>>);

impl Writing {
    /// Takes the conversation's one place for a writer, if it is free.
    pub fn claim(place: &Rc<Cell<bool>>) -> Option<Self> {
        (!place.replace(true)).then(|| Self(place.clone()))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// Where the text comes from.
enum Text {
    /// Words that are there already.
    Words(VecDeque<String>),
    /// A model that writes.
    Model { pieces: LocalBoxStream<'static, Result<String, ModelError>>, heard_ms: u64 },
}

/// An answer on its way.
pub struct Answering<S: Store, C: Clock> {
    store: S,
    clock: C,
    begun: Begun,
    text: Text,
    /// What is said where the model says nothing, and the sources and products in any case.
    grounded: Answer,
    frames: u32,
    waiting: VecDeque<StreamEvent>,
    saved_bytes: usize,
    is_over: bool,
    /// Told what went wrong, for the log.
    report: fn(&str),
    _writing: Option<Writing>,
}

/// What an answer is made of.
pub struct Material {
    /// The answer from the shop's documents alone.
    pub grounded: Answer,
    /// What a model is asked, if there is one.
    pub prompt: Vec<PromptMessage>,
    /// What its answer is held against.
    pub facts: Facts,
}

impl<S: Store, C: Clock> Answering<S, C> {
    /// An answer by the model, or by the documents where there is none.
    pub fn new(
        store: S,
        clock: C,
        begun: Begun,
        material: Material,
        model: Option<&dyn Model>,
        writing: Writing,
        report: fn(&str),
    ) -> Self {
        let text = match model {
            Some(model) => {
                let heard_ms = clock.now_ms();
                let request = ModelRequest {
                    messages: material.prompt,
                    tools: Rc::new([]),
                    max_tokens: MAX_ANSWER_TOKENS,
                };
                Text::Model { pieces: checked(texts(model.ask(request)), material.facts), heard_ms }
            }
            None => words(&material.grounded.text),
        };
        Self::start(store, clock, begun, text, material.grounded, Some(writing), report)
    }

    /// An answer that is whole already: one that was given before.
    pub fn replay(store: S, clock: C, begun: Begun, report: fn(&str)) -> Self {
        let answer = &begun.answer;
        let grounded = Answer {
            text: answer.text.clone(),
            sources: answer.sources.clone(),
            products: answer.products.clone(),
        };
        let mut answering =
            Self::start(store, clock, begun, Text::Words(VecDeque::new()), grounded, None, report);
        let text = std::mem::take(&mut answering.grounded.text);
        answering.is_over = true;
        if !text.is_empty() {
            answering.waiting.push_back(StreamEvent::Delta { text });
        }
        answering.push_end(MessageStatus::Complete);
        answering
    }

    fn start(
        store: S,
        clock: C,
        begun: Begun,
        text: Text,
        grounded: Answer,
        writing: Option<Writing>,
        report: fn(&str),
    ) -> Self {
        let accepted =
            StreamEvent::Accepted { message_seq: begun.question.seq, answer_seq: begun.answer.seq };
        Self {
            store,
            clock,
            begun,
            text,
            grounded,
            frames: 0,
            waiting: VecDeque::from([accepted]),
            saved_bytes: 0,
            is_over: false,
            report,
            _writing: writing,
        }
    }

    /// The frames, as bytes. Dropping the stream before its end marks the answer as cancelled.
    pub fn into_stream(self) -> impl Stream<Item = Vec<u8>> + use<S, C> {
        unfold(self, |mut answering| async move {
            let bytes = answering.next().await?;
            Some((bytes, answering))
        })
    }

    async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(self.frame(&event));
            }
            if self.is_over {
                return None;
            }
            match &mut self.text {
                Text::Words(words) => {
                    let text: String = words.drain(..words.len().min(WORDS_PER_FRAME)).collect();
                    if text.is_empty() {
                        self.finish().await;
                    } else {
                        if !self.begun.answer.text.is_empty() {
                            self.clock.sleep(FRAME_PAUSE_MS).await;
                        }
                        self.append(text);
                    }
                }
                Text::Model { pieces, heard_ms } => {
                    let silence = self.clock.sleep(HEARTBEAT_MS);
                    match select(pieces.next(), silence).await {
                        Either::Left((Some(Ok(text)), _)) => {
                            *heard_ms = self.clock.now_ms();
                            self.append(text);
                        }
                        Either::Left((None, _)) if self.begun.answer.text.is_empty() => {
                            self.model_failed(&ModelError::Protocol("an empty answer".to_owned()));
                        }
                        Either::Left((None, _)) => self.finish().await,
                        Either::Left((Some(Err(error)), _)) => self.model_failed(&error),
                        Either::Right(_) => {
                            if self.clock.now_ms().saturating_sub(*heard_ms) < MAX_SILENCE_MS {
                                return Some(HEARTBEAT.as_bytes().to_vec());
                            }
                            self.model_failed(&ModelError::Silent);
                        }
                    }
                }
            }
        }
    }

    fn frame(&mut self, event: &StreamEvent) -> Vec<u8> {
        self.frames = self.frames.saturating_add(1);
        let data = serde_json::to_string(event).unwrap_or_default();
        encode(self.frames, event.name(), &data).into_bytes()
    }

    fn append(&mut self, text: String) {
        let answer = &mut self.begun.answer;
        answer.text.push_str(&text);
        self.waiting.push_back(StreamEvent::Delta { text });
        if answer.text.len() > MAX_ANSWER_BYTES {
            self.model_failed(&ModelError::Protocol("an endless answer".to_owned()));
        } else if answer.text.len() >= self.saved_bytes + UNSAVED_BYTES {
            self.saved_bytes = answer.text.len();
            self.save();
        }
    }

    /// Before its first word a model that fails is replaced; after it, it cannot be.
    fn model_failed(&mut self, error: &ModelError) {
        (self.report)(&error.to_string());
        if self.begun.answer.text.is_empty() {
            self.text = words(&self.grounded.text);
            return;
        }
        // Dropped now: it must not be paid for any longer.
        self.text = Text::Words(VecDeque::new());
        self.begun.answer.status = MessageStatus::Failed;
        self.save();
        self.is_over = true;
        let error = ErrorDetail::new(ErrorCode::ProviderFailed, "the answer could not be finished");
        self.waiting.push_back(StreamEvent::Failed { error });
    }

    /// The answer is whole; that it is said only once it is on disk.
    async fn finish(&mut self) {
        let answer = &mut self.begun.answer;
        answer.status = MessageStatus::Complete;
        answer.sources.clone_from(&self.grounded.sources);
        answer.products.clone_from(&self.grounded.products);
        self.is_over = true;
        let saved = match self.store.update(&self.begun.answer) {
            Ok(()) => self.store.synced().await,
            Err(error) => Err(error),
        };
        match saved {
            Ok(()) => self.push_end(MessageStatus::Complete),
            Err(error) => {
                (self.report)(&error.to_string());
                let error = ErrorDetail::new(ErrorCode::Internal, "the answer could not be kept");
                self.waiting.push_back(StreamEvent::Failed { error });
            }
        }
    }

    fn push_end(&mut self, status: MessageStatus) {
        let sources = std::mem::take(&mut self.grounded.sources);
        if !sources.is_empty() {
            self.waiting.push_back(StreamEvent::Sources { sources });
        }
        let products = std::mem::take(&mut self.grounded.products);
        if !products.is_empty() {
            self.waiting.push_back(StreamEvent::Products { products });
        }
        self.waiting.push_back(StreamEvent::Done { status });
    }

    fn save(&self) {
        if let Err(error) = self.store.update(&self.begun.answer) {
            (self.report)(&error.to_string());
        }
    }
}

impl<S: Store, C: Clock> Drop for Answering<S, C> {
    fn drop(&mut self) {
        if !self.is_over {
            self.begun.answer.status = MessageStatus::Cancelled;
            self.save();
        }
    }
}

/// The text of what a model says.
fn texts(
    pieces: LocalBoxStream<'static, Result<Piece, ModelError>>,
) -> LocalBoxStream<'static, Result<String, ModelError>> {
    let text = |piece| match piece {
        Ok(Piece::Text(text)) => Some(Ok(text)),
        Ok(Piece::Call(_) | Piece::Usage(_)) => None,
        Err(error) => Some(Err(error)),
    };
    pieces.filter_map(move |piece| ready(text(piece))).boxed_local()
}

fn words(text: &str) -> Text {
    Text::Words(chunks(text).into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests;
