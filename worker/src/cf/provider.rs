//! The language models of the environment: their settings, their keys, and the network to them.

use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, Headers, RequestInit, RequestRedirect};
use worker::{Env, Fetch, Fetcher, Request, Response};

use super::chance::RuntimeChance;
use super::till::ShopTill;
use super::timing::RuntimeClock;
use super::{report, text_binding};
use crate::ports::{Clock, Ledger, Model, ModelError, Upstream, UpstreamReply, UpstreamRequest};
use crate::providers::{
    Candidate, Failover, Provider, ProviderSettings, Providers, ProvidersError, TrackRecords,
    retry_after_ms,
};
use crate::spend::Metered;

/// The service that may reach a provider inside the own network, where there is one.
const SERVICE: &str = "PROVIDER";
/// Name of the key of the simplest configuration.
const SIMPLE_KEY: &str = "AISLE_LLM_KEY";

thread_local! {
    static RECORDS: TrackRecords = TrackRecords::default();
}

/// The providers of the environment; none where none is set up.
fn settings(env: &Env) -> Result<Providers, ProvidersError> {
    if let Some(json) = text_binding(env, "AISLE_PROVIDERS") {
        return Providers::parse(&json);
    }
    let text = |name| text_binding(env, name);
    match (text("AISLE_LLM_URL"), text("AISLE_LLM_MODEL"), text(SIMPLE_KEY)) {
        (Some(url), Some(model), Some(_)) => Providers::one(url, model, SIMPLE_KEY),
        _ => Ok(Providers::default()),
    }
}

/// A key by its name: a secret of that name, or an entry of `AISLE_PROVIDER_KEYS`.
fn key(env: &Env, name: &str) -> Option<String> {
    text_binding(env, name).or_else(|| {
        let json = text_binding(env, "AISLE_PROVIDER_KEYS")?;
        serde_json::from_str::<BTreeMap<String, String>>(&json).ok()?.remove(name)
    })
}

/// The model that answers a shop's shoppers, all its providers in their order, each of their
/// requests paid for out of the till. `None` where the shop has none; what is wrong is in the log then, and [`check`] says it.
pub(super) fn model(
    env: &Env,
    names: Option<&[String]>,
    ledger: &Rc<dyn Ledger>,
    till: &Rc<ShopTill>,
) -> Option<impl Model + use<>> {
    let found = settings(env)
        .and_then(|all| all.of_shop(names))
        .and_then(|providers| candidates(env, &providers, ledger, till));
    let candidates = match found {
        Ok(found) => found,
        Err(error) => {
            report(&error.to_string());
            return None;
        }
    };
    let records = RECORDS.with(TrackRecords::clone);
    (!candidates.is_empty())
        .then(|| Failover::new(candidates, records, RuntimeClock, RuntimeChance, report))
}

/// The providers of the environment, if all of them can be used.
pub(super) fn check(env: &Env) -> Result<Providers, ProvidersError> {
    let all = settings(env)?;
    for one in all.iter() {
        key_of(env, &one.name, one.key.as_deref())?;
    }
    Ok(all)
}

fn key_of(env: &Env, provider: &str, name: Option<&str>) -> Result<Option<String>, ProvidersError> {
    let Some(name) = name else { return Ok(None) };
    let missing = || ProvidersError::Key { name: provider.to_owned(), key: name.to_owned() };
    key(env, name).ok_or_else(missing).map(Some)
}

fn candidates(
    env: &Env,
    providers: &Providers,
    ledger: &Rc<dyn Ledger>,
    till: &Rc<ShopTill>,
) -> Result<Vec<Candidate>, ProvidersError> {
    let network = Network { service: env.service(SERVICE).ok() };
    let candidate = |settings: &Rc<ProviderSettings>| {
        let settings = settings.clone();
        let key = key_of(env, &settings.name, settings.key.as_deref())?;
        let name = settings.name.clone();
        let records = RECORDS.with(TrackRecords::clone);
        let prices = settings.prices;
        let model =
            Provider::new(settings, key, network.clone(), RuntimeClock, records, ledger.clone());
        let model = Metered {
            model: Rc::new(model),
            till: till.clone(),
            price: Rc::new(move |read, written| prices.micros(read, written)),
        };
        Ok(Candidate { name, model: Rc::new(model) })
    };
    providers.iter().map(candidate).collect()
}

/// The network of providers.
#[derive(Clone)]
struct Network {
    service: Option<Fetcher>,
}

/// Ends a request when it is dropped: dropping the future that waits for it does not.
struct Connection(AbortController);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Network {
    async fn send(
        &self,
        asked: &UpstreamRequest,
        connection: &Connection,
    ) -> worker::Result<Response> {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        headers.set("accept", "text/event-stream")?;
        for (name, value) in &asked.headers {
            headers.set(name, value)?;
        }
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(&asked.body));
        // A key is not sent to where a redirect leads.
        init.set_redirect(RequestRedirect::Manual);
        init.set_signal(Some(&connection.0.signal()));
        let request = Request::from(web_sys::Request::new_with_str_and_init(&asked.url, &init)?);
        match &self.service {
            Some(service) => service.fetch_request(request).await,
            None => Fetch::Request(request).send().await,
        }
    }

    async fn open(self, asked: UpstreamRequest) -> Result<UpstreamReply, ModelError> {
        let network = |error: worker::Error| ModelError::Network(error.to_string());
        let controller = AbortController::new()
            .map_err(|_| ModelError::Network("no way to end a request".to_owned()))?;
        let connection = Connection(controller);
        let mut response = self.send(&asked, &connection).await.map_err(network)?;
        let header = |name| response.headers().get(name).ok().flatten();
        let date_ms = |text: &str| js_sys::Date::parse(text);
        let retry_after_ms = retry_after_ms(
            header("retry-after-ms").as_deref(),
            header("retry-after").as_deref(),
            RuntimeClock.now_ms(),
            date_ms,
        );
        let status = response.status_code();
        let bytes = response.stream().map_err(network)?.map(move |chunk| {
            // Held as long as the bytes are read.
            let _ = &connection;
            chunk.map_err(network)
        });
        Ok(UpstreamReply { status, retry_after_ms, bytes: bytes.boxed_local() })
    }
}

impl Upstream for Network {
    fn post(
        &self,
        request: UpstreamRequest,
    ) -> LocalBoxFuture<'static, Result<UpstreamReply, ModelError>> {
        Box::pin(self.clone().open(request))
    }
}
