//! What Anthropic's format streams, and what is sent in it.

use super::*;

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
