//! The chat in a small world that fails: whatever the shopper does and the world does to them,
//! nothing that the shopper sent is lost, doubled or out of order, and once the world is well again
//! everything gets its answer.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::protocol::{History, MAX_MESSAGE_CHARS, Message};
use proptest::prelude::*;

/// Something that happens next.
#[derive(Clone, Debug)]
enum Act {
    Open,
    Close,
    Escape,
    Type(usize),
    Submit,
    Highlight(i32),
    Pick(usize),
    Stop,
    Retry(usize),
    Reconnect,
    Return,
    Edit,
    WantDeletion,
    CancelDeletion,
    ConfirmDeletion,
    /// Something that was asked for goes one step on.
    Step(usize, How),
    /// A reply that was given already is given again.
    Repeat(usize),
    /// The worker loses every conversation.
    Wipe,
}

/// How a step goes.
#[derive(Clone, Copy, Debug)]
enum How {
    Well,
    Cut,
    Refused(ErrorCode),
}

/// Something that was asked for and has not ended.
#[derive(Clone, Debug, PartialEq)]
enum Open {
    Engine,
    Models,
    Suggest { seq: u32 },
    Understand { seq: u32 },
    Deadline { seq: u32 },
    Create,
    Delete { conversation: String },
    History { conversation: String, after: u32 },
    Turn { conversation: String, turn: Box<TurnRequest>, at: Stage },
}

/// How far the answer of a turn has come.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Sent,
    Accepted,
    HalfWritten,
    Written,
    Over,
}

/// What the worker keeps of a turn: its text, and whether the answer is whole.
type Stored = (String, bool);

struct World {
    chat: Chat,
    open: Vec<Open>,
    /// Events that may come a second time.
    replies: Vec<Event>,
    /// By id; the turns in the order of their arrival.
    conversations: BTreeMap<String, Vec<(String, Stored)>>,
    remembered: Option<String>,
    /// What the shopper sent on this page, in order: id and text.
    sent: Vec<(String, String)>,
    /// Ids that a worker had accepted, or had refused for good.
    settled: BTreeSet<String>,
    next_id: u32,
}

const DRAFTS: [&str; 5] = ["", "  ", "mug", " how long may I keep it ", "ret"];

fn answer_to(message_id: &str) -> String {
    format!("the answer to {message_id}")
}

impl World {
    fn new(with_past: bool) -> Self {
        let past = [("past-1", true), ("past-2", false)]
            .map(|(id, whole)| (id.to_owned(), (format!("text of {id}"), whole)));
        Self {
            chat: Chat::default(),
            open: vec![],
            replies: vec![],
            conversations: BTreeMap::from([("past".to_owned(), past.to_vec())]),
            remembered: with_past.then(|| "past".to_owned()),
            sent: vec![],
            settled: BTreeSet::new(),
            next_id: 0,
        }
    }

