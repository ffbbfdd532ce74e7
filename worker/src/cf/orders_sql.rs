//! A shop's orders in the SQLite database of its Durable Object.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use worker::durable::State;
use worker::{SqlStorage, SqlStorageValue, Storage};

use super::sql::{Statements, failed, integer, number, text};
use crate::orders::{EmailKey, OrderTable, Owner, Row, TableError};

const TABLES: &str = "CREATE TABLE IF NOT EXISTS shop_order (\
    number TEXT PRIMARY KEY, email TEXT, customer TEXT, placed_at_ms INTEGER NOT NULL, \
    body TEXT NOT NULL) WITHOUT ROWID; \
    CREATE INDEX IF NOT EXISTS order_email ON shop_order (email); \
    CREATE INDEX IF NOT EXISTS order_customer ON shop_order (customer); \
    CREATE TABLE IF NOT EXISTS bucket (name TEXT PRIMARY KEY, full_ms INTEGER NOT NULL) \
    WITHOUT ROWID; CREATE INDEX IF NOT EXISTS bucket_full ON bucket (full_ms)";

/// The database of one shop's orders.
#[derive(Clone)]
pub(super) struct SqlOrders {
    sql: SqlStorage,
    storage: Rc<Storage>,
}

impl SqlOrders {
    /// The database of the object with this state; its tables are made where they are missing.
    pub(super) fn open(state: &State) -> Result<Self, TableError> {
        let storage = state.storage();
        let orders = Self { sql: storage.sql(), storage: Rc::new(storage) };
        orders.rows(TABLES, vec![])?;
        Ok(orders)
    }

    fn rows(
        &self,
        query: &str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<Vec<SqlStorageValue>>, TableError> {
        self.sql.rows(query, bindings).map_err(|error| TableError(error.0))
    }
}

impl OrderTable for SqlOrders {
    fn put(&self, rows: &[Row]) -> Result<(), TableError> {
        // Without an await in between, all of it is one transaction.
        let query = "INSERT OR REPLACE INTO shop_order VALUES (?, ?, ?, ?, ?)";
        for row in rows {
            let bindings = vec![
                text(&row.key),
                optional(row.owner.email.as_ref().map(EmailKey::as_str)),
                optional(row.owner.customer.as_deref()),
                integer(row.placed_at_ms),
                text(&row.order),
            ];
            self.rows(query, bindings)?;
        }
        Ok(())
    }

    fn owner(&self, key: &str) -> Result<Option<Owner>, TableError> {
        let query = "SELECT email, customer FROM shop_order WHERE number = ?";
        let mut rows = self.rows(query, vec![text(key)])?;
        rows.pop().map(|row| owner(row.into_iter())).transpose()
    }

    fn order(&self, key: &str) -> Result<Option<String>, TableError> {
        let query = "SELECT body FROM shop_order WHERE number = ?";
        let mut rows = self.rows(query, vec![text(key)])?;
        rows.pop().map(|mut row| body(row.pop())).transpose()
    }

    fn latest(&self, mine: &Owner, limit: u32) -> Result<Vec<(Owner, String)>, TableError> {
        // Each half by its own index; nothing equals NULL.
        let query = "SELECT email, customer, body FROM (\
            SELECT * FROM shop_order WHERE email = ? \
            UNION SELECT * FROM shop_order WHERE customer = ?) \
            ORDER BY placed_at_ms DESC LIMIT ?";
        let bindings = vec![
            optional(mine.email.as_ref().map(EmailKey::as_str)),
            optional(mine.customer.as_deref()),
            integer(limit.into()),
        ];
        let rows = self.rows(query, bindings)?;
        rows.into_iter()
            .map(|mut row| {
                let body = body(row.pop())?;
                Ok((owner(row.into_iter())?, body))
            })
            .collect()
    }

    fn delete(&self, mine: &Owner) -> Result<u32, TableError> {
        let query = "DELETE FROM shop_order WHERE email = ? OR customer = ? RETURNING 1";
        let bindings = vec![
            optional(mine.email.as_ref().map(EmailKey::as_str)),
            optional(mine.customer.as_deref()),
        ];
        let rows = self.rows(query, bindings)?;
        Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX))
    }

    fn clear(&self) -> Result<u32, TableError> {
        let rows = self.rows("SELECT count(*) FROM shop_order", vec![])?;
        let counted = match rows.first().map(Vec::as_slice) {
            Some([count]) => number(count).map_err(|error| TableError(error.0))?,
            _ => return Err(damaged()),
        };
        self.rows("DELETE FROM shop_order", vec![])?;
        self.rows("DELETE FROM bucket", vec![])?;
        Ok(counted)
    }

    fn full_ms(&self, bucket: &str) -> Result<u64, TableError> {
        let rows = self.rows("SELECT full_ms FROM bucket WHERE name = ?", vec![text(bucket)])?;
        match rows.first().and_then(|row| row.first()) {
            Some(full_ms) => number(full_ms).map_err(|error| TableError(error.0)),
            None => Ok(0),
        }
    }

    fn set_full_ms(&self, bucket: &str, full_ms: u64, now_ms: u64) -> Result<(), TableError> {
        self.rows("DELETE FROM bucket WHERE full_ms <= ?", vec![integer(now_ms)])?;
        let query = "INSERT OR REPLACE INTO bucket VALUES (?, ?)";
        self.rows(query, vec![text(bucket), integer(full_ms)]).map(|_| ())
    }

    fn synced(&self) -> LocalBoxFuture<'static, Result<(), TableError>> {
        let storage = self.storage.clone();
        Box::pin(async move { storage.sync().await.map_err(|error| TableError(failed(error).0)) })
    }
}

fn optional(value: Option<&str>) -> SqlStorageValue {
    value.map_or(SqlStorageValue::Null, text)
}

fn owner(mut row: impl Iterator<Item = SqlStorageValue>) -> Result<Owner, TableError> {
    let mut next = || match row.next() {
        Some(SqlStorageValue::String(text)) => Ok(Some(text)),
        Some(SqlStorageValue::Null) => Ok(None),
        _ => Err(damaged()),
    };
    Ok(Owner { email: next()?.map(EmailKey::from_kept), customer: next()? })
}

fn body(value: Option<SqlStorageValue>) -> Result<String, TableError> {
    match value {
        Some(SqlStorageValue::String(text)) => Ok(text),
        _ => Err(damaged()),
    }
}

fn damaged() -> TableError {
    TableError("a row is not what was written".to_owned())
}
