//! Deleting what is kept of somebody: in every conversation that the directory lists under the
//! subject, in the directory itself, in the table of orders and among the visitors. It is written
//! down before it begins, goes on after any failure where it stopped, and doing it again does no
//! harm.
//!
//! A visitor is forgotten with the last conversation that leads to them, whoever ends it.

use futures_util::future::LocalBoxFuture;
use thiserror::Error;

use aisle_core::date::DAY_MS;

use crate::directory::{Cursor, Directory, DirectoryError, Link, Request, Subject};
use crate::holder::Holder;

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
    /// Deletes everything that a conversation has; whether it did. One that is not the asker's, if
    /// there is one, stays.
    fn delete_conversation<'a>(
        &'a self,
        id: &'a str,
        asker: Option<&'a Holder>,
    ) -> LocalBoxFuture<'a, Result<bool, ObjectsError>>;

    /// Deletes a subject's orders; how many there were.
    fn delete_orders<'a>(
        &'a self,
        subject: &'a Subject,
    ) -> LocalBoxFuture<'a, Result<u32, ObjectsError>>;

    /// Forgets visitors: these, or all of the shop's where there is no list; and how often they may
    /// ask, `with_buckets`.
    fn forget_visitors(
        &self,
        visitors: Option<Vec<String>>,
        with_buckets: bool,
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
    let (asker, with_buckets) = (subject.asker.as_ref(), subject.asker.is_none());
    let (mut after, mut deleted, mut failed) = (Cursor::default(), 0, None);
    loop {
        let page = directory.find(&subject, &after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Cursor::after(last);
        for listing in &page {
            if deleted == most {
                return Ok(Pass::More);
            }
            match delete(directory, objects, &subject, &listing.conversation).await {
                Ok(true) => {
                    deleted += 1;
                    unlist(directory, id, &listing.conversation)?;
                }
                // Few: other customers' who were signed in where the asker is.
                Ok(false) => {}
                Err(DeleteError::Objects(error)) => {
                    deleted += 1;
                    failed = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
    }
    if let Some(error) = failed {
        return Err(error.into());
    }
    // One that is named may be listed no more, or not yet be.
    if let Some(conversation) = &subject.conversation {
        objects.delete_conversation(conversation, asker).await?;
    }
    let visitors = subject.visitors();
    if visitors.as_ref().is_none_or(|visitors| !visitors.is_empty()) {
        objects.forget_visitors(visitors, with_buckets).await?;
    }
    let orders = if subject.has_orders() { objects.delete_orders(&subject).await? } else { 0 };
    if asker.is_some() {
        directory.drop_request(id)?;
    } else if let Some(mut request) = running(directory, id)? {
        request.orders = request.orders.saturating_add(orders);
        request.done_ms = Some(now_ms);
        request.subject = None;
        directory.put(&request)?;
    }
    Ok(Pass::Done)
}

/// Unlists a conversation whose messages are gone.
pub async fn forget(
    directory: &impl Directory,
    objects: &impl Objects,
    conversation: &str,
) -> Result<(), DeleteError> {
    forget_visitors(directory, objects, conversation, false, |_| true).await?;
    directory.forget(conversation)?;
    Ok(())
}

/// Deletes a conversation of a subject, up to its entry; whether it was the subject's to delete.
async fn delete(
    directory: &impl Directory,
    objects: &impl Objects,
    subject: &Subject,
    conversation: &str,
) -> Result<bool, DeleteError> {
    if !objects.delete_conversation(conversation, subject.asker.as_ref()).await? {
        return Ok(false);
    }
    // Those who are named are forgotten at the end.
    if let Some(named) = subject.visitors() {
        let is_unnamed = |visitor: &str| !named.iter().any(|name| name == visitor);
        let with_buckets = subject.asker.is_none();
        forget_visitors(directory, objects, conversation, with_buckets, is_unnamed).await?;
    }
    Ok(true)
}

/// Forgets the visitors whom a conversation alone leads to. Its entry must still be there: without
/// it nothing leads to them.
async fn forget_visitors(
    directory: &impl Directory,
    objects: &impl Objects,
    conversation: &str,
    with_buckets: bool,
    is_meant: impl Fn(&str) -> bool,
) -> Result<(), DeleteError> {
    let links = directory.links_of_its_own(conversation)?;
    let visitors = links.iter().filter_map(Link::as_visitor).filter(|visitor| is_meant(visitor));
    let visitors: Vec<String> = visitors.map(str::to_owned).collect();
    if !visitors.is_empty() {
        objects.forget_visitors(Some(visitors), with_buckets).await?;
    }
    Ok(())
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
