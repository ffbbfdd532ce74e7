//! Tests of the chat. Each row of a flow is an event and the effects it must have; a flow ends
//! with the transcript that the shopper must then see.

mod deletion;
mod history;
mod panel;
mod sending;
mod turns;
mod world;

use super::*;
use crate::protocol::{
    Action, ErrorCode, ErrorDetail, IntentScore, MessageStatus, ProductCard, Recommendation,
    RecommendationReason, Requested, Role, SectionAnswer, Source, StreamEvent, Suggestion,
    TurnRequest, Understanding,
};

/// Plays the rows on a fresh chat; see [`play`].
fn check(rows: &[(Event, &str)], transcript: &[&str]) -> Chat {
    let mut chat = Chat::default();
    play(&mut chat, rows, transcript);
    chat
}

/// Plays the rows on a chat and compares the effects of each, in the words of [`say`], and the
/// transcript at the end, in the words of [`show`].
fn play(chat: &mut Chat, rows: &[(Event, &str)], transcript: &[&str]) {
    for (at, (event, expected)) in rows.iter().enumerate() {
        let effects = chat.update(event.clone());
        let said: Vec<String> = effects.iter().map(say).collect();
        assert_eq!(said.join("; "), *expected, "effects of row {at}: {event:?}");
    }
    assert_eq!(chat.entries.iter().map(show).collect::<Vec<_>>(), transcript);
}

/// A fresh chat after these events, for a flow that begins in the middle.
fn chat_after(rows: &[Event]) -> Chat {
    let mut chat = Chat::default();
    for event in rows {
        chat.update(event.clone());
    }
    chat
}

fn say(effect: &Effect) -> String {
    match effect {
        Effect::LoadEngine => "load engine".into(),
        Effect::Suggest { seq, text } => format!("suggest {seq} {text}"),
        Effect::Recommend { seq } => format!("recommend {seq}"),
        Effect::Understand { seq, text } => format!("understand {seq} {text}"),
        Effect::Deadline { seq, after_ms } => format!("deadline {seq} {after_ms}"),
        Effect::CreateConversation => "create".into(),
        Effect::RememberConversation(id) => format!("remember {id}"),
        Effect::ForgetConversation => "forget".into(),
        Effect::DeleteConversation { conversation } => format!("delete {conversation}"),
        Effect::ForgetEverything => "forget everything".into(),
        Effect::PostTurn { conversation, turn } => format!("post {conversation} {}", tell(turn)),
        Effect::ResumeTurn { conversation, message_id, after, delay_ms } => {
            format!("resume {conversation} {message_id} {after} {delay_ms}")
        }
        Effect::StopTurn { conversation, message_id } => {
            format!("stop {conversation} {message_id}")
        }
        Effect::AbortTurn { message_id } => format!("abort {message_id}"),
        Effect::FetchHistory { conversation, after } => format!("history {conversation} {after}"),
        Effect::AddToCart(addition) => {
            format!("cart {} x {}", addition.quantity, addition.product.sku)
        }
        Effect::Navigate { url } => format!("go {url}"),
        Effect::AnswerEnded { message_id } => format!("ended {message_id}"),
        Effect::FocusComposer => "composer".into(),
        Effect::FocusDeletion => "deletion".into(),
        Effect::FocusDeleteButton => "delete button".into(),
        Effect::FocusLauncher => "launcher".into(),
    }
}

fn tell(turn: &TurnRequest) -> String {
    let mut out = format!("{} {}", turn.message_id, turn.text);
    if let Some(intent) = &turn.intent {
        out += &format!(" intent={intent}");
    }
    if !turn.vector.is_empty() {
        out += &format!(" vector={:?}", turn.vector);
    }
    if !turn.replaces.is_empty() {
        out += &format!(" replaces={}", turn.replaces.join(","));
    }
    if let Some(local) = &turn.local {
        match local.section {
            Some(section) => out += &format!(" section={section}"),
            None => out += &format!(" skus={}", local.skus.join(",")),
        }
    }
    out
}

