//! What a shopper is shown of an order, and until when it can be sent back.

use crate::date::DAY_MS;
use crate::protocol::{Order, OrderState, OrderView};

/// A shop's rule for sending goods back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnPolicy {
    /// Days after delivery; `None` where nothing is taken back.
    pub days: Option<u16>,
}

impl ReturnPolicy {
    /// The last moment at which an order can be sent back; nothing where it cannot: it has not
    /// arrived, its days are over, or it is on its way back already.
    pub fn until_ms(self, order: &Order, now_ms: u64) -> Option<u64> {
        if order.state != OrderState::Delivered {
            return None;
        }
        let days = u64::from(self.days?);
        let until_ms = order.delivered_at_ms?.saturating_add(days.saturating_mul(DAY_MS));
        (now_ms <= until_ms).then_some(until_ms)
    }
}

/// What a shopper is shown of an order.
pub fn view(order: &Order, policy: ReturnPolicy, now_ms: u64) -> OrderView {
    OrderView {
        return_until_ms: policy.until_ms(order, now_ms),
        number: order.number.clone(),
        state: order.state,
        placed_at_ms: order.placed_at_ms,
        currency: order.currency.clone(),
        lines: order.lines.clone(),
        total_minor: order.total_minor,
        tracking: order.tracking.clone(),
        shipped_at_ms: order.shipped_at_ms,
        expected_at_ms: order.expected_at_ms,
        delivered_at_ms: order.delivered_at_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::tests::order;
    use super::*;

    const NOW: u64 = 1_773_000_000_000;

    #[test]
    fn an_order_can_be_sent_back_while_its_days_last() {
        let thirty = ReturnPolicy { days: Some(30) };
        let none = ReturnPolicy { days: None };
        let ago = |days: u64| Some(NOW - days * DAY_MS);
        for (policy, state, delivered_at_ms, can_return) in [
            (thirty, OrderState::Delivered, ago(0), true),
            (thirty, OrderState::Delivered, ago(30), true),
            (thirty, OrderState::Delivered, ago(31), false),
            (thirty, OrderState::Delivered, None, false),
            (none, OrderState::Delivered, ago(1), false),
            (ReturnPolicy { days: Some(0) }, OrderState::Delivered, ago(0), true),
            (thirty, OrderState::Shipped, ago(1), false),
            (thirty, OrderState::ReturnRequested, ago(1), false),
            (thirty, OrderState::Returned, ago(1), false),
            (thirty, OrderState::Refunded, ago(1), false),
            (thirty, OrderState::Cancelled, ago(1), false),
        ] {
            let order = Order { state, delivered_at_ms, ..order() };
            let until = policy.until_ms(&order, NOW);
            assert_eq!(until.is_some(), can_return, "{state:?} {delivered_at_ms:?}");
            assert!(until.is_none_or(|until| until >= NOW));
        }
        let late =
            Order { state: OrderState::Delivered, delivered_at_ms: Some(u64::MAX), ..order() };
        assert_eq!(thirty.until_ms(&late, NOW), Some(u64::MAX));
    }

    #[test]
    fn nothing_of_a_person_is_shown() {
        let shown = serde_json::to_string(&view(&order(), ReturnPolicy { days: None }, NOW));
        let shown = shown.unwrap().to_lowercase();
        assert!(!shown.contains("ann") && !shown.contains("c-7"), "{shown}");
    }
}
