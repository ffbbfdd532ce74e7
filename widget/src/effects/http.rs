//! Requests to the edge worker, without credentials, and what their failures mean.

use std::rc::Rc;

use aisle_core::chat::TurnError;
use aisle_core::protocol::{ErrorCode, ErrorDetail};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCredentials, RequestInit, Response};

use super::{proof, session};
use crate::config::Config;
use crate::wire::error_detail;

/// How long a request that is not streamed may take, in milliseconds.
const TIMEOUT_MS: u32 = 20_000;
/// What only a visitor with a session may ask for.
const CONVERSATIONS: &str = "/conversations";
/// The status of a request that lacks a valid session, or a valid customer.
const UNAUTHORIZED: u16 = 401;

/// Sends nothing to a resource of the shop and reads JSON.
pub(super) async fn json(
    config: &Rc<Config>,
    method: &str,
    path: &str,
) -> Result<JsValue, TurnError> {
    let signal = AbortSignal::timeout_with_u32(TIMEOUT_MS);
    let response = send(config, method, path, None, &signal).await?;
    body(&response).await.map_err(|_| TurnError::Network)
}

/// Sends nothing to a resource of the shop and reads nothing but whether it went well.
pub(super) async fn command(
    config: &Rc<Config>,
    method: &str,
    path: &str,
) -> Result<(), TurnError> {
    let signal = AbortSignal::timeout_with_u32(TIMEOUT_MS);
    send(config, method, path, None, &signal).await.map(drop)
}

/// Asks for the next token of the visitor's session, and does the work that the shop asks new
/// visitors for.
pub(super) async fn request_session(config: &Config, former: &str) -> Result<JsValue, JsValue> {
    let mut proof = None;
    loop {
        let signal = AbortSignal::timeout_with_u32(TIMEOUT_MS);
        let response = fetch(config, "POST", "/session", proof.as_deref(), former, &signal).await?;
        let body = body(&response).await?;
        if response.status() != UNAUTHORIZED || proof.is_some() {
            return Ok(body);
        }
        proof = JsFuture::from(proof::of_work(&body)).await?.as_string();
    }
}

/// Sends a request to a resource of the shop, in the name of the customer if there is one, and of
/// the visitor where it is about a conversation; anything but a success is an error.
pub(super) async fn send(
    config: &Rc<Config>,
    method: &str,
    path: &str,
    json: Option<&str>,
    signal: &AbortSignal,
) -> Result<Response, TurnError> {
    let mut is_refused = false;
    let response = loop {
        let session = match path.starts_with(CONVERSATIONS) {
            true => session::token(config, is_refused).await,
            false => String::new(),
        };
        let fetched = fetch(config, method, path, json, &session, signal).await;
        let response = fetched.map_err(|_| TurnError::Network)?;
        if response.ok() {
            return Ok(response);
        }
        // The session may have ended meanwhile; a fresh one that is refused is another matter.
        if response.status() != UNAUTHORIZED || std::mem::replace(&mut is_refused, true) {
            break response;
        }
    };
    let status = response.status();
    let detail = body(&response).await.ok().and_then(|body| error_detail(&body));
    // Without the worker's own words it is a proxy that speaks.
    Err(TurnError::Refused(detail.unwrap_or_else(|| {
        let code = if status < 500 { ErrorCode::MalformedRequest } else { ErrorCode::Internal };
        ErrorDetail::new(code, "")
    })))
}

async fn fetch(
    config: &Config,
    method: &str,
    path: &str,
    json: Option<&str>,
    session: &str,
    signal: &AbortSignal,
) -> Result<Response, JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(signal));
    let headers = Headers::new()?;
    if !session.is_empty() {
        headers.set("x-aisle-session", session)?;
    }
    if !config.has_consent() {
        headers.set("x-aisle-consent", "no")?;
    }
    if let Some(customer) = config.customer() {
        headers.set("x-aisle-customer", &customer)?;
    }
    if let Some(json) = json {
        headers.set("content-type", "application/json")?;
        init.set_body(&JsValue::from_str(json));
    }
    init.set_headers(&headers);
    let fetched = gloo::utils::window().fetch_with_str_and_init(&config.api(path), &init);
    JsFuture::from(fetched).await?.dyn_into()
}

async fn body(response: &Response) -> Result<JsValue, JsValue> {
    JsFuture::from(response.json()?).await
}
