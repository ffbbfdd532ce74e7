//! The orders of whoever asks in a conversation, from the object of the shop's orders.

use aisle_core::orders::{Email, OrderKey};
use aisle_core::protocol::{ErrorCode, OrderFound, OrderLookup, OwnOrders};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use std::rc::Rc;
use worker::{Env, Headers, Method, Request, RequestInit, Response, Result};

use super::address::ADDRESS_HEADER;
use super::keeping::Keeping;
use super::{ORDER_SECRET, identity, objects, report, text_binding};
use crate::identity::HEADER;
use crate::orders::{LookupError, SourceError};
use crate::shops::Shop;
use crate::tools::{OrderDesk, Orders};

/// Headers of a request that tell who asks.
pub(super) struct Who {
    token: Option<String>,
    address: Option<(String, String)>,
}

impl Who {
    /// Reads them before the body is.
    pub(super) fn of(request: &Request, env: &Env) -> Result<Self> {
        let headers = request.headers();
        let address = match text_binding(env, ADDRESS_HEADER) {
            Some(name) => headers.get(&name)?.map(|value| (name, value)),
            None => None,
        };
        Ok(Self { token: headers.get(HEADER)?, address })
    }

    /// What can be told of orders: to a customer with a valid token, or to a guest who gave an
    /// address in this turn.
    pub(super) fn orders(
        self,
        env: &Env,
        shop: &str,
        settings: &Shop,
        email: Option<&str>,
        keeping: &Rc<Keeping>,
    ) -> Orders {
        if text_binding(env, ORDER_SECRET).is_none() {
            return Orders::None;
        }
        let (env, shop) = (env.clone(), shop.to_owned());
        let is_customer =
            |token: &String| identity::of_token(token, &env, &shop, settings).is_some();
        if let Some(token) = self.token.filter(is_customer) {
            return Orders::Own(Rc::new(OfCustomer { env, shop, token }));
        }
        match email.filter(|email| Email::parse(email).is_some()) {
            Some(email) => {
                let email = email.to_owned();
                let (address, keeping) = (self.address, keeping.clone());
                Orders::Own(Rc::new(OfGuest { env, shop, email, address, keeping }))
            }
            None => Orders::Unproved,
        }
    }
}

struct OfCustomer {
    env: Env,
    shop: String,
    token: String,
}

impl OfCustomer {
    fn get(
        &self,
        rest: String,
    ) -> LocalBoxFuture<'static, std::result::Result<Vec<OrderFound>, LookupError>> {
        let (env, shop, token) = (self.env.clone(), self.shop.clone(), self.token.clone());
        Box::pin(async move {
            let path = format!("customer/orders{rest}");
            let headers = Headers::new();
            let set = headers.set(HEADER, &token);
            let found: OwnOrders = asked(set, &env, &shop, &path, headers, None).await?;
            Ok(found.orders)
        })
    }
}

impl OrderDesk for OfCustomer {
    fn find(
        &self,
        number: &str,
    ) -> LocalBoxFuture<'static, std::result::Result<OrderFound, LookupError>> {
        let Some(key) = OrderKey::parse(number) else {
            return Box::pin(async { Err(LookupError::Unknown) });
        };
        let found = self.get(format!("/{}", key.as_str().replace('/', "%2F")));
        Box::pin(async move { found.await?.into_iter().next().ok_or(LookupError::Unknown) })
    }

    fn latest(&self) -> LocalBoxFuture<'static, std::result::Result<Vec<OrderFound>, LookupError>> {
        self.get(String::new())
    }
}

struct OfGuest {
    env: Env,
    shop: String,
    email: String,
    address: Option<(String, String)>,
    /// Of the conversation in which the guest asks.
    keeping: Rc<Keeping>,
}

impl OrderDesk for OfGuest {
    fn find(
        &self,
        number: &str,
    ) -> LocalBoxFuture<'static, std::result::Result<OrderFound, LookupError>> {
        let (env, shop, address) = (self.env.clone(), self.shop.clone(), self.address.clone());
        let lookup = OrderLookup { number: number.to_owned(), email: self.email.clone() };
        let keeping = self.keeping.clone();
        Box::pin(async move {
            let headers = Headers::new();
            let set = address.map_or(Ok(()), |(name, value)| headers.set(&name, &value));
            let body = serde_json::to_string(&lookup).ok();
            let found = asked(set, &env, &shop, "orders/lookup", headers, body).await?;
            // What is told now is of a person: it must be found when that person asks for it.
            keeping.prove(&lookup.email).await.map_err(failed)?;
            Ok(found)
        })
    }

    /// A guest proves one order, by its number.
    fn latest(&self) -> LocalBoxFuture<'static, std::result::Result<Vec<OrderFound>, LookupError>> {
        Box::pin(async { Ok(vec![]) })
    }
}

/// The reply of the shop's object; `set` is whether the headers could be set.
async fn asked<T: DeserializeOwned>(
    set: Result<()>,
    env: &Env,
    shop: &str,
    path: &str,
    headers: Headers,
    body: Option<String>,
) -> std::result::Result<T, LookupError> {
    set.map_err(failed)?;
    let mut response = send(env, shop, path, headers, body).await.map_err(failed)?;
    match response.status_code() {
        200 => response.json().await.map_err(failed),
        status if status == ErrorCode::UnknownOrder.http_status() => Err(LookupError::Unknown),
        status if status == ErrorCode::RateLimited.http_status() => Err(LookupError::Limited(0)),
        status => Err(failed(worker::Error::RustError(format!("the orders answered {status}")))),
    }
}

fn failed(error: worker::Error) -> LookupError {
    report(&error.to_string());
    LookupError::Source(SourceError::Network("an object of the shop".to_owned()))
}

async fn send(
    env: &Env,
    shop: &str,
    path: &str,
    headers: Headers,
    body: Option<String>,
) -> Result<Response> {
    let mut init = RequestInit::new();
    init.with_method(if body.is_some() { Method::Post } else { Method::Get });
    init.with_headers(headers);
    init.with_body(body.map(Into::into));
    // The host of a request to an object leads nowhere.
    let request = Request::new_with_init(&format!("http://orders/v1/shops/{shop}/{path}"), &init)?;
    objects::orders(env, shop)?.fetch_with_request(request).await
}
