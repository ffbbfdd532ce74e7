//! The wire format of OpenAI-compatible chat completions, as far as it is streamed.
//!
//! Source: OpenAI's API reference, "Create chat completion" with `stream: true`.

use aisle_core::answer::PromptMessage;
use aisle_core::sse::Decoder;
use futures_util::stream::{LocalBoxStream, StreamExt, unfold};
use serde::Deserialize;
use serde_json::json;
use std::collections::VecDeque;

use crate::ports::{ModelError, ModelRequest, Piece};

/// Low, because an answer is to keep to what it is given.
const TEMPERATURE: f32 = 0.2;
/// The frame that ends a stream.
const DONE: &str = "[DONE]";

/// Body of the request.
pub fn request(model: &str, request: &ModelRequest) -> String {
    let messages: Vec<_> = request
        .messages
        .iter()
        .map(|message| {
            let role = match message {
                PromptMessage::System(_) => "system",
                PromptMessage::User(_) => "user",
                PromptMessage::Assistant { .. } => "assistant",
                PromptMessage::Tool { .. } => "tool",
            };
            json!({"role": role, "content": message.text()})
        })
        .collect();
    json!({
        "model": model,
        "messages": messages,
        "stream": true,
        "max_tokens": request.max_tokens,
        "temperature": TEMPERATURE,
    })
    .to_string()
}

/// URL of the endpoint under a base such as `https://api.example/v1`.
pub fn endpoint(base: &str) -> String {
    format!("{}/chat/completions", base.trim_end_matches('/'))
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
}

/// The text in the data of one frame; `None` at the end of the stream.
fn text(data: &str) -> Result<Option<String>, ModelError> {
    if data.trim() == DONE {
        return Ok(None);
    }
    let chunk: Chunk =
        serde_json::from_str(data).map_err(|e| ModelError::Protocol(e.to_string()))?;
    if let Some(failure) = chunk.error {
        let message = failure.message.chars().take(200).collect();
        return Err(ModelError::Failed(message));
    }
    Ok(Some(chunk.choices.into_iter().filter_map(|choice| choice.delta.content).collect()))
}

/// Pieces of the answer from the bytes of a streamed reply. A stream that ends without its last frame is
/// an error, and so is everything after the first error.
pub fn pieces(
    bytes: LocalBoxStream<'static, Result<Vec<u8>, ModelError>>,
) -> LocalBoxStream<'static, Result<Piece, ModelError>> {
    struct Reading {
        bytes: LocalBoxStream<'static, Result<Vec<u8>, ModelError>>,
        decoder: Decoder,
        ready: VecDeque<Result<Option<String>, ModelError>>,
        is_over: bool,
    }
    let start = Reading { bytes, decoder: Decoder::new(), ready: VecDeque::new(), is_over: false };
    unfold(start, |mut reading| async move {
        loop {
            if reading.is_over {
                return None;
            }
            match reading.ready.pop_front() {
                Some(Ok(Some(text))) if text.is_empty() => {}
                Some(Ok(Some(text))) => return Some((Ok(Piece::Text(text)), reading)),
                Some(Ok(None)) => return None,
                Some(Err(error)) => {
                    reading.is_over = true;
                    return Some((Err(error), reading));
                }
                None => match reading.bytes.next().await {
                    Some(Ok(chunk)) => match reading.decoder.push(&chunk) {
                        Ok(frames) => {
                            reading.ready.extend(frames.iter().map(|frame| text(&frame.data)));
                        }
                        Err(error) => {
                            let error = ModelError::Protocol(error.to_string());
                            reading.ready.push_back(Err(error));
                        }
                    },
                    Some(Err(error)) => reading.ready.push_back(Err(error)),
                    None => {
                        let cut = ModelError::Network("the stream ended early".to_owned());
                        reading.ready.push_back(Err(cut));
                    }
                },
            }
        }
    })
    .boxed_local()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use futures_util::stream;
    use proptest::prelude::*;

    fn read(chunks: Vec<Vec<u8>>) -> (String, Option<ModelError>) {
        let bytes = stream::iter(chunks.into_iter().map(Ok)).boxed_local();
        let all: Vec<_> = pieces(bytes).collect().now_or_never().unwrap();
        let error = all.iter().find_map(|piece| piece.clone().err());
        let text = |piece| match piece {
            Ok(Piece::Text(text)) => Some(text),
            _ => None,
        };
        (all.into_iter().filter_map(text).collect(), error)
    }

    fn content(text: &str) -> String {
        format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {"content": text}}]}))
    }

    #[test]
    fn the_text_of_a_stream() {
        let role =
            "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n";
        let usage = "data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}\n\n";
        let stop = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
        let comment = ": OPENROUTER PROCESSING\n\n";
        let whole =
            [role, comment, &content("Hel"), &content("lo"), stop, usage, "data: [DONE]\n\n"]
                .concat();
        assert_eq!(read(vec![whole.clone().into_bytes()]), ("Hello".to_owned(), None));
        let bytes = whole.as_bytes().iter().map(|byte| vec![*byte]).collect();
        assert_eq!(read(bytes), ("Hello".to_owned(), None));
    }

    #[test]
    fn what_goes_wrong_is_said_once_and_ends_the_stream() {
        let error =
            |text: &str| read(vec![[&content("a"), text, &content("b")].concat().into_bytes()]);
        let (text, found) = error("data: {\"error\":{\"message\":\"overloaded\"}}\n\n");
        assert_eq!((text.as_str(), found), ("a", Some(ModelError::Failed("overloaded".into()))));
        let (text, found) = error("data: <html>\n\n");
        assert!(text == "a" && matches!(found, Some(ModelError::Protocol(_))));
        let (text, found) = read(vec![content("a").into_bytes()]);
        assert!(text == "a" && matches!(found, Some(ModelError::Network(_))));
        let (text, found) = read(vec![vec![b'x'; 300 * 1024]]);
        assert!(text.is_empty() && matches!(found, Some(ModelError::Protocol(_))));
    }

    #[test]
    fn a_request_has_what_the_endpoint_wants() {
        let asked = ModelRequest {
            messages: vec![PromptMessage::User("a \"quoted\" one".into())],
            tools: [].into(),
            max_tokens: 9,
        };
        let body: serde_json::Value = serde_json::from_str(&request("m", &asked)).unwrap();
        assert_eq!(body["model"], "m");
        assert_eq!(body["stream"], true);
        assert_eq!(body["messages"][0]["content"], "a \"quoted\" one");
        assert_eq!(endpoint("http://a/v1/"), "http://a/v1/chat/completions");
    }

    proptest! {
        #[test]
        fn any_bytes_end(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)) {
            let _ = read(chunks);
        }
    }
}
