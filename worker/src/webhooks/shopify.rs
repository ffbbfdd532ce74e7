//! Shopify's compliance webhooks: `customers/data_request`, `customers/redact`, `shop/redact`.
//!
//! Source: Shopify's documentation of its mandatory compliance webhooks. The header
//! `x-shopify-hmac-sha256` is the HMAC-SHA-256 of the raw body under the app's client secret, in
//! base64; a wrong one is answered with 401.

use aisle_core::orders::Email;
use aisle_core::protocol::{PrivacyAction, PrivacySubject};
use base64ct::{Base64, Encoding};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use sha2::Sha256;
use thiserror::Error;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The shop's domain at Shopify.
    pub domain: String,
    /// What is to be done.
    pub action: PrivacyAction,
    /// With whose data; nothing stands for everything of the shop.
    pub subject: Option<PrivacySubject>,
}

/// Why a webhook that is signed cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoticeError {
    /// None of the three.
    #[error("this topic is not taken here")]
    Topic,
    /// Not what the topic promises.
    #[error("the body is not that of its topic")]
    Body,
}

#[derive(Deserialize)]
struct Payload {
    shop_domain: String,
    customer: Option<Person>,
}

#[derive(Deserialize)]
struct Person {
    id: Option<u64>,
    email: Option<String>,
}

/// Whether a body was signed with the secret. How long it takes does not tell how much of the
/// signature is right.
pub fn is_signed(secret: &str, body: &[u8], signature: &str) -> bool {
    // 32 bytes are 44 characters.
    let Ok(given) =
        Base64::decode_vec(signature.get(..44.min(signature.len())).unwrap_or_default())
    else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    signature.len() == 44 && mac.verify_slice(&given).is_ok()
}

/// Reads a webhook whose signature is right.
pub fn read(topic: &str, body: &[u8]) -> Result<Notice, NoticeError> {
    let (action, is_shop) = match topic {
        "customers/data_request" => (PrivacyAction::Export, false),
        "customers/redact" => (PrivacyAction::Delete, false),
        "shop/redact" => (PrivacyAction::Delete, true),
        _ => return Err(NoticeError::Topic),
    };
    let payload: Payload = serde_json::from_slice(body).map_err(|_| NoticeError::Body)?;
    let subject = if is_shop {
        None
    } else {
        let Person { id, email } = payload.customer.ok_or(NoticeError::Body)?;
        // An address that is none leads to nothing; the id still does.
        let email = email.filter(|text| Email::parse(text).is_some());
        if id.is_none() && email.is_none() {
            return Err(NoticeError::Body);
        }
        let customer = id.map(|id| id.to_string());
        Some(PrivacySubject { email, customer, ..PrivacySubject::default() })
    };
    Ok(Notice { domain: payload.shop_domain, action, subject })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "hush-hush-hush-hush";
    const BODY: &[u8] = br#"{"shop_domain":"a.myshopify.com"}"#;
    // printf '{"shop_domain":"a.myshopify.com"}' | openssl dgst -sha256 -hmac SECRET -binary | base64
    const SIGNATURE: &str = "G9h1YFXDotyfL867SUeFxo+Tp34+sTmcHjYJIM8BQS0=";

    #[test]
    fn only_the_right_signature_is_right() {
        assert!(is_signed(SECRET, BODY, SIGNATURE));
        let flipped = SIGNATURE.to_ascii_lowercase();
        for (secret, body, signature) in [
            ("another-secret-of-16", BODY, SIGNATURE),
            (SECRET, &b"{}"[..], SIGNATURE),
            (SECRET, BODY, &*flipped),
            (SECRET, BODY, ""),
            (SECRET, BODY, "AAAA"),
            (SECRET, BODY, &*format!("{SIGNATURE}=")),
            (SECRET, BODY, &*format!("{SIGNATURE} ")),
            (SECRET, BODY, "äääääääääääääääääääääääääääääääääääääääääääää"),
        ] {
            assert!(!is_signed(secret, body, signature), "{signature}");
        }
    }

    #[test]
    fn the_three_topics_say_whose_data_and_what_of_it() {
        let body = |customer: &str| {
            format!(
                r#"{{"shop_id":954889,"shop_domain":"a.myshopify.com","orders_requested":[299938],
                "customer":{customer},"data_request":{{"id":9999}}}}"#
            )
        };
        let john = r#"{"id":191167,"email":"john@shop.example","phone":"555-625-1199"}"#;
        let subject = |email: Option<&str>, id: Option<&str>| {
            Some(PrivacySubject {
                email: email.map(str::to_owned),
                customer: id.map(str::to_owned),
                ..PrivacySubject::default()
            })
        };
        let both = subject(Some("john@shop.example"), Some("191167"));
        for (topic, customer, expected) in [
            ("customers/data_request", john, Ok((PrivacyAction::Export, both.clone()))),
            ("customers/redact", john, Ok((PrivacyAction::Delete, both))),
            (
                "customers/redact",
                r#"{"id":7,"email":"nobody"}"#,
                Ok((PrivacyAction::Delete, subject(None, Some("7")))),
            ),
            (
                "customers/redact",
                r#"{"id":7,"email":null}"#,
                Ok((PrivacyAction::Delete, subject(None, Some("7")))),
            ),
            ("customers/redact", "{}", Err(NoticeError::Body)),
            ("customers/redact", "null", Err(NoticeError::Body)),
            ("customers/redact", r#"{"id":-7}"#, Err(NoticeError::Body)),
            ("shop/redact", "null", Ok((PrivacyAction::Delete, None))),
            ("orders/create", john, Err(NoticeError::Topic)),
            ("", john, Err(NoticeError::Topic)),
        ] {
            let found = read(topic, body(customer).as_bytes()).map(|n| (n.action, n.subject));
            assert_eq!(found, expected, "{topic} {customer}");
        }
        assert_eq!(read("shop/redact", b"[]"), Err(NoticeError::Body));
        assert_eq!(read("shop/redact", BODY).unwrap().domain, "a.myshopify.com");
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(body: Vec<u8>, signature in "\\PC{0,60}") {
            let _ = read("customers/redact", &body);
            prop_assert!(!is_signed(SECRET, &body, &signature));
        }
    }
}
