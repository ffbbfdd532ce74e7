//! The Durable Object of one conversation: the only one that writes to it.

use std::rc::Rc;

use aisle_core::protocol::{
    ErrorCode, ErrorDetail, EventId, MAX_TURN_BYTES, TurnRequest, validate_turn,
};
use worker::durable::State;
use worker::{DurableObject, Env, Request, Response, Result, durable_object};

use super::desk::Who;
use super::provider::Provider;
use super::sql::SqlStore;
use super::timing::RuntimeClock;
use super::{artifacts, body, reply, report, shops};
use crate::agent::{Asked, answer, assignment, grounded};
use crate::conversation::{Begun, ConversationError, history, local_answer, without_personal_data};
use crate::holder::Holder;
use crate::limits::check_room;
use crate::ports::{Clock, Store, StoreError};
use crate::routing::{Route, ShopRoute, route, unknown_conversation};
use crate::session::VISITOR_HEADER;
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
            Ok(Route::Shop { shop, what }) => match self.asker(&request, what) {
                Ok(asker) => self.handle(request, shop, what, &asker).await?,
                Err(error) => Err(logged(error)),
            },
            Ok(_) => Err(ErrorDetail::new(ErrorCode::NotFound, "not a conversation's")),
            Err(detail) => Err(detail),
        };
        handled.or_else(reply::error)
    }
}

/// A reply, or what the request is refused for.
type Handled = std::result::Result<Response, ErrorDetail>;

impl Conversation {
    /// Who asks, if the conversation is theirs or is to be opened for them.
    fn asker(
        &self,
        request: &Request,
        what: ShopRoute<'_>,
    ) -> std::result::Result<Holder, ConversationError> {
        let visitor = request.headers().get(VISITOR_HEADER).ok().flatten().unwrap_or_default();
        let asker = Holder { visitor };
        if what.conversation().is_some()
            && self.store.is_open()?
            && !self.store.holder()?.admits(&asker)
        {
            return Err(ConversationError::Refused(unknown_conversation()));
        }
        Ok(asker)
    }

    async fn handle(
        &self,
        request: Request,
        shop: &str,
        what: ShopRoute<'_>,
        asker: &Holder,
    ) -> Result<Handled> {
        match what {
            ShopRoute::Open => match self.store.open(RuntimeClock.now_ms(), asker) {
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
            | ShopRoute::Session
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
            Ok(false) => return Ok(Err(unknown_conversation())),
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
        let room =
            check_room(&self.store, &turn.message_id, settings.limits.messages_per_conversation);
        if let Err(error) = room {
            return Ok(Err(logged(error)));
        }
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
async fn read_turn(request: Request) -> Result<std::result::Result<TurnRequest, ErrorDetail>> {
    let body = match body::read(request, MAX_TURN_BYTES).await? {
        Ok(body) => body,
        Err(detail) => return Ok(Err(detail)),
    };
    let turn: TurnRequest = match serde_json::from_slice(&body) {
        Ok(turn) => turn,
        Err(error) => {
            let message = format!("the body is not a turn: {error}");
            return Ok(Err(ErrorDetail::new(ErrorCode::MalformedRequest, message)));
        }
    };
    Ok(validate_turn(&turn).map(|()| without_personal_data(turn)))
}
