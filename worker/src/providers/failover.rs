//! Several providers as one model: each is tried again before its first piece where that can help,
//! then the next one is asked. After the first piece nothing can be taken back, so nothing is.

use std::rc::Rc;

use futures_util::stream::{LocalBoxStream, StreamExt, unfold};

use super::track_record::TrackRecords;
use crate::ports::{Chance, Clock, Model, ModelError, ModelRequest, Piece};

/// Tries of one provider.
const TRIES: u32 = 2;
/// The pause before another try, in milliseconds: at least half of it, by chance.
const PAUSE_MS: u32 = 400;
/// The longest pause that a provider can ask for, in milliseconds. One that asks for more is left
/// alone for that time, and the next one is asked.
const MAX_PAUSE_MS: u32 = 2_000;
/// After this time without a piece nothing is tried again, in milliseconds.
const MAX_START_MS: u64 = 12_000;

/// A provider that can be asked.
#[derive(Clone)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// How it is asked.
    pub model: Rc<dyn Model>,
}

/// Several providers as one model.
pub struct Failover<C, R> {
    candidates: Rc<[Candidate]>,
    records: TrackRecords,
    clock: C,
    chance: R,
    report: fn(&str),
}

impl<C, R> Failover<C, R> {
    /// Providers in the order in which they are asked. `report` is told what goes wrong.
    pub fn new(
        candidates: Vec<Candidate>,
        records: TrackRecords,
        clock: C,
        chance: R,
        report: fn(&str),
    ) -> Self {
        Self { candidates: candidates.into(), records, clock, chance, report }
    }
}

impl<C: Clock + Clone + 'static, R: Chance + Clone + 'static> Model for Failover<C, R> {
    fn ask(&self, request: ModelRequest) -> LocalBoxStream<'static, Result<Piece, ModelError>> {
        let asking = Asking {
            candidates: self.candidates.clone(),
            records: self.records.clone(),
            asked_ms: self.clock.now_ms(),
            clock: self.clock.clone(),
            chance: self.chance.clone(),
            report: self.report,
            request,
            at: 0,
            tries: 0,
            current: None,
            has_begun: false,
            is_over: false,
            last: ModelError::Unavailable,
        };
        unfold(asking, |mut asking| async move {
            let piece = asking.next().await?;
            Some((piece, asking))
        })
        .boxed_local()
    }
}

/// A request on its way through the providers.
struct Asking<C, R> {
    candidates: Rc<[Candidate]>,
    records: TrackRecords,
    clock: C,
    chance: R,
    report: fn(&str),
    request: ModelRequest,
    asked_ms: u64,
    /// The provider whose turn it is.
    at: usize,
    /// How often it was asked.
    tries: u32,
    current: Option<LocalBoxStream<'static, Result<Piece, ModelError>>>,
    has_begun: bool,
    is_over: bool,
    last: ModelError,
}

impl<C: Clock, R: Chance> Asking<C, R> {
    async fn next(&mut self) -> Option<Result<Piece, ModelError>> {
        loop {
            if self.is_over {
                return None;
            }
            let Some(candidate) = self.candidates.get(self.at) else {
                self.is_over = true;
                return Some(Err(self.last.clone()));
            };
            let Some(current) = &mut self.current else {
                if self.tries == 0 && self.records.rests(&candidate.name, self.clock.now_ms()) {
                    self.at += 1;
                } else {
                    self.tries += 1;
                    self.current = Some(candidate.model.ask(self.request.clone()));
                }
                continue;
            };
            let error = match current.next().await {
                Some(Ok(piece)) => {
                    self.has_begun |= !matches!(piece, Piece::Usage(_));
                    return Some(Ok(piece));
                }
                None if self.has_begun => {
                    self.records.succeeded(&candidate.name);
                    self.is_over = true;
                    return None;
                }
                None => ModelError::Protocol("an empty answer".to_owned()),
                Some(Err(error)) => error,
            };
            (self.report)(&format!("provider {}: {error}", candidate.name));
            // Dropped now: it must not be paid for any longer.
            self.current = None;
            self.last = error;
            self.recover().await;
            if self.is_over {
                return Some(Err(self.last.clone()));
            }
        }
    }

    /// Decides what follows a failure: the same provider again after a pause, the next one, or
    /// nothing.
    async fn recover(&mut self) {
        let name = self.candidates.get(self.at).map_or("", |candidate| &candidate.name);
        let now_ms = self.clock.now_ms();
        let verdict = judge(&self.last);
        let wanted_ms = match self.last {
            ModelError::Status { retry_after_ms, .. } => retry_after_ms,
            _ => None,
        };
        let may_wait = wanted_ms.is_none_or(|ms| ms <= MAX_PAUSE_MS);
        let has_time = now_ms.saturating_sub(self.asked_ms) < MAX_START_MS;
        if !self.has_begun
            && verdict == Verdict::TryAgain
            && self.tries < TRIES
            && may_wait
            && has_time
        {
            let pause_ms = PAUSE_MS / 2 + self.chance.below(PAUSE_MS / 2);
            self.clock.sleep(pause_ms.max(wanted_ms.unwrap_or(0))).await;
            return;
        }
        if matches!(verdict, Verdict::TryAgain | Verdict::NextOne) {
            self.records.failed(name, now_ms, wanted_ms);
        }
        if self.has_begun || verdict == Verdict::GiveUp {
            self.is_over = true;
            return;
        }
        self.at += 1;
        self.tries = 0;
    }
}

/// What a failure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The provider may answer in a moment.
    TryAgain,
    /// It will not in the next moments.
    NextOne,
    /// It does not answer this request, and nothing is wrong with it.
    NextOneWithoutBlame,
    /// The answer is that there is none; another provider is not asked for what one refused.
    GiveUp,
}

fn judge(error: &ModelError) -> Verdict {
    match error {
        ModelError::Network(_) | ModelError::Failed(_) => Verdict::TryAgain,
        ModelError::Status { status: 408 | 409 | 425 | 429 | 500..=599, .. } => Verdict::TryAgain,
        ModelError::Status { status: 400 | 413 | 422, .. } => Verdict::NextOneWithoutBlame,
        ModelError::Refused(_) | ModelError::Capped => Verdict::GiveUp,
        ModelError::Status { .. }
        | ModelError::Protocol(_)
        | ModelError::Silent
        | ModelError::Unavailable => Verdict::NextOne,
    }
}

#[cfg(test)]
mod tests;
