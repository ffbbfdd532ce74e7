//! The Durable Object: the worker's own turns over a disk that outlives it.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

use aisle_core::answer::Answer;
use aisle_core::protocol::{ErrorDetail, EventId, History, TurnRequest};
use aisle_worker::agent::Item;
use aisle_worker::conversation::{Begun, history};
use aisle_worker::holder::Holder;
use aisle_worker::ports::{Clock, MemoryStore, ModelError, Store, Tasks, VirtualClock};
use aisle_worker::turn::{Material, Pieces, Reader, Turns, Watch};
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, StreamExt};

use crate::random::Random;

/// What comes over a connection to the client.
#[derive(Clone, Debug)]
pub enum Chunk {
    Bytes(Vec<u8>),
    Refused(ErrorDetail),
    End,
    Cut,
}

/// A connection, as both of its ends hold it.
#[derive(Clone)]
pub struct Connection(Rc<Wire>);

struct Wire {
    is_open: Cell<bool>,
    out: RefCell<Vec<Chunk>>,
}

impl Connection {
    pub fn new() -> Self {
        Self(Rc::new(Wire { is_open: Cell::new(true), out: RefCell::default() }))
    }

    /// The client's end is gone; the server finds out when it writes.
    pub fn close(&self) {
        self.0.is_open.set(false);
    }

    /// What was sent since.
    pub fn sent(&self) -> Vec<Chunk> {
        self.0.out.take()
    }

    fn send(&self, chunk: Chunk) {
        self.0.out.borrow_mut().push(chunk);
    }
}

/// What every whole answer says.
pub fn answer_to(question: &str) -> String {
    format!("Zu „{question}“: dreißig Tage, ungeöffnet – danke.")
}

pub struct Server {
    pub store: MemoryStore,
    pub tasks: Tasks,
    clock: VirtualClock,
    turns: Rc<Turns<MemoryStore, VirtualClock>>,
    random: Random,
    /// Whether models may fail.
    pub is_healthy: bool,
}

impl Server {
    pub fn new(clock: VirtualClock, random: Random) -> Self {
        let store = MemoryStore::default();
        let turns = Rc::new(Turns::new(store.clone(), clock.clone(), Watch::NONE));
        Self { store, tasks: Tasks::default(), clock, turns, random, is_healthy: false }
    }

    /// `kill -9`, and a new object over what was on disk.
    pub fn crash(&mut self) {
        self.store = self.store.after_crash();
        self.tasks.clear();
        self.turns = Rc::new(Turns::new(self.store.clone(), self.clock.clone(), Watch::NONE));
    }

    pub fn open(&self) {
        self.store.open(self.clock.now_ms(), &Holder::default()).unwrap();
        self.sync();
    }

    pub fn history(&self, after: u32) -> Result<History, ErrorDetail> {
        let found = history(&self.store, after).map_err(ErrorDetail::from);
        self.sync();
        found
    }

    /// Nothing leaves an object before what it has written is on disk.
    fn sync(&self) {
        drop(self.store.synced());
    }

    pub fn post(&self, turn: TurnRequest, after: Option<EventId>, connection: Connection) {
        let (turns, tasks, store) = (self.turns.clone(), self.tasks.clone(), self.store.clone());
        let answer = self.answer(&turn.text);
        self.tasks.spawn(async move {
            let spawn = |task: LocalBoxFuture<'static, ()>| tasks.spawn(task);
            let material = move |_: &Begun| answer;
            match turns.begin(&turn, after, || None, material, &spawn).await {
                Ok(reader) => pump(reader, &store, &connection).await,
                Err(error) => connection.send(Chunk::Refused(error.into())),
            }
        });
    }

    pub fn resume(&self, message_id: &str, after: EventId, connection: Connection) {
        let store = self.store.clone();
        match self.turns.resume(message_id, Some(after)) {
            Ok(reader) => {
                self.tasks.spawn(async move { pump(reader, &store, &connection).await });
            }
            Err(error) => connection.send(Chunk::Refused(error.into())),
        }
    }

    pub fn stop(&self, message_id: String) {
        let turns = self.turns.clone();
        self.tasks.spawn(async move {
            let _ = turns.stop(&message_id).await;
        });
    }

    /// An answer without a model, or by one that stumbles.
    fn answer(&self, question: &str) -> Material {
        let text = answer_to(question);
        let grounded = Answer { text: text.clone(), ..Answer::default() };
        let model = self.random.percent(80).then(|| self.model(&text));
        Material { grounded, model }
    }

    fn model(&self, text: &str) -> Pieces {
        let mut script: Vec<(u32, Result<Item, ModelError>)> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let chars = 1 + self.random.pick(24);
            let at = rest.char_indices().nth(chars).map_or(rest.len(), |(at, _)| at);
            let (piece, after) = rest.split_at(at);
            script.push((self.random.below(300) as u32, Ok(Item::Text(piece.to_owned()))));
            rest = after;
        }
        if !self.is_healthy && self.random.percent(20) {
            script.truncate(self.random.pick(script.len()));
            let pause_ms = if self.random.percent(10) { 60_000 } else { 10 };
            script.push((pause_ms, Err(ModelError::Network("cut".into()))));
        }
        let clock = self.clock.clone();
        stream::iter(script)
            .then(move |(pause_ms, said)| {
                let pause = clock.sleep(pause_ms);
                async move {
                    pause.await;
                    said
                }
            })
            .boxed_local()
    }
}

async fn pump(reader: Reader<VirtualClock>, store: &MemoryStore, connection: &Connection) {
    let mut frames = pin!(reader.into_stream());
    while let Some(bytes) = frames.next().await {
        if !connection.0.is_open.get() {
            return;
        }
        store.synced().await.unwrap();
        connection.send(Chunk::Bytes(bytes));
    }
    connection.send(Chunk::End);
}
