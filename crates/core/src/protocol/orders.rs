//! Orders and customers: what a merchant loads, what a shopper asks and is told.

use serde::{Deserialize, Serialize};

/// The largest batch of orders that is read, in bytes.
pub const MAX_ORDERS_BYTES: usize = 1024 * 1024;

/// The largest body of a look-up that is read, in bytes.
pub const MAX_LOOKUP_BYTES: usize = 2 * 1024;

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Placed, not paid yet.
    Placed,
    /// Paid, waiting to be packed.
    Paid,
    /// Packed, waiting for the carrier.
    Packed,
    /// With the carrier.
    Shipped,
    /// On the last part of its way.
    OutForDelivery,
    /// With the customer.
    Delivered,
    /// Called off before it was sent.
    Cancelled,
    /// The customer wants to send it, or a part of it, back.
    ReturnRequested,
    /// The customer wants to have it, or a part of it, exchanged.
    ExchangeRequested,
    /// Back at the shop.
    Returned,
    /// Paid back.
    Refunded,
}

/// Goods of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Stock-keeping unit.
    pub sku: String,
    /// Title as it was sold.
    pub title: String,
    /// Pieces.
    pub quantity: u32,
    /// Price of a piece in minor units.
    pub price_minor: u32,
}

/// Where a parcel is told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    /// Name of the carrier; may be empty.
    #[serde(default)]
    pub carrier: String,
    /// Number of the parcel.
    pub number: String,
    /// The carrier's page; empty if there is none.
    #[serde(default)]
    pub url: String,
}

/// An order as a merchant tells it: a line of `PUT /v1/admin/shops/{shop}/orders`, and what a
/// connector answers. Times are milliseconds since the Unix epoch, prices minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The number as the shop writes it, such as `#1042`; unique in the shop.
    pub number: String,
    /// The customer's e-mail address. It is kept as a keyed hash alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The shop's own id of the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// How far it has come.
    pub state: OrderState,
    /// When it was placed; absent where the shop does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_at_ms: Option<u64>,
    /// ISO 4217 code.
    pub currency: String,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// What shipping cost.
    #[serde(default)]
    pub shipping_minor: u32,
    /// What was taken off.
    #[serde(default)]
    pub discount_minor: u32,
    /// What was to be paid in all.
    pub total_minor: u32,
    /// Its parcels.
    #[serde(default)]
    pub tracking: Vec<Tracking>,
    /// When it was given to the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at_ms: Option<u64>,
    /// When it is expected to arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_at_ms: Option<u64>,
    /// When it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at_ms: Option<u64>,
}

/// What a shopper is shown of an order: nothing of a person, no address, no payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// The number as the shop writes it.
    pub number: String,
    /// How far it has come.
    pub state: OrderState,
    /// When it was placed; absent where the shop does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_at_ms: Option<u64>,
    /// ISO 4217 code.
    pub currency: String,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// What was to be paid in all, in minor units.
    pub total_minor: u32,
    /// Its parcels.
    #[serde(default)]
    pub tracking: Vec<Tracking>,
    /// When it was given to the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at_ms: Option<u64>,
    /// When it is expected to arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_at_ms: Option<u64>,
    /// When it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at_ms: Option<u64>,
    /// The last moment at which it can be sent back; absent where it cannot, or not any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_until_ms: Option<u64>,
}

/// Body of `POST /v1/shops/{shop}/orders/lookup`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLookup {
    /// The order's number in any usual spelling.
    pub number: String,
    /// The address that the order was placed with.
    pub email: String,
}

/// Reply to a look-up that found something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFound {
    /// The order.
    pub order: OrderView,
    /// The same in words, made of the order's data alone.
    pub text: String,
}

/// A line of a batch that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong with it.
    pub reason: String,
}

/// Reply of `PUT /v1/admin/shops/{shop}/orders`: what the batch did. It is on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrdersLoaded {
    /// Orders that are kept now, new or in the place of what was there.
    pub stored: u32,
    /// Lines that were left out.
    pub refused: u32,
    /// The first of those.
    pub reasons: Vec<RefusedLine>,
}

/// A purchase of an earlier order, as far as recommendations need it. A page may hand it over,
/// and the worker knows it of a signed-in shopper; the browser never sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// SKU of the product.
    pub sku: String,
    /// When, in milliseconds since the Unix epoch; the products of one order have one time.
    pub at_ms: u64,
    /// Pieces.
    pub quantity: u32,
}

/// Reply of `GET /v1/shops/{shop}/customer/history`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerHistory {
    /// What the customer bought and kept, latest first.
    pub history: Vec<Purchase>,
}
