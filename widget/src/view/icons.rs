//! Line icons on a grid of 24 units, drawn in the colour of the text.

use yew::prelude::*;

pub(super) const CLOSE: &str = "M6 6l12 12M18 6L6 18";
pub(super) const SEND: &str = "M12 19V5M6 11l6-6 6 6";
pub(super) const STOP: &str = "M8 8h8v8H8z";
pub(super) const DOWN: &str = "M6 9l6 6 6-6";
pub(super) const CHECK: &str = "M5 12.5l4.5 4.5L19 7.5";
pub(super) const SEARCH: &str = "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16 16l4.5 4.5";
pub(super) const PAGE: &str = "M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5";
pub(super) const GO: &str = "M7 17L17 7M9 7h8v8";
pub(super) const IMAGE: &str = "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01";
pub(super) const EDIT: &str = "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3";
pub(super) const DELETE: &str = "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13M10 11v5M14 11v5";
pub(super) const RETRY: &str = "M20 11a8 8 0 1 0-2.3 6.2M20 5v6h-6";

/// An icon that says nothing by itself.
pub(super) fn icon(path: &'static str) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d={path} />
        </svg>
    }
}
