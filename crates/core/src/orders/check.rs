//! What an order must be before it is kept or shown.

use thiserror::Error;

use super::{Email, OrderKey};
use crate::protocol::Order;

/// Most lines of goods.
const MAX_LINES: usize = 200;
/// Most parcels.
const MAX_PARCELS: usize = 20;
/// Longest text of a field, in characters.
const MAX_TEXT: usize = 300;

/// Why something is no order that could be kept or shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OrderError {
    /// Its number.
    #[error("number is not one: letters, digits, '-', '_', '.' and '/', at most 64")]
    Number,
    /// Its customer's address.
    #[error("email is not an address")]
    Email,
    /// Nobody could ever ask for it.
    #[error("has neither email nor customer")]
    Nobody,
    /// Its currency.
    #[error("currency is not three capital letters")]
    Currency,
    /// Its goods.
    #[error("has no lines, or more than {MAX_LINES}")]
    Lines,
    /// Its parcels.
    #[error("has more than {MAX_PARCELS} parcels")]
    Parcels,
    /// A text.
    #[error("{0} is empty, is longer than {MAX_TEXT} characters or holds control characters")]
    Text(&'static str),
    /// A link.
    #[error("the url of a parcel is not one of http or https")]
    Url,
}

/// Whether an order can be kept and shown; if so, the key that it is kept under.
pub fn check(order: &Order) -> Result<OrderKey, OrderError> {
    let key = OrderKey::parse(&order.number).ok_or(OrderError::Number)?;
    text("number", &order.number)?;
    if order.email.as_deref().is_some_and(|email| Email::parse(email).is_none()) {
        return Err(OrderError::Email);
    }
    match &order.customer {
        Some(customer) => text("customer", customer)?,
        None if order.email.is_none() => return Err(OrderError::Nobody),
        None => {}
    }
    if order.currency.len() != 3 || !order.currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(OrderError::Currency);
    }
    if order.lines.is_empty() || order.lines.len() > MAX_LINES {
        return Err(OrderError::Lines);
    }
    for line in &order.lines {
        text("the sku of a line", &line.sku)?;
        text("the title of a line", &line.title)?;
    }
    if order.tracking.len() > MAX_PARCELS {
        return Err(OrderError::Parcels);
    }
    for parcel in &order.tracking {
        text("the number of a parcel", &parcel.number)?;
        if !parcel.carrier.is_empty() {
            text("the carrier of a parcel", &parcel.carrier)?;
        }
        let is_link = parcel.url.starts_with("https://") || parcel.url.starts_with("http://");
        let is_whole = parcel.url.len() <= 2_000 && !parcel.url.chars().any(is_break);
        let is_good = parcel.url.is_empty() || (is_link && is_whole);
        if !is_good {
            return Err(OrderError::Url);
        }
    }
    Ok(key)
}

fn text(what: &'static str, text: &str) -> Result<(), OrderError> {
    let fits = !text.trim().is_empty()
        && text.chars().count() <= MAX_TEXT
        && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(OrderError::Text(what)) }
}

fn is_break(c: char) -> bool {
    c.is_control() || c.is_whitespace()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::protocol::{OrderLine, OrderState, Tracking};

    /// An order of a lamp and two mugs, on its way.
    pub(in crate::orders) fn order() -> Order {
        let line = |sku: &str, title: &str, quantity, price_minor| OrderLine {
            sku: sku.into(),
            title: title.into(),
            quantity,
            price_minor,
        };
        Order {
            number: "#1042".into(),
            email: Some("Ann@Shop.example".into()),
            customer: Some("c-7".into()),
            state: OrderState::Shipped,
            placed_at_ms: Some(1_772_000_000_000),
            currency: "GBP".into(),
            lines: vec![line("L1", "Lamp", 1, 2_500), line("M1", "Mug", 2, 425)],
            shipping_minor: 395,
            discount_minor: 0,
            total_minor: 3_745,
            tracking: vec![Tracking {
                carrier: "Northmail".into(),
                number: "NM123".into(),
                url: "https://northmail.example/NM123".into(),
            }],
            shipped_at_ms: Some(1_772_100_000_000),
            expected_at_ms: Some(1_772_400_000_000),
            delivered_at_ms: None,
        }
    }

    #[test]
    fn what_cannot_be_kept_is_named() {
        type Change = fn(&mut Order);
        let cases: [(Change, Result<&str, OrderError>); 14] = [
            (|_| {}, Ok("1042")),
            (|o| o.email = None, Ok("1042")),
            (|o| o.customer = None, Ok("1042")),
            (|o| o.number = "#".into(), Err(OrderError::Number)),
            (|o| o.number = "1\u{7}".into(), Err(OrderError::Number)),
            (|o| o.email = Some("ann".into()), Err(OrderError::Email)),
            (|o| (o.email, o.customer) = (None, None), Err(OrderError::Nobody)),
            (|o| o.customer = Some(" ".into()), Err(OrderError::Text("customer"))),
            (|o| o.currency = "gbp".into(), Err(OrderError::Currency)),
            (|o| o.lines.clear(), Err(OrderError::Lines)),
            (|o| o.lines[0].title = "a\nb".into(), Err(OrderError::Text("the title of a line"))),
            (|o| o.tracking[0].url = "javascript:x".into(), Err(OrderError::Url)),
            (|o| o.tracking[0].url = "https://a b".into(), Err(OrderError::Url)),
            (|o| o.tracking = vec![o.tracking[0].clone(); 21], Err(OrderError::Parcels)),
        ];
        for (at, (change, expected)) in cases.into_iter().enumerate() {
            let mut order = order();
            change(&mut order);
            let found = check(&order);
            assert_eq!(found.as_ref().map(OrderKey::as_str), expected.as_ref().copied(), "{at}");
        }
    }
}
