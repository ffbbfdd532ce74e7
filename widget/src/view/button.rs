//! The panel's buttons. Each has its class, for its look, and a name.

use yew::prelude::*;

use super::icons::icon;

/// A button that shows an icon; its name is for those who cannot see it.
pub(super) fn icon_button(
    class: &'static str,
    name: &'static str,
    path: &'static str,
    onclick: Callback<MouseEvent>,
) -> Html {
    html! {
        <button type="button" {class} aria-label={name} {onclick}>
            { icon(path) }
        </button>
    }
}

/// A button that shows its name.
pub(super) fn word_button(
    class: &'static str,
    name: &'static str,
    onclick: Callback<MouseEvent>,
) -> Html {
    html! {
        <button type="button" {class} {onclick}>{ name }</button>
    }
}
