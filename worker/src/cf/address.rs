//! The network address of whoever asks.

use worker::{Env, Request};

use super::text_binding;
use crate::limits::subject;

/// Name of the header in which the proxy before the worker tells the visitor's address.
pub(super) const ADDRESS_HEADER: &str = "AISLE_ADDRESS_HEADER";

/// Whether the proxy tells addresses at all.
pub(super) fn is_told(env: &Env) -> bool {
    text_binding(env, ADDRESS_HEADER).is_some()
}

/// The part of the visitor's address that is theirs alone. Empty where nobody knows it; all of
/// those share one bucket.
pub(super) fn of(env: &Env, request: &Request) -> String {
    let header = text_binding(env, ADDRESS_HEADER);
    let told = header.and_then(|name| request.headers().get(&name).ok().flatten());
    // A proxy that adds to a list adds at its end.
    told.and_then(|list| list.rsplit(',').next().map(subject)).unwrap_or_default()
}
