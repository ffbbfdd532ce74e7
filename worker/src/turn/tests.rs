//! Tests of turns: each plays a conversation in virtual time.

mod answered;

use std::cell::RefCell;
use std::rc::Rc;

use aisle_core::answer::Answer;
use aisle_core::protocol::{
    ErrorCode, ErrorDetail, EventId, Message, MessageStatus, PROTOCOL_VERSION, Source, StreamEvent,
    TurnRequest, TurnStopped,
};
use aisle_core::sse::{Decoder, HEARTBEAT};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, StreamExt};
use proptest::prelude::*;

use super::reader::HEARTBEAT_MS;
use super::*;
use crate::conversation::{Begun, ConversationError};
use crate::holder::Holder;
use crate::ports::{Clock, MemoryStore, Store, Tasks, VirtualClock};

thread_local! {
    static HAPPENED: RefCell<Vec<Happening>> = RefCell::default();
}

/// Remembers what happens in this test.
const WATCH: Watch =
    Watch { count: |happening| HAPPENED.with_borrow_mut(|all| all.push(happening)), ..Watch::NONE };

/// One step of a scripted model: a pause in milliseconds, and what comes after it.
type Said = (u32, Result<&'static str, ModelError>);

struct World {
    store: MemoryStore,
    clock: VirtualClock,
    tasks: Tasks,
    turns: Rc<Turns<MemoryStore, VirtualClock>>,
    /// How many models are being listened to.
    models: Rc<RefCell<usize>>,
}

/// What a reader has got, as far as it read.
#[derive(Clone, Default)]
struct Seen(Rc<RefCell<Vec<u8>>>);

/// Counts a model while it is listened to.
struct Listening(Rc<RefCell<usize>>);

impl Drop for Listening {
    fn drop(&mut self) {
        *self.0.borrow_mut() -= 1;
    }
}

impl World {
    fn new() -> Self {
        let store = MemoryStore::default();
        store.open(0, &Holder::default()).unwrap();
        let clock = VirtualClock::default();
        let turns = Rc::new(Turns::new(store.clone(), clock.clone(), WATCH));
        Self { store, clock, tasks: Tasks::default(), turns, models: Rc::default() }
    }

    /// The object is gone with everything in memory, and a new one takes its place.
    fn crash(&mut self) {
        self.store = self.store.after_crash();
        self.tasks.clear();
        self.turns = Rc::new(Turns::new(self.store.clone(), self.clock.clone(), WATCH));
    }

    fn model(&self, script: Vec<Said>) -> Pieces {
        let (clock, models) = (self.clock.clone(), self.models.clone());
        let start = (script.into_iter(), None::<Listening>);
        stream::unfold(start, move |(mut script, listening)| {
            let (clock, models) = (clock.clone(), models.clone());
            async move {
                let listening = listening.unwrap_or_else(|| {
                    *models.borrow_mut() += 1;
                    Listening(models)
                });
                let (pause_ms, said) = script.next()?;
                clock.sleep(pause_ms).await;
                Some((said.map(|text| Item::Text(text.to_owned())), (script, Some(listening))))
            }
        })
        .boxed_local()
    }

    fn try_send(
        &self,
        turn: &TurnRequest,
        after: Option<EventId>,
        script: Option<Vec<Said>>,
    ) -> Result<Reader<VirtualClock>, ErrorDetail> {
        let result = Rc::new(RefCell::new(None));
        let material = {
            let model = script.map(|script| self.model(script));
            move |_: &Begun| Material { grounded: grounded(), model }
        };
        let (turns, turn, into, tasks) =
            (self.turns.clone(), turn.clone(), result.clone(), self.tasks.clone());
        self.tasks.spawn(async move {
            let spawn = |task: LocalBoxFuture<'static, ()>| tasks.spawn(task);
            let begun = turns.begin(&turn, after, || None, material, &spawn).await;
            into.replace(Some(begun));
        });
        while result.borrow().is_none() {
            self.tasks.run(|_| 0);
            if result.borrow().is_none() {
                assert!(self.clock.advance(), "the turn waits for ever");
            }
        }
        result.take().unwrap().map_err(ErrorDetail::from)
    }

    /// Sends a turn and reads its answer in the background.
    fn send(&self, turn: &TurnRequest, script: Option<Vec<Said>>) -> Seen {
        let reader = self.try_send(turn, None, script).unwrap();
        self.read(reader, usize::MAX)
    }

    /// Reads so many chunks in the background, and leaves.
    fn read(&self, reader: Reader<VirtualClock>, chunks: usize) -> Seen {
        let seen = Seen::default();
        let (into, store) = (seen.clone(), self.store.clone());
        self.tasks.spawn(async move {
            let mut frames = Box::pin(reader.into_stream().take(chunks));
            while let Some(bytes) = frames.next().await {
                // Nothing leaves an object before what it has written is on disk.
                store.synced().await.ok();
                into.0.borrow_mut().extend(bytes);
            }
        });
        seen
    }

    fn stop(&self, message_id: &str) -> Result<TurnStopped, ConversationError> {
        let stopped = Rc::new(RefCell::new(None));
        let (turns, id, into) = (self.turns.clone(), message_id.to_owned(), stopped.clone());
        self.tasks.spawn(async move {
            let result = turns.stop(&id).await;
            into.replace(Some(result));
        });
        self.tasks.run(|_| 0);
        stopped.take().expect("stopping takes no time")
    }

    /// Lets this much time pass.
    fn pass(&self, ms: u64) {
        let until_ms = self.clock.now_ms() + ms;
        self.tasks.run(|_| 0);
        // A clock of its own wakes nobody: only what sleeps until then is due.
        let alarm = self.clock.sleep(u32::try_from(ms).unwrap());
        self.tasks.spawn(alarm);
        self.tasks.run(|_| 0);
        while self.clock.now_ms() < until_ms && self.clock.advance() {
            self.tasks.run(|_| 0);
        }
    }

    /// The answer with this number as it is kept.
    fn kept(&self, seq: u32) -> Message {
        self.store.get(seq).unwrap().unwrap()
    }

    fn kept_as(&self, seq: u32) -> (MessageStatus, String) {
        let answer = self.kept(seq);
        (answer.status, answer.text)
    }
}

impl Seen {
    fn bytes(&self) -> Vec<u8> {
        self.0.borrow().clone()
    }

    fn events(&self) -> Vec<(EventId, StreamEvent)> {
        let frames = Decoder::new().push(&self.bytes()).unwrap();
        let event = |frame: &aisle_core::sse::Frame| {
            let event: StreamEvent = serde_json::from_str(&frame.data).unwrap();
            assert_eq!(frame.event, event.name());
            (frame.id.parse().unwrap(), event)
        };
        frames.iter().map(event).collect()
    }

    /// The names of the events, runs of the same as one.
    fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.events().iter().map(|(_, event)| event.name()).collect();
        names.dedup();
        names
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (id, event) in self.events() {
            if let StreamEvent::Delta { text: piece } = event {
                text.push_str(&piece);
                let of_this_stream = u32::try_from(text.len()).unwrap();
                assert!(id.bytes >= of_this_stream, "{id} after {text:?}");
            }
        }
        text
    }

    fn last_id(&self) -> Option<EventId> {
        self.events().last().map(|(id, _)| *id)
    }

    fn end(&self) -> Option<StreamEvent> {
        self.events().pop().map(|(_, event)| event)
    }

    fn heartbeats(&self) -> usize {
        String::from_utf8(self.bytes()).unwrap().matches(HEARTBEAT).count()
    }
}

