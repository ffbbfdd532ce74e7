//! Requests between the parts of the worker: a question and its answer, both JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use web_sys::RequestInit;
use worker::{Env, Request, Result};

/// Asks the Durable Object of this name.
pub(super) async fn ask<A: Serialize, R: DeserializeOwned>(
    env: &Env,
    binding: &str,
    name: &str,
    question: &A,
) -> Result<R> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&JsValue::from_str(&serde_json::to_string(question)?));
    let request = Request::from(web_sys::Request::new_with_str_and_init("http://inside/", &init)?);
    let stub = env.durable_object(binding)?.get_by_name(name)?;
    let mut response = stub.fetch_with_request(request).await?;
    if response.status_code() != 200 {
        return Err(worker::Error::RustError(format!("{binding} of {name} failed")));
    }
    response.json().await
}
