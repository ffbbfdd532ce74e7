//! The method and the path's pattern of each route, for the log, the figures and the description.

use super::{AdminRoute, PrivacyRoute, Route, ShopRoute};

impl Route<'_> {
    /// Its method and the pattern of its path.
    pub fn operation(&self) -> (&'static str, &'static str) {
        match self {
            Self::Health => ("GET", "/healthz"),
            Self::Metrics => ("GET", "/metrics"),
            Self::Description => ("GET", "/v1/openapi.json"),
            Self::Site("aisle.js") => ("GET", "/aisle.js"),
            Self::Site(_) => ("GET", "/assets/{file}"),
            Self::Artifact { .. } => ("GET", "/artifacts/{shop}/{file}"),
            Self::PublishedArtifact { .. } => ("GET", "/artifacts/{shop}/{artifact}/{file}"),
            Self::Preflight => ("OPTIONS", "/{any}"),
            Self::AdminShops => ("GET", "/v1/admin/shops"),
            Self::LoadOrders { .. } => ("PUT", "/v1/admin/shops/{shop}/orders"),
            Self::Webhook { .. } => ("POST", "/v1/webhooks/{shop}/shopify"),
            Self::Admin { what, .. } => what.operation(),
            Self::Privacy { what, .. } => what.operation(),
            Self::Shop { what, .. } => what.operation(),
        }
    }

    /// The shop that it is about.
    pub fn shop(&self) -> Option<&str> {
        match self {
            Self::Artifact { shop, .. }
            | Self::PublishedArtifact { shop, .. }
            | Self::LoadOrders { shop }
            | Self::Admin { shop, .. }
            | Self::Privacy { shop, .. }
            | Self::Webhook { shop }
            | Self::Shop { shop, .. } => Some(shop),
            Self::Health
            | Self::Metrics
            | Self::Description
            | Self::Site(_)
            | Self::Preflight
            | Self::AdminShops => None,
        }
    }
}

impl AdminRoute<'_> {
    fn operation(&self) -> (&'static str, &'static str) {
        match self {
            Self::Settings => ("GET", "/v1/admin/shops/{shop}/settings"),
            Self::ReplaceSettings => ("PUT", "/v1/admin/shops/{shop}/settings"),
            Self::Spend { .. } => ("GET", "/v1/admin/shops/{shop}/spend"),
            Self::Artifacts => ("GET", "/v1/admin/shops/{shop}/artifacts"),
            Self::Publish => ("POST", "/v1/admin/shops/{shop}/artifacts"),
            Self::Select => ("PUT", "/v1/admin/shops/{shop}/artifacts/current"),
            Self::StoreFile { .. } => ("PUT", "/v1/admin/shops/{shop}/artifacts/files/{sha256}"),
            Self::Tickets { .. } => ("GET", "/v1/admin/shops/{shop}/tickets"),
            Self::CloseTicket { .. } => ("DELETE", "/v1/admin/shops/{shop}/tickets/{ticket}"),
            Self::Usage { .. } => {
                ("GET", "/v1/admin/shops/{shop}/conversations/{conversation}/usage")
            }
        }
    }
}

impl PrivacyRoute<'_> {
    fn operation(&self) -> (&'static str, &'static str) {
        match self {
            Self::Export { .. } => ("POST", "/v1/admin/shops/{shop}/privacy/export"),
            Self::Delete => ("POST", "/v1/admin/shops/{shop}/privacy/delete"),
            Self::Requests => ("GET", "/v1/admin/shops/{shop}/privacy/requests"),
            Self::Request { .. } => ("GET", "/v1/admin/shops/{shop}/privacy/requests/{receipt}"),
            Self::Conversations { .. } => ("GET", "/v1/admin/shops/{shop}/conversations"),
        }
    }
}

impl ShopRoute<'_> {
    fn operation(&self) -> (&'static str, &'static str) {
        match self {
            Self::Profile => ("GET", "/v1/shops/{shop}/config"),
            Self::Session => ("POST", "/v1/shops/{shop}/session"),
            Self::Open => ("POST", "/v1/shops/{shop}/conversations"),
            Self::Turn { .. } => ("POST", "/v1/shops/{shop}/conversations/{conversation}/turns"),
            Self::Resume { .. } => {
                ("GET", "/v1/shops/{shop}/conversations/{conversation}/turns/{message_id}")
            }
            Self::Stop { .. } => {
                ("POST", "/v1/shops/{shop}/conversations/{conversation}/turns/{message_id}/stop")
            }
            Self::Messages { .. } => {
                ("GET", "/v1/shops/{shop}/conversations/{conversation}/messages")
            }
            Self::Delete { .. } => ("DELETE", "/v1/shops/{shop}/conversations/{conversation}"),
            Self::DeleteVisitor => ("DELETE", "/v1/shops/{shop}/visitor"),
            Self::FindOrder => ("POST", "/v1/shops/{shop}/orders/lookup"),
            Self::OwnOrders { number: None } => ("GET", "/v1/shops/{shop}/customer/orders"),
            Self::OwnOrders { number: Some(_) } => {
                ("GET", "/v1/shops/{shop}/customer/orders/{number}")
            }
            Self::Purchases => ("GET", "/v1/shops/{shop}/customer/history"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::super::route;

    const DESCRIPTION: &str = include_str!("../../openapi.json");
    const SOURCE: &str = include_str!("operation.rs");

    /// Method and pattern of every operation that is described.
    fn described() -> BTreeSet<(String, String)> {
        let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
        let paths = description["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
            methods.map(move |method| (method.to_uppercase(), path.clone()))
        });
        operations.collect()
    }

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let (program, _) = SOURCE.split_once("#[cfg(test)]").unwrap();
        let routed: BTreeSet<(String, String)> = program
            .split("(\"")
            .skip(1)
            .filter_map(|rest| rest.split_once("\", \""))
            .filter_map(|(method, rest)| Some((method, rest.split_once('"')?.0)))
            .filter(|(method, _)| *method != "OPTIONS")
            .map(|(method, path)| (method.to_owned(), path.to_owned()))
            .collect();
        assert!(routed.len() > 20, "{routed:?}");
        assert_eq!(routed, described());
    }

    #[test]
    fn what_is_described_leads_to_its_route() {
        for (method, pattern) in described() {
            let sample = |name: &str| match name {
                "sha256" => "0".repeat(64),
                "file" if pattern.starts_with("/artifacts") => "index.bin".to_owned(),
                "file" => "widget.js".to_owned(),
                "message_id" => "message-0001".to_owned(),
                name => format!("a-{}", name.len()),
            };
            let segments = pattern.split('/').map(|segment| {
                match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                    Some(name) => sample(name),
                    None => segment.to_owned(),
                }
            });
            let path = segments.collect::<Vec<_>>().join("/");
            let found = route(&method, &path, None).map(|route| route.operation());
            assert_eq!(found, Ok((method.as_str(), pattern.as_str())), "{path}");
        }
    }
}
