//! Streams as providers send them, cut everywhere.

mod anthropic;
mod openai;

use std::rc::Rc;

use aisle_core::answer::{PromptMessage, ToolCall};
use futures_util::{FutureExt, StreamExt};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::ports::{
    ManualClock, MemoryLedger, Model, ModelError, ModelRequest, Piece, ScriptedReply,
    ScriptedUpstream, ToolSpec, Usage,
};

fn request() -> ModelRequest {
    ModelRequest {
        messages: vec![
            PromptMessage::System("rules".into()),
            PromptMessage::User("a \"quoted\" one".into()),
        ],
        tools: [].into(),
        max_tokens: 50,
    }
}

/// One provider over a network that does what it is told.
struct World {
    upstream: ScriptedUpstream,
    ledger: MemoryLedger,
    provider: Provider<ScriptedUpstream, ManualClock>,
}

impl World {
    fn new(kind: &str, replies: impl IntoIterator<Item = ScriptedReply>) -> Self {
        let json = json!([{
            "name": "p", "kind": kind, "url": "http://a.example/v1/", "model": "m",
            "input_price": 1.0, "output_price": 10.0,
        }]);
        let settings = Providers::parse(&json.to_string()).unwrap();
        let upstream = ScriptedUpstream::new(replies);
        let ledger = MemoryLedger::default();
        let provider = Provider::new(
            settings.iter().next().unwrap().clone(),
            Some("secret".into()),
            upstream.clone(),
            ManualClock::default(),
            TrackRecords::default(),
            Rc::new(ledger.clone()),
        );
        Self { upstream, ledger, provider }
    }

    fn ask(&self) -> Vec<Result<Piece, ModelError>> {
        self.provider.ask(request()).collect().now_or_never().unwrap()
    }

    fn bodies(&self) -> Vec<Value> {
        let requests = self.upstream.requests.borrow();
        requests.iter().map(|request| serde_json::from_str(&request.body).unwrap()).collect()
    }
}

/// Text, calls, usage and error of a reply.
#[derive(Clone, Debug, Default, PartialEq)]
struct Said {
    text: String,
    calls: Vec<ToolCall>,
    usage: Option<Usage>,
    error: Option<ModelError>,
}

fn said(pieces: Vec<Result<Piece, ModelError>>) -> Said {
    let mut said = Said::default();
    for piece in pieces {
        assert_eq!(said.error, None, "nothing follows an error");
        match piece {
            Ok(Piece::Text(text)) => {
                assert!(!text.is_empty() && said.usage.is_none());
                said.text.push_str(&text);
            }
            Ok(Piece::Call(call)) => said.calls.push(call),
            Ok(Piece::Usage(usage)) => assert_eq!(said.usage.replace(usage), None),
            Err(error) => said.error = Some(error),
        }
    }
    said
}

fn read_chunks(kind: &str, chunks: Vec<Vec<u8>>) -> Vec<Result<Piece, ModelError>> {
    let reply =
        ScriptedReply::Reply { status: 200, retry_after_ms: None, chunks, stays_open: false };
    let world = World::new(kind, [reply]);
    let pieces = world.ask();
    assert_eq!(world.ledger.0.borrow().len(), 1, "a reply is counted once");
    pieces
}

/// Reads a stream whole, byte by byte, and cut in two everywhere.
fn read(kind: &str, stream: &[u8]) -> Said {
    let whole = read_chunks(kind, vec![stream.to_vec()]);
    let bytes = stream.iter().map(|byte| vec![*byte]).collect();
    assert_eq!(read_chunks(kind, bytes), whole);
    for cut in 0..stream.len() {
        let (left, right) = stream.split_at(cut);
        assert_eq!(read_chunks(kind, vec![left.to_vec(), right.to_vec()]), whole, "cut at {cut}");
    }
    said(whole)
}

