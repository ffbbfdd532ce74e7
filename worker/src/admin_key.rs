//! The keys of those who administer: `Authorization: Bearer KEY`, compared with the SHA-256 of
//! each key in `AISLE_ADMIN_KEYS`, a JSON object by the key's name: of hex digests, or of objects
//! with the digest as `sha256` and the names of `shops` that the key is for.

use std::collections::BTreeMap;

use aisle_core::protocol::{ErrorCode, ErrorDetail};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::secrets::SecretError;

/// A key as it is configured.
#[derive(Deserialize)]
#[serde(untagged)]
enum Key {
    /// For everything: its digest.
    All(String),
    /// For some shops.
    Some {
        /// Its digest.
        sha256: String,
        /// Their names.
        shops: Vec<String>,
    },
}

impl Key {
    fn digest(&self) -> &str {
        match self {
            Self::All(sha256) | Self::Some { sha256, .. } => sha256,
        }
    }

    fn is_for(&self, shop: Option<&str>) -> bool {
        match self {
            Self::All(_) => true,
            Self::Some { shops, .. } => {
                shop.is_some_and(|shop| shops.iter().any(|name| name == shop))
            }
        }
    }
}

/// Refuses keys that are set and of which one cannot be read: nobody can have it.
pub fn check(name: &'static str, keys: Option<&str>) -> Result<(), SecretError> {
    let Some(keys) = keys else { return Ok(()) };
    let is_digest = |key: &Key| {
        let digest = key.digest().as_bytes();
        digest.len() == 64 && digest.iter().all(u8::is_ascii_hexdigit)
    };
    match serde_json::from_str::<BTreeMap<String, Key>>(keys) {
        Ok(keys) if keys.values().all(is_digest) => Ok(()),
        _ => Err(SecretError::Digests { name }),
    }
}

/// Admits whoever has a key for the shop, or for everything where no shop is named. Without keys,
/// or with keys that cannot be read, nobody is admitted. How long it takes does not depend on what
/// was sent, only on how much; a key of another shop is answered as one that is none.
pub fn admit(
    keys: Option<&str>,
    authorization: Option<&str>,
    shop: Option<&str>,
) -> Result<(), ErrorDetail> {
    let given = authorization.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let given_is_empty = given.is_empty();
    let given = hex(&Sha256::digest(given.as_bytes()));
    let keys: BTreeMap<String, Key> =
        keys.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let fits = |found: Choice, key: &Key| {
        let is_for = Choice::from(u8::from(key.is_for(shop)));
        found | (is_for & key.digest().to_ascii_lowercase().as_bytes().ct_eq(given.as_bytes()))
    };
    if !given_is_empty && bool::from(keys.values().fold(Choice::from(0), fits)) {
        return Ok(());
    }
    Err(ErrorDetail::new(ErrorCode::Unauthorized, "a valid key is needed: Authorization: Bearer"))
}

/// Bytes as small hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_of_the_list_is_admitted() {
        // SHA-256 of "secret", as sha256sum prints it, in capitals for once.
        let keys = r#"{"ops":"2BB80D537B1DA3E38BD30361AA855686BDE0EACD7162FEF6A25FE97BF527A25B"}"#;
        let empty = r#"{"x":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}"#;
        for (keys, authorization, is_admitted) in [
            (Some(keys), Some("Bearer secret"), true),
            (Some(keys), Some("Bearer Secret"), false),
            (Some(keys), Some("bearer secret"), false),
            (Some(keys), Some("secret"), false),
            (Some(keys), Some("Bearer "), false),
            (Some(keys), None, false),
            (None, Some("Bearer secret"), false),
            (Some("{}"), Some("Bearer secret"), false),
            (Some("[1"), Some("Bearer secret"), false),
            (Some(empty), Some("Bearer "), false),
            (Some(empty), None, false),
        ] {
            let found = admit(keys, authorization, Some("a"));
            assert_eq!(found.is_ok(), is_admitted, "{keys:?} {authorization:?}");
        }
    }

    #[test]
    fn keys_that_nobody_can_have_are_found() {
        let digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
        for (keys, is_good) in [
            (format!(r#"{{"ops":"{digest}"}}"#), true),
            (format!(r#"{{"ops":"{}"}}"#, digest.to_uppercase()), true),
            (format!(r#"{{"ops":{{"sha256":"{digest}","shops":["a"]}}}}"#), true),
            ("{}".to_owned(), true),
            (format!(r#"{{"ops":{{"sha256":"{digest}"}}}}"#), false),
            (format!(r#"{{"ops":"{digest}","b":"a password"}}"#), false),
            (r#"{"ops":""}"#.to_owned(), false),
            ("a password".to_owned(), false),
        ] {
            assert_eq!(check("X", Some(&keys)).is_ok(), is_good, "{keys}");
        }
        assert_eq!(check("X", None), Ok(()));
    }

    #[test]
    fn a_key_of_some_shops_is_for_those_alone() {
        let digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
        let all = format!(r#"{{"ops":"{digest}"}}"#);
        let some = format!(r#"{{"ops":{{"sha256":"{digest}","shops":["a","b"]}}}}"#);
        let none = format!(r#"{{"ops":{{"sha256":"{digest}","shops":[]}}}}"#);
        let unclear = format!(r#"{{"ops":{{"sha256":"{digest}"}}}}"#);
        for (keys, shop, is_admitted) in [
            (&all, Some("a"), true),
            (&all, None, true),
            (&some, Some("a"), true),
            (&some, Some("b"), true),
            (&some, Some("c"), false),
            (&some, None, false),
            (&none, Some("a"), false),
            (&unclear, Some("a"), false),
        ] {
            let found = admit(Some(keys), Some("Bearer secret"), shop);
            assert_eq!(found.is_ok(), is_admitted, "{keys} {shop:?}");
        }
    }
}
