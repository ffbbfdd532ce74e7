//! A shop's directory in the SQLite database of its Durable Object.

use std::rc::Rc;

use aisle_core::protocol::{PrivacyAction, PrivacyState, Ticket};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::durable::State;
use worker::{SqlStorage, SqlStorageValue, Storage};

use super::sql::{Statements, failed, integer, number, text};
use crate::directory::{
    Cursor, Directory, DirectoryError, Link, Listing, MAX_TICKETS, Opened, Request, Subject,
};

const TABLES: &str = "CREATE TABLE IF NOT EXISTS listing (id TEXT PRIMARY KEY, \
    opened_ms INTEGER NOT NULL, is_private INTEGER NOT NULL) WITHOUT ROWID; \
    CREATE INDEX IF NOT EXISTS listing_opened ON listing (opened_ms, id); \
    CREATE TABLE IF NOT EXISTS link (link TEXT NOT NULL, id TEXT NOT NULL, \
    PRIMARY KEY (link, id)) WITHOUT ROWID; \
    CREATE INDEX IF NOT EXISTS link_id ON link (id); \
    CREATE TABLE IF NOT EXISTS request (id TEXT PRIMARY KEY, requested_ms INTEGER NOT NULL, \
    action TEXT NOT NULL, is_running INTEGER NOT NULL, body TEXT NOT NULL); \
    CREATE INDEX IF NOT EXISTS request_time ON request (requested_ms); \
    CREATE TABLE IF NOT EXISTS shop (name TEXT PRIMARY KEY) WITHOUT ROWID; \
    CREATE TABLE IF NOT EXISTS ticket (id TEXT PRIMARY KEY, conversation TEXT NOT NULL, \
    opened_ms INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID; \
    CREATE INDEX IF NOT EXISTS ticket_opened ON ticket (opened_ms, id); \
    CREATE INDEX IF NOT EXISTS ticket_conversation ON ticket (conversation)";

/// The database of one shop's directory.
pub(super) struct SqlDirectory {
    sql: SqlStorage,
    storage: Rc<Storage>,
}

type Rows = Result<Vec<Vec<SqlStorageValue>>, DirectoryError>;

impl SqlDirectory {
    /// The database of the object with this state; its tables are made where they are missing.
    pub(super) fn open(state: &State) -> Result<Self, DirectoryError> {
        let storage = state.storage();
        let directory = Self { sql: storage.sql(), storage: Rc::new(storage) };
        directory.rows(TABLES, vec![])?;
        Ok(directory)
    }

    /// Remembers which shop's directory this is: an alarm is not told.
    pub(super) fn name_shop(&self, name: &str) -> Result<(), DirectoryError> {
        self.rows("INSERT OR IGNORE INTO shop VALUES (?)", vec![text(name)]).map(|_| ())
    }

    /// The shop; nothing before there was any request.
    pub(super) fn shop(&self) -> Result<Option<String>, DirectoryError> {
        match self.rows("SELECT name FROM shop", vec![])?.pop().as_deref() {
            Some([SqlStorageValue::String(name)]) => Ok(Some(name.clone())),
            Some(_) => Err(damaged()),
            None => Ok(None),
        }
    }

    fn rows(&self, query: &str, bindings: Vec<SqlStorageValue>) -> Rows {
        self.sql.rows(query, bindings).map_err(|error| DirectoryError(error.0))
    }

