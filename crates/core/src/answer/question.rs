//! An open question, and what is around it.

use crate::protocol::{CartLine, Message};

/// An open question.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What the shopper wrote.
    pub text: &'a str,
    /// Query vector from the shopper's engine, or empty.
    pub vector: &'a [i8],
    /// Best intent by the shopper's engine.
    pub intent: Option<&'a str>,
}

/// Where a question is asked. All of it comes from the shopper's browser and proves nothing; the
/// index is asked what it means.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// The page that the shopper is on: the SKU of a product, or a path of the shop.
    pub page: Option<&'a str>,
    /// What is in the cart.
    pub cart: &'a [CartLine],
    /// The messages before the question, oldest first.
    pub earlier: &'a [Message],
}
