//! A shop's settings as administrators change them: an object that lies over the environment's.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::shops::{Shop, ShopError};

/// What may be changed. Where a shop's orders are is not: what it names is asked by the worker.
const ADMINISTERED: [&str; 14] = [
    "name",
    "origins",
    "providers",
    "persona",
    "rules",
    "contact",
    "locale",
    "link_hosts",
    "discount_codes",
    "limits",
    "proof_of_work_bits",
    "spend",
    "identity",
    "retention",
];

/// Whether administrators may change a setting.
pub fn is_administered(name: &str) -> bool {
    ADMINISTERED.contains(&name)
}

/// Why settings cannot be used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// Not a setting that can be changed here.
    #[error("{0:?} cannot be set here; there are: {list}", list = ADMINISTERED.join(", "))]
    Unknown(String),
    /// Not of the expected shape.
    #[error("the settings cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Values that nothing can be served with.
    #[error(transparent)]
    Shop(#[from] ShopError),
}

/// The shop with these settings in place of the environment's. A setting that is `null` or absent
/// is the environment's.
pub fn in_effect(base: &Shop, settings: &Map<String, Value>) -> Result<Shop, SettingsError> {
    let mut all = serde_json::to_value(base)?;
    for (name, value) in settings {
        if !is_administered(name) {
            return Err(SettingsError::Unknown(name.chars().take(40).collect()));
        }
        if let (Some(all), false) = (all.as_object_mut(), value.is_null()) {
            all.insert(name.clone(), value.clone());
        }
    }
    let shop: Shop = serde_json::from_value(all)?;
    shop.check()?;
    Ok(shop)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::shops::Shops;

    fn base() -> Shop {
        let json = r#"{"a":{"name":"A","origins":["https://a.example"],"rules":["Be brief."]}}"#;
        Shops::parse(json).unwrap().find("a").unwrap().clone()
    }

    fn with(settings: Value) -> Result<Shop, String> {
        in_effect(&base(), settings.as_object().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_set_takes_the_place_of_the_environments() {
        assert_eq!(with(json!({})).unwrap(), base());
        let shop = with(json!({
            "name": "Another", "origins": ["https://b.example"], "persona": "A calm gardener.",
            "rules": [], "limits": {"turns_per_minute": 3}, "spend": {"requests_per_day": 10},
            "retention": {"days": 30}, "link_hosts": ["pay.example"],
            "discount_codes": [{"code": "HELLO5", "terms": "5% off"}],
        }))
        .unwrap();
        assert_eq!((shop.name.as_str(), shop.rules.len()), ("Another", 0));
        assert_eq!(shop.origins, ["https://b.example"]);
        assert_eq!(shop.limits.turns_per_minute, 3);
        assert_eq!(shop.spend.requests_per_day, Some(10));
        assert_eq!(shop.link_hosts, ["pay.example"]);
        assert_eq!(shop.discount_codes.first().map(|one| one.code.as_str()), Some("HELLO5"));
        assert_eq!(with(json!({"rules": null})).unwrap().rules, ["Be brief."]);
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_the_reason() {
        for (settings, reason) in [
            (json!({"orders": {}}), "\"orders\" cannot be set here"),
            (json!({"identity_scheme": "jwt"}), "cannot be set here"),
            (json!({"origins": ["https://a.example/"]}), "is not an origin"),
            (json!({"origins": "https://a.example"}), "cannot be read"),
            (json!({"limits": {"turns_per_minute": 0}}), "turns_per_minute"),
            (json!({"limits": {"turns": 1}}), "unknown field"),
            (json!({"persona": "x".repeat(501)}), "persona"),
            (json!({"contact": "x".repeat(201)}), "contact"),
            (json!({"locale": "x".repeat(36)}), "locale"),
            (json!({"proof_of_work_bits": 23}), "proof_of_work_bits"),
            (json!({"rules": vec!["x"; 21]}), "rules"),
            (json!({"rules": ["x".repeat(301)]}), "rules"),
            (json!({"name": " "}), "name"),
            (json!({"link_hosts": ["https://pay.example"]}), "link_hosts"),
            (json!({"link_hosts": ["pay.example/x"]}), "link_hosts"),
            (json!({"link_hosts": ["Pay.example"]}), "link_hosts"),
            (json!({"link_hosts": [".example"]}), "link_hosts"),
            (json!({"link_hosts": [""]}), "link_hosts"),
            (json!({"link_hosts": vec!["a.example"; 51]}), "link_hosts"),
            (json!({"discount_codes": [{"code": "HELLO5"}]}), "missing field `terms`"),
            (json!({"discount_codes": [{"code": "", "terms": ""}]}), "discount_codes"),
            (json!({"discount_codes": [{"code": "A B", "terms": ""}]}), "discount_codes"),
            (json!({"discount_codes": [{"code": "x".repeat(41), "terms": ""}]}), "discount_codes"),
            (
                json!({"discount_codes": [{"code": "A", "terms": "x".repeat(301)}]}),
                "discount_codes",
            ),
            (
                json!({"discount_codes": vec![json!({"code": "A", "terms": ""}); 51]}),
                "discount_codes",
            ),
        ] {
            let error = with(settings.clone()).unwrap_err();
            assert!(error.contains(reason), "{settings}: {error}");
        }
    }
}
