//! Tools that ask for something or hand out what the shop allows.

use aisle_core::protocol::Requested;
use aisle_core::redact::redact;
use aisle_core::truth::Facts;
use serde_json::{Value, json};

use super::arguments::{CartChange, HandOver};
use super::catalogue::Told;
use super::{DiscountCode, Found, ToolError};

pub(super) fn cart(
    told: &mut Told<'_>,
    asked: &CartChange,
) -> Result<(Found, Requested), ToolError> {
    let product = told.product(&asked.sku)?;
    if !product.available {
        return Err(ToolError::Refused("this product is sold out"));
    }
    told.list(vec![product.clone()])?;
    let found = Found {
        content: json!({"asked": "the shopper now sees a button that puts it into the cart"}),
        plain: told.words.cart_question.to_owned(),
        products: vec![],
    };
    Ok((found, Requested::CartChange { product, quantity: asked.quantity }))
}

pub(super) fn codes(codes: &[DiscountCode], facts: &mut Facts) -> Found {
    let told: Vec<Value> =
        codes.iter().map(|code| json!({"code": code.code, "terms": code.terms})).collect();
    let mut plain = Vec::new();
    for code in codes {
        facts.code(&code.code);
        facts.text(&code.terms);
        plain.push(format!("- {}: {}", code.code, code.terms));
    }
    Found { content: json!({"codes": told}), plain: plain.join("\n"), products: vec![] }
}

pub(super) fn hand_over(asked: &HandOver) -> Requested {
    Requested::HandOver { reason: redact(asked.reason.trim()).text }
}
