//! The worker's Durable Objects, and how they ask each other.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use worker::{Env, Method, Request, RequestInit, Response, Result, Stub};

use super::{body, reply};
use crate::privacy::PATH;

/// Bindings.
const CONVERSATIONS: &str = "CONVERSATIONS";
const ORDERS: &str = "ORDERS";
const DIRECTORIES: &str = "DIRECTORIES";
/// The longest call that is read, in bytes.
const MAX_CALL_BYTES: usize = 64 * 1024;

/// The object of a conversation. Its name begins with the shop's, so that no id of another shop
/// leads to it.
pub(super) fn conversation(env: &Env, shop: &str, id: &str) -> Result<Stub> {
    env.durable_object(CONVERSATIONS)?.get_by_name(&format!("{shop}/{id}"))
}

/// The object of a shop's orders.
pub(super) fn orders(env: &Env, shop: &str) -> Result<Stub> {
    env.durable_object(ORDERS)?.get_by_name(shop)
}

/// The object of a shop's directory.
pub(super) fn directory(env: &Env, shop: &str) -> Result<Stub> {
    env.durable_object(DIRECTORIES)?.get_by_name(shop)
}

/// Asks an object, and reads its answer.
pub(super) async fn call<C: Serialize, A: DeserializeOwned>(stub: &Stub, call: &C) -> Result<A> {
    let mut response = send(stub, call).await?;
    if response.status_code() != 200 {
        let status = response.status_code();
        return Err(worker::Error::RustError(format!("an object answered with {status}")));
    }
    response.json().await
}

/// Asks an object, and passes its answer on as it is.
pub(super) async fn send<C: Serialize>(stub: &Stub, call: &C) -> Result<Response> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(JsValue::from_str(&serde_json::to_string(call)?)));
    let request = Request::new_with_init(&format!("https://aisle{PATH}"), &init)?;
    stub.fetch_with_request(request).await
}

/// What an object is asked, where the request is another object's.
pub(super) async fn called<C: DeserializeOwned>(request: Request) -> Result<C> {
    match body::read(request, MAX_CALL_BYTES).await? {
        Ok(body) => Ok(serde_json::from_slice(&body)?),
        Err(detail) => Err(worker::Error::RustError(detail.message)),
    }
}

/// The answer to another object.
pub(super) fn answer<A: Serialize>(answer: &A) -> Result<Response> {
    reply::json(200, answer)
}
