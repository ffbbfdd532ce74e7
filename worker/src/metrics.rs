//! Figures of this worker for Prometheus, in its text format, version 0.0.4. None of them is of a
//! shopper, and every label has few values.

mod text;

use std::collections::BTreeMap;

use aisle_core::protocol::{MessageStatus, Requested};

use crate::directory::kind;
use crate::spend::Spent;
use crate::turn::Happening;
use text::{Histogram, Text};

/// Media type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How a request to a language model ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It said something, and was paid for.
    Answered,
    /// It ended before it said anything.
    Silent,
    /// It was not made: the shop's cap for the day does not leave as much.
    Capped,
}

impl Outcome {
    fn label(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Silent => "silent",
            Self::Capped => "capped",
        }
    }
}

/// What was counted since the worker started.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    requests: BTreeMap<(&'static str, &'static str, u16), u64>,
    turns_begun: u64,
    turns_ended: BTreeMap<&'static str, u64>,
    first_text: Histogram,
    streams_open: u64,
    model_requests: BTreeMap<Outcome, u64>,
    first_piece: Histogram,
    spent: Spent,
    models_open: u64,
    tickets_opened: BTreeMap<&'static str, u64>,
    tickets_closed: u64,
}

impl Metrics {
    /// A request was answered.
    pub fn answered(&mut self, method: &'static str, route: &'static str, status: u16) {
        *self.requests.entry((method, route, status)).or_default() += 1;
    }

    /// Something happened to an answer.
    pub fn happened(&mut self, happening: Happening) {
        match happening {
            Happening::Begun => self.turns_begun += 1,
            Happening::Spoke { after_ms } => self.first_text.add(after_ms),
            Happening::Ended(status) => {
                *self.turns_ended.entry(label(status)).or_default() += 1;
            }
            Happening::ReaderCame => self.streams_open += 1,
            Happening::ReaderLeft => self.streams_open = self.streams_open.saturating_sub(1),
        }
    }

    /// A language model is asked.
    pub fn model_asked(&mut self) {
        self.models_open += 1;
    }

    /// A language model said its first piece.
    pub fn model_began(&mut self, after_ms: u64) {
        self.first_piece.add(after_ms);
    }

    /// A language model that was asked is not asked any more.
    pub fn model_ended(&mut self, outcome: Outcome, spent: Spent) {
        self.models_open = self.models_open.saturating_sub(1);
        self.spent = self.spent.plus(spent);
        self.not_asked(outcome);
    }

    /// A language model was not asked.
    pub fn not_asked(&mut self, outcome: Outcome) {
        *self.model_requests.entry(outcome).or_default() += 1;
    }

    /// Something waits for a shop's team.
    pub fn ticket_opened(&mut self, requested: &Requested) {
        if let Some(kind) = kind(requested) {
            *self.tickets_opened.entry(kind).or_default() += 1;
        }
    }

    /// A shop's team closed a ticket.
    pub fn ticket_closed(&mut self) {
        self.tickets_closed += 1;
    }

