//! The shops that this worker serves, and the pages that may talk to it.

use std::collections::BTreeMap;

use aisle_core::protocol::{ErrorCode, ErrorDetail};
use aisle_core::words::Words;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::identity;
use crate::limits::{LimitError, Limits};
use crate::orders::{OrdersError, OrdersSettings};
use crate::privacy::Retention;
use crate::session::MAX_BITS;
use crate::spend::Cap;
use crate::tools::DiscountCode;

/// The most characters of a shop's name, of its assistant's persona, and of one rule.
const MAX_NAME_CHARS: usize = 100;
const MAX_PERSONA_CHARS: usize = 500;
const MAX_RULE_CHARS: usize = 300;
/// The most characters of how its team is reached.
const MAX_CONTACT_CHARS: usize = 200;
/// The most bytes of a language tag (RFC 5646, section 4.4.1).
const MAX_LOCALE_BYTES: usize = 35;
/// The most rules and origins.
const MAX_RULES: usize = 20;
const MAX_ORIGINS: usize = 50;
/// The most hosts that an answer may link to, and the most discount codes.
const MAX_LINK_HOSTS: usize = 50;
const MAX_CODES: usize = 50;
/// The most characters of a discount code and of its terms.
const MAX_CODE_CHARS: usize = 40;
const MAX_TERMS_CHARS: usize = 300;
/// The most bytes of a host's name (RFC 1035, section 2.3.4).
const MAX_HOST_BYTES: usize = 253;

/// Why the configuration of the shops cannot be used.
#[derive(Debug, Error)]
pub enum ShopsError {
    /// Not JSON of the expected shape.
    #[error("AISLE_SHOPS cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A name that cannot be a part of a path.
    #[error("AISLE_SHOPS: {0:?} is not a shop's name; use letters, digits, '-' and '_'")]
    Name(String),
    /// Settings of a shop that cannot be used.
    #[error("AISLE_SHOPS: shop {shop:?}: {reason}")]
    Shop {
        /// The shop.
        shop: String,
        /// What is wrong.
        reason: ShopError,
    },
}

/// Why the settings of a shop cannot be used.
#[derive(Debug, Error)]
pub enum ShopError {
    /// An entry that no browser would ever send.
    #[error(
        "{0:?} is not an origin; write it as a browser does, such as https://shop.example, in \
         lower case, without a path"
    )]
    Origin(String),
    /// More of something than a shop may have, or nothing where something is needed.
    #[error("{field} must have {bounds}")]
    Size {
        /// The setting.
        field: &'static str,
        /// What it may have.
        bounds: &'static str,
    },
    /// Settings of the orders that cannot be used.
    #[error("orders: {0}")]
    Orders(#[from] OrdersError),
    /// Limits that nothing could be served with.
    #[error("limits: {0}")]
    Limits(#[from] LimitError),
}

/// One shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// The name that shoppers know.
    pub name: String,
    /// Origins of the pages that may use the chat.
    pub origins: Vec<String>,
    /// Names of its language models' providers in the order in which they are asked; all of the
    /// configuration where it has no list.
    #[serde(default)]
    pub providers: Option<Vec<String>>,
    /// Where its orders are.
    #[serde(default)]
    pub orders: OrdersSettings,
    /// Whether its shoppers have to be signed in.
    #[serde(default)]
    pub identity: identity::Mode,
    /// How its server says who someone is.
    #[serde(default)]
    pub identity_scheme: identity::Scheme,
    /// Hosts beside the shop's own whose addresses an answer may show, where a document has them.
    #[serde(default)]
    pub link_hosts: Vec<String>,
    /// How shoppers reach the shop's team beside the chat, for them to read: an address, a number,
    /// when it is answered.
    #[serde(default)]
    pub contact: String,
    /// The language of its documents, as a tag such as `de-CH`: in it the worker says what is
    /// neither the shop's nor a model's. English where it is empty or there are no words for it.
    #[serde(default)]
    pub locale: String,
    /// Discount codes that an answer may give out.
    #[serde(default)]
    pub discount_codes: Vec<DiscountCode>,
    /// How long conversations are kept after their last message.
    #[serde(default)]
    pub retention: Retention,
    /// How much a visitor may ask for.
    #[serde(default)]
    pub limits: Limits,
    /// Leading zero bits of the hash that a new visitor has to find before the first token; 0 for
    /// none.
    #[serde(default)]
    pub proof_of_work_bits: u8,
    /// The most that is spent on language models in a day.
    #[serde(default)]
    pub spend: Cap,
    /// Who the assistant is, for a language model.
    #[serde(default)]
    pub persona: String,
    /// The shop's own rules for it.
    #[serde(default)]
    pub rules: Vec<String>,
}

