//! The conversation on the edge worker: created, read, and continued by turns whose answers are
//! streamed.

use std::cell::RefCell;
use std::rc::Rc;

use aisle_core::chat::{Event, HistoryError, TurnError};
use aisle_core::protocol::{ErrorCode, EventId, Purchase, StreamEvent, TurnRequest};
use aisle_core::sse::Decoder;
use gloo::timers::callback::Timeout;
use js_sys::{JSON, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, Response};
use yew::Callback;

use super::{http, session, spawn};
use crate::app::Msg;
use crate::boundary::property;
use crate::config::Config;
use crate::wire::{created_conversation, history, purchases, stream_event, turn_request};

/// How long the reply may take to begin, in milliseconds: the worker sends its headers at once.
const REPLY_MS: u32 = 20_000;
/// How long a reply that has begun may be silent, in milliseconds. The worker writes a heartbeat
/// every 150 ms where it has nothing to say, so the connection is dead; the chat takes the answer
/// up again where it was cut.
const SILENCE_MS: u32 = 8_000;

/// Asks for the visitor's session before the first request needs it.
pub(super) fn begin_session(config: Rc<Config>) {
    spawn(async move {
        session::token(&config, false).await;
    });
}

/// Asks for a conversation.
pub(super) fn create_conversation(config: Rc<Config>, dispatch: Callback<Msg>) {
    spawn(async move {
        let reply = http::json(&config, "POST", "/conversations").await;
        let id = reply.and_then(|reply| created_conversation(&reply).ok_or(TurnError::Network));
        dispatch.emit(Msg::Chat(match id {
            Ok(id) => Event::ConversationCreated(id),
            Err(error) => Event::ConversationFailed(error),
        }));
    });
}

/// Asks for the messages above `after`.
pub(super) fn fetch_history(
    config: Rc<Config>,
    conversation: String,
    after: u32,
    dispatch: Callback<Msg>,
) {
    spawn(async move {
        let path = ["/conversations/", &conversation, "/messages?after=", &after.to_string()];
        let reply = http::json(&config, "GET", &path.concat()).await;
        let history = reply.and_then(|reply| history(&reply).ok_or(TurnError::Network));
        dispatch.emit(Msg::Chat(match history {
            Ok(history) => Event::HistoryLoaded { conversation, history },
            Err(error) => Event::HistoryFailed { conversation, error: history_error(&error) },
        }));
    });
}

/// Tells that an answer is not wanted any more. If that does not arrive, the closed connection says
/// the same.
pub(super) fn stop(config: Rc<Config>, conversation: String, message_id: String) {
    spawn(async move {
        let path = ["/conversations/", &conversation, "/turns/", &message_id, "/stop"];
        let _ = http::command(&config, "POST", &path.concat()).await;
    });
}

/// Has a conversation deleted. One that the worker does not know is as good as deleted.
pub(super) fn delete(config: Rc<Config>, conversation: String, dispatch: Callback<Msg>) {
    spawn(async move {
        let path = ["/conversations/", &conversation].concat();
        let is_deleted = match http::command(&config, "DELETE", &path).await {
            Ok(()) => true,
            Err(error) => history_error(&error) == HistoryError::UnknownConversation,
        };
        dispatch.emit(Msg::Chat(Event::DeletionEnded { is_deleted }));
    });
}

/// Asks what a signed-in customer bought, if there is one. Without it recommendations rest on what
/// the page tells.
pub(super) fn fetch_purchases(config: Rc<Config>, bought: Rc<RefCell<Vec<Purchase>>>) {
    if config.customer().is_none() {
        return;
    }
    spawn(async move {
        if let Ok(reply) = http::json(&config, "GET", "/customer/history").await {
            let found = purchases(&reply);
            if !found.is_empty() {
                bought.replace(found);
            }
        }
    });
}

fn history_error(error: &TurnError) -> HistoryError {
    match error {
        TurnError::Refused(detail) if detail.code == ErrorCode::UnknownConversation => {
            HistoryError::UnknownConversation
        }
        _ => HistoryError::Unavailable,
    }
}

struct OpenTurn {
    message_id: String,
    controller: AbortController,
}

/// The turns whose connections are open. Ends them when it is dropped.
#[derive(Default)]
pub(super) struct Turns {
    open: Rc<RefCell<Vec<OpenTurn>>>,
}

