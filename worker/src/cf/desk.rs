//! The Durable Object of a shop's administration: its settings, and the artifacts that were
//! published, with their files in pieces.

use serde_json::{Map, Value};
use worker::durable::State;
use worker::{
    DurableObject, Env, Method, Request, Response, Result, SqlStorage, SqlStorageValue,
    durable_object,
};

use aisle_core::protocol::{ErrorCode, ErrorDetail, MAX_ARTIFACT_FILE_BYTES};

use super::sql::{Statements, integer, number, text};
use super::timing::RuntimeClock;
use super::{body, inside, reply, report};
use crate::admin::{Answer, Ask, DeskTable, FileStore, Publication, answer, check_files};
use crate::ports::{Clock, StoreError};

/// Binding of the objects.
const DESKS: &str = "DESKS";
/// Bytes of a piece of a file: a row may have 2 MB.
const PIECE_BYTES: usize = 512 * 1024;
/// How long a file that no artifact has is kept, in milliseconds: an artifact's files are sent one
/// after another, and then it is published.
const UNUSED_MS: u64 = 24 * 3_600_000;

const TABLES: &str = "CREATE TABLE IF NOT EXISTS settings (\
    version INTEGER PRIMARY KEY, body TEXT NOT NULL); \
    CREATE TABLE IF NOT EXISTS artifact (place INTEGER PRIMARY KEY AUTOINCREMENT, \
    id TEXT NOT NULL UNIQUE, body TEXT NOT NULL); \
    CREATE TABLE IF NOT EXISTS current (id TEXT NOT NULL); \
    CREATE TABLE IF NOT EXISTS file (hash TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) \
    WITHOUT ROWID; \
    CREATE TABLE IF NOT EXISTS piece (hash TEXT NOT NULL, number INTEGER NOT NULL, \
    body BLOB NOT NULL, PRIMARY KEY (hash, number))";

/// A result of the storage.
type Stored<T> = std::result::Result<T, StoreError>;

/// Asks the object of a shop.
pub(super) async fn ask(env: &Env, shop: &str, ask: &Ask) -> Result<Answer> {
    inside::ask(env, DESKS, shop, ask).await
}

/// A file by its hash; its status is 404 where there is none.
pub(super) async fn file(env: &Env, shop: &str, hash: &str) -> Result<Response> {
    let request = Request::new(&format!("http://inside/{hash}"), Method::Get)?;
    env.durable_object(DESKS)?.get_by_name(shop)?.fetch_with_request(request).await
}

/// Keeps a file whose hash was checked.
pub(super) async fn keep(env: &Env, shop: &str, hash: &str, bytes: &[u8]) -> Result<Response> {
    let init = web_sys::RequestInit::new();
    init.set_method("PUT");
    init.set_body(&js_sys::Uint8Array::from(bytes));
    let url = format!("http://inside/{hash}");
    let request = Request::from(web_sys::Request::new_with_str_and_init(&url, &init)?);
    env.durable_object(DESKS)?.get_by_name(shop)?.fetch_with_request(request).await
}

/// The Durable Object of a shop's administration.
#[durable_object(fetch)]
pub struct Desks {
    table: Stored<SqlDesk>,
}

impl DurableObject for Desks {
    fn new(state: State, _: Env) -> Self {
        let table = SqlDesk(state.storage().sql());
        Self { table: table.0.rows(TABLES, vec![]).map(|_| table) }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let table = match &self.table {
            Ok(table) => table,
            Err(error) => return fault(error),
        };
        let hash = request.path().trim_start_matches('/').to_owned();
        let handled = match request.method() {
            Method::Get => table.file(&hash).map(|found| match found {
                Some(bytes) => Response::from_bytes(bytes),
                None => Response::empty().map(|response| response.with_status(404)),
            }),
            Method::Put => {
                let bytes = match body::read(request, MAX_ARTIFACT_FILE_BYTES).await? {
                    Ok(bytes) => bytes,
                    Err(detail) => return reply::error(detail),
                };
                table.keep(&hash, &bytes).map(|()| Response::empty())
            }
            _ => {
                let ask: Ask = request.json().await?;
                table.answer(ask).map(|answer| reply::json(200, &answer))
            }
        };
        handled.unwrap_or_else(|error| fault(&error))
    }
}

fn fault(error: &StoreError) -> Result<Response> {
    report(&error.to_string());
    reply::error(ErrorDetail::new(ErrorCode::Internal, "the administration's storage failed"))
}

/// The database of a shop's administration.
struct SqlDesk(SqlStorage);

impl SqlDesk {
    fn answer(&self, ask: Ask) -> Stored<Answer> {
        if let Ask::Publish { publication } = &ask
            && let Err(error) = check_files(self, &publication.files)
        {
            return Ok(Answer::Refused { reason: error.to_string() });
        }
        answer(self, ask)
    }

