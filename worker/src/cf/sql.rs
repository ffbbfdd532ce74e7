//! A conversation's messages in the SQLite database of its Durable Object.

use std::rc::Rc;

use aisle_core::protocol::{Message, MessageStatus, Role};
use futures_util::future::LocalBoxFuture;
use worker::durable::State;
use worker::{SqlStorage, SqlStorageValue, Storage};

use crate::holder::Holder;
use crate::ports::{Store, StoreError};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS message (\
    seq INTEGER PRIMARY KEY, message_id TEXT UNIQUE, role TEXT NOT NULL, status TEXT NOT NULL, \
    text TEXT NOT NULL, sources TEXT NOT NULL, products TEXT NOT NULL, at_ms INTEGER NOT NULL)";
const OPENED: &str = "CREATE TABLE IF NOT EXISTS conversation (opened_ms INTEGER NOT NULL)";
const HOLDER: &str = "CREATE TABLE IF NOT EXISTS holder (visitor TEXT NOT NULL)";
const COLUMNS: &str = "seq, message_id, role, status, text, sources, products, at_ms";

/// The database of one object.
#[derive(Clone)]
pub(super) struct SqlStore {
    sql: SqlStorage,
    storage: Rc<Storage>,
}

impl SqlStore {
    /// The database of the object with this state.
    pub(super) fn new(state: &State) -> Self {
        let storage = state.storage();
        Self { sql: storage.sql(), storage: Rc::new(storage) }
    }

    fn rows(
        &self,
        query: &str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<Vec<SqlStorageValue>>, StoreError> {
        self.sql.exec(query, bindings).and_then(|rows| rows.raw().collect()).map_err(failed)
    }

    fn messages_of(
        &self,
        rest: &str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<Message>, StoreError> {
        let rows = self.rows(&format!("SELECT {COLUMNS} FROM message {rest}"), bindings)?;
        rows.into_iter().map(message).collect()
    }
}

impl Store for SqlStore {
    fn is_open(&self) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'conversation'";
        Ok(!self.rows(query, vec![])?.is_empty())
    }

    fn open(&self, at_ms: u64, holder: &Holder) -> Result<(), StoreError> {
        self.rows(TABLE, vec![])?;
        self.rows(HOLDER, vec![])?;
        self.rows(OPENED, vec![])?;
        let query = "INSERT INTO holder SELECT ? WHERE NOT EXISTS (SELECT 1 FROM conversation)";
        self.rows(query, vec![text(&holder.visitor)])?;
        let query =
            "INSERT INTO conversation SELECT ? WHERE NOT EXISTS (SELECT 1 FROM conversation)";
        self.rows(query, vec![integer(at_ms)]).map(|_| ())
    }

    fn holder(&self) -> Result<Holder, StoreError> {
        // Conversations that were opened before holders were kept have no such table.
        self.rows(HOLDER, vec![])?;
        let row = self.rows("SELECT visitor FROM holder", vec![])?.pop();
        match row.as_deref() {
            Some([SqlStorageValue::String(visitor)]) => Ok(Holder { visitor: visitor.clone() }),
            Some(_) => Err(damaged()),
            None => Ok(Holder::default()),
        }
    }

    fn messages(&self, after: u32, limit: u32) -> Result<Vec<Message>, StoreError> {
        let bindings = vec![integer(after.into()), integer(limit.into())];
        self.messages_of("WHERE seq > ? ORDER BY seq LIMIT ?", bindings)
    }

    fn messages_before(&self, before: u32, limit: u32) -> Result<Vec<Message>, StoreError> {
        let bindings = vec![integer(before.into()), integer(limit.into())];
        let mut found = self.messages_of("WHERE seq < ? ORDER BY seq DESC LIMIT ?", bindings)?;
        found.reverse();
        Ok(found)
    }

    fn last_seq(&self) -> Result<u32, StoreError> {
        let rows = self.rows("SELECT coalesce(max(seq), 0) FROM message", vec![])?;
        match rows.first().map(Vec::as_slice) {
            Some([seq]) => number(seq),
            _ => Err(damaged()),
        }
    }

    fn find(&self, message_id: &str) -> Result<Option<Message>, StoreError> {
        let id = SqlStorageValue::String(message_id.to_owned());
        Ok(self.messages_of("WHERE message_id = ?", vec![id])?.pop())
    }

    fn get(&self, seq: u32) -> Result<Option<Message>, StoreError> {
        Ok(self.messages_of("WHERE seq = ?", vec![integer(seq.into())])?.pop())
    }

    fn insert(&self, messages: &[&Message]) -> Result<(), StoreError> {
        let places = vec!["(?, ?, ?, ?, ?, ?, ?, ?)"; messages.len()].join(", ");
        let mut bindings = Vec::with_capacity(8 * messages.len());
        for message in messages {
            let id = message.message_id.clone();
            bindings.push(integer(message.seq.into()));
            bindings.push(if id.is_empty() {
                SqlStorageValue::Null
            } else {
                SqlStorageValue::String(id)
            });
            bindings.push(text(match message.role {
                Role::Shopper => "shopper",
                Role::Assistant => "assistant",
            }));
            bindings.extend(content(message)?);
            bindings.push(integer(message.at_ms));
        }
        let query = format!("INSERT INTO message ({COLUMNS}) VALUES {places}");
        self.rows(&query, bindings).map(|_| ())
    }

    fn update(&self, message: &Message) -> Result<(), StoreError> {
        let mut bindings = content(message)?.to_vec();
        bindings.push(integer(message.seq.into()));
        let query =
            "UPDATE message SET status = ?, text = ?, sources = ?, products = ? WHERE seq = ?";
        self.rows(query, bindings).map(|_| ())
    }

    fn end_interrupted(&self) -> Result<(), StoreError> {
        let query = "UPDATE message SET status = 'cancelled' WHERE status = 'streaming'";
        self.rows(query, vec![]).map(|_| ())
    }

    fn synced(&self) -> LocalBoxFuture<'static, Result<(), StoreError>> {
        let storage = self.storage.clone();
        Box::pin(async move { storage.sync().await.map_err(failed) })
    }
}

