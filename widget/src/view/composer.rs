//! Where the shopper writes: the input of an editable combobox.

use aisle_core::chat::{Chat, Event};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::Scene;
use super::button::icon_button;
use super::icons::{self, icon};
use super::suggestions::{LIST_ID, option_id};
use crate::app::Msg;
use crate::boundary::random_id;

/// The input with its buttons.
pub(super) fn composer(chat: &Chat, scene: &Scene, input: &NodeRef) -> Html {
    let strings = scene.strings;
    let onsubmit = scene.on(|event: SubmitEvent| {
        event.prevent_default();
        Event::Submitted { message_id: random_id() }
    });
    let oninput = scene.on(|event: InputEvent| {
        Event::Typed(event.target_unchecked_into::<HtmlInputElement>().value())
    });
    let has_list = !chat.suggestions.is_empty();
    html! {
        <form class="composer" {onsubmit}>
            <input
                ref={input.clone()}
                class="composer__input"
                type="text"
                role="combobox"
                aria-label={strings.message}
                aria-autocomplete="list"
                aria-expanded={if has_list { "true" } else { "false" }}
                aria-controls={has_list.then_some(LIST_ID)}
                aria-activedescendant={chat.highlighted.map(option_id)}
                placeholder={strings.placeholder}
                autocomplete="off"
                enterkeyhint="send"
                dir="auto"
                value={chat.draft.clone()}
                {oninput}
                onfocus={scene.send(Msg::ComposerFocused)}
                onkeydown={arrows(scene, has_list)}
            />
            if chat.is_answering() {
                { icon_button(
                    "composer__button composer__button--stop",
                    strings.stop,
                    icons::STOP,
                    scene.send(Msg::Chat(Event::Stopped)),
                ) }
            }
            if !chat.is_answering() || !chat.draft.trim().is_empty() {
                <button
                    type="submit"
                    class="composer__button"
                    aria-label={strings.send}
                    aria-disabled={chat.draft.trim().is_empty().then_some("true")}
                >
                    { icon(icons::SEND) }
                </button>
            }
        </form>
    }
}

fn arrows(scene: &Scene, has_list: bool) -> Callback<KeyboardEvent> {
    let dispatch = scene.on(Event::HighlightMoved);
    Callback::from(move |event: KeyboardEvent| {
        let lines = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            _ => return,
        };
        if has_list && !event.is_composing() {
            event.prevent_default();
            dispatch.emit(lines);
        }
    })
}
