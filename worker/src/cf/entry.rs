//! From a request to the part that answers it.

use aisle_core::protocol::{ConversationCreated, PROTOCOL_VERSION, ShopProfile};
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Env, Request, Response, Result};

use super::gate::{self, Comer};
use super::timing::RuntimeClock;
use super::{
    Handled, admin, consent, figures, files, health, identity, inside, keeping, objects, orders,
    privacy, reply, settings, webhook,
};
use crate::access_log::{self, Line, REQUEST_ID_HEADER, request_id};
use crate::admin::integrity;
use crate::holder::Holder;
use crate::ports::Clock;
use crate::privacy::{ConversationCall, Opening};
use crate::routing::{Route, ShopRoute, route};
use crate::session::VISITOR_HEADER;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    /// A name that nobody can guess.
    pub(super) fn random_uuid() -> String;
}

/// Answers a request, and leaves a line in the log.
pub(super) async fn handle(request: Request, env: &Env) -> Result<Response> {
    let came_ms = RuntimeClock.now_ms();
    let given = request.headers().get(REQUEST_ID_HEADER)?;
    let id = request_id(given.as_deref()).map_or_else(random_uuid, str::to_owned);
    let (url, method) = (request.url()?, request.method());
    let routed = route(method.as_ref(), url.path(), url.query());
    let (shop, operation) = match &routed {
        // A shop that is not served is somebody's text.
        Ok(found) => (
            found.shop().filter(|shop| settings::base(env, shop).is_ok()).map(str::to_owned),
            found.operation(),
        ),
        Err(_) => (None, ("ANY", "none")),
    };
    let response = match routed {
        Ok(found) => answer(request, env, found).await?,
        Err(detail) => Err(detail),
    };
    let response = match response {
        Ok(response) => response,
        Err(detail) => reply::error(detail)?,
    };
    let (status, (method, route)) = (response.status_code(), operation);
    figures::answered(method, route, status);
    let duration_ms = RuntimeClock.now_ms().saturating_sub(came_ms);
    let level = access_log::level(status);
    let shop = shop.as_deref();
    let line =
        Line { time_ms: came_ms, level, request_id: &id, shop, method, route, status, duration_ms };
    worker::console_log!("{}", line.render());
    reply::open_to_pages(response, &id)
}

async fn answer(request: Request, env: &Env, found: Route<'_>) -> Result<Handled> {
    match found {
        Route::Health => health::answer(env).await.map(Ok),
        Route::Preflight => reply::preflight().map(Ok),
        Route::LoadOrders { shop } => orders::load(request, env, shop).await,
        Route::Metrics => match admin::admit(&request, env, None)? {
            Ok(()) => figures::reply().map(Ok),
            Err(detail) => Ok(Err(detail)),
        },
        Route::Description => reply::description().map(Ok),
        Route::AdminShops => admin::list(&request, env),
        Route::Admin { shop, what } => admin::handle(request, env, shop, what).await,
        Route::PublishedArtifact { shop, id, file } => {
            files::published(env, shop, id, file).await.map(Ok)
        }
        Route::Privacy { shop, what } => privacy::handle(request, env, shop, what).await,
        Route::Webhook { shop } => webhook::receive(request, env, shop).await,
        Route::Site(path) => files::site(env, path).await.map(Ok),
        Route::Artifact { shop, file } => files::artifact(env, shop, file).await.map(Ok),
        Route::Shop { shop, what } => of_shop(request, env, shop, what).await,
    }
}

async fn of_shop(request: Request, env: &Env, shop: &str, what: ShopRoute<'_>) -> Result<Handled> {
    let origin = request.headers().get("origin")?;
    let known = match settings::of_shop(env, shop).await {
        Ok(known) => known,
        Err(detail) => return Ok(Err(detail)),
    };
    let settings = &*known.shop;
    if let Err(detail) = settings.admit(origin.as_deref(), what.is_reading()) {
        return Ok(Err(detail));
    }
    if !matches!(what, ShopRoute::Profile)
        && let Err(detail) = identity::admit(&request, env, shop, settings)
    {
        return Ok(Err(detail));
    }
    let comer = Comer {
        shop,
        limits: &settings.limits,
        origin: origin.as_deref(),
        work_bits: settings.proof_of_work_bits,
    };
    let visitor = match what.action() {
        Some(action) => match gate::admit(&request, env, &comer, action).await? {
            Ok(visitor) => visitor,
            Err(refusal) => return Ok(Ok(refusal)),
        },
        None => String::new(),
    };
    match what {
        ShopRoute::Session => return gate::grant(request, env, &comer).await,
        ShopRoute::DeleteVisitor => {
            let customer = identity::customer(&request, env, shop, settings);
            let customer = customer.map_or_else(String::new, |customer| customer.id);
            let links = keeping::links(&request, env, shop);
            return privacy::delete_own(env, shop, Holder { visitor, customer }, links).await;
        }
        ShopRoute::FindOrder | ShopRoute::Purchases | ShopRoute::OwnOrders { .. } => {
            orders::ask(request, env, shop).await
        }
        ShopRoute::Profile => reply::json(
            200,
            &ShopProfile {
                v: PROTOCOL_VERSION,
                name: settings.name.clone(),
                artifact: match &known.artifact {
                    Some(published) => format!("/artifacts/{shop}/{}", published.id),
                    None => format!("/artifacts/{shop}"),
                },
                integrity: known.artifact.as_deref().map(integrity).unwrap_or_default(),
            },
        ),
        ShopRoute::Open => {
            let opening = Opening {
                shop: shop.to_owned(),
                conversation: random_uuid(),
                visitor,
                customer: identity::customer(&request, env, shop, settings)
                    .map_or_else(String::new, |customer| customer.id),
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
