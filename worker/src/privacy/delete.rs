//! Deleting what is kept of somebody: in every conversation that the directory lists under the
//! subject, in the directory itself and in the table of orders. It is written down before it
//! begins, goes on after any failure where it stopped, and doing it again does no harm.

use futures_util::future::LocalBoxFuture;
use thiserror::Error;

use aisle_core::date::DAY_MS;

use crate::directory::{Cursor, Directory, DirectoryError, Request, Subject};

/// Conversations that are looked up at once.
const PAGE: u32 = 50;
/// Conversations that one pass deletes, so that it stays within what the runtime allows.
pub const PASS: u32 = 200;
/// Requests that are worked on in one go.
const REQUESTS: u32 = 20;
/// After how long what was begun is looked at again, in milliseconds: whoever began it may have
/// been killed.
pub const RESUME_MS: u64 = 5_000;
/// After how long what failed is tried again, in milliseconds.
pub const RETRY_MS: u64 = 60_000;
/// How long an export waits to be fetched, in milliseconds: twice the 30 days that Shopify and the
/// GDPR give.
const EXPORT_MS: u64 = 60 * DAY_MS;

/// The other objects of the shop.
pub trait Objects {
    /// Deletes everything that a conversation has.
    fn delete_conversation<'a>(
        &'a self,
        id: &'a str,
    ) -> LocalBoxFuture<'a, Result<(), ObjectsError>>;

    /// Deletes a subject's orders; how many there were.
    fn delete_orders<'a>(
        &'a self,
        subject: &'a Subject,
    ) -> LocalBoxFuture<'a, Result<u32, ObjectsError>>;

    /// Forgets visitors: these, or all of the shop's where there is no list.
    fn forget_visitors(
        &self,
        visitors: Option<Vec<String>>,
    ) -> LocalBoxFuture<'_, Result<(), ObjectsError>>;
}

/// Another object failed, or could not be reached.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct ObjectsError(pub String);

/// Why a pass of a deletion ended before its end.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeleteError {
    /// The directory failed.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// Another object did.
    #[error("a part of a deletion failed and is tried again: {0}")]
    Objects(#[from] ObjectsError),
}

/// How far a pass came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// There is no more to do.
    Done,
    /// There is: another pass goes on.
    More,
}

/// Goes on with every request: deletions are worked on, exports that nobody fetched are dropped.
/// After how many milliseconds to come again; nothing where there is nothing left to do.
pub async fn work(
    directory: &impl Directory,
    objects: &impl Objects,
    now_ms: u64,
    report: fn(&str),
) -> Result<Option<u64>, DirectoryError> {
    let oldest_ms = directory.drop_exports(now_ms.saturating_sub(EXPORT_MS))?;
    let mut again = oldest_ms.map(|ms| (ms + EXPORT_MS + 1).saturating_sub(now_ms));
    let mut within = |ms: u64| again = Some(again.map_or(ms, |other| other.min(ms)));
    let running = directory.running(REQUESTS)?;
    if running.len() == REQUESTS as usize {
        within(0);
    }
    for request in running {
        match proceed(directory, objects, &request.id, now_ms, PASS).await {
            Ok(Pass::Done) => {}
            Ok(Pass::More) => within(0),
            Err(error) => {
                report(&error.to_string());
                within(RETRY_MS);
            }
        }
    }
    Ok(again)
}

/// Works on a deletion: at most `most` conversations. A conversation that fails is left for a later
/// pass, and the others are not made to wait for it. Nothing is done for a request that is done.
pub async fn proceed(
    directory: &impl Directory,
    objects: &impl Objects,
    id: &str,
    now_ms: u64,
    most: u32,
) -> Result<Pass, DeleteError> {
    let Some(subject) = running(directory, id)?.and_then(|request| request.subject) else {
        return Ok(Pass::Done);
    };
    let (mut after, mut deleted, mut failed) = (Cursor::default(), 0, None);
    loop {
        let page = directory.find(&subject, &after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Cursor::after(last);
        for listing in &page {
            if deleted == most {
                return Ok(Pass::More);
            }
            deleted += 1;
            match objects.delete_conversation(&listing.conversation).await {
                Ok(()) => unlist(directory, id, &listing.conversation)?,
                Err(error) => failed = Some(error),
            }
        }
    }
    if let Some(error) = failed {
        return Err(error.into());
    }
    // One that is named may be listed no more, or not yet be.
    if let Some(conversation) = &subject.conversation {
        objects.delete_conversation(conversation).await?;
    }
    let visitors = subject.visitors();
    if visitors.as_ref().is_none_or(|visitors| !visitors.is_empty()) {
        objects.forget_visitors(visitors).await?;
    }
    let orders = if subject.has_orders() { objects.delete_orders(&subject).await? } else { 0 };
    if let Some(mut request) = running(directory, id)? {
        request.orders = request.orders.saturating_add(orders);
        request.done_ms = Some(now_ms);
        request.subject = None;
        directory.put(&request)?;
    }
    Ok(Pass::Done)
}

fn running(directory: &impl Directory, id: &str) -> Result<Option<Request>, DirectoryError> {
    Ok(directory.request(id)?.filter(|request| request.done_ms.is_none()))
}

/// Unlists a conversation and counts it, once, whoever else is at it.
fn unlist(directory: &impl Directory, id: &str, conversation: &str) -> Result<(), DirectoryError> {
    if directory.forget(conversation)?
        && let Some(mut request) = running(directory, id)?
    {
        request.conversations = request.conversations.saturating_add(1);
        directory.put(&request)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
