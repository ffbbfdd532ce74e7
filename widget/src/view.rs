//! The view: state in, callbacks out. Text from outside becomes text nodes and nothing else.

mod bubble;
mod button;
mod composer;
mod deletion;
mod icons;
mod panel;
mod product_card;
mod suggestions;
mod transcript;

use std::rc::Rc;

use aisle_core::chat::{Chat, Event};
use yew::{AttrValue, Callback, NodeRef};

use crate::app::Msg;
use crate::config::Config;
use crate::links;
use crate::strings::Strings;

pub(crate) use panel::panel;

/// What every part of the view needs and what never changes.
pub(crate) struct Scene {
    /// The words.
    pub(crate) strings: &'static Strings,
    /// What the loader told.
    pub(crate) config: Rc<Config>,
    /// Where events go.
    pub(crate) dispatch: Callback<Msg>,
}

impl Scene {
    /// A callback that tells the chat.
    fn on<IN: 'static>(&self, event: impl Fn(IN) -> Event + 'static) -> Callback<IN> {
        self.dispatch.reform(move |input| Msg::Chat(event(input)))
    }

    /// A callback that sends the same message each time.
    fn send<IN: 'static>(&self, msg: Msg) -> Callback<IN> {
        self.dispatch.reform(move |_| msg.clone())
    }

    /// Where an address from data leads, if it may be a link.
    fn href(&self, url: &str) -> Option<AttrValue> {
        links::page(url, &self.config.shop_root).map(AttrValue::from)
    }
}

/// The elements that the root component works on.
#[derive(Default)]
pub(crate) struct Refs {
    /// The panel itself.
    pub(crate) dialog: NodeRef,
    /// Its heading.
    pub(crate) title: NodeRef,
    /// What scrolls.
    pub(crate) transcript: NodeRef,
    /// The shopper's last message.
    pub(crate) question: NodeRef,
    /// The button that asks for the deletion of the conversation.
    pub(crate) delete: NodeRef,
    /// The answer to the question whether to delete that does no harm.
    pub(crate) keep: NodeRef,
    /// Where the shopper writes.
    pub(crate) composer: NodeRef,
    /// The suggestion that Enter chooses.
    pub(crate) highlighted: NodeRef,
}

/// Everything that the panel shows.
pub(crate) struct Panel<'a> {
    /// The chat.
    pub(crate) chat: &'a Chat,
    /// What never changes.
    pub(crate) scene: &'a Rc<Scene>,
    /// The elements that the root component works on.
    pub(crate) refs: &'a Refs,
    /// The shop's name, once it is known.
    pub(crate) shop_name: Option<&'a str>,
    /// The latest whole answer, said once.
    pub(crate) announcement: &'a str,
    /// The number of suggestions, said once they stand still.
    pub(crate) status: &'a str,
    /// Keys of the entries whose products are all shown.
    pub(crate) expanded: &'a [u32],
    /// Whether the panel fills the screen.
    pub(crate) is_full_screen: bool,
    /// Whether the end of the transcript is in view.
    pub(crate) is_at_end: bool,
}
