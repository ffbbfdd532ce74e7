//! The id of the shopper's conversation and the token of the session, kept in the browser once
//! there is one. A browser that refuses storage only forgets them.

use web_sys::Storage;

/// Name of the conversation's id.
pub(crate) const CONVERSATION: &str = "conversation";
/// Name of the session's token.
pub(super) const SESSION: &str = "session";

/// What this browser remembers for a shop under a name.
pub(crate) fn recall(shop: &str, name: &str) -> Option<String> {
    storage()?.get_item(&key(shop, name)).ok()?.filter(|kept| is_plain(kept))
}

/// Keeps a value for the next page view.
pub(super) fn remember(shop: &str, name: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full or refused storage costs the shopper only the history of the next page view.
        let _ = storage.set_item(&key(shop, name), value);
    }
}

/// Forgets a value.
pub(super) fn forget(shop: &str, name: &str) {
    if let Some(storage) = storage() {
        // What cannot be removed is refused by the worker again.
        let _ = storage.remove_item(&key(shop, name));
    }
}

fn storage() -> Option<Storage> {
    gloo::utils::window().local_storage().ok().flatten()
}

fn key(shop: &str, name: &str) -> String {
    ["aisle:", shop, ":", name].concat()
}

/// Any script of the page can write there, and what is kept becomes a part of a URL or a header.
fn is_plain(kept: &str) -> bool {
    (1..=1_024).contains(&kept.len())
        && kept.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && !kept.starts_with('.')
}
