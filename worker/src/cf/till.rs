//! The Durable Object of a shop's till, and the way to it.

use futures_util::future::LocalBoxFuture;
use wasm_bindgen_futures::spawn_local;
use worker::durable::State;
use worker::{
    DurableObject, Env, Request, Response, Result, SqlStorage, SqlStorageValue, durable_object,
};

use aisle_core::protocol::{ErrorCode, ErrorDetail};

use super::entry::random_uuid;
use super::figures::count;
use super::sql::{Statements, failed, integer, number, text};
use super::timing::RuntimeClock;
use super::{inside, reply, report};
use crate::metrics::{Metrics, Outcome};
use crate::ports::{Clock, StoreError};
use crate::spend::{Answer, Ask, Cap, Day, Opened, SpendTable, Spent, Ticket, Till, answer};

/// Binding of the tills' Durable Objects.
const TILLS: &str = "TILLS";

const TABLES: &str = "CREATE TABLE IF NOT EXISTS day (\
    day INTEGER PRIMARY KEY, requests INTEGER NOT NULL, input_tokens INTEGER NOT NULL, \
    output_tokens INTEGER NOT NULL, micros INTEGER NOT NULL, refused INTEGER NOT NULL); \
    CREATE TABLE IF NOT EXISTS opened (id TEXT PRIMARY KEY, day INTEGER NOT NULL, \
    micros INTEGER NOT NULL, until_ms INTEGER NOT NULL) WITHOUT ROWID";

/// Asks the till of a shop.
pub(super) async fn ask(env: &Env, shop: &str, ask: &Ask) -> Result<Answer> {
    inside::ask(env, TILLS, shop, ask).await
}

/// The till of a shop, as a turn sees it.
pub(super) struct ShopTill {
    env: Env,
    shop: String,
    cap: Cap,
}

impl ShopTill {
    /// The till of this shop, with the cap of its settings.
    pub(super) fn of(env: &Env, shop: &str, cap: Cap) -> Self {
        Self { env: env.clone(), shop: shop.to_owned(), cap }
    }
}

impl Till for ShopTill {
    fn open(
        &self,
        micros: u64,
    ) -> LocalBoxFuture<'static, std::result::Result<Option<Ticket>, StoreError>> {
        let (env, shop, cap) = (self.env.clone(), self.shop.clone(), self.cap);
        Box::pin(async move {
            let mut ticket = Ticket::default();
            if cap.is_set() {
                let id = random_uuid();
                match ask(&env, &shop, &Ask::Open { id: id.clone(), micros, cap }).await {
                    Ok(Answer::Opened) => ticket.id = Some(id),
                    Ok(_) => {
                        count(|metrics| metrics.not_asked(Outcome::Capped));
                        return Ok(None);
                    }
                    Err(error) => {
                        report(&format!("the till of {shop} cannot be asked: {error}"));
                        return Err(failed(error));
                    }
                }
            }
            ticket.asked_ms = RuntimeClock.now_ms();
            count(Metrics::model_asked);
            Ok(Some(ticket))
        })
    }

    fn began(&self, ticket: &Ticket) {
        let after_ms = RuntimeClock.now_ms().saturating_sub(ticket.asked_ms);
        count(|metrics| metrics.model_began(after_ms));
    }

    fn close(&self, ticket: Ticket, spent: Spent) {
        let outcome = match spent.output_tokens {
            0 => Outcome::Silent,
            _ => Outcome::Answered,
        };
        count(|metrics| metrics.model_ended(outcome, spent));
        let (env, shop) = (self.env.clone(), self.shop.clone());
        // It may be that nobody reads the answer any more: this goes on by itself.
        spawn_local(async move {
            if let Err(error) = ask(&env, &shop, &Ask::Close { id: ticket.id, spent }).await {
                report(&format!("the till of {shop} did not hear what was spent: {error}"));
            }
        });
    }
}

/// The Durable Object of a shop's till.
#[durable_object(fetch)]
pub struct Tills {
    table: std::result::Result<SqlSpend, StoreError>,
}

