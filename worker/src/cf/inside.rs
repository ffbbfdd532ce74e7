//! Requests between the parts of the worker: a question and its answer, both JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use web_sys::RequestInit;
use worker::{Env, Request, Response, Result, Stub};

use super::{body, reply};
use crate::privacy::PATH;

/// The longest question that is read, in bytes.
const MAX_QUESTION_BYTES: usize = 64 * 1024;

/// Asks the Durable Object of this name.
pub(super) async fn ask<A: Serialize, R: DeserializeOwned>(
    env: &Env,
    binding: &str,
    name: &str,
    question: &A,
) -> Result<R> {
    call(&env.durable_object(binding)?.get_by_name(name)?, question).await
}

/// Asks a Durable Object.
pub(super) async fn call<A: Serialize, R: DeserializeOwned>(
    object: &Stub,
    question: &A,
) -> Result<R> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&JsValue::from_str(&serde_json::to_string(question)?));
    let url = ["http://inside", PATH].concat();
    let request = Request::from(web_sys::Request::new_with_str_and_init(&url, &init)?);
    let mut response = object.fetch_with_request(request).await?;
    if response.status_code() != 200 {
        let status = response.status_code();
        return Err(worker::Error::RustError(format!("an object answered with {status}")));
    }
    response.json().await
}

/// What an object is asked.
pub(super) async fn question<A: DeserializeOwned>(request: Request) -> Result<A> {
    match body::read(request, MAX_QUESTION_BYTES).await? {
        Ok(body) => Ok(serde_json::from_slice(&body)?),
        Err(detail) => Err(worker::Error::RustError(detail.message)),
    }
}

/// What it answers.
pub(super) fn answer<R: Serialize>(answer: &R) -> Result<Response> {
    reply::json(200, answer)
}
