//! Whose a conversation is. Anyone else is answered as if it did not exist.

use serde::{Deserialize, Serialize};

use crate::ports::{Store, StoreError};

/// Whose a conversation is, or who asks for one. Empty names are of nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The visitor of a session. Empty where the worker makes no sessions.
    pub visitor: String,
    /// The shop's id of a customer for whom the merchant's server vouches. Empty for all others.
    pub customer: String,
}

impl Holder {
    /// Whether a conversation of this holder may be read and continued by whoever asks. A
    /// customer's is the customer's alone, on every device; one that was opened without a session
    /// is anybody's who knows its id.
    pub fn admits(&self, asker: &Self) -> bool {
        if self.customer.is_empty() {
            self.visitor.is_empty() || self.visitor == asker.visitor
        } else {
            self.customer == asker.customer
        }
    }
}

/// Gives a conversation that is continued by a customer to that customer, from now on.
pub fn claim(store: &impl Store, asker: &Holder) -> Result<(), StoreError> {
    if asker.customer.is_empty() || !store.holder()?.customer.is_empty() {
        return Ok(());
    }
    store.claim(&asker.customer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::MemoryStore;

    fn of(visitor: &str, customer: &str) -> Holder {
        Holder { visitor: visitor.to_owned(), customer: customer.to_owned() }
    }

    #[test]
    fn a_conversation_is_its_visitors_or_its_customers_alone() {
        for (kept, asker, expected) in [
            (("", ""), ("", ""), true),
            (("", ""), ("ann", ""), true),
            (("", ""), ("", "c-7"), true),
            (("ann", ""), ("ann", ""), true),
            (("ann", ""), ("ann", "c-7"), true),
            (("ann", ""), ("bob", ""), false),
            (("ann", ""), ("", ""), false),
            (("ann", ""), ("bob", "c-7"), false),
            (("ann", "c-7"), ("ann", "c-7"), true),
            (("ann", "c-7"), ("another device", "c-7"), true),
            (("ann", "c-7"), ("ann", ""), false),
            (("ann", "c-7"), ("ann", "c-8"), false),
            (("", "c-7"), ("", ""), false),
        ] {
            let (kept, asker) = (of(kept.0, kept.1), of(asker.0, asker.1));
            assert_eq!(kept.admits(&asker), expected, "{kept:?} {asker:?}");
        }
    }

    #[test]
    fn the_first_customer_to_continue_it_has_it() {
        let store = MemoryStore::default();
        store.open(0, &of("ann", "")).unwrap();
        for asker in [of("ann", ""), of("ann", "c-7"), of("ann", "c-8"), of("ann", "")] {
            claim(&store, &asker).unwrap();
        }
        assert_eq!(store.holder().unwrap(), of("ann", "c-7"));
    }
}