fn data(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// A chunk of OpenAI's with this delta.
fn delta(delta: Value, finish_reason: Option<&str>) -> String {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": finish_reason});
    data(&json!({"id": "c", "object": "chat.completion.chunk", "choices": [choice]}))
}

fn content(text: &str) -> String {
    delta(json!({"content": text}), None)
}

/// An event of Anthropic's.
fn event(name: &str, more: Value) -> String {
    let mut event = json!({"type": name});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    format!("event: {name}\n{}", data(&event))
}

fn block_delta(index: u32, delta: Value) -> String {
    event("content_block_delta", json!({"index": index, "delta": delta}))
}

fn text_delta(text: &str) -> String {
    block_delta(0, json!({"type": "text_delta", "text": text}))
}

fn message_end(stop_reason: &str) -> String {
    let usage = json!({"output_tokens": 12});
    let delta = json!({"stop_reason": stop_reason, "stop_sequence": null});
    [
        event("message_delta", json!({"delta": delta, "usage": usage})),
        event("message_stop", json!({})),
    ]
    .concat()
}

fn usage(input_tokens: u32, output_tokens: u32) -> Option<Usage> {
    let cost_micros = u64::from(input_tokens) + 10 * u64::from(output_tokens);
    let provider = "p".to_owned();
    Some(Usage { provider, input_tokens, output_tokens, cost_micros, is_estimated: false })
}

fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() }
}

const STOP: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";
const USAGE: &str =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":5}}\n\n";

#[test]
fn bytes_that_are_no_text_are_replaced() {
    let stream = [content("a~b").as_bytes(), STOP.as_bytes(), USAGE.as_bytes()].concat();
    let stream: Vec<u8> = stream.into_iter().map(|b| if b == b'~' { 0xff } else { b }).collect();
    assert_eq!(read("openai", &stream).text, "a\u{fffd}b");
}

#[test]
fn what_never_ends_is_ended() {
    let line = said(read_chunks("openai", vec![vec![b'x'; 300 * 1024]]));
    assert!(matches!(line.error, Some(ModelError::Protocol(_))), "{:?}", line.error);
    let chunks = vec![vec![b'\n'; 1024 * 1024]; 9];
    let blank = said(read_chunks("anthropic", chunks));
    assert_eq!(blank.error, Some(ModelError::Protocol("an endless answer".into())));
}

#[test]
fn a_silent_provider_is_left() {
    let silent = |chunks: &[&str]| {
        let chunks = chunks.iter().map(|chunk| chunk.as_bytes().to_vec()).collect();
        let reply =
            ScriptedReply::Reply { status: 200, retry_after_ms: None, chunks, stays_open: true };
        said(World::new("openai", [reply]).ask())
    };
    for (chunks, text, error) in [
        (vec![], "", Some(ModelError::Silent)),
        (vec![": ping\n\n", ": ping\n\n"], "", Some(ModelError::Silent)),
        (vec![&*content("Hel")], "Hel", Some(ModelError::Silent)),
        // The model has stopped; that its server says no more is no failure.
        (vec![&*content("Hello"), STOP], "Hello", None),
    ] {
        let found = silent(&chunks);
        assert_eq!((found.text.as_str(), &found.error), (text, &error), "{chunks:?}");
    }
    let hanging = World::new("openai", [ScriptedReply::Hangs]);
    assert_eq!(hanging.ask(), [Err(ModelError::Silent)]);
    assert!(hanging.ledger.0.borrow().is_empty(), "nothing was answered");
}

#[test]
fn a_reply_that_is_dropped_is_counted() {
    let world = World::new("openai", [ScriptedReply::new(200, &content("Hello, all of you"))]);
    let mut pieces = world.provider.ask(request());
    assert!(matches!(pieces.next().now_or_never(), Some(Some(Ok(Piece::Text(_))))));
    drop(pieces);
    let ledger = world.ledger.0.borrow();
    assert_eq!(ledger.len(), 1);
    assert!(ledger[0].is_estimated && ledger[0].output_tokens == 5 && ledger[0].cost_micros > 50);
}

