//! Signed claims in the compact form of RFC 7515, with HS256 and nothing else.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use thiserror::Error;

/// The one algorithm.
const ALGORITHM: &str = "HS256";

/// Why claims are not believed. It is for the log; the network is told that they are not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JwsError {
    /// Not of the compact form, or not the expected claims in it.
    #[error("the token is malformed")]
    Malformed,
    /// Signed in another way, or with an extension.
    #[error("the token's algorithm is another one")]
    Algorithm,
    /// Not signed with this key.
    #[error("the token's signature is wrong")]
    Signature,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    /// Extensions that must be understood: none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    crit: Option<serde_json::Value>,
}

/// The claims of a token. The signature is checked before anything of the claims is read.
pub fn open<T: DeserializeOwned>(token: &str, key: &[u8]) -> Result<T, JwsError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(JwsError::Malformed)?;
    let header: Header = decoded(header)?;
    if header.alg != ALGORITHM || header.crit.is_some() {
        return Err(JwsError::Algorithm);
    }
    let signature = bytes(signature)?;
    let mac = mac(key, signed).ok_or(JwsError::Signature)?;
    mac.verify_slice(&signature).map_err(|_| JwsError::Signature)?;
    decoded(payload)
}

/// A token of these claims. `None` for claims that have no form in JSON.
pub fn seal<T: Serialize>(claims: &T, key: &[u8]) -> Option<String> {
    let header = Header { alg: ALGORITHM.to_owned(), crit: None };
    let mut token = encoded(&header)?;
    token.push('.');
    token.push_str(&encoded(claims)?);
    let signature = mac(key, &token)?.finalize().into_bytes();
    token.push('.');
    token.push_str(&Base64UrlUnpadded::encode_string(&signature));
    Some(token)
}

fn mac(key: &[u8], text: &str) -> Option<Hmac<Sha256>> {
    // A key may have any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

fn encoded<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_vec(value).ok().map(|json| Base64UrlUnpadded::encode_string(&json))
}

fn bytes(part: &str) -> Result<Vec<u8>, JwsError> {
    Base64UrlUnpadded::decode_vec(part).map_err(|_| JwsError::Malformed)
}

fn decoded<T: DeserializeOwned>(part: &str) -> Result<T, JwsError> {
    serde_json::from_slice(&bytes(part)?).map_err(|_| JwsError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What was sealed is opened with the same key, and with no other.
        #[test]
        fn claims_come_back_as_they_were(text in "\\PC{0,40}", key: Vec<u8>, other: Vec<u8>) {
            let token = seal(&text, &key).unwrap();
            prop_assert_eq!(open::<String>(&token, &key), Ok(text));
            // Zeros at the end of a short key are padding (RFC 2104).
            let trimmed = |key: &[u8]| {
                let end = key.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
                key.get(..end).map(<[u8]>::to_vec)
            };
            if key.len() <= 64 && other.len() <= 64 && trimmed(&key) != trimmed(&other) {
                prop_assert_eq!(open::<String>(&token, &other), Err(JwsError::Signature));
            }
        }
    }
}
