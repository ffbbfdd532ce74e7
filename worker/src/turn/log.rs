//! An answer as its readers find it: what was written so far, in memory while it is being written
//! and made of the stored message once it is not. Both give the same frames under the same ids.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use aisle_core::protocol::{ErrorCode, ErrorDetail, EventId, Message, MessageStatus, StreamEvent};

use super::changes::Changes;

/// An answer that grows or is over. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Log(Rc<Shared>);

#[derive(Debug)]
struct Shared {
    written: RefCell<Written>,
    /// There is more to read.
    grown: Changes,
    /// A reader came or went, or the answer was stopped.
    asked: Changes,
    readers: Cell<u32>,
    is_stopped: Cell<bool>,
}

#[derive(Debug)]
struct Written {
    message_seq: u32,
    answer_seq: u32,
    epoch: u32,
    text: String,
    /// What is said beside the text, each after so many bytes of it, in order.
    beside: Vec<(usize, StreamEvent)>,
    end: Option<StreamEvent>,
}

/// A place in a [`Log`].
#[derive(Debug, Default)]
pub(super) struct Cursor {
    has_begun: bool,
    bytes: usize,
    beside: usize,
    is_over: bool,
}

impl Log {
    /// An answer that is about to be written.
    pub(super) fn begin(message_seq: u32, answer: &Message) -> Self {
        Self::new(message_seq, answer, vec![], None)
    }

    /// An answer that is not being written any more, as it is kept.
    pub(super) fn kept(message_seq: u32, answer: &Message) -> Self {
        let at = answer.text.len();
        let beside = beside(answer).into_iter().map(|event| (at, event)).collect();
        Self::new(message_seq, answer, beside, Some(end(answer.status)))
    }

    fn new(
        message_seq: u32,
        answer: &Message,
        beside: Vec<(usize, StreamEvent)>,
        end: Option<StreamEvent>,
    ) -> Self {
        let written = Written {
            message_seq,
            answer_seq: answer.seq,
            epoch: answer.epoch,
            text: answer.text.clone(),
            beside,
            end,
        };
        Self(Rc::new(Shared {
            written: RefCell::new(written),
            grown: Changes::default(),
            asked: Changes::default(),
            readers: Cell::new(0),
            is_stopped: Cell::new(false),
        }))
    }

    /// Adds text.
    pub(super) fn append(&self, text: &str) {
        self.0.written.borrow_mut().text.push_str(text);
        self.0.grown.tell();
    }

    /// Says something beside the text that is there.
    pub(super) fn say(&self, event: StreamEvent) {
        let mut written = self.0.written.borrow_mut();
        let at = written.text.len();
        written.beside.push((at, event));
        drop(written);
        self.0.grown.tell();
    }

    /// Nothing is added any more.
    pub(super) fn end(&self, end: StreamEvent) {
        self.0.written.borrow_mut().end.get_or_insert(end);
        self.0.grown.tell();
    }

    /// Whether nothing is added any more.
    pub(super) fn is_over(&self) -> bool {
        self.0.written.borrow().end.is_some()
    }

    /// Resolves when nothing is added any more.
    pub(super) async fn over(&self) {
        loop {
            let seen = self.growth();
            if self.is_over() {
                return;
            }
            self.grown_since(seen).await;
        }
    }

    /// Asks the writer to stop.
    pub(super) fn stop(&self) {
        self.0.is_stopped.set(true);
        self.0.asked.tell();
    }

    /// Whether the writer was asked to stop.
    pub(super) fn is_stopped(&self) -> bool {
        self.0.is_stopped.get()
    }

    /// Takes a reader in, at the place that it says it has reached. What it has of another epoch,
    /// or beyond what there is, it reads anew.
    pub(super) fn enter(&self, after: Option<EventId>) -> Cursor {
        self.0.readers.set(self.0.readers.get().saturating_add(1));
        self.0.asked.tell();
        let written = self.0.written.borrow();
        let bytes = after
            .filter(|id| id.epoch == written.epoch)
            .and_then(|id| usize::try_from(id.bytes).ok())
            .filter(|bytes| written.text.is_char_boundary(*bytes))
            .unwrap_or(0);
        Cursor { bytes, ..Cursor::default() }
    }

    /// Lets a reader go.
    pub(super) fn leave(&self) {
        self.0.readers.set(self.0.readers.get().saturating_sub(1));
        self.0.asked.tell();
    }

    /// How many read.
    pub(super) fn readers(&self) -> u32 {
        self.0.readers.get()
    }

    /// How often it grew.
    pub(super) fn growth(&self) -> u64 {
        self.0.grown.count()
    }

    /// Resolves as soon as it has grown since it had grown so often.
    pub(super) fn grown_since(&self, growth: u64) -> impl Future<Output = ()> {
        self.0.grown.since(growth)
    }

    /// How often readers came, went or stopped it.
    pub(super) fn requests(&self) -> u64 {
        self.0.asked.count()
    }

    /// Resolves as soon as there were more requests than so many.
    pub(super) fn asked_since(&self, requests: u64) -> impl Future<Output = ()> {
        self.0.asked.since(requests)
    }

    /// The next frame for a reader; `None` when there is none yet, or none any more.
    pub(super) fn next(&self, cursor: &mut Cursor) -> Option<(EventId, StreamEvent)> {
        let written = self.0.written.borrow();
        let event = written.next(cursor)?;
        let bytes = u32::try_from(cursor.bytes).unwrap_or(u32::MAX);
        Some((EventId { epoch: written.epoch, bytes }, event))
    }
}

impl Written {
    fn next(&self, cursor: &mut Cursor) -> Option<StreamEvent> {
        if !std::mem::replace(&mut cursor.has_begun, true) {
            let (message_seq, answer_seq) = (self.message_seq, self.answer_seq);
            return Some(StreamEvent::Accepted { message_seq, answer_seq });
        }
        let next = self.beside.get(cursor.beside);
        if let Some((_, event)) = next.filter(|(at, _)| *at <= cursor.bytes) {
            cursor.beside += 1;
            return Some(event.clone());
        }
        let to = next.map_or(self.text.len(), |(at, _)| *at);
        if let Some(text) = self.text.get(cursor.bytes..to).filter(|text| !text.is_empty()) {
            cursor.bytes = to;
            return Some(StreamEvent::Delta { text: text.to_owned() });
        }
        if std::mem::replace(&mut cursor.is_over, self.end.is_some()) {
            return None;
        }
        self.end.clone()
    }
}

impl Cursor {
    /// Whether the last frame was read.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }
}

/// What an answer says beside its text.
pub(super) fn beside(answer: &Message) -> Vec<StreamEvent> {
    let mut events = Vec::new();
    if !answer.sources.is_empty() {
        events.push(StreamEvent::Sources { sources: answer.sources.clone() });
    }
    if !answer.products.is_empty() {
        events.push(StreamEvent::Products { products: answer.products.clone() });
    }
    if !answer.requested.is_empty() {
        events.push(StreamEvent::Requested { requested: answer.requested.clone() });
    }
    events
}

/// The last frame of an answer that has come so far. One that is kept as being written is not.
pub(super) fn end(status: MessageStatus) -> StreamEvent {
    match status {
        MessageStatus::Complete | MessageStatus::Cancelled | MessageStatus::Interrupted => {
            StreamEvent::Done { status }
        }
        MessageStatus::Streaming => StreamEvent::Done { status: MessageStatus::Interrupted },
        MessageStatus::Failed => StreamEvent::Failed {
            error: ErrorDetail::new(ErrorCode::ProviderFailed, "the answer could not be finished"),
        },
    }
}
