//! How far an order has come, by the words that shops' programs have for it.

use aisle_core::protocol::OrderState;

/// States by their words, what happened last first: an order that was paid and sent was sent.
const WORDS: [(OrderState, &[&str]); 11] = [
    (OrderState::Refunded, &["refunded"]),
    (OrderState::Cancelled, &["cancelled", "canceled", "voided", "failed", "expired"]),
    (OrderState::ExchangeRequested, &["exchange requested"]),
    (OrderState::ReturnRequested, &["return requested", "return in progress"]),
    (OrderState::Returned, &["returned", "restocked"]),
    (OrderState::Delivered, &["delivered"]),
    (OrderState::OutForDelivery, &["out for delivery"]),
    (
        OrderState::Shipped,
        &["shipped", "fulfilled", "partial", "partially fulfilled", "in transit", "dispatched"],
    ),
    (OrderState::Packed, &["packed", "processed", "in progress", "ready for pickup"]),
    (OrderState::Paid, &["paid", "partially refunded"]),
    (OrderState::Placed, &["placed", "pending", "authorized", "partially paid", "open"]),
];

/// The state that several words make together; nothing where none of them is known. A remark in
/// brackets is not looked at.
pub(super) fn state_of(words: &[&str]) -> Option<OrderState> {
    let simple: Vec<String> = words.iter().map(|word| simple(word)).collect();
    let has = |known: &[&str]| simple.iter().any(|word| known.contains(&word.as_str()));
    WORDS.iter().find(|(_, known)| has(known)).map(|(state, _)| *state)
}

fn simple(word: &str) -> String {
    let word = word.split('(').next().unwrap_or_default();
    let spaced: String = word.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether an order was no sale in the end.
pub(super) fn is_void(state: OrderState) -> bool {
    matches!(state, OrderState::Cancelled | OrderState::Returned | OrderState::Refunded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_programs() {
        for (words, expected) in [
            (&["paid", "fulfilled"][..], Some(OrderState::Shipped)),
            (&["paid", ""], Some(OrderState::Paid)),
            (&["pending", "unfulfilled"], Some(OrderState::Placed)),
            (&["refunded", "fulfilled"], Some(OrderState::Refunded)),
            (&["voided", ""], Some(OrderState::Cancelled)),
            (&["partially_refunded", "restocked"], Some(OrderState::Returned)),
            (&["Out-for-Delivery"], Some(OrderState::OutForDelivery)),
            (&["pending (item modified)"], Some(OrderState::Placed)),
            (&["exchange requested"], Some(OrderState::ExchangeRequested)),
            (&["return_requested"], Some(OrderState::ReturnRequested)),
            (&["processed"], Some(OrderState::Packed)),
            (&["delivered"], Some(OrderState::Delivered)),
            (&["who knows"], None),
            (&[""], None),
        ] {
            assert_eq!(state_of(words), expected, "{words:?}");
        }
    }

    #[test]
    fn every_state_is_known_by_its_own_name() {
        for (state, _) in WORDS {
            let name = serde_json::to_value(state).unwrap();
            assert_eq!(state_of(&[name.as_str().unwrap()]), Some(state));
        }
    }
}
