//! The built-in table: orders that the merchant loads.

use aisle_core::orders::OrderKey;
use aisle_core::protocol::Order;
use futures_util::future::{LocalBoxFuture, ready};
use thiserror::Error;

use super::{Asker, Found, OrderSource, Owner, SourceError};

/// The storage of the orders failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the orders' storage failed: {0}")]
pub struct TableError(pub String);

/// An order as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number in the form in which numbers are compared.
    pub key: String,
    /// Whose it is.
    pub owner: Owner,
    /// When it was placed, in milliseconds since the Unix epoch; 0 where that is not known.
    pub placed_at_ms: u64,
    /// The order without the address, as JSON.
    pub order: String,
}

/// One shop's orders and the buckets of its look-ups.
pub trait OrderTable {
    /// Keeps orders, each in the place of one with the same number; all or none.
    fn put(&self, rows: &[Row]) -> Result<(), TableError>;

    /// Whose the order of a number is.
    fn owner(&self, key: &str) -> Result<Option<Owner>, TableError>;

    /// The order of a number, as JSON.
    fn order(&self, key: &str) -> Result<Option<String>, TableError>;

    /// The latest orders of an address or of a customer, with whose they are.
    fn latest(&self, owner: &Owner, limit: u32) -> Result<Vec<(Owner, String)>, TableError>;

    /// Deletes the orders of an address or of a customer; how many there were.
    fn delete(&self, owner: &Owner) -> Result<u32, TableError>;

    /// Deletes everything; how many orders there were.
    fn clear(&self) -> Result<u32, TableError>;

    /// When a bucket will be full again; 0 for one that is.
    fn full_ms(&self, bucket: &str) -> Result<u64, TableError>;

    /// Keeps when a bucket will be full again, and forgets those that are full by now.
    fn set_full_ms(&self, bucket: &str, full_ms: u64, now_ms: u64) -> Result<(), TableError>;

    /// Resolves when everything written so far is on disk.
    fn synced(&self) -> LocalBoxFuture<'static, Result<(), TableError>>;
}

/// The built-in table as a source.
pub struct TableSource<'a, T>(pub &'a T);

impl<T: OrderTable> TableSource<'_, T> {
    fn found(&self, key: &str, asker: &Asker) -> Result<Option<Found>, SourceError> {
        let kept = self.0.owner(key)?;
        // An order that is not there is compared as well, and only one's own is read.
        let is_there = kept.is_some();
        let owner = kept.unwrap_or_default();
        if !(asker.owns(&owner) && is_there) {
            return Ok(None);
        }
        match self.0.order(key)? {
            Some(json) => Ok(Some(Found { order: read(&json)?, owner })),
            None => Ok(None),
        }
    }
}

impl<T: OrderTable> OrderSource for TableSource<'_, T> {
    fn find<'a>(
        &'a self,
        key: &'a OrderKey,
        asker: &'a Asker,
    ) -> LocalBoxFuture<'a, Result<Option<Found>, SourceError>> {
        Box::pin(ready(self.found(key.as_str(), asker)))
    }

    fn of<'a>(
        &'a self,
        asker: &'a Asker,
        limit: u32,
    ) -> LocalBoxFuture<'a, Result<Vec<Found>, SourceError>> {
        let email = asker.email.as_ref().map(|(_, key)| key.clone());
        let mine = Owner { email, customer: asker.customer.clone() };
        let found = self.0.latest(&mine, limit).map_err(SourceError::from).and_then(|rows| {
            rows.into_iter().map(|(owner, json)| Ok(Found { order: read(&json)?, owner })).collect()
        });
        Box::pin(ready(found))
    }
}

fn read(json: &str) -> Result<Order, TableError> {
    serde_json::from_str(json)
        .map_err(|_| TableError("an order is not what was written".to_owned()))
}
