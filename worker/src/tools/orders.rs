//! Tools about the asker's own orders. Whose an order is, is settled by the desk, not here.

use aisle_core::orders::OrderKey;
use aisle_core::protocol::{OrderFound, Requested};
use aisle_core::redact::redact;
use aisle_core::truth::Facts;
use serde_json::{Value, json};

use super::arguments::{Order, Return};
use super::{Found, OrderDesk, Orders, Session, ToolError};

/// Orders that are told of where none is named.
const MAX_ORDERS: usize = 3;

pub(super) async fn status(
    session: &Session,
    asked: &Order,
    facts: &mut Facts,
) -> Result<Found, ToolError> {
    let desk = desk(session)?;
    let orders = match &asked.number {
        Some(number) => vec![desk.find(number).await?],
        None => desk.latest().await?,
    };
    let told = orders.get(..MAX_ORDERS).unwrap_or(&orders);
    for found in told {
        know(facts, found);
    }
    let texts: Vec<&str> = told.iter().map(|found| found.text.as_str()).collect();
    let lines: Vec<Value> = told.iter().map(line).collect();
    Ok(Found { content: json!({"orders": lines}), plain: texts.join("\n\n"), products: vec![] })
}

/// The wish that an order goes back. The shopper must have named it: what a document says is no
/// wish of theirs.
pub(super) async fn start_return(
    session: &Session,
    asked: &Return,
    facts: &mut Facts,
) -> Result<Requested, ToolError> {
    let found = desk(session)?.find(&asked.number).await?;
    know(facts, &found);
    if !names(&session.written, &found.order.number) {
        return Err(ToolError::Refused("ask the shopper to confirm with the order's number"));
    }
    if found.order.return_until_ms.is_none() {
        return Err(ToolError::Refused("this order cannot be sent back, or not any more"));
    }
    let order = found.order.number.clone();
    Ok(Requested::Return { order, reason: redact(asked.reason.trim()).text })
}

fn desk(session: &Session) -> Result<&dyn OrderDesk, ToolError> {
    match &session.orders {
        Orders::Own(desk) => Ok(&**desk),
        Orders::None | Orders::Unproved => Err(ToolError::Unknown),
    }
}

fn line(found: &OrderFound) -> Value {
    json!({
        "number": found.order.number,
        "state": found.order.state,
        "can_be_returned": found.order.return_until_ms.is_some(),
        "text": found.text,
    })
}

fn know(facts: &mut Facts, found: &OrderFound) {
    facts.order(&found.text);
    for parcel in &found.order.tracking {
        facts.link(&parcel.url);
    }
}

/// Whether the shopper wrote the number of an order.
fn names(written: &[String], number: &str) -> bool {
    let wanted = OrderKey::parse(number);
    let is_it = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        OrderKey::parse(word).is_some_and(|key| Some(key) == wanted)
    };
    wanted.is_some() && written.iter().flat_map(|text| text.split_whitespace()).any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_named_by_its_number_alone() {
        for (text, number, expected) in [
            ("please take #1042 back", "#1042", true),
            ("please take 1042, back", "#1042", true),
            ("order w-7 is broken.", "W-7", true),
            ("order 10421", "#1042", false),
            ("take it back", "#1042", false),
            ("1042", "", false),
        ] {
            assert_eq!(names(&[text.to_owned()], number), expected, "{text}");
        }
    }
}
