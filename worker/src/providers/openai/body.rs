//! The body of a request.

use aisle_core::answer::PromptMessage;
use serde_json::{Map, Value, json};

use crate::ports::{ModelRequest, ToolSpec};
use crate::providers::format::TEMPERATURE;
use crate::providers::options::Options;

/// Body of a request.
pub(in crate::providers) fn body(model: &str, request: &ModelRequest, options: &Options) -> String {
    let mut body = Map::new();
    body.insert("model".to_owned(), model.into());
    body.insert("messages".to_owned(), request.messages.iter().map(message).collect());
    body.insert("stream".to_owned(), true.into());
    let bound =
        if options.has_max_completion_tokens { "max_completion_tokens" } else { "max_tokens" };
    body.insert(bound.to_owned(), request.max_tokens.into());
    if options.has_temperature {
        body.insert("temperature".to_owned(), TEMPERATURE.into());
    }
    if options.has_stream_options {
        body.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    if !request.tools.is_empty() {
        body.insert("tools".to_owned(), request.tools.iter().map(tool).collect());
    }
    Value::Object(body).to_string()
}

fn message(message: &PromptMessage) -> Value {
    match message {
        PromptMessage::System(text) => json!({"role": "system", "content": text}),
        PromptMessage::User(text) => json!({"role": "user", "content": text}),
        PromptMessage::Assistant { text, calls } if calls.is_empty() => {
            json!({"role": "assistant", "content": text})
        }
        PromptMessage::Assistant { text, calls } => {
            let content = if text.is_empty() { Value::Null } else { text.as_str().into() };
            let calls: Value = calls
                .iter()
                .map(|call| {
                    let function = json!({"name": call.name, "arguments": call.arguments});
                    json!({"id": call.id, "type": "function", "function": function})
                })
                .collect();
            json!({"role": "assistant", "content": content, "tool_calls": calls})
        }
        PromptMessage::Tool { call_id, content } => {
            json!({"role": "tool", "tool_call_id": call_id, "content": content})
        }
    }
}

fn tool(tool: &ToolSpec) -> Value {
    json!({"type": "function", "function": {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
    }})
}