fn turn(id: &str) -> TurnRequest {
    TurnRequest {
        v: PROTOCOL_VERSION,
        message_id: id.into(),
        text: "how long do returns take".into(),
        ..TurnRequest::default()
    }
}

fn grounded() -> Answer {
    let source = Source { section: 0, title: "Returns".into(), url: "/pages/returns".into() };
    Answer {
        text: "Thirty days from delivery. ".repeat(4),
        sources: vec![source],
        ..Answer::default()
    }
}

fn says(pieces: &[&'static str]) -> Vec<Said> {
    pieces.iter().map(|piece| (100, Ok(*piece))).collect()
}

/// A model that says this and then nothing more for a very long time.
fn hangs_after(pieces: &[&'static str]) -> Vec<Said> {
    let mut script = says(pieces);
    script.push((1_000_000, Ok("late")));
    script
}

fn done(status: MessageStatus) -> Option<StreamEvent> {
    Some(StreamEvent::Done { status })
}

fn refusal<T>(result: Result<T, ErrorDetail>) -> Option<ErrorCode> {
    result.err().map(|detail| detail.code)
}

#[test]
fn without_a_model_the_documents_answer() {
    let world = World::new();
    let seen = world.send(&turn("m1"), None);
    world.pass(5_000);
    assert_eq!(seen.names(), ["accepted", "delta", "sources", "done"]);
    assert_eq!(seen.text(), grounded().text);
    assert!(seen.events().len() > 4, "it comes in several pieces");
    assert_eq!(world.kept_as(2), (MessageStatus::Complete, grounded().text));
    assert_eq!(world.kept(2).sources, grounded().sources);
}

#[test]
fn a_model_that_speaks_is_passed_on_as_it_speaks_and_kept() {
    let world = World::new();
    let seen = world.send(&turn("m1"), Some(says(&["Thirty ", "days."])));
    world.pass(150);
    assert_eq!(seen.text(), "Thirty ");
    world.pass(5_000);
    // It cited nothing.
    assert_eq!(seen.names(), ["accepted", "delta", "done"]);
    let ids: Vec<String> = seen.events().iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(ids, ["1-0", "1-7", "1-12", "1-12"]);
    assert_eq!(world.kept_as(2), (MessageStatus::Complete, "Thirty days.".to_owned()));
    assert_eq!(*world.models.borrow(), 0);
}

#[test]
fn a_model_that_fails_before_its_first_word_is_replaced() {
    for script in [
        vec![(5, Err(ModelError::Status { status: 500, retry_after_ms: None }))],
        vec![(5, Err(ModelError::Network("refused".into())))],
        vec![(5, Ok(" \n")), (5, Err(ModelError::Network("cut".into())))],
        vec![(5, Ok(" "))],
        vec![],
        hangs_after(&[]),
    ] {
        let world = World::new();
        let seen = world.send(&turn("m1"), Some(script));
        world.pass(60_000);
        assert_eq!(seen.names(), ["accepted", "delta", "sources", "done"]);
        assert_eq!(seen.text(), grounded().text);
    }
}

#[test]
fn a_model_that_fails_later_leaves_a_failed_answer() {
    let cut = (5, Err(ModelError::Network("cut".into())));
    for script in [vec![(5, Ok("Thirty ")), cut], hangs_after(&["Thirty "])] {
        let world = World::new();
        let seen = world.send(&turn("m1"), Some(script));
        world.pass(60_000);
        assert_eq!(seen.names(), ["accepted", "delta", "failed"]);
        assert_eq!(world.kept_as(2), (MessageStatus::Failed, "Thirty ".to_owned()));
        assert_eq!(*world.models.borrow(), 0);
    }
}

#[test]
fn while_a_model_is_silent_the_reader_hears_a_heartbeat() {
    let world = World::new();
    let seen = world.send(&turn("m1"), Some(hangs_after(&[])));
    world.pass(3_000);
    assert_eq!(seen.heartbeats() as u64, 3_000 / u64::from(HEARTBEAT_MS));
    assert_eq!(seen.names(), ["accepted"]);
}

#[test]
fn an_endless_model_is_cut() {
    let world = World::new();
    let long: &'static str = "word ".repeat(1_000).leak();
    let seen = world.send(&turn("m1"), Some(says(&[long; 100])));
    world.pass(60_000);
    assert_eq!(seen.names(), ["accepted", "delta", "failed"]);
    assert!(seen.text().len() <= 16 * 1024 + long.len());
    assert_eq!(*world.models.borrow(), 0);
}

#[test]
fn an_answer_that_nobody_reads_is_interrupted_and_its_model_let_go() {
    let world = World::new();
    let reader = world.try_send(&turn("m1"), None, Some(hangs_after(&["We ", "wait "]))).unwrap();
    world.read(reader, 3);
    // Two pieces at 100 and 200 ms end the reading.
    world.pass(210);
    assert_eq!((*world.models.borrow(), world.kept(2).status), (1, MessageStatus::Streaming));
    world.pass(200);
    assert_eq!(*world.models.borrow(), 0);
    assert_eq!(world.kept_as(2), (MessageStatus::Interrupted, "We wait ".to_owned()));
}

#[test]
fn a_reader_who_is_back_soon_finds_the_answer_going_on() {
    let world = World::new();
    let reader =
        world.try_send(&turn("m1"), None, Some(says(&["We ", "wait ", "for ", "you."]))).unwrap();
    let first = world.read(reader, 2);
    world.pass(150);
    let back = world.turns.resume("m1", first.last_id()).unwrap();
    let rest = world.read(back, usize::MAX);
    world.pass(5_000);
    assert_eq!(first.text() + &rest.text(), "We wait for you.");
    assert_eq!(rest.end(), done(MessageStatus::Complete));
}

#[test]
fn an_answer_that_costs_nothing_is_finished_without_readers() {
    let world = World::new();
    drop(world.try_send(&turn("m1"), None, None).unwrap());
    world.pass(5_000);
    assert_eq!(world.kept_as(2), (MessageStatus::Complete, grounded().text));
}

#[test]
fn two_tabs_read_one_answer_and_one_of_them_is_enough() {
    let world = World::new();
    let script = says(&["Two ", "tabs ", "read ", "this."]);
    let first = world.try_send(&turn("m1"), None, Some(script)).unwrap();
    world.read(first, 2);
    world.pass(110);
    // The other tab may resume the turn, or send the same message: it joins.
    let other = world.read(world.turns.resume("m1", None).unwrap(), usize::MAX);
    let third = world.send(&turn("m1"), Some(vec![]));
    world.pass(5_000);
    for seen in [&other, &third] {
        assert_eq!(seen.text(), "Two tabs read this.");
        assert_eq!(seen.end(), done(MessageStatus::Complete));
    }
    assert_eq!(world.store.last_seq(), Ok(2));
}

#[test]
fn a_stopped_answer_is_kept_as_such_for_every_reader() {
    let world = World::new();
    let seen = world.send(&turn("m1"), Some(hangs_after(&["We "])));
    world.pass(150);
    let cancelled = TurnStopped { status: MessageStatus::Cancelled };
    assert_eq!(world.stop("m1"), Ok(cancelled.clone()));
    world.pass(1);
    assert_eq!(*world.models.borrow(), 0);
    assert_eq!(seen.end(), done(MessageStatus::Cancelled));
    assert_eq!(world.kept_as(2), (MessageStatus::Cancelled, "We ".to_owned()));
    assert_eq!(world.stop("m1"), Ok(cancelled), "again changes nothing");
    // The place is free at once, and the stopped answer can be begun anew.
    let again = world.send(&turn("m1"), Some(says(&["Whole."])));
    world.pass(5_000);
    assert_eq!(again.text(), "Whole.");
    assert_eq!(world.stop("m1"), Ok(TurnStopped { status: MessageStatus::Complete }));
    let unknown = world.stop("m9").map_err(ErrorDetail::from);
    assert_eq!(refusal(unknown), Some(ErrorCode::NotFound));
}

#[test]
fn a_composed_answer_is_stopped_as_well() {
    let world = World::new();
    let seen = world.send(&turn("m1"), None);
    world.pass(25);
    assert_eq!(world.stop("m1"), Ok(TurnStopped { status: MessageStatus::Cancelled }));
    world.pass(1);
    assert!(!seen.text().is_empty() && seen.text().len() < grounded().text.len());
}

#[test]
fn stopping_what_was_interrupted_says_that_nobody_waits_for_it() {
    let mut world = World::new();
    world.send(&turn("m1"), Some(hangs_after(&["We "])));
    world.pass(150);
    world.crash();
    assert_eq!(world.kept(2).status, MessageStatus::Interrupted);
    assert_eq!(world.stop("m1"), Ok(TurnStopped { status: MessageStatus::Cancelled }));
    assert_eq!(world.kept(2).status, MessageStatus::Cancelled);
}

#[test]
fn a_whole_answer_is_said_again_from_any_place() {
    let world = World::new();
    let first = world.send(&turn("m1"), Some(says(&["Dreißig ", "Tage."])));
    world.pass(5_000);
    let text = "Dreißig Tage.";
    for (after, expected) in [
        (None, text),
        (Some("1-0"), text),
        (Some("1-9"), "Tage."),
        (Some("1-14"), ""),
        // Nothing that the answer ever had: a place inside a letter, beyond its end, or of
        // another epoch.
        (Some("1-5"), text),
        (Some("1-99"), text),
        (Some("2-9"), text),
    ] {
        let after = after.map(|id| id.parse().unwrap());
        let resumed = world.read(world.turns.resume("m1", after).unwrap(), usize::MAX);
        let again = world.try_send(&turn("m1"), after, None).unwrap();
        let again = world.read(again, usize::MAX);
        world.pass(1);
        assert_eq!(resumed.text(), expected, "{after:?}");
        assert_eq!(resumed.bytes(), again.bytes());
        assert_eq!(resumed.events().last(), first.events().last());
        assert_eq!(resumed.names().last(), Some(&"done"));
    }
}

#[test]
fn what_was_lost_with_the_memory_is_void_for_its_readers() {
    let mut world = World::new();
    let seen = world.send(&turn("m1"), Some(hangs_after(&["never ", "saved "])));
    world.pass(250);
    assert_eq!(seen.text(), "never saved ");
    world.crash();
    let resumed = world.read(world.turns.resume("m1", seen.last_id()).unwrap(), usize::MAX);
    world.pass(1);
    let events = resumed.events();
    let start = StreamEvent::Accepted { message_seq: 1, answer_seq: 2 };
    assert_eq!(events[0], (EventId { epoch: 2, bytes: 0 }, start));
    assert_eq!(resumed.text(), world.kept(2).text);
    assert_eq!(resumed.end(), done(MessageStatus::Interrupted));

    let again = world.send(&turn("m1"), Some(says(&["Whole."])));
    world.pass(5_000);
    assert_eq!(again.last_id(), Some(EventId { epoch: 3, bytes: 6 }));
    assert_eq!(world.kept_as(2), (MessageStatus::Complete, "Whole.".to_owned()));
}

#[test]
fn another_turn_waits_a_little_and_is_then_told_so() {
    let world = World::new();
    world.send(&turn("m1"), Some(hangs_after(&["We "])));
    assert_eq!(refusal(world.try_send(&turn("m2"), None, None)), Some(ErrorCode::Busy));
    assert_eq!(world.clock.now_ms(), 2_000);

    let world = World::new();
    world.send(&turn("m1"), Some(says(&["Soon ", "over."])));
    let second = world.send(&turn("m2"), None);
    world.pass(5_000);
    assert_eq!(second.end(), done(MessageStatus::Complete));
    assert_eq!(world.kept(2).status, MessageStatus::Complete);
}

#[test]
fn an_edit_ends_the_answer_to_what_it_replaces() {
    let world = World::new();
    let seen = world.send(&turn("m1"), Some(hangs_after(&["We "])));
    world.pass(150);
    let edited = TurnRequest { replaces: vec!["m1".into()], ..turn("m2") };
    let second = world.send(&edited, Some(says(&["Better."])));
    world.pass(5_000);
    assert_eq!(seen.end(), done(MessageStatus::Cancelled));
    assert_eq!(second.text(), "Better.");
    let seqs: Vec<u32> = world.store.messages(0, 9).unwrap().iter().map(|m| m.seq).collect();
    assert_eq!(seqs, [3, 4]);
    let gone = world.turns.resume("m1", None).map_err(ErrorDetail::from);
    assert_eq!(refusal(gone), Some(ErrorCode::NotFound));
}

#[test]
fn the_same_id_is_not_joined_for_another_text() {
    let world = World::new();
    world.send(&turn("m1"), Some(hangs_after(&["We "])));
    let other = TurnRequest { text: "another".into(), ..turn("m1") };
    let refused = refusal(world.try_send(&other, None, None));
    assert_eq!(refused, Some(ErrorCode::MalformedRequest));
}

#[test]
fn an_answer_that_was_given_on_the_device_is_whole_at_once() {
    let world = World::new();
    let spawn = |_: LocalBoxFuture<'static, ()>| panic!("nothing is to be written");
    let material = |_: &Begun| panic!("nothing is to be answered");
    let local = || Some(grounded());
    let turn = turn("m1");
    let begun = world.turns.begin(&turn, None, local, material, &spawn).now_or_never();
    let seen = world.read(begun.unwrap().ok().unwrap(), usize::MAX);
    world.pass(1);
    assert_eq!(seen.names(), ["accepted", "delta", "sources", "done"]);
    assert_eq!(world.kept_as(2), (MessageStatus::Complete, grounded().text));
}

#[test]
fn an_answer_that_cannot_be_kept_is_not_called_whole() {
    let world = World::new();
    let seen = world.send(&turn("m1"), None);
    world.store.fail();
    world.pass(5_000);
    assert_eq!(seen.names(), ["accepted", "delta", "failed"]);
}

proptest! {
    /// Wherever a reader is cut, however often, and whoever else reads: what it has read in the
    /// end is the answer, each byte once.
    #[test]
    fn every_byte_is_read_once(
        cuts in prop::collection::vec((1usize..6, 0u64..300), 0..6),
        pauses in prop::collection::vec(0u32..250, 4),
    ) {
        let world = World::new();
        let words = ["Dreißig ", "Tage ", "ab ", "Lieferung."];
        let script = pauses.iter().zip(words).map(|(pause_ms, word)| (*pause_ms, Ok(word)));
        // Another tab that stays, so that nothing is given up.
        let stays = world.send(&turn("m1"), Some(script.collect()));
        let (mut text, mut at) = (String::new(), None::<EventId>);
        let mut follow = |chunks, ms| {
            let reader = world.turns.resume("m1", at).unwrap();
            let seen = world.read(reader, chunks);
            world.pass(ms);
            text.push_str(&seen.text());
            at = seen.last_id().or(at);
        };
        for (chunks, ms) in cuts {
            follow(chunks, ms);
        }
        world.pass(5_000);
        follow(usize::MAX, 5_000);
        prop_assert_eq!(&text, &words.concat());
        prop_assert_eq!(stays.text(), text);
    }
}

#[test]
fn an_answer_begins_and_ends_once_and_every_reader_leaves() {
    let mut world = World::new();
    world.send(&turn("m1"), Some(says(&["Thirty ", "days."])));
    world.pass(5_000);
    world.send(&turn("m2"), Some(hangs_after(&["We "])));
    world.pass(150);
    world.stop("m2").unwrap();
    world.pass(1);
    world.send(&turn("m3"), Some(hangs_after(&["We "])));
    world.pass(150);
    world.crash();
    let happened = HAPPENED.take();
    let count = |wanted: Happening| happened.iter().filter(|one| **one == wanted).count();
    assert_eq!(count(Happening::Begun), 3);
    for status in [MessageStatus::Complete, MessageStatus::Cancelled, MessageStatus::Interrupted] {
        assert_eq!(count(Happening::Ended(status)), 1, "{happened:?}");
    }
    assert_eq!(count(Happening::Spoke { after_ms: 100 }), 3);
    assert_eq!((count(Happening::ReaderCame), count(Happening::ReaderLeft)), (3, 3));
}
