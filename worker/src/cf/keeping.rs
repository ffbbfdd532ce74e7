//! How a conversation is kept and how it ends: listed before it begins, deleted when its time is
//! over or when somebody asks for it.

use std::cell::Cell;
use std::rc::Rc;

use aisle_core::orders::Email;
use aisle_core::protocol::ErrorDetail;
use worker::durable::State;
use worker::{Env, Request, Response, Result, SqlStorage, SqlStorageValue, Storage};

use super::inside::{answer, call, question};
use super::sql::{SqlStore, Statements, integer, number, text};
use super::timing::RuntimeClock;
use super::usage_sql::SqlLedger;
use super::{consent, identity, objects, order_secret, report, settings, shops};
use crate::directory::{Link, Listing};
use crate::holder::Holder;
use crate::ports::{Clock, Store, StoreError};
use crate::privacy::{
    ConversationCall, DirectoryCall, Due, Opening, Part, RESUME_MS, RETRY_MS, Retention, due, part,
};
use crate::routing::unknown_conversation;
use crate::turn::Turns;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS keeping (shop TEXT NOT NULL, \
    conversation TEXT NOT NULL, opened_ms INTEGER NOT NULL, is_private INTEGER NOT NULL, \
    links TEXT NOT NULL, is_leaving INTEGER NOT NULL)";

/// The part of a conversation's object that begins and ends it.
pub(super) struct Keeping {
    env: Env,
    store: SqlStore,
    sql: SqlStorage,
    storage: Rc<Storage>,
    ledger: SqlLedger,
    turns: Rc<Turns<SqlStore, RuntimeClock>>,
    /// Whether it was deleted since this object came to be: what is on its way must not bring it
    /// back.
    is_deleted: Cell<bool>,
}

/// What is known of the conversation itself.
struct Kept {
    shop: String,
    listing: Listing,
    links: Vec<Link>,
    /// Whether its messages are gone and only the directory is to be told.
    is_leaving: bool,
}

impl Keeping {
    /// Of the object with this state, and with its store, its ledger and its turns.
    pub(super) fn new(
        state: &State,
        env: &Env,
        store: &SqlStore,
        ledger: &SqlLedger,
        turns: &Rc<Turns<SqlStore, RuntimeClock>>,
    ) -> Self {
        let storage = state.storage();
        Self {
            env: env.clone(),
            store: store.clone(),
            ledger: ledger.clone(),
            sql: storage.sql(),
            storage: Rc::new(storage),
            turns: turns.clone(),
            is_deleted: Cell::new(false),
        }
    }

    /// Answers another object.
    pub(super) async fn called(&self, request: Request) -> Result<Response> {
        match question(request).await? {
            ConversationCall::Open(opening) => {
                self.open(opening).await?;
                answer(&())
            }
            ConversationCall::Delete { asker } => {
                let is_theirs = self.is_of(asker.as_ref()).map_err(raised)?;
                if is_theirs {
                    self.end().await;
                    self.delete_all().await?;
                }
                answer(&is_theirs)
            }
            ConversationCall::Usage => {
                let is_open = self.store.is_open().map_err(raised)?;
                let total = is_open.then(|| self.ledger.total()).transpose().map_err(raised)?;
                answer(&total)
            }
            ConversationCall::Export { number, after } => {
                answer(&self.export(number, after).map_err(raised)?)
            }
        }
    }

    /// Begins the conversation. It is in the directory before anybody hears of it.
    async fn open(&self, opening: Opening) -> Result<()> {
        let Opening { shop, conversation, visitor, customer, mut links, is_private } = opening;
        let opened_ms = RuntimeClock.now_ms();
        let holder = Holder { visitor: visitor.clone(), customer };
        if !visitor.is_empty() {
            links.push(Link::visitor(&visitor));
        }
        let listing = Listing { conversation, opened_ms, is_private };
        let kept = Kept { shop, listing, links, is_leaving: false };
        self.list(&kept).await?;
        let Due::At(at_ms) = due(self.retention(&kept.shop).await, opened_ms, opened_ms) else {
            return Err(worker::Error::RustError("kept for no time at all".to_owned()));
        };
        self.wake_in(at_ms.saturating_sub(opened_ms)).await?;
        if self.is_deleted.get() {
            return Err(worker::Error::RustError("deleted before it was open".to_owned()));
        }
        self.store.open(opened_ms, &holder).and_then(|()| self.keep(&kept)).map_err(raised)
    }

