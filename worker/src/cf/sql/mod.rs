//! A conversation's messages in the SQLite database of its Durable Object.

mod schema;

use std::cell::Cell;
use std::rc::Rc;

use aisle_core::protocol::{Message, MessageStatus, Role};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::durable::State;
use worker::{SqlStorage, SqlStorageValue, Storage};

use crate::holder::Holder;
use crate::ports::{Store, StoreError};

const COLUMNS: &str = "seq, message_id, role, status, text, sources, products, at_ms, epoch, replaces, requested, \
     intent, answered";

#[wasm_bindgen]
extern "C" {
    /// The storage of an object, as far as the runtime's bindings lack it.
    type Transactions;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &Transactions,
        run: &mut dyn FnMut() -> Result<(), JsValue>,
    ) -> Result<(), JsValue>;
}

/// The database of one object. Clones share it.
#[derive(Clone)]
pub(super) struct SqlStore {
    sql: SqlStorage,
    storage: Rc<Storage>,
    /// Whether the tables are known to be there: looking costs each request more than reading.
    is_open: Rc<Cell<bool>>,
}

impl SqlStore {
    /// The database of the object with this state.
    pub(super) fn new(state: &State) -> Self {
        let storage = state.storage();
        Self { sql: storage.sql(), storage: Rc::new(storage), is_open: Rc::default() }
    }

    /// The tables are gone.
    pub(super) fn emptied(&self) {
        self.is_open.set(false);
    }

    /// Runs statements that hold together, or not at all.
    fn transaction(
        &self,
        mut statements: impl FnMut() -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut failure = None;
        // What is thrown rolls back.
        let mut run = || {
            statements().map_err(|error| {
                let thrown = JsValue::from_str(&error.0);
                failure = Some(error);
                thrown
            })
        };
        let storage = self.storage.as_raw().unchecked_ref::<Transactions>();
        let ended = storage.transaction_sync(&mut run);
        match (failure, ended) {
            (Some(error), _) => Err(error),
            (None, Err(thrown)) => Err(StoreError(format!("{thrown:?}"))),
            (None, Ok(())) => Ok(()),
        }
    }

    fn add(&self, message: &Message) -> Result<(), StoreError> {
        for replaced in &message.replaces {
            let query = "INSERT OR IGNORE INTO replaced VALUES (?)";
            self.sql.rows(query, vec![text(replaced)])?;
        }
        let role = match message.role {
            Role::Shopper => "shopper",
            Role::Assistant => "assistant",
        };
        let id = match message.message_id.as_str() {
            "" => SqlStorageValue::Null,
            id => text(id),
        };
        let mut bindings = vec![integer(message.seq.into()), id, text(role)];
        bindings.extend(content(message)?);
        bindings.push(integer(message.at_ms));
        bindings.push(integer(message.epoch.into()));
        bindings.push(json(&message.replaces)?);
        bindings.push(json(&message.requested)?);
        bindings.push(message.intent.as_deref().map_or(SqlStorageValue::Null, text));
        bindings.push(truth(message.answered));
        let places = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";
        let query = format!("INSERT INTO message ({COLUMNS}) VALUES ({places})");
        self.sql.rows(&query, bindings).map(|_| ())
    }

    fn messages_of(
        &self,
        rest: &str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<Message>, StoreError> {
        let rows = self.sql.rows(&format!("SELECT {COLUMNS} FROM message {rest}"), bindings)?;
        rows.into_iter().map(message).collect()
    }
}

impl Store for SqlStore {
    fn is_open(&self) -> Result<bool, StoreError> {
        if !self.is_open.get() {
            self.is_open.set(schema::is_there(self)?);
        }
        Ok(self.is_open.get())
    }

    fn open(&self, at_ms: u64, holder: &Holder) -> Result<(), StoreError> {
        schema::create(self)?;
        let query = "INSERT INTO holder SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM conversation)";
        self.sql.rows(query, vec![text(&holder.visitor), text(&holder.customer)])?;
        let query =
            "INSERT INTO conversation SELECT ? WHERE NOT EXISTS (SELECT 1 FROM conversation)";
        self.sql.rows(query, vec![integer(at_ms)]).map(|_| ())
    }

    fn holder(&self) -> Result<Holder, StoreError> {
        let row = self.sql.rows("SELECT visitor, customer FROM holder", vec![])?.pop();
        match row.as_deref() {
            Some([SqlStorageValue::String(visitor), SqlStorageValue::String(customer)]) => {
                Ok(Holder { visitor: visitor.clone(), customer: customer.clone() })
            }
            Some(_) => Err(damaged()),
            None => Ok(Holder::default()),
        }
    }

