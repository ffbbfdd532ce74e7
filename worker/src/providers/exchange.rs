//! A reply that is being read: bytes in, pieces out, within bounds of time and size, and what it
//! took written down however it ends.

use std::collections::VecDeque;
use std::rc::Rc;

use aisle_core::sse::Decoder;
use futures_util::future::{Either, LocalBoxFuture, select};
use futures_util::stream::{LocalBoxStream, StreamExt, empty, unfold};

use super::draft::{Draft, End};
use super::format::Format;
use crate::ports::{Clock, Ledger, ModelError, Piece, Usage};
use crate::usage::{Prices, estimated_tokens};

/// The longest silence after the model has begun to write, in milliseconds. Only what it writes
/// counts: a server can say for ever that it is still there.
const MAX_SILENCE_MS: u64 = 15_000;
/// The longest whole answer, in milliseconds.
const MAX_ANSWER_MS: u64 = 120_000;
/// How long the usage and the last event are waited for after the model has stopped, in
/// milliseconds: some servers never send them, and keep the connection.
const MAX_TAIL_MS: u64 = 1_000;
/// The most bytes of one reply.
const MAX_REPLY_BYTES: usize = 4 * 1024 * 1024;

/// What a reply costs, and where that is written.
pub(super) struct Account {
    /// Name of the provider.
    pub provider: String,
    /// Its prices.
    pub prices: Prices,
    /// Length of the request, in bytes.
    pub request_bytes: usize,
    /// Where it is written.
    pub ledger: Rc<dyn Ledger>,
}

/// When a request was made, and how long its first word may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// When the request was made, in milliseconds since the Unix epoch.
    pub asked_ms: u64,
    /// How long the model may take to begin, in milliseconds.
    pub first_ms: u64,
}

/// A reply that is being read.
pub(super) struct Exchange<C: Clock> {
    format: Format,
    bytes: LocalBoxStream<'static, Result<Vec<u8>, ModelError>>,
    decoder: Decoder,
    draft: Draft,
    ready: VecDeque<Piece>,
    failed: Option<ModelError>,
    is_over: bool,
    received_bytes: usize,
    clock: C,
    patience: Patience,
    /// When the model last wrote something.
    heard_ms: Option<u64>,
    alarm: LocalBoxFuture<'static, ()>,
    /// Until it is settled.
    account: Option<Account>,
}

