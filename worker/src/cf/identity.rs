//! Who a request speaks for, by the token of its header.

use worker::{Env, Request};

use super::timing::RuntimeClock;
use super::{settings, text_binding};
use crate::identity::{self, Customer, IdentityError, Mode};
use crate::ports::Clock;
use crate::secrets;
use crate::shops::Shop;

use aisle_core::protocol::ErrorDetail;

/// JSON of the secrets that merchants' servers sign with.
pub(super) const SECRETS: &str = "AISLE_IDENTITY_SECRETS";

/// The customer of a request; nothing for one without a token, or with one that proves nothing.
pub(super) fn customer(
    request: &Request,
    env: &Env,
    shop: &str,
    settings: &Shop,
) -> Option<Customer> {
    let token = request.headers().get(identity::HEADER).ok()??;
    of_token(&token, env, shop, settings)
}

/// The customer whom a token speaks for.
pub(super) fn of_token(token: &str, env: &Env, shop: &str, settings: &Shop) -> Option<Customer> {
    let secret = text_binding(env, SECRETS).and_then(|json| secrets::of_shop(&json, shop))?;
    let now_ms = RuntimeClock.now_ms();
    let found: Result<Customer, IdentityError> =
        identity::verify(settings.identity_scheme, token, &secret, shop, now_ms);
    found.ok()
}

/// The shop's id of the customer of a request; empty where nobody vouches for one.
pub(super) async fn customer_id(request: &Request, env: &Env, shop: &str) -> String {
    if !request.headers().has(identity::HEADER).unwrap_or_default() {
        return String::new();
    }
    let Ok(known) = settings::of_shop(env, shop).await else { return String::new() };
    customer(request, env, shop, &known.shop).map_or_else(String::new, |customer| customer.id)
}

/// Refuses a request that needs a valid token and has none.
pub(super) fn admit(
    request: &Request,
    env: &Env,
    shop: &str,
    settings: &Shop,
) -> Result<(), ErrorDetail> {
    match settings.identity {
        Mode::Optional => Ok(()),
        Mode::Enforced => {
            customer(request, env, shop, settings).map(|_| ()).ok_or_else(identity::required)
        }
    }
}
