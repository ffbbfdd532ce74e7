use super::*;
use aisle_core::protocol::{PROTOCOL_VERSION, Source, TurnRequest};
use aisle_core::sse::Decoder;
use futures_util::FutureExt;
use proptest::prelude::*;

use crate::conversation::begin;
use crate::ports::{ManualClock, MemoryStore, ScriptedModel};

struct World {
    store: MemoryStore,
    place: Rc<Cell<bool>>,
}

impl World {
    fn new() -> Self {
        let store = MemoryStore::default();
        store.open(0).unwrap();
        Self { store, place: Rc::default() }
    }

    fn begin(&self) -> Begun {
        let turn = TurnRequest {
            v: PROTOCOL_VERSION,
            message_id: "message-1".into(),
            text: "how long do returns take".into(),
            ..TurnRequest::default()
        };
        begin(&self.store, &turn, 1).unwrap()
    }

    fn answering(&self, model: Option<&dyn Model>) -> Answering<MemoryStore, ManualClock> {
        let material = Material { grounded: grounded(), prompt: vec![], facts: facts() };
        let writing = Writing::claim(&self.place).unwrap();
        let clock = ManualClock::default();
        Answering::new(self.store.clone(), clock, self.begin(), material, model, writing, |_| {})
    }

    /// Status and text of the answer as they are kept.
    fn kept(&self) -> (MessageStatus, String) {
        let answer = self.store.get(2).unwrap().unwrap();
        (answer.status, answer.text)
    }
}

fn grounded() -> Answer {
    let source = Source { section: 0, title: "Returns".into(), url: "/pages/returns".into() };
    Answer {
        text: "Thirty days from delivery. ".repeat(4),
        sources: vec![source],
        products: vec![],
    }
}

fn facts() -> Facts {
    let mut facts = Facts::default();
    facts.text(&grounded().text);
    facts
}

fn says(pieces: &[&str]) -> ScriptedModel {
    ScriptedModel::says(pieces.iter().copied())
}

/// The events, their text, and how many heartbeats came between.
fn read(stream: impl Stream<Item = Vec<u8>>) -> (Vec<&'static str>, String, usize) {
    let all: Vec<Vec<u8>> = stream.collect().now_or_never().unwrap();
    let beats = all.iter().filter(|bytes| bytes.as_slice() == HEARTBEAT.as_bytes()).count();
    let frames = Decoder::new().push(&all.concat()).unwrap();
    let mut names = Vec::new();
    let mut text = String::new();
    for (frame, number) in frames.iter().zip(1..) {
        let event: StreamEvent = serde_json::from_str(&frame.data).unwrap();
        assert_eq!(
            (frame.id.as_str(), frame.event.as_str()),
            (&*format!("{number}"), event.name())
        );
        if let StreamEvent::Delta { text: piece } = &event {
            text.push_str(piece);
        }
        if names.last() != Some(&event.name()) {
            names.push(event.name());
        }
    }
    (names, text, beats)
}

#[test]
fn without_a_model_the_documents_answer() {
    let world = World::new();
    let (names, text, _) = read(world.answering(None).into_stream());
    assert_eq!(names, ["accepted", "delta", "sources", "done"]);
    assert_eq!(text, grounded().text);
    assert_eq!(world.kept(), (MessageStatus::Complete, text));
    assert_eq!(world.store.get(2).unwrap().unwrap().sources, grounded().sources);
    assert!(!world.place.get());
}

#[test]
fn a_model_that_speaks_is_passed_on_and_kept() {
    let world = World::new();
    let (names, text, _) = read(world.answering(Some(&says(&["Thirty ", "days."]))).into_stream());
    assert_eq!(names, ["accepted", "delta", "sources", "done"]);
    assert_eq!(text, "Thirty days.");
    assert_eq!(world.kept(), (MessageStatus::Complete, text));
}

#[test]
fn a_model_that_fails_before_its_first_word_is_replaced() {
    for error in [
        ModelError::Status { status: 500, retry_after_ms: None },
        ModelError::Network("refused".into()),
        ModelError::Protocol("html".into()),
    ] {
        let world = World::new();
        let model = ScriptedModel { pieces: vec![Err(error)], ..ScriptedModel::default() };
        let (names, text, _) = read(world.answering(Some(&model)).into_stream());
        assert_eq!(names, ["accepted", "delta", "sources", "done"]);
        assert_eq!(text, grounded().text);
    }
    let world = World::new();
    let (_, text, _) = read(world.answering(Some(&says(&[]))).into_stream());
    assert_eq!(text, grounded().text);
}

