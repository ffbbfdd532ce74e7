//! The Durable Object of one conversation: the only one that writes to it.

use std::rc::Rc;

use aisle_core::protocol::{
    ErrorCode, ErrorDetail, EventId, MAX_TURN_BYTES, TurnRequest, validate_turn,
};
use worker::durable::State;
use worker::{DurableObject, Env, Request, Response, Result, durable_object};

use super::figures::count;
use super::keeping::Keeping;
use super::own_orders::Who;
use super::sql::SqlStore;
use super::tickets::ShopTeam;
use super::till::ShopTill;
use super::timing::RuntimeClock;
use super::usage_sql::SqlLedger;
use super::{Handled, artifacts, body, identity, provider, reply, report, settings};
use crate::agent::{Asked, answer, assignment, grounded};
use crate::conversation::{
    Begun, ConversationError, history, local_answer, without_page, without_personal_data,
};
use crate::holder::{Holder, claim};
use crate::limits::check_room;
use crate::ports::{Clock, Ledger, Store};
use crate::privacy::PATH;
use crate::routing::{Route, ShopRoute, route, unknown_conversation};
use crate::session::VISITOR_HEADER;
use crate::tools::Team;
use crate::turn::{Material, Turns, Watch};

/// Who is told of the answers.
const WATCH: Watch =
    Watch { report, count: |happening| count(|figures| figures.happened(happening)) };

/// The Durable Object of one conversation.
#[durable_object(alarm)]
pub struct Conversation {
    state: State,
    env: Env,
    store: SqlStore,
    keeping: Rc<Keeping>,
    turns: Rc<Turns<SqlStore, RuntimeClock>>,
    ledger: Rc<dyn Ledger>,
}

impl DurableObject for Conversation {
    fn new(state: State, env: Env) -> Self {
        let store = SqlStore::new(&state);
        let turns = Rc::new(Turns::new(store.clone(), RuntimeClock, WATCH));
        let ledger = SqlLedger::new(&state);
        let keeping = Rc::new(Keeping::new(&state, &env, &store, &ledger, &turns));
        Self { state, env, store, keeping, turns, ledger: Rc::new(ledger) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let url = request.url()?;
        if url.path() == PATH {
            return self.keeping.called(request).await;
        }
        let method = request.method();
        let handled = match route(method.as_ref(), url.path(), url.query()) {
            Ok(Route::Shop { shop, what }) => match self.admit(&request, shop, what).await {
                Ok(()) => self.handle(request, shop, what).await?,
                Err(error) => Err(logged(error)),
            },
            Ok(_) => Err(ErrorDetail::new(ErrorCode::NotFound, "not a conversation's")),
            Err(detail) => Err(detail),
        };
        handled.or_else(reply::error)
    }

    async fn alarm(&self) -> Result<Response> {
        self.keeping.alarm().await?;
        reply::json(200, &())
    }
}

impl Conversation {
    /// Refuses whoever asks for a conversation that is not theirs. One that a customer goes on with
    /// is that customer's from now on.
    async fn admit(
        &self,
        request: &Request,
        shop: &str,
        what: ShopRoute<'_>,
    ) -> std::result::Result<(), ConversationError> {
        let visitor = request.headers().get(VISITOR_HEADER).ok().flatten().unwrap_or_default();
        let customer = identity::customer_id(request, &self.env, shop).await;
        let asker = Holder { visitor, customer };
        if what.conversation().is_none() || !self.store.is_open()? {
            return Ok(());
        }
        if !self.store.holder()?.admits(&asker) {
            return Err(ConversationError::Refused(unknown_conversation()));
        }
        if matches!(what, ShopRoute::Turn { .. }) {
            claim(&self.store, &asker)?;
        }
        Ok(())
    }

    async fn handle(&self, request: Request, shop: &str, what: ShopRoute<'_>) -> Result<Handled> {
        match what {
            ShopRoute::Delete { .. } => match self.store.is_open() {
                Ok(true) => {
                    self.keeping.delete().await?;
                    reply::nothing().map(Ok)
                }
                Ok(false) => Ok(Err(unknown_conversation())),
                Err(error) => Ok(Err(logged(error.into()))),
            },
            ShopRoute::Messages { after, .. } => match history(&self.store, after) {
                Ok(found) => reply::json(200, &found).map(Ok),
                Err(error) => Ok(Err(logged(error))),
            },
            ShopRoute::Turn { conversation, after } => {
                let is_private = match self.keeping.attend(&request, shop).await {
                    Ok(is_private) => is_private,
                    Err(detail) => return Ok(Err(detail)),
                };
                let after = after.or(last_event_id(&request)?);
                let who = Who::of(&request, &self.env)?;
                let turn = match read_turn(request).await? {
                    Ok(turn) => turn,
                    Err(detail) => return Ok(Err(detail)),
                };
                let turn = if is_private { without_page(turn) } else { turn };
                self.turn((shop, conversation), &turn, after, who).await
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
            | ShopRoute::Open
            | ShopRoute::DeleteVisitor
            | ShopRoute::FindOrder
            | ShopRoute::Purchases
            | ShopRoute::OwnOrders { .. } => {
                Ok(Err(ErrorDetail::new(ErrorCode::NotFound, "not a conversation's")))
            }
        }
    }

    async fn turn(
        &self,
        (shop, conversation): (&str, &str),
        turn: &TurnRequest,
        after: Option<EventId>,
        who: Who,
    ) -> Result<Handled> {
        match self.store.is_open() {
            Ok(true) => {}
            Ok(false) => return Ok(Err(unknown_conversation())),
            Err(error) => return Ok(Err(logged(error.into()))),
        }
        let settings = match settings::of_shop(&self.env, shop).await {
            Ok(known) => known.shop,
            Err(detail) => return Ok(Err(detail)),
        };
        let most = settings.limits.messages_per_conversation;
        let room = check_room(&self.store, &turn.message_id, most);
        if let Err(error) = room {
            return Ok(Err(logged(error)));
        }
        // Before anything is written: without an index there is no answer to any turn.
        let index = match artifacts::index(&self.env, shop).await {
            Ok(index) => index,
            Err(detail) => return Ok(Err(detail)),
        };
        let local =
            || turn.local.as_ref().map(|local| local_answer(&settings, &index, turn, local));
        let email = turn.email.as_deref();
        let orders = who.orders(&self.env, shop, &settings, email, &self.keeping);
        let team: Rc<dyn Team> = Rc::new(ShopTeam {
            env: self.env.clone(),
            shop: shop.to_owned(),
            conversation: conversation.to_owned(),
        });
        let material = |begun: &Begun| {
            let earlier = &begun.earlier[..];
            let now_ms = RuntimeClock.now_ms();
            let asked = Asked { shop: &settings, index: &index, turn, earlier, now_ms };
            let grounding = asked.ground();
            let grounded = grounded(asked, &grounding);
            let till = Rc::new(ShopTill::of(&self.env, shop, settings.spend));
            let providers = settings.providers.as_deref();
            let model = provider::model(&self.env, providers, &self.ledger, &till).map(|model| {
                answer(Rc::new(model), assignment(asked, &grounding, orders, Some(team)))
            });
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
