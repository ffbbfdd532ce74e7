//! From a method and a path to what is asked for.

mod admin;
mod operation;

use std::str::FromStr;

use aisle_core::artifact::{ENCODER_FILE, INDEX_FILE, MANIFEST_FILE, RANKER_FILE};
use aisle_core::protocol::{ErrorCode, ErrorDetail, EventId, is_message_id};

pub use admin::{AdminRoute, PrivacyRoute};

use admin::{admin_route, privacy_route};

use crate::limits::Action;
use crate::shops::is_name;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// Whether the worker serves.
    Health,
    /// A file of the chat itself: its path, without the leading slash.
    Site(&'a str),
    /// A file of a shop's artifact.
    Artifact {
        /// The shop.
        shop: &'a str,
        /// One of the artifact's files.
        file: &'a str,
    },
    /// An administrator loads orders of a shop.
    LoadOrders {
        /// The shop.
        shop: &'a str,
    },
    /// A file of an artifact that was published.
    PublishedArtifact {
        /// The shop.
        shop: &'a str,
        /// The artifact.
        id: &'a str,
        /// One of its files.
        file: &'a str,
    },
    /// The shops that an administrator's key is for.
    AdminShops,
    /// An administrator reads or changes something of a shop.
    Admin {
        /// The shop.
        shop: &'a str,
        /// What of it.
        what: AdminRoute<'a>,
    },
    /// Figures of this worker, for Prometheus.
    Metrics,
    /// The description of this interface.
    Description,
    /// An administrator asks about personal data.
    Privacy {
        /// The shop.
        shop: &'a str,
        /// What is asked.
        what: PrivacyRoute<'a>,
    },
    /// A webhook of Shopify's.
    Webhook {
        /// The shop.
        shop: &'a str,
    },
    /// A browser asks whether it may ask.
    Preflight,
    /// Something of a shop.
    Shop {
        /// The shop.
        shop: &'a str,
        /// What of it.
        what: ShopRoute<'a>,
    },
}

/// What is asked of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShopRoute<'a> {
    /// What the widget needs to know.
    Profile,
    /// A token for a visitor.
    Session,
    /// A new conversation.
    Open,
    /// A turn of a conversation.
    Turn {
        /// The conversation.
        conversation: &'a str,
        /// How much of its answer is known, if the turn is sent again.
        after: Option<EventId>,
    },
    /// The answer to a turn, from where its reader was.
    Resume {
        /// The conversation.
        conversation: &'a str,
        /// The turn.
        message_id: &'a str,
        /// How much of the answer is known.
        after: Option<EventId>,
    },
    /// The end of an answer that is being written.
    Stop {
        /// The conversation.
        conversation: &'a str,
        /// The turn.
        message_id: &'a str,
    },
    /// The messages of a conversation above a sequence number.
    Messages {
        /// The conversation.
        conversation: &'a str,
        /// The sequence number.
        after: u32,
    },
    /// The end of a conversation: everything of it is deleted.
    Delete {
        /// The conversation.
        conversation: &'a str,
    },
    /// The end of everything that was said in a session: all of its visitor's conversations.
    DeleteVisitor,
    /// An order, by its number and the address it was placed with.
    FindOrder,
    /// What a signed-in customer bought.
    Purchases,
    /// The orders of a signed-in customer.
    OwnOrders {
        /// The one with this number, as it stands in the path; otherwise the latest.
        number: Option<&'a str>,
    },
}

impl ShopRoute<'_> {
    /// Whether it changes nothing.
    pub fn is_reading(&self) -> bool {
        matches!(
            self,
            Self::Profile
                | Self::Resume { .. }
                | Self::Messages { .. }
                | Self::Purchases
                | Self::OwnOrders { .. }
        )
    }

    /// What is limited of it, for what only a visitor with a session may ask.
    pub fn action(&self) -> Option<Action> {
        match self {
            Self::Open => Some(Action::Open),
            Self::Turn { .. } => Some(Action::Turn),
            Self::Resume { .. }
            | Self::Stop { .. }
            | Self::Messages { .. }
            | Self::Delete { .. }
            | Self::DeleteVisitor => Some(Action::Read),
            Self::Profile
            | Self::Session
            | Self::FindOrder
            | Self::Purchases
            | Self::OwnOrders { .. } => None,
        }
    }

    /// The conversation that it is about.
    pub fn conversation(&self) -> Option<&str> {
        match self {
            Self::Turn { conversation, .. }
            | Self::Resume { conversation, .. }
            | Self::Stop { conversation, .. }
            | Self::Messages { conversation, .. }
            | Self::Delete { conversation } => Some(conversation),
            Self::Profile
            | Self::Session
            | Self::Open
            | Self::DeleteVisitor
            | Self::FindOrder
            | Self::Purchases
            | Self::OwnOrders { .. } => None,
        }
    }
}