/// All shops by their name in paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shops(BTreeMap<String, Shop>);

impl Shops {
    /// Reads the value of `AISLE_SHOPS`: an object of shops by name.
    pub fn parse(json: &str) -> Result<Self, ShopsError> {
        let shops: BTreeMap<String, Shop> = serde_json::from_str(json)?;
        for (shop, settings) in &shops {
            if !is_name(shop) {
                return Err(ShopsError::Name(shop.clone()));
            }
            let checked = settings.check();
            checked.map_err(|reason| ShopsError::Shop { shop: shop.clone(), reason })?;
        }
        Ok(Self(shops))
    }

    /// Their names.
    pub fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The shop with this name in paths.
    pub fn find(&self, shop: &str) -> Result<&Shop, ErrorDetail> {
        self.0
            .get(shop)
            .ok_or_else(|| ErrorDetail::new(ErrorCode::UnknownShop, "no shop of that name is here"))
    }
}

impl Shop {
    /// Refuses settings that nothing could be served with.
    pub fn check(&self) -> Result<(), ShopError> {
        let bounded = |text: &str, most: usize| text.chars().count() <= most;
        let size = |field, bounds| Err(ShopError::Size { field, bounds });
        if self.name.trim().is_empty() || !bounded(&self.name, MAX_NAME_CHARS) {
            return size("name", "from 1 to 100 characters");
        }
        if self.origins.len() > MAX_ORIGINS {
            return size("origins", "at most 50 entries");
        }
        if let Some(origin) = self.origins.iter().find(|origin| !is_origin(origin)) {
            return Err(ShopError::Origin(origin.clone()));
        }
        if !bounded(&self.persona, MAX_PERSONA_CHARS) {
            return size("persona", "at most 500 characters");
        }
        if !bounded(&self.contact, MAX_CONTACT_CHARS) {
            return size("contact", "at most 200 characters");
        }
        if self.locale.len() > MAX_LOCALE_BYTES {
            return size("locale", "at most 35 bytes");
        }
        let are_rules = self.rules.iter().all(|rule| bounded(rule, MAX_RULE_CHARS));
        if self.rules.len() > MAX_RULES || !are_rules {
            return size("rules", "at most 20 entries of at most 300 characters");
        }
        if self.proof_of_work_bits > MAX_BITS {
            return size("proof_of_work_bits", "at most 22");
        }
        if self.link_hosts.len() > MAX_LINK_HOSTS || !self.link_hosts.iter().all(|h| is_host(h)) {
            return size("link_hosts", "at most 50 hosts in lower case, such as parcels.example");
        }
        let is_code = |one: &DiscountCode| {
            !one.code.is_empty()
                && bounded(&one.code, MAX_CODE_CHARS)
                && !one.code.chars().any(|c| c.is_whitespace() || c.is_control())
                && bounded(&one.terms, MAX_TERMS_CHARS)
        };
        if self.discount_codes.len() > MAX_CODES || !self.discount_codes.iter().all(is_code) {
            let bounds = "at most 50 entries, each with a code of 1 to 40 characters without \
                          blanks and terms of at most 300";
            return size("discount_codes", bounds);
        }
        self.orders.check()?;
        Ok(self.limits.check()?)
    }

