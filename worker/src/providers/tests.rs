//! Streams as providers send them, cut everywhere.

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
fn what_openai_streams() {
    let role = delta(json!({"role": "assistant", "content": null, "refusal": null}), None);
    let hello = [role.as_str(), &content("Hel"), &content("lo, wörld 🎁")].concat();
    let hello_said = Said { text: "Hello, wörld 🎁".into(), ..Said::default() };
    let estimated = |input: usize, written: usize| {
        let counted = usage(input.div_ceil(4) as u32, written.div_ceil(4) as u32).unwrap();
        Some(Usage { is_estimated: true, ..counted })
    };
    let asked = {
        let world = World::new("openai", []);
        world.ask();
        world.upstream.requests.borrow()[0].body.len()
    };
    let find = |arguments: &str, end: &str| {
        let first = json!({"tool_calls": [{"index": 0, "id": "call_a", "type": "function",
            "function": {"name": "find", "arguments": ""}}]});
        let rest = json!({"tool_calls": [{"index": 0, "function": {"arguments": arguments}}]});
        [
            delta(first, None),
            delta(rest, None),
            delta(json!({}), Some(end)),
            USAGE.into(),
            DONE.into(),
        ]
        .concat()
    };
    let counted = Said { usage: usage(20, 5), ..Said::default() };
    let table: Vec<(&str, String, Said)> = vec![
        (
            "in order, with usage",
            [&hello, STOP, USAGE, DONE].concat(),
            Said { usage: usage(20, 5), ..hello_said.clone() },
        ),
        (
            "comments, and CRLF",
            [": OPENROUTER PROCESSING\n\n", &hello, STOP, USAGE, DONE].concat().replace('\n', "\r\n"),
            Said { usage: usage(20, 5), ..hello_said.clone() },
        ),
        (
            "usage in the last chunk, choices null in another, no [DONE]",
            [
                &hello,
                "data: {\"choices\":null}\n\n",
                "data: {\"choices\":[{\"delta\":null,\"finish_reason\":\"stop\"}],\
                 \"usage\":{\"prompt_tokens\":20,\"completion_tokens\":5}}\n\n",
            ]
            .concat(),
            Said { usage: usage(20, 5), ..hello_said.clone() },
        ),
        (
            "no usage",
            [&hello, STOP, DONE].concat(),
            Said { usage: estimated(asked, hello_said.text.len()), ..hello_said.clone() },
        ),
        (
            "no finish_reason, but [DONE]",
            [&hello, USAGE, DONE].concat(),
            Said { usage: usage(20, 5), ..hello_said.clone() },
        ),
        (
            "content in parts",
            [
                &delta(json!({"content": [{"type": "thinking"}, {"type": "text", "text": "Hi"}]}), None),
                STOP,
                USAGE,
            ]
            .concat(),
            Said { text: "Hi".into(), ..counted.clone() },
        ),
        (
            "another choice",
            [
                "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"no\"}}]}\n\n",
                &content("yes"),
                STOP,
                USAGE,
            ]
            .concat(),
            Said { text: "yes".into(), ..counted.clone() },
        ),
        (
            "a call in pieces",
            find("{\"q\":\"mug\"}", "tool_calls"),
            Said { calls: vec![call("call_a", "find", "{\"q\":\"mug\"}")], ..counted.clone() },
        ),
        (
            "a call that ends with stop",
            find("", "stop"),
            Said { calls: vec![call("call_a", "find", "{}")], ..counted.clone() },
        ),
        (
            "a call that was cut",
            find("{\"q\":\"m", "length"),
            Said {
                error: Some(ModelError::Refused("no room for an answer".into())),
                ..counted.clone()
            },
        ),
        (
            "arguments as an object, without a number",
            [
                &delta(
                    json!({"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": {"x": 1}}}]}),
                    None,
                ),
                STOP,
                USAGE,
            ]
            .concat(),
            Said { calls: vec![call("a", "f", "{\"x\":1}")], ..counted.clone() },
        ),
        (
            "text that was cut is an answer",
            [&hello, &delta(json!({}), Some("length")), USAGE, DONE].concat(),
            Said { usage: usage(20, 5), ..hello_said.clone() },
        ),
        (
            "only reasoning",
            [&delta(json!({"reasoning_content": "hm"}), None), STOP, USAGE, DONE].concat(),
            Said { error: Some(ModelError::Protocol("an empty answer".into())), ..counted.clone() },
        ),
        (
            "filtered",
            [&content("a"), &delta(json!({}), Some("content_filter")), USAGE, DONE].concat(),
            Said {
                text: "a".into(),
                error: Some(ModelError::Refused("content_filter".into())),
                ..counted.clone()
            },
        ),
        (
            "an error inside",
            [&content("a"), "data: {\"error\":{\"message\":\"You said: my card is 4111\",\"code\":502}}\n\n"]
                .concat(),
            Said {
                text: "a".into(),
                usage: estimated(asked, 1),
                error: Some(ModelError::Failed("error".into())),
                ..Said::default()
            },
        ),
        (
            "an error that is named",
            "event: error\ndata: {\"error\":{\"message\":\"m\",\"type\":\"server_error\",\"code\":null}}\n\n"
                .into(),
            Said {
                usage: estimated(asked, 0),
                error: Some(ModelError::Failed("server_error".into())),
                ..Said::default()
            },
        ),
        (
            "cut in the middle",
            content("a"),
            Said {
                text: "a".into(),
                usage: estimated(asked, 1),
                error: Some(ModelError::Network("the stream ended early".into())),
                ..Said::default()
            },
        ),
        (
            "nothing",
            String::new(),
            Said {
                usage: estimated(asked, 0),
                error: Some(ModelError::Network("the stream ended early".into())),
                ..Said::default()
            },
        ),
        (
            "a page",
            "data: <html>\n\n".into(),
            Said {
                usage: estimated(asked, 0),
                error: Some(ModelError::Protocol("an event is not a JSON object".into())),
                ..Said::default()
            },
        ),
    ];
    for (name, stream, expected) in table {
        assert_eq!(read("openai", stream.as_bytes()), expected, "{name}");
    }
}