/// Finds out what a request asks for. `path` begins with a slash; `query` is without its mark.
pub fn route<'a>(
    method: &str,
    path: &'a str,
    query: Option<&'a str>,
) -> Result<Route<'a>, ErrorDetail> {
    if method == "OPTIONS" {
        return Ok(Route::Preflight);
    }
    let not_found = || ErrorDetail::new(ErrorCode::NotFound, "there is nothing at this path");
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (expected, found) = match segments.as_slice() {
        ["healthz"] => ("GET", Route::Health),
        ["aisle.js"] => ("GET", Route::Site("aisle.js")),
        ["assets", file] if is_file(file) => ("GET", Route::Site(path.trim_start_matches('/'))),
        ["artifacts", shop, file] if is_name(shop) && is_artifact_file(file) => {
            ("GET", Route::Artifact { shop, file })
        }
        ["artifacts", shop, id, file] if is_name(shop) && is_name(id) && is_artifact_file(file) => {
            ("GET", Route::PublishedArtifact { shop, id, file })
        }
        ["metrics"] => ("GET", Route::Metrics),
        ["v1", "openapi.json"] => ("GET", Route::Description),
        ["v1", "admin", "shops"] => ("GET", Route::AdminShops),
        ["v1", "admin", "shops", shop, "orders"] if is_name(shop) => {
            ("PUT", Route::LoadOrders { shop })
        }
        ["v1", "admin", "shops", shop, rest @ ..] if is_name(shop) => {
            if let Some((expected, what)) = privacy_route(rest, query) {
                (expected, Route::Privacy { shop, what })
            } else {
                let (expected, what) = admin_route(method, rest, query)?.ok_or_else(not_found)?;
                (expected, Route::Admin { shop, what })
            }
        }
        ["v1", "webhooks", shop, "shopify"] if is_name(shop) => ("POST", Route::Webhook { shop }),
        ["v1", "shops", shop, rest @ ..] => {
            let (expected, what) = shop_route(rest, query)?.ok_or_else(not_found)?;
            (expected, Route::Shop { shop, what })
        }
        _ => return Err(not_found()),
    };
    // Whoever asks for no body reads no stream, and would count as a reader all the same.
    let is_stream = matches!(found, Route::Shop { what: ShopRoute::Resume { .. }, .. });
    if method == expected || (expected == "GET" && method == "HEAD" && !is_stream) {
        Ok(found)
    } else {
        let message = format!("this path takes {expected}, not {}", shown(method));
        Err(ErrorDetail::new(ErrorCode::MethodNotAllowed, message))
    }
}

