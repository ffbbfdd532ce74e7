//! Where a shop's orders are, as its configuration says.

use aisle_core::orders::ReturnPolicy;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A shop's settings for its orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrdersSettings {
    /// Where they are.
    #[serde(default)]
    pub origin: Origin,
    /// Days after delivery within which an order can be sent back; absent where none can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_days: Option<u16>,
}

/// Where a shop's orders are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Origin {
    /// In the worker's own table, which the merchant loads.
    #[default]
    Table,
    /// In a Shopify shop.
    Shopify {
        /// Such as `my-shop.myshopify.com`.
        domain: String,
    },
    /// Behind an interface of the merchant's own.
    Http {
        /// Where it is.
        url: String,
        /// Whether it may be without encryption, or an address inside the own network.
        #[serde(default)]
        allow_internal: bool,
    },
}

/// Why settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OrdersError {
    /// No domain of Shopify's.
    #[error("{0:?} is not a domain such as my-shop.myshopify.com")]
    Domain(String),
    /// No URL that is asked.
    #[error("{0:?} is not an https URL of a public host; where it is meant so, set allow_internal")]
    Url(String),
}

impl OrdersSettings {
    /// Whether they can be used.
    pub fn check(&self) -> Result<(), OrdersError> {
        match &self.origin {
            Origin::Table => Ok(()),
            Origin::Shopify { domain } if is_shopify(domain) => Ok(()),
            Origin::Shopify { domain } => Err(OrdersError::Domain(domain.clone())),
            Origin::Http { url, allow_internal } if is_allowed(url, *allow_internal) => Ok(()),
            Origin::Http { url, .. } => Err(OrdersError::Url(url.clone())),
        }
    }

    /// The rule for sending goods back.
    pub fn policy(&self) -> ReturnPolicy {
        ReturnPolicy { days: self.return_days }
    }
}

fn is_shopify(domain: &str) -> bool {
    domain.strip_suffix(".myshopify.com").is_some_and(is_label)
}

/// Whether a URL may be asked: `https` and a public host's name, unless more is allowed. What a
/// name leads to is the network's to refuse; this finds what is wrong by its spelling.
fn is_allowed(url: &str, allow_internal: bool) -> bool {
    let rest = match url.split_once("://") {
        Some(("https", rest)) => rest,
        Some(("http", rest)) if allow_internal => rest,
        _ => return false,
    };
    let fits = |b: u8| b.is_ascii_graphic() && !matches!(b, b'\\' | b'@' | b'"' | b'#');
    if url.len() > 2_000 || !url.bytes().all(fits) {
        return false;
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|port| port > 0)) {
        return false;
    }
    if allow_internal {
        return !host.is_empty();
    }
    let labels: Vec<&str> = host.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let is_public = labels.len() > 1
        && last.bytes().all(|b| b.is_ascii_alphabetic())
        && !["local", "localhost", "internal", "lan", "home", "corp", "test", "invalid"]
            .contains(&last);
    is_public && labels.into_iter().all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_public_hosts_are_asked_unless_allowed() {
        for (url, expected, allowed) in [
            ("https://shop.example/orders", true, true),
            ("https://api.shop.example:8443/x?y=1", true, true),
            ("http://shop.example/orders", false, true),
            ("https://10.0.0.1/orders", false, true),
            ("https://127.0.0.1", false, true),
            ("https://2130706433/", false, true),
            ("https://0x7f.1/", false, true),
            ("https://[::1]/orders", false, true),
            ("https://localhost/orders", false, true),
            ("https://metadata.google.internal/", false, true),
            ("https://printer.local/", false, true),
            ("https://intranet/", false, true),
            ("https://user@shop.example/", false, false),
            ("https://shop.example\\@evil.example/", false, false),
            ("https://shop.example:0/", false, false),
            ("https://shop.example:99999/", false, false),
            ("https://shop.example/a b", false, false),
            ("https:///orders", false, false),
            ("HTTPS://shop.example/", false, false),
            ("file:///etc/passwd", false, false),
            ("ftp://shop.example/", false, false),
            ("", false, false),
        ] {
            assert_eq!(is_allowed(url, false), expected, "{url}");
            assert_eq!(is_allowed(url, true), allowed, "{url}, allowed");
        }
    }

    #[test]
    fn settings_are_read_and_checked() {
        let read = |json: &str| serde_json::from_str::<OrdersSettings>(json);
        assert_eq!(read("{}").unwrap(), OrdersSettings::default());
        for (json, is_good) in [
            (r#"{"return_days":30}"#, true),
            (r#"{"origin":{"kind":"shopify","domain":"my-shop.myshopify.com"}}"#, true),
            (r#"{"origin":{"kind":"shopify","domain":"evil.example/.myshopify.com"}}"#, false),
            (r#"{"origin":{"kind":"shopify","domain":"a.b.myshopify.com"}}"#, false),
            (r#"{"origin":{"kind":"shopify","domain":".myshopify.com"}}"#, false),
            (r#"{"origin":{"kind":"http","url":"https://shop.example/orders"}}"#, true),
            (r#"{"origin":{"kind":"http","url":"http://127.0.0.1:9/"}}"#, false),
            (
                r#"{"origin":{"kind":"http","url":"http://127.0.0.1:9/","allow_internal":true}}"#,
                true,
            ),
        ] {
            assert_eq!(read(json).unwrap().check().is_ok(), is_good, "{json}");
        }
        assert!(read(r#"{"origin":{"kind":"sap"}}"#).is_err());
        assert!(read(r#"{"returns":30}"#).is_err());
    }

    proptest! {
        #[test]
        fn any_url_is_judged(url in "\\PC{0,60}|https?://[a-z0-9.:@\\[\\]/?#\\\\-]{0,40}") {
            if is_allowed(&url, false) {
                prop_assert!(url.starts_with("https://") && !url.contains(['@', '\\', '[', ' ']));
            }
        }
    }
}
