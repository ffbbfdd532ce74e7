//! Whose an order is. Addresses are kept and compared as keyed hashes alone.

use aisle_core::orders::Email;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use crate::admin_key::hex;
use crate::secrets::MIN_SECRET_BYTES;

/// The key of the hashes, one for all shops of a worker.
#[derive(Clone)]
pub struct OrderSecret(Vec<u8>);

/// The keyed hash of an address, in hexadecimal digits. The same address has another one in
/// another shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailKey(String);

/// Whose an order is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// By address.
    pub email: Option<EmailKey>,
    /// By the shop's own id.
    pub customer: Option<String>,
}

/// Who asks.
#[derive(Clone, Debug, Default)]
pub struct Asker {
    /// The address that they gave, or that the merchant's server vouches for.
    pub email: Option<(Email, EmailKey)>,
    /// The shop's own id, where the merchant's server vouches for it.
    pub customer: Option<String>,
}

impl OrderSecret {
    /// A secret of the environment; nothing where it is too short to be one.
    pub fn new(secret: &str) -> Option<Self> {
        (secret.len() >= MIN_SECRET_BYTES).then(|| Self(secret.as_bytes().to_vec()))
    }

    /// The keyed hash of an address in a shop.
    pub fn email_key(&self, shop: &str, email: &Email) -> EmailKey {
        EmailKey(hex(&self.mac("email", shop, email.as_str())))
    }

    /// The keyed hash of a customer's id in a shop, in hexadecimal digits.
    pub fn customer_key(&self, shop: &str, id: &str) -> String {
        hex(&self.mac("customer", shop, id))
    }

    /// The name of a customer's bucket. It is not the hash that orders are kept under.
    pub fn customer_bucket(&self, shop: &str, id: &str) -> String {
        let mac = self.mac("customer's bucket", shop, id);
        format!("customer:{}", hex(mac.get(..16).unwrap_or_default()))
    }

    /// The name of a bucket for someone's network address, which is not kept itself.
    pub fn address_bucket(&self, shop: &str, address: &str) -> String {
        let mac = self.mac("address", shop, address);
        format!("address:{}", hex(mac.get(..16).unwrap_or_default()))
    }

    /// What a hash is for and of which shop is a part of it; neither holds a line break.
    fn mac(&self, purpose: &str, shop: &str, text: &str) -> [u8; 32] {
        // A key may have any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return [0; 32] };
        for part in [purpose, "\n", shop, "\n", text] {
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

impl EmailKey {
    /// The hash as it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A hash that was kept.
    pub fn from_kept(hex: String) -> Self {
        Self(hex)
    }
}

impl Asker {
    /// A guest who gave an address.
    pub fn guest(secret: &OrderSecret, shop: &str, email: Email) -> Self {
        let key = secret.email_key(shop, &email);
        Self { email: Some((email, key)), customer: None }
    }

    /// A customer whom the merchant's server vouches for.
    pub fn customer(
        secret: &OrderSecret,
        shop: &str,
        customer: &crate::identity::Customer,
    ) -> Self {
        let with_key = |email: &Email| (email.clone(), secret.email_key(shop, email));
        Self { email: customer.email.as_ref().map(with_key), customer: Some(customer.id.clone()) }
    }

    /// Whether an order of that owner is the asker's, by the id or by the address. How long it
    /// takes does not tell how much of either is right.
    pub fn owns(&self, owner: &Owner) -> bool {
        let same = |mine: Option<&str>, theirs: Option<&str>| {
            let both = Choice::from(u8::from(mine.is_some() && theirs.is_some()));
            both & mine.unwrap_or_default().as_bytes().ct_eq(theirs.unwrap_or_default().as_bytes())
        };
        let mine = self.email.as_ref().map(|(_, key)| key.as_str());
        let by_email = same(mine, owner.email.as_ref().map(EmailKey::as_str));
        let by_customer = same(self.customer.as_deref(), owner.customer.as_deref());
        bool::from(by_email | by_customer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> Email {
        Email::parse(text).unwrap()
    }

    #[test]
    fn a_hash_belongs_to_a_secret_a_shop_and_an_address() {
        let secret = OrderSecret::new("0123456789abcdef").unwrap();
        let other = OrderSecret::new("0123456789abcdeg").unwrap();
        let key = secret.email_key("a", &email("Ann@Shop.example "));
        assert_eq!(key, secret.email_key("a", &email("ann@shop.example")));
        assert_eq!(key.as_str().len(), 64);
        assert!(!key.as_str().contains("ann"));
        for another in [
            secret.email_key("b", &email("ann@shop.example")),
            secret.email_key("a", &email("bob@shop.example")),
            other.email_key("a", &email("ann@shop.example")),
        ] {
            assert_ne!(key, another);
        }
        assert_ne!(secret.address_bucket("a", "10.0.0.1"), secret.address_bucket("b", "10.0.0.1"));
        assert!(OrderSecret::new("short").is_none());
    }

    #[test]
    fn an_order_is_someones_by_address_or_by_id() {
        let secret = OrderSecret::new("0123456789abcdef").unwrap();
        let ann = Asker::guest(&secret, "a", email("ann@shop.example"));
        let signed_in = Asker { email: None, customer: Some("c-7".into()) };
        let nobody = Asker::default();
        let by_email =
            |text: &str| Owner { email: Some(secret.email_key("a", &email(text))), customer: None };
        let by_id = |id: &str| Owner { email: None, customer: Some(id.into()) };
        for (asker, owner, expected) in [
            (&ann, by_email("ann@shop.example"), true),
            (&ann, by_email("bob@shop.example"), false),
            (&ann, by_id("c-7"), false),
            (&ann, Owner::default(), false),
            (&signed_in, by_id("c-7"), true),
            (&signed_in, by_id("c-77"), false),
            (&signed_in, by_id(""), false),
            (&signed_in, by_email("ann@shop.example"), false),
            (&nobody, by_id("c-7"), false),
            (&nobody, Owner::default(), false),
        ] {
            assert_eq!(asker.owns(&owner), expected, "{asker:?} {owner:?}");
        }
    }
}
