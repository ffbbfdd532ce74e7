//! The suggestions for the draft: the list of an editable combobox.

use aisle_core::chat::{Chat, Event};
use aisle_core::protocol::Suggestion;
use yew::prelude::*;

use super::Scene;
use super::icons::{self, icon};
use super::product_card::{price, thumbnail};
use crate::boundary::random_id;

/// Id of the list, for the composer.
pub(super) const LIST_ID: &str = "aisle-suggestions";

/// Id of a line, for the composer.
pub(super) fn option_id(index: usize) -> String {
    ["aisle-option-", &index.to_string()].concat()
}

/// The list, or nothing when there is none.
pub(super) fn suggestions(chat: &Chat, scene: &Scene, highlighted: &NodeRef) -> Html {
    if chat.suggestions.is_empty() {
        return html! {};
    }
    // Pressing a line must not take the focus, and with it a phone's keyboard, from the composer.
    let onmousedown = Callback::from(|event: MouseEvent| event.prevent_default());
    html! {
        <ul
            id={LIST_ID}
            class="suggestions"
            role="listbox"
            aria-label={scene.strings.suggestions}
            {onmousedown}
        >
            { for chat.suggestions.iter().enumerate().map(|(index, suggestion)| {
                let is_highlighted = chat.highlighted == Some(index);
                html! {
                    <li
                        id={option_id(index)}
                        ref={if is_highlighted { highlighted.clone() } else { NodeRef::default() }}
                        class="suggestion"
                        role="option"
                        aria-selected={if is_highlighted { "true" } else { "false" }}
                        onclick={scene.on(move |_| Event::Picked { index, message_id: random_id() })}
                    >
                        { line(suggestion, &chat.draft, scene) }
                    </li>
                }
            }) }
        </ul>
    }
}

fn line(suggestion: &Suggestion, draft: &str, scene: &Scene) -> Html {
    match suggestion {
        Suggestion::Product(product) => html! {
            <>
                { thumbnail(product, "suggestion__image", "44") }
                <span class="suggestion__title" dir="auto">{ product.title.clone() }</span>
                { price(product, scene) }
            </>
        },
        Suggestion::Answer(answer) => html! {
            <>
                <span class="suggestion__mark">{ icon(icons::PAGE) }</span>
                <span class="suggestion__title" dir="auto">
                    { answer.source.title.clone() }
                    <span class="suggestion__excerpt">{ excerpt(&answer.text) }</span>
                </span>
            </>
        },
        Suggestion::Action(action) => html! {
            <>
                <span class="suggestion__mark">{ icon(icons::GO) }</span>
                <span class="suggestion__title" dir="auto">{ action.label.clone() }</span>
            </>
        },
        Suggestion::Completion { text } => {
            let (typed, rest) = completion(draft, text);
            html! {
                <>
                    <span class="suggestion__mark">{ icon(icons::SEARCH) }</span>
                    <span class="suggestion__title" dir="auto">
                        <span class="suggestion__typed">{ typed.to_owned() }</span>
                        <b>{ rest.to_owned() }</b>
                    </span>
                </>
            }
        }
    }
}

/// Divides a completion into what is typed already and what it adds.
fn completion<'a>(draft: &str, text: &'a str) -> (&'a str, &'a str) {
    let draft = draft.trim_start();
    match text.split_at_checked(draft.len()) {
        Some((typed, rest)) if typed.eq_ignore_ascii_case(draft) => (typed, rest),
        _ => ("", text),
    }
}

/// The beginning of an answer on one line.
fn excerpt(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| *word != "-");
    words.take(24).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{completion, excerpt};

    #[test]
    fn a_completion_shows_what_it_adds() {
        for (draft, text, expected) in [
            ("Red m", "red mug", ("red m", "ug")),
            ("  red", "red mug", ("red", " mug")),
            ("mug", "red mug", ("", "red mug")),
            ("caf", "café", ("caf", "é")),
            ("cafe", "café", ("", "café")),
            ("longer than it", "long", ("", "long")),
            ("", "mug", ("", "mug")),
        ] {
            assert_eq!(completion(draft, text), expected, "{draft:?}");
        }
    }

    #[test]
    fn an_excerpt_is_one_line() {
        assert_eq!(excerpt("We deliver:\n\n- today\n- tomorrow"), "We deliver: today tomorrow");
        assert_eq!(excerpt(""), "");
    }
}
