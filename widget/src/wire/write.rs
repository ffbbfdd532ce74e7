//! JSON text of what the chat sends. It is what serde would write, but for the order of the keys;
//! the tests compare the two.

use aisle_core::protocol::{CartLine, EngineRequest, LocalAnswer, Purchase, Signals, TurnRequest};

/// The body of a turn.
pub(crate) fn turn_request(turn: &TurnRequest) -> String {
    let mut json = Json::default();
    json.begin();
    json.number("v", turn.v.into());
    json.text("message_id", &turn.message_id);
    json.text("text", &turn.text);
    json.list("vector", &turn.vector, |json, part| json.raw(&part.to_string()));
    json.some_text("intent", turn.intent.as_deref());
    if let Some(local) = &turn.local {
        json.key("local");
        json.local_answer(local);
    }
    if !turn.replaces.is_empty() {
        json.texts("replaces", &turn.replaces);
    }
    json.some_text("page", turn.page.as_deref());
    if !turn.cart.is_empty() {
        json.list("cart", &turn.cart, Json::cart_line);
    }
    json.some_text("email", turn.email.as_deref());
    json.end();
    json.written
}

/// A request to the engine.
pub(crate) fn engine_request(request: &EngineRequest) -> String {
    let mut json = Json::default();
    json.begin();
    match request {
        EngineRequest::Suggest { seq, text, signals } => {
            json.text("kind", "suggest");
            json.number("seq", (*seq).into());
            json.text("text", text);
            json.signals(signals);
        }
        EngineRequest::Understand { seq, text } => {
            json.text("kind", "understand");
            json.number("seq", (*seq).into());
            json.text("text", text);
        }
        EngineRequest::Recommend { seq, signals, history, now_ms, limit } => {
            json.text("kind", "recommend");
            json.number("seq", (*seq).into());
            json.signals(signals);
            json.list("history", history, Json::purchase);
            json.number("now_ms", *now_ms);
            json.number("limit", (*limit).into());
        }
    }
    json.end();
    json.written
}

/// JSON text that grows.
#[derive(Default)]
struct Json {
    written: String,
}

impl Json {
    fn local_answer(&mut self, local: &LocalAnswer) {
        self.begin();
        if let Some(section) = local.section {
            self.number("section", section.into());
        }
        self.texts("skus", &local.skus);
        self.end();
    }

    fn cart_line(&mut self, line: &CartLine) {
        self.begin();
        self.text("sku", &line.sku);
        if !line.handle.is_empty() {
            self.text("handle", &line.handle);
        }
        self.number("quantity", line.quantity.into());
        self.end();
    }

    fn signals(&mut self, signals: &Signals) {
        self.key("signals");
        self.begin();
        self.texts("viewed", &signals.viewed);
        self.texts("in_cart", &signals.in_cart);
        self.end();
    }

    fn purchase(&mut self, purchase: &Purchase) {
        self.begin();
        self.text("sku", &purchase.sku);
        self.number("at_ms", purchase.at_ms);
        self.number("quantity", purchase.quantity.into());
        self.end();
    }

    fn some_text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        self.quoted(value);
    }

    fn number(&mut self, name: &str, value: u64) {
        self.key(name);
        self.raw(&value.to_string());
    }

    fn texts(&mut self, name: &str, values: &[String]) {
        self.list(name, values, |json, value| json.quoted(value));
    }

    fn list<T>(&mut self, name: &str, items: &[T], write: fn(&mut Self, &T)) {
        self.key(name);
        self.raw("[");
        for item in items {
            self.comma();
            write(self, item);
        }
        self.raw("]");
    }

    fn key(&mut self, name: &str) {
        self.comma();
        self.quoted(name);
        self.raw(":");
    }

    fn begin(&mut self) {
        self.raw("{");
    }

    fn end(&mut self) {
        self.raw("}");
    }

    /// Divides what follows from what is before it in the same object or list.
    fn comma(&mut self) {
        if !self.written.ends_with(['{', '[']) {
            self.raw(",");
        }
    }

    fn quoted(&mut self, text: &str) {
        self.raw("\"");
        for c in text.chars() {
            match c {
                '"' | '\\' => self.written.extend(['\\', c]),
                ' '.. => self.written.push(c),
                _ => {
                    let digit = |value: u32| char::from_digit(value, 16).unwrap_or('0');
                    let code = u32::from(c);
                    self.raw("\\u00");
                    self.written.extend([digit(code >> 4), digit(code & 15)]);
                }
            }
        }
        self.raw("\"");
    }

    fn raw(&mut self, text: &str) {
        self.written.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use serde::de::DeserializeOwned;
    use serde_json::Value;

    /// What is written of a fixture is the fixture.
    fn check<T: DeserializeOwned>(fixtures: &[&str], write: fn(&T) -> String) {
        for fixture in fixtures {
            let value: Value = serde_json::from_str(fixture).unwrap();
            let written = write(&serde_json::from_str(fixture).unwrap());
            assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value, "{written}");
        }
    }

    macro_rules! fixture {
        ($name:literal) => {
            include_str!(concat!("../../../tests/fixtures/protocol/", $name, ".json"))
        };
    }

    #[test]
    fn what_is_sent_is_what_serde_would_write() {
        check(
            &[
                fixture!("turn_request_full"),
                fixture!("turn_request_edited"),
                fixture!("turn_request_local_section"),
                fixture!("turn_request_local_products"),
            ],
            turn_request,
        );
        check(
            &[
                fixture!("engine_request_suggest"),
                fixture!("engine_request_understand"),
                fixture!("engine_request_recommend"),
            ],
            engine_request,
        );
    }

    #[test]
    fn every_text_survives() {
        let every: String =
            (0..0x300).filter_map(char::from_u32).chain("\u{2028}🫖".chars()).collect();
        for text in ["", "\"},{\"", "\\u0041\\", &every] {
            let turn = TurnRequest { text: text.to_owned(), ..TurnRequest::default() };
            let written = turn_request(&turn);
            assert_eq!(serde_json::from_str::<TurnRequest>(&written).unwrap(), turn, "{written}");
        }
    }
}