    /// Takes note of who writes and of what they object to, before a turn is accepted. Whether the
    /// turn may be used for its answer and nothing else.
    pub(super) async fn attend(
        &self,
        request: &Request,
        shop: &str,
    ) -> std::result::Result<bool, ErrorDetail> {
        let internal = |error: worker::Error| {
            report(&error.to_string());
            ErrorDetail::from(crate::conversation::ConversationError::Store(StoreError(
                "the directory failed".to_owned(),
            )))
        };
        if self.is_deleted.get() {
            return Err(unknown_conversation());
        }
        let Some(kept) = self.kept().map_err(raised).map_err(internal)? else {
            return Ok(consent::is_refused(request));
        };
        let objects = consent::is_refused(request);
        let is_private = kept.listing.is_private || objects;
        self.note(kept, links(request, &self.env, shop), objects).await.map_err(internal)?;
        if self.is_deleted.get() {
            return Err(unknown_conversation());
        }
        Ok(is_private)
    }

    /// Lists the conversation under the address that a guest proved, before anything is told that
    /// the address opens.
    pub(super) async fn prove(&self, email: &str) -> Result<()> {
        let Some(kept) = self.kept().map_err(raised)? else { return Ok(()) };
        let (Some(secret), Some(email)) = (order_secret(&self.env), Email::parse(email)) else {
            return Ok(());
        };
        let link = Link::email(&secret, &kept.shop, &email);
        self.note(kept, vec![link], false).await
    }

    /// Notes links, and that the shopper objects, first in the directory and then here.
    async fn note(&self, kept: Kept, links: Vec<Link>, objects: bool) -> Result<()> {
        let is_known = links.iter().all(|link| kept.links.contains(link));
        if is_known && (kept.listing.is_private || !objects) {
            return Ok(());
        }
        let add = |mut kept: Kept| {
            for link in &links {
                if !kept.links.contains(link) {
                    kept.links.push(link.clone());
                }
            }
            kept.listing.is_private |= objects;
            kept
        };
        self.list(&add(kept)).await?;
        // Somebody else may have noted something meanwhile, or have deleted everything.
        match self.kept().map_err(raised)? {
            Some(kept) if !self.is_deleted.get() => self.keep(&add(kept)).map_err(raised),
            _ => Ok(()),
        }
    }

    /// Looks whether the conversation's time is over, or goes on with its end.
    pub(super) async fn alarm(&self) -> Result<()> {
        let ended = match self.kept().map_err(raised)? {
            None => return Ok(()),
            Some(kept) if kept.is_leaving => self.leave(&kept).await,
            Some(kept) => match self.due(&kept).await {
                Ok(Due::Now) => self.delete().await,
                Ok(Due::At(at_ms)) => {
                    self.wake_in(at_ms.saturating_sub(RuntimeClock.now_ms())).await
                }
                Err(error) => Err(raised(error)),
            },
        };
        match ended {
            Ok(()) => Ok(()),
            Err(error) => {
                report(&format!("a conversation could not be deleted yet: {error}"));
                self.wake_in(RETRY_MS).await
            }
        }
    }

    /// Deletes everything of the conversation, here and in the directory. When it comes back, the
    /// messages are gone; what is left to do is done by the alarm if it fails now.
    pub(super) async fn delete(&self) -> Result<()> {
        self.end().await;
        let Some(kept) = self.kept().map_err(raised)? else { return self.delete_all().await };
        self.wake_in(RESUME_MS).await?;
        self.drop_tables().map_err(raised)?;
        self.keep(&Kept { is_leaving: true, ..kept }).map_err(raised)?;
        self.storage.sync().await?;
        match self.kept().map_err(raised)? {
            Some(kept) => self.leave(&kept).await,
            None => Ok(()),
        }
    }

    async fn leave(&self, kept: &Kept) -> Result<()> {
        let directory = objects::directory(&self.env, &kept.shop)?;
        let (shop, conversation) = (kept.shop.clone(), kept.listing.conversation.clone());
        let () = call(&directory, &DirectoryCall::Forget { shop, conversation }).await?;
        self.delete_all().await
    }

    /// Whether it may be deleted for whoever asks: an administrator, or a shopper whose it is.
    fn is_of(&self, asker: Option<&Holder>) -> std::result::Result<bool, StoreError> {
        match asker {
            Some(asker) if self.store.is_open()? => Ok(self.store.holder()?.admits(asker)),
            _ => Ok(true),
        }
    }

    /// From here on nothing is taken in, and nothing is written any more.
    async fn end(&self) {
        self.is_deleted.set(true);
        self.turns.quiet().await;
    }

    async fn delete_all(&self) -> Result<()> {
        // The alarm last: if this ends in between, it finds nothing and does nothing.
        let deleted = self.storage.delete_all().await;
        self.store.emptied();
        deleted?;
        self.storage.delete_alarm().await
    }

