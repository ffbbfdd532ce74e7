//! One message of the transcript.

use aisle_core::chat::{Entry, EntryStatus, Event};
use aisle_core::protocol::{Role, Source};
use yew::prelude::*;

use super::button::{icon_button, word_button};
use super::icons::{self, icon};
use super::product_card::{Offer, product_card};
use super::{Panel, Scene};
use crate::app::Msg;
use crate::markup::{Block, Span, parse, spans, without_half_mark};
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
                    { text(entry, scene) }
                </div>
            }
            if !entry.products.is_empty() {
                { products(entry, panel) }
            }
            if !entry.sources.is_empty() {
                <ul class="sources" aria-label={strings.sources}>
                    { for entry.sources.iter().enumerate().map(|(at, source)| {
                        let number = (entry.sources.len() > 1).then_some(at + 1);
                        source_link(source, number, scene)
                    }) }
                </ul>
            }
            { ending(entry, chat.can_retry(entry), scene) }
            if is_last_question {
                { icon_button(
                    "icon-button edit",
                    strings.edit,
                    icons::EDIT,
                    scene.send(Msg::Chat(Event::Edited)),
                ) }
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
                    let place = Some(entry.key);
                    let offer = Offer {
                        product,
                        quantity: entry.proposed(&product.sku).unwrap_or(1),
                        reason: None,
                        place,
                        state: chat.cart_state(place, &product.sku),
                    };
                    product_card(&offer, scene)
                }) }
            </ul>
            if is_short {
                { word_button(
                    "chip",
                    scene.strings.show_more,
                    scene.send(Msg::Expanded(entry.key)),
                ) }
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

fn text(entry: &Entry, scene: &Scene) -> Html {
    let text = match entry.status {
        EntryStatus::Streaming => without_half_mark(&entry.text),
        _ => &entry.text,
    };
    let block = |block: Block<'_>| match block {
        Block::Paragraph(lines) => html! { <p>{ line(&lines.join("\n"), entry, scene) }</p> },
        Block::List(items) => html! {
            <ul>
                { for items.into_iter().map(|item| html! {
                    <li>{ line(item, entry, scene) }</li>
                }) }
            </ul>
        },
    };
    parse(text).into_iter().map(block).collect()
}

fn line(line: &str, entry: &Entry, scene: &Scene) -> Html {
    let span = |span: Span<'_>| match span {
        Span::Text(text) => Html::from(text.to_owned()),
        Span::Mark { number, written } => mark(number, written, entry, scene),
    };
    spans(line).into_iter().map(span).collect()
}

/// The mark of a source: a link to it. While the answer is being written its sources are not there
/// yet, and the mark looks as it will.
fn mark(number: usize, written: &str, entry: &Entry, scene: &Scene) -> Html {
    let is_streaming = entry.status == EntryStatus::Streaming;
    let source = number.checked_sub(1).and_then(|at| entry.sources.get(at));
    match source.and_then(|source| Some((scene.href(&source.url)?, source.title.as_str()))) {
        Some((href, title)) => {
            let label = [scene.strings.source, " ", &number.to_string(), ": ", title].concat();
            html! { <a class="mark" {href} aria-label={label}>{ written.to_owned() }</a> }
        }
        None if is_streaming => html! { <span class="mark">{ written.to_owned() }</span> },
        None => Html::from(written.to_owned()),
    }
}

/// A source; `number` is that of its marks, where there are several.
fn source_link(source: &Source, number: Option<usize>, scene: &Scene) -> Html {
    let lead = match number {
        Some(number) => html! { <b>{ number }</b> },
        None => icon(icons::PAGE),
    };
    let content = html! { <>{ lead }<span>{ source.title.clone() }</span></> };
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