    /// In which words the worker says what is its own.
    pub fn words(&self) -> &'static Words {
        Words::for_locale(&self.locale)
    }

    /// What a language model is told of the shop's own wishes.
    pub fn instructions(&self) -> String {
        let mut text = self.persona.trim().to_owned();
        for rule in &self.rules {
            text.push_str("\n- ");
            text.push_str(rule.trim());
        }
        text
    }

    /// Refuses a page that is not the shop's. What only reads may come without an origin, as a
    /// browser sends none from the worker's own pages; what writes may not.
    pub fn admit(&self, origin: Option<&str>, is_reading: bool) -> Result<(), ErrorDetail> {
        let refuse = |message: String| Err(ErrorDetail::new(ErrorCode::OriginNotAllowed, message));
        match origin {
            Some(origin) if self.origins.iter().any(|allowed| allowed == origin) => Ok(()),
            Some(origin) => {
                let shown: String = origin.chars().take(100).collect();
                refuse(format!("the origin {shown} is not on the list of this shop"))
            }
            None if is_reading => Ok(()),
            None => refuse("the request has no origin".to_owned()),
        }
    }
}

/// Whether a name can be a segment of a path as it stands.
pub fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Whether a text is the name of a host in its plain form.
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !label.is_empty() && label.bytes().all(allowed)
    };
    text.len() <= MAX_HOST_BYTES && text.split('.').all(is_label)
}

