//! The Durable Object of a shop's orders: the built-in table, the buckets of look-ups, and the way
//! to a shop's own system.

use aisle_core::protocol::{
    ErrorCode, ErrorDetail, MAX_LOOKUP_BYTES, MAX_ORDERS_BYTES, OrderLookup, OwnOrders,
};
use worker::durable::State;
use worker::{DurableObject, Env, Request, Response, Result, durable_object};

use super::orders_sql::SqlOrders;
use super::outbound::Outbound;
use super::timing::RuntimeClock;
use super::{
    Handled, ORDER_SECRET, address, admin, body, identity, inside, objects, order_secret, reply,
    report, settings, text_binding,
};
use crate::orders::{
    self, Guest, LookupError, OrderSecret, OrderSource, OrderTable, Origin, Shopify, Signed,
    SignedIn, SourceError, TableError, TableSource, history, look_up, own,
};
use crate::ports::Clock;
use crate::privacy::{OrdersCall, PATH};
use crate::routing::{Route, ShopRoute, route};
use crate::secrets;
use crate::shops::Shop;

/// Tokens and secrets of the shops' own systems.
pub(super) const CONNECTOR_KEYS: &str = "AISLE_CONNECTOR_KEYS";

/// Most orders of somebody that are handed out.
const MAX_EXPORTED: u32 = 1_000;

/// Loads a batch, for an administrator.
pub(super) async fn load(request: Request, env: &Env, shop: &str) -> Result<Handled> {
    if let Err(detail) = admin::admit_to(&request, env, shop)? {
        return Ok(Err(detail));
    }
    ask(request, env, shop).await.map(Ok)
}

/// Passes a request on to the shop's object.
pub(super) async fn ask(request: Request, env: &Env, shop: &str) -> Result<Response> {
    objects::orders(env, shop)?.fetch_with_request(request).await
}

/// The Durable Object of a shop's orders.
#[durable_object(fetch)]
pub struct Orders {
    env: Env,
    table: std::result::Result<SqlOrders, TableError>,
}

impl DurableObject for Orders {
    fn new(state: State, env: Env) -> Self {
        Self { env, table: SqlOrders::open(&state) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let url = request.url()?;
        if url.path() == PATH {
            return self.called(request).await;
        }
        let method = request.method();
        let handled = match route(method.as_ref(), url.path(), url.query()) {
            Ok(Route::LoadOrders { shop }) => self.load(request, shop).await?,
            Ok(Route::Shop { shop, what: ShopRoute::FindOrder }) => {
                self.find(request, shop).await?
            }
            Ok(Route::Shop { shop, what: ShopRoute::Purchases }) => {
                self.purchases(&request, shop).await?
            }
            Ok(Route::Shop { shop, what: ShopRoute::OwnOrders { number } }) => {
                self.own(&request, shop, number).await?
            }
            Ok(_) => Err(ErrorDetail::new(ErrorCode::NotFound, "not of the orders")),
            Err(detail) => Err(detail),
        };
        handled.or_else(reply::error)
    }
}

impl Orders {
    /// Answers another object. What is kept here is of the built-in table; what a shop's own system
    /// has is the shop's to delete.
    async fn called(&self, request: Request) -> Result<Response> {
        let asked: OrdersCall = inside::question(request).await?;
        let raised = |error: &TableError| worker::Error::RustError(error.to_string());
        let table = self.table.as_ref().map_err(raised)?;
        match asked {
            OrdersCall::Delete(subject) if subject.is_whole_shop => {
                inside::answer(&table.clear().map_err(|e| raised(&e))?)
            }
            OrdersCall::Delete(subject) => {
                inside::answer(&table.delete(&subject.owner).map_err(|e| raised(&e))?)
            }
            OrdersCall::Export(subject) => {
                let found = table.latest(&subject.owner, MAX_EXPORTED);
                let orders: Vec<String> =
                    found.map_err(|e| raised(&e))?.into_iter().map(|(_, order)| order).collect();
                inside::answer(&orders)
            }
        }
    }

    /// The table and the secret, without either of which nothing can be done.
    fn ready(&self) -> std::result::Result<(&SqlOrders, OrderSecret), LookupError> {
        let table = self.table.as_ref().map_err(|error| LookupError::from(error.clone()))?;
        let secret = order_secret(&self.env);
        let missing = || TableError(format!("{ORDER_SECRET} is missing or too short"));
        Ok((table, secret.ok_or_else(missing)?))
    }