#[test]
fn a_model_that_fails_later_leaves_a_failed_answer() {
    let world = World::new();
    let mut model = says(&["Thirty "]);
    model.pieces.push(Err(ModelError::Network("cut".into())));
    let (names, text, _) = read(world.answering(Some(&model)).into_stream());
    assert_eq!(names, ["accepted", "delta", "failed"]);
    assert_eq!(world.kept(), (MessageStatus::Failed, text));
    assert!(!world.place.get());
}

#[test]
fn a_silent_model_is_waited_for_with_heartbeats_and_given_up() {
    let world = World::new();
    let model = ScriptedModel { hangs: true, ..ScriptedModel::default() };
    let (names, text, beats) = read(world.answering(Some(&model)).into_stream());
    assert_eq!(names, ["accepted", "delta", "sources", "done"]);
    assert_eq!(text, grounded().text);
    assert_eq!(beats as u64, MAX_SILENCE_MS / u64::from(HEARTBEAT_MS) - 1);

    let world = World::new();
    let model = ScriptedModel { hangs: true, ..says(&["We "]) };
    let (names, _, _) = read(world.answering(Some(&model)).into_stream());
    assert_eq!(names, ["accepted", "delta", "failed"]);
}

#[test]
fn an_endless_model_is_cut() {
    let world = World::new();
    let pieces = vec!["word ".repeat(1_000); 100];
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    let (names, text, _) = read(world.answering(Some(&says(&pieces))).into_stream());
    assert_eq!(names, ["accepted", "delta", "failed"]);
    assert!(text.len() <= MAX_ANSWER_BYTES + 5_000);
}

#[test]
fn a_shopper_who_leaves_finds_what_was_written() {
    let world = World::new();
    let model = ScriptedModel { hangs: true, ..says(&["We ", "wait "]) };
    let mut stream = Box::pin(world.answering(Some(&model)).into_stream());
    for _ in 0..3 {
        stream.next().now_or_never().unwrap();
    }
    assert!(Writing::claim(&world.place).is_none());
    drop(stream);
    assert_eq!(world.kept(), (MessageStatus::Cancelled, "We wait ".to_owned()));
    assert!(Writing::claim(&world.place).is_some());
}

#[test]
fn a_whole_answer_is_said_again_as_it_was() {
    let world = World::new();
    let (_, first, _) = read(world.answering(None).into_stream());
    let begun = world.begin();
    assert!(begun.is_answered());
    let again = Answering::replay(world.store.clone(), ManualClock::default(), begun, |_| {});
    let (names, text, _) = read(again.into_stream());
    assert_eq!(names, ["accepted", "delta", "sources", "done"]);
    assert_eq!(text, first);
    assert_eq!(world.kept(), (MessageStatus::Complete, first));
}

#[test]
fn an_answer_that_cannot_be_kept_is_not_called_whole() {
    let world = World::new();
    let answering = world.answering(None);
    world.store.fail();
    let (names, _, _) = read(answering.into_stream());
    assert_eq!(names, ["accepted", "delta", "failed"]);
}

proptest! {
    /// Wherever the stream is dropped, what is kept is what was sent, or less by one frame.
    #[test]
    fn nothing_sent_is_lost(taken in 0usize..60, speaks in any::<bool>()) {
        let world = World::new();
        let model = says(&["Thirty ", "days ", "from ", "delivery."]);
        let model: Option<&dyn Model> = if speaks { Some(&model) } else { None };
        let stream = world.answering(model).into_stream();
        let sent: Vec<Vec<u8>> = stream.take(taken).collect().now_or_never().unwrap();
        let frames = Decoder::new().push(&sent.concat()).unwrap();
        let text: String = frames
            .iter()
            .filter_map(|frame| match serde_json::from_str(&frame.data) {
                Ok(StreamEvent::Delta { text }) => Some(text),
                _ => None,
            })
            .collect();
        let is_done = frames.iter().any(|frame| frame.event == "done");
        let (status, kept) = world.kept();
        prop_assert_eq!(&kept, &text);
        prop_assert!(!is_done || status == MessageStatus::Complete);
        prop_assert!(status != MessageStatus::Streaming);
    }
}
