//! The shops' indexes, opened once for all conversations of this isolate.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use aisle_core::artifact::{FileCheck, INDEX_FILE, MANIFEST_FILE, Manifest, ManifestError};
use aisle_core::index::{Index, IndexError};
use aisle_core::protocol::{ErrorCode, ErrorDetail};
use thiserror::Error;
use worker::Env;

use super::files::artifact_bytes;
use super::report;
use super::timing::RuntimeClock;
use crate::ports::Clock;

/// How old an opened index may be before its manifest is looked at again, in milliseconds.
const RECHECK_MS: u64 = 30_000;

#[derive(Debug, Error)]
enum ArtifactError {
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error("the files cannot be read: {0}")]
    Files(#[from] worker::Error),
}

#[derive(Clone)]
struct Opened {
    index: Rc<Index>,
    check: FileCheck,
    checked_ms: u64,
}

thread_local! {
    static OPENED: RefCell<HashMap<String, Opened>> = RefCell::default();
}

/// The index of a shop. One that cannot be renewed stays in use.
pub(super) async fn index(env: &Env, shop: &str) -> Result<Rc<Index>, ErrorDetail> {
    let now_ms = RuntimeClock.now_ms();
    let old = OPENED.with_borrow(|opened| opened.get(shop).cloned());
    if let Some(old) = &old
        && now_ms.saturating_sub(old.checked_ms) < RECHECK_MS
    {
        return Ok(old.index.clone());
    }
    let opened = match open(env, shop, old.as_ref()).await {
        Ok((index, check)) => Opened { index, check, checked_ms: now_ms },
        Err(error) => {
            report(&format!("the artifact of {shop} cannot be used: {error}"));
            let Some(old) = old else {
                let message = "the shop's artifact is missing or damaged";
                return Err(ErrorDetail::new(ErrorCode::ArtifactUnavailable, message));
            };
            Opened { checked_ms: now_ms, ..old }
        }
    };
    let index = opened.index.clone();
    OPENED.with_borrow_mut(|all| all.insert(shop.to_owned(), opened));
    Ok(index)
}

async fn open(
    env: &Env,
    shop: &str,
    old: Option<&Opened>,
) -> Result<(Rc<Index>, FileCheck), ArtifactError> {
    let read =
        async |file| artifact_bytes(env, shop, file).await?.ok_or(ArtifactError::Missing(file));
    let manifest = Manifest::parse(&read(MANIFEST_FILE).await?)?;
    let unlisted = || ManifestError::Unlisted { file: INDEX_FILE.to_owned() };
    let check = *manifest.files.get(INDEX_FILE).ok_or_else(unlisted)?;
    if let Some(old) = old
        && old.check == check
    {
        return Ok((old.index.clone(), check));
    }
    let bytes = read(INDEX_FILE).await?;
    manifest.verify(INDEX_FILE, &bytes)?;
    Ok((Rc::new(Index::open(&bytes)?), check))
}
