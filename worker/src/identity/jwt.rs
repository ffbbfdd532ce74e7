//! JSON Web Tokens (RFC 7519) of merchants' servers.

use aisle_core::orders::Email;
use aisle_core::protocol::Purchase;
use serde::Deserialize;

use super::{Customer, IdentityError, is_id};
use crate::jws;

/// How far the clocks may be apart, in seconds.
const LEEWAY_S: u64 = 60;
/// Most purchases that are taken from a token.
const MAX_PURCHASES: usize = 200;

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Audience,
    exp: u64,
    nbf: Option<u64>,
    iat: Option<u64>,
    email: Option<String>,
    #[serde(default)]
    orders: Vec<Purchase>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Who a token speaks for. `now_s` is in seconds since the Unix epoch.
pub(super) fn verify(
    token: &str,
    secret: &str,
    shop: &str,
    now_s: u64,
) -> Result<Customer, IdentityError> {
    let claims: Claims = jws::open(token, secret.as_bytes())?;
    if claims.exp.saturating_add(LEEWAY_S) <= now_s {
        return Err(IdentityError::Expired);
    }
    let begins = claims.nbf.unwrap_or_default().max(claims.iat.unwrap_or_default());
    if begins > now_s.saturating_add(LEEWAY_S) {
        return Err(IdentityError::NotYet);
    }
    let is_for_shop = match &claims.aud {
        Audience::One(name) => name == shop,
        Audience::Many(names) => names.iter().any(|name| name == shop),
    };
    if !is_for_shop {
        return Err(IdentityError::Audience);
    }
    if !is_id(&claims.sub) {
        return Err(IdentityError::Malformed);
    }
    let email = match claims.email {
        Some(email) => Some(Email::parse(&email).ok_or(IdentityError::Malformed)?),
        None => None,
    };
    let mut purchases = claims.orders;
    purchases.truncate(MAX_PURCHASES);
    Ok(Customer { id: claims.sub, email, purchases })
}
