//! The orders of whoever is in the conversation, and of no one else.

use std::collections::BTreeMap;

use aisle_core::orders::OrderKey;
use aisle_core::protocol::OrderFound;
use futures_util::future::{LocalBoxFuture, ready};

use crate::orders::LookupError;

/// Where the asker's own orders are told of. Who asks is settled before there is a desk: a customer
/// whom the merchant's server vouches for, or a guest who gave an address in this turn.
pub trait OrderDesk {
    /// The order of that number, if it is the asker's.
    fn find(&self, number: &str) -> LocalBoxFuture<'static, Result<OrderFound, LookupError>>;

    /// The asker's latest orders, latest first, a few; a guest is told of none.
    fn latest(&self) -> LocalBoxFuture<'static, Result<Vec<OrderFound>, LookupError>>;
}

/// The orders of one asker in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryDesk {
    orders: BTreeMap<OrderKey, OrderFound>,
    /// Whether every question is left without an answer, as when the shop's system is down.
    pub is_down: bool,
}

impl MemoryDesk {
    /// A desk of someone who has these orders.
    pub fn of(orders: impl IntoIterator<Item = OrderFound>) -> Self {
        let with_key = |found: OrderFound| Some((OrderKey::parse(&found.order.number)?, found));
        Self { orders: orders.into_iter().filter_map(with_key).collect(), is_down: false }
    }

    fn answer<T: 'static>(
        &self,
        found: Result<T, LookupError>,
    ) -> LocalBoxFuture<'static, Result<T, LookupError>> {
        Box::pin(ready(if self.is_down { Err(LookupError::Limited(60_000)) } else { found }))
    }
}

impl OrderDesk for MemoryDesk {
    fn find(&self, number: &str) -> LocalBoxFuture<'static, Result<OrderFound, LookupError>> {
        let found = OrderKey::parse(number).and_then(|key| self.orders.get(&key).cloned());
        self.answer(found.ok_or(LookupError::Unknown))
    }

    fn latest(&self) -> LocalBoxFuture<'static, Result<Vec<OrderFound>, LookupError>> {
        self.answer(Ok(self.orders.values().cloned().collect()))
    }
}