fn shop_route<'a>(
    segments: &[&'a str],
    query: Option<&str>,
) -> Result<Option<(&'static str, ShopRoute<'a>)>, ErrorDetail> {
    let known = |id: &str| {
        if is_name(id) { Ok(()) } else { Err(unknown_conversation()) }
    };
    Ok(Some(match *segments {
        ["config"] => ("GET", ShopRoute::Profile),
        ["session"] => ("POST", ShopRoute::Session),
        ["conversations"] => ("POST", ShopRoute::Open),
        ["conversations", conversation] => {
            known(conversation)?;
            ("DELETE", ShopRoute::Delete { conversation })
        }
        ["conversations", conversation, "turns"] => {
            known(conversation)?;
            ("POST", ShopRoute::Turn { conversation, after: event_id(query)? })
        }
        ["conversations", conversation, "turns", message_id] => {
            known(conversation)?;
            let message_id = known_turn(message_id)?;
            ("GET", ShopRoute::Resume { conversation, message_id, after: event_id(query)? })
        }
        ["conversations", conversation, "turns", message_id, "stop"] => {
            known(conversation)?;
            ("POST", ShopRoute::Stop { conversation, message_id: known_turn(message_id)? })
        }
        ["conversations", conversation, "messages"] => {
            known(conversation)?;
            ("GET", ShopRoute::Messages { conversation, after: after(query)? })
        }
        ["visitor"] => ("DELETE", ShopRoute::DeleteVisitor),
        ["orders", "lookup"] => ("POST", ShopRoute::FindOrder),
        ["customer", "history"] => ("GET", ShopRoute::Purchases),
        ["customer", "orders"] => ("GET", ShopRoute::OwnOrders { number: None }),
        ["customer", "orders", number] => ("GET", ShopRoute::OwnOrders { number: Some(number) }),
        _ => return Ok(None),
    }))
}

/// The error for a conversation that does not exist, or is of another shop.
pub fn unknown_conversation() -> ErrorDetail {
    ErrorDetail::new(ErrorCode::UnknownConversation, "no conversation of that id is here")
}

/// The error for a turn that its conversation does not have.
pub fn unknown_turn() -> ErrorDetail {
    ErrorDetail::new(ErrorCode::NotFound, "no turn of that id is here")
}

fn known_turn(message_id: &str) -> Result<&str, ErrorDetail> {
    if is_message_id(message_id) { Ok(message_id) } else { Err(unknown_turn()) }
}

/// The parameter `after` as a sequence number; 0 when it is absent.
fn after(query: Option<&str>) -> Result<u32, ErrorDetail> {
    parameter(query, "after=", "the parameter after is not a sequence number")
        .map(Option::unwrap_or_default)
}

/// The parameter `after` as the id of an event.
fn event_id(query: Option<&str>) -> Result<Option<EventId>, ErrorDetail> {
    parameter(query, "after=", "the parameter after is not the id of an event")
}

fn parameter<T: FromStr>(
    query: Option<&str>,
    name: &str,
    wrong: &str,
) -> Result<Option<T>, ErrorDetail> {
    let found = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix(name));
    let parse = |value: &str| {
        value.parse().map_err(|_| ErrorDetail::new(ErrorCode::MalformedRequest, wrong))
    };
    found.map(parse).transpose()
}

/// Whether a text is a SHA-256 in small hexadecimal digits.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
}

fn is_file(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=100).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(allowed)
}

fn is_artifact_file(name: &str) -> bool {
    [MANIFEST_FILE, ENCODER_FILE, RANKER_FILE, INDEX_FILE].contains(&name)
}

