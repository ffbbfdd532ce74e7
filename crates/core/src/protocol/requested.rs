//! What the assistant asks for on a shopper's behalf. Nothing of it happens by itself: the shopper
//! or the shop's team decides.

use serde::{Deserialize, Serialize};

use super::ProductCard;

/// Something that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Requested {
    /// The shopper is asked whether to put this into the cart; the page does it, in the shop's own
    /// cart.
    CartChange {
        /// What.
        product: ProductCard,
        /// Pieces.
        quantity: u32,
    },
    /// The shop's team is asked to take an order back.
    Return {
        /// Number of the order as the shop writes it.
        order: String,
        /// Why, in the shopper's words or the assistant's.
        reason: String,
    },
    /// A person is asked to go on.
    HandOver {
        /// Why.
        reason: String,
    },
}