    fn claim(&self, customer: &str) -> Result<(), StoreError> {
        let query = "INSERT INTO holder SELECT '', '' WHERE NOT EXISTS (SELECT 1 FROM holder)";
        self.sql.rows(query, vec![])?;
        let query = "UPDATE holder SET customer = ? WHERE customer = ''";
        self.sql.rows(query, vec![text(customer)]).map(|_| ())
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
        let rows = self.sql.rows("SELECT coalesce(max(seq), 0) FROM message", vec![])?;
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

    fn insert(&self, messages: &[&Message], removed: &[u32]) -> Result<(), StoreError> {
        self.transaction(|| {
            for seq in removed {
                self.sql.rows("DELETE FROM message WHERE seq = ?", vec![integer((*seq).into())])?;
            }
            messages.iter().try_for_each(|message| self.add(message))
        })
    }

    fn is_replaced(&self, message_id: &str) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM replaced WHERE message_id = ?";
        Ok(!self.sql.rows(query, vec![text(message_id)])?.is_empty())
    }

    fn update(&self, message: &Message) -> Result<(), StoreError> {
        let mut bindings = content(message)?.to_vec();
        bindings.push(json(&message.requested)?);
        bindings.push(integer(message.epoch.into()));
        bindings.push(truth(message.answered));
        bindings.push(integer(message.seq.into()));
        let query = "UPDATE message SET status = ?, text = ?, sources = ?, products = ?, \
             requested = ?, epoch = ?, answered = ? WHERE seq = ?";
        self.sql.rows(query, bindings).map(|_| ())
    }

    fn end_interrupted(&self) -> Result<(), StoreError> {
        let query = "UPDATE message SET status = 'interrupted', epoch = epoch + 1 \
                     WHERE status = 'streaming'";
        self.sql.rows(query, vec![]).map(|_| ())
    }

    fn synced(&self) -> LocalBoxFuture<'static, Result<(), StoreError>> {
        let storage = self.storage.clone();
        Box::pin(async move { storage.sync().await.map_err(failed) })
    }
}

/// Rows of a query, each with its columns.
pub(super) type Rows = Vec<Vec<SqlStorageValue>>;

/// What is asked of an object's database.
pub(super) trait Statements {
    /// Runs a statement to its end.
    fn rows(&self, query: &str, bindings: Vec<SqlStorageValue>) -> Result<Rows, StoreError>;
}

impl Statements for SqlStorage {
    fn rows(&self, query: &str, bindings: Vec<SqlStorageValue>) -> Result<Rows, StoreError> {
        self.exec(query, bindings).and_then(|rows| rows.raw().collect()).map_err(failed)
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

fn truth(value: Option<bool>) -> SqlStorageValue {
    value.map_or(SqlStorageValue::Null, |is_so| integer(is_so.into()))
}

fn json(value: &impl Serialize) -> Result<SqlStorageValue, StoreError> {
    let json = serde_json::to_string(value);
    json.map(SqlStorageValue::String).map_err(|error| StoreError(error.to_string()))
}

/// Status, text, sources and products.
fn content(message: &Message) -> Result<[SqlStorageValue; 4], StoreError> {
    Ok([
        text(match message.status {
            MessageStatus::Streaming => "streaming",
            MessageStatus::Complete => "complete",
            MessageStatus::Cancelled => "cancelled",
            MessageStatus::Interrupted => "interrupted",
            MessageStatus::Failed => "failed",
        }),
        SqlStorageValue::String(message.text.clone()),
        json(&message.sources)?,
        json(&message.products)?,
    ])
}

fn message(row: Vec<SqlStorageValue>) -> Result<Message, StoreError> {
    use SqlStorageValue::String as Text;
    let Ok(
        [
            seq,
            id,
            Text(role),
            Text(status),
            Text(text),
            Text(sources),
            Text(products),
            at_ms,
            epoch,
            Text(replaces),
            Text(requested),
            intent,
            answered,
        ],
    ) = <[SqlStorageValue; 13]>::try_from(row)
    else {
        return Err(damaged());
    };
    Ok(Message {
        seq: number(&seq)?,
        message_id: match id {
            Text(id) => id,
            SqlStorageValue::Null => String::new(),
            _ => return Err(damaged()),
        },
        role: if role == "shopper" { Role::Shopper } else { Role::Assistant },
        text,
        status: match status.as_str() {
            "streaming" => MessageStatus::Streaming,
            "complete" => MessageStatus::Complete,
            "cancelled" => MessageStatus::Cancelled,
            "interrupted" => MessageStatus::Interrupted,
            _ => MessageStatus::Failed,
        },
        epoch: number(&epoch)?,
        replaces: serde_json::from_str(&replaces).map_err(|_| damaged())?,
        sources: serde_json::from_str(&sources).map_err(|_| damaged())?,
        products: serde_json::from_str(&products).map_err(|_| damaged())?,
        requested: serde_json::from_str(&requested).map_err(|_| damaged())?,
        at_ms: number(&at_ms)?,
        intent: match intent {
            Text(intent) => Some(intent),
            SqlStorageValue::Null => None,
            _ => return Err(damaged()),
        },
        answered: match answered {
            SqlStorageValue::Null => None,
            value => Some(number::<u8>(&value)? != 0),
        },
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
