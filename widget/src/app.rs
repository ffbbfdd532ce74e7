//! The root component: it holds the [`Chat`], gives it every event, runs the effects that come of
//! it, and does what only the element tree can: focus, scrolling, opening and closing the dialog.

use std::rc::Rc;

use aisle_core::chat::{Chat, Effect, EntryStatus, Event};
use aisle_core::protocol::Role;
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsValue;
use web_sys::{
    HtmlDialogElement, HtmlElement, MediaQueryList, ScrollIntoViewOptions, ScrollLogicalPosition,
};
use yew::prelude::*;

use crate::boundary::object;
use crate::config::Config;
use crate::effects::{self, Effects};
use crate::strings::Strings;
use crate::style::Sheets;
use crate::view::{self, Refs, Scene};

/// Where the panel fills the screen instead of floating over the page.
const FULL_SCREEN: &str = "(max-width: 480px), (max-height: 440px)";

/// How long the list of suggestions must stand before its length is said, in milliseconds.
const COUNT_AFTER_MS: u32 = 900;

/// How near to a place the transcript counts as being there, in pixels.
const NEAR_PX: i32 = 48;

/// What is left free above a question that is kept in view, in pixels.
const ABOVE_QUESTION_PX: i32 = 14;

/// Everything that the component hears.
#[derive(Clone)]
pub(crate) enum Msg {
    /// The loader opens the panel.
    Opened,
    /// Something happened to the chat.
    Chat(Event),
    /// The worker told the shop's name.
    ShopNamed(String),
    /// The window changed between small and large.
    LayoutChanged,
    /// The keyboard of a phone came or went.
    ViewportChanged,
    /// The shopper scrolled the transcript.
    Scrolled,
    /// The shopper wants to see the end of the transcript.
    LatestWanted,
    /// The shopper wants to see all products of the entry with this key.
    Expanded(u32),
    /// The list of suggestions stands still.
    CountSuggestions,
    /// The shopper turns to the composer, maybe from the page.
    ComposerFocused,
    /// The dialog was closed by the browser, say by the back gesture of a phone.
    DialogClosed,
}

/// What the component starts with.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct AppProps {
    config: Rc<Config>,
    sheets: Sheets,
}

impl AppProps {
    /// Properties from what the loader passed.
    pub(crate) fn new(config: Config, sheets: Sheets) -> Self {
        Self { config: Rc::new(config), sheets }
    }
}

/// Where the keyboard focus goes once the view is painted.
#[derive(Clone, Copy, PartialEq)]
enum Focus {
    Composer,
    /// Opening on a phone: the composer would bring up the keyboard over the greeting.
    Title,
    /// The answer to the question whether to delete that does no harm.
    Keep,
    /// The button that asks for the deletion.
    Delete,
}

/// What the transcript keeps in view while it grows.
#[derive(Clone, Copy, PartialEq)]
enum Follow {
    /// Whatever the reader looks at.
    Nothing,
    /// The end, but for the start of a long answer: the last question stays in view.
    Answer,
    /// The end.
    End,
}

/// The root component.
pub(crate) struct App {
    chat: Chat,
    effects: Effects,
    scene: Rc<Scene>,
    shop_name: Option<String>,
    /// Said once by assistive technology.
    announcement: String,
    suggestion_count: String,
    counting: Option<Timeout>,
    expanded: Vec<u32>,
    full_screen: Option<MediaQueryList>,
    is_full_screen: bool,
    /// Whether the dialog was last opened as a modal one.
    is_modal: bool,
    follow: Follow,
    is_at_end: bool,
    focus: Option<Focus>,
    refs: Refs,
    _listeners: Vec<EventListener>,
}

impl Component for App {
    type Message = Msg;
    type Properties = AppProps;

