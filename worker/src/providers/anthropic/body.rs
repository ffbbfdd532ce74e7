//! The body of a request.

use aisle_core::answer::PromptMessage;
use serde_json::{Map, Value, json};

use crate::ports::{ModelRequest, ToolSpec};
use crate::providers::format::TEMPERATURE;
use crate::providers::options::Options;

/// What comes before an answer whose question is not among the messages: the first message has to
/// be the user's.
const LEFT_OUT: &str = "(Earlier messages are left out.)";

/// Body of a request. System messages go before all others, and messages of one role that follow
/// one another become one, as the results of several tools have to.
pub(in crate::providers) fn body(model: &str, request: &ModelRequest, options: &Options) -> String {
    let mut system = Vec::new();
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in &request.messages {
        let (role, blocks) = match message {
            PromptMessage::System(text) => {
                system.push(text.as_str());
                continue;
            }
            PromptMessage::User(text) => ("user", text_block(text).into_iter().collect()),
            PromptMessage::Assistant { text, calls } => {
                let calls = calls.iter().map(|call| {
                    // The arguments are an object here; what is none was refused by the tool.
                    let input: Map<_, _> =
                        serde_json::from_str(&call.arguments).unwrap_or_default();
                    json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input})
                });
                ("assistant", text_block(text).into_iter().chain(calls).collect::<Vec<_>>())
            }
            PromptMessage::Tool { call_id, content } => {
                let result =
                    json!({"type": "tool_result", "tool_use_id": call_id, "content": content});
                ("user", vec![result])
            }
        };
        if blocks.is_empty() {
            continue;
        }
        match turns.last_mut() {
            Some((last, before)) if *last == role => before.extend(blocks),
            _ => turns.push((role, blocks)),
        }
    }
    if turns.first().is_some_and(|(role, _)| *role != "user") {
        turns.insert(0, ("user", vec![json!({"type": "text", "text": LEFT_OUT})]));
    }
    let messages: Value = turns
        .into_iter()
        .map(|(role, content)| json!({"role": role, "content": content}))
        .collect();
    let mut body = Map::new();
    body.insert("model".to_owned(), model.into());
    body.insert("max_tokens".to_owned(), request.max_tokens.into());
    body.insert("messages".to_owned(), messages);
    body.insert("stream".to_owned(), true.into());
    if !system.is_empty() {
        body.insert("system".to_owned(), system.join("\n\n").into());
    }
    if options.has_temperature {
        body.insert("temperature".to_owned(), TEMPERATURE.into());
    }
    if !request.tools.is_empty() {
        body.insert("tools".to_owned(), request.tools.iter().map(tool).collect());
    }
    Value::Object(body).to_string()
}

/// A block of text; a blank one is refused, so it is none.
fn text_block(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| json!({"type": "text", "text": text}))
}

fn tool(tool: &ToolSpec) -> Value {
    json!({
        "name": tool.name,
        "description": tool.description,
        "input_schema": tool.parameters,
    })
}
