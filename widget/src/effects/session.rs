//! The visitor's session on the edge worker: one token for the page, asked for once, however many
//! requests wait for it.

use std::rc::Rc;

use js_sys::{Date, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::{http, storage};
use crate::boundary::{number, text};
use crate::config::Config;

/// How long a request for a token is waited for before another one is made, in milliseconds.
const PATIENCE_MS: f64 = 20_000.0;

/// The token; empty where the worker asks for none, or cannot be asked. `is_refused`: the one that
/// was given last is of no use any more.
pub(super) async fn token(config: &Rc<Config>, is_refused: bool) -> String {
    let kept = config.session.borrow().clone();
    let token = match kept {
        Some((until_ms, token)) if until_ms > Date::now() && !is_refused => token,
        _ => {
            let token = JsValue::from(future_to_promise(renew(config.clone())));
            keep_until(config, PATIENCE_MS, token.clone());
            token
        }
    };
    let token = JsFuture::from(Promise::from(token)).await;
    token.ok().and_then(|token| token.as_string()).unwrap_or_default()
}

/// Ends the session on this page: the next request is another visitor's.
pub(super) fn end(config: &Config) {
    storage::forget(config, storage::SESSION);
    config.session.replace(None);
}

async fn renew(config: Rc<Config>) -> Result<JsValue, JsValue> {
    let former = storage::recall(&config, storage::SESSION).unwrap_or_default();
    // What failed is not waited for again: the next request asks anew.
    let reply = http::request_session(&config, &former).await;
    let reply = reply.inspect_err(|_| drop(config.session.replace(None)))?;
    let token = text(&reply, "session").unwrap_or_default();
    storage::remember(&config, storage::SESSION, &token);
    let token = JsValue::from(token);
    let renew_after_s: u32 = number(&reply, "renew_after_s").unwrap_or_default();
    keep_until(&config, f64::from(renew_after_s) * 1_000.0, Promise::resolve(&token).into());
    Ok(token)
}

fn keep_until(config: &Config, after_ms: f64, token: JsValue) {
    config.session.replace(Some((Date::now() + after_ms, token)));
}
