//! From a request to the part that answers it.

use aisle_core::protocol::{
    ConversationCreated, ErrorCode, ErrorDetail, PROTOCOL_VERSION, ShopProfile,
};
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Env, Request, Response, Result};

use super::gate::{self, Comer};
use super::{
    consent, files, identity, inside, keeping, objects, orders, privacy, reply, report, shops,
    webhook,
};
use crate::privacy::{ConversationCall, Opening};
use crate::routing::{Route, ShopRoute, route};
use crate::session::VISITOR_HEADER;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    /// A name that nobody can guess.
    pub(super) fn random_uuid() -> String;
}

/// Answers a request.
pub(super) async fn handle(request: Request, env: &Env) -> Result<Response> {
    let response = match answer(request, env).await? {
        Ok(response) => response,
        Err(detail) => reply::error(detail)?,
    };
    reply::readable(response)
}

async fn answer(request: Request, env: &Env) -> Result<std::result::Result<Response, ErrorDetail>> {
    let url = request.url()?;
    let method = request.method();
    let found = match route(method.as_ref(), url.path(), url.query()) {
        Ok(found) => found,
        Err(detail) => return Ok(Err(detail)),
    };
    match found {
        Route::Health => health(env).map(Ok),
        Route::Preflight => reply::preflight().map(Ok),
        Route::LoadOrders { shop } => orders::load(request, env, shop).await,
        Route::Privacy { shop, what } => privacy::handle(request, env, shop, what).await,
        Route::Webhook { shop } => webhook::receive(request, env, shop).await,
        Route::Site(path) => files::site(env, path).await.map(Ok),
        Route::Artifact { shop, file } => files::artifact(env, shop, file).await.map(Ok),
        Route::Shop { shop, what } => of_shop(request, env, shop, what).await,
    }
}

fn health(env: &Env) -> Result<Response> {
    match shops(env) {
        Ok(shops) => {
            let version = env!("CARGO_PKG_VERSION");
            let body = serde_json::json!({
                "status": "ok",
                "version": version,
                "protocol": PROTOCOL_VERSION,
                "shops": shops.len(),
                "unprotected": gate::unprotected(env),
            });
            reply::json(200, &body)
        }
        Err(error) => {
            report(&error.to_string());
            reply::json(503, &serde_json::json!({"status": "misconfigured"}))
        }
    }
}

async fn of_shop(
    request: Request,
    env: &Env,
    shop: &str,
    what: ShopRoute<'_>,
) -> Result<std::result::Result<Response, ErrorDetail>> {
    let shops = match shops(env) {
        Ok(shops) => shops,
        Err(error) => {
            report(&error.to_string());
            let message = "the worker's configuration cannot be read";
            return Ok(Err(ErrorDetail::new(ErrorCode::Internal, message)));
        }
    };
    let origin = request.headers().get("origin")?;
    let settings = match shops.find(shop) {
        Ok(settings) => settings,
        Err(detail) => return Ok(Err(detail)),
    };
    if let Err(detail) = settings.admit(origin.as_deref(), what.is_reading()) {
        return Ok(Err(detail));
    }
    if !matches!(what, ShopRoute::Profile | ShopRoute::FindOrder)
        && let Err(detail) = identity::admit(&request, env, shop, settings)
    {
        return Ok(Err(detail));
    }
    let comer = Comer { shop, limits: &settings.limits, origin: origin.as_deref() };
    let visitor = match what.action() {
        Some(action) => match gate::admit(&request, env, &comer, action).await? {
            Ok(visitor) => visitor,
            Err(refusal) => return Ok(Ok(refusal)),
        },
        None => String::new(),
    };
    match what {
        ShopRoute::Session => return gate::grant(&request, env, &comer).await,
        ShopRoute::FindOrder | ShopRoute::Purchases => orders::ask(request, env, shop).await,
        ShopRoute::Profile => reply::json(
            200,
            &ShopProfile {
                v: PROTOCOL_VERSION,
                name: settings.name.clone(),
                artifact: format!("/artifacts/{shop}"),
            },
        ),
        ShopRoute::Open => {
            let opening = Opening {
                shop: shop.to_owned(),
                conversation: random_uuid(),
                visitor,
                links: keeping::links(&request, env, shop),
                is_private: consent::is_refused(&request),
            };
            let conversation = opening.conversation.clone();
            let object = objects::conversation(env, shop, &conversation)?;
            let () = inside::call(&object, &ConversationCall::Open(opening)).await?;
            reply::json(201, &ConversationCreated { conversation })
        }
        ShopRoute::Turn { conversation, .. }
        | ShopRoute::Resume { conversation, .. }
        | ShopRoute::Stop { conversation, .. }
        | ShopRoute::Messages { conversation, .. }
        | ShopRoute::Delete { conversation } => {
            let request = in_the_name_of(&visitor, request)?;
            objects::conversation(env, shop, conversation)?.fetch_with_request(request).await
        }
    }
    .map(Ok)
}

/// The request as it is passed on to a conversation: with the visitor that the worker knows, never
/// with one that the network names.
fn in_the_name_of(visitor: &str, request: Request) -> Result<Request> {
    let mut named = request.clone_mut()?;
    named.headers_mut()?.set(VISITOR_HEADER, visitor)?;
    Ok(named)
}
