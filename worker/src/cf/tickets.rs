//! Tickets for a shop's team: opened by conversations, read and closed by administrators. They are
//! kept in the shop's directory.

use aisle_core::protocol::{ErrorCode, ErrorDetail, Requested, Ticket, Tickets};
use futures_util::future::LocalBoxFuture;
use worker::{Env, Result};

use super::figures::count;
use super::inside::call;
use super::timing::RuntimeClock;
use super::{Handled, objects, reply, report};
use crate::directory::{Cursor, Opened, Subject, ticket};
use crate::ports::Clock;
use crate::privacy::DirectoryCall;
use crate::tools::{Team, TeamError};

/// Tickets in one reply.
const PAGE: u32 = 200;

/// The team of a shop, as one conversation reaches it.
pub(super) struct ShopTeam {
    pub(super) env: Env,
    pub(super) shop: String,
    pub(super) conversation: String,
}

impl Team for ShopTeam {
    fn tell(
        &self,
        requested: &Requested,
    ) -> LocalBoxFuture<'static, std::result::Result<(), TeamError>> {
        let ticket = ticket(&self.conversation, requested, RuntimeClock.now_ms());
        let (env, shop) = (self.env.clone(), self.shop.clone());
        Box::pin(async move {
            let Some(ticket) = ticket else { return Ok(()) };
            let requested = ticket.requested.clone();
            match open(&env, &shop, ticket).await {
                Ok(Opened::New) => {
                    count(|metrics| metrics.ticket_opened(&requested));
                    Ok(())
                }
                Ok(Opened::Known) => Ok(()),
                Ok(Opened::Refused) => Err(TeamError::Full),
                Err(error) => {
                    report(&format!("a ticket of {shop} cannot be opened: {error}"));
                    Err(TeamError::Unavailable)
                }
            }
        })
    }
}

async fn open(env: &Env, shop: &str, ticket: Ticket) -> Result<Opened> {
    call(&objects::directory(env, shop)?, &DirectoryCall::OpenTicket(ticket)).await
}

/// A page of the tickets that are open.
pub(super) async fn list(env: &Env, shop: &str, after: &str) -> Result<Handled> {
    let after = match Cursor::given(after) {
        Ok(after) => after,
        Err(detail) => return Ok(Err(detail)),
    };
    let tickets = of(env, shop, Subject::whole_shop(), after, PAGE).await?;
    let is_full = tickets.len() == PAGE as usize;
    let last = tickets.last().filter(|_| is_full);
    let next = last.map(|last| Cursor::after_ticket(last).to_string());
    reply::json(200, &Tickets { tickets, next }).map(Ok)
}

/// Tickets of a subject's conversations.
pub(super) async fn of(
    env: &Env,
    shop: &str,
    subject: Subject,
    after: Cursor,
    limit: u32,
) -> Result<Vec<Ticket>> {
    let asked = DirectoryCall::Tickets { subject, after, limit };
    call(&objects::directory(env, shop)?, &asked).await
}

/// Closes a ticket.
pub(super) async fn close(env: &Env, shop: &str, id: &str) -> Result<Handled> {
    let asked = DirectoryCall::CloseTicket(id.to_owned());
    if call(&objects::directory(env, shop)?, &asked).await? {
        count(crate::metrics::Metrics::ticket_closed);
        reply::nothing().map(Ok)
    } else {
        Ok(Err(ErrorDetail::new(ErrorCode::NotFound, "no ticket of that id is open")))
    }
}
