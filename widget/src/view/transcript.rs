//! The transcript. It is a log that is not live: text that streams would be read out piece by
//! piece, so the panel's status says each whole answer once instead.

use aisle_core::chat::{Chat, EntryStatus, Event};
use yew::prelude::*;

use super::bubble::{bubble, typing};
use super::button::word_button;
use super::product_card::{Offer, product_card};
use super::{Panel, Scene};
use crate::app::Msg;
use crate::boundary::random_id;

/// Everything said so far.
pub(super) fn transcript(panel: &Panel<'_>) -> Html {
    let Panel { chat, scene, .. } = panel;
    let strings = scene.strings;
    let onscroll = scene.send(Msg::Scrolled);
    html! {
        <div
            ref={panel.refs.transcript.clone()}
            class="transcript"
            role="log"
            aria-live="off"
            aria-label={strings.conversation}
            tabindex="0"
            {onscroll}
        >
            if !chat.entries.is_empty() {
                // What another tab said meanwhile comes without a word.
            } else if chat.loading_history {
                <p class="transcript__loading">{ strings.loading_history }</p>
            } else {
                { greeting(scene) }
                { recommendations(chat, scene) }
            }
            { for chat.entries.iter().map(|entry| bubble(entry, panel)) }
            if is_thinking(chat) {
                { typing(strings) }
            }
        </div>
    }
}

/// Whether the engine looks at a message that has no answer begun.
fn is_thinking(chat: &Chat) -> bool {
    chat.is_understanding()
        && chat.entries.last().is_none_or(|entry| entry.status == EntryStatus::Complete)
}

/// Products that the shopper may want, each with its reason.
fn recommendations(chat: &Chat, scene: &Scene) -> Html {
    if chat.recommendations.is_empty() {
        return html! {};
    }
    html! {
        <section class="recommended" aria-labelledby="aisle-recommended">
            <h3 id="aisle-recommended" class="recommended__title">
                { scene.strings.recommendations }
            </h3>
            <ul class="products">
                { for chat.recommendations.iter().map(|found| {
                    let offer = Offer {
                        product: &found.product,
                        quantity: 1,
                        reason: Some(&found.sentence),
                        place: None,
                        state: chat.cart_state(None, &found.product.sku),
                    };
                    product_card(&offer, scene)
                }) }
            </ul>
        </section>
    }
}

fn greeting(scene: &Scene) -> Html {
    let strings = scene.strings;
    let starter = |words: &'static str| {
        let dispatch = scene.dispatch.clone();
        let onclick = Callback::from(move |_| {
            dispatch.emit(Msg::Chat(Event::Typed(words.to_owned())));
            dispatch.emit(Msg::Chat(Event::Submitted { message_id: random_id() }));
        });
        html! {
            <li>{ word_button("starter", words, onclick) }</li>
        }
    };
    html! {
        <div class="greeting">
            <p class="bubble bubble--assistant">{ strings.greeting }</p>
            <ul class="starters" aria-label={strings.starters_label}>
                { for strings.starters.iter().copied().map(starter) }
            </ul>
        </div>
    }
}
