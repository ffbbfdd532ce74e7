//! An order in words. Every fact is one of the order's own; nothing is guessed.

use crate::date::Date;
use crate::money::format_price;
use crate::protocol::{OrderState, OrderView};

/// Lines of goods that are named.
const NAMED_LINES: usize = 10;

/// Tells how far an order has come, what is in it, where its parcels are and until when it can be
/// sent back: paragraphs divided by blank lines, list items led by `- `. Days are those of UTC.
pub fn describe(order: &OrderView) -> String {
    let mut paragraphs = vec![state(order), goods(order)];
    paragraphs.extend(parcels(order));
    if let Some(until_ms) = order.return_until_ms {
        paragraphs.push(format!("You can send it back until {}.", Date::from_ms(until_ms)));
    }
    paragraphs.join("\n\n")
}

fn state(order: &OrderView) -> String {
    let number = &order.number;
    let on = |at_ms: Option<u64>| {
        at_ms.map(|at_ms| format!(" on {}", Date::from_ms(at_ms))).unwrap_or_default()
    };
    let what = match order.state {
        OrderState::Placed => "is placed and waits for its payment".to_owned(),
        OrderState::Paid => "is paid and waits to be packed".to_owned(),
        OrderState::Packed => "is packed and waits for the carrier".to_owned(),
        OrderState::Shipped => format!("was shipped{}", on(order.shipped_at_ms)),
        OrderState::OutForDelivery => "is out for delivery".to_owned(),
        OrderState::Delivered => format!("was delivered{}", on(order.delivered_at_ms)),
        OrderState::Cancelled => "was cancelled".to_owned(),
        OrderState::ReturnRequested => "has a return that was asked for".to_owned(),
        OrderState::ExchangeRequested => "has an exchange that was asked for".to_owned(),
        OrderState::Returned => "was sent back and has arrived at the shop".to_owned(),
        OrderState::Refunded => "was paid back".to_owned(),
    };
    let placed = order.placed_at_ms.map(|at_ms| format!(" of {}", Date::from_ms(at_ms)));
    let placed = placed.unwrap_or_default();
    let expected = match (order.state, order.expected_at_ms) {
        (OrderState::Cancelled | OrderState::Delivered, _) | (_, None) => String::new(),
        (
            OrderState::Placed
            | OrderState::Paid
            | OrderState::Packed
            | OrderState::Shipped
            | OrderState::OutForDelivery,
            Some(at_ms),
        ) => format!(" It is expected on {}.", Date::from_ms(at_ms)),
        (_, Some(_)) => String::new(),
    };
    format!("Order {number}{placed} {what}.{expected}")
}

fn goods(order: &OrderView) -> String {
    let price = |minor| format_price(minor, &order.currency);
    let mut list: Vec<String> = order
        .lines
        .iter()
        .take(NAMED_LINES)
        .map(|line| {
            format!("- {} × {}, {} each", line.quantity, line.title, price(line.price_minor))
        })
        .collect();
    if let more @ 1.. = order.lines.len().saturating_sub(NAMED_LINES) {
        list.push(format!("- and {more} more"));
    }
    list.push(format!("- In all: {}", price(order.total_minor)));
    list.join("\n")
}

fn parcels(order: &OrderView) -> Option<String> {
    let told = |parcel: &crate::protocol::Tracking| {
        let carrier = if parcel.carrier.is_empty() { "Parcel" } else { &parcel.carrier };
        let place = if parcel.url.is_empty() { "" } else { ": " };
        format!("- {carrier} {}{place}{}", parcel.number, parcel.url)
    };
    let list: Vec<String> = order.tracking.iter().map(told).collect();
    (!list.is_empty()).then(|| list.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::super::check::tests::order;
    use super::super::{ReturnPolicy, view};
    use super::*;
    use crate::protocol::Order;

    fn told(order: &Order) -> String {
        describe(&view(order, ReturnPolicy { days: Some(30) }, 1_773_000_000_000))
    }

    #[test]
    fn an_order_on_its_way() {
        assert_eq!(
            told(&order()),
            "Order #1042 of 25 February 2026 was shipped on 26 February 2026. It is expected on 1 \
             March 2026.\n\n\
             - 1 × Lamp, £25.00 each\n- 2 × Mug, £4.25 each\n- In all: £37.45\n\n\
             - Northmail NM123: https://northmail.example/NM123"
        );
    }

    #[test]
    fn an_order_whose_day_is_not_known() {
        let text = told(&Order { placed_at_ms: None, ..order() });
        assert!(text.starts_with("Order #1042 was shipped on 26 February 2026. It is"), "{text}");
    }

    #[test]
    fn an_order_that_arrived_can_be_sent_back() {
        let arrived = Order {
            state: OrderState::Delivered,
            delivered_at_ms: Some(1_772_400_000_000),
            tracking: vec![],
            ..order()
        };
        let text = told(&arrived);
        assert!(
            text.starts_with("Order #1042 of 25 February 2026 was delivered on 1 March 2026.\n")
        );
        assert!(text.ends_with("\n\nYou can send it back until 31 March 2026."), "{text}");
    }

    #[test]
    fn every_state_has_words_of_its_own() {
        let states = [
            OrderState::Placed,
            OrderState::Paid,
            OrderState::Packed,
            OrderState::Shipped,
            OrderState::OutForDelivery,
            OrderState::Delivered,
            OrderState::Cancelled,
            OrderState::ReturnRequested,
            OrderState::ExchangeRequested,
            OrderState::Returned,
            OrderState::Refunded,
        ];
        let first = |state| {
            let text = told(&Order { state, ..order() });
            text.split("\n\n").next().unwrap_or_default().to_owned()
        };
        let all: std::collections::BTreeSet<String> = states.map(first).into();
        assert_eq!(all.len(), states.len());
        let expected = |state| first(state).contains("is expected on");
        assert!(expected(OrderState::Paid) && expected(OrderState::Shipped));
        assert!(!expected(OrderState::Delivered) && !expected(OrderState::Returned));
    }

    #[test]
    fn a_long_order_is_shortened() {
        let mut long = order();
        long.lines = vec![long.lines[0].clone(); 14];
        assert!(told(&long).contains("- and 4 more\n- In all"));
    }
}