    fn export(&self, number: u32, after: u32) -> std::result::Result<Part, StoreError> {
        match self.kept()? {
            Some(kept) if self.store.is_open()? => {
                let Listing { conversation, opened_ms, .. } = &kept.listing;
                part(&self.store, conversation, *opened_ms, number, after)
            }
            _ => Ok(Part { conversation: None, next: None }),
        }
    }

    async fn list(&self, kept: &Kept) -> Result<()> {
        let directory = objects::directory(&self.env, &kept.shop)?;
        let (listing, links) = (kept.listing.clone(), kept.links.clone());
        call(&directory, &DirectoryCall::List { listing, links }).await
    }

    async fn retention(&self, shop: &str) -> Retention {
        let known = settings::of_shop(&self.env, shop).await;
        // A shop that is not configured now may be so again; nothing is deleted for a mistake.
        known.map_or(Retention::Days(0), |known| known.shop.retention)
    }

    async fn due(&self, kept: &Kept) -> std::result::Result<Due, StoreError> {
        let last = self.store.messages_before(u32::MAX, 1)?.pop();
        let last_ms = last.map_or(kept.listing.opened_ms, |message| message.at_ms);
        Ok(due(self.retention(&kept.shop).await, last_ms, RuntimeClock.now_ms()))
    }

    async fn wake_in(&self, ms: u64) -> Result<()> {
        self.storage.set_alarm(i64::try_from(ms).unwrap_or(i64::MAX)).await
    }

    fn kept(&self) -> std::result::Result<Option<Kept>, StoreError> {
        let query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'keeping'";
        if self.sql.rows(query, vec![])?.is_empty() {
            return Ok(None);
        }
        let query =
            "SELECT shop, conversation, opened_ms, is_private, links, is_leaving FROM keeping";
        self.sql.rows(query, vec![])?.pop().map(kept).transpose()
    }

    fn keep(&self, kept: &Kept) -> std::result::Result<(), StoreError> {
        let links =
            serde_json::to_string(&kept.links).map_err(|error| StoreError(error.to_string()))?;
        self.sql.rows(TABLE, vec![])?;
        self.sql.rows("DELETE FROM keeping", vec![])?;
        let bindings = vec![
            text(&kept.shop),
            text(&kept.listing.conversation),
            integer(kept.listing.opened_ms),
            integer(kept.listing.is_private.into()),
            SqlStorageValue::String(links),
            integer(kept.is_leaving.into()),
        ];
        self.sql.rows("INSERT INTO keeping VALUES (?, ?, ?, ?, ?, ?)", bindings).map(|_| ())
    }

    /// Drops every table, whichever part of the worker made it.
    fn drop_tables(&self) -> std::result::Result<(), StoreError> {
        self.store.emptied();
        let query = "SELECT name FROM sqlite_master WHERE type = 'table' \
            AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'";
        for row in self.sql.rows(query, vec![])? {
            if let Some(SqlStorageValue::String(name)) = row.first() {
                self.sql.rows(&format!("DROP TABLE \"{}\"", name.replace('"', "\"\"")), vec![])?;
            }
        }
        Ok(())
    }
}

/// The links of whoever sends a request: those of a customer whom the merchant's server vouches
/// for.
pub(super) fn links(request: &Request, env: &Env, shop: &str) -> Vec<Link> {
    let settings = shops(env).ok().and_then(|all| all.find(shop).cloned().ok());
    let customer = settings.and_then(|shop_of| identity::customer(request, env, shop, &shop_of));
    match (customer, order_secret(env)) {
        (Some(customer), Some(secret)) => Link::of_customer(&secret, shop, &customer),
        _ => vec![],
    }
}

fn raised(error: StoreError) -> worker::Error {
    worker::Error::RustError(error.to_string())
}

fn kept(row: Vec<SqlStorageValue>) -> std::result::Result<Kept, StoreError> {
    use SqlStorageValue::String as Text;
    let damaged = || StoreError("a row is not what was written".to_owned());
    let Ok([Text(shop), Text(conversation), opened_ms, is_private, Text(links), is_leaving]) =
        <[SqlStorageValue; 6]>::try_from(row)
    else {
        return Err(damaged());
    };
    Ok(Kept {
        shop,
        listing: Listing {
            conversation,
            opened_ms: number(&opened_ms)?,
            is_private: number::<u8>(&is_private)? != 0,
        },
        links: serde_json::from_str(&links).map_err(|_| damaged())?,
        is_leaving: number::<u8>(&is_leaving)? != 0,
    })
}
