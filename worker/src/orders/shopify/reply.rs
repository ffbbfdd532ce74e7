//! What Shopify answers, read into orders.

use aisle_core::date::parse_rfc3339;
use aisle_core::money::parse_decimal;
use aisle_core::orders::{Email, check};
use aisle_core::protocol::{Order, OrderLine, OrderState, Tracking};
use serde::Deserialize;

use super::super::http::Verdict;
use super::super::{Found, OrderSecret, Owner, SourceError};

/// In the place of a text that is empty.
const NONE: &str = "-";
/// Longest text that is taken over, in characters.
const MAX_TEXT: usize = 200;

#[derive(Deserialize)]
struct Reply {
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<GraphError>,
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
struct Data {
    orders: Option<Nodes<Node>>,
}

#[derive(Deserialize)]
struct Nodes<T> {
    nodes: Vec<T>,
}

#[derive(Deserialize)]
struct GraphError {
    #[serde(default)]
    message: String,
    extensions: Option<ErrorExtensions>,
}

#[derive(Deserialize)]
struct ErrorExtensions {
    code: Option<String>,
}

#[derive(Deserialize)]
struct Extensions {
    cost: Option<Cost>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    requested_query_cost: f64,
    throttle_status: ThrottleStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ThrottleStatus {
    currently_available: f64,
    restore_rate: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    name: String,
    email: Option<String>,
    created_at: String,
    cancelled_at: Option<String>,
    currency_code: String,
    display_financial_status: Option<String>,
    display_fulfillment_status: String,
    return_status: Option<String>,
    customer: Option<Id>,
    current_total_price_set: MoneyBag,
    total_shipping_price_set: Option<MoneyBag>,
    total_discounts_set: Option<MoneyBag>,
    line_items: Nodes<LineItem>,
    fulfillments: Vec<Fulfillment>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MoneyBag {
    shop_money: Money,
}

#[derive(Deserialize)]
struct Money {
    amount: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineItem {
    sku: Option<String>,
    title: String,
    quantity: u32,
    original_unit_price_set: MoneyBag,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fulfillment {
    created_at: String,
    delivered_at: Option<String>,
    estimated_delivery_at: Option<String>,
    display_status: Option<String>,
    tracking_info: Vec<TrackingInfo>,
}

#[derive(Deserialize)]
struct TrackingInfo {
    company: Option<String>,
    number: Option<String>,
    url: Option<String>,
}

/// Reads a reply with the status 200. Orders that cannot be shown are left out.
pub(super) fn read(body: &[u8], shop: &str, secret: &OrderSecret) -> Verdict<Vec<Found>> {
    let protocol = |message: &str| Verdict::Failed(SourceError::Protocol(message.to_owned()));
    let reply: Reply = match serde_json::from_slice(body) {
        Ok(reply) => reply,
        Err(_) => return protocol("not the expected JSON"),
    };
    let code = |error: &GraphError| error.extensions.as_ref().and_then(|more| more.code.clone());
    if reply.errors.iter().any(|error| code(error).as_deref() == Some("THROTTLED")) {
        return Verdict::Throttled(pause_ms(reply.extensions.and_then(|more| more.cost)));
    }
    if let Some(error) = reply.errors.first() {
        let shown: String = error.message.chars().take(200).collect();
        return protocol(&code(error).unwrap_or(shown));
    }
    match reply.data.and_then(|data| data.orders) {
        Some(orders) => Verdict::Done(
            orders.nodes.into_iter().filter_map(|node| found(node, shop, secret)).collect(),
        ),
        None => protocol("no orders in it"),
    }
}

/// The number at the end of a customer's id.
pub(super) fn customer_number(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// How long until a question can be afforded, in milliseconds.
fn pause_ms(cost: Option<Cost>) -> u32 {
    let Some(cost) = cost else { return 1_000 };
    let missing = cost.requested_query_cost - cost.throttle_status.currently_available;
    let seconds = missing.max(0.0) / cost.throttle_status.restore_rate.max(1.0);
    (seconds * 1_000.0).clamp(100.0, 600_000.0) as u32
}

fn found(node: Node, shop: &str, secret: &OrderSecret) -> Option<Found> {
    let state = state(&node);
    let currency = node.currency_code;
    let minor = |bag: &MoneyBag| parse_decimal(&bag.shop_money.amount, &currency);
    let line = |item: LineItem| {
        Some(OrderLine {
            sku: shown(item.sku.as_deref().unwrap_or_default()),
            title: shown(&item.title),
            quantity: item.quantity,
            price_minor: minor(&item.original_unit_price_set)?,
        })
    };
    let lines: Option<Vec<OrderLine>> = node.line_items.nodes.into_iter().map(line).collect();
    let of_all = |time: fn(&Fulfillment) -> Option<u64>| node.fulfillments.iter().filter_map(time);
    let shipped_at_ms = of_all(|sent| parse_rfc3339(&sent.created_at)).min();
    let expected_at_ms =
        of_all(|sent| sent.estimated_delivery_at.as_deref().and_then(parse_rfc3339)).max();
    let delivered_at_ms = of_all(|sent| sent.delivered_at.as_deref().and_then(parse_rfc3339)).max();
    let email = node.email.as_deref().and_then(Email::parse);
    let order = Order {
        number: node.name,
        email: email.as_ref().map(|email| email.as_str().to_owned()),
        customer: node.customer.map(|customer| customer_number(&customer.id).to_owned()),
        state,
        placed_at_ms: parse_rfc3339(&node.created_at),
        lines: lines?,
        shipping_minor: node.total_shipping_price_set.as_ref().and_then(minor).unwrap_or_default(),
        discount_minor: node.total_discounts_set.as_ref().and_then(minor).unwrap_or_default(),
        total_minor: minor(&node.current_total_price_set)?,
        tracking: node
            .fulfillments
            .iter()
            .flat_map(|sent| &sent.tracking_info)
            .filter_map(|info| {
                Some(Tracking {
                    carrier: info.company.as_deref().map(shown).unwrap_or_default(),
                    number: shown(info.number.as_deref()?),
                    url: info.url.clone().filter(|url| url.starts_with("http")).unwrap_or_default(),
                })
            })
            .collect(),
        shipped_at_ms,
        expected_at_ms,
        delivered_at_ms,
        currency: currency.clone(),
    };
    check(&order).ok()?;
    let owner = Owner {
        email: email.map(|email| secret.email_key(shop, &email)),
        customer: order.customer.clone(),
    };
    Some(Found { order: Order { email: None, ..order }, owner })
}

/// A text as it can be shown: no order is left out for a line break in a title.
fn shown(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect();
    if text.trim().is_empty() { NONE.to_owned() } else { text }
}

/// How far an order has come. What happened last counts most: paid back, called off, on its way
/// back, and only then how far its parcels are.
fn state(node: &Node) -> OrderState {
    let financial = node.display_financial_status.as_deref().unwrap_or_default();
    let parcels = || node.fulfillments.iter().map(|s| s.display_status.as_deref().unwrap_or(""));
    let is_delivered = |state: &str| matches!(state, "DELIVERED" | "PICKED_UP");
    let has_parcel = |wanted: &[&str]| parcels().any(|state| wanted.contains(&state));
    if node.cancelled_at.is_some() {
        return OrderState::Cancelled;
    }
    if financial == "REFUNDED" {
        return OrderState::Refunded;
    }
    match node.return_status.as_deref() {
        Some("RETURN_REQUESTED" | "IN_PROGRESS") => return OrderState::ReturnRequested,
        Some("RETURNED" | "INSPECTION_COMPLETE") => return OrderState::Returned,
        _ => {}
    }
    let is_sent = node.display_fulfillment_status == "FULFILLED";
    if is_sent && !node.fulfillments.is_empty() && parcels().all(is_delivered) {
        return OrderState::Delivered;
    }
    if has_parcel(&["OUT_FOR_DELIVERY", "ATTEMPTED_DELIVERY"]) {
        return OrderState::OutForDelivery;
    }
    if is_sent || node.display_fulfillment_status == "PARTIALLY_FULFILLED" {
        let waits = ["CONFIRMED", "LABEL_PRINTED", "LABEL_PURCHASED", "SUBMITTED"];
        let only_waits = parcels().next().is_some() && parcels().all(|s| waits.contains(&s));
        return if only_waits { OrderState::Packed } else { OrderState::Shipped };
    }
    match (node.display_fulfillment_status.as_str(), financial) {
        ("IN_PROGRESS" | "PENDING_FULFILLMENT", _) => OrderState::Packed,
        (_, "PAID" | "PARTIALLY_REFUNDED") => OrderState::Paid,
        _ => OrderState::Placed,
    }
}
