//! One chunk of a streamed answer.

use serde_json::Value;

use crate::ports::ModelError;
use crate::providers::calls::CallPiece;
use crate::providers::draft::{Draft, End, count, reason, text};

/// The data of the last event.
const DONE: &str = "[DONE]";

/// Reads the data of one event. What is not known is passed over; a server may leave out `choices`
/// or have null for it, where the chunk is about usage alone.
pub(in crate::providers) fn read(data: &str, draft: &mut Draft) -> Result<(), ModelError> {
    if data.trim() == DONE {
        draft.is_over = true;
        return Ok(());
    }
    let chunk: Value = serde_json::from_str(data)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| ModelError::Protocol("an event is not a JSON object".to_owned()))?;
    if let Some(error) = chunk.get("error").filter(|error| !error.is_null()) {
        let names = [text(error, "code"), text(error, "type")];
        return Err(ModelError::Failed(reason(
            names.into_iter().find(|n| !n.is_empty()).unwrap_or(""),
        )));
    }
    if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
        draft.input_tokens = count(usage, "prompt_tokens").or(draft.input_tokens);
        draft.output_tokens = count(usage, "completion_tokens").or(draft.output_tokens);
    }
    // One choice is asked for; more of them would be other answers.
    let first = |choice: &&Value| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0;
    let choices = chunk.get("choices").and_then(Value::as_array);
    let Some(choice) = choices.and_then(|choices| choices.iter().find(first)) else {
        return Ok(());
    };
    if let Some(delta) = choice.get("delta").filter(|delta| delta.is_object()) {
        read_delta(delta, draft)?;
    }
    match text(choice, "finish_reason") {
        "" => {}
        "length" => draft.end = Some(End::Cut),
        "content_filter" => draft.end = Some(End::Refused("content_filter".to_owned())),
        // "stop", "tool_calls", and whatever else a server calls an end.
        _ => draft.end = Some(End::Whole),
    }
    Ok(())
}

fn read_delta(delta: &Value, draft: &mut Draft) -> Result<(), ModelError> {
    match delta.get("content") {
        Some(Value::String(content)) => draft.say(content),
        // Some servers have parts instead of a text.
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter(|part| text(part, "type") == "text");
            texts.for_each(|part| draft.say(text(part, "text")));
        }
        _ => {}
    }
    for field in ["reasoning_content", "reasoning"] {
        draft.think(text(delta, field));
    }
    if !text(delta, "refusal").is_empty() {
        return Err(ModelError::Refused("refusal".to_owned()));
    }
    let calls = delta.get("tool_calls").and_then(Value::as_array);
    for call in calls.into_iter().flatten() {
        let function = call.get("function").unwrap_or(&Value::Null);
        // Some servers send the arguments as an object rather than as its text.
        let whole = match function.get("arguments") {
            Some(arguments @ Value::Object(_)) => arguments.to_string(),
            _ => String::new(),
        };
        draft.call(CallPiece {
            index: call.get("index").and_then(Value::as_u64),
            id: text(call, "id"),
            name: text(function, "name"),
            arguments: if whole.is_empty() { text(function, "arguments") } else { &whole },
        })?;
    }
    Ok(())
}
