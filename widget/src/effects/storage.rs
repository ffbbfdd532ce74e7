//! The id of the shopper's conversation and the token of the session, kept in the browser once
//! there is one. A browser that refuses storage only forgets them, and so does a shopper who does
//! not consent where the shop asks for it.

use web_sys::Storage;

use crate::config::Config;

/// Name of the conversation's id.
pub(crate) const CONVERSATION: &str = "conversation";
/// Name of the session's token.
pub(super) const SESSION: &str = "session";

/// What this browser remembers for the shop under a name.
pub(crate) fn recall(config: &Config, name: &str) -> Option<String> {
    storage(config)?.get_item(&key(config, name)).ok()?.filter(|kept| is_plain(kept))
}

/// Keeps a value for the next page view.
pub(super) fn remember(config: &Config, name: &str, value: &str) {
    if let Some(storage) = storage(config) {
        // A full or refused storage costs the shopper only the history of the next page view.
        let _ = storage.set_item(&key(config, name), value);
    }
}

/// Forgets a value.
pub(super) fn forget(config: &Config, name: &str) {
    if let Some(storage) = storage(config) {
        // What cannot be removed is refused by the worker again.
        let _ = storage.remove_item(&key(config, name));
    }
}

fn storage(config: &Config) -> Option<Storage> {
    if !config.has_consent() {
        return None;
    }
    gloo::utils::window().local_storage().ok().flatten()
}

fn key(config: &Config, name: &str) -> String {
    ["aisle:", &config.shop, ":", name].concat()
}

/// Any script of the page can write there, and what is kept becomes a part of a URL or a header.
fn is_plain(kept: &str) -> bool {
    (1..=1_024).contains(&kept.len())
        && kept.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && !kept.starts_with('.')
}
