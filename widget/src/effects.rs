//! Runs what the chat asks for and feeds back what comes of it.

mod cart;
mod engine;
mod http;
mod page;
mod proof;
mod session;
mod storage;
mod turns;

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use aisle_core::chat::{Effect, Event};
use aisle_core::protocol::{EngineRequest, Purchase, Signals};
use gloo::timers::callback::Timeout;
use yew::Callback;

use crate::app::Msg;
use crate::config::Config;
use crate::links;
use cart::Cart;
use engine::Engine;
use turns::Turns;

pub(crate) use storage::{CONVERSATION, recall};

/// Products that are recommended before anything is said.
const RECOMMENDATIONS: u32 = 4;

/// Everything that effects need between two of them.
pub(crate) struct Effects {
    config: Rc<Config>,
    dispatch: Callback<Msg>,
    cart: Cart,
    engine: Engine,
    turns: Turns,
    /// What the shopper bought, as the page or the worker tells.
    bought: Rc<RefCell<Vec<Purchase>>>,
}

impl Effects {
    /// Effects that report to `dispatch`.
    pub(crate) fn new(config: Rc<Config>, dispatch: Callback<Msg>) -> Self {
        let bought = Rc::new(RefCell::new(config.history.clone()));
        Self {
            config,
            dispatch,
            cart: Cart::default(),
            engine: Engine::default(),
            turns: Turns::default(),
            bought,
        }
    }

    /// Looks at the cart again: the shopper may have changed it on the page.
    pub(crate) fn read_cart(&self) {
        self.cart.read(self.config.clone());
    }

    /// Runs one effect. Those of the view, focus and announcements, are not for here.
    pub(crate) fn run(&mut self, effect: Effect) {
        let (config, dispatch) = (self.config.clone(), self.dispatch.clone());
        match effect {
            Effect::LoadEngine => {
                turns::begin_session(config.clone());
                turns::fetch_purchases(config.clone(), self.bought.clone());
                self.read_cart();
                self.engine.load(config, dispatch);
            }
            Effect::Suggest { seq, text } => {
                let signals = self.signals();
                self.engine.ask(&EngineRequest::Suggest { seq, text, signals });
            }
            Effect::Recommend { seq } => self.engine.ask(&EngineRequest::Recommend {
                seq,
                signals: self.signals(),
                history: self.bought.borrow().clone(),
                now_ms: js_sys::Date::now() as u64,
                limit: RECOMMENDATIONS,
            }),
            Effect::Understand { seq, text } => {
                self.engine.ask(&EngineRequest::Understand { seq, text });
            }
            Effect::Deadline { seq, after_ms } => {
                let passed = move || dispatch.emit(Msg::Chat(Event::DeadlinePassed { seq }));
                Timeout::new(after_ms, passed).forget();
            }
            Effect::CreateConversation => turns::create_conversation(config, dispatch),
            Effect::RememberConversation(id) => storage::remember(&config, CONVERSATION, &id),
            Effect::ForgetConversation => storage::forget(&config, CONVERSATION),
            Effect::DeleteConversation { conversation } => {
                turns::delete(config, conversation, dispatch);
            }
            Effect::ForgetEverything => {
                storage::forget(&config, CONVERSATION);
                session::end(&config);
            }
            Effect::PostTurn { conversation, turn } => {
                let turn = page::describe(turn, &config, &self.cart);
                self.turns.post(config, conversation, turn, dispatch);
            }
            Effect::ResumeTurn { conversation, message_id, after, delay_ms } => {
                let path = ["/conversations/", &conversation, "/turns/", &message_id, "?after="];
                let path = path.concat() + &after.to_string();
                self.turns.resume(config, path, message_id, delay_ms, dispatch);
            }
            Effect::StopTurn { conversation, message_id } => {
                turns::stop(config, conversation, message_id);
            }
            Effect::AbortTurn { message_id } => self.turns.abort(&message_id),
            Effect::FetchHistory { conversation, after } => {
                turns::fetch_history(config, conversation, after, dispatch);
            }
            Effect::AddToCart(addition) => self.cart.add(config, addition, dispatch),
            Effect::Navigate { url } => {
                if let Some(href) = links::page(&url, &config.shop_root) {
                    // Only a browser that refuses to navigate at all throws here.
                    let _ = gloo::utils::window().location().assign(&href);
                }
            }
            Effect::AnswerEnded { .. }
            | Effect::FocusComposer
            | Effect::FocusDeletion
            | Effect::FocusDeleteButton
            | Effect::FocusLauncher => {}
        }
    }

    /// What the shopper does on the page, as far as it is known.
    fn signals(&self) -> Signals {
        Signals {
            viewed: page::viewed_product().into_iter().collect(),
            in_cart: self.cart.handles(),
        }
    }
}

/// Runs a task to its end. One type of task for all keeps the Wasm small.
fn spawn(task: impl Future<Output = ()> + 'static) {
    let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(task);
    wasm_bindgen_futures::spawn_local(task);
}