/// The form in which browsers send an origin (RFC 6454, section 6.2).
fn is_origin(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !rest.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let is_default = matches!((scheme, port), ("http", Some("80")) | ("https", Some("443")));
    let host_ok = !host.is_empty()
        && host.bytes().all(|b| {
            b.is_ascii_lowercase()
                || b.is_ascii_digit()
                || matches!(b, b'-' | b'.' | b'[' | b']' | b':')
        });
    let port_ok = port.is_none_or(|p| p.parse::<u16>().is_ok_and(|n| n > 0 && n.to_string() == p));
    matches!(scheme, "http" | "https") && host_ok && port_ok && !is_default
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_browser_sends_is_an_origin() {
        for (text, expected) in [
            ("https://shop.example", true),
            ("https://shop.example:8443", true),
            ("https://xn--bcher-kva.example", true),
            ("http://localhost:8080", true),
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("http://[::1]", true),
            ("https://shop.example/", false),
            ("https://shop.example:443", false),
            ("http://shop.example:80", false),
            ("https://Shop.example", false),
            ("https://shop.example:0443", false),
            ("https://shop.example:99999", false),
            ("https://*.example", false),
            ("https://shop.example?", false),
            ("https://shop.example#", false),
            ("https://shop.example\\", false),
            ("https://shop.example:", false),
            ("https://shop.example:+80", false),
            ("https://shop.example:0", false),
            ("https:shop.example", false),
            ("https:/shop.example", false),
            ("https:///shop.example", false),
            ("https://https://shop.example", false),
            ("HTTPS://shop.example", false),
            (" https://shop.example", false),
            ("https://shop.example ", false),
            ("https://shop.example\n", false),
            ("https://shop.example,https://b.example", false),
            ("https://shop.example https://b.example", false),
            ("https://bücher.example", false),
            ("https://shop.exаmple", false),
            ("https://%73hop.example", false),
            ("https://shop_1.example", false),
            ("javascript://shop.example", false),
            ("chrome-extension://abcdef", false),
            ("https://user@shop.example", false),
            ("shop.example", false),
            ("null", false),
            ("*", false),
            ("https://", false),
            ("ftp://shop.example", false),
        ] {
            assert_eq!(is_origin(text), expected, "{text}");
        }
    }

    #[test]
    fn a_wrong_configuration_is_named() {
        let error = |json: &str| Shops::parse(json).unwrap_err().to_string();
        assert!(error("").contains("AISLE_SHOPS cannot be read"));
        assert!(error(r#"{"a":{"name":"A"}}"#).contains("missing field `origins`"));
        assert!(
            error(r#"{"a":{"name":"A","origins":[],"key":1}}"#).contains("unknown field `key`")
        );
        assert!(
            error(r#"{"a b":{"name":"A","origins":[]}}"#).contains("\"a b\" is not a shop's name")
        );
        assert!(
            error(r#"{"a":{"name":"A","origins":["https://a.example/"]}}"#)
                .contains("shop \"a\": \"https://a.example/\" is not an origin")
        );
    }

    #[test]
    fn a_shop_says_where_its_orders_are_and_who_is_served() {
        let one = |settings: &str| {
            let json = format!(r#"{{"a":{{"name":"A","origins":[]{settings}}}}}"#);
            Shops::parse(&json).map(|shops| shops.find("a").unwrap().clone())
        };
        let plain = one("").unwrap();
        assert_eq!(plain.providers, None);
        assert_eq!(one(r#","providers":["a"]"#).unwrap().providers, Some(vec!["a".to_owned()]));
        assert_eq!(plain.orders, OrdersSettings::default());
        assert_eq!(plain.identity, identity::Mode::Optional);
        let strict = one(r#","identity":"enforced","identity_scheme":"customer_hmac""#).unwrap();
        assert_eq!(strict.identity, identity::Mode::Enforced);
        assert_eq!(strict.identity_scheme, identity::Scheme::CustomerHmac);
        assert!(one(r#","identity":"none""#).is_err());
        assert_eq!(one(r#","limits":{"turns_per_minute":7}"#).unwrap().limits.turns_per_minute, 7);
        let error = one(r#","limits":{"turns_per_minute":0}"#).unwrap_err().to_string();
        assert!(error.contains("shop \"a\": limits: turns_per_minute must be"), "{error}");
        let inside = r#","orders":{"origin":{"kind":"http","url":"http://127.0.0.1/"}}"#;
        let error = one(inside).unwrap_err().to_string();
        assert!(error.contains("shop \"a\": orders: ") && error.contains("allow_internal"));
    }

    #[test]
    fn pages_are_admitted_by_their_exact_origin() {
        let json = r#"{"a":{"name":"A","origins":["https://a.example"]}}"#;
        let shops = Shops::parse(json).unwrap();
        let code = |origin, is_reading| {
            shops.find("a").unwrap().admit(origin, is_reading).err().map(|error| error.code)
        };
        let refused = Some(ErrorCode::OriginNotAllowed);
        for (origin, is_reading, expected) in [
            (Some("https://a.example"), false, None),
            (Some("https://a.example"), true, None),
            (None, true, None),
            (None, false, refused),
            (Some("https://a.example.evil"), true, refused),
            (Some("https://a.example:444"), false, refused),
            (Some("http://a.example"), false, refused),
            (Some("https://A.example"), false, refused),
            (Some("https://a.example."), false, refused),
            (Some("https://a.example/"), false, refused),
            (Some("https://a.example:443"), false, refused),
            (Some("https://sub.a.example"), false, refused),
            (Some("https://a.example@evil.example"), false, refused),
            (Some("https://evil.example/https://a.example"), false, refused),
            (Some(" https://a.example"), false, refused),
            (Some("https://a.example, https://evil.example"), false, refused),
            (Some("https://a.example https://evil.example"), false, refused),
            (Some("https://a.exampl"), false, refused),
            (Some("a.example"), false, refused),
            (Some("*"), false, refused),
            (Some("null"), false, refused),
            (Some("null"), true, refused),
            (Some(""), false, refused),
            (Some(""), true, refused),
        ] {
            assert_eq!(code(origin, is_reading), expected, "{origin:?}");
        }
        assert_eq!(shops.find("b").unwrap_err().code, ErrorCode::UnknownShop);
    }
}
