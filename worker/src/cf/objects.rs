//! The worker's Durable Objects by name.

use worker::{Env, Result, Stub};

/// Bindings.
const CONVERSATIONS: &str = "CONVERSATIONS";
const ORDERS: &str = "ORDERS";
const DIRECTORIES: &str = "DIRECTORIES";

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