impl Turns {
    /// Sends a turn and reports its frames and its end.
    pub(super) fn post(
        &self,
        config: Rc<Config>,
        conversation: String,
        turn: TurnRequest,
        dispatch: Callback<Msg>,
    ) {
        let path = ["/conversations/", &conversation, "/turns"].concat();
        let asked = Asked { path, body: Some(turn_request(&turn)), delay_ms: 0 };
        self.follow(config, turn.message_id, asked, dispatch);
    }

    /// Goes on with an answer, and reports its frames and its end.
    pub(super) fn resume(
        &self,
        config: Rc<Config>,
        path: String,
        message_id: String,
        delay_ms: u32,
        dispatch: Callback<Msg>,
    ) {
        self.follow(config, message_id, Asked { path, body: None, delay_ms }, dispatch);
    }

    fn follow(
        &self,
        config: Rc<Config>,
        message_id: String,
        asked: Asked,
        dispatch: Callback<Msg>,
    ) {
        let Ok(controller) = AbortController::new() else {
            let error = Some(TurnError::Network);
            return dispatch.emit(Msg::Chat(Event::TurnEnded { message_id, error }));
        };
        let opened = OpenTurn { message_id: message_id.clone(), controller: controller.clone() };
        self.open.borrow_mut().push(opened);
        let open = self.open.clone();
        let delay_ms = asked.delay_ms;
        let task = async move {
            // An aborted turn reports nothing: the same message may be on its way again.
            let place = || open.borrow().iter().position(|turn| turn.controller == controller);
            let on_frame = |(id, event)| {
                if place().is_some() {
                    let message_id = message_id.clone();
                    dispatch.emit(Msg::Chat(Event::Streamed { message_id, id, event }));
                }
            };
            let error = stream(&config, &asked, &controller, on_frame).await.err();
            let at = place();
            if let Some(at) = at {
                open.borrow_mut().remove(at);
                dispatch.emit(Msg::Chat(Event::TurnEnded { message_id, error }));
            }
        };
        if delay_ms == 0 {
            spawn(task);
        } else {
            Timeout::new(delay_ms, move || spawn(task)).forget();
        }
    }

    /// Closes the connection of a turn.
    pub(super) fn abort(&self, message_id: &str) {
        self.open.borrow_mut().retain(|turn| {
            let is_other = turn.message_id != message_id;
            if !is_other {
                turn.controller.abort();
            }
            is_other
        });
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        for turn in self.open.take() {
            turn.controller.abort();
        }
    }
}

/// What is asked of the worker, and when.
struct Asked {
    path: String,
    /// Of a request that sends something.
    body: Option<String>,
    delay_ms: u32,
}

async fn stream(
    config: &Rc<Config>,
    asked: &Asked,
    controller: &AbortController,
    on_frame: impl Fn((Option<EventId>, StreamEvent)),
) -> Result<(), TurnError> {
    let watch = |ms| {
        let controller = controller.clone();
        Timeout::new(ms, move || controller.abort())
    };
    let mut watched = watch(REPLY_MS);
    let body = asked.body.as_deref();
    let method = if body.is_some() { "POST" } else { "GET" };
    let response = http::send(config, method, &asked.path, body, &controller.signal()).await?;
    let reader = reader(&response).ok_or(TurnError::Network)?;
    let mut decoder = Decoder::new();
    loop {
        let read = JsFuture::from(reader.read()).await.map_err(|_| TurnError::Network)?;
        watched.cancel();
        watched = watch(SILENCE_MS);
        let Some(chunk) = property(&read, "value") else { return Ok(()) };
        let chunk: Uint8Array = chunk.dyn_into().map_err(|_| TurnError::Network)?;
        let frames = decoder.push(&chunk.to_vec()).map_err(|_| TurnError::Network)?;
        // What this version does not know is passed over.
        let events = frames.iter().filter_map(|frame| {
            Some((frame.id.parse().ok(), stream_event(&JSON::parse(&frame.data).ok()?)?))
        });
        events.for_each(&on_frame);
    }
}

fn reader(response: &Response) -> Option<ReadableStreamDefaultReader> {
    response.body()?.get_reader().dyn_into().ok()
}
