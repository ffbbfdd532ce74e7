//! The id of the shopper's conversation, kept in the browser once there is one. A browser that
//! refuses storage only forgets it.

use web_sys::Storage;

/// The id that this browser remembers for a shop.
pub(crate) fn recall(shop: &str) -> Option<String> {
    storage()?.get_item(&key(shop)).ok()?.filter(|id| is_id(id))
}

/// Keeps the id for the next page view.
pub(super) fn remember(shop: &str, id: &str) {
    if let Some(storage) = storage() {
        // A full or refused storage costs the shopper only the history of the next page view.
        let _ = storage.set_item(&key(shop), id);
    }
}

/// Forgets the id.
pub(super) fn forget(shop: &str) {
    if let Some(storage) = storage() {
        // What cannot be removed is refused by the worker again.
        let _ = storage.remove_item(&key(shop));
    }
}

fn storage() -> Option<Storage> {
    gloo::utils::window().local_storage().ok().flatten()
}

fn key(shop: &str) -> String {
    ["aisle:", shop, ":conversation"].concat()
}

/// Any script of the page can write there, and the id becomes part of a URL.
fn is_id(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
