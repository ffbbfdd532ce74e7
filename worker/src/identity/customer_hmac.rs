//! A customer's id with its HMAC: `ID:HEX`, where `HEX` is the HMAC-SHA-256 of the id under the
//! shop's secret, in 64 hexadecimal digits. A theme's template can write it, as Shopify's Liquid
//! does with `{{ customer.id }}:{{ customer.id | hmac_sha256: secret }}`. It does not expire: the
//! page that holds it is the session.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Customer, IdentityError, is_id};

/// Who a token speaks for.
pub(super) fn verify(token: &str, secret: &str) -> Result<Customer, IdentityError> {
    let (id, digest) = token.rsplit_once(':').ok_or(IdentityError::Malformed)?;
    if !is_id(id) {
        return Err(IdentityError::Malformed);
    }
    let digest = unhex(digest).ok_or(IdentityError::Malformed)?;
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| IdentityError::Signature)?;
    mac.update(id.as_bytes());
    mac.verify_slice(&digest).map_err(|_| IdentityError::Signature)?;
    Ok(Customer { id: id.to_owned(), email: None, purchases: vec![] })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let mut bytes = [0; 32];
    if digits.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
    }
    Some(bytes)
}
