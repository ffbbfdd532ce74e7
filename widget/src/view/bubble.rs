//! One message of the transcript.

use aisle_core::chat::{Entry, EntryStatus, Event};
use aisle_core::protocol::{Role, Source};
use yew::prelude::*;

use super::icons::{self, icon};
use super::product_card::product_card;
use super::{Panel, Scene};
use crate::app::Msg;
use crate::markup::{Block, parse};
use crate::strings::Strings;

/// Products that are shown before the shopper asks for more.
const PRODUCTS_AT_FIRST: usize = 4;

/// A message, with what its answer rests on and the products that belong to it.
pub(super) fn bubble(entry: &Entry, panel: &Panel<'_>) -> Html {
    let Panel { chat, scene, .. } = panel;
    let strings = scene.strings;
    let is_waiting = entry.status == EntryStatus::Waiting
        || (entry.status == EntryStatus::Streaming && entry.text.is_empty());
    if is_waiting {
        return typing(strings);
    }
    let is_last_question = chat.can_edit(entry);
    let question = if is_last_question { panel.refs.question.clone() } else { NodeRef::default() };
    let (side, author) = match entry.role {
        Role::Shopper => ("message message--shopper", strings.you),
        Role::Assistant => ("message message--assistant", strings.assistant),
    };
    html! {
        <div class={side} ref={question}>
            if !entry.text.is_empty() {
                <div class={bubble_class(entry)} dir="auto">
                    <span class="hidden">{ author }{ " " }</span>
                    { text(&entry.text) }
                </div>
            }
            if !entry.products.is_empty() {
                { products(entry, panel) }
            }
            if !entry.sources.is_empty() {
                <ul class="sources" aria-label={strings.sources}>
                    { for entry.sources.iter().map(|source| source_link(source, scene)) }
                </ul>
            }
            { ending(entry, chat.can_retry(entry), scene) }
            if is_last_question {
                <button type="button" class="edit" onclick={scene.send(Msg::Chat(Event::Edited))}>
                    { strings.edit }
                </button>
            }
        </div>
    }
}

fn products(entry: &Entry, panel: &Panel<'_>) -> Html {
    let Panel { chat, scene, .. } = panel;
    let is_short = entry.products.len() > PRODUCTS_AT_FIRST && !panel.expanded.contains(&entry.key);
    let count = if is_short { PRODUCTS_AT_FIRST } else { entry.products.len() };
    html! {
        <>
            <ul class="products" aria-label={scene.strings.products}>
                { for entry.products.iter().take(count).map(|product| {
                    product_card(product, None, chat.cart_state(&product.sku), scene)
                }) }
            </ul>
            if is_short {
                <button
                    type="button"
                    class="chip"
                    onclick={scene.send(Msg::Expanded(entry.key))}
                >
                    { scene.strings.show_more }
                </button>
            }
        </>
    }
}

/// The sign that an answer is on its way.
pub(super) fn typing(strings: &'static Strings) -> Html {
    html! {
        <div class="message message--assistant">
            <div class="bubble bubble--assistant typing" role="img" aria-label={strings.answering}>
                <span class="typing__dot"></span>
                <span class="typing__dot"></span>
                <span class="typing__dot"></span>
            </div>
        </div>
    }
}

fn bubble_class(entry: &Entry) -> &'static str {
    match (entry.role, entry.status) {
        (Role::Shopper, _) => "bubble bubble--shopper",
        (_, EntryStatus::Streaming) => "bubble bubble--assistant bubble--streaming",
        _ => "bubble bubble--assistant",
    }
}

fn text(text: &str) -> Html {
    let block = |block: Block<'_>| match block {
        Block::Paragraph(lines) => html! { <p>{ lines.join("\n") }</p> },
        Block::List(items) => html! {
            <ul>{ for items.into_iter().map(|item| html! { <li>{ item.to_owned() }</li> }) }</ul>
        },
    };
    parse(text).into_iter().map(block).collect()
}

fn source_link(source: &Source, scene: &Scene) -> Html {
    let content = html! { <>{ icon(icons::PAGE) }<span>{ source.title.clone() }</span></> };
    html! {
        <li>
            if let Some(href) = scene.href(&source.url) {
                <a class="chip" {href}>{ content }</a>
            } else {
                <span class="chip">{ content }</span>
            }
        </li>
    }
}

/// What is said under an answer that is not whole.
fn ending(entry: &Entry, can_retry: bool, scene: &Scene) -> Html {
    let words = match entry.status {
        EntryStatus::Cancelled => scene.strings.stopped,
        EntryStatus::Failed => scene.strings.failed,
        _ => return html! {},
    };
    let retry = Event::Retried { message_id: entry.message_id.clone() };
    let onclick = scene.send(Msg::Chat(retry));
    html! {
        <p class="ending">
            { words }
            if can_retry {
                <button type="button" class="chip" {onclick}>
                    { icon(icons::RETRY) }{ scene.strings.retry }
                </button>
            }
        </p>
    }
}
