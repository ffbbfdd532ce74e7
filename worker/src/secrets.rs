//! Secrets of the environment, one a shop: a JSON object of texts by the shop's name.

use std::collections::BTreeMap;

use thiserror::Error;

/// The shortest secret that is used, in bytes: a shorter one can be guessed.
pub const MIN_SECRET_BYTES: usize = 16;

/// A secret that is set and cannot be used. What it protects is closed then, and the worker says
/// that it is misconfigured.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SecretError {
    /// It can be guessed.
    #[error("{name} has fewer than {MIN_SECRET_BYTES} bytes")]
    Short {
        /// Its name in the environment.
        name: &'static str,
    },
    /// The secrets of the shops cannot be read.
    #[error("{name} is not a JSON object of texts by the shop's name")]
    Malformed {
        /// Their name in the environment.
        name: &'static str,
    },
    /// The secret of a shop can be guessed.
    #[error("{name} has fewer than {MIN_SECRET_BYTES} bytes for shop {shop:?}")]
    ShortOfShop {
        /// Their name in the environment.
        name: &'static str,
        /// The shop.
        shop: String,
    },
    /// The keys of administrators cannot be read.
    #[error("{name} is not a JSON object of SHA-256 digests in hex by the key's name")]
    Digests {
        /// Their name in the environment.
        name: &'static str,
    },
}

/// Refuses a secret that is set and cannot be used.
pub fn check(name: &'static str, secret: Option<&str>) -> Result<(), SecretError> {
    match secret {
        Some(secret) if secret.len() < MIN_SECRET_BYTES => Err(SecretError::Short { name }),
        _ => Ok(()),
    }
}

/// Refuses secrets of shops that are set and of which one cannot be used.
pub fn check_by_shop(name: &'static str, json: Option<&str>) -> Result<(), SecretError> {
    let Some(json) = json else { return Ok(()) };
    let secrets: BTreeMap<String, String> =
        serde_json::from_str(json).map_err(|_| SecretError::Malformed { name })?;
    match secrets.into_iter().find(|(_, secret)| secret.len() < MIN_SECRET_BYTES) {
        Some((shop, _)) => Err(SecretError::ShortOfShop { name, shop }),
        None => Ok(()),
    }
}

/// The secret of a shop. Nothing where there is none, where it is too short, or where the value
/// cannot be read: without a secret what needs it is refused.
pub fn of_shop(json: &str, shop: &str) -> Option<String> {
    let mut secrets: BTreeMap<String, String> = serde_json::from_str(json).ok()?;
    secrets.remove(shop).filter(|secret| secret.len() >= MIN_SECRET_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_has_its_own_secret_or_none() {
        let json = r#"{"a":"0123456789abcdef","b":"short"}"#;
        assert_eq!(of_shop(json, "a").as_deref(), Some("0123456789abcdef"));
        assert_eq!(of_shop(json, "b"), None);
        assert_eq!(of_shop(json, "c"), None);
        assert_eq!(of_shop(r#"{"a":["0123456789abcdef"]}"#, "a"), None);
        assert_eq!(of_shop("", "a"), None);
    }

    #[test]
    fn what_is_set_and_cannot_be_used_is_named_without_the_secret() {
        let said = |found: Result<(), SecretError>| {
            found.err().map(|error| error.to_string()).unwrap_or_default()
        };
        for (secret, reason) in [
            (None, ""),
            (Some("0123456789abcdef"), ""),
            (Some("0123456789abcde"), "X has fewer than 16 bytes"),
            (Some(""), "X has fewer than 16 bytes"),
        ] {
            assert_eq!(said(check("X", secret)), reason, "{secret:?}");
        }
        let malformed = "X is not a JSON object of texts by the shop's name";
        for (json, reason) in [
            (None, ""),
            (Some("{}"), ""),
            (Some(r#"{"a":"0123456789abcdef"}"#), ""),
            (
                Some(r#"{"a":"0123456789abcdef","b":"hunter2"}"#),
                "X has fewer than 16 bytes for shop \"b\"",
            ),
            (Some(r#"{"a":["0123456789abcdef"]}"#), malformed),
            (Some("hunter2"), malformed),
            (Some(""), malformed),
        ] {
            assert_eq!(said(check_by_shop("X", json)), reason, "{json:?}");
        }
    }
}