    /// Where the shop's orders are.
    fn source<'a>(
        &self,
        shop: &str,
        settings: &Shop,
        table: &'a SqlOrders,
        secret: &OrderSecret,
    ) -> std::result::Result<Box<dyn OrderSource + 'a>, LookupError> {
        let key = || {
            let key = text_binding(&self.env, CONNECTOR_KEYS)
                .and_then(|json| secrets::of_shop(&json, shop));
            let missing = || SourceError::Network(format!("{CONNECTOR_KEYS} has no key for it"));
            key.ok_or_else(|| LookupError::Source(missing()))
        };
        let http = Outbound::of(&self.env);
        let (shop, secret, clock) = (shop.to_owned(), secret.clone(), RuntimeClock);
        Ok(match settings.orders.origin.clone() {
            Origin::Table => Box::new(TableSource(table)),
            Origin::Shopify { domain } => {
                Box::new(Shopify { http, clock, domain, token: key()?, shop, secret })
            }
            Origin::Http { url, .. } => {
                Box::new(Signed { http, clock, url, key: key()?, shop, secret })
            }
        })
    }

    async fn load(&self, request: Request, shop: &str) -> Result<Handled> {
        let body = match body::read(request, MAX_ORDERS_BYTES).await? {
            Ok(body) => body,
            Err(detail) => return Ok(Err(detail)),
        };
        let (table, secret) = match self.ready() {
            Ok(ready) => ready,
            Err(error) => return refused(&error),
        };
        let loaded = match orders::load(table, &secret, shop, &body) {
            Ok(loaded) => table.synced().await.map(|()| loaded),
            Err(error) => Err(error),
        };
        match loaded {
            Ok(loaded) => reply::json(200, &loaded).map(Ok),
            Err(error) => refused(&error.into()),
        }
    }

    async fn find(&self, request: Request, shop: &str) -> Result<Handled> {
        let address = address::of(&self.env, &request);
        let body = match body::read(request, MAX_LOOKUP_BYTES).await? {
            Ok(body) => body,
            Err(detail) => return Ok(Err(detail)),
        };
        let asked: OrderLookup = match serde_json::from_slice(&body) {
            Ok(asked) => asked,
            Err(_) => {
                let message = "the body is not {\"number\", \"email\"}";
                return Ok(Err(ErrorDetail::new(ErrorCode::MalformedRequest, message)));
            }
        };
        let settings = match settings::of_shop(&self.env, shop).await {
            Ok(known) => known.shop,
            Err(detail) => return Ok(Err(detail)),
        };
        let now_ms = RuntimeClock.now_ms();
        let guest = Guest { shop, address: &address, now_ms };
        let policy = settings.orders.policy();
        let found = match self.ready() {
            Ok((table, secret)) => match self.source(shop, &settings, table, &secret) {
                Ok(source) => look_up(table, &*source, &secret, policy, &guest, &asked).await,
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        match found {
            Ok(found) => reply::json(200, &found).map(Ok),
            Err(error) => refused(&error),
        }
    }

    async fn own(&self, request: &Request, shop: &str, number: Option<&str>) -> Result<Handled> {
        let settings = match settings::of_shop(&self.env, shop).await {
            Ok(known) => known.shop,
            Err(detail) => return Ok(Err(detail)),
        };
        let Some(customer) = identity::customer(request, &self.env, shop, &settings) else {
            return Ok(Err(crate::identity::required()));
        };
        let asks = SignedIn { shop, customer: &customer, now_ms: RuntimeClock.now_ms() };
        let policy = settings.orders.policy();
        // The one sign of a number that a path cannot hold.
        let number = number.map(|number| number.replace("%2F", "/"));
        let found = match self.ready() {
            Ok((table, secret)) => match self.source(shop, &settings, table, &secret) {
                Ok(source) => own(table, &*source, &secret, policy, &asks, number.as_deref()).await,
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        match found {
            Ok(orders) => reply::json(200, &OwnOrders { orders }).map(Ok),
            Err(error) => refused(&error),
        }
    }

    async fn purchases(&self, request: &Request, shop: &str) -> Result<Handled> {
        let settings = match settings::of_shop(&self.env, shop).await {
            Ok(known) => known.shop,
            Err(detail) => return Ok(Err(detail)),
        };
        let Some(customer) = identity::customer(request, &self.env, shop, &settings) else {
            return Ok(Err(crate::identity::required()));
        };
        let asks = SignedIn { shop, customer: &customer, now_ms: RuntimeClock.now_ms() };
        let found = match self.ready() {
            Ok((table, secret)) => match self.source(shop, &settings, table, &secret) {
                Ok(source) => history(table, &*source, &secret, &asks).await,
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        match found {
            Ok(found) => reply::json(200, &found).map(Ok),
            Err(error) => refused(&error),
        }
    }
}

/// What a failure is to the network; what exactly failed goes to the log.
fn refused(error: &LookupError) -> Result<Handled> {
    if let LookupError::Source(error) = error {
        report(&error.to_string());
    }
    match error {
        LookupError::Limited(wait_ms) => reply::limited(*wait_ms),
        _ => reply::error(error.into()),
    }
    .map(Ok)
}