pub(super) fn failed(error: worker::Error) -> StoreError {
    StoreError(error.to_string())
}

fn damaged() -> StoreError {
    StoreError("a row is not what was written".to_owned())
}

pub(super) fn text(text: &str) -> SqlStorageValue {
    SqlStorageValue::String(text.to_owned())
}

pub(super) fn integer(number: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Status, text, sources and products.
fn content(message: &Message) -> Result<[SqlStorageValue; 4], StoreError> {
    let json = |value: serde_json::Result<String>| {
        value.map(SqlStorageValue::String).map_err(|error| StoreError(error.to_string()))
    };
    Ok([
        text(match message.status {
            MessageStatus::Streaming => "streaming",
            MessageStatus::Complete => "complete",
            MessageStatus::Cancelled => "cancelled",
            MessageStatus::Failed => "failed",
        }),
        SqlStorageValue::String(message.text.clone()),
        json(serde_json::to_string(&message.sources))?,
        json(serde_json::to_string(&message.products))?,
    ])
}

fn message(row: Vec<SqlStorageValue>) -> Result<Message, StoreError> {
    use SqlStorageValue::{Null, String as Text};
    let Ok([seq, id, Text(role), Text(status), Text(text), Text(sources), Text(products), at_ms]) =
        <[SqlStorageValue; 8]>::try_from(row)
    else {
        return Err(damaged());
    };
    Ok(Message {
        seq: number(&seq)?,
        message_id: match id {
            Text(id) => id,
            Null => String::new(),
            _ => return Err(damaged()),
        },
        role: if role == "shopper" { Role::Shopper } else { Role::Assistant },
        text,
        status: match status.as_str() {
            "streaming" => MessageStatus::Streaming,
            "complete" => MessageStatus::Complete,
            "cancelled" => MessageStatus::Cancelled,
            _ => MessageStatus::Failed,
        },
        sources: serde_json::from_str(&sources).map_err(|_| damaged())?,
        products: serde_json::from_str(&products).map_err(|_| damaged())?,
        at_ms: number(&at_ms)?,
    })
}

pub(super) fn number<T: TryFrom<i64>>(value: &SqlStorageValue) -> Result<T, StoreError> {
    let number = match value {
        SqlStorageValue::Integer(number) => *number,
        SqlStorageValue::Float(number) => *number as i64,
        _ => return Err(damaged()),
    };
    T::try_from(number).map_err(|_| damaged())
}
