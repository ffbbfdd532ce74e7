//! Requests to the systems of shops. What they may reach is the service's to decide, after names
//! are resolved; on Cloudflare it is the public network alone.

use futures_util::StreamExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use wasm_bindgen::JsValue;
use web_sys::{AbortController, Headers, RequestInit};
use worker::{Env, Fetch, Fetcher, Request, Response};

use super::timing::RuntimeClock;
use crate::orders::{Http, HttpError, HttpReply, HttpRequest};
use crate::ports::Clock;

/// The service that reaches them.
const SERVICE: &str = "CONNECTOR";
/// How long a request may take, in milliseconds.
const TIMEOUT_MS: u32 = 5_000;
/// The longest reply that is read, in bytes.
const MAX_REPLY_BYTES: usize = 512 * 1024;

/// The network of connectors.
#[derive(Clone)]
pub(super) struct Outbound {
    service: Option<Fetcher>,
}

/// Ends a request when it is dropped: dropping the future that waits for it does not.
struct Connection(AbortController);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Outbound {
    /// The network of the environment.
    pub(super) fn of(env: &Env) -> Self {
        Self { service: env.service(SERVICE).ok() }
    }

    async fn send(&self, asked: &HttpRequest, connection: &Connection) -> worker::Result<Response> {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        headers.set("accept", "application/json")?;
        for (name, value) in &asked.headers {
            headers.set(name, value)?;
        }
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(&asked.body));
        init.set_redirect(web_sys::RequestRedirect::Manual);
        init.set_signal(Some(&connection.0.signal()));
        let request = Request::from(web_sys::Request::new_with_str_and_init(&asked.url, &init)?);
        match &self.service {
            Some(service) => service.fetch_request(request).await,
            None => Fetch::Request(request).send().await,
        }
    }

    async fn exchange(
        self,
        asked: HttpRequest,
        connection: Connection,
    ) -> Result<HttpReply, HttpError> {
        let network = |error: worker::Error| HttpError::Network(error.to_string());
        let mut response = self.send(&asked, &connection).await.map_err(network)?;
        let status = response.status_code();
        let retry_after_s = response
            .headers()
            .get("retry-after")
            .ok()
            .flatten()
            .and_then(|seconds| seconds.trim().parse::<f32>().ok())
            .map(|seconds| seconds.ceil() as u32);
        let mut body = Vec::new();
        if status == 200 {
            let mut chunks = response.stream().map_err(network)?;
            while let Some(chunk) = chunks.next().await {
                body.extend_from_slice(&chunk.map_err(network)?);
                if body.len() > MAX_REPLY_BYTES {
                    return Err(HttpError::TooLong);
                }
            }
        }
        Ok(HttpReply { status, retry_after_s, body })
    }
}

impl Http for Outbound {
    fn post(&self, asked: HttpRequest) -> LocalBoxFuture<'static, Result<HttpReply, HttpError>> {
        let network = self.clone();
        Box::pin(async move {
            let controller = AbortController::new()
                .map_err(|_| HttpError::Network("no way to end a request".to_owned()))?;
            let exchange = Box::pin(network.exchange(asked, Connection(controller)));
            // What is left of the loser is dropped, and with it the connection.
            match select(exchange, RuntimeClock.sleep(TIMEOUT_MS)).await {
                Either::Left((reply, _)) => reply,
                Either::Right(((), _)) => Err(HttpError::TimedOut),
            }
        })
    }
}
