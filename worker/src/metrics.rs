//! Figures of this worker for Prometheus, in its text format, version 0.0.4. None of them is of a
//! shopper, and every label has few values.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::spend::Spent;

/// Media type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Upper bounds of the buckets of the time to a model's first piece, in milliseconds.
const FIRST_PIECE_MS: [u64; 10] = [25, 50, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000];

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
    model_requests: BTreeMap<Outcome, u64>,
    first_piece: [u64; FIRST_PIECE_MS.len()],
    first_piece_count: u64,
    first_piece_ms: u64,
    spent: Spent,
    models_open: u64,
}

impl Metrics {
    /// A request was answered.
    pub fn answered(&mut self, method: &'static str, route: &'static str, status: u16) {
        *self.requests.entry((method, route, status)).or_default() += 1;
    }

    /// A language model is asked.
    pub fn model_asked(&mut self) {
        self.models_open += 1;
    }

    /// A language model said its first piece.
    pub fn model_began(&mut self, after_ms: u64) {
        self.first_piece_count += 1;
        self.first_piece_ms += after_ms;
        let fits = FIRST_PIECE_MS.iter().zip(&mut self.first_piece);
        for (_, count) in fits.filter(|(bound, _)| after_ms <= **bound) {
            *count += 1;
        }
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

    /// The figures as text.
    pub fn render(&self) -> String {
        let mut text = Text::default();
        text.family("aisle_requests_total", "counter", "Requests by route and status.");
        for ((method, route, status), count) in &self.requests {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            text.sample("aisle_requests_total", &labels, *count);
        }
        text.family("aisle_model_requests_total", "counter", "Requests to language models.");
        for (outcome, count) in &self.model_requests {
            let labels = format!("outcome=\"{}\"", outcome.label());
            text.sample("aisle_model_requests_total", &labels, *count);
        }
        let name = "aisle_model_first_piece_milliseconds";
        text.family(name, "histogram", "Time until a language model says something.");
        for (bound, count) in FIRST_PIECE_MS.iter().zip(&self.first_piece) {
            text.sample(&format!("{name}_bucket"), &format!("le=\"{bound}\""), *count);
        }
        text.sample(&format!("{name}_bucket"), "le=\"+Inf\"", self.first_piece_count);
        text.sample(&format!("{name}_sum"), "", self.first_piece_ms);
        text.sample(&format!("{name}_count"), "", self.first_piece_count);
        text.family("aisle_tokens_total", "counter", "Tokens of language models.");
        text.sample("aisle_tokens_total", "kind=\"input\"", self.spent.input_tokens);
        text.sample("aisle_tokens_total", "kind=\"output\"", self.spent.output_tokens);
        let help = "Money spent on language models, in millionths.";
        text.family("aisle_spent_micros_total", "counter", help);
        text.sample("aisle_spent_micros_total", "", self.spent.micros);
        text.family("aisle_model_streams_open", "gauge", "Language models that are writing now.");
        text.sample("aisle_model_streams_open", "", self.models_open);
        text.0
    }
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &str, value: u64) {
        let braced = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        let _ = writeln!(self.0, "{name}{braced} {value}");
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
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(text.ends_with('\n'));
    }
}
