//! The Durable Object of a shop's visitors: which token of each is the latest, and the buckets of
//! what they ask for.
//!
//! Every message of the shop comes by here, so the buckets are in memory and are written down a
//! little later, all at once: what a crash loses of them is a few tokens.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use aisle_core::protocol::{ErrorCode, ErrorDetail};
use worker::durable::State;
use worker::{
    DurableObject, Env, Request, Response, Result, SqlStorage, SqlStorageValue, durable_object,
};

use super::sql::{Statements, integer, number, text};
use super::timing::RuntimeClock;
use super::{inside, reply, report};
use crate::limits::{Buckets, visitors_bucket};
use crate::ports::{Clock, StoreError};
use crate::session::{Answer, Ask, Rotation, VisitorTable, answer};

/// Binding of the visitors' Durable Objects.
const VISITORS: &str = "VISITORS";
/// How long changed buckets may wait before they are written, in milliseconds.
const WRITE_AFTER_MS: u32 = 200;
/// A visitor who has not come for this long is forgotten, in milliseconds; the tokens of such a
/// visitor cannot be renewed any more.
const FORGET_AFTER_MS: u64 = 40 * 24 * 3_600_000;

const TABLES: &str = "CREATE TABLE IF NOT EXISTS visitor (\
    name TEXT PRIMARY KEY, generation INTEGER NOT NULL, renewed_ms INTEGER NOT NULL) \
    WITHOUT ROWID; \
    CREATE INDEX IF NOT EXISTS visitor_renewed ON visitor (renewed_ms); \
    CREATE TABLE IF NOT EXISTS bucket (name TEXT PRIMARY KEY, full_ms INTEGER NOT NULL) \
    WITHOUT ROWID; CREATE INDEX IF NOT EXISTS bucket_full ON bucket (full_ms)";

/// Asks the object of a shop.
pub(super) async fn ask(env: &Env, shop: &str, ask: &Ask) -> Result<Answer> {
    inside::ask(env, VISITORS, shop, ask).await
}

/// The Durable Object of a shop's visitors.
#[durable_object(fetch)]
pub struct Visitors {
    state: State,
    table: SqlVisitors,
    buckets: std::result::Result<Rc<RefCell<Buckets>>, StoreError>,
    is_writing: Rc<Cell<bool>>,
}

impl DurableObject for Visitors {
    fn new(state: State, _: Env) -> Self {
        let table = SqlVisitors(state.storage().sql());
        let buckets = table.open().map(|kept| Rc::new(RefCell::new(kept)));
        Self { state, table, buckets, is_writing: Rc::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let ask: Ask = request.json().await?;
        match self.answer(ask) {
            Ok(answer) => reply::json(200, &answer),
            Err(error) => {
                report(&error.to_string());
                let message = "the visitors' storage failed";
                reply::error(ErrorDetail::new(ErrorCode::Internal, message))
            }
        }
    }
}

impl Visitors {
    fn answer(&self, ask: Ask) -> std::result::Result<Answer, StoreError> {
        let buckets = self.buckets.as_ref().map_err(Clone::clone)?;
        let now_ms = RuntimeClock.now_ms();
        let answer = answer(&self.table, &mut buckets.borrow_mut(), ask, now_ms)?;
        if !self.is_writing.replace(true) {
            let (table, buckets) = (self.table.clone(), buckets.clone());
            let is_writing = self.is_writing.clone();
            self.state.wait_until(async move {
                RuntimeClock.sleep(WRITE_AFTER_MS).await;
                is_writing.set(false);
                let written = table.write(&mut buckets.borrow_mut(), RuntimeClock.now_ms());
                if let Err(error) = written {
                    report(&error.to_string());
                }
            });
        }
        Ok(answer)
    }
}

/// The database of a shop's visitors.
#[derive(Clone)]
struct SqlVisitors(SqlStorage);

impl SqlVisitors {
    /// Makes the tables where they are missing, and reads the buckets.
    fn open(&self) -> std::result::Result<Buckets, StoreError> {
        self.0.rows(TABLES, vec![])?;
        let now_ms = RuntimeClock.now_ms();
        self.drop_old(now_ms)?;
        let rows = self.0.rows("SELECT name, full_ms FROM bucket", vec![])?;
        let kept: std::result::Result<Vec<_>, StoreError> = rows
            .into_iter()
            .filter_map(|row| <[SqlStorageValue; 2]>::try_from(row).ok())
            .map(|[name, full_ms]| match name {
                SqlStorageValue::String(name) => Ok((name, number(&full_ms)?)),
                _ => Err(StoreError("a bucket has no name".to_owned())),
            })
            .collect();
        Ok(Buckets::from_kept(kept?))
    }

    fn write(&self, buckets: &mut Buckets, now_ms: u64) -> std::result::Result<(), StoreError> {
        // Without an await in between, all of it is one transaction.
        for (name, full_ms) in buckets.changed() {
            let query = "INSERT OR REPLACE INTO bucket VALUES (?, ?)";
            self.0.rows(query, vec![SqlStorageValue::String(name), integer(full_ms)])?;
        }
        self.drop_old(now_ms)
    }

    /// Drops what says nothing any more.
    fn drop_old(&self, now_ms: u64) -> std::result::Result<(), StoreError> {
        self.0.rows("DELETE FROM bucket WHERE full_ms <= ?", vec![integer(now_ms)])?;
        let before_ms = integer(now_ms.saturating_sub(FORGET_AFTER_MS));
        self.0.rows("DELETE FROM visitor WHERE renewed_ms < ?", vec![before_ms]).map(|_| ())
    }
}

impl VisitorTable for SqlVisitors {
    fn rotation(&self, visitor: &str) -> std::result::Result<Option<Rotation>, StoreError> {
        let query = "SELECT generation, renewed_ms FROM visitor WHERE name = ?";
        let rows = self.0.rows(query, vec![text(visitor)])?;
        match rows.first().map(Vec::as_slice) {
            Some([generation, renewed_ms]) => Ok(Some(Rotation {
                generation: number(generation)?,
                renewed_ms: number(renewed_ms)?,
            })),
            _ => Ok(None),
        }
    }

    fn set_rotation(
        &self,
        visitor: &str,
        rotation: Rotation,
    ) -> std::result::Result<(), StoreError> {
        let query = "INSERT OR REPLACE INTO visitor VALUES (?, ?, ?)";
        let bindings =
            vec![text(visitor), integer(rotation.generation.into()), integer(rotation.renewed_ms)];
        self.0.rows(query, bindings).map(|_| ())
    }

    fn forget(
        &self,
        visitors: Option<&[String]>,
        with_buckets: bool,
    ) -> std::result::Result<(), StoreError> {
        let Some(visitors) = visitors else {
            self.0.rows("DELETE FROM visitor", vec![])?;
            if with_buckets {
                self.0.rows("DELETE FROM bucket", vec![])?;
            }
            return Ok(());
        };
        for visitor in visitors {
            self.0.rows("DELETE FROM visitor WHERE name = ?", vec![text(visitor)])?;
            if !with_buckets {
                continue;
            }
            let end = visitors_bucket(visitor);
            let query = "DELETE FROM bucket WHERE substr(name, -length(?)) = ?";
            self.0.rows(query, vec![text(&end), text(&end)])?;
        }
        Ok(())
    }
}
