//! Signed-in shoppers: a token that the merchant's server made says who someone is.
//!
//! The secret is shared with the merchant's server alone, and which kind of token a shop uses is
//! its configuration's to say, never the token's.

mod customer_hmac;
mod jwt;

use aisle_core::orders::Email;
use aisle_core::protocol::{ErrorCode, ErrorDetail, Purchase};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::jws::JwsError;

/// Name of the header that carries the token.
pub const HEADER: &str = "x-aisle-customer";
/// The longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// The longest id of a customer, in bytes.
const MAX_ID_BYTES: usize = 200;

/// Whether a shop serves those who are not signed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It does.
    #[default]
    Optional,
    /// It does not: a request without a valid token is refused.
    Enforced,
}

/// Which kind of token a shop uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// A JSON Web Token with the algorithm HS256.
    #[default]
    Jwt,
    /// The customer's id and its HMAC, as a shop's theme can write it into a page.
    CustomerHmac,
}

/// A shopper whom the merchant's server vouches for.
#[derive(Clone, Debug, PartialEq)]
pub struct Customer {
    /// The shop's own id.
    pub id: String,
    /// The address, where the token says it.
    pub email: Option<Email>,
    /// What was bought, where the token says it.
    pub purchases: Vec<Purchase>,
}

/// Why a token proves nothing. It is for the log; the network is told that it is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// Not of the form of its kind.
    #[error("the token is malformed")]
    Malformed,
    /// Signed in another way than the shop's.
    #[error("the token's algorithm is not the shop's")]
    Algorithm,
    /// Not signed with the shop's secret.
    #[error("the token's signature is wrong")]
    Signature,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYet,
    /// Made for another shop.
    #[error("the token is for another shop")]
    Audience,
}

impl From<JwsError> for IdentityError {
    fn from(error: JwsError) -> Self {
        match error {
            JwsError::Malformed => Self::Malformed,
            JwsError::Algorithm => Self::Algorithm,
            JwsError::Signature => Self::Signature,
        }
    }
}

/// Who a token speaks for.
pub fn verify(
    scheme: Scheme,
    token: &str,
    secret: &str,
    shop: &str,
    now_ms: u64,
) -> Result<Customer, IdentityError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(IdentityError::Malformed);
    }
    match scheme {
        Scheme::Jwt => jwt::verify(token, secret, shop, now_ms / 1_000),
        Scheme::CustomerHmac => customer_hmac::verify(token, secret),
    }
}

/// The refusal of a request that needs a token.
pub fn required() -> ErrorDetail {
    ErrorDetail::new(ErrorCode::IdentityRequired, "a valid token of a customer is needed")
}

/// Whether a text can be a customer's id.
pub(crate) fn is_id(id: &str) -> bool {
    (1..=MAX_ID_BYTES).contains(&id.len())
        && !id.trim().is_empty()
        && !id.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