    fn create(ctx: &Context<Self>) -> Self {
        let config = ctx.props().config.clone();
        let dispatch = ctx.link().callback(|msg| msg);
        let full_screen = gloo::utils::window().match_media(FULL_SCREEN).ok().flatten();
        let scene = Rc::new(Scene {
            strings: Strings::for_locale(&config.locale),
            config: config.clone(),
            dispatch: dispatch.clone(),
        });
        Self {
            chat: Chat::default(),
            effects: Effects::new(config, dispatch.clone()),
            scene,
            shop_name: None,
            announcement: String::new(),
            suggestion_count: String::new(),
            counting: None,
            expanded: Vec::new(),
            is_full_screen: full_screen.as_ref().is_some_and(MediaQueryList::matches),
            _listeners: listeners(full_screen.as_ref(), &dispatch),
            full_screen,
            is_modal: false,
            follow: Follow::End,
            is_at_end: true,
            focus: None,
            refs: Refs::default(),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Opened => {
                let conversation = effects::recall(&ctx.props().config, effects::CONVERSATION);
                self.chat_event(ctx, Event::Opened { conversation });
                self.fit(ctx);
            }
            Msg::Chat(event) => self.chat_event(ctx, event),
            Msg::ShopNamed(name) => self.shop_name = Some(name),
            Msg::LayoutChanged => {
                self.is_full_screen =
                    self.full_screen.as_ref().is_some_and(MediaQueryList::matches);
                self.fit(ctx);
            }
            Msg::ViewportChanged => {
                self.fit(ctx);
                return false;
            }
            Msg::Scrolled => return self.scrolled(),
            Msg::LatestWanted => self.follow = Follow::End,
            Msg::Expanded(key) => self.expanded.push(key),
            Msg::CountSuggestions => {
                self.suggestion_count =
                    self.scene.strings.count_suggestions(self.chat.suggestions.len());
            }
            Msg::ComposerFocused => {
                self.effects.read_cart();
                return false;
            }
            Msg::DialogClosed => {
                let is_closed = self
                    .refs
                    .dialog
                    .cast::<HtmlDialogElement>()
                    .is_some_and(|dialog| !dialog.open());
                if !(self.chat.open && is_closed) {
                    return false;
                }
                self.chat_event(ctx, Event::Closed);
            }
        }
        true
    }

    fn view(&self, _: &Context<Self>) -> Html {
        let status = if self.chat.suggestions.is_empty() { "" } else { &self.suggestion_count };
        view::panel(&view::Panel {
            chat: &self.chat,
            scene: &self.scene,
            refs: &self.refs,
            shop_name: self.shop_name.as_deref(),
            announcement: &self.announcement,
            status,
            expanded: &self.expanded,
            is_full_screen: self.is_full_screen,
            is_at_end: self.is_at_end,
        })
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        self.sync_dialog();
        if let Some(transcript) = self.refs.transcript.cast::<HtmlElement>()
            && let Some(place) = self.place_to_be(&transcript)
        {
            transcript.set_scroll_top(place);
        }
        if self.chat.highlighted.is_some()
            && let Some(option) = self.refs.highlighted.cast::<HtmlElement>()
        {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            option.scroll_into_view_with_scroll_into_view_options(&options);
        }
        let target = self.focus.take().map(|focus| match focus {
            Focus::Composer => &self.refs.composer,
            Focus::Title => &self.refs.title,
            Focus::Keep => &self.refs.keep,
            Focus::Delete => &self.refs.delete,
        });
        if let Some(element) = target.and_then(|target| target.cast::<HtmlElement>()) {
            // An element that cannot have the focus keeps it where it is.
            let _ = element.focus();
        }
    }
}

impl App {
    /// Gives the chat an event and runs what comes of it.
    fn chat_event(&mut self, ctx: &Context<Self>, event: Event) {
        let was_open = self.chat.open;
        let entries_before = self.chat.entries.len();
        let is_sending = matches!(event, Event::Submitted { .. } | Event::Picked { .. });
        if matches!(event, Event::Suggested { .. } | Event::Typed(_)) {
            self.suggestion_count.clear();
            let link = ctx.link().clone();
            self.counting = Some(Timeout::new(COUNT_AFTER_MS, move || {
                link.send_message(Msg::CountSuggestions);
            }));
        }
        let effects = self.chat.update(event);
        if is_sending && self.chat.entries.len() > entries_before {
            self.follow = Follow::Answer;
            self.emit_message("shopper");
        }
        if self.chat.open != was_open {
            let name = if self.chat.open { "open" } else { "close" };
            self.scene.config.emit(name, &JsValue::UNDEFINED);
        }
        for effect in effects {
            match effect {
                Effect::FocusComposer if self.is_full_screen && !was_open => {
                    self.focus = Some(Focus::Title);
                }
                Effect::FocusComposer => self.focus = Some(Focus::Composer),
                Effect::FocusDeletion => self.focus = Some(Focus::Keep),
                Effect::FocusDeleteButton => self.focus = Some(Focus::Delete),
                Effect::FocusLauncher => {
                    // Closed now rather than when painted: focus cannot leave a modal dialog.
                    self.sync_dialog();
                    self.scene.config.emit("focus-launcher", &JsValue::UNDEFINED);
                }
                Effect::AnswerEnded { message_id } => self.answer_ended(&message_id),
                Effect::ForgetEverything => {
                    // What was said last is not to be read there either.
                    self.announcement.clear();
                    self.expanded.clear();
                    self.follow = Follow::End;
                    self.effects.run(Effect::ForgetEverything);
                }
                effect => self.effects.run(effect),
            }
        }
    }

