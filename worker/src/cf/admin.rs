//! The interface of administrators.

use std::collections::BTreeMap;

use aisle_core::protocol::{
    Artifacts, ConversationUsage, ErrorCode, ErrorDetail, FileStored, MAX_ARTIFACT_FILE_BYTES,
    MAX_SETTINGS_BYTES, PublishArtifact, PublishedArtifact, SelectArtifact, ShopList, ShopSettings,
    Spending, SpentDay,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use worker::{Env, Request, Result};

use super::timing::RuntimeClock;
use super::{
    Handled, body, desk, inside, misconfigured, objects, provider, reply, settings, shops,
    text_binding, tickets, till,
};
use crate::admin::{Answer, Ask, Publication, artifact_id, in_effect};
use crate::admin_key::{self, hex};
use crate::ports::Clock;
use crate::privacy::ConversationCall;
use crate::routing::{AdminRoute, unknown_conversation};
use crate::shops::Shop;
use crate::spend;
use crate::usage::Total;

/// The keys of administrators.
pub(super) const ADMIN_KEYS: &str = "AISLE_ADMIN_KEYS";
/// The largest body but those of settings and files, in bytes.
const MAX_BODY_BYTES: usize = 4 * 1024;

/// Admits whoever has a key for the shop, or for everything where no shop is named.
pub(super) fn admit(
    request: &Request,
    env: &Env,
    shop: Option<&str>,
) -> Result<std::result::Result<(), ErrorDetail>> {
    let keys = text_binding(env, ADMIN_KEYS);
    let authorization = request.headers().get("authorization")?;
    Ok(admin_key::admit(keys.as_deref(), authorization.as_deref(), shop))
}

/// Admits whoever has a key for a shop that is there.
pub(super) fn admit_to(
    request: &Request,
    env: &Env,
    shop: &str,
) -> Result<std::result::Result<(), ErrorDetail>> {
    Ok(admit(request, env, Some(shop))?.and_then(|()| settings::base(env, shop).map(|_| ())))
}

/// The shops that a key is for.
pub(super) fn list(request: &Request, env: &Env) -> Result<Handled> {
    let all = shops(env).map(|all| all.names()).unwrap_or_default();
    let mut found = Vec::new();
    for shop in all {
        if admit(request, env, Some(&shop))?.is_ok() {
            found.push(shop);
        }
    }
    if found.is_empty()
        && let Err(detail) = admit(request, env, None)?
    {
        return Ok(Err(detail));
    }
    reply::json(200, &ShopList { shops: found }).map(Ok)
}

/// Answers an administrator of a shop.
pub(super) async fn handle(
    request: Request,
    env: &Env,
    shop: &str,
    what: AdminRoute<'_>,
) -> Result<Handled> {
    if let Err(detail) = admit(&request, env, Some(shop))? {
        return Ok(Err(detail));
    }
    let base = match settings::base(env, shop) {
        Ok(base) => base,
        Err(detail) => return Ok(Err(detail)),
    };
    let ask = match what {
        AdminRoute::Settings | AdminRoute::Artifacts => Ask::Read,
        AdminRoute::Spend { days } => return spending(env, shop, days).await,
        AdminRoute::StoreFile { hash } => return store(request, env, shop, hash).await,
        AdminRoute::Tickets { after } => return tickets::list(env, shop, after).await,
        AdminRoute::CloseTicket { id } => return tickets::close(env, shop, id).await,
        AdminRoute::Usage { conversation } => return usage(env, shop, conversation).await,
        AdminRoute::ReplaceSettings => {
            let version = request.headers().get("if-match")?;
            let Some(version) = version.and_then(|tag| tag.trim_matches('"').parse().ok()) else {
                let message = "the header if-match is needed, with the version of the settings";
                return Ok(Err(ErrorDetail::new(ErrorCode::VersionRequired, message)));
            };
            let settings: Map<String, Value> = match read(request, MAX_SETTINGS_BYTES).await? {
                Ok(settings) => settings,
                Err(detail) => return Ok(Err(detail)),
            };
            match in_effect(&base, &settings) {
                Ok(shop) if settings.contains_key("providers") => {
                    if let Err(detail) = known_providers(env, &shop) {
                        return Ok(Err(detail));
                    }
                }
                Ok(_) => {}
                Err(error) => return Ok(Err(malformed(&error.to_string()))),
            }
            Ask::Replace { version, settings }
        }
        AdminRoute::Publish => match read::<PublishArtifact>(request, MAX_BODY_BYTES).await? {
            Ok(PublishArtifact { files }) => Ask::Publish {
                publication: Publication {
                    id: artifact_id(&files),
                    files,
                    at_ms: RuntimeClock.now_ms(),
                },
            },
            Err(detail) => return Ok(Err(detail)),
        },
        AdminRoute::Select => match read::<SelectArtifact>(request, MAX_BODY_BYTES).await? {
            Ok(SelectArtifact { id }) => Ask::Select { id },
            Err(detail) => return Ok(Err(detail)),
        },
    };
    let answer = desk::ask(env, shop, &ask).await?;
    settings::forget(shop);
    let Answer::Holds { version, settings, current, published } = answer else {
        return Ok(Err(refusal(answer)));
    };
    match what {
        AdminRoute::Settings | AdminRoute::ReplaceSettings => {
            let in_effect = match in_effect(&base, &settings) {
                Ok(shop) => administered(&shop),
                Err(error) => return Ok(Err(malformed(&error.to_string()))),
            };
            let response = reply::json(200, &ShopSettings { version, settings, in_effect })?;
            let headers = response.headers().clone();
            headers.set("etag", &format!("\"{version}\""))?;
            Ok(Ok(response.with_headers(headers)))
        }
        _ => {
            let published = published.into_iter().map(told).collect();
            reply::json(200, &Artifacts { current, published }).map(Ok)
        }
    }
}

/// Refuses a list of providers with one that is not there: the shop would have no language model.
fn known_providers(env: &Env, shop: &Shop) -> std::result::Result<(), ErrorDetail> {
    let all = provider::check(env).map_err(|error| misconfigured(&error))?;
    match all.of_shop(shop.providers.as_deref()) {
        Ok(_) => Ok(()),
        Err(error) => Err(malformed(&error.to_string())),
    }
}

async fn spending(env: &Env, shop: &str, days: u32) -> Result<Handled> {
    let spend::Answer::Days { days } =
        till::ask(env, shop, &spend::Ask::Days { last: days }).await?
    else {
        return Ok(Err(ErrorDetail::new(ErrorCode::Internal, "the till cannot be read")));
    };
    let days = days.into_iter().map(SpentDay::from).collect();
    reply::json(200, &Spending { days }).map(Ok)
}

/// What a conversation's language models took.
async fn usage(env: &Env, shop: &str, conversation: &str) -> Result<Handled> {
    let stub = objects::conversation(env, shop, conversation)?;
    let total: Option<Total> = inside::call(&stub, &ConversationCall::Usage).await?;
    match total {
        Some(total) => reply::json(200, &ConversationUsage::from(total)).map(Ok),
        None => Ok(Err(unknown_conversation())),
    }
}

/// Keeps a file of an artifact that is to be published.
async fn store(request: Request, env: &Env, shop: &str, hash: &str) -> Result<Handled> {
    let bytes = match body::read(request, MAX_ARTIFACT_FILE_BYTES).await? {
        Ok(bytes) => bytes,
        Err(detail) => return Ok(Err(detail)),
    };
    if hex(&Sha256::digest(&bytes)) != hash {
        return Ok(Err(malformed("the body has another SHA-256 than the path says")));
    }
    let kept = desk::keep(env, shop, hash, &bytes).await?;
    if kept.status_code() != 200 {
        return Ok(Ok(kept));
    }
    reply::json(200, &FileStored { bytes: bytes.len() as u64 }).map(Ok)
}

async fn read<T: DeserializeOwned>(
    request: Request,
    most: usize,
) -> Result<std::result::Result<T, ErrorDetail>> {
    let read = |bytes: Vec<u8>| {
        serde_json::from_slice(&bytes)
            .map_err(|error| malformed(&format!("the body cannot be read: {error}")))
    };
    Ok(body::read(request, most).await?.and_then(read))
}

fn refusal(answer: Answer) -> ErrorDetail {
    match answer {
        Answer::Stale { version } => {
            let message = format!("the settings have version {version} by now");
            ErrorDetail::new(ErrorCode::VersionMismatch, message)
        }
        Answer::Unknown => {
            ErrorDetail::new(ErrorCode::NotFound, "no artifact of that id was published")
        }
        Answer::Refused { reason } => malformed(&reason),
        Answer::Holds { .. } => ErrorDetail::new(ErrorCode::Internal, "not a refusal"),
    }
}

fn malformed(message: &str) -> ErrorDetail {
    ErrorDetail::new(ErrorCode::MalformedRequest, message)
}

/// The settings of a shop that administrators may change.
fn administered(shop: &Shop) -> Map<String, Value> {
    match serde_json::to_value(shop) {
        Ok(Value::Object(all)) => {
            all.into_iter().filter(|(name, _)| crate::admin::is_administered(name)).collect()
        }
        _ => Map::new(),
    }
}

fn told(Publication { id, files, at_ms }: Publication) -> PublishedArtifact {
    let files: BTreeMap<String, String> = files;
    PublishedArtifact { id, files, published_ms: at_ms }
}
