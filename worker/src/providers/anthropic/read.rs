//! One event of a streamed message.

use serde_json::Value;

use crate::ports::ModelError;
use crate::providers::calls::CallPiece;
use crate::providers::draft::{Draft, End, count, reason, text};

/// Reads the data of one event. Events and blocks that are not known are passed over, as the
/// reference asks for.
pub(in crate::providers) fn read(data: &str, draft: &mut Draft) -> Result<(), ModelError> {
    let event: Value = serde_json::from_str(data)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| ModelError::Protocol("an event is not a JSON object".to_owned()))?;
    let part = |field: &str| event.get(field).unwrap_or(&Value::Null);
    let index = part("index").as_u64();
    match text(&event, "type") {
        "message_start" => read_usage(part("message").get("usage"), draft),
        "content_block_start" => read_block(index, part("content_block"), draft)?,
        "content_block_delta" => read_delta(index, part("delta"), draft)?,
        "message_delta" => {
            read_usage(event.get("usage"), draft);
            match text(part("delta"), "stop_reason") {
                "" => {}
                "max_tokens" | "model_context_window_exceeded" => draft.end = Some(End::Cut),
                "refusal" => draft.end = Some(End::Refused("refusal".to_owned())),
                // "end_turn", "tool_use", "stop_sequence", and what is to come.
                _ => draft.end = Some(End::Whole),
            }
        }
        "message_stop" => draft.is_over = true,
        "error" => return Err(ModelError::Failed(reason(text(part("error"), "type")))),
        // "ping", "content_block_stop", and what is to come.
        _ => {}
    }
    Ok(())
}

/// Counts are of the whole message so far; an event may leave some out, or have 0 for them. What is read from a cache counts as read.
fn read_usage(usage: Option<&Value>, draft: &mut Draft) {
    let Some(usage) = usage else { return };
    if let Some(input) = count(usage, "input_tokens") {
        let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"]
            .into_iter()
            .filter_map(|field| count(usage, field));
        let read = cached.fold(input, u32::saturating_add);
        draft.input_tokens = draft.input_tokens.max(Some(read));
    }
    draft.output_tokens = draft.output_tokens.max(count(usage, "output_tokens"));
}

fn read_block(index: Option<u64>, block: &Value, draft: &mut Draft) -> Result<(), ModelError> {
    match text(block, "type") {
        "text" => draft.say(text(block, "text")),
        "tool_use" => {
            // As a rule empty, and the arguments follow in pieces.
            let input = block.get("input").and_then(Value::as_object).filter(|i| !i.is_empty());
            let arguments =
                input.and_then(|input| serde_json::to_string(input).ok()).unwrap_or_default();
            draft.call(CallPiece {
                index,
                id: text(block, "id"),
                name: text(block, "name"),
                arguments: &arguments,
            })?;
        }
        _ => {}
    }
    Ok(())
}

fn read_delta(index: Option<u64>, delta: &Value, draft: &mut Draft) -> Result<(), ModelError> {
    match text(delta, "type") {
        "text_delta" => draft.say(text(delta, "text")),
        "input_json_delta" => {
            let arguments = text(delta, "partial_json");
            draft.call(CallPiece { index, arguments, ..CallPiece::default() })?;
        }
        "thinking_delta" => draft.think(text(delta, "thinking")),
        _ => {}
    }
    Ok(())
}
