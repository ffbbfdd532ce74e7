//! Personal data on request: for administrators what is kept of somebody, its deletion, and the
//! conversations that may be used for training; for shoppers the deletion of what they said.

use std::collections::VecDeque;

use aisle_core::protocol::{
    ErrorCode, ErrorDetail, MAX_PRIVACY_BYTES, PrivacyAction, PrivacyRequests, PrivacySubject,
    Ticket,
};
use futures_util::stream::{Stream, unfold};
use worker::{Env, Request, ResponseBuilder, Result};

use super::entry::random_uuid;
use super::inside::call;
use super::timing::RuntimeClock;
use super::{Handled, admin, body, objects, order_secret, reply, tickets};
use crate::directory::{Cursor, Link, Listing, Request as Asked, Subject, SubjectError};
use crate::holder::Holder;
use crate::ports::Clock;
use crate::privacy::{ConversationCall, DirectoryCall, OrdersCall, Part, is_for_training};
use crate::routing::PrivacyRoute;
use crate::session;

/// Conversations in one reply: each is a request to its object, of which a runtime allows some
/// hundreds.
const PAGE: u32 = 400;
/// Tickets that are handed out of somebody.
const MAX_TICKETS: u32 = 1_000;
/// The header with the cursor of the next page, where there is one.
const NEXT: &str = "x-aisle-next";

/// Answers an administrator.
pub(super) async fn handle(
    request: Request,
    env: &Env,
    shop: &str,
    what: PrivacyRoute<'_>,
) -> Result<Handled> {
    if let Err(detail) = admin::admit_to(&request, env, shop)? {
        return Ok(Err(detail));
    }
    match what {
        PrivacyRoute::Export { after } => export(request, env, shop, after).await,
        PrivacyRoute::Delete => delete(request, env, shop).await,
        PrivacyRoute::Requests => {
            let stub = objects::directory(env, shop)?;
            let found: Vec<Asked> = call(&stub, &DirectoryCall::Requests).await?;
            let requests = found.iter().map(Asked::receipt).collect();
            reply::json(200, &PrivacyRequests { requests }).map(Ok)
        }
        PrivacyRoute::Request { id } => match find(env, shop, id).await? {
            Some(found) => reply::json(200, &found.receipt()).map(Ok),
            None => Ok(Err(unknown_receipt())),
        },
        PrivacyRoute::Conversations { since } => {
            let subject = Subject::whole_shop();
            page(env, shop, &subject, since, Purpose::Training).await
        }
    }
}

async fn delete(request: Request, env: &Env, shop: &str) -> Result<Handled> {
    let asked = match read(request).await? {
        Ok(asked) => asked,
        Err(detail) => return Ok(Err(detail)),
    };
    let found = match resolve(env, shop, &asked).await? {
        Ok(found) => found,
        Err(detail) => return Ok(Err(detail)),
    };
    let request = Asked::new(random_uuid(), PrivacyAction::Delete, found, RuntimeClock.now_ms());
    let begin = DirectoryCall::Begin { shop: shop.to_owned(), request };
    let kept: Asked = call(&objects::directory(env, shop)?, &begin).await?;
    let status = if kept.done_ms.is_some() { 200 } else { 202 };
    reply::json(status, &kept.receipt()).map(Ok)
}

/// Deletes what a shopper said, in all conversations that are theirs.
pub(super) async fn delete_own(
    env: &Env,
    shop: &str,
    asker: Holder,
    links: Vec<Link>,
) -> Result<Handled> {
    if asker == Holder::default() {
        return Ok(Err(session::required()));
    }
    let request = Asked::own(asker, links, RuntimeClock.now_ms());
    let begin = DirectoryCall::Begin { shop: shop.to_owned(), request };
    let kept: Asked = call(&objects::directory(env, shop)?, &begin).await?;
    if kept.done_ms.is_some() { reply::nothing() } else { reply::accepted() }.map(Ok)
}

async fn export(request: Request, env: &Env, shop: &str, after: &str) -> Result<Handled> {
    let asked = match read(request).await? {
        Ok(asked) => asked,
        Err(detail) => return Ok(Err(detail)),
    };
    let (subject, _) = match resolve(env, shop, &asked).await? {
        Ok(found) => found,
        Err(detail) => return Ok(Err(detail)),
    };
    if let Some(id) = asked.request {
        let () = call(&objects::directory(env, shop)?, &DirectoryCall::Exported(id)).await?;
    }
    page(env, shop, &subject, after, Purpose::Person).await
}

async fn read(request: Request) -> Result<std::result::Result<PrivacySubject, ErrorDetail>> {
    Ok(body::read(request, MAX_PRIVACY_BYTES).await?.and_then(|body| {
        serde_json::from_slice(&body).map_err(|error| {
            let message = format!("the body does not say whose data: {error}");
            ErrorDetail::new(ErrorCode::MalformedRequest, message)
        })
    }))
}

