//! Former conversations, as the worker exports them: one JSON object a line. The format is in
//! `docs/protocol.md`.

use std::io::BufReader;

use aisle_core::protocol::MAX_MESSAGE_CHARS;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::examples::is_intent;
use super::input::plain;
use super::meter::{MAX_RECORD_BYTES, Metered};
use super::warning::{Warnings, quoted};
use super::{Input, ReadError, Warning};

/// What a file of conversations is, for errors.
pub(crate) const EXPECTED: &str =
    "JSON lines, one conversation each, with id, started and messages";

/// Digits in a row that are taken for a number of somebody's.
const PRIVATE_DIGITS: usize = 5;

/// A conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Unique among the conversations.
    pub id: String,
    /// When it began, as it was written; may be empty.
    #[serde(default)]
    pub started: String,
    /// In order, at least one.
    pub messages: Vec<ChatMessage>,
}

/// A message of a conversation. E-mail addresses and long numbers are masked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// `shopper`, `assistant` or `agent`.
    pub role: String,
    /// What was written, on one line.
    pub text: String,
    /// When, as it was written; may be empty.
    pub at: String,
    /// What a shopper's message meant.
    pub intent: Option<String>,
    /// Who said so: `agent` for a person, else the model.
    pub intent_by: Option<String>,
    /// Whether a shopper's message got the answer that it asked for, where that is known.
    pub answered: Option<bool>,
}

impl ChatMessage {
    /// The intent, where a person or a good answer confirms it.
    pub fn confirmed_intent(&self) -> Option<&str> {
        let is_confirmed =
            self.intent_by.as_deref() == Some("agent") || self.answered == Some(true);
        self.intent.as_deref().filter(|_| self.role == "shopper" && is_confirmed)
    }

    /// Whether it is known to have stayed without an answer.
    pub fn is_unanswered(&self) -> bool {
        self.role == "shopper" && self.answered == Some(false)
    }
}

/// Reads a file of conversations.
pub(super) fn read_chats(input: Input) -> Result<(Vec<Conversation>, Vec<Warning>), ReadError> {
    let file = input.name;
    let mut warnings = Warnings::new(&file);
    let mut reader = Metered::new(BufReader::new(input.bytes));
    let mut text = String::new();
    let mut chats = Vec::new();
    loop {
        let read = reader.next_line(&mut text);
        let Some(line) = read.map_err(|source| ReadError::Io { file: file.clone(), source })?
        else {
            break;
        };
        let line_text = line.is_whole.then_some(text.as_str());
        chats.extend(parse_line(line.number, line_text, &mut warnings));
    }
    Ok((chats, warnings.finish()))
}

/// Reads a line; nothing stands for one that is too long. What cannot be used is warned of.
pub(crate) fn parse_line(
    line: u64,
    text: Option<&str>,
    warnings: &mut Warnings,
) -> Option<Conversation> {
    let Some(text) = text else {
        let reason = format!("the line is longer than {MAX_RECORD_BYTES} bytes; left out");
        warnings.add(line, None, reason);
        return None;
    };
    if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() {
        return None;
    }
    let value: Value = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(value) => value,
        Err(e) => {
            let place = format!("column {}", e.column());
            let reason = "not JSON; conversation left out";
            warnings.add(line, Some(&place), reason);
            return None;
        }
    };
    let id = plain(&word(&value, "id"));
    if id.is_empty() {
        warnings.add(line, Some("id"), "is missing; conversation left out");
        return None;
    }
    let Some(written) = value.get("messages").and_then(Value::as_array) else {
        warnings.add(line, Some("messages"), "is no list; conversation left out");
        return None;
    };
    let messages: Vec<ChatMessage> =
        written.iter().filter_map(|message| read_message(line, message, warnings)).collect();
    if messages.is_empty() {
        warnings.add(line, Some("messages"), "has none that can be used; conversation left out");
        return None;
    }
    Some(Conversation { id, started: plain(&word(&value, "started")), messages })
}

fn read_message(line: u64, value: &Value, warnings: &mut Warnings) -> Option<ChatMessage> {
    let role = word(value, "role");
    if !matches!(role.as_str(), "shopper" | "assistant" | "agent") {
        let reason =
            format!("{} is not shopper, assistant or agent; message left out", quoted(&role));
        warnings.add(line, Some("role"), reason);
        return None;
    }
    let text = masked(&plain(&word(value, "text")));
    if text.is_empty() {
        warnings.add(line, Some("text"), "is empty; message left out");
        return None;
    }
    if role == "shopper" && text.chars().count() > MAX_MESSAGE_CHARS {
        let reason = format!("is longer than {MAX_MESSAGE_CHARS} characters; message left out");
        warnings.add(line, Some("text"), reason);
        return None;
    }
    let mut intent = Some(word(value, "intent")).filter(|intent| !intent.is_empty());
    if let Some(unknown) = intent.take_if(|intent| !is_intent(intent)) {
        let reason = format!("{} is not an intent; not used", quoted(&unknown));
        warnings.add(line, Some("intent"), reason);
    }
    Some(ChatMessage {
        role,
        text,
        at: plain(&word(value, "at")),
        intent_by: Some(word(value, "intent_by")).filter(|by| !by.is_empty() && intent.is_some()),
        intent,
        answered: value.get("answered").and_then(Value::as_bool),
    })
}

