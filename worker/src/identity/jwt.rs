//! JSON Web Tokens (RFC 7519) in the compact form of RFC 7515, with HS256 and nothing else.

use aisle_core::orders::Email;
use aisle_core::protocol::Purchase;
use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use sha2::Sha256;

use super::{Customer, IdentityError, is_id};

/// The one algorithm.
const ALGORITHM: &str = "HS256";
/// How far the clocks may be apart, in seconds.
const LEEWAY_S: u64 = 60;
/// Most purchases that are taken from a token.
const MAX_PURCHASES: usize = 200;

#[derive(Deserialize)]
struct Header {
    alg: String,
    /// Extensions that must be understood: none is.
    crit: Option<serde_json::Value>,
}

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
///
/// The signature is checked before anything of the claims is read.
pub(super) fn verify(
    token: &str,
    secret: &str,
    shop: &str,
    now_s: u64,
) -> Result<Customer, IdentityError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(IdentityError::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(IdentityError::Malformed)?;
    let header: Header = decoded(header)?;
    if header.alg != ALGORITHM || header.crit.is_some() {
        return Err(IdentityError::Algorithm);
    }
    let signature = bytes(signature)?;
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| IdentityError::Signature)?;
    mac.update(signed.as_bytes());
    mac.verify_slice(&signature).map_err(|_| IdentityError::Signature)?;
    let claims: Claims = decoded(payload)?;
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

fn bytes(part: &str) -> Result<Vec<u8>, IdentityError> {
    Base64UrlUnpadded::decode_vec(part).map_err(|_| IdentityError::Malformed)
}

fn decoded<T: for<'a> Deserialize<'a>>(part: &str) -> Result<T, IdentityError> {
    serde_json::from_slice(&bytes(part)?).map_err(|_| IdentityError::Malformed)
}