impl<C: Clock + 'static> Exchange<C> {
    /// A reply whose status was good.
    pub(super) fn new(
        format: Format,
        bytes: LocalBoxStream<'static, Result<Vec<u8>, ModelError>>,
        clock: C,
        patience: Patience,
        account: Account,
    ) -> Self {
        let mut exchange = Self {
            format,
            bytes,
            decoder: Decoder::new(),
            draft: Draft::default(),
            ready: VecDeque::new(),
            failed: None,
            is_over: false,
            received_bytes: 0,
            alarm: Box::pin(std::future::ready(())),
            clock,
            patience,
            heard_ms: None,
            account: Some(account),
        };
        exchange.arm();
        exchange
    }

    /// The pieces.
    pub(super) fn into_stream(self) -> LocalBoxStream<'static, Result<Piece, ModelError>> {
        unfold(self, |mut exchange| async move {
            let piece = exchange.next().await?;
            Some((piece, exchange))
        })
        .boxed_local()
    }

    async fn next(&mut self) -> Option<Result<Piece, ModelError>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(Ok(piece));
            }
            if let Some(error) = self.failed.take() {
                return Some(Err(error));
            }
            if self.is_over {
                return None;
            }
            match self.receive().await {
                Some(Ok(chunk)) => self.take(&chunk),
                Some(Err(error)) => self.end(Some(error)),
                None => self.end(None),
            }
        }
    }

    /// The next bytes, if they come in time.
    async fn receive(&mut self) -> Option<Result<Vec<u8>, ModelError>> {
        loop {
            if let Either::Left((chunk, _)) = select(self.bytes.next(), &mut self.alarm).await {
                return chunk;
            }
            if self.clock.now_ms() >= self.deadline_ms() {
                return Some(Err(ModelError::Silent));
            }
            self.arm();
        }
    }

    fn deadline_ms(&self) -> u64 {
        let asked_ms = self.patience.asked_ms;
        let next = match (&self.draft.end, self.heard_ms) {
            (Some(_), heard_ms) => heard_ms.unwrap_or(asked_ms).saturating_add(MAX_TAIL_MS),
            (None, Some(heard_ms)) => heard_ms.saturating_add(MAX_SILENCE_MS),
            (None, None) => asked_ms.saturating_add(self.patience.first_ms),
        };
        next.min(asked_ms.saturating_add(MAX_ANSWER_MS))
    }

    fn arm(&mut self) {
        let left = self.deadline_ms().saturating_sub(self.clock.now_ms());
        self.alarm = self.clock.sleep(u32::try_from(left).unwrap_or(u32::MAX));
    }

    fn take(&mut self, chunk: &[u8]) {
        self.received_bytes = self.received_bytes.saturating_add(chunk.len());
        // Line by line, so that what came before something wrong is not lost with it, wherever the
        // bytes are cut.
        for line in chunk.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            let frames = match self.decoder.push(line) {
                Ok(frames) => frames,
                Err(error) => return self.end(Some(ModelError::Protocol(error.to_string()))),
            };
            for frame in frames {
                if let Err(error) = self.read(&frame.data) {
                    return self.end(Some(error));
                }
                if self.draft.is_over {
                    return self.end(None);
                }
            }
        }
        if self.received_bytes > MAX_REPLY_BYTES {
            self.end(Some(ModelError::Protocol("an endless answer".to_owned())));
        }
    }

    fn read(&mut self, data: &str) -> Result<(), ModelError> {
        let (before, had_end) = (self.draft.written_bytes, self.draft.end.is_some());
        let read = self.format.read(data, &mut self.draft);
        let has_end = self.draft.end.is_some();
        if self.draft.written_bytes > before || has_end != had_end {
            self.heard_ms = Some(self.clock.now_ms());
        }
        if has_end && !had_end {
            self.arm();
        }
        if !self.draft.text.is_empty() {
            self.ready.push_back(Piece::Text(std::mem::take(&mut self.draft.text)));
        }
        read
    }

    /// Nothing more is read. What goes wrong after the model has stopped by itself is of no
    /// account.
    fn end(&mut self, error: Option<ModelError>) {
        self.is_over = true;
        self.bytes = empty().boxed_local();
        let calls = match &self.draft.end {
            Some(End::Whole) => self.draft.calls.take(),
            None if self.draft.is_over => self.draft.calls.take(),
            _ => vec![],
        };
        let error = error.filter(|_| self.draft.end.is_none());
        self.failed = error.or_else(|| self.draft.lack(!calls.is_empty()));
        if self.failed.is_none() {
            self.ready.extend(calls.into_iter().map(Piece::Call));
        }
        let usage = self.settle();
        self.ready.extend(usage.map(Piece::Usage));
    }
}

impl<C: Clock> Exchange<C> {
    /// Writes down what the reply took, unless that was done.
    fn settle(&mut self) -> Option<Usage> {
        let account = self.account.take()?;
        let (input, output) = (self.draft.input_tokens, self.draft.output_tokens);
        let input_tokens = input.unwrap_or_else(|| estimated_tokens(account.request_bytes));
        let output_tokens = output.unwrap_or_else(|| estimated_tokens(self.draft.written_bytes));
        let usage = Usage {
            cost_micros: account.prices.micros(input_tokens.into(), output_tokens.into()),
            provider: account.provider,
            input_tokens,
            output_tokens,
            is_estimated: input.is_none() || output.is_none(),
        };
        account.ledger.record(&usage);
        Some(usage)
    }
}

impl<C: Clock> Drop for Exchange<C> {
    fn drop(&mut self) {
        let _ = self.settle();
    }
}
