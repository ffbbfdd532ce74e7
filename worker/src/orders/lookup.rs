//! What shoppers are told of their orders.

use aisle_core::orders::{Email, OrderKey, ReturnPolicy, describe, purchases, view};
use aisle_core::protocol::{
    CustomerHistory, ErrorCode, ErrorDetail, Order, OrderFound, OrderLookup,
};

use super::{Asker, OrderSecret, OrderSource, OrderTable, SourceError, TableError};
use crate::identity::Customer;
use crate::limits::{Rate, admit};

/// Look-ups of one visitor.
pub(super) const BY_ADDRESS: Rate = Rate { burst: 10, every_ms: 20_000 };
/// Look-ups of one number, whoever asks: addresses are to be had by the thousand.
pub(super) const BY_NUMBER: Rate = Rate { burst: 6, every_ms: 60_000 };
/// What one signed-in customer asks, on all devices: a shop's own system may be asked three times
/// for each.
pub(super) const BY_CUSTOMER: Rate = Rate { burst: 60, every_ms: 3_000 };
/// Latest orders of a customer that are looked at.
const MAX_ORDERS: u32 = 100;
/// Latest orders that are told of at once.
const LATEST: u32 = 3;
/// Most purchases of a history.
const MAX_PURCHASES: usize = 200;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// There is no such order, or it is not the asker's.
    Unknown,
    /// Asked too often; how long to wait, in milliseconds.
    Limited(u64),
    /// The orders cannot be reached.
    Source(SourceError),
}

impl From<TableError> for LookupError {
    fn from(error: TableError) -> Self {
        Self::Source(error.into())
    }
}

impl From<&LookupError> for ErrorDetail {
    fn from(error: &LookupError) -> Self {
        match error {
            LookupError::Unknown => {
                let message = "no order with this number and this address is here";
                Self::new(ErrorCode::UnknownOrder, message)
            }
            LookupError::Limited(wait_ms) => {
                let message = format!("asked too often; wait {} seconds", wait_ms.div_ceil(1_000));
                Self::new(ErrorCode::RateLimited, message)
            }
            // What exactly failed is for the log, not for the network.
            LookupError::Source(_) => {
                Self::new(ErrorCode::OrdersUnavailable, "the shop's orders cannot be reached now")
            }
        }
    }
}

/// Who asks from where, and of which shop.
pub struct Guest<'a> {
    /// The shop.
    pub shop: &'a str,
    /// The network address; empty where it is not known.
    pub address: &'a str,
    /// The time, in milliseconds since the Unix epoch.
    pub now_ms: u64,
}

/// A signed-in customer who asks, and of which shop.
pub struct SignedIn<'a> {
    /// The shop.
    pub shop: &'a str,
    /// The customer.
    pub customer: &'a Customer,
    /// The time, in milliseconds since the Unix epoch.
    pub now_ms: u64,
}

/// Looks an order up for a guest who gives its number and the address that it was placed with.
/// Every try counts, a right one as well: against the guest's bucket, and against the number's,
/// whether there is such an order or not.
pub async fn look_up(
    table: &impl OrderTable,
    source: &dyn OrderSource,
    secret: &OrderSecret,
    policy: ReturnPolicy,
    guest: &Guest<'_>,
    asked: &OrderLookup,
) -> Result<OrderFound, LookupError> {
    let Guest { shop, address, now_ms } = *guest;
    take(table, BY_ADDRESS, &secret.address_bucket(shop, address), now_ms)?;
    let (Some(key), Some(email)) = (OrderKey::parse(&asked.number), Email::parse(&asked.email))
    else {
        return Err(LookupError::Unknown);
    };
    take(table, BY_NUMBER, &format!("number:{}", key.as_str()), now_ms)?;
    let asker = Asker::guest(secret, shop, email);
    let found = source.find(&key, &asker).await.map_err(LookupError::Source)?;
    // A source answers for the asker alone; that it did is looked at once more.
    let own = found.filter(|found| asker.owns(&found.owner)).ok_or(LookupError::Unknown)?;
    Ok(told(&own.order, policy, now_ms))
}

/// An order as it is told.
fn told(order: &Order, policy: ReturnPolicy, now_ms: u64) -> OrderFound {
    let order = view(order, policy, now_ms);
    OrderFound { text: describe(&order), order }
}

fn take(table: &impl OrderTable, rate: Rate, bucket: &str, now_ms: u64) -> Result<(), LookupError> {
    match admit(rate, table.full_ms(bucket)?, now_ms) {
        Ok(full_ms) => Ok(table.set_full_ms(bucket, full_ms, now_ms)?),
        Err(wait_ms) => Err(LookupError::Limited(wait_ms)),
    }
}

/// The orders of a customer: the one of that number, or the latest ones. Every try counts against
/// the customer's bucket.
pub async fn own(
    table: &impl OrderTable,
    source: &dyn OrderSource,
    secret: &OrderSecret,
    policy: ReturnPolicy,
    asks: &SignedIn<'_>,
    number: Option<&str>,
) -> Result<Vec<OrderFound>, LookupError> {
    let SignedIn { shop, customer, now_ms } = *asks;
    take(table, BY_CUSTOMER, &secret.customer_bucket(shop, &customer.id), now_ms)?;
    let asker = Asker::customer(secret, shop, customer);
    let found = match number {
        Some(number) => {
            let key = OrderKey::parse(number).ok_or(LookupError::Unknown)?;
            let found = source.find(&key, &asker).await.map_err(LookupError::Source)?;
            vec![found.ok_or(LookupError::Unknown)?]
        }
        None => source.of(&asker, LATEST).await.map_err(LookupError::Source)?,
    };
    let own = found.iter().filter(|found| asker.owns(&found.owner));
    let told: Vec<OrderFound> = own.map(|found| told(&found.order, policy, now_ms)).collect();
    if number.is_some() && told.is_empty() { Err(LookupError::Unknown) } else { Ok(told) }
}

/// What a customer bought: by the shop's orders, and by the token where the orders say nothing.
/// Every try counts against the customer's bucket.
pub async fn history(
    table: &impl OrderTable,
    source: &dyn OrderSource,
    secret: &OrderSecret,
    asks: &SignedIn<'_>,
) -> Result<CustomerHistory, LookupError> {
    let SignedIn { shop, customer, now_ms } = *asks;
    take(table, BY_CUSTOMER, &secret.customer_bucket(shop, &customer.id), now_ms)?;
    let asker = Asker::customer(secret, shop, customer);
    let found = source.of(&asker, MAX_ORDERS).await.map_err(LookupError::Source)?;
    let own = found.iter().filter(|found| asker.owns(&found.owner)).map(|found| &found.order);
    let bought = purchases(own, MAX_PURCHASES);
    let history = if bought.is_empty() { customer.purchases.clone() } else { bought };
    Ok(CustomerHistory { history })
}
