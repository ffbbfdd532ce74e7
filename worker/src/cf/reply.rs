//! Replies: JSON, errors, streams, and the headers that let a shop's page read them.

use aisle_core::protocol::{ErrorBody, ErrorDetail};
use futures_util::stream::{Stream, StreamExt};
use serde::Serialize;
use worker::{Headers, Response, ResponseBuilder, Result};

use crate::access_log::REQUEST_ID_HEADER;
use crate::session;

/// How long a browser may remember that it may ask, in seconds.
const PREFLIGHT_SECONDS: &str = "86400";

/// A reply of JSON that is not to be stored.
pub(super) fn json<T: Serialize>(status: u16, body: &T) -> Result<Response> {
    let body = serde_json::to_vec(body)?;
    Ok(ResponseBuilder::new()
        .with_status(status)
        .with_header("content-type", "application/json")?
        .with_header("cache-control", "no-store")?
        .fixed(body))
}

/// An error with the status of its code.
pub(super) fn error(detail: ErrorDetail) -> Result<Response> {
    json(detail.code.http_status(), &ErrorBody { error: detail })
}

/// A reply that says that it is done and nothing else.
pub(super) fn nothing() -> Result<Response> {
    bare(204)
}

/// A reply that says that it is written down, will be done, and nothing else.
pub(super) fn accepted() -> Result<Response> {
    bare(202)
}

fn bare(status: u16) -> Result<Response> {
    let reply = ResponseBuilder::new().with_status(status);
    Ok(reply.with_header("cache-control", "no-store")?.empty())
}

/// The refusal of what came too often, with when to come again.
pub(super) fn limited(wait_ms: u64) -> Result<Response> {
    let response = error(session::limited(wait_ms))?;
    let headers = response.headers().clone();
    headers.set("retry-after", &wait_ms.div_ceil(1_000).to_string())?;
    Ok(response.with_headers(headers))
}

/// The description of the interface.
pub(super) fn description() -> Result<Response> {
    Ok(ResponseBuilder::new()
        .with_header("content-type", "application/json")?
        .with_header("cache-control", "public, max-age=300")?
        .fixed(include_bytes!("../../openapi.json").to_vec()))
}

/// A stream of server-sent events. Proxies must neither keep nor change it.
pub(super) fn events(stream: impl Stream<Item = Vec<u8>> + 'static) -> Result<Response> {
    ResponseBuilder::new()
        .with_header("content-type", "text/event-stream")?
        .with_header("cache-control", "no-cache, no-transform")?
        .with_header("x-accel-buffering", "no")?
        .from_stream(stream.map(Ok::<_, worker::Error>))
}

/// The answer to a browser that asks whether it may ask. Whether it may is said in the reply to
/// the request itself, where the page can read why not.
pub(super) fn preflight() -> Result<Response> {
    Ok(ResponseBuilder::new()
        .with_status(204)
        .with_header("access-control-allow-methods", "GET, POST, DELETE")?
        .with_header(
            "access-control-allow-headers",
            "content-type, last-event-id, x-aisle-consent, x-aisle-customer, x-aisle-session",
        )?
        .with_header("access-control-max-age", PREFLIGHT_SECONDS)?
        .empty())
}

/// The same reply with the id of its request, open to pages of any origin: who may ask is checked
/// before, and no credentials are ever involved.
pub(super) fn open_to_pages(response: Response, request_id: &str) -> Result<Response> {
    // Those of another object's reply cannot be changed.
    let headers = Headers(web_sys::Headers::new_with_headers(&response.headers().0)?);
    headers.set("access-control-allow-origin", "*")?;
    headers.set("cross-origin-resource-policy", "cross-origin")?;
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("referrer-policy", "no-referrer")?;
    headers.set(REQUEST_ID_HEADER, request_id)?;
    let (builder, body) = response.into_parts();
    Ok(builder.with_headers(headers).body(body))
}
