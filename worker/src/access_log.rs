//! The line of the log that a request leaves: what was asked for and how it went, nothing of who
//! asked or of what was said.

use serde::Serialize;

/// Name of the header with the id of a request.
pub const REQUEST_ID_HEADER: &str = "x-request-id";
/// The longest id that is taken over, in bytes.
const MAX_ID_BYTES: usize = 64;

/// What a request leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line<'a> {
    /// When it came, in milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// `error` for a fault of the worker, `warn` for a refusal, else `info`.
    pub level: &'static str,
    /// Its id, which the reply has as well.
    pub request_id: &'a str,
    /// The shop that it was about, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shop: Option<&'a str>,
    /// The method.
    pub method: &'static str,
    /// The path's pattern, not the path.
    pub route: &'static str,
    /// Status of the reply.
    pub status: u16,
    /// Until the reply began, in milliseconds.
    pub duration_ms: u64,
}

impl Line<'_> {
    /// The line as JSON.
    pub fn render(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The level of a status.
pub fn level(status: u16) -> &'static str {
    match status {
        500.. => "error",
        400..500 => "warn",
        _ => "info",
    }
}

/// The id that a request came with, if it is well-formed: other lines of the log cannot be forged
/// with it.
pub fn request_id(header: Option<&str>) -> Option<&str> {
    header.filter(|id| {
        (8..=MAX_ID_BYTES).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_over_if_it_is_well_formed() {
        for (header, is_taken) in [
            ("0b9d7a52-f4e8-4c1c-8f0a-6e2d5b3c7f19", true),
            ("trace.1234_5", true),
            ("short", false),
            ("two words", false),
            ("a\"},{\"level\":\"info", false),
            ("line\nbreak-1234", false),
            ("ünïcode-1234", false),
        ] {
            assert_eq!(request_id(Some(header)).is_some(), is_taken, "{header}");
        }
        assert!(request_id(Some(&"a".repeat(65))).is_none());
        assert_eq!(request_id(None), None);
    }

    #[test]
    fn a_line_is_one_object_of_json() {
        let line = Line {
            time_ms: 5,
            level: level(429),
            request_id: "trace-1234",
            shop: None,
            method: "POST",
            route: "/v1/shops/{shop}/session",
            status: 429,
            duration_ms: 3,
        };
        assert_eq!(
            line.render(),
            r#"{"time_ms":5,"level":"warn","request_id":"trace-1234","method":"POST","route":"/v1/shops/{shop}/session","status":429,"duration_ms":3}"#
        );
        assert_eq!([level(200), level(404), level(503)], ["info", "warn", "error"]);
    }
}
