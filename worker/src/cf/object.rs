//! The Durable Object of one conversation: the only one that writes to it.

use std::cell::Cell;
use std::rc::Rc;

use aisle_core::answer::{PromptParts, Surroundings, compose, ground_in, prompt};
use aisle_core::protocol::{
    ErrorCode, ErrorDetail, MAX_TURN_BYTES, MessageStatus, TurnRequest, validate_turn,
};
use futures_util::StreamExt;
use worker::durable::State;
use worker::{DurableObject, Env, Request, Response, Result, durable_object};

use super::sql::SqlStore;
use super::timing::RuntimeClock;
use super::usage_sql::SqlLedger;
use super::{artifacts, provider, reply, report, shops};
use crate::checking::facts;
use crate::conversation::{
    ConversationError, begin, history, local_answer, question, without_personal_data,
};
use crate::ports::{Clock, Ledger, Model, Store, StoreError};
use crate::routing::{Route, ShopRoute, route};
use crate::shops::Shop;
use crate::turn::{Answering, Material, Writing};

/// How long a turn waits for the one before it to end, in milliseconds, and how often it looks.
/// A shopper who stops an answer and asks again is faster than the news of the closed connection.
const WAIT_MS: u64 = 2_000;
const LOOK_MS: u32 = 40;

/// The Durable Object of one conversation.
#[durable_object(fetch)]
pub struct Conversation {
    env: Env,
    store: SqlStore,
    ledger: Rc<dyn Ledger>,
    place: Rc<Cell<bool>>,
}

impl DurableObject for Conversation {
    fn new(state: State, env: Env) -> Self {
        let store = SqlStore::new(&state);
        // Whoever was writing before this object came to be is gone with the one before it.
        let ended = store
            .is_open()
            .and_then(|is_open| if is_open { store.end_interrupted() } else { Ok(()) });
        if let Err(error) = ended {
            report(&error.to_string());
        }
        let ledger = Rc::new(SqlLedger::new(&state));
        Self { env, store, ledger, place: Rc::default() }
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
            ShopRoute::Turn { .. } => {
                let turn = match read_turn(request).await? {
                    Ok(turn) => turn,
                    Err(detail) => return Ok(Err(detail)),
                };
                self.turn(shop, &turn).await
            }
            ShopRoute::Profile | ShopRoute::FindOrder | ShopRoute::Purchases => {
                Ok(Err(ErrorDetail::new(ErrorCode::NotFound, "not a conversation's")))
            }
        }
    }

    async fn turn(&self, shop: &str, turn: &TurnRequest) -> Result<Handled> {
        match self.store.is_open() {
            Ok(true) => {}
            Ok(false) => return Ok(Err(crate::routing::unknown_conversation())),
            Err(error) => return Ok(Err(logged(error.into()))),
        }
        let found = shops(&self.env).map(|all| all.find(shop).cloned());
        let Shop { name, origins, providers, .. } = match found {
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
        let Some(writing) = self.claim().await else {
            let message = "another answer of this conversation is being written";
            return Ok(Err(ErrorDetail::new(ErrorCode::Busy, message)));
        };
        let mut begun = match begin(&self.store, turn, RuntimeClock.now_ms()) {
            Ok(begun) => begun,
            Err(error) => return Ok(Err(logged(error))),
        };
        if let Some(local) = turn.local.as_ref().filter(|_| !begun.is_answered()) {
            let answer = local_answer(&name, &index, turn, local);
            begun.answer.status = MessageStatus::Complete;
            begun.answer.text = answer.text;
            begun.answer.sources = answer.sources;
            begun.answer.products = answer.products;
            if let Err(error) = self.store.update(&begun.answer) {
                return Ok(Err(logged(error.into())));
            }
        }
        let store = self.store.clone();
        if begun.is_answered() {
            let again = Answering::replay(store, RuntimeClock, begun, report);
            return reply::events(again.into_stream()).map(Ok);
        }
        let question = question(turn);
        let earlier = &begun.earlier[..];
        let around = Surroundings { page: turn.page.as_deref(), cart: &turn.cart, earlier };
        let grounding = ground_in(&index, &question, &around);
        let parts = PromptParts {
            shop: &name,
            rules: "",
            earlier,
            question: &question,
            grounding: &grounding,
        };
        let material = Material {
            prompt: prompt(&parts).messages,
            grounded: compose(&name, &question, &grounding),
            facts: facts(&name, &origins, &index, &grounding, earlier, question.text),
        };
        let model = provider::model(&self.env, providers.as_deref(), &self.ledger);
        let model = model.as_ref().map(|model| model as &dyn Model);
        let answering =
            Answering::new(store, RuntimeClock, begun, material, model, writing, report);
        reply::events(answering.into_stream()).map(Ok)
    }

    /// Waits a little for the place of the writer.
    async fn claim(&self) -> Option<Writing> {
        let until_ms = RuntimeClock.now_ms() + WAIT_MS;
        loop {
            if let Some(writing) = Writing::claim(&self.place) {
                return Some(writing);
            }
            if RuntimeClock.now_ms() >= until_ms {
                return None;
            }
            RuntimeClock.sleep(LOOK_MS).await;
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