    /// The texts of the first column.
    fn texts(&self, query: &str, bindings: Vec<SqlStorageValue>) -> Stored<Vec<String>> {
        let rows = self.0.rows(query, bindings)?;
        rows.into_iter()
            .map(|row| match row.into_iter().next() {
                Some(SqlStorageValue::String(text)) => Ok(text),
                _ => Err(damaged()),
            })
            .collect()
    }

    /// Drops files that no artifact has and nobody sent lately.
    fn drop_unused_files(&self) -> Stored<()> {
        let used: Vec<String> =
            self.publications()?.into_iter().flat_map(|one| one.files.into_values()).collect();
        let before_ms = RuntimeClock.now_ms().saturating_sub(UNUSED_MS);
        let old = self.texts("SELECT hash FROM file WHERE at_ms < ?", vec![integer(before_ms)])?;
        for hash in old.iter().filter(|hash| !used.contains(hash)) {
            self.0.rows("DELETE FROM piece WHERE hash = ?", vec![text(hash)])?;
            self.0.rows("DELETE FROM file WHERE hash = ?", vec![text(hash)])?;
        }
        Ok(())
    }
}

impl DeskTable for SqlDesk {
    fn settings(&self) -> Stored<(u32, Map<String, Value>)> {
        let query = "SELECT version, body FROM settings ORDER BY version DESC LIMIT 1";
        match self.0.rows(query, vec![])?.pop().as_deref() {
            Some([version, SqlStorageValue::String(body)]) => {
                Ok((number(version)?, serde_json::from_str(body).map_err(|_| damaged())?))
            }
            Some(_) => Err(damaged()),
            None => Ok((0, Map::new())),
        }
    }

    fn set_settings(&self, version: u32, settings: &Map<String, Value>) -> Stored<()> {
        let body = serde_json::to_string(settings).map_err(|_| damaged())?;
        let query = "INSERT OR REPLACE INTO settings VALUES (?, ?)";
        self.0.rows(query, vec![integer(version.into()), text(&body)])?;
        self.0
            .rows("DELETE FROM settings WHERE version < ?", vec![integer(version.into())])
            .map(|_| ())
    }

    fn publications(&self) -> Stored<Vec<Publication>> {
        let bodies = self.texts("SELECT body FROM artifact ORDER BY place DESC", vec![])?;
        bodies.iter().map(|body| serde_json::from_str(body).map_err(|_| damaged())).collect()
    }

    fn publish(&self, publication: &Publication) -> Stored<()> {
        let body = serde_json::to_string(publication).map_err(|_| damaged())?;
        let query = "INSERT INTO artifact (id, body) VALUES (?, ?)";
        self.0.rows(query, vec![text(&publication.id), text(&body)]).map(|_| ())
    }

    fn drop_publications(&self, ids: &[String]) -> Stored<()> {
        for id in ids {
            self.0.rows("DELETE FROM artifact WHERE id = ?", vec![text(id)])?;
        }
        self.drop_unused_files()
    }

    fn current(&self) -> Stored<Option<String>> {
        Ok(self.texts("SELECT id FROM current", vec![])?.pop())
    }

    fn set_current(&self, id: Option<&str>) -> Stored<()> {
        // Without an await in between, both are one transaction.
        self.0.rows("DELETE FROM current", vec![])?;
        if let Some(id) = id {
            self.0.rows("INSERT INTO current VALUES (?)", vec![text(id)])?;
        }
        Ok(())
    }
}

impl FileStore for SqlDesk {
    fn file(&self, hash: &str) -> Stored<Option<Vec<u8>>> {
        let known = self.texts("SELECT hash FROM file WHERE hash = ?", vec![text(hash)])?;
        if known.is_empty() {
            return Ok(None);
        }
        let query = "SELECT body FROM piece WHERE hash = ? ORDER BY number";
        let mut bytes = Vec::new();
        for row in self.0.rows(query, vec![text(hash)])? {
            match row.into_iter().next() {
                Some(SqlStorageValue::Blob(piece)) => bytes.extend(piece),
                _ => return Err(damaged()),
            }
        }
        Ok(Some(bytes))
    }

    fn keep(&self, hash: &str, bytes: &[u8]) -> Stored<()> {
        let now_ms = integer(RuntimeClock.now_ms());
        let is_new =
            self.texts("SELECT hash FROM file WHERE hash = ?", vec![text(hash)])?.is_empty();
        if is_new {
            for (number, piece) in bytes.chunks(PIECE_BYTES).enumerate() {
                let bindings =
                    vec![text(hash), integer(number as u64), SqlStorageValue::Blob(piece.to_vec())];
                self.0.rows("INSERT OR REPLACE INTO piece VALUES (?, ?, ?)", bindings)?;
            }
        }
        self.0.rows("INSERT OR REPLACE INTO file VALUES (?, ?)", vec![text(hash), now_ms])?;
        self.drop_unused_files()
    }
}

fn damaged() -> StoreError {
    StoreError("a row of the administration is not what was written".to_owned())
}
