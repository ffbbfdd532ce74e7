//! The tables of a conversation.

use super::{SqlStore, Statements, text};
use crate::ports::StoreError;

const MESSAGES: &str = "CREATE TABLE IF NOT EXISTS message (\
    seq INTEGER PRIMARY KEY, message_id TEXT UNIQUE, role TEXT NOT NULL, status TEXT NOT NULL, \
    text TEXT NOT NULL, sources TEXT NOT NULL, products TEXT NOT NULL, at_ms INTEGER NOT NULL, \
    epoch INTEGER NOT NULL DEFAULT 0, replaces TEXT NOT NULL DEFAULT '[]', \
    requested TEXT NOT NULL DEFAULT '[]', intent TEXT, answered INTEGER)";
/// Ids of messages that were edited and are gone.
const REPLACED: &str = "CREATE TABLE IF NOT EXISTS replaced (message_id TEXT PRIMARY KEY)";
/// Whose the conversation is.
const HOLDER: &str =
    "CREATE TABLE IF NOT EXISTS holder (visitor TEXT NOT NULL, customer TEXT NOT NULL)";
const OPENED: &str = "CREATE TABLE IF NOT EXISTS conversation (opened_ms INTEGER NOT NULL)";

/// What tables of an earlier version lack.
const ADDED: [(&str, &str); 5] = [
    ("epoch", "ALTER TABLE message ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0"),
    ("replaces", "ALTER TABLE message ADD COLUMN replaces TEXT NOT NULL DEFAULT '[]'"),
    ("requested", "ALTER TABLE message ADD COLUMN requested TEXT NOT NULL DEFAULT '[]'"),
    ("intent", "ALTER TABLE message ADD COLUMN intent TEXT"),
    (LATEST, "ALTER TABLE message ADD COLUMN answered INTEGER"),
];
/// The column that was added last: where it is, the others are.
const LATEST: &str = "answered";

/// Whether the conversation was opened. Tables of an earlier version are brought up to date.
pub(super) fn is_there(store: &SqlStore) -> Result<bool, StoreError> {
    if !has_table(store, "conversation")? {
        return Ok(false);
    }
    if !has_column(store, LATEST)? {
        for (column, statement) in ADDED {
            if !has_column(store, column)? {
                store.sql.rows(statement, vec![])?;
            }
        }
        store.sql.rows(REPLACED, vec![])?;
    }
    if !has_table(store, "holder")? {
        store.sql.rows(HOLDER, vec![])?;
    }
    Ok(true)
}

/// Creates what is not there.
pub(super) fn create(store: &SqlStore) -> Result<(), StoreError> {
    for table in [MESSAGES, REPLACED, HOLDER, OPENED] {
        store.sql.rows(table, vec![])?;
    }
    Ok(())
}

fn has_column(store: &SqlStore, name: &str) -> Result<bool, StoreError> {
    let query = "SELECT 1 FROM pragma_table_info('message') WHERE name = ?";
    Ok(!store.sql.rows(query, vec![text(name)])?.is_empty())
}

fn has_table(store: &SqlStore, name: &str) -> Result<bool, StoreError> {
    let query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?";
    Ok(!store.sql.rows(query, vec![text(name)])?.is_empty())
}
