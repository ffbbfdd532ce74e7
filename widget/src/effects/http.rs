//! Requests to the edge worker, without credentials, and what their failures mean.

use aisle_core::chat::TurnError;
use aisle_core::protocol::{ErrorCode, ErrorDetail};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCredentials, RequestInit, Response};

use crate::config::Config;
use crate::wire::error_detail;

/// How long a request for JSON may take, in milliseconds.
const JSON_TIMEOUT_MS: u32 = 20_000;

/// Sends nothing to a resource of the shop and reads JSON.
pub(super) async fn json(config: &Config, method: &str, path: &str) -> Result<JsValue, TurnError> {
    let signal = AbortSignal::timeout_with_u32(JSON_TIMEOUT_MS);
    let response = send(config, method, path, None, &signal).await?;
    body(&response).await.map_err(|_| TurnError::Network)
}

/// Sends a request to a resource of the shop, in the name of the customer if there is one;
/// anything but a success is an error.
pub(super) async fn send(
    config: &Config,
    method: &str,
    path: &str,
    json: Option<&str>,
    signal: &AbortSignal,
) -> Result<Response, TurnError> {
    let response =
        fetch(config, method, path, json, signal).await.map_err(|_| TurnError::Network)?;
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
    config: &Config,
    method: &str,
    path: &str,
    json: Option<&str>,
    signal: &AbortSignal,
) -> Result<Response, JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(signal));
    let headers = Headers::new()?;
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
