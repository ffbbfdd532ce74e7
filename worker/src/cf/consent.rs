//! What a shopper's browser says about the use of data.

use worker::Request;

/// Global Privacy Control: a browser sends `1` where its user objects to any further use.
const GPC: &str = "sec-gpc";
/// The chat says `no` where the shop asks for consent and there is none.
const CONSENT: &str = "x-aisle-consent";

/// Whether the conversation may be used for the answer and nothing else.
pub(super) fn is_refused(request: &Request) -> bool {
    let is = |name, value| {
        let found = request.headers().get(name).ok().flatten();
        found.is_some_and(|found| found.trim() == value)
    };
    is(GPC, "1") || is(CONSENT, "no")
}
