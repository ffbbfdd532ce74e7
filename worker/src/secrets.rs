//! Secrets of the environment, one a shop: a JSON object of texts by the shop's name.

use std::collections::BTreeMap;

/// The shortest secret that is used, in bytes: a shorter one can be guessed.
pub const MIN_SECRET_BYTES: usize = 16;

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
}
