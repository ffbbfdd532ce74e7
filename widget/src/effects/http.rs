//! Requests to the edge worker, without credentials, and what their failures mean.

use aisle_core::chat::TurnError;
use aisle_core::protocol::{ErrorCode, ErrorDetail};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCredentials, RequestInit, Response};

use crate::wire::error_detail;

/// How long a request for JSON may take, in milliseconds.
const JSON_TIMEOUT_MS: u32 = 20_000;

/// Sends nothing and reads JSON.
pub(super) async fn json(method: &str, url: &str) -> Result<JsValue, TurnError> {
    let signal = AbortSignal::timeout_with_u32(JSON_TIMEOUT_MS);
    let response = send(method, url, None, &signal).await?;
    body(&response).await.map_err(|_| TurnError::Network)
}

/// Sends a request; anything but a success is an error.
pub(super) async fn send(
    method: &str,
    url: &str,
    json: Option<&str>,
    signal: &AbortSignal,
) -> Result<Response, TurnError> {
    let response = fetch(method, url, json, signal).await.map_err(|_| TurnError::Network)?;
    if response.ok() {
        return Ok(response);
    }
    let status = response.status();
    let detail = body(&response).await.ok().and_then(|body| error_detail(&body));
    // Without the worker's own words it is a proxy that speaks.
    Err(TurnError::Refused(detail.unwrap_or_else(|| {
        let code = if status < 500 { ErrorCode::MalformedRequest } else { ErrorCode::Internal };
        ErrorDetail::new(code, "")
    })))
}

async fn fetch(
    method: &str,
    url: &str,
    json: Option<&str>,
    signal: &AbortSignal,
) -> Result<Response, JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(signal));
    if let Some(json) = json {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(json));
    }
    let fetched = gloo::utils::window().fetch_with_str_and_init(url, &init);
    JsFuture::from(fetched).await?.dyn_into()
}

async fn body(response: &Response) -> Result<JsValue, JsValue> {
    JsFuture::from(response.json()?).await
}
