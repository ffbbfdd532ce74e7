//! The Durable Object of a shop's directory: what it is asked, and the work on requests about
//! personal data.

use futures_util::future::LocalBoxFuture;
use worker::durable::State;
use worker::{DurableObject, Env, Request, Response, Result, Storage, durable_object};

use super::directory_sql::SqlDirectory;
use super::inside::{answer, call, question};
use super::timing::RuntimeClock;
use super::{objects, reply, report, visitors};
use crate::directory::{Directory as _, DirectoryError, Request as Asked, Subject};
use crate::holder::Holder;
use crate::ports::Clock;
use crate::privacy::{
    ConversationCall, DirectoryCall, Objects, ObjectsError, OrdersCall, RESUME_MS, RETRY_MS,
    forget, work,
};
use crate::session::{Answer, Ask};

/// Requests that are told at once.
const REQUESTS: u32 = 200;

/// The Durable Object of a shop's directory.
#[durable_object(alarm)]
pub struct Directory {
    env: Env,
    storage: Storage,
    kept: std::result::Result<SqlDirectory, DirectoryError>,
}

impl DurableObject for Directory {
    fn new(state: State, env: Env) -> Self {
        let kept = SqlDirectory::open(&state);
        Self { env, storage: state.storage(), kept }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let asked = question(request).await?;
        self.answer(asked).await
    }

    async fn alarm(&self) -> Result<Response> {
        let kept = self.kept.as_ref().map_err(raised)?;
        self.work(kept).await?;
        reply::json(200, &())
    }
}

impl Directory {
    async fn answer(&self, asked: DirectoryCall) -> Result<Response> {
        let kept = self.kept.as_ref().map_err(raised)?;
        match asked {
            DirectoryCall::List { listing, links } => {
                kept.list(&listing, &links).map_err(raised)?;
                answer(&())
            }
            DirectoryCall::Forget { shop, conversation } => {
                let others = Others { env: self.env.clone(), shop };
                let forgotten = forget(kept, &others, &conversation).await;
                forgotten.map_err(|error| worker::Error::RustError(error.to_string()))?;
                answer(&())
            }
            DirectoryCall::Find { subject, after, limit } => {
                answer(&kept.find(&subject, &after, limit).map_err(raised)?)
            }
            DirectoryCall::OpenTicket(ticket) => {
                answer(&kept.open_ticket(&ticket).map_err(raised)?)
            }
            DirectoryCall::Tickets { subject, after, limit } => {
                answer(&kept.tickets(&subject, &after, limit).map_err(raised)?)
            }
            DirectoryCall::CloseTicket(id) => answer(&kept.close_ticket(&id).map_err(raised)?),
            DirectoryCall::Begin { shop, request } => {
                answer(&self.begin(kept, &shop, request).await?)
            }
            DirectoryCall::Request(id) => answer(&kept.request(&id).map_err(raised)?),
            DirectoryCall::Requests => answer(&kept.requests(REQUESTS).map_err(raised)?),
            DirectoryCall::Exported(id) => {
                self.exported(kept, &id).map_err(raised)?;
                answer(&())
            }
        }
    }

    /// Writes a request down and works on it. How far it came is told; whatever is left is the
    /// alarm's.
    async fn begin(&self, kept: &SqlDirectory, shop: &str, request: Asked) -> Result<Asked> {
        let id = request.id.clone();
        if kept.request(&id).map_err(raised)?.is_none() {
            self.wake_in(RESUME_MS).await?;
            kept.name_shop(shop).and_then(|()| kept.put(&request)).map_err(raised)?;
            kept.synced().await.map_err(|error| raised(&error))?;
        }
        self.work(kept).await?;
        // A shopper's own is not kept when it is done.
        let now = kept.request(&id).map_err(raised)?;
        Ok(now.unwrap_or_else(|| Asked { done_ms: Some(RuntimeClock.now_ms()), ..request }))
    }

    fn exported(&self, kept: &SqlDirectory, id: &str) -> std::result::Result<(), DirectoryError> {
        if let Some(mut request) = kept.request(id)?
            && request.done_ms.is_none()
        {
            request.done_ms = Some(RuntimeClock.now_ms());
            kept.put(&request)?;
        }
        Ok(())
    }

    async fn work(&self, kept: &SqlDirectory) -> Result<()> {
        let Some(shop) = kept.shop().map_err(raised)? else { return Ok(()) };
        let others = Others { env: self.env.clone(), shop };
        match work(kept, &others, RuntimeClock.now_ms(), report).await {
            Ok(Some(ms)) => self.wake_in(ms).await,
            Ok(None) => Ok(()),
            Err(error) => {
                report(&error.to_string());
                self.wake_in(RETRY_MS).await
            }
        }
    }

    async fn wake_in(&self, ms: u64) -> Result<()> {
        self.storage.set_alarm(i64::try_from(ms).unwrap_or(i64::MAX)).await
    }
}

/// The other objects of a shop.
struct Others {
    env: Env,
    shop: String,
}

impl Objects for Others {
    fn delete_conversation<'a>(
        &'a self,
        id: &'a str,
        asker: Option<&'a Holder>,
    ) -> LocalBoxFuture<'a, std::result::Result<bool, ObjectsError>> {
        Box::pin(async move {
            let stub = objects::conversation(&self.env, &self.shop, id).map_err(failed)?;
            let delete = ConversationCall::Delete { asker: asker.cloned() };
            call(&stub, &delete).await.map_err(failed)
        })
    }

    fn delete_orders<'a>(
        &'a self,
        subject: &'a Subject,
    ) -> LocalBoxFuture<'a, std::result::Result<u32, ObjectsError>> {
        Box::pin(async move {
            let stub = objects::orders(&self.env, &self.shop).map_err(failed)?;
            call(&stub, &OrdersCall::Delete(subject.clone())).await.map_err(failed)
        })
    }

    fn forget_visitors(
        &self,
        visitors: Option<Vec<String>>,
        with_buckets: bool,
    ) -> LocalBoxFuture<'_, std::result::Result<(), ObjectsError>> {
        Box::pin(async move {
            let ask = Ask::Forget { visitors, with_buckets };
            match visitors::ask(&self.env, &self.shop, &ask).await.map_err(failed)? {
                Answer::Forgotten => Ok(()),
                _ => Err(ObjectsError("the visitors' object gave another answer".to_owned())),
            }
        })
    }
}

fn failed(error: worker::Error) -> ObjectsError {
    ObjectsError(error.to_string())
}

fn raised(error: impl std::borrow::Borrow<DirectoryError>) -> worker::Error {
    worker::Error::RustError(error.borrow().to_string())
}