    fn fresh(&mut self, kind: &str) -> String {
        self.next_id += 1;
        format!("{kind}-{}", self.next_id)
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Open => self.tell(Event::Opened { conversation: self.remembered.clone() }),
            Act::Close => self.tell(Event::Closed),
            Act::Escape => self.tell(Event::Escaped),
            Act::Type(at) => match DRAFTS.get(*at) {
                Some(draft) => self.tell(typed(draft)),
                None => self.tell(typed(&"x".repeat(MAX_MESSAGE_CHARS + 1))),
            },
            Act::Submit => {
                let message_id = self.fresh("m");
                self.send(self.chat.highlighted, submit(&message_id), message_id);
            }
            Act::Highlight(lines) => self.tell(Event::HighlightMoved(*lines)),
            Act::Pick(index) => {
                let message_id = self.fresh("m");
                self.send(Some(*index), pick(*index, &message_id), message_id);
            }
            Act::Stop => self.tell(Event::Stopped),
            Act::Retry(at) => {
                let answers: Vec<String> =
                    self.chat.entries.iter().map(|e| e.message_id.clone()).collect();
                if let Some(id) = answers.get(*at % answers.len().max(1)) {
                    self.tell(retry(id));
                }
            }
            Act::Reconnect => self.tell(Event::Reconnected),
            Act::Return => self.tell(Event::Returned),
            Act::Edit => self.tell(Event::Edited),
            Act::WantDeletion => self.tell(Event::DeletionWanted),
            Act::CancelDeletion => self.tell(Event::DeletionCancelled),
            Act::ConfirmDeletion => self.tell(Event::DeletionConfirmed),
            Act::Step(at, how) if !self.open.is_empty() => self.step(at % self.open.len(), *how),
            Act::Step(..) => {}
            Act::Repeat(at) => {
                if let Some(event) = self.replies.get(at % self.replies.len().max(1)) {
                    self.tell(event.clone());
                }
            }
            Act::Wipe => self.conversations.clear(),
        }
    }

    /// Notes what the event must send, from what the shopper sees, and tells the event.
    fn send(&mut self, chosen: Option<usize>, event: Event, message_id: String) {
        let text = match chosen {
            Some(index) => match self.chat.suggestions.get(index) {
                Some(Suggestion::Answer(answer)) => answer.source.title.clone(),
                _ => String::new(),
            },
            None => self.chat.draft.trim().to_owned(),
        };
        let is_sent = !text.is_empty() && text.chars().count() <= MAX_MESSAGE_CHARS;
        if is_sent && self.chat.deletion.is_none() {
            if chosen.is_none() && self.sent.last().map(|(id, _)| id) == self.chat.editing.as_ref()
            {
                self.sent.pop();
            }
            self.sent.push((message_id, text));
        }
        self.tell(event);
    }

    fn tell(&mut self, event: Event) {
        let effects = self.chat.update(event.clone());
        for effect in effects {
            match effect {
                Effect::LoadEngine => self.open.push(Open::Engine),
                Effect::Suggest { seq, .. } => self.open.push(Open::Suggest { seq }),
                Effect::Understand { seq, .. } => self.open.push(Open::Understand { seq }),
                Effect::Deadline { seq, .. } => self.open.push(Open::Deadline { seq }),
                Effect::CreateConversation => {
                    assert!(!self.open.contains(&Open::Create), "two conversations at a time");
                    self.open.push(Open::Create);
                }
                Effect::RememberConversation(id) => self.remembered = Some(id),
                Effect::ForgetConversation => self.remembered = None,
                Effect::DeleteConversation { conversation } => {
                    self.open.push(Open::Delete { conversation });
                }
                Effect::ForgetEverything => {
                    self.remembered = None;
                    self.sent.clear();
                    // Nobody waits for a conversation any more.
                    self.open.retain(|o| *o != Open::Create);
                }
                Effect::PostTurn { conversation, turn } => {
                    let id = &turn.message_id;
                    assert!(self.turn(id).is_none(), "{id} is posted twice at a time");
                    self.open.push(Open::Turn {
                        conversation,
                        turn: Box::new(turn),
                        at: Stage::Sent,
                    });
                }
                Effect::AbortTurn { message_id } => self.open.retain(
                    |o| !matches!(o, Open::Turn { turn, .. } if turn.message_id == message_id),
                ),
                Effect::FetchHistory { conversation, after } => {
                    self.open.push(Open::History { conversation, after });
                }
                Effect::Recommend { .. }
                | Effect::ResumeTurn { .. }
                | Effect::StopTurn { .. }
                | Effect::AddToCart(_)
                | Effect::Navigate { .. }
                | Effect::AnswerEnded { .. }
                | Effect::FocusComposer
                | Effect::FocusDeletion
                | Effect::FocusDeleteButton
                | Effect::FocusLauncher => {}
            }
        }
        self.check(&event);
    }

    fn turn(&self, message_id: &str) -> Option<&Open> {
        self.open
            .iter()
            .find(|o| matches!(o, Open::Turn { turn, .. } if turn.message_id == message_id))
    }

    fn step(&mut self, at: usize, how: How) {
        let step = self.open.remove(at);
        let error = match how {
            How::Well => None,
            How::Cut => Some(TurnError::Network),
            How::Refused(code) => Some(refusal(code)),
        };
        let reply = match (step, error) {
            (Open::Turn { conversation, turn, at }, error) => {
                return self.step_turn(conversation, *turn, at, error);
            }
            (Open::Engine, None) => {
                self.open.push(Open::Models);
                Event::EngineSearching
            }
            (Open::Models, None) => Event::EngineReady,
            (Open::Engine | Open::Models, Some(_)) => Event::EngineFailed,
            (Open::Suggest { seq }, _) => Event::Suggested { seq, items: four_kinds() },
            (Open::Understand { seq }, error) => understood(seq, self.understanding(seq, &error)),
            (Open::Deadline { seq }, _) => Event::DeadlinePassed { seq },
            (Open::Create, None) => {
                let id = self.fresh("c");
                self.conversations.insert(id.clone(), vec![]);
                Event::ConversationCreated(id)
            }
            (Open::Create, Some(error)) => Event::ConversationFailed(error),
            (Open::Delete { conversation }, error) => {
                // A reply that is lost says nothing of what was done.
                if !matches!(error, Some(TurnError::Refused(_))) {
                    self.conversations.remove(&conversation);
                }
                Event::DeletionEnded { is_deleted: error.is_none() }
            }
            (Open::History { conversation, after }, None) => {
                match self.conversations.get(&conversation) {
                    Some(turns) => {
                        Event::HistoryLoaded { history: history(turns, after), conversation }
                    }
                    None => {
                        let error = HistoryError::UnknownConversation;
                        Event::HistoryFailed { conversation, error }
                    }
                }
            }
            (Open::History { conversation, .. }, Some(_)) => {
                Event::HistoryFailed { conversation, error: HistoryError::Unavailable }
            }
        };
        // Whether a conversation was made, or deleted, is said once, by the one request for it.
        let is_said_once = matches!(
            reply,
            Event::ConversationCreated(_)
                | Event::ConversationFailed(_)
                | Event::DeletionEnded { .. }
        );
        if !is_said_once {
            self.replies.push(reply.clone());
        }
        self.tell(reply);
    }

    /// Each number gets another understanding: a section, products, or nothing sure.
    fn understanding(&self, seq: u32, error: &Option<TurnError>) -> Understanding {
        match (seq % 3, error) {
            (0, None) => Understanding { answer: Some(returns()), ..sure_of("return_policy") },
            (1, None) => Understanding { products: vec![card("1")], ..sure_of("availability") },
            _ => Understanding::default(),
        }
    }

    fn step_turn(
        &mut self,
        conversation: String,
        turn: TurnRequest,
        at: Stage,
        error: Option<TurnError>,
    ) {
        let id = turn.message_id.clone();
        let known = self.conversations.contains_key(&conversation);
        let error = match at {
            Stage::Sent if !known => Some(refusal(ErrorCode::UnknownConversation)),
            Stage::Over => None,
            _ => error,
        };
        let go_on = |world: &mut Self, next| {
            let (conversation, turn) = (conversation.clone(), turn.clone());
            world.open.push(Open::Turn { conversation, turn: Box::new(turn), at: next });
        };
        match (at, error) {
            (_, Some(TurnError::Network)) => self.tell(cut(&id)),
            (Stage::Sent, Some(TurnError::Refused(detail))) => {
                let forgiven = detail.retryable || detail.code == ErrorCode::UnknownConversation;
                if turn.local.is_some() && !forgiven {
                    self.settled.insert(id.clone());
                }
                let error = Some(TurnError::Refused(detail));
                self.tell(Event::TurnEnded { message_id: id, error });
            }
            (_, Some(TurnError::Refused(error))) => {
                go_on(self, Stage::Over);
                self.tell(frame(&id, StreamEvent::Failed { error }));
            }
            (Stage::Sent, None) => {
                self.settled.insert(id.clone());
                let turns = self.conversations.entry(conversation.clone()).or_default();
                if !turns.iter().any(|(of, _)| *of == id) {
                    turns.push((id.clone(), (turn.text.clone(), false)));
                }
                let before = turns.iter().take_while(|(of, _)| *of != id).count() as u32;
                let (message_seq, answer_seq) = (2 * before + 1, 2 * before + 2);
                go_on(self, Stage::Accepted);
                self.tell(frame(&id, StreamEvent::Accepted { message_seq, answer_seq }));
            }
            (Stage::Accepted, None) => {
                go_on(self, Stage::HalfWritten);
                self.tell(delta(&id, "the answer "));
            }
            (Stage::HalfWritten, None) => {
                go_on(self, Stage::Written);
                self.tell(delta(&id, &format!("to {id}")));
            }
            (Stage::Written, None) => {
                let turns = self.conversations.entry(conversation.clone()).or_default();
                for (_, (_, whole)) in turns.iter_mut().filter(|(of, _)| *of == id) {
                    *whole = true;
                }
                go_on(self, Stage::Over);
                self.tell(done(&id, MessageStatus::Complete));
            }
            (Stage::Over, None) => self.tell(ended(&id)),
        }
    }

    /// The turns that are on their way or wait for it.
    fn moving(&self) -> impl Iterator<Item = &TurnRequest> {
        let flying = self.chat.in_flight.iter().map(|flight| &flight.turn);
        self.chat.outbox.iter().chain(flying)
    }

    fn turns(&self) -> impl Iterator<Item = &TurnRequest> {
        self.moving().chain(&self.chat.unanswered)
    }

    /// What must hold after every event.
    fn check(&self, event: &Event) {
        let chat = &self.chat;
        let shown: Vec<(String, String)> = chat
            .entries
            .iter()
            .filter(|e| e.role == Role::Shopper && !e.message_id.starts_with("past"))
            .map(|e| (e.message_id.clone(), e.text.clone()))
            .collect();
        assert_eq!(shown, self.sent, "the shopper's messages after {event:?}");

        let places = |id: &str| {
            let pending = chat.pending.iter().filter(|p| p.message_id == id).count();
            let turns = self.turns();
            pending + turns.filter(|t| t.message_id == id).count()
        };
        for (id, text) in &self.sent {
            let whole =
                chat.entries.iter().any(|e| is_answer(e, id) && e.status == EntryStatus::Complete);
            let expected = if whole { places(id) <= 1 } else { places(id) == 1 };
            assert!(expected, "{id} is in {} places after {event:?}", places(id));
            let turns = self.turns();
            assert!(turns.filter(|t| t.message_id == *id).all(|t| t.text == *text));
        }
        for entry in chat.entries.iter().filter(|e| e.role == Role::Assistant) {
            let is = |t: &TurnRequest| t.message_id == entry.message_id && t.local.is_none();
            let moving = self.moving().any(is);
            match entry.status {
                EntryStatus::Waiting | EntryStatus::Streaming => assert!(moving, "{entry:?}"),
                EntryStatus::Cancelled | EntryStatus::Failed => assert!(chat.can_retry(entry)),
                EntryStatus::Complete => assert!(!moving, "{entry:?}"),
            }
        }
        // Whatever is waited for is on its way, so nothing waits for ever.
        assert_eq!(chat.creating, self.open.contains(&Open::Create));
        if let Some(turn) = chat.in_flight.as_ref().map(|flight| &flight.turn) {
            assert!(self.turn(&turn.message_id).is_some(), "nobody posts {turn:?}");
        }
        if chat.outbox.iter().any(|t| t.local.is_none()) {
            assert!(chat.in_flight.is_some() || chat.creating, "the outbox stands still");
        }
        if let Some(pending) = &chat.pending {
            assert!(self.open.contains(&Open::Deadline { seq: pending.seq }));
        }
        if chat.loading_history {
            let conversation = chat.conversation.as_ref().unwrap();
            let is_it = |o: &Open| matches!(o, Open::History { conversation: of, .. } if of == conversation);
            assert!(self.open.iter().any(is_it));
        }
    }

    /// Lets everything that was asked for end well.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            if self.open.is_empty() {
                return;
            }
            self.step(0, How::Well);
        }
        panic!("it never comes to rest: {:?}", self.open);
    }

    /// The world is well again, and the shopper presses every retry that there is.
    fn heal(&mut self) {
        self.settle();
        self.tell(Event::DeletionCancelled);
        self.tell(Event::Reconnected);
        self.settle();
        let failed: Vec<String> = self
            .chat
            .entries
            .iter()
            .filter(|e| e.role == Role::Assistant && e.status != EntryStatus::Complete)
            .map(|e| e.message_id.clone())
            .collect();
        for id in failed {
            self.tell(retry(&id));
        }
        self.settle();
        self.tell(Event::Reconnected);
        self.settle();
        let chat = &self.chat;
        assert!(chat.outbox.is_empty() && chat.unanswered.is_empty());
        assert!(chat.in_flight.is_none() && !chat.is_answering() && !chat.loading_history);
        assert_ne!(chat.notice, Some(Notice::HistoryUnavailable));
        for entry in chat.entries.iter().filter(|e| e.role == Role::Assistant) {
            assert_eq!(entry.status, EntryStatus::Complete);
            if !entry.local {
                assert_eq!(entry.text, answer_to(&entry.message_id));
            }
        }
        for (id, _) in &self.sent {
            let answers = chat.entries.iter().filter(|e| is_answer(e, id)).count();
            assert_eq!(answers, 1, "answers to {id}");
            assert!(self.settled.contains(id), "the worker never heard of {id}");
        }
    }
}

