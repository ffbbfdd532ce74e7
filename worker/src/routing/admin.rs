//! What administrators ask for.

use aisle_core::protocol::ErrorDetail;

use super::{is_hash, parameter};
use crate::shops::is_name;

/// Days of spending that are shown unless told.
const DAYS_SHOWN: u32 = 31;

/// What an administrator asks of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminRoute<'a> {
    /// Its settings.
    Settings,
    /// Other settings.
    ReplaceSettings,
    /// What it spent.
    Spend {
        /// In so many days, today included.
        days: u32,
    },
    /// Its artifacts.
    Artifacts,
    /// An artifact of files that were sent.
    Publish,
    /// Another artifact that is to be in use.
    Select,
    /// A file for an artifact.
    StoreFile {
        /// SHA-256 of its bytes in hexadecimal digits.
        hash: &'a str,
    },
    /// What waits for the shop's team; the cursor of the page as it is written, empty for the first.
    Tickets {
        /// The cursor.
        after: &'a str,
    },
    /// The end of such a wait.
    CloseTicket {
        /// The ticket.
        id: &'a str,
    },
    /// What the language models of a conversation took.
    Usage {
        /// The conversation.
        conversation: &'a str,
    },
}

/// What an administrator asks about personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivacyRoute<'a> {
    /// What is kept of somebody; the cursor of the page as it is written, empty for the first.
    Export {
        /// The cursor.
        after: &'a str,
    },
    /// To delete it.
    Delete,
    /// What was asked before.
    Requests,
    /// One of those.
    Request {
        /// Its receipt.
        id: &'a str,
    },
    /// All conversations that may be used for training.
    Conversations {
        /// The cursor of the page, or the time of opening from which on they are meant.
        since: &'a str,
    },
}

/// What is asked of a shop's administration, with the method that it takes.
pub(super) fn admin_route<'a>(
    method: &str,
    segments: &[&'a str],
    query: Option<&'a str>,
) -> Result<Option<(&'static str, AdminRoute<'a>)>, ErrorDetail> {
    Ok(Some(match *segments {
        ["settings"] if method == "PUT" => ("PUT", AdminRoute::ReplaceSettings),
        ["settings"] => ("GET", AdminRoute::Settings),
        ["spend"] => {
            let days = parameter(query, "days=", "the parameter days is not a number")?;
            ("GET", AdminRoute::Spend { days: days.unwrap_or(DAYS_SHOWN) })
        }
        ["artifacts"] if method == "POST" => ("POST", AdminRoute::Publish),
        ["artifacts"] => ("GET", AdminRoute::Artifacts),
        ["artifacts", "current"] => ("PUT", AdminRoute::Select),
        ["artifacts", "files", hash] if is_hash(hash) => ("PUT", AdminRoute::StoreFile { hash }),
        ["tickets"] => ("GET", AdminRoute::Tickets { after: given(query, "after=") }),
        ["tickets", id] if is_name(id) => ("DELETE", AdminRoute::CloseTicket { id }),
        ["conversations", conversation, "usage"] if is_name(conversation) => {
            ("GET", AdminRoute::Usage { conversation })
        }
        _ => return Ok(None),
    }))
}

/// What is asked about personal data, with the method that it takes.
pub(super) fn privacy_route<'a>(
    segments: &[&'a str],
    query: Option<&'a str>,
) -> Option<(&'static str, PrivacyRoute<'a>)> {
    let given = |name| given(query, name);
    Some(match *segments {
        ["privacy", "export"] => ("POST", PrivacyRoute::Export { after: given("after=") }),
        ["privacy", "delete"] => ("POST", PrivacyRoute::Delete),
        ["privacy", "requests"] => ("GET", PrivacyRoute::Requests),
        ["privacy", "requests", id] if is_name(id) => ("GET", PrivacyRoute::Request { id }),
        ["conversations"] => ("GET", PrivacyRoute::Conversations { since: given("since=") }),
        _ => return None,
    })
}

/// A parameter as it stands; empty where it is missing.
fn given<'a>(query: Option<&'a str>, name: &str) -> &'a str {
    let mut pairs = query.unwrap_or_default().split('&');
    pairs.find_map(|pair| pair.strip_prefix(name)).unwrap_or_default()
}
