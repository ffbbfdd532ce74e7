//! The chat panel: a Yew interface in the shadow root that the loader made.
//!
//! What the chat does is decided in `aisle_core::chat`; this crate shows its state ([`view`]),
//! runs its effects ([`effects`]) and feeds back what comes of them ([`app`]).

mod app;
mod boundary;
mod config;
mod effects;
mod links;
mod markup;
mod strings;
mod style;
mod view;
mod wire;

use aisle_core::chat::Event;
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::AppHandle;

use app::{App, AppProps, Msg};
use config::Config;

/// Smaller than the usual one: `docs/decisions/0002-widget-size.md`.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// A chat that is on the page.
#[wasm_bindgen]
pub struct Widget {
    app: AppHandle<App>,
}

/// Puts the chat, closed, into `root`, an element of a shadow root.
///
/// `config` is what the loader passes; see [`config::Config`]. Throws an `Error` when it lacks
/// something, or when the browser has no constructable style sheets.
#[wasm_bindgen]
pub fn mount(root: Element, config: &JsValue) -> Result<Widget, JsValue> {
    let config = Config::read(config)?;
    let sheets = style::adopt(&root)?;
    let props = AppProps::new(config, sheets);
    Ok(Widget { app: yew::Renderer::<App>::with_root_and_props(root, props).render() })
}

#[wasm_bindgen]
impl Widget {
    /// Opens the panel.
    pub fn open(&self) {
        self.app.send_message(Msg::Opened);
    }

    /// Closes the panel.
    pub fn close(&self) {
        self.app.send_message(Msg::Chat(Event::Closed));
    }

    /// Takes the chat off the page and ends its engine and its connections.
    pub fn unmount(self) {
        self.app.destroy();
    }
}
