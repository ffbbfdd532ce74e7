//! In-memory doubles of the orders' ports.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use futures_util::future::{LocalBoxFuture, ready};

use super::{Http, HttpError, HttpReply, HttpRequest, OrderTable, Owner, Row, TableError};

/// Orders in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryTable {
    rows: Rc<RefCell<BTreeMap<String, Row>>>,
    buckets: Rc<RefCell<BTreeMap<String, u64>>>,
    fails: Rc<Cell<bool>>,
}

impl MemoryTable {
    /// Everything from now on fails, as a full disk would.
    pub fn fail(&self) {
        self.fails.set(true);
    }

    /// All that is kept, as text.
    pub fn dump(&self) -> String {
        format!("{:?} {:?}", self.rows.borrow(), self.buckets.borrow())
    }

    fn kept<T>(&self, value: impl FnOnce() -> T) -> Result<T, TableError> {
        if self.fails.get() { Err(TableError("disk full".to_owned())) } else { Ok(value()) }
    }
}

impl OrderTable for MemoryTable {
    fn put(&self, rows: &[Row]) -> Result<(), TableError> {
        self.kept(|| {
            let named = rows.iter().map(|row| (row.key.clone(), row.clone()));
            self.rows.borrow_mut().extend(named);
        })
    }

    fn owner(&self, key: &str) -> Result<Option<Owner>, TableError> {
        self.kept(|| self.rows.borrow().get(key).map(|row| row.owner.clone()))
    }

    fn order(&self, key: &str) -> Result<Option<String>, TableError> {
        self.kept(|| self.rows.borrow().get(key).map(|row| row.order.clone()))
    }

    fn latest(&self, owner: &Owner, limit: u32) -> Result<Vec<(Owner, String)>, TableError> {
        self.kept(|| {
            let rows = self.rows.borrow();
            let mut found: Vec<&Row> = rows.values().filter(|row| is_of(row, owner)).collect();
            found.sort_by_key(|row| std::cmp::Reverse(row.placed_at_ms));
            let taken = found.into_iter().take(limit as usize);
            taken.map(|row| (row.owner.clone(), row.order.clone())).collect()
        })
    }

    fn delete(&self, owner: &Owner) -> Result<u32, TableError> {
        self.kept(|| {
            let mut rows = self.rows.borrow_mut();
            let before = rows.len();
            rows.retain(|_, row| !is_of(row, owner));
            u32::try_from(before - rows.len()).unwrap_or(u32::MAX)
        })
    }

    fn clear(&self) -> Result<u32, TableError> {
        self.kept(|| {
            self.buckets.borrow_mut().clear();
            let rows = std::mem::take(&mut *self.rows.borrow_mut());
            u32::try_from(rows.len()).unwrap_or(u32::MAX)
        })
    }

    fn full_ms(&self, bucket: &str) -> Result<u64, TableError> {
        self.kept(|| self.buckets.borrow().get(bucket).copied().unwrap_or_default())
    }

    fn set_full_ms(&self, bucket: &str, full_ms: u64, now_ms: u64) -> Result<(), TableError> {
        self.kept(|| {
            let mut buckets = self.buckets.borrow_mut();
            buckets.retain(|_, full_ms| *full_ms > now_ms);
            buckets.insert(bucket.to_owned(), full_ms);
        })
    }

    fn synced(&self) -> LocalBoxFuture<'static, Result<(), TableError>> {
        Box::pin(ready(self.kept(|| ())))
    }
}

/// Whether an order is of that address or that customer.
fn is_of(row: &Row, owner: &Owner) -> bool {
    let by_email = owner.email.is_some() && row.owner.email == owner.email;
    by_email || owner.customer.is_some() && row.owner.customer == owner.customer
}

/// A network that answers what it is given, in turn, and then nothing any more.
#[derive(Clone, Debug, Default)]
pub struct ScriptedHttp {
    /// The answers that are left.
    pub replies: Rc<RefCell<VecDeque<Result<HttpReply, HttpError>>>>,
    /// What was asked.
    pub requests: Rc<RefCell<Vec<HttpRequest>>>,
}

impl ScriptedHttp {
    /// A network with these answers.
    pub fn new(replies: impl IntoIterator<Item = Result<HttpReply, HttpError>>) -> Self {
        let replies = Rc::new(RefCell::new(replies.into_iter().collect()));
        Self { replies, ..Self::default() }
    }
}

impl Http for ScriptedHttp {
    fn post(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpReply, HttpError>> {
        self.requests.borrow_mut().push(request);
        let reply = self.replies.borrow_mut().pop_front();
        let gone = || Err(HttpError::Network("there is no more".to_owned()));
        Box::pin(ready(reply.unwrap_or_else(gone)))
    }
}