fn is_answer(entry: &Entry, message_id: &str) -> bool {
    entry.role == Role::Assistant && entry.message_id == message_id
}

fn history(turns: &[(String, Stored)], after: u32) -> History {
    let mut messages = Vec::new();
    for (id, (text, whole)) in turns {
        let status = if *whole { MessageStatus::Complete } else { MessageStatus::Streaming };
        let answer = if *whole { answer_to(id) } else { "the ans".into() };
        for (role, message_id, text, status) in [
            (Role::Shopper, id.clone(), text.clone(), MessageStatus::Complete),
            (Role::Assistant, String::new(), answer, status),
        ] {
            let seq = messages.len() as u32 + 1;
            messages.push(Message { message_id, status, ..Message::new(seq, role, &text, 0) });
        }
    }
    let last_seq = messages.len() as u32;
    messages.retain(|message| message.seq > after);
    History { messages, last_seq }
}

fn hows() -> impl Strategy<Value = How> {
    let code = prop::sample::select(vec![
        ErrorCode::Busy,
        ErrorCode::Internal,
        ErrorCode::ProviderFailed,
        ErrorCode::UnknownConversation,
        ErrorCode::UnknownShop,
        ErrorCode::MessageTooLong,
        ErrorCode::MalformedRequest,
    ]);
    prop_oneof![6 => Just(How::Well), 1 => Just(How::Cut), 2 => code.prop_map(How::Refused)]
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => Just(Act::Open),
        1 => Just(Act::Close),
        1 => Just(Act::Escape),
        6 => (0..=DRAFTS.len()).prop_map(Act::Type),
        6 => Just(Act::Submit),
        1 => (-5i32..6).prop_map(Act::Highlight),
        3 => (0usize..5).prop_map(Act::Pick),
        2 => Just(Act::Stop),
        3 => (0usize..40).prop_map(Act::Retry),
        2 => Just(Act::Reconnect),
        1 => Just(Act::Return),
        2 => Just(Act::Edit),
        2 => Just(Act::WantDeletion),
        1 => Just(Act::CancelDeletion),
        1 => Just(Act::ConfirmDeletion),
        30 => (0usize..40, hows()).prop_map(|(at, how)| Act::Step(at, how)),
        2 => (0usize..40).prop_map(Act::Repeat),
        1 => Just(Act::Wipe),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2 * ProptestConfig::default().cases, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_was_sent_is_lost(
        acts in prop::collection::vec(acts(), 0..120),
        with_past in any::<bool>(),
        opens_first in prop::bool::weighted(0.8),
    ) {
        let mut world = World::new(with_past);
        if opens_first {
            world.act(&Act::Open);
        }
        for act in &acts {
            world.act(act);
        }
        world.heal();
    }
}