impl DurableObject for Tills {
    fn new(state: State, _: Env) -> Self {
        let table = SqlSpend(state.storage().sql());
        Self { table: table.0.rows(TABLES, vec![]).map(|_| table) }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let ask: Ask = request.json().await?;
        let answered = match &self.table {
            Ok(table) => answer(table, ask, RuntimeClock.now_ms()),
            Err(error) => Err(error.clone()),
        };
        match answered {
            Ok(answer) => reply::json(200, &answer),
            Err(error) => {
                report(&error.to_string());
                reply::error(ErrorDetail::new(ErrorCode::Internal, "the till's storage failed"))
            }
        }
    }
}

/// The database of a shop's till.
struct SqlSpend(SqlStorage);

impl SpendTable for SqlSpend {
    fn day(&self, day: u32) -> std::result::Result<Day, StoreError> {
        let query = "SELECT * FROM day WHERE day = ?";
        let row = self.0.rows(query, vec![integer(day.into())])?.pop();
        row.map_or(Ok(Day { day, ..Day::default() }), |row| of_day(&row))
    }

    fn set_day(&self, day: Day) -> std::result::Result<(), StoreError> {
        let Day { day, spent, refused } = day;
        let numbers = [
            day.into(),
            spent.requests.into(),
            spent.input_tokens,
            spent.output_tokens,
            spent.micros,
            refused.into(),
        ];
        let query = "INSERT OR REPLACE INTO day VALUES (?, ?, ?, ?, ?, ?)";
        self.0.rows(query, numbers.map(integer).to_vec()).map(|_| ())
    }

    fn days_from(&self, day: u32) -> std::result::Result<Vec<Day>, StoreError> {
        let query = "SELECT * FROM day WHERE day >= ? ORDER BY day";
        let rows = self.0.rows(query, vec![integer(day.into())])?;
        rows.iter().map(|row| of_day(row)).collect()
    }

    fn forget_before(&self, day: u32) -> std::result::Result<(), StoreError> {
        self.0.rows("DELETE FROM day WHERE day < ?", vec![integer(day.into())]).map(|_| ())
    }

    fn opened(&self) -> std::result::Result<Vec<Opened>, StoreError> {
        self.0.rows("SELECT * FROM opened", vec![])?.into_iter().map(of_opened).collect()
    }

    fn insert(&self, opened: &Opened) -> std::result::Result<(), StoreError> {
        let bindings = vec![
            text(&opened.id),
            integer(opened.day.into()),
            integer(opened.micros),
            integer(opened.until_ms),
        ];
        self.0.rows("INSERT OR REPLACE INTO opened VALUES (?, ?, ?, ?)", bindings).map(|_| ())
    }

    fn remove(&self, id: &str) -> std::result::Result<Option<Opened>, StoreError> {
        let mut rows =
            self.0.rows("DELETE FROM opened WHERE id = ? RETURNING *", vec![text(id)])?;
        rows.pop().map(of_opened).transpose()
    }
}

fn of_day(row: &[SqlStorageValue]) -> std::result::Result<Day, StoreError> {
    let [day, requests, input_tokens, output_tokens, micros, refused] = row else {
        return Err(damaged());
    };
    let spent = Spent {
        requests: number(requests)?,
        input_tokens: number(input_tokens)?,
        output_tokens: number(output_tokens)?,
        micros: number(micros)?,
    };
    Ok(Day { day: number(day)?, spent, refused: number(refused)? })
}

fn of_opened(row: Vec<SqlStorageValue>) -> std::result::Result<Opened, StoreError> {
    let Ok([SqlStorageValue::String(id), day, micros, until_ms]) =
        <[SqlStorageValue; 4]>::try_from(row)
    else {
        return Err(damaged());
    };
    Ok(Opened { id, day: number(&day)?, micros: number(&micros)?, until_ms: number(&until_ms)? })
}

fn damaged() -> StoreError {
    StoreError("a row of the till is not what was written".to_owned())
}
