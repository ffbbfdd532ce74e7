//! The keys of those who administer: `Authorization: Bearer KEY`, compared with the SHA-256 of
//! each key in `AISLE_ADMIN_KEYS`, a JSON object of hex digests by the key's name.

use std::collections::BTreeMap;

use aisle_core::protocol::{ErrorCode, ErrorDetail};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// Admits whoever has one of the keys. Without keys, or with keys that cannot be read, nobody is
/// admitted. How long it takes does not depend on what was sent, only on how much.
pub fn admit(keys: Option<&str>, authorization: Option<&str>) -> Result<(), ErrorDetail> {
    let given = authorization.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let given_is_empty = given.is_empty();
    let given = hex(&Sha256::digest(given.as_bytes()));
    let keys: BTreeMap<String, String> =
        keys.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let fits = |found: Choice, digest: &String| {
        found | digest.to_ascii_lowercase().as_bytes().ct_eq(given.as_bytes())
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
            let found = admit(keys, authorization);
            assert_eq!(found.is_ok(), is_admitted, "{keys:?} {authorization:?}");
        }
    }
}