#[test]
fn what_anthropic_streams() {
    let start = event(
        "message_start",
        json!({"message": {"id": "msg", "role": "assistant", "content": [], "usage": {
            "input_tokens": 10, "cache_read_input_tokens": 15, "output_tokens": 1}}}),
    );
    let block = |index: u32, block: Value| {
        event("content_block_start", json!({"index": index, "content_block": block}))
    };
    let text = block(0, json!({"type": "text", "text": ""}));
    let stop = |index: u32| event("content_block_stop", json!({"index": index}));
    let ping = event("ping", json!({}));
    let hello = [&start, &text, &ping, &text_delta("Hel"), &text_delta("lo 🎁"), &stop(0)]
        .map(String::as_str)
        .concat();
    let tool = |index: u32, id: &str| {
        let partial = |json: &str| {
            block_delta(index, json!({"type": "input_json_delta", "partial_json": json}))
        };
        [
            block(index, json!({"type": "tool_use", "id": id, "name": "find", "input": {}})),
            partial(""),
            partial("{\"q\": \"m"),
            partial("ug\"}"),
            stop(index),
        ]
        .concat()
    };
    let counted = Said { usage: usage(25, 12), ..Said::default() };
    let table: Vec<(&str, String, Said)> = vec![
        (
            "in order",
            [&hello, &message_end("end_turn")].map(String::as_str).concat(),
            Said { text: "Hello 🎁".into(), ..counted.clone() },
        ),
        (
            "without its last event",
            [&hello, message_end("end_turn").split_inclusive("\n\n").next().unwrap()].concat(),
            Said { text: "Hello 🎁".into(), ..counted.clone() },
        ),
        (
            "text and two calls",
            [&hello, &tool(1, "toolu_1"), &tool(2, "toolu_2"), &message_end("tool_use")]
                .map(String::as_str)
                .concat(),
            Said {
                text: "Hello 🎁".into(),
                calls: vec![
                    call("toolu_1", "find", "{\"q\": \"mug\"}"),
                    call("toolu_2", "find", "{\"q\": \"mug\"}"),
                ],
                ..counted.clone()
            },
        ),
        (
            "a call with its arguments at once",
            [
                start.as_str(),
                &block(0, json!({"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}})),
                &message_end("tool_use"),
            ]
            .concat(),
            Said { calls: vec![call("t", "f", "{\"a\":1}")], ..counted.clone() },
        ),
        (
            "a call that was cut",
            [&start, &tool(0, "t"), &message_end("max_tokens")].map(String::as_str).concat(),
            Said {
                error: Some(ModelError::Refused("no room for an answer".into())),
                ..counted.clone()
            },
        ),
        (
            "thinking, and blocks that are not known",
            [
                start.as_str(),
                &block(0, json!({"type": "thinking", "thinking": ""})),
                &block_delta(0, json!({"type": "thinking_delta", "thinking": "hm"})),
                &block_delta(0, json!({"type": "signature_delta", "signature": "x"})),
                &block(1, json!({"type": "mystery"})),
                &event("mystery", json!({"delta": 3})),
                &block_delta(2, json!({"type": "text_delta", "text": "Yes."})),
                &message_end("end_turn"),
            ]
            .concat(),
            Said { text: "Yes.".into(), ..counted.clone() },
        ),
        (
            "nothing but thinking",
            [
                start.as_str(),
                &block_delta(0, json!({"type": "thinking_delta", "thinking": "hm"})),
                &message_end("end_turn"),
            ]
            .concat(),
            Said { error: Some(ModelError::Protocol("an empty answer".into())), ..counted.clone() },
        ),
        (
            "a refusal",
            [&hello, &message_end("refusal")].map(String::as_str).concat(),
            Said {
                text: "Hello 🎁".into(),
                error: Some(ModelError::Refused("refusal".into())),
                ..counted.clone()
            },
        ),
        (
            "counts in the last event alone",
            [
                event("message_start", json!({"message": {"usage": {"input_tokens": 0}}})),
                text_delta("Yes."),
                event(
                    "message_delta",
                    json!({"delta": {"stop_reason": "end_turn"},
                        "usage": {"input_tokens": 25, "output_tokens": 12}}),
                ),
            ]
            .concat(),
            Said { text: "Yes.".into(), ..counted.clone() },
        ),
        (
            "an error inside",
            [
                hello.as_str(),
                &event(
                    "error",
                    json!({"error": {"type": "overloaded_error", "message": "Overloaded"}}),
                ),
                &message_end("end_turn"),
            ]
            .concat(),
            Said {
                text: "Hello 🎁".into(),
                usage: usage(25, 1),
                error: Some(ModelError::Failed("overloaded_error".into())),
                ..Said::default()
            },
        ),
        (
            "cut in the middle",
            hello.clone(),
            Said {
                text: "Hello 🎁".into(),
                usage: usage(25, 1),
                error: Some(ModelError::Network("the stream ended early".into())),
                ..Said::default()
            },
        ),
    ];
    for (name, stream, expected) in table {
        assert_eq!(read("anthropic", stream.as_bytes()), expected, "{name}");
    }
}

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

#[test]
fn what_openai_is_sent() {
    let (sent, body) = sent("openai");
    assert_eq!(sent.url, "http://a.example/v1/chat/completions");
    assert_eq!(sent.headers, [("authorization", "Bearer secret".to_owned())]);
    let function = |name: &str, arguments: &str| json!({"name": name, "arguments": arguments});
    assert_eq!(
        body,
        json!({
            "model": "m", "stream": true, "max_tokens": 50, "temperature": 0.2,
            "stream_options": {"include_usage": true},
            "messages": [
                {"role": "system", "content": "rules"},
                {"role": "assistant", "content": "Hello"},
                {"role": "user", "content": "a mug"},
                {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "a", "type": "function", "function": function("find", "{\"q\":1}")},
                    {"id": "b", "type": "function", "function": function("find", "not JSON")},
                ]},
                {"role": "tool", "tool_call_id": "a", "content": "found"},
                {"role": "tool", "tool_call_id": "b", "content": "found"},
                {"role": "system", "content": "more rules"},
            ],
            "tools": [{"type": "function", "function": {
                "name": "find", "description": "Finds.", "parameters": {"type": "object"}}}],
        })
    );
}

#[test]
fn what_anthropic_is_sent() {
    let (sent, body) = sent("anthropic");
    assert_eq!(sent.url, "http://a.example/v1/messages");
    let headers = [("x-api-key", "secret"), ("anthropic-version", "2023-06-01")];
    assert_eq!(sent.headers, headers.map(|(name, value)| (name, value.to_owned())));
    let text = |text: &str| json!([{"type": "text", "text": text}]);
    let used = |id: &str, input: Value| json!({"type": "tool_use", "id": id, "name": "find", "input": input});
    let result = |id: &str| json!({"type": "tool_result", "tool_use_id": id, "content": "found"});
    assert_eq!(
        body,
        json!({
            "model": "m", "stream": true, "max_tokens": 50, "temperature": 0.2,
            "system": "rules\n\nmore rules",
            "messages": [
                {"role": "user", "content": text("(Earlier messages are left out.)")},
                {"role": "assistant", "content": text("Hello")},
                {"role": "user", "content": text("a mug")},
                {"role": "assistant", "content": [used("a", json!({"q": 1})), used("b", json!({}))]},
                {"role": "user", "content": [result("a"), result("b")]},
            ],
            "tools": [{"name": "find", "description": "Finds.", "input_schema": {"type": "object"}}],
        })
    );
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