    fn answer_ended(&mut self, message_id: &str) {
        let strings = self.scene.strings;
        let answer = self
            .chat
            .entries
            .iter()
            .rev()
            .find(|entry| entry.role == Role::Assistant && entry.message_id == message_id);
        self.announcement = match answer {
            Some(answer) if answer.status == EntryStatus::Complete => {
                let products = answer.products.iter().map(|product| product.title.as_str());
                let parts = [strings.assistant, answer.text.as_str()].into_iter().chain(products);
                parts.collect::<Vec<_>>().join(" ")
            }
            _ => strings.failed.to_owned(),
        };
        self.emit_message("assistant");
    }

    fn emit_message(&self, role: &str) {
        self.scene.config.emit("message", &object(&[("role", JsValue::from_str(role))]));
    }

    /// Makes the dialog what the chat says: open or closed, and modal where it fills the screen.
    fn sync_dialog(&mut self) {
        let Some(dialog) = self.refs.dialog.cast::<HtmlDialogElement>() else { return };
        let is_other_mode = self.is_modal != self.is_full_screen;
        if dialog.open() && (!self.chat.open || is_other_mode) {
            // In the other mode it opens again before its event of closing comes, so that the
            // event finds it open.
            dialog.close();
        }
        if self.chat.open && !dialog.open() {
            self.is_modal = self.is_full_screen;
            if self.is_modal {
                // It fails only while the element is out of the document.
                let _ = dialog.show_modal();
            } else {
                dialog.show();
            }
        }
    }

    fn fit(&self, ctx: &Context<Self>) {
        if let Some(viewport) = gloo::utils::window().visual_viewport() {
            ctx.props().sheets.fit(&viewport);
        }
    }

    /// Where the transcript is to be scrolled to, if anywhere.
    fn place_to_be(&self, transcript: &HtmlElement) -> Option<i32> {
        let end = end_of(transcript);
        match self.follow {
            Follow::Nothing => None,
            // Before anything is said the greeting is what matters, and it is at the top.
            Follow::End => (!self.chat.entries.is_empty()).then_some(end),
            Follow::Answer => {
                let question = self.refs.question.cast::<HtmlElement>()?;
                Some(end.min(question.offset_top() - ABOVE_QUESTION_PX))
            }
        }
    }

    /// The reader decides what is followed: the end once it is reached, nothing away from what
    /// was followed.
    fn scrolled(&mut self) -> bool {
        let Some(transcript) = self.refs.transcript.cast::<HtmlElement>() else { return false };
        let top = transcript.scroll_top();
        let is_at_end = top >= end_of(&transcript) - NEAR_PX;
        let is_near = |place: i32| (top - place).abs() <= NEAR_PX;
        if self.follow != Follow::Answer && is_at_end {
            self.follow = Follow::End;
        } else if !self.place_to_be(&transcript).is_some_and(is_near) {
            self.follow = if is_at_end { Follow::End } else { Follow::Nothing };
        }
        std::mem::replace(&mut self.is_at_end, is_at_end) != is_at_end
    }
}

/// The scroll position that shows the end of an element.
fn end_of(element: &HtmlElement) -> i32 {
    element.scroll_height() - element.client_height()
}

fn listeners(full_screen: Option<&MediaQueryList>, dispatch: &Callback<Msg>) -> Vec<EventListener> {
    let window = gloo::utils::window();
    let mut listeners = Vec::new();
    {
        let dispatch = dispatch.clone();
        listeners.push(EventListener::new(&window, "online", move |_| {
            dispatch.emit(Msg::Chat(Event::Reconnected));
        }));
    }
    {
        let dispatch = dispatch.clone();
        listeners.push(EventListener::new(&window, "focus", move |_| {
            dispatch.emit(Msg::Chat(Event::Returned));
        }));
    }
    if let Some(query) = full_screen {
        let dispatch = dispatch.clone();
        listeners.push(EventListener::new(query, "change", move |_| {
            dispatch.emit(Msg::LayoutChanged);
        }));
    }
    if let Some(viewport) = window.visual_viewport() {
        for name in ["resize", "scroll"] {
            let dispatch = dispatch.clone();
            listeners.push(EventListener::new(&viewport, name, move |_| {
                dispatch.emit(Msg::ViewportChanged);
            }));
        }
    }
    listeners
}
