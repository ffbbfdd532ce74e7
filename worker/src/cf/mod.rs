//! What the worker runs on: Cloudflare's runtime, or workerd, which is the same on one's own
//! machine. Requests come in here, and the ports of the logic are connected here.

mod address;
mod admin;
mod artifacts;
mod body;
mod chance;
mod consent;
mod desk;
mod directory;
mod directory_sql;
mod entry;
mod figures;
mod files;
mod gate;
mod health;
mod identity;
mod inside;
mod keeping;
mod object;
mod objects;
mod orders;
mod orders_sql;
mod outbound;
mod own_orders;
mod privacy;
mod provider;
mod reply;
mod settings;
mod sql;
mod tickets;
mod till;
mod timing;
mod usage_sql;
mod visitors;
mod webhook;

use std::cell::RefCell;
use std::rc::Rc;

use aisle_core::protocol::{ErrorCode, ErrorDetail};
use wasm_bindgen::JsValue;
use worker::{Context, Env, Request, Response, event};

use crate::orders::OrderSecret;
use crate::shops::{Shops, ShopsError};

/// JSON of the shops.
const SHOPS: &str = "AISLE_SHOPS";
/// The key of the hashes of addresses and of customers' ids.
const ORDER_SECRET: &str = "AISLE_ORDER_SECRET";

/// A reply, or what the request is refused for.
type Handled = std::result::Result<Response, ErrorDetail>;

/// Every request.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _: Context) -> worker::Result<Response> {
    entry::handle(request, &env).await
}

/// A binding that is text; `None` where it is not set.
fn text_binding(env: &Env, name: &str) -> Option<String> {
    let value = js_sys::Reflect::get(env, &JsValue::from_str(name)).ok()?;
    value.as_string().filter(|text| !text.is_empty())
}

thread_local! {
    /// The shops that were read last, with their JSON: every request asks for them.
    static READ: RefCell<(String, Rc<Shops>)> = RefCell::default();
}

/// The shops of the configuration; none where there is no configuration.
fn shops(env: &Env) -> Result<Rc<Shops>, ShopsError> {
    let json = text_binding(env, SHOPS).unwrap_or_default();
    let known = READ.with_borrow(|(read, shops)| (*read == json).then(|| shops.clone()));
    if let Some(known) = known {
        return Ok(known);
    }
    let shops = Rc::new(Shops::parse(&json)?);
    READ.replace((json, shops.clone()));
    Ok(shops)
}

/// The key of the hashes; nothing where there is none that can be used.
fn order_secret(env: &Env) -> Option<OrderSecret> {
    text_binding(env, ORDER_SECRET).and_then(|text| OrderSecret::new(&text))
}

/// The refusal where the configuration cannot be used; what is wrong with it is for the log.
fn misconfigured(error: &dyn std::fmt::Display) -> ErrorDetail {
    report(&error.to_string());
    ErrorDetail::new(ErrorCode::Internal, "the worker's configuration cannot be used")
}

/// A line of the log.
fn report(message: &str) {
    worker::console_error!("aisle: {}", message);
}
