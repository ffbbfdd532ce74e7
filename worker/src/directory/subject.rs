//! Whose data is meant, in the form in which it is kept.

use aisle_core::orders::Email;
use aisle_core::protocol::PrivacySubject;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::holder::Holder;
use crate::identity::{Customer, is_id};
use crate::orders::{OrderSecret, Owner};
use crate::shops::is_name;

/// How the link of a visitor begins.
const VISITOR: &str = "visitor:";

/// A key under which conversations are listed: an address or a customer's id, both hashed, or a
/// visitor's id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Link(String);

/// Whose data: conversations by their links or by id, orders by their owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Keys of the directory.
    pub links: Vec<Link>,
    /// One conversation.
    pub conversation: Option<String>,
    /// Whose orders.
    pub owner: Owner,
    /// Everything of the shop.
    pub is_whole_shop: bool,
    /// The shopper who asks, where no administrator does: what is not theirs is not meant.
    #[serde(default)]
    pub asker: Option<Holder>,
}

/// Why a subject cannot be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SubjectError {
    /// There is no key in it.
    #[error("the body names nobody: give email, customer, visitor, conversation or request")]
    Nobody,
    /// A key is none.
    #[error("{0} is not of the form of one")]
    Malformed(&'static str),
    /// Addresses and customers are listed under keyed hashes, and there is no key.
    #[error("AISLE_ORDER_SECRET is missing or too short: nobody is known by address or customer")]
    NoSecret,
}

impl Link {
    /// The links of a customer whom the merchant's server vouches for.
    pub fn of_customer(secret: &OrderSecret, shop: &str, customer: &Customer) -> Vec<Self> {
        let mut links = vec![Self::customer(secret, shop, &customer.id)];
        links.extend(customer.email.as_ref().map(|email| Self::email(secret, shop, email)));
        links
    }

    /// The link of a visitor.
    pub fn visitor(id: &str) -> Self {
        Self([VISITOR, id].concat())
    }

    /// The visitor whose link it is.
    pub fn as_visitor(&self) -> Option<&str> {
        self.0.strip_prefix(VISITOR)
    }

    /// A link that was kept.
    pub fn from_kept(text: String) -> Self {
        Self(text)
    }

    /// The link as it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn customer(secret: &OrderSecret, shop: &str, id: &str) -> Self {
        Self(format!("customer:{}", secret.customer_key(shop, id)))
    }

    /// The link of whoever proved an address.
    pub fn email(secret: &OrderSecret, shop: &str, email: &Email) -> Self {
        Self(format!("email:{}", secret.email_key(shop, email).as_str()))
    }
}

impl Subject {
    /// The whole shop.
    pub fn whole_shop() -> Self {
        Self { is_whole_shop: true, ..Self::default() }
    }

    /// What a request's keys lead to, and the kinds of those keys. `request` is not looked at.
    pub fn resolve(
        secret: Option<&OrderSecret>,
        shop: &str,
        asked: &PrivacySubject,
    ) -> Result<(Self, Vec<String>), SubjectError> {
        let mut subject = Self::default();
        let mut by = Vec::new();
        if let Some(text) = &asked.email {
            let secret = secret.ok_or(SubjectError::NoSecret)?;
            let email = Email::parse(text).ok_or(SubjectError::Malformed("email"))?;
            subject.links.push(Link::email(secret, shop, &email));
            subject.owner.email = Some(secret.email_key(shop, &email));
            by.push("email".to_owned());
        }
        if let Some(id) = &asked.customer {
            let secret = secret.ok_or(SubjectError::NoSecret)?;
            if !is_id(id) {
                return Err(SubjectError::Malformed("customer"));
            }
            subject.links.push(Link::customer(secret, shop, id));
            subject.owner.customer = Some(id.clone());
            by.push("customer".to_owned());
        }
        if let Some(id) = &asked.visitor {
            if !is_name(id) {
                return Err(SubjectError::Malformed("visitor"));
            }
            subject.links.push(Link::visitor(id));
            by.push("visitor".to_owned());
        }
        if let Some(id) = &asked.conversation {
            if !is_name(id) {
                return Err(SubjectError::Malformed("conversation"));
            }
            subject.conversation = Some(id.clone());
            by.push("conversation".to_owned());
        }
        if by.is_empty() { Err(SubjectError::Nobody) } else { Ok((subject, by)) }
    }

    /// The visitors that are meant; no list for all of the shop's.
    pub fn visitors(&self) -> Option<Vec<String>> {
        let names = self.links.iter().filter_map(Link::as_visitor);
        (!self.is_whole_shop).then(|| names.map(str::to_owned).collect())
    }

    /// Whether orders may be meant.
    pub fn has_orders(&self) -> bool {
        self.is_whole_shop || self.owner != Owner::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(asked: &PrivacySubject) -> Result<(Subject, Vec<String>), SubjectError> {
        Subject::resolve(OrderSecret::new("0123456789abcdef").as_ref(), "demo", asked)
    }

    #[test]
    fn a_subject_is_found_by_the_links_that_its_conversations_got() {
        let secret = OrderSecret::new("0123456789abcdef").unwrap();
        let ann =
            Customer { id: "7".into(), email: Email::parse("Ann@shop.example"), purchases: vec![] };
        let asked = PrivacySubject {
            email: Some(" ann@SHOP.example".into()),
            customer: Some("7".into()),
            ..PrivacySubject::default()
        };
        let (subject, by) = resolve(&asked).unwrap();
        let mut listed = Link::of_customer(&secret, "demo", &ann);
        listed.reverse();
        assert_eq!(subject.links, listed);
        assert_eq!(by, ["email", "customer"]);
        assert!(subject.has_orders() && !subject.is_whole_shop);
        assert!(!format!("{:?}", subject.links).to_lowercase().contains("ann"));
        assert_ne!(subject.links, Link::of_customer(&secret, "other", &ann));
    }

    #[test]
    fn nobody_is_not_everybody() {
        let with = |change: fn(&mut PrivacySubject)| {
            let mut asked = PrivacySubject::default();
            change(&mut asked);
            resolve(&asked).err()
        };
        assert_eq!(with(|_| {}), Some(SubjectError::Nobody));
        assert_eq!(with(|a| a.email = Some("ann".into())), Some(SubjectError::Malformed("email")));
        assert_eq!(
            with(|a| a.customer = Some(" ".into())),
            Some(SubjectError::Malformed("customer"))
        );
        assert_eq!(
            with(|a| a.visitor = Some("a/b".into())),
            Some(SubjectError::Malformed("visitor"))
        );
        assert_eq!(
            with(|a| a.conversation = Some(String::new())),
            Some(SubjectError::Malformed("conversation"))
        );
        assert_eq!(with(|a| a.conversation = Some("c-1".into())), None);
        let email = PrivacySubject { email: Some("a@b.example".into()), ..Default::default() };
        assert_eq!(Subject::resolve(None, "demo", &email).err(), Some(SubjectError::NoSecret));
    }
}
