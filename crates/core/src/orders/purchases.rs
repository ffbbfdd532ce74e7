//! What orders tell of a customer's taste.

use crate::protocol::{Order, OrderLine, OrderState, Purchase};

/// What was bought and kept by the orders of one customer, latest first, at most `limit` lines.
/// Orders of a day that is not known tell nothing: when something was bought is what counts.
pub fn purchases<'a>(orders: impl Iterator<Item = &'a Order>, limit: usize) -> Vec<Purchase> {
    let kept = orders.filter(|order| {
        !matches!(order.state, OrderState::Cancelled | OrderState::Returned | OrderState::Refunded)
    });
    let mut found: Vec<Purchase> = kept
        .filter_map(|order| Some((order.placed_at_ms?, &order.lines)))
        .flat_map(|(at_ms, lines)| {
            let bought = move |line: &OrderLine| Purchase {
                sku: line.sku.clone(),
                at_ms,
                quantity: line.quantity,
            };
            lines.iter().map(bought)
        })
        .collect();
    found.sort_by(|a, b| b.at_ms.cmp(&a.at_ms).then_with(|| a.sku.cmp(&b.sku)));
    found.truncate(limit);
    found
}

#[cfg(test)]
mod tests {
    use super::super::check::tests::order;
    use super::*;

    #[test]
    fn what_went_back_was_not_bought() {
        let at = |at_ms, state| Order { placed_at_ms: Some(at_ms), state, ..order() };
        let orders = [
            at(1, OrderState::Delivered),
            at(3, OrderState::Returned),
            at(2, OrderState::Paid),
            at(4, OrderState::Cancelled),
            at(5, OrderState::Refunded),
            Order { placed_at_ms: None, state: OrderState::Delivered, ..order() },
        ];
        let found = |limit| -> Vec<(String, u64, u32)> {
            purchases(orders.iter(), limit)
                .into_iter()
                .map(|bought| (bought.sku, bought.at_ms, bought.quantity))
                .collect()
        };
        let (lamp, mug) = (|at| ("L1".to_owned(), at, 1), |at| ("M1".to_owned(), at, 2));
        assert_eq!(found(9), [lamp(2), mug(2), lamp(1), mug(1)]);
        assert_eq!(found(3), [lamp(2), mug(2), lamp(1)]);
    }
}
