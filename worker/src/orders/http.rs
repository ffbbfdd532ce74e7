//! The network as connectors use it, and how often they try.

use futures_util::future::LocalBoxFuture;
use thiserror::Error;

use super::SourceError;
use crate::ports::Clock;

/// Most tries of one question.
const TRIES: u32 = 3;
/// The pause before the second try, in milliseconds; it doubles.
const FIRST_PAUSE_MS: u32 = 250;
/// The longest pause that a shopper is made to wait, in milliseconds.
const MAX_PAUSE_MS: u32 = 2_000;

/// A `POST` of JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// Where to; checked by [`super::OrdersSettings::check`].
    pub url: String,
    /// Headers beside that of the content's type.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpReply {
    /// The status; a redirect is not followed.
    pub status: u16,
    /// The header `retry-after`, where it is in seconds.
    pub retry_after_s: Option<u32>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HttpError {
    /// No connection, or it was cut.
    #[error("{0}")]
    Network(String),
    /// It took too long.
    #[error("no answer in time")]
    TimedOut,
    /// More than is read.
    #[error("the answer is too long")]
    TooLong,
}

/// The network. It bounds how long a request takes and how much is read, and follows no redirect.
pub trait Http {
    /// Sends a request.
    fn post(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpReply, HttpError>>;
}

/// What a connector makes of a reply with the status 200.
pub(super) enum Verdict<T> {
    /// The answer.
    Done(T),
    /// It asks for less, and for a pause in milliseconds.
    Throttled(u32),
    /// It cannot be used.
    Failed(SourceError),
}

/// Asks until there is an answer, a few times at most. What was asked too often or could not be
/// reached is tried again after a pause, unless the pause is longer than a shopper waits.
pub(super) async fn ask<T>(
    http: &dyn Http,
    clock: &impl Clock,
    request: HttpRequest,
    judge: impl Fn(&[u8]) -> Verdict<T>,
) -> Result<T, SourceError> {
    let mut tried = 0;
    loop {
        let pause_ms = FIRST_PAUSE_MS << tried;
        let (error, wait_ms) = match http.post(request.clone()).await {
            Ok(reply) if reply.status == 200 => match judge(&reply.body) {
                Verdict::Done(answer) => return Ok(answer),
                Verdict::Throttled(ms) => (SourceError::Throttled, ms.max(pause_ms)),
                Verdict::Failed(error) => return Err(error),
            },
            Ok(reply) if reply.status == 429 => {
                let asked_ms = reply.retry_after_s.unwrap_or_default().saturating_mul(1_000);
                (SourceError::Throttled, asked_ms.max(pause_ms))
            }
            Ok(reply) if reply.status >= 500 => (SourceError::Status(reply.status), pause_ms),
            Ok(reply) => return Err(SourceError::Status(reply.status)),
            Err(HttpError::TooLong) => {
                return Err(SourceError::Protocol(HttpError::TooLong.to_string()));
            }
            // It was waited for long enough.
            Err(HttpError::TimedOut) => {
                return Err(SourceError::Network(HttpError::TimedOut.to_string()));
            }
            Err(error) => (SourceError::Network(error.to_string()), pause_ms),
        };
        tried += 1;
        if tried >= TRIES || wait_ms > MAX_PAUSE_MS {
            return Err(error);
        }
        clock.sleep(wait_ms).await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::orders::ScriptedHttp;
    use crate::ports::ManualClock;

    type Reply = Result<HttpReply, HttpError>;
    /// Replies, what comes of them, how many requests that takes and how long is waited.
    type Case = (Vec<Reply>, Result<&'static str, SourceError>, usize, u64);

    fn status(status: u16, retry_after_s: Option<u32>) -> Reply {
        Ok(HttpReply { status, retry_after_s, body: b"{}".to_vec() })
    }

    fn body(body: &str) -> Reply {
        Ok(HttpReply { status: 200, retry_after_s: None, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn questions_are_asked_again_only_where_that_helps() {
        let gone = || Err(HttpError::Network("refused".into()));
        let cases: [Case; 9] = [
            (vec![body("yes")], Ok("yes"), 1, 0),
            (vec![status(503, None), body("yes")], Ok("yes"), 2, 250),
            (vec![gone(), gone(), body("yes")], Ok("yes"), 3, 750),
            (vec![status(429, Some(1)), body("yes")], Ok("yes"), 2, 1_000),
            (vec![body("slow"), body("yes")], Ok("yes"), 2, 700),
            (vec![status(429, Some(60))], Err(SourceError::Throttled), 1, 0),
            (vec![status(403, None)], Err(SourceError::Status(403)), 1, 0),
            (vec![status(302, None)], Err(SourceError::Status(302)), 1, 0),
            (
                vec![status(500, None), status(500, None), status(502, None)],
                Err(SourceError::Status(502)),
                3,
                750,
            ),
        ];
        for (replies, expected, requests, waited_ms) in cases {
            let shown = format!("{replies:?}");
            let (http, clock) = (ScriptedHttp::new(replies), ManualClock::default());
            let request =
                HttpRequest { url: "https://a.example".into(), headers: vec![], body: "{}".into() };
            let judge = |body: &[u8]| match body {
                b"slow" => Verdict::Throttled(700),
                body => Verdict::Done(String::from_utf8_lossy(body).into_owned()),
            };
            let found = ask(&http, &clock, request, judge).now_or_never().unwrap();
            assert_eq!(found, expected.map(str::to_owned), "{shown}");
            assert_eq!((http.requests.borrow().len(), clock.now_ms()), (requests, waited_ms));
        }
    }
}
