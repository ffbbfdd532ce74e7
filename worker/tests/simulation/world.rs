//! Two tabs, a network that drops, doubles, delays and reorders, and an object that crashes.

use std::collections::BTreeMap;

use aisle_core::chat::{Effect, Event, HistoryError, TurnError};
use aisle_core::protocol::{EventId, History, MessageStatus, StreamEvent, TurnRequest};
use aisle_core::sse::Decoder;
use aisle_worker::ports::{Clock, VirtualClock};

use crate::random::Random;
use crate::server::{Chunk, Connection, Server, answer_to};
use crate::tab::{Stream, Tab};

const TABS: usize = 2;
/// There is one conversation; which of its requests arrive is another matter.
const CONVERSATION: &str = "the-conversation";
/// Steps after which it counts as never coming to rest.
const MAX_STEPS: usize = 200_000;

/// What the network carries.
#[derive(Clone)]
enum Request {
    Create,
    History(u32),
    Post(TurnRequest, Connection),
    Resume(String, EventId, Connection),
    Stop(String),
}

/// What happens at some moment.
enum Delivery {
    Arrives {
        from: usize,
        page: u32,
        request: Request,
    },
    Replies {
        to: usize,
        page: u32,
        event: Event,
    },
    Streams {
        to: usize,
        stream: u32,
        chunk: Chunk,
    },
    /// A delay of the chat's own is over.
    Resumes {
        tab: usize,
        page: u32,
        message_id: String,
        after: EventId,
        stream: u32,
    },
}

