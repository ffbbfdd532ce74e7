//! What the models of a conversation took, in the SQLite database of its Durable Object.

use worker::durable::State;
use worker::{SqlStorage, SqlStorageValue};

use super::report;
use super::sql::{Statements, integer, number, text};
use super::timing::RuntimeClock;
use crate::ports::{Clock, Ledger, StoreError, Usage};
use crate::usage::Total;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS usage (\
    at_ms INTEGER NOT NULL, provider TEXT NOT NULL, input_tokens INTEGER NOT NULL, \
    output_tokens INTEGER NOT NULL, cost_micros INTEGER NOT NULL, is_estimated INTEGER NOT NULL)";

/// The ledger of one conversation: a row a request.
#[derive(Clone)]
pub(super) struct SqlLedger(SqlStorage);

impl SqlLedger {
    /// The ledger of the object with this state.
    pub(super) fn new(state: &State) -> Self {
        Self(state.storage().sql())
    }

    /// What all requests took together.
    pub(super) fn total(&self) -> Result<Total, StoreError> {
        self.0.rows(TABLE, vec![])?;
        let query = "SELECT count(*), coalesce(sum(is_estimated), 0), \
            coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), \
            coalesce(sum(cost_micros), 0) FROM usage";
        match self.0.rows(query, vec![])?.pop().as_deref() {
            Some([requests, estimated, input, output, cost]) => Ok(Total {
                requests: number(requests)?,
                estimated: number(estimated)?,
                input_tokens: number(input)?,
                output_tokens: number(output)?,
                cost_micros: number(cost)?,
            }),
            _ => Err(StoreError("a sum has other columns".to_owned())),
        }
    }

    fn write(&self, usage: &Usage) -> worker::Result<()> {
        // Each time, because a conversation can have been deleted meanwhile.
        self.0.exec(TABLE, None)?;
        let row: Vec<SqlStorageValue> = vec![
            integer(RuntimeClock.now_ms()),
            text(&usage.provider),
            integer(usage.input_tokens.into()),
            integer(usage.output_tokens.into()),
            integer(usage.cost_micros),
            integer(usage.is_estimated.into()),
        ];
        self.0.exec("INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?)", row).map(|_| ())
    }
}

impl Ledger for SqlLedger {
    fn record(&self, usage: &Usage) {
        if let Err(error) = self.write(usage) {
            report(&format!("usage cannot be kept: {error}"));
        }
    }
}
