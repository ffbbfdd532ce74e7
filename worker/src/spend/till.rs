//! What a shop's till is asked, and what it answers.

use serde::{Deserialize, Serialize};

use super::ledger::{SpendTable, close, days, open};
use super::{Cap, Day, Spent};
use crate::ports::StoreError;

/// What a shop's till is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// May a request cost this much?
    Open {
        /// A fresh name for the request.
        id: String,
        /// What it may cost at most.
        micros: u64,
        /// What the shop allows.
        cap: Cap,
    },
    /// What a request took.
    Close {
        /// Its name, if something was set aside for it.
        id: Option<String>,
        /// What it took.
        spent: Spent,
    },
    /// What was spent.
    Days {
        /// So many days, today included.
        last: u32,
    },
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It may be made.
    Opened,
    /// The day's cap does not leave as much.
    Capped,
    /// It is counted.
    Closed,
    /// What was spent, the first day first.
    Days {
        /// Days with any spending.
        days: Vec<Day>,
    },
}

/// Answers what is asked.
pub fn answer(table: &impl SpendTable, ask: Ask, now_ms: u64) -> Result<Answer, StoreError> {
    Ok(match ask {
        Ask::Open { id, micros, cap } => match open(table, &cap, &id, micros, now_ms)? {
            true => Answer::Opened,
            false => Answer::Capped,
        },
        Ask::Close { id, spent } => {
            close(table, id.as_deref(), spent, now_ms)?;
            Answer::Closed
        }
        Ask::Days { last } => Answer::Days { days: days(table, last, now_ms)? },
    })
}
