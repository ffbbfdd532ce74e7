//! The Durable Object of one conversation: the only one that writes to it.

use std::rc::Rc;

use aisle_core::protocol::{
    ErrorCode, ErrorDetail, EventId, MAX_TURN_BYTES, TurnRequest, validate_turn,
};
use futures_util::StreamExt;
use worker::durable::State;
use worker::{DurableObject, Env, Request, Response, Result, durable_object};

use super::desk::Who;
use super::provider::Provider;
use super::sql::SqlStore;
use super::timing::RuntimeClock;
use super::{artifacts, reply, report, shops};
use crate::agent::{Asked, answer, assignment, grounded};
use crate::conversation::{Begun, ConversationError, history, local_answer, without_personal_data};
use crate::ports::{Clock, Store, StoreError};
use crate::routing::{Route, ShopRoute, route};
use crate::turn::{Material, Turns};

/// The Durable Object of one conversation.
#[durable_object(fetch)]
pub struct Conversation {
    state: State,
    env: Env,
    store: SqlStore,
    turns: Turns<SqlStore, RuntimeClock>,
}

impl DurableObject for Conversation {
    fn new(state: State, env: Env) -> Self {
        let store = SqlStore::new(&state);
        let turns = Turns::new(store.clone(), RuntimeClock, report);
        Self { state, env, store, turns }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let url = request.url()?;
        let method = request.method();
        let handled = match route(method.as_ref(), url.path(), url.query()) {
            Ok(Route::Shop { shop, what }) => self.handle(request, shop, what).await?,
            Ok(_) => Err(ErrorDetail::new(ErrorCode::NotFound, "not a conversation's")),
            Err(detail) => Err(detail),
        };
        handled.or_else(reply::error)
    }
}

/// A reply, or what the request is refused for.
type Handled = std::result::Result<Response, ErrorDetail>;

impl Conversation {
    async fn handle(&self, request: Request, shop: &str, what: ShopRoute<'_>) -> Result<Handled> {
        match what {
            ShopRoute::Open => match self.store.open(RuntimeClock.now_ms()) {
                Ok(()) => reply::json(201, &serde_json::json!({})).map(Ok),
                Err(error) => Ok(Err(logged(error.into()))),
            },
            ShopRoute::Messages { after, .. } => match history(&self.store, after) {
                Ok(found) => reply::json(200, &found).map(Ok),
                Err(error) => Ok(Err(logged(error))),
            },
            ShopRoute::Turn { after, .. } => {
                let after = after.or(last_event_id(&request)?);
                let who = Who::of(&request, &self.env)?;
                let turn = match read_turn(request).await? {
                    Ok(turn) => turn,
                    Err(detail) => return Ok(Err(detail)),
                };
                self.turn(shop, &turn, after, who).await
            }
            ShopRoute::Resume { message_id, after, .. } => {
                let after = after.or(last_event_id(&request)?);
                match self.turns.resume(message_id, after) {
                    Ok(reader) => reply::events(reader.into_stream()).map(Ok),
                    Err(error) => Ok(Err(logged(error))),
                }
            }
            ShopRoute::Stop { message_id, .. } => match self.turns.stop(message_id).await {
                Ok(stopped) => reply::json(200, &stopped).map(Ok),
                Err(error) => Ok(Err(logged(error))),
            },
            ShopRoute::Profile
            | ShopRoute::FindOrder
            | ShopRoute::Purchases
            | ShopRoute::OwnOrders { .. } => {
                Ok(Err(ErrorDetail::new(ErrorCode::NotFound, "not a conversation's")))
            }
        }
    }

    async fn turn(
        &self,
        shop: &str,
        turn: &TurnRequest,
        after: Option<EventId>,
        who: Who,
    ) -> Result<Handled> {
        match self.store.is_open() {
            Ok(true) => {}
            Ok(false) => return Ok(Err(crate::routing::unknown_conversation())),
            Err(error) => return Ok(Err(logged(error.into()))),
        }
        let found = shops(&self.env).map(|all| all.find(shop).cloned());
        let settings = match found {
            Ok(Ok(found)) => found,
            Ok(Err(detail)) => return Ok(Err(detail)),
            Err(error) => {
                return Ok(Err(logged(ConversationError::Store(StoreError(error.to_string())))));
            }
        };
        // Before anything is written: without an index there is no answer to any turn.
        let index = match artifacts::index(&self.env, shop).await {
            Ok(index) => index,
            Err(detail) => return Ok(Err(detail)),
        };
        let name = &settings.name;
        let local = || turn.local.as_ref().map(|local| local_answer(name, &index, turn, local));
        let orders = who.orders(&self.env, shop, &settings, turn.email.as_deref());
        let material = |begun: &Begun| {
            let (shop, earlier) = (&settings, &begun.earlier[..]);
            let now_ms = RuntimeClock.now_ms();
            let asked = Asked { shop, index: &index, turn, earlier, now_ms };
            let grounding = asked.ground();
            let grounded = grounded(asked, &grounding);
            let model = Provider::of(&self.env)
                .map(|model| answer(Rc::new(model), assignment(asked, &grounding, orders)));
            Material { grounded, model }
        };
        let spawn = |task| self.state.wait_until(task);
        match self.turns.begin(turn, after, local, material, &spawn).await {
            Ok(reader) => reply::events(reader.into_stream()).map(Ok),
            Err(error) => Ok(Err(logged(error))),
        }
    }
}

/// What a failure is to the network; what exactly failed goes to the log.
fn logged(error: ConversationError) -> ErrorDetail {
    if let ConversationError::Store(error) = &error {
        report(&error.to_string());
    }
    error.into()
}

/// Where the client's reading was cut, as browsers tell it. What is no event id is none.
fn last_event_id(request: &Request) -> Result<Option<EventId>> {
    Ok(request.headers().get("last-event-id")?.and_then(|id| id.parse().ok()))
}

/// Reads the body of a turn, no more of it than allowed.
async fn read_turn(mut request: Request) -> Result<std::result::Result<TurnRequest, ErrorDetail>> {
    let too_long = || {
        let message = format!("the body has more than {MAX_TURN_BYTES} bytes");
        Ok(Err(ErrorDetail::new(ErrorCode::MessageTooLong, message)))
    };
    let mut body = Vec::new();
    let mut chunks = request.stream()?;
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk?);
        if body.len() > MAX_TURN_BYTES {
            return too_long();
        }
    }
    let turn: TurnRequest = match serde_json::from_slice(&body) {
        Ok(turn) => turn,
        Err(error) => {
            let message = format!("the body is not a turn: {error}");
            return Ok(Err(ErrorDetail::new(ErrorCode::MalformedRequest, message)));
        }
    };
    Ok(validate_turn(&turn).map(|()| without_personal_data(turn)))
}