#[test]
fn what_a_provider_does_not_take_is_left_out_from_then_on() {
    let refuse = |said: &str| ScriptedReply::new(400, &format!("{{\"error\":\"{said}\"}}"));
    let good = || ScriptedReply::new(200, &[&content("Hi"), STOP, DONE].concat());
    let world = World::new(
        "openai",
        [
            refuse("Unknown field: stream_options"),
            refuse("`temperature` is deprecated for this model."),
            refuse("Use 'max_completion_tokens' instead."),
            good(),
            good(),
            refuse("no"),
        ],
    );
    assert_eq!(said(world.ask()).text, "Hi");
    assert_eq!(said(world.ask()).text, "Hi");
    let has = |body: &Value, field: &str| body.get(field).is_some();
    let bodies = world.bodies();
    assert_eq!(bodies.len(), 5);
    assert!(has(&bodies[0], "stream_options") && has(&bodies[0], "temperature"));
    for body in &bodies[3..] {
        assert!(!has(body, "stream_options") && !has(body, "temperature"));
        assert!(!has(body, "max_tokens") && body["max_completion_tokens"] == 50);
    }
    let refused = ModelError::Status { status: 400, retry_after_ms: None };
    assert_eq!(world.ask(), [Err(refused)]);
}

/// A dialogue with two calls.
fn dialogue() -> ModelRequest {
    let calls = vec![call("a", "find", "{\"q\":1}"), call("b", "find", "not JSON")];
    let tool = |id: &str| PromptMessage::Tool { call_id: id.into(), content: "found".into() };
    ModelRequest {
        messages: vec![
            PromptMessage::System("rules".into()),
            PromptMessage::Assistant { text: "Hello".into(), calls: vec![] },
            PromptMessage::User("a mug".into()),
            PromptMessage::Assistant { text: String::new(), calls },
            tool("a"),
            tool("b"),
            PromptMessage::System("more rules".into()),
        ],
        tools: [ToolSpec {
            name: "find",
            description: "Finds.",
            parameters: json!({"type": "object"}),
        }]
        .into(),
        max_tokens: 50,
    }
}

fn sent(kind: &str) -> (crate::ports::UpstreamRequest, Value) {
    let world = World::new(kind, []);
    let _: Vec<_> = world.provider.ask(dialogue()).collect().now_or_never().unwrap();
    let sent = world.upstream.requests.borrow()[0].clone();
    let body = serde_json::from_str(&sent.body).unwrap();
    (sent, body)
}

/// Bytes that look like a stream, more or less.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just(content("Hé")),
        Just(STOP.to_owned()),
        Just(USAGE.to_owned()),
        Just(text_delta("Hé")),
        Just(message_end("end_turn")),
        Just(event("ping", json!({}))),
        Just(delta(json!({"tool_calls": [{"id": "a", "function": {"name": "f"}}]}), None)),
        "[a-z{}\\[\\]\":,0-9 \r\n]{0,20}",
        Just("data: ".to_owned()),
        Just("\r\n".to_owned()),
    ];
    let bytes = prop::collection::vec(any::<u8>(), 0..4);
    prop::collection::vec((part, bytes, 0u8..8), 0..12).prop_map(|parts| {
        let joined = parts.into_iter().map(|(part, noise, die)| {
            if die == 0 { [part.as_bytes(), &noise].concat() } else { part.into_bytes() }
        });
        joined.collect::<Vec<_>>().concat()
    })
}

proptest! {
    #[test]
    fn any_bytes_however_cut_give_the_same(
        stream in streams(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        is_anthropic in any::<bool>(),
    ) {
        let kind = if is_anthropic { "anthropic" } else { "openai" };
        let whole = read_chunks(kind, vec![stream.clone()]);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        let mut chunks = Vec::new();
        let mut from = 0;
        for cut in cuts.into_iter().chain([stream.len()]) {
            chunks.push(stream[from..cut].to_vec());
            from = cut;
        }
        prop_assert_eq!(read_chunks(kind, chunks), whole.clone());
        let said = said(whole);
        prop_assert!(said.error.is_some() || !said.text.is_empty() || !said.calls.is_empty());
    }
}
