//! What OpenAI's format streams, and what is sent in it.

use super::*;

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