fn shown(method: &str) -> String {
    method.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_lead_to_what_they_name() {
        let shop = |what| Ok(Route::Shop { shop: "demo", what });
        let admin = |what| Ok(Route::Admin { shop: "demo", what });
        let asked = |what| Ok(Route::Privacy { shop: "demo", what });
        for (request, expected) in [
            ("GET /healthz", Ok(Route::Health)),
            ("HEAD /healthz", Ok(Route::Health)),
            ("GET /aisle.js", Ok(Route::Site("aisle.js"))),
            ("GET /assets/widget-1f.wasm", Ok(Route::Site("assets/widget-1f.wasm"))),
            (
                "GET /artifacts/demo/index.bin",
                Ok(Route::Artifact { shop: "demo", file: "index.bin" }),
            ),
            ("OPTIONS /anything", Ok(Route::Preflight)),
            ("GET /v1/shops/demo/config", shop(ShopRoute::Profile)),
            ("POST /v1/shops/demo/session", shop(ShopRoute::Session)),
            ("POST /v1/shops/demo/conversations", shop(ShopRoute::Open)),
            (
                "POST /v1/shops/demo/conversations/c1/turns",
                shop(ShopRoute::Turn { conversation: "c1", after: None }),
            ),
            (
                "POST /v1/shops/demo/conversations/c1/turns?after=2-340",
                shop(ShopRoute::Turn {
                    conversation: "c1",
                    after: Some(EventId { epoch: 2, bytes: 340 }),
                }),
            ),
            (
                "GET /v1/shops/demo/conversations/c1/turns/message-1?after=1-0",
                shop(ShopRoute::Resume {
                    conversation: "c1",
                    message_id: "message-1",
                    after: Some(EventId { epoch: 1, bytes: 0 }),
                }),
            ),
            (
                "POST /v1/shops/demo/conversations/c1/turns/message-1/stop",
                shop(ShopRoute::Stop { conversation: "c1", message_id: "message-1" }),
            ),
            (
                "GET /v1/shops/demo/conversations/c1/turns/message-1?after=7",
                Err(ErrorCode::MalformedRequest),
            ),
            (
                "HEAD /v1/shops/demo/conversations/c1/turns/message-1",
                Err(ErrorCode::MethodNotAllowed),
            ),
            ("GET /v1/shops/demo/conversations/c1/turns/m", Err(ErrorCode::NotFound)),
            ("GET /v1/shops/demo/conversations/c1/turns", Err(ErrorCode::MethodNotAllowed)),
            (
                "GET /v1/shops/demo/conversations/c1/messages?after=7",
                shop(ShopRoute::Messages { conversation: "c1", after: 7 }),
            ),
            (
                "GET /v1/shops/demo/conversations/c1/messages",
                shop(ShopRoute::Messages { conversation: "c1", after: 0 }),
            ),
            (
                "GET /v1/shops/demo/conversations/c%2F1/messages",
                Err(ErrorCode::UnknownConversation),
            ),
            (
                "GET /v1/shops/demo/conversations/c1/messages?after=-1",
                Err(ErrorCode::MalformedRequest),
            ),
            (
                "GET /v1/shops/demo/conversations/c1/messages?after=",
                Err(ErrorCode::MalformedRequest),
            ),
            ("POST /v1/shops/demo/orders/lookup", shop(ShopRoute::FindOrder)),
            ("GET /v1/shops/demo/customer/history", shop(ShopRoute::Purchases)),
            ("GET /v1/shops/demo/customer/orders", shop(ShopRoute::OwnOrders { number: None })),
            (
                "GET /v1/shops/demo/customer/orders/W-7",
                shop(ShopRoute::OwnOrders { number: Some("W-7") }),
            ),
            ("PUT /v1/admin/shops/demo/orders", Ok(Route::LoadOrders { shop: "demo" })),
            ("GET /v1/admin/shops/demo/orders", Err(ErrorCode::MethodNotAllowed)),
            ("GET /v1/admin/shops", Ok(Route::AdminShops)),
            ("GET /v1/admin/shops/demo/settings", admin(AdminRoute::Settings)),
            ("PUT /v1/admin/shops/demo/settings", admin(AdminRoute::ReplaceSettings)),
            ("POST /v1/admin/shops/demo/settings", Err(ErrorCode::MethodNotAllowed)),
            ("GET /v1/admin/shops/demo/spend", admin(AdminRoute::Spend { days: 31 })),
            ("GET /v1/admin/shops/demo/spend?days=7", admin(AdminRoute::Spend { days: 7 })),
            ("GET /v1/admin/shops/demo/spend?days=x", Err(ErrorCode::MalformedRequest)),
            ("GET /v1/admin/shops/demo/artifacts", admin(AdminRoute::Artifacts)),
            ("POST /v1/admin/shops/demo/artifacts", admin(AdminRoute::Publish)),
            ("PUT /v1/admin/shops/demo/artifacts/current", admin(AdminRoute::Select)),
            (
                "PUT /v1/admin/shops/demo/artifacts/files/2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
                admin(AdminRoute::StoreFile {
                    hash: "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
                }),
            ),
            ("PUT /v1/admin/shops/demo/artifacts/files/2BB8", Err(ErrorCode::NotFound)),
            ("GET /v1/admin/shops/demo/tickets", admin(AdminRoute::Tickets { after: "" })),
            (
                "GET /v1/admin/shops/demo/tickets?after=7.t1",
                admin(AdminRoute::Tickets { after: "7.t1" }),
            ),
            ("DELETE /v1/admin/shops/demo/tickets/t1", admin(AdminRoute::CloseTicket { id: "t1" })),
            ("GET /v1/admin/shops/demo/tickets/t1", Err(ErrorCode::MethodNotAllowed)),
            (
                "GET /v1/admin/shops/demo/conversations/c1/usage",
                admin(AdminRoute::Usage { conversation: "c1" }),
            ),
            ("GET /v1/admin/shops/demo/conversations/c1", Err(ErrorCode::NotFound)),
            ("GET /v1/admin/shops/demo/nothing", Err(ErrorCode::NotFound)),
            (
                "GET /artifacts/demo/0f1e/index.bin",
                Ok(Route::PublishedArtifact { shop: "demo", id: "0f1e", file: "index.bin" }),
            ),
            ("GET /artifacts/demo/../index.bin", Err(ErrorCode::NotFound)),
            ("GET /metrics", Ok(Route::Metrics)),
            ("GET /v1/openapi.json", Ok(Route::Description)),
            (
                "DELETE /v1/shops/demo/conversations/c1",
                shop(ShopRoute::Delete { conversation: "c1" }),
            ),
            ("GET /v1/shops/demo/conversations/c1", Err(ErrorCode::MethodNotAllowed)),
            ("DELETE /v1/shops/demo/visitor", shop(ShopRoute::DeleteVisitor)),
            ("GET /v1/shops/demo/visitor", Err(ErrorCode::MethodNotAllowed)),
            (
                "POST /v1/admin/shops/demo/privacy/export?after=7.c1",
                asked(PrivacyRoute::Export { after: "7.c1" }),
            ),
            ("POST /v1/admin/shops/demo/privacy/delete", asked(PrivacyRoute::Delete)),
            ("GET /v1/admin/shops/demo/privacy/delete", Err(ErrorCode::MethodNotAllowed)),
            ("GET /v1/admin/shops/demo/privacy/requests", asked(PrivacyRoute::Requests)),
            (
                "GET /v1/admin/shops/demo/privacy/requests/r1",
                asked(PrivacyRoute::Request { id: "r1" }),
            ),
            (
                "GET /v1/admin/shops/demo/conversations?since=12",
                asked(PrivacyRoute::Conversations { since: "12" }),
            ),
            ("POST /v1/admin/shops/demo/privacy", Err(ErrorCode::NotFound)),
            ("POST /v1/webhooks/demo/shopify", Ok(Route::Webhook { shop: "demo" })),
            ("POST /v1/webhooks/a%20b/shopify", Err(ErrorCode::NotFound)),
            ("POST /internal", Err(ErrorCode::NotFound)),
            ("PUT /v1/admin/shops/a%20b/orders", Err(ErrorCode::NotFound)),
            ("GET /v1/shops/demo/conversations", Err(ErrorCode::MethodNotAllowed)),
            ("PUT /healthz", Err(ErrorCode::MethodNotAllowed)),
            ("GET /", Err(ErrorCode::NotFound)),
            ("GET /assets/", Err(ErrorCode::NotFound)),
            ("GET /assets/../aisle.js", Err(ErrorCode::NotFound)),
            ("GET /assets/.hidden", Err(ErrorCode::NotFound)),
            ("GET /artifacts/demo/shop.toml", Err(ErrorCode::NotFound)),
            ("GET /artifacts/../index.bin", Err(ErrorCode::NotFound)),
            ("GET /v1/shops/demo", Err(ErrorCode::NotFound)),
            ("GET /v2/shops/demo/config", Err(ErrorCode::NotFound)),
        ] {
            let (method, target) = request.split_once(' ').unwrap();
            let (path, query) = match target.split_once('?') {
                Some((path, query)) => (path, Some(query)),
                None => (target, None),
            };
            let found = route(method, path, query).map_err(|error| error.code);
            assert_eq!(found, expected, "{request}");
        }
    }

    proptest! {
        #[test]
        fn any_request_has_a_route_or_an_error(
            method in "[A-Z]{0,8}",
            path in "(/(v1|shops|conversations|turns|messages|assets|artifacts|[^/]{0,6})){0,7}",
            query in proptest::option::of("[a-z=&0-9%]{0,20}"),
        ) {
            let _ = route(&method, &path, query.as_deref());
        }
    }
}
