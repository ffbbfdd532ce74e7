//! Orders of a Shopify shop, by its Admin GraphQL interface.
//!
//! Source: Shopify's reference of the query `orders`, of the objects `Order` and `Fulfillment` and
//! their display states, and of its rate limits by cost. It needs the scopes `read_orders` and
//! `read_customers`.

mod reply;

use aisle_core::orders::OrderKey;
use futures_util::future::LocalBoxFuture;
use serde_json::json;

use super::http::ask;
use super::{Asker, Found, Http, HttpRequest, OrderSecret, OrderSource, SourceError};
use crate::ports::Clock;

/// Version of the interface.
const API_VERSION: &str = "2026-10";
/// Most orders in one question: its cost is bounded, and a shopper's latest are wanted.
const MAX_ORDERS: u32 = 25;
/// What is asked of an order.
const QUERY: &str = "query Orders($query: String!, $first: Int!) { \
    orders(first: $first, query: $query, sortKey: CREATED_AT, reverse: true) { nodes { \
    name email createdAt cancelledAt currencyCode displayFinancialStatus \
    displayFulfillmentStatus returnStatus customer { id } \
    currentTotalPriceSet { shopMoney { amount } } \
    totalShippingPriceSet { shopMoney { amount } } \
    totalDiscountsSet { shopMoney { amount } } \
    lineItems(first: 50) { nodes { sku title quantity \
    originalUnitPriceSet { shopMoney { amount } } } } \
    fulfillments(first: 5) { createdAt deliveredAt estimatedDeliveryAt displayStatus \
    trackingInfo(first: 5) { company number url } } } } }";

/// A Shopify shop.
pub struct Shopify<H, C> {
    /// The network.
    pub http: H,
    /// Time to wait.
    pub clock: C,
    /// Such as `my-shop.myshopify.com`.
    pub domain: String,
    /// The access token of the shop's own app.
    pub token: String,
    /// The shop.
    pub shop: String,
    /// For the hashes of addresses.
    pub secret: OrderSecret,
}

impl<H: Http, C: Clock> Shopify<H, C> {
    async fn ask(&self, query: String, first: u32) -> Result<Vec<Found>, SourceError> {
        let body = json!({"query": QUERY, "variables": {"query": query, "first": first}});
        let request = HttpRequest {
            url: format!("https://{}/admin/api/{API_VERSION}/graphql.json", self.domain),
            headers: vec![("x-shopify-access-token", self.token.clone())],
            body: body.to_string(),
        };
        let read = |body: &[u8]| reply::read(body, &self.shop, &self.secret);
        ask(&self.http, &self.clock, request, read).await
    }
}

impl<H: Http, C: Clock> OrderSource for Shopify<H, C> {
    fn find<'a>(
        &'a self,
        key: &'a OrderKey,
        asker: &'a Asker,
    ) -> LocalBoxFuture<'a, Result<Option<Found>, SourceError>> {
        // Neither a key nor an address can hold a quote. The search is by words and not exact:
        // what it finds is compared afterwards.
        let mut query = format!("name:\"{}\"", key.as_str());
        if let Some((email, _)) = &asker.email {
            query += &format!(" AND email:\"{}\"", email.as_str());
        }
        Box::pin(async move {
            let found = self.ask(query, MAX_ORDERS).await?;
            Ok(found.into_iter().find(|found| {
                let is_asked = OrderKey::parse(&found.order.number).as_ref() == Some(key);
                is_asked && asker.owns(&found.owner)
            }))
        })
    }

    fn of<'a>(
        &'a self,
        asker: &'a Asker,
        limit: u32,
    ) -> LocalBoxFuture<'a, Result<Vec<Found>, SourceError>> {
        // The number of a customer, whose whole id begins with gid://shopify/Customer/.
        let number = asker.customer.as_deref().map(reply::customer_number);
        let is_number = |n: &&str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
        let query = match (number.filter(is_number), &asker.email) {
            (Some(number), _) => Some(format!("customer_id:{number}")),
            (None, Some((email, _))) => Some(format!("email:\"{}\"", email.as_str())),
            (None, None) => None,
        };
        Box::pin(async move {
            let Some(query) = query else { return Ok(vec![]) };
            let found = self.ask(query, limit.min(MAX_ORDERS)).await?;
            Ok(found.into_iter().filter(|found| asker.owns(&found.owner)).collect())
        })
    }
}

#[cfg(test)]
mod tests;
