//! The panel: header, transcript, composer, and what assistive technology is told.

use aisle_core::chat::{Event, Notice};
use yew::prelude::*;

use super::button::{icon_button, word_button};
use super::icons::{self, icon};
use super::{Panel, Scene, composer, deletion, suggestions, transcript};
use crate::app::Msg;

/// The dialog.
pub(crate) fn panel(panel: &Panel<'_>) -> Html {
    let Panel { chat, scene, refs, .. } = panel;
    let strings = scene.strings;
    let on_key = scene.dispatch.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() {
            event.prevent_default();
            event.stop_propagation();
            on_key.emit(Msg::Chat(Event::Escaped));
        }
    });
    let oncancel = scene.on(|event: web_sys::Event| {
        event.prevent_default();
        Event::Escaped
    });
    let onclose = scene.send(Msg::DialogClosed);
    let class = if panel.is_full_screen { "panel panel--full" } else { "panel" };
    let latest = scene.send(Msg::LatestWanted);
    html! {
        <dialog
            ref={refs.dialog.clone()}
            {class}
            aria-labelledby="aisle-title"
            aria-describedby="aisle-disclosure"
            {onkeydown}
            {oncancel}
            {onclose}
        >
            { header(panel) }
            { transcript::transcript(panel) }
            <div class="dock">
                if !panel.is_at_end && !chat.entries.is_empty() {
                    { icon_button("latest", strings.latest, icons::DOWN, latest) }
                }
                { suggestions::suggestions(chat, scene, &refs.highlighted) }
                { notice(chat.notice, scene) }
                if let Some(deletion) = chat.deletion {
                    { deletion::question(deletion, scene, &refs.keep) }
                } else {
                    { composer::composer(chat, scene, &refs.composer) }
                }
            </div>
            <div class="hidden" role="status">{ panel.announcement.to_owned() }</div>
            <div class="hidden" role="status">{ panel.status.to_owned() }</div>
        </dialog>
    }
}

fn header(panel: &Panel<'_>) -> Html {
    let strings = panel.scene.strings;
    let title = panel.shop_name.unwrap_or(strings.default_title).to_owned();
    let initial: String = title.chars().take(1).collect();
    html! {
        <header class="header">
            <span class="header__mark" aria-hidden="true">{ initial }</span>
            <div class="header__text">
                <h2 id="aisle-title" class="header__title" tabindex="-1" ref={panel.refs.title.clone()}>
                    { title }
                </h2>
                <p id="aisle-disclosure" class="header__disclosure">{ strings.disclosure }</p>
            </div>
            if panel.chat.can_delete() {
                <button
                    ref={panel.refs.delete.clone()}
                    type="button"
                    class="icon-button"
                    aria-label={strings.delete}
                    onclick={panel.scene.send(Msg::Chat(Event::DeletionWanted))}
                >
                    { icon(icons::DELETE) }
                </button>
            }
            { icon_button(
                "icon-button",
                strings.close,
                icons::CLOSE,
                panel.scene.send(Msg::Chat(Event::Closed)),
            ) }
        </header>
    }
}

fn notice(notice: Option<Notice>, scene: &Scene) -> Html {
    let strings = scene.strings;
    let (words, action) = match notice {
        None => return html! {},
        Some(Notice::MessageTooLong) => (strings.too_long, html! {}),
        Some(Notice::PersonalDataRemoved) => (strings.redacted, html! {}),
        Some(Notice::ConversationDeleted) => (strings.deleted, html! {}),
        Some(Notice::NotServed) => {
            let href = scene.href(&scene.config.contact_url);
            (strings.not_served, html! { <a class="link" {href}>{ strings.contact }</a> })
        }
        Some(Notice::HistoryUnavailable) => {
            let onclick = scene.send(Msg::Chat(Event::Reconnected));
            (strings.history_unavailable, word_button("link", strings.retry, onclick))
        }
    };
    html! {
        <p class="notice" role="alert">{ words }{ " " }{ action }</p>
    }
}