/// Whose data is meant, by its keys or by an earlier request.
async fn resolve(
    env: &Env,
    shop: &str,
    asked: &PrivacySubject,
) -> Result<std::result::Result<(Subject, Vec<String>), ErrorDetail>> {
    if let Some(id) = &asked.request {
        let found = find(env, shop, id).await?;
        let subject = found.and_then(|found| Some((found.subject?, found.by)));
        return Ok(subject.ok_or_else(unknown_receipt));
    }
    Ok(Subject::resolve(order_secret(env).as_ref(), shop, asked).map_err(|error| {
        let code = match error {
            SubjectError::Nobody | SubjectError::Malformed(_) => ErrorCode::MalformedRequest,
            SubjectError::NoSecret => ErrorCode::Internal,
        };
        ErrorDetail::new(code, error.to_string())
    }))
}

async fn find(env: &Env, shop: &str, id: &str) -> Result<Option<Asked>> {
    call(&objects::directory(env, shop)?, &DirectoryCall::Request(id.to_owned())).await
}

fn unknown_receipt() -> ErrorDetail {
    ErrorDetail::new(ErrorCode::NotFound, "there is no such request, or its data is gone")
}

/// What conversations are handed out for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Somebody wants to see what is kept: everything, tickets and orders as well.
    Person,
    /// To train with: conversations of those who do not object.
    Training,
}

/// A page of conversations as lines of JSON.
async fn page(
    env: &Env,
    shop: &str,
    subject: &Subject,
    after: &str,
    purpose: Purpose,
) -> Result<Handled> {
    let after = match Cursor::given(after) {
        Ok(after) => after,
        Err(detail) => return Ok(Err(detail)),
    };
    let find = DirectoryCall::Find { subject: subject.clone(), after, limit: PAGE };
    let mut listings: Vec<Listing> = call(&objects::directory(env, shop)?, &find).await?;
    let is_full = listings.len() == PAGE as usize;
    let next = listings.last().filter(|_| is_full).map(|last| Cursor::after(last).to_string());
    if purpose == Purpose::Training {
        listings.retain(is_for_training);
    }
    let tickets = if purpose == Purpose::Person && next.is_none() {
        tickets::of(env, shop, subject.clone(), Cursor::default(), MAX_TICKETS).await?
    } else {
        vec![]
    };
    let orders = (purpose == Purpose::Person && next.is_none() && subject.has_orders())
        .then(|| subject.clone());
    let lines = Lines {
        env: env.clone(),
        shop: shop.to_owned(),
        conversations: listings.into_iter().map(|listing| (listing.conversation, 1, 0)).collect(),
        tickets: tickets.into(),
        orders,
    };
    let mut reply = ResponseBuilder::new()
        .with_header("content-type", "application/x-ndjson")?
        .with_header("cache-control", "no-store")?;
    if let Some(next) = next {
        reply = reply.with_header(NEXT, &next)?;
    }
    reply.from_stream(lines.into_stream()).map(Ok)
}

/// The lines of a page. A failure cuts them off, so that half an export is not taken for a whole.
struct Lines {
    env: Env,
    shop: String,
    /// Each with the number of its next part, and the sequence number which that begins after.
    conversations: VecDeque<(String, u32, u32)>,
    /// Tickets of all of them.
    tickets: VecDeque<Ticket>,
    /// Whose orders come at the end.
    orders: Option<Subject>,
}

impl Lines {
    fn into_stream(self) -> impl Stream<Item = Result<Vec<u8>>> {
        unfold(self, |mut lines| async move {
            let line = lines.next().await.transpose()?;
            Some((line, lines))
        })
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        while let Some((id, number, after)) = self.conversations.pop_front() {
            let stub = objects::conversation(&self.env, &self.shop, &id)?;
            let part: Part = call(&stub, &ConversationCall::Export { number, after }).await?;
            if let Some(next) = part.next {
                self.conversations.push_front((id, number.saturating_add(1), next));
            }
            if let Some(conversation) = part.conversation {
                let mut line = serde_json::to_vec(&conversation)?;
                line.push(b'\n');
                return Ok(Some(line));
            }
        }
        if let Some(ticket) = self.tickets.pop_front() {
            let mut line = serde_json::to_vec(&serde_json::json!({"ticket": ticket}))?;
            line.push(b'\n');
            return Ok(Some(line));
        }
        let Some(subject) = self.orders.take() else { return Ok(None) };
        let stub = objects::orders(&self.env, &self.shop)?;
        let orders: Vec<String> = call(&stub, &OrdersCall::Export(subject)).await?;
        // Each is JSON as it is kept.
        let lines: String = orders.iter().map(|order| format!("{{\"order\":{order}}}\n")).collect();
        Ok((!lines.is_empty()).then(|| lines.into_bytes()))
    }
}