pub struct World {
    random: Random,
    clock: VirtualClock,
    server: Server,
    tabs: Vec<Tab>,
    queue: BTreeMap<(u64, u64), Delivery>,
    next_number: u32,
    remembered: bool,
    is_healthy: bool,
    /// Connections that nobody reads: what a request is doubled into.
    nobodys: Vec<Connection>,
    /// Every message that a tab was told is on disk, with its number.
    acknowledged: BTreeMap<String, u32>,
    /// The highest number that was told to anybody when a message was first sent.
    sent_after: BTreeMap<String, u32>,
    /// Messages that an edit took the place of.
    replaced: Vec<String>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let random = Random::new(seed);
        let clock = VirtualClock::default();
        let server = Server::new(clock.clone(), random.clone());
        Self {
            random,
            clock,
            server,
            tabs: (0..TABS).map(|_| Tab::new(0)).collect(),
            queue: BTreeMap::new(),
            next_number: 0,
            remembered: false,
            is_healthy: false,
            nobodys: vec![],
            acknowledged: BTreeMap::new(),
            sent_after: BTreeMap::new(),
            replaced: vec![],
        }
    }

    /// Plays a shopper and a world that does its worst, then lets everything come to rest.
    pub fn play(&mut self) {
        self.open(0);
        for _ in 0..10 + self.random.pick(25) {
            self.act();
            for _ in 0..self.random.pick(25) {
                self.step();
            }
        }
        self.heal();
    }

    fn act(&mut self) {
        let tab = self.random.pick(TABS);
        match self.random.below(100) {
            0..35 => {
                let text = format!("Frage {}", self.number());
                self.say(tab, &text);
            }
            35..41 => self.tell(tab, Event::Stopped),
            41..50 => {
                self.tell(tab, Event::Edited);
                let text = format!("Frage {} bearbeitet", self.number());
                self.say(tab, &text);
            }
            50..58 => self.retry(tab),
            58..64 => {
                for stream in self.tabs[tab].streams.drain(..) {
                    stream.connection.close();
                }
                self.tabs[tab] = Tab::new(self.tabs[tab].page + 1);
                self.open(tab);
            }
            64..70 => self.open(tab),
            70..74 => self.tell(tab, Event::Returned),
            74..76 => self.tell(tab, Event::Reconnected),
            76..88 => self.cut(tab),
            88..94 => self.crash(),
            _ => self.clock.set(self.clock.now_ms() + self.random.below(3_000)),
        }
    }

    fn number(&mut self) -> u32 {
        self.next_number += 1;
        self.next_number
    }

    fn open(&mut self, tab: usize) {
        let conversation = self.remembered.then(|| CONVERSATION.to_owned());
        self.tell(tab, Event::Opened { conversation });
    }

    fn say(&mut self, tab: usize, text: &str) {
        let message_id = format!("message-{}", self.number());
        self.tell(tab, Event::Typed(text.to_owned()));
        self.tell(tab, Event::Submitted { message_id });
    }

    fn retry(&mut self, tab: usize) {
        let chat = &self.tabs[tab].chat;
        let failed: Vec<String> = chat
            .entries
            .iter()
            .filter(|entry| chat.can_retry(entry))
            .map(|entry| entry.message_id.clone())
            .collect();
        if !failed.is_empty() {
            let message_id = failed[self.random.pick(failed.len())].clone();
            self.tell(tab, Event::Retried { message_id });
        }
    }

    /// The network between a tab and the object breaks.
    fn cut(&mut self, tab: usize) {
        for stream in std::mem::take(&mut self.tabs[tab].streams) {
            stream.connection.close();
            self.tell(tab, cut(stream.message_id));
        }
    }

    fn crash(&mut self) {
        self.server.crash();
        for to in 0..TABS {
            let broken: Vec<u32> = self.tabs[to].streams.iter().map(|s| s.number).collect();
            for stream in broken {
                // What was sent before may still arrive before.
                self.stream(to, stream, Chunk::Cut);
            }
        }
    }

    /// Tells a tab's chat something, and does what it asks for.
    fn tell(&mut self, tab: usize, event: Event) {
        for effect in self.tabs[tab].chat.update(event) {
            match effect {
                Effect::LoadEngine => self.reply(tab, Event::EngineFailed),
                Effect::CreateConversation => self.request(tab, Request::Create),
                Effect::RememberConversation(_) => self.remembered = true,
                Effect::ForgetConversation => panic!("the conversation was there"),
                Effect::PostTurn { turn, .. } => {
                    let told = self.acknowledged.values().max().copied().unwrap_or(0);
                    self.sent_after.entry(turn.message_id.clone()).or_insert(told);
                    self.replaced.extend(turn.replaces.iter().cloned());
                    let number = self.listen(tab, &turn.message_id);
                    let connection = self.connection(tab, number).unwrap();
                    self.request(tab, Request::Post(turn, connection));
                }
                Effect::ResumeTurn { message_id, after, delay_ms, .. } => {
                    let stream = self.listen(tab, &message_id);
                    let page = self.tabs[tab].page;
                    let resumes = Delivery::Resumes { tab, page, message_id, after, stream };
                    self.schedule(u64::from(delay_ms), resumes);
                }
                Effect::StopTurn { message_id, .. } => self.request(tab, Request::Stop(message_id)),
                Effect::AbortTurn { message_id } => self.tabs[tab].abort(&message_id),
                Effect::FetchHistory { after, .. } => self.request(tab, Request::History(after)),
                _ => {}
            }
        }
        self.tabs[tab].check();
    }

    /// A stream of a tab, which has nothing to read yet.
    fn listen(&mut self, tab: usize, message_id: &str) -> u32 {
        let number = self.number();
        let streams = &mut self.tabs[tab].streams;
        assert!(streams.iter().all(|s| s.message_id != message_id), "{message_id} is read twice");
        streams.push(Stream {
            number,
            message_id: message_id.to_owned(),
            connection: Connection::new(),
            decoder: Decoder::new(),
            last_ms: 0,
        });
        number
    }

    fn connection(&self, tab: usize, stream: u32) -> Option<Connection> {
        let streams = &self.tabs[tab].streams;
        streams.iter().find(|s| s.number == stream).map(|s| s.connection.clone())
    }

    fn schedule(&mut self, after_ms: u64, delivery: Delivery) {
        let order = u64::from(self.number());
        self.queue.insert((self.clock.now_ms() + after_ms, order), delivery);
    }

    fn delay_ms(&self) -> u64 {
        if self.is_healthy { 5 } else { self.random.below(1 << self.random.below(11)) }
    }

    /// Puts a request on its way. It may be lost, or arrive twice; requests overtake one another.
    fn request(&mut self, from: usize, request: Request) {
        let page = self.tabs[from].page;
        if !self.is_healthy && self.random.percent(8) {
            return self.lost(from, &request);
        }
        if !self.is_healthy && self.random.percent(8) {
            let again = match &request {
                Request::Post(turn, _) => Request::Post(turn.clone(), self.nobodys_connection()),
                Request::Resume(id, after, _) => {
                    Request::Resume(id.clone(), *after, self.nobodys_connection())
                }
                other => other.clone(),
            };
            let delay_ms = self.delay_ms() * 4;
            // The doubled request has nobody who waits for its reply.
            self.schedule(delay_ms, Delivery::Arrives { from, page: u32::MAX, request: again });
        }
        let delay_ms = self.delay_ms();
        self.schedule(delay_ms, Delivery::Arrives { from, page, request });
    }

    fn nobodys_connection(&mut self) -> Connection {
        let connection = Connection::new();
        self.nobodys.push(connection.clone());
        connection
    }

    /// A request is lost: whoever waits for its reply is told so.
    fn lost(&mut self, from: usize, request: &Request) {
        match request {
            Request::Create => {
                self.reply(from, Event::ConversationFailed(TurnError::Network));
            }
            Request::History(_) => {
                let (conversation, error) = (CONVERSATION.to_owned(), HistoryError::Unavailable);
                self.reply(from, Event::HistoryFailed { conversation, error });
            }
            Request::Post(TurnRequest { message_id, .. }, _) | Request::Resume(message_id, ..) => {
                let broken = self.tabs[from].streams.iter().find(|s| s.message_id == *message_id);
                if let Some(number) = broken.map(|s| s.number) {
                    self.stream(from, number, Chunk::Cut);
                }
            }
            Request::Stop(_) => {}
        }
    }

    fn reply(&mut self, to: usize, event: Event) {
        let (page, delay_ms) = (self.tabs[to].page, self.delay_ms());
        self.schedule(delay_ms, Delivery::Replies { to, page, event });
    }

    /// Puts a chunk on its way, behind the others of its connection.
    fn stream(&mut self, to: usize, number: u32, chunk: Chunk) {
        let at_ms = self.clock.now_ms() + self.delay_ms();
        let stream = self.tabs[to].streams.iter_mut().find(|s| s.number == number);
        let Some(stream) = stream else { return };
        stream.last_ms = stream.last_ms.max(at_ms);
        let after_ms = stream.last_ms - self.clock.now_ms();
        self.schedule(after_ms, Delivery::Streams { to, stream: number, chunk });
    }

    /// Lets the next thing happen; false if there is none.
    fn step(&mut self) -> bool {
        let random = self.random.clone();
        self.server.tasks.run(|count| random.pick(count));
        self.collect();
        let delivery = self.queue.first_key_value().map(|((at_ms, _), _)| *at_ms);
        let timer = self.clock.next_ms();
        let Some(at_ms) = delivery.into_iter().chain(timer).min() else { return false };
        self.clock.set(at_ms);
        if delivery == Some(at_ms)
            && let Some((_, delivery)) = self.queue.pop_first()
        {
            self.deliver(delivery);
        }
        true
    }

    /// Takes over what the object has sent.
    fn collect(&mut self) {
        for tab in 0..TABS {
            let streams = &self.tabs[tab].streams;
            let sent: Vec<(u32, Vec<Chunk>)> =
                streams.iter().map(|s| (s.number, s.connection.sent())).collect();
            for (stream, chunks) in sent {
                for chunk in chunks {
                    self.stream(tab, stream, chunk);
                }
            }
        }
        self.nobodys.iter().for_each(Connection::close);
    }

    fn deliver(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Arrives { from, page, request } => self.arrive(from, page, request),
            Delivery::Replies { to, page, event } if page == self.tabs[to].page => {
                self.tell(to, event);
            }
            Delivery::Resumes { tab, page, message_id, after, stream }
                if page == self.tabs[tab].page =>
            {
                if let Some(connection) = self.connection(tab, stream) {
                    self.request(tab, Request::Resume(message_id, after, connection));
                }
            }
            Delivery::Streams { to, stream, chunk } => self.receive(to, stream, chunk),
            Delivery::Replies { .. } | Delivery::Resumes { .. } => {}
        }
    }

    fn arrive(&mut self, from: usize, page: u32, request: Request) {
        let reply = match request {
            Request::Post(turn, connection) => {
                return self.server.post(turn, None, connection);
            }
            Request::Resume(id, after, connection) => {
                return self.server.resume(&id, after, connection);
            }
            Request::Stop(id) => return self.server.stop(id),
            Request::Create => {
                self.server.open();
                Event::ConversationCreated(CONVERSATION.to_owned())
            }
            Request::History(after) => {
                let history = self.server.history(after).unwrap();
                Event::HistoryLoaded { conversation: CONVERSATION.to_owned(), history }
            }
        };
        if page == self.tabs[from].page {
            self.reply(from, reply);
        }
    }

    fn receive(&mut self, to: usize, number: u32, chunk: Chunk) {
        let Some(at) = self.tabs[to].streams.iter().position(|s| s.number == number) else {
            return;
        };
        let message_id = self.tabs[to].streams[at].message_id.clone();
        let error = match chunk {
            Chunk::Bytes(bytes) => {
                let frames = self.tabs[to].streams[at].decoder.push(&bytes).unwrap();
                for frame in frames {
                    let event: StreamEvent = serde_json::from_str(&frame.data).unwrap();
                    if let StreamEvent::Accepted { message_seq, .. } = event {
                        self.acknowledge(&message_id, message_seq);
                    }
                    let (message_id, id) = (message_id.clone(), frame.id.parse().ok());
                    self.tell(to, Event::Streamed { message_id, id, event });
                }
                return;
            }
            Chunk::Refused(detail) => Some(TurnError::Refused(detail)),
            Chunk::Cut => Some(TurnError::Network),
            Chunk::End => None,
        };
        // The last frame may have closed it.
        self.tabs[to].streams.retain(|stream| stream.number != number);
        self.tell(to, Event::TurnEnded { message_id, error });
    }

    /// A tab is told that a message is on disk: its number never changes, and is above every one
    /// that was told before the message was sent.
    fn acknowledge(&mut self, message_id: &str, seq: u32) {
        let known = *self.acknowledged.entry(message_id.to_owned()).or_insert(seq);
        assert_eq!(known, seq, "{message_id} has another number now");
        if let Some(after) = self.sent_after.get(message_id) {
            assert!(seq > *after, "{message_id} was sent after {after} and is {seq}");
        }
    }

    fn settle(&mut self) {
        for _ in 0..MAX_STEPS {
            if !self.step() {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// The world is well again, and the shopper presses every retry that there is.
    fn heal(&mut self) {
        self.is_healthy = true;
        self.server.is_healthy = true;
        if !self.remembered {
            self.say(0, "Hallo");
        }
        self.settle();
        // Each round sends one failed message of each tab again; in the last there is none.
        for _ in 0..50 {
            for tab in 0..TABS {
                self.open(tab);
                self.tell(tab, Event::Reconnected);
                self.settle();
                self.tell(tab, Event::Returned);
                self.settle();
                self.retry(tab);
                self.settle();
            }
            let is_whole = |tab: &Tab| tab.transcript().iter().all(|(_, is_whole)| *is_whole);
            if self.tabs.iter().all(is_whole) {
                break;
            }
        }
        for tab in 0..TABS {
            self.tell(tab, Event::Returned);
            self.settle();
        }
        self.check();
    }

    /// Each message exactly once, in order, for everybody.
    fn check(&mut self) {
        let History { messages, last_seq } = self.server.history(0).unwrap();
        let seqs: Vec<u32> = messages.iter().map(|message| message.seq).collect();
        assert!(seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");
        assert_eq!(seqs.last().copied().unwrap_or(0), last_seq);
        let mut kept = Vec::new();
        for pair in messages.chunks(2) {
            let [question, answer] = pair else { panic!("a question without an answer") };
            assert_eq!(answer.seq, question.seq + 1);
            if let Some(seq) = self.acknowledged.get(&question.message_id) {
                assert_eq!(*seq, question.seq);
            }
            if answer.status == MessageStatus::Complete {
                assert_eq!(answer.text, answer_to(&question.text));
            }
            kept.push((question.message_id.clone(), answer.status == MessageStatus::Complete));
        }
        for id in self.acknowledged.keys() {
            let count = kept.iter().filter(|(kept, _)| kept == id).count();
            let expected = if self.replaced.contains(id) { 0..=1 } else { 1..=1 };
            assert!(expected.contains(&count), "{id} is kept {count} times");
        }
        for tab in 0..TABS {
            let mut shown = self.tabs[tab].transcript();
            // Messages that failed at first are where they were said, not where they are kept.
            shown.sort();
            // An edit that came after another tab's message has taken the place of nothing.
            let is_shown = |of: &String| shown.iter().any(|(id, _)| id == of);
            let mut expected = kept.clone();
            expected.retain(|(id, _)| is_shown(id) || !self.replaced.contains(id));
            expected.sort();
            assert_eq!(shown, expected, "tab {tab}");
            assert!(shown.iter().all(|(_, is_whole)| *is_whole), "{shown:?}");
            // After a reload it is as it is kept.
            self.tabs[tab] = Tab::new(self.tabs[tab].page + 1);
            self.open(tab);
            self.settle();
            assert_eq!(self.tabs[tab].transcript(), kept, "tab {tab}, loaded again");
        }
    }
}

fn cut(message_id: String) -> Event {
    Event::TurnEnded { message_id, error: Some(TurnError::Network) }
}
