//! One provider behind the port of a model.

use std::rc::Rc;

use futures_util::future::{Either, select};
use futures_util::stream::{LocalBoxStream, StreamExt, TryStreamExt, once};

use super::exchange::{Account, Exchange, Patience};
use super::settings::ProviderSettings;
use super::track_record::TrackRecords;
use crate::ports::{
    Clock, Ledger, Model, ModelError, ModelRequest, Piece, Upstream, UpstreamReply, UpstreamRequest,
};

/// Bytes of a refusal that are read for what is refused.
const MAX_REFUSAL_BYTES: usize = 8 * 1024;
/// How long a refusal may take to come, in milliseconds.
const MAX_REFUSAL_MS: u32 = 2_000;
/// Tries to find out what a provider does not take.
const MAX_CHANGES: u32 = 3;

/// One provider.
#[derive(Clone)]
pub struct Provider<U, C> {
    settings: Rc<ProviderSettings>,
    key: Option<Rc<str>>,
    upstream: U,
    clock: C,
    records: TrackRecords,
    ledger: Rc<dyn Ledger>,
}

impl<U: Upstream + Clone + 'static, C: Clock + Clone + 'static> Provider<U, C> {
    /// A provider by its settings, with the key that they name.
    pub fn new(
        settings: Rc<ProviderSettings>,
        key: Option<String>,
        upstream: U,
        clock: C,
        records: TrackRecords,
        ledger: Rc<dyn Ledger>,
    ) -> Self {
        Self { settings, key: key.map(Rc::from), upstream, clock, records, ledger }
    }

    async fn open(
        self,
        request: ModelRequest,
    ) -> Result<LocalBoxStream<'static, Result<Piece, ModelError>>, ModelError> {
        let settings = &self.settings;
        let mut changes = 0;
        loop {
            let options = self.records.options(&settings.name);
            let body = settings.format.body(&settings.model, &request, &options);
            let patience =
                Patience { asked_ms: self.clock.now_ms(), first_ms: settings.first_word_ms.into() };
            let account = Account {
                provider: settings.name.clone(),
                prices: settings.prices,
                request_bytes: body.len(),
                ledger: self.ledger.clone(),
            };
            let reply = self.post(body).await?;
            if reply.status == 200 {
                let clock = self.clock.clone();
                let exchange =
                    Exchange::new(settings.format, reply.bytes, clock, patience, account);
                return Ok(exchange.into_stream());
            }
            let UpstreamReply { status, retry_after_ms, bytes } = reply;
            let refused = Err(ModelError::Status { status, retry_after_ms });
            if !matches!(status, 400 | 422) || changes == MAX_CHANGES {
                return refused;
            }
            let refusal = self.refusal(bytes).await;
            let Some(less) = options.without_refused(&refusal) else { return refused };
            self.records.set_options(&settings.name, less);
            changes += 1;
        }
    }

    async fn post(&self, body: String) -> Result<UpstreamReply, ModelError> {
        let settings = &self.settings;
        let request = UpstreamRequest {
            url: settings.format.endpoint(&settings.url),
            headers: settings.format.headers(self.key.as_deref()),
            body,
        };
        let in_time = self.clock.sleep(settings.first_word_ms);
        match select(self.upstream.post(request), in_time).await {
            Either::Left((reply, _)) => reply,
            Either::Right(_) => Err(ModelError::Silent),
        }
    }

    /// The beginning of a refusal, as far as it comes in time.
    async fn refusal(
        &self,
        mut bytes: LocalBoxStream<'static, Result<Vec<u8>, ModelError>>,
    ) -> String {
        let mut said = Vec::new();
        let mut in_time = self.clock.sleep(MAX_REFUSAL_MS);
        while said.len() < MAX_REFUSAL_BYTES {
            match select(bytes.next(), &mut in_time).await {
                Either::Left((Some(Ok(chunk)), _)) => said.extend_from_slice(&chunk),
                _ => break,
            }
        }
        said.truncate(MAX_REFUSAL_BYTES);
        String::from_utf8_lossy(&said).into_owned()
    }
}

impl<U: Upstream + Clone + 'static, C: Clock + Clone + 'static> Model for Provider<U, C> {
    fn ask(&self, request: ModelRequest) -> LocalBoxStream<'static, Result<Piece, ModelError>> {
        once(self.clone().open(request)).try_flatten().boxed_local()
    }
}