    /// The figures as text.
    pub fn render(&self) -> String {
        let mut text = Text::default();
        text.family("aisle_requests_total", "counter", "Requests by route and status.");
        for ((method, route, status), count) in &self.requests {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            text.sample("aisle_requests_total", &labels, *count);
        }
        let help = "Answers that were begun by the worker.";
        text.figure("aisle_turns_begun_total", "counter", help, self.turns_begun);
        let ended = self.turns_ended.iter().map(|(result, count)| (*result, *count));
        text.by("aisle_turns_total", "Answers that came to their end.", "result", ended);
        let help = "Time from the beginning of an answer to its first text.";
        self.first_text.render(&mut text, "aisle_turn_first_text_milliseconds", help);
        let help = "Answers that are being read now, once for each reader.";
        text.figure("aisle_streams_open", "gauge", help, self.streams_open);
        let outcomes = self.model_requests.iter().map(|(outcome, count)| (outcome.label(), *count));
        let help = "Requests to language models.";
        text.by("aisle_model_requests_total", help, "outcome", outcomes);
        let help = "Time until a language model says something.";
        self.first_piece.render(&mut text, "aisle_model_first_piece_milliseconds", help);
        let tokens = [("input", self.spent.input_tokens), ("output", self.spent.output_tokens)];
        text.by("aisle_tokens_total", "Tokens of language models.", "kind", tokens);
        let help = "Money spent on language models, in millionths.";
        text.figure("aisle_spent_micros_total", "counter", help, self.spent.micros);
        let help = "Language models that are writing now.";
        text.figure("aisle_model_streams_open", "gauge", help, self.models_open);
        let opened = self.tickets_opened.iter().map(|(kind, count)| (*kind, *count));
        text.by("aisle_tickets_opened_total", "Wishes to a shop's team.", "kind", opened);
        let help = "Wishes that a shop's team closed.";
        text.figure("aisle_tickets_closed_total", "counter", help, self.tickets_closed);
        text.0
    }
}

/// How an answer ended.
fn label(status: MessageStatus) -> &'static str {
    match status {
        MessageStatus::Complete => "complete",
        MessageStatus::Cancelled => "cancelled",
        MessageStatus::Streaming | MessageStatus::Interrupted => "interrupted",
        MessageStatus::Failed => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told_in_the_text_format() {
        let mut metrics = Metrics::default();
        metrics.answered("GET", "/healthz", 200);
        metrics.answered("GET", "/healthz", 200);
        metrics.answered("POST", "/v1/shops/{shop}/session", 429);
        for after_ms in [20, 60, 20_000] {
            metrics.model_asked();
            metrics.model_began(after_ms);
        }
        let spent = Spent { requests: 1, input_tokens: 7, output_tokens: 3, micros: 11 };
        metrics.model_ended(Outcome::Answered, spent);
        metrics.not_asked(Outcome::Capped);
        for happening in [
            Happening::ReaderCame,
            Happening::ReaderCame,
            Happening::ReaderLeft,
            Happening::Begun,
            Happening::Spoke { after_ms: 30 },
            Happening::Ended(MessageStatus::Complete),
            Happening::Ended(MessageStatus::Failed),
        ] {
            metrics.happened(happening);
        }
        metrics.ticket_opened(&Requested::HandOver { reason: "a".into() });
        metrics.ticket_closed();
        let text = metrics.render();
        for line in [
            "# TYPE aisle_requests_total counter",
            "aisle_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"} 2",
            "aisle_requests_total{method=\"POST\",route=\"/v1/shops/{shop}/session\",status=\"429\"} 1",
            "aisle_model_requests_total{outcome=\"answered\"} 1",
            "aisle_model_requests_total{outcome=\"capped\"} 1",
            "aisle_model_first_piece_milliseconds_bucket{le=\"25\"} 1",
            "aisle_model_first_piece_milliseconds_bucket{le=\"100\"} 2",
            "aisle_model_first_piece_milliseconds_bucket{le=\"16000\"} 2",
            "aisle_model_first_piece_milliseconds_bucket{le=\"+Inf\"} 3",
            "aisle_model_first_piece_milliseconds_sum 20080",
            "aisle_model_first_piece_milliseconds_count 3",
            "aisle_tokens_total{kind=\"input\"} 7",
            "aisle_spent_micros_total 11",
            "aisle_model_streams_open 2",
            "aisle_turns_begun_total 1",
            "aisle_turns_total{result=\"complete\"} 1",
            "aisle_turns_total{result=\"failed\"} 1",
            "aisle_turn_first_text_milliseconds_bucket{le=\"50\"} 1",
            "aisle_streams_open 1",
            "aisle_tickets_opened_total{kind=\"hand_over\"} 1",
            "aisle_tickets_closed_total 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(text.ends_with('\n'));
    }
}