fn word(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// A text without e-mail addresses and long numbers (orders, cards, telephones).
fn masked(text: &str) -> String {
    let mut words = Vec::new();
    for word in text.split(' ') {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let is_address = word.split_once('@').is_some_and(|(_, host)| host.contains('.'));
        words.push(match (is_address, digits >= PRIVATE_DIGITS) {
            (true, _) => "[e-mail]",
            (_, true) => "[number]",
            _ => word,
        });
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (Vec<Conversation>, Vec<String>) {
        let input = Input::of_bytes("chats.jsonl", text.as_bytes());
        let (chats, warnings) = read_chats(input).unwrap();
        (chats, warnings.iter().map(Warning::to_string).collect())
    }

    #[test]
    fn conversations_good_and_bad() {
        let (chats, warnings) = read(concat!(
            "\u{feff}{\"id\":\"a\",\"started\":\"2026-01-05T10:00:00Z\",\"messages\":[",
            "{\"role\":\"shopper\",\"text\":\"does it\\nrun small? mail me at a@b.example\",",
            "\"at\":\"2026\",\"intent\":\"size_fit\",\"answered\":true},",
            "{\"role\":\"robot\",\"text\":\"x\"},{\"role\":\"agent\",\"text\":\" \"},",
            "{\"role\":\"shopper\",\"text\":\"order 1234567\",\"intent\":\"santa\"}]}\r\n",
            "\n{\"id\":3}\n{\"messages\":[]}\n{\"id\":\n{\"id\":\"b\",\"messages\":[]}\n[]\n",
        ));
        let message = |text: &str| ChatMessage {
            role: "shopper".into(),
            text: text.into(),
            ..ChatMessage::default()
        };
        let first = ChatMessage {
            at: "2026".into(),
            intent: Some("size_fit".into()),
            answered: Some(true),
            ..message("does it run small? mail me at [e-mail]")
        };
        assert_eq!(first.confirmed_intent(), Some("size_fit"));
        let expected = Conversation {
            id: "a".into(),
            started: "2026-01-05T10:00:00Z".into(),
            messages: vec![first, message("order [number]")],
        };
        assert_eq!(chats, [expected]);
        assert_eq!(
            warnings,
            [
                "chats.jsonl:1: role: \"robot\" is not shopper, assistant or agent; message left out",
                "chats.jsonl:1: text: is empty; message left out",
                "chats.jsonl:1: intent: \"santa\" is not an intent; not used",
                "chats.jsonl:3: messages: is no list; conversation left out",
                "chats.jsonl:4: id: is missing; conversation left out",
                "chats.jsonl:5: column 6: not JSON; conversation left out",
                "chats.jsonl:6: messages: has none that can be used; conversation left out",
                "chats.jsonl:7: id: is missing; conversation left out",
            ]
        );
    }

    #[test]
    fn what_the_worker_exports_teaches() {
        let fixture =
            include_str!("../../../../tests/fixtures/protocol/exported_conversation.json");
        let line: Value = serde_json::from_str(fixture).unwrap();
        let (chats, warnings) = read(&line.to_string());
        assert_eq!(warnings, [""; 0]);
        let [chat] = chats.as_slice() else { panic!("{chats:?}") };
        let told = chat.messages.iter().map(|m| (m.confirmed_intent(), m.is_unanswered()));
        let confirmed = (Some("delivery_options"), false);
        assert_eq!(told.collect::<Vec<_>>(), [confirmed, (None, false), (None, true)]);
    }

    #[test]
    fn what_is_confirmed_and_what_is_unanswered() {
        for (role, by, answered, confirmed, unanswered) in [
            ("shopper", Some("agent"), None, true, false),
            ("shopper", Some("agent"), Some(false), true, true),
            ("shopper", Some("model"), Some(true), true, false),
            ("shopper", Some("model"), None, false, false),
            ("shopper", None, Some(false), false, true),
            ("agent", Some("agent"), Some(false), false, false),
        ] {
            let message = ChatMessage {
                role: role.into(),
                intent: Some("size_fit".into()),
                intent_by: by.map(str::to_owned),
                answered,
                ..ChatMessage::default()
            };
            let found = (message.confirmed_intent().is_some(), message.is_unanswered());
            assert_eq!(found, (confirmed, unanswered), "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn no_line_panics(text in "\\PC{0,80}", bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse_line(1, Some(&text), &mut Warnings::new(""));
            let _ = read_chats(Input::of_bytes("c", &bytes));
        }
    }
}
