//! The port through which orders come.

use aisle_core::orders::OrderKey;
use aisle_core::protocol::Order;
use futures_util::future::LocalBoxFuture;
use thiserror::Error;

use super::{Asker, Owner, TableError};

/// Why a source gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SourceError {
    /// The built-in table failed.
    #[error(transparent)]
    Table(#[from] TableError),
    /// No connection, or none in time.
    #[error("the shop's system cannot be reached: {0}")]
    Network(String),
    /// It is asked too often.
    #[error("the shop's system asks for less")]
    Throttled,
    /// It refuses.
    #[error("the shop's system answered with HTTP {0}")]
    Status(u16),
    /// It sent what is not its protocol.
    #[error("the shop's system sent what cannot be read: {0}")]
    Protocol(String),
}

/// An order with whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The order. It holds no address.
    pub order: Order,
    /// Whose it is.
    pub owner: Owner,
}

/// Where a shop's orders are.
pub trait OrderSource {
    /// The order of that number, if it is the asker's.
    fn find<'a>(
        &'a self,
        key: &'a OrderKey,
        asker: &'a Asker,
    ) -> LocalBoxFuture<'a, Result<Option<Found>, SourceError>>;

    /// The asker's latest orders, at most `limit`.
    fn of<'a>(
        &'a self,
        asker: &'a Asker,
        limit: u32,
    ) -> LocalBoxFuture<'a, Result<Vec<Found>, SourceError>>;
}
