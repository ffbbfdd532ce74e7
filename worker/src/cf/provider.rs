//! A language model behind the OpenAI protocol.

use futures_util::stream::{LocalBoxStream, StreamExt, TryStreamExt, once};
use wasm_bindgen::JsValue;
use web_sys::{AbortController, Headers, RequestInit};
use worker::{Env, Fetch, Fetcher, Request, Response};

use super::text_binding;
use crate::ports::{Model, ModelError, ModelRequest, Piece};
use crate::providers::openai::{endpoint, pieces, request};

/// The service that may reach a provider inside the own network, where there is one.
const SERVICE: &str = "PROVIDER";

/// Where the model is and how it is asked.
#[derive(Clone)]
pub(super) struct Provider {
    url: String,
    model: String,
    key: String,
    service: Option<Fetcher>,
}

/// Ends a request when it is dropped: dropping the future that waits for it does not.
struct Connection(AbortController);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Provider {
    /// The provider of the environment; `None` when it is not set up.
    pub(super) fn of(env: &Env) -> Option<Self> {
        Some(Self {
            url: endpoint(&text_binding(env, "AISLE_LLM_URL")?),
            model: text_binding(env, "AISLE_LLM_MODEL")?,
            key: text_binding(env, "AISLE_LLM_KEY")?,
            service: env.service(SERVICE).ok(),
        })
    }

    async fn send(&self, body: &str, connection: &Connection) -> worker::Result<Response> {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        headers.set("accept", "text/event-stream")?;
        headers.set("authorization", &format!("Bearer {}", self.key))?;
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(body));
        init.set_signal(Some(&connection.0.signal()));
        let request = Request::from(web_sys::Request::new_with_str_and_init(&self.url, &init)?);
        match &self.service {
            Some(service) => service.fetch_request(request).await,
            None => Fetch::Request(request).send().await,
        }
    }

    async fn open(
        self,
        body: String,
    ) -> Result<LocalBoxStream<'static, Result<Vec<u8>, ModelError>>, ModelError> {
        let network = |error: worker::Error| ModelError::Network(error.to_string());
        let controller = AbortController::new()
            .map_err(|_| ModelError::Network("no way to end a request".to_owned()))?;
        let connection = Connection(controller);
        let mut response = self.send(&body, &connection).await.map_err(network)?;
        if response.status_code() != 200 {
            let status = response.status_code();
            return Err(ModelError::Status { status, retry_after_ms: None });
        }
        let bytes = response.stream().map_err(network)?;
        Ok(bytes
            .map(move |chunk| {
                // Held as long as the bytes are read.
                let _ = &connection;
                chunk.map_err(network)
            })
            .boxed_local())
    }
}

impl Model for Provider {
    fn ask(&self, asked: ModelRequest) -> LocalBoxStream<'static, Result<Piece, ModelError>> {
        let body = request(&self.model, &asked);
        pieces(once(self.clone().open(body)).try_flatten().boxed_local())
    }
}