    fn requests_of(
        &self,
        rest: &str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<Request>, DirectoryError> {
        let rows = self.rows(&format!("SELECT body FROM request {rest}"), bindings)?;
        rows.into_iter().map(body).collect()
    }

    fn tickets_of(
        &self,
        rest: &str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<Ticket>, DirectoryError> {
        let rows = self.rows(&format!("SELECT body FROM ticket {rest}"), bindings)?;
        rows.into_iter().map(body).collect()
    }
}

/// The end of a query for what comes after a place, in order, where a column has the id of one of a
/// subject's conversations; and its bindings.
fn page(
    column: &str,
    subject: &Subject,
    after: &Cursor,
    limit: u32,
) -> (String, Vec<SqlStorageValue>) {
    let mut bindings = vec![integer(after.opened_ms), text(&after.id)];
    let mut of = String::new();
    if !subject.is_whole_shop {
        let places = vec!["?"; subject.links.len()].join(", ");
        of = format!(
            "AND {column} IN (SELECT id FROM link WHERE link IN ({places}) UNION SELECT ?) "
        );
        bindings.extend(subject.links.iter().map(|link| text(link.as_str())));
        // Nothing is equal to NULL.
        bindings.push(subject.conversation.as_deref().map_or(SqlStorageValue::Null, text));
    }
    bindings.push(integer(limit.into()));
    (format!("WHERE (opened_ms, id) > (?, ?) {of}ORDER BY opened_ms, id LIMIT ?"), bindings)
}

impl Directory for SqlDirectory {
    fn list(&self, listing: &Listing, links: &[Link]) -> Result<(), DirectoryError> {
        let query = "INSERT INTO listing VALUES (?, ?, ?) ON CONFLICT (id) \
            DO UPDATE SET is_private = max(is_private, excluded.is_private)";
        let id = || text(&listing.conversation);
        let is_private = integer(listing.is_private.into());
        self.rows(query, vec![id(), integer(listing.opened_ms), is_private])?;
        for link in links {
            let query = "INSERT OR IGNORE INTO link VALUES (?, ?)";
            self.rows(query, vec![text(link.as_str()), id()])?;
        }
        Ok(())
    }

    fn forget(&self, conversation: &str) -> Result<bool, DirectoryError> {
        self.rows("DELETE FROM link WHERE id = ?", vec![text(conversation)])?;
        self.rows("DELETE FROM ticket WHERE conversation = ?", vec![text(conversation)])?;
        let query = "DELETE FROM listing WHERE id = ? RETURNING 1";
        Ok(!self.rows(query, vec![text(conversation)])?.is_empty())
    }

    fn links_of_its_own(&self, conversation: &str) -> Result<Vec<Link>, DirectoryError> {
        let query = "SELECT link FROM link AS mine WHERE id = ? AND NOT EXISTS \
            (SELECT 1 FROM link WHERE link = mine.link AND id <> mine.id)";
        let rows = self.rows(query, vec![text(conversation)])?;
        let links = rows.into_iter().map(|mut row| match row.pop() {
            Some(SqlStorageValue::String(link)) => Ok(Link::from_kept(link)),
            _ => Err(damaged()),
        });
        links.collect()
    }

    fn find(
        &self,
        subject: &Subject,
        after: &Cursor,
        limit: u32,
    ) -> Result<Vec<Listing>, DirectoryError> {
        let (page, bindings) = page("id", subject, after, limit);
        let query = format!("SELECT id, opened_ms, is_private FROM listing {page}");
        self.rows(&query, bindings)?.into_iter().map(listing).collect()
    }

    fn open_ticket(&self, ticket: &Ticket) -> Result<Opened, DirectoryError> {
        if let Some(known) = self.tickets_of("WHERE id = ?", vec![text(&ticket.id)])?.pop() {
            let renewed = Ticket { opened_ms: known.opened_ms, ..ticket.clone() };
            let bindings = vec![written(&renewed)?, text(&ticket.id)];
            self.rows("UPDATE ticket SET body = ? WHERE id = ?", bindings)?;
            return Ok(Opened::Known);
        }
        let query = "INSERT INTO ticket SELECT ?, id, ?, ? FROM listing WHERE id = ? \
            AND (SELECT count(*) FROM ticket WHERE conversation = listing.id) < ? RETURNING 1";
        let bindings = vec![
            text(&ticket.id),
            integer(ticket.opened_ms),
            written(ticket)?,
            text(&ticket.conversation),
            integer(MAX_TICKETS.into()),
        ];
        let is_new = !self.rows(query, bindings)?.is_empty();
        Ok(if is_new { Opened::New } else { Opened::Refused })
    }

    fn tickets(
        &self,
        subject: &Subject,
        after: &Cursor,
        limit: u32,
    ) -> Result<Vec<Ticket>, DirectoryError> {
        let (page, bindings) = page("conversation", subject, after, limit);
        self.tickets_of(&page, bindings)
    }

    fn close_ticket(&self, id: &str) -> Result<bool, DirectoryError> {
        let query = "DELETE FROM ticket WHERE id = ? RETURNING 1";
        Ok(!self.rows(query, vec![text(id)])?.is_empty())
    }

    fn put(&self, request: &Request) -> Result<(), DirectoryError> {
        let action = match request.action {
            PrivacyAction::Delete => "delete",
            PrivacyAction::Export => "export",
        };
        let bindings = vec![
            text(&request.id),
            integer(request.requested_ms),
            text(action),
            integer((request.state() == PrivacyState::Running).into()),
            written(request)?,
        ];
        let query = "INSERT OR REPLACE INTO request VALUES (?, ?, ?, ?, ?)";
        self.rows(query, bindings).map(|_| ())
    }

    fn request(&self, id: &str) -> Result<Option<Request>, DirectoryError> {
        Ok(self.requests_of("WHERE id = ?", vec![text(id)])?.pop())
    }

    fn requests(&self, limit: u32) -> Result<Vec<Request>, DirectoryError> {
        self.requests_of("ORDER BY requested_ms DESC LIMIT ?", vec![integer(limit.into())])
    }

    fn running(&self, limit: u32) -> Result<Vec<Request>, DirectoryError> {
        let rest = "WHERE is_running = 1 ORDER BY requested_ms LIMIT ?";
        self.requests_of(rest, vec![integer(limit.into())])
    }

    fn drop_request(&self, id: &str) -> Result<(), DirectoryError> {
        self.rows("DELETE FROM request WHERE id = ?", vec![text(id)]).map(|_| ())
    }

    fn drop_exports(&self, before_ms: u64) -> Result<Option<u64>, DirectoryError> {
        let query = "DELETE FROM request WHERE action = 'export' AND requested_ms < ?";
        self.rows(query, vec![integer(before_ms)])?;
        let query = "SELECT requested_ms FROM request WHERE action = 'export' \
            ORDER BY requested_ms LIMIT 1";
        let oldest = self.rows(query, vec![])?;
        let oldest = oldest.first().and_then(|row| row.first());
        oldest.map(|ms| number(ms).map_err(|error| DirectoryError(error.0))).transpose()
    }

    fn synced(&self) -> LocalBoxFuture<'static, Result<(), DirectoryError>> {
        let storage = self.storage.clone();
        let failed = |error| DirectoryError(failed(error).0);
        Box::pin(async move { storage.sync().await.map_err(failed) })
    }
}

fn listing(row: Vec<SqlStorageValue>) -> Result<Listing, DirectoryError> {
    let Ok([SqlStorageValue::String(conversation), opened_ms, is_private]) =
        <[SqlStorageValue; 3]>::try_from(row)
    else {
        return Err(damaged());
    };
    let read = |value| number::<u64>(value).map_err(|error| DirectoryError(error.0));
    let (opened_ms, is_private) = (read(&opened_ms)?, read(&is_private)? != 0);
    Ok(Listing { conversation, opened_ms, is_private })
}

/// A value as JSON, as a row keeps it.
fn written(value: &impl Serialize) -> Result<SqlStorageValue, DirectoryError> {
    let json = serde_json::to_string(value);
    json.map(SqlStorageValue::String).map_err(|error| DirectoryError(error.to_string()))
}

/// What a row has as JSON in its last column.
fn body<T: DeserializeOwned>(mut row: Vec<SqlStorageValue>) -> Result<T, DirectoryError> {
    match row.pop() {
        Some(SqlStorageValue::String(body)) => serde_json::from_str(&body).map_err(|_| damaged()),
        _ => Err(damaged()),
    }
}

fn damaged() -> DirectoryError {
    DirectoryError("a row is not what was written".to_owned())
}
