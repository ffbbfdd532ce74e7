//! Whether the worker can serve with what it is set up with.

use aisle_core::protocol::PROTOCOL_VERSION;
use serde_json::json;
use worker::{Env, Response, Result};

use super::{
    ORDER_SECRET, admin, gate, identity, orders, provider, reply, report, settings, shops,
    text_binding, webhook,
};
use crate::admin_key;
use crate::secrets::{self, SecretError};

/// Says whether it does, and what the environment leaves open.
pub(super) async fn answer(env: &Env) -> Result<Response> {
    match check(env).await {
        Ok(shops) => {
            let body = json!({
                "status": "ok",
                "version": env!("CARGO_PKG_VERSION"),
                "protocol": PROTOCOL_VERSION,
                "shops": shops,
                "unprotected": gate::unprotected(env),
            });
            reply::json(200, &body)
        }
        Err(error) => {
            report(&error);
            reply::json(503, &json!({"status": "misconfigured"}))
        }
    }
}

/// How many shops are served, or what is wrong: with the environment, or with the settings that
/// administrators laid over it.
async fn check(env: &Env) -> std::result::Result<usize, String> {
    secrets(env).map_err(|error| error.to_string())?;
    let providers = provider::check(env).map_err(|error| error.to_string())?;
    let shops = shops(env).map_err(|error| error.to_string())?;
    for shop in shops.names() {
        let known = settings::of_shop(env, &shop).await.map_err(|error| error.message)?;
        let list = providers.of_shop(known.shop.providers.as_deref());
        list.map_err(|error| format!("shop {shop:?}: {error}"))?;
    }
    Ok(shops.len())
}

/// Refuses secrets that are set and cannot be used.
fn secrets(env: &Env) -> std::result::Result<(), SecretError> {
    let of = |name| text_binding(env, name);
    for name in [gate::SECRET, ORDER_SECRET] {
        secrets::check(name, of(name).as_deref())?;
    }
    for name in [identity::SECRETS, webhook::SECRETS, orders::CONNECTOR_KEYS] {
        secrets::check_by_shop(name, of(name).as_deref())?;
    }
    admin_key::check(admin::ADMIN_KEYS, of(admin::ADMIN_KEYS).as_deref())
}