fn show(entry: &Entry) -> String {
    let who = match entry.role {
        Role::Shopper => "shopper",
        Role::Assistant => "aisle",
    };
    let status = match (entry.status, entry.local) {
        (EntryStatus::Complete, true) => " (local)",
        (EntryStatus::Complete, false) => "",
        (EntryStatus::Waiting, _) => " (waiting)",
        (EntryStatus::Streaming, _) => " (streaming)",
        (EntryStatus::Cancelled, _) => " (cancelled)",
        (EntryStatus::Failed, _) => " (failed)",
    };
    let mut out = format!("{who} {}{status}: {}", entry.message_id, entry.text);
    for source in &entry.sources {
        out += &format!(" [{}]", source.title);
    }
    for product in &entry.products {
        out += &format!(" <{}>", product.sku);
    }
    out
}

fn open(conversation: Option<&str>) -> Event {
    Event::Opened { conversation: conversation.map(str::to_owned) }
}

fn typed(text: &str) -> Event {
    Event::Typed(text.into())
}

fn submit(message_id: &str) -> Event {
    Event::Submitted { message_id: message_id.into() }
}

fn pick(index: usize, message_id: &str) -> Event {
    Event::Picked { index, message_id: message_id.into() }
}

fn created(id: &str) -> Event {
    Event::ConversationCreated(id.into())
}

fn retry(message_id: &str) -> Event {
    Event::Retried { message_id: message_id.into() }
}

fn frame(message_id: &str, event: StreamEvent) -> Event {
    Event::Streamed { message_id: message_id.into(), id: None, event }
}

/// The same frame, which says how far it goes.
fn numbered(id: &str, event: Event) -> Event {
    match event {
        Event::Streamed { message_id, event, .. } => {
            Event::Streamed { message_id, id: Some(id.parse().unwrap()), event }
        }
        other => other,
    }
}

fn accepted(message_id: &str) -> Event {
    frame(message_id, StreamEvent::Accepted { message_seq: 1, answer_seq: 2 })
}

fn delta(message_id: &str, text: &str) -> Event {
    frame(message_id, StreamEvent::Delta { text: text.into() })
}

fn done(message_id: &str, status: MessageStatus) -> Event {
    frame(message_id, StreamEvent::Done { status })
}

fn cut(message_id: &str) -> Event {
    Event::TurnEnded { message_id: message_id.into(), error: Some(TurnError::Network) }
}

fn ended(message_id: &str) -> Event {
    Event::TurnEnded { message_id: message_id.into(), error: None }
}

fn refusal(code: ErrorCode) -> TurnError {
    TurnError::Refused(ErrorDetail::new(code, "said by the test"))
}

fn refused(message_id: &str, code: ErrorCode) -> Event {
    Event::TurnEnded { message_id: message_id.into(), error: Some(refusal(code)) }
}

fn understood(seq: u32, understanding: Understanding) -> Event {
    Event::Understood { seq, understanding }
}

fn card(sku: &str) -> ProductCard {
    ProductCard {
        sku: sku.into(),
        handle: format!("handle-{sku}"),
        title: format!("Title {sku}"),
        url: format!("/products/{sku}"),
        image: String::new(),
        price_minor: 250,
        compare_at_minor: None,
        currency: "GBP".into(),
        available: true,
    }
}

fn returns() -> SectionAnswer {
    SectionAnswer {
        text: "Thirty days.".into(),
        source: Source { section: 3, title: "Returns".into(), url: "/pages/returns".into() },
    }
}

/// One suggestion of each kind: a product, an answer, an action, a completion.
fn four_kinds() -> Vec<Suggestion> {
    vec![
        Suggestion::Product(card("22001")),
        Suggestion::Answer(returns()),
        Suggestion::Action(Action { label: "Start".into(), url: "/pages/start".into() }),
        Suggestion::Completion { text: "where is my order".into() },
    ]
}

fn sure_of(intent: &str) -> Understanding {
    Understanding {
        intents: vec![IntentScore { intent: intent.into(), probability: 0.9 }],
        vector: vec![1, -2],
        confident: true,
        ..Understanding::default()
    }
}
