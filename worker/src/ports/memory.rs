//! In-memory doubles of the ports.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use aisle_core::protocol::{Message, MessageStatus};
use futures_util::future::{self, LocalBoxFuture};
use futures_util::stream::{self, LocalBoxStream, StreamExt};

use super::{Clock, Model, ModelError, ModelRequest, Piece, Store, StoreError};
use crate::holder::Holder;

#[derive(Clone, Debug, Default)]
struct Kept {
    is_open: bool,
    holder: Holder,
    messages: Vec<Message>,
    replaced: Vec<String>,
}

#[derive(Debug, Default)]
struct Disk {
    now: Kept,
    /// What would be left if the power was cut now.
    synced: Kept,
    fails: bool,
}

/// A conversation in memory. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Rc<RefCell<Disk>>);

impl MemoryStore {
    /// Everything from now on fails, as a full disk would.
    pub fn fail(&self) {
        self.0.borrow_mut().fails = true;
    }

    /// What is found after the power was cut: what was synced, out of reach of whoever had the store
    /// before.
    pub fn after_crash(&self) -> Self {
        let synced = self.0.borrow().synced.clone();
        let disk = Disk { now: synced.clone(), synced, fails: false };
        Self(Rc::new(RefCell::new(disk)))
    }

    fn kept<T>(&self, read: impl FnOnce(&mut Kept) -> T) -> Result<T, StoreError> {
        let mut disk = self.0.borrow_mut();
        if disk.fails { Err(StoreError("disk full".to_owned())) } else { Ok(read(&mut disk.now)) }
    }
}

impl Store for MemoryStore {
    fn is_open(&self) -> Result<bool, StoreError> {
        self.kept(|kept| kept.is_open)
    }

    fn open(&self, _: u64, holder: &Holder) -> Result<(), StoreError> {
        self.kept(|kept| {
            if !std::mem::replace(&mut kept.is_open, true) {
                kept.holder = holder.clone();
            }
        })
    }

    fn holder(&self) -> Result<Holder, StoreError> {
        self.kept(|kept| kept.holder.clone())
    }

    fn claim(&self, customer: &str) -> Result<(), StoreError> {
        self.kept(|kept| {
            if kept.holder.customer.is_empty() {
                customer.clone_into(&mut kept.holder.customer);
            }
        })
    }

    fn messages(&self, after: u32, limit: u32) -> Result<Vec<Message>, StoreError> {
        self.kept(|kept| {
            let above = kept.messages.iter().filter(|message| message.seq > after);
            above.take(limit as usize).cloned().collect()
        })
    }

    fn messages_before(&self, before: u32, limit: u32) -> Result<Vec<Message>, StoreError> {
        self.kept(|kept| {
            let below: Vec<Message> =
                kept.messages.iter().filter(|message| message.seq < before).cloned().collect();
            let from = below.len().saturating_sub(limit as usize);
            below.into_iter().skip(from).collect()
        })
    }

    fn last_seq(&self) -> Result<u32, StoreError> {
        self.kept(|kept| kept.messages.last().map_or(0, |message| message.seq))
    }

    fn find(&self, message_id: &str) -> Result<Option<Message>, StoreError> {
        self.kept(|kept| kept.messages.iter().find(|m| m.message_id == message_id).cloned())
    }

    fn get(&self, seq: u32) -> Result<Option<Message>, StoreError> {
        self.kept(|kept| kept.messages.iter().find(|message| message.seq == seq).cloned())
    }

    fn insert(&self, messages: &[&Message], removed: &[u32]) -> Result<(), StoreError> {
        self.kept(|kept| {
            kept.messages.retain(|message| !removed.contains(&message.seq));
            kept.messages.extend(messages.iter().copied().cloned());
            kept.replaced.extend(messages.iter().flat_map(|message| message.replaces.clone()));
        })
    }

    fn is_replaced(&self, message_id: &str) -> Result<bool, StoreError> {
        self.kept(|kept| kept.replaced.iter().any(|id| id == message_id))
    }

    fn update(&self, message: &Message) -> Result<(), StoreError> {
        self.kept(|kept| {
            if let Some(old) = kept.messages.iter_mut().find(|old| old.seq == message.seq) {
                message.clone_into(old);
            }
        })
    }

    fn end_interrupted(&self) -> Result<(), StoreError> {
        self.kept(|kept| {
            for message in &mut kept.messages {
                if message.status == MessageStatus::Streaming {
                    message.status = MessageStatus::Interrupted;
                    message.epoch += 1;
                }
            }
        })
    }

    fn synced(&self) -> LocalBoxFuture<'static, Result<(), StoreError>> {
        let written = self.kept(|kept| kept.clone());
        Box::pin(future::ready(written.map(|kept| self.0.borrow_mut().synced = kept)))
    }
}

/// A clock that goes on by as much as is slept, at once.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Rc<Cell<u64>>);

impl Clock for ManualClock {
    fn now_ms(&self) -> u64 {
        self.0.get()
    }

    fn sleep(&self, ms: u32) -> LocalBoxFuture<'static, ()> {
        let now = self.0.clone();
        Box::pin(async move { now.set(now.get() + u64::from(ms)) })
    }
}

/// A model that says what it is given, and then nothing or something wrong.
#[derive(Clone, Debug, Default)]
pub struct ScriptedModel {
    /// The pieces of its answer.
    pub pieces: Vec<Result<Piece, ModelError>>,
    /// Whether it hangs after them instead of ending.
    pub hangs: bool,
    /// What it was asked.
    pub requests: Rc<RefCell<Vec<ModelRequest>>>,
}

impl ScriptedModel {
    /// A model that says these texts.
    pub fn says<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let pieces = texts.into_iter().map(|text| Ok(Piece::Text(text.to_owned()))).collect();
        Self { pieces, ..Self::default() }
    }
}

impl Model for ScriptedModel {
    fn ask(&self, request: ModelRequest) -> LocalBoxStream<'static, Result<Piece, ModelError>> {
        self.requests.borrow_mut().push(request);
        let pieces = stream::iter(self.pieces.clone());
        if self.hangs {
            pieces.chain(stream::pending()).boxed_local()
        } else {
            pieces.boxed_local()
        }
    }
}
