//! Orders: how their numbers and their customers' addresses are compared, what an order must be,
//! what of it a shopper is shown, and whether it can be sent back.

mod check;
mod describe;
mod purchases;
mod view;

pub use check::{OrderError, check};
pub use describe::describe;
pub use purchases::purchases;
pub use view::{ReturnPolicy, view};

use unicode_normalization::UnicodeNormalization;

/// Longest number of an order, in bytes.
const MAX_NUMBER: usize = 64;
/// Longest e-mail address, in bytes. Source: RFC 5321, section 4.5.3.1.3, less the brackets.
const MAX_EMAIL: usize = 254;

/// An order's number in the one form in which numbers are compared: compatibility forms folded,
/// capital letters, without blanks and number signs. It is made of letters, digits, `-`, `_`, `.`
/// and `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey(String);

impl OrderKey {
    /// Reads a number as a shopper or a shop writes it; nothing where it can be none.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 4 * MAX_NUMBER {
            return None;
        }
        // Before it is folded, to "No".
        let text = text.replace('№', "");
        let folded = text.nfkd().filter(|c| !c.is_whitespace() && *c != '#');
        let key: String = folded.flat_map(char::to_uppercase).collect();
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/');
        let has_sign = key.bytes().any(|b| b.is_ascii_alphanumeric());
        (has_sign && key.len() <= MAX_NUMBER && key.bytes().all(fits)).then_some(Self(key))
    }

    /// The form in which it is compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address in the one form in which addresses are compared: small letters, without
/// blanks. It holds neither quotes nor control characters nor what would mean something in a
/// search. It is not shown when it is printed for debugging.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Reads an address; nothing where it can be none.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 4 * MAX_EMAIL {
            return None;
        }
        let folded = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase);
        let email: String = folded.collect();
        let (name, host) = email.split_once('@')?;
        let fits = |c: char| {
            !c.is_control()
                && !matches!(c, '@' | '"' | '\\' | '(' | ')' | '<' | '>' | ',' | ';' | ':')
        };
        let is_address = !name.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && email.len() <= MAX_EMAIL
            && name.chars().chain(host.chars()).all(fits);
        is_address.then_some(Self(email))
    }

    /// The form in which it is compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_one_however_they_are_spelt() {
        for (text, expected) in [
            ("#1042", Some("1042")),
            ("1042", Some("1042")),
            (" #1042 ", Some("1042")),
            ("# 10 42", Some("1042")),
            ("№1042", Some("1042")),
            ("１０４２", Some("1042")),
            ("\u{a0}#w2611340\n", Some("W2611340")),
            ("DE-1042/2", Some("DE-1042/2")),
            ("NO-7", Some("NO-7")),
            ("", None),
            ("#", None),
            ("--", None),
            ("1042'; DROP TABLE", None),
            ("1042\" OR name:1", None),
            ("заказ", None),
        ] {
            assert_eq!(OrderKey::parse(text).as_ref().map(OrderKey::as_str), expected, "{text}");
        }
        assert_ne!(OrderKey::parse("1-23"), OrderKey::parse("12-3"));
        assert_eq!(OrderKey::parse(&"1".repeat(65)), None);
    }

    #[test]
    fn addresses_are_one_however_they_are_spelt() {
        for (text, expected) in [
            ("Ann@Shop.Example", Some("ann@shop.example")),
            (" ann @shop.example\n", Some("ann@shop.example")),
            ("ann+x@shop.example", Some("ann+x@shop.example")),
            ("ann@shop", None),
            ("@shop.example", None),
            ("ann@.example", None),
            ("ann@b@shop.example", None),
            ("\"ann\"@shop.example", None),
            ("ann@shop.example OR x:1", None),
            ("ann", None),
            ("", None),
        ] {
            assert_eq!(Email::parse(text).as_ref().map(Email::as_str), expected, "{text}");
        }
        assert_eq!(Email::parse(&format!("{}@a.example", "a".repeat(254))), None);
        assert_eq!(format!("{:?}", Email::parse("ann@shop.example")), "Some(Email(…))");
    }

    proptest! {
        /// Reading what was read changes nothing, and nothing of it can mean something elsewhere.
        #[test]
        fn forms_are_final_and_harmless(text in "\\PC{0,80}|[ #№0-9A-Za-z@.\"\\\\-]{0,40}|.{0,400}") {
            if let Some(key) = OrderKey::parse(&text) {
                prop_assert_eq!(OrderKey::parse(key.as_str()), Some(key.clone()));
                prop_assert!(key.as_str().is_ascii() && !key.as_str().contains(['"', '\'', '\\', ' ']));
            }
            if let Some(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Some(email.clone()));
                prop_assert!(!email.as_str().contains(['"', '\\', ' ', '(', ':']));
            }
        }
    }
}
