//! A language model whose requests are paid for out of a shop's till.

use std::rc::Rc;

use aisle_core::answer::PromptMessage;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{LocalBoxStream, StreamExt, once};

use super::Spent;
use crate::ports::{Model, ModelError, ModelRequest, Piece, StoreError};

/// Bytes of a token, where a bound is needed: what is set aside may be more than what is paid.
const BYTES_PER_TOKEN: u64 = 3;

/// The till of a shop.
pub trait Till {
    /// Sets money aside for a request: its name at the till, or nothing where none is needed.
    /// `None` where the day's cap does not leave as much.
    fn open(&self, micros: u64) -> LocalBoxFuture<'static, Result<Option<Ticket>, StoreError>>;

    /// The model said its first piece.
    fn began(&self, ticket: &Ticket);

    /// Counts what a request took, some time soon.
    fn close(&self, ticket: Ticket, spent: Spent);
}

/// A request at the till.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ticket {
    /// Its name; none where nothing was set aside.
    pub id: Option<String>,
    /// When the model was asked, in milliseconds since the Unix epoch.
    pub asked_ms: u64,
}

/// What tokens cost, in millionths: by those read and those written.
pub type Price = Rc<dyn Fn(u64, u64) -> u64>;

/// A provider's model, whose every request is paid for. It goes round each provider, not round
/// their failover: of one answer several providers may be paid for their part.
pub struct Metered<M, T> {
    /// The model.
    pub model: Rc<M>,
    /// Who pays.
    pub till: Rc<T>,
    /// What its tokens cost.
    pub price: Price,
}

/// A request that is on its way. Whenever it ends, it is counted once.
struct Running<T: Till> {
    till: Rc<T>,
    ticket: Option<Ticket>,
    /// What it took, as soon as that is known.
    counted: Option<Spent>,
    has_begun: bool,
    read_tokens: u64,
    written_bytes: u64,
    price: Price,
}

impl<T: Till> Running<T> {
    fn hear(&mut self, piece: &Result<Piece, ModelError>) {
        match piece {
            Ok(Piece::Text(text)) => self.write(text.len()),
            Ok(Piece::Call(call)) => self.write(call.name.len() + call.arguments.len()),
            Ok(Piece::Usage(usage)) => {
                self.counted = Some(Spent {
                    requests: 1,
                    input_tokens: usage.input_tokens.into(),
                    output_tokens: usage.output_tokens.into(),
                    micros: usage.cost_micros,
                });
            }
            // Refused, or never heard: no provider takes money for that.
            Err(_) if !self.has_begun && self.counted.is_none() => {
                self.counted = Some(Spent { requests: 1, ..Spent::default() });
            }
            Err(_) => {}
        }
    }

    fn write(&mut self, bytes: usize) {
        self.written_bytes = self.written_bytes.saturating_add(bytes as u64);
        if !std::mem::replace(&mut self.has_begun, true)
            && let Some(ticket) = &self.ticket
        {
            self.till.began(ticket);
        }
    }

    /// What it seems to have taken, where the provider has not said it.
    fn estimate(&self) -> Spent {
        let (input_tokens, output_tokens) =
            (self.read_tokens, self.written_bytes.div_ceil(BYTES_PER_TOKEN));
        let micros = (self.price)(input_tokens, output_tokens);
        Spent { requests: 1, input_tokens, output_tokens, micros }
    }
}

impl<T: Till> Drop for Running<T> {
    fn drop(&mut self) {
        let spent = self.counted.unwrap_or_else(|| self.estimate());
        if let Some(ticket) = self.ticket.take() {
            self.till.close(ticket, spent);
        }
    }
}

impl<M: Model + 'static, T: Till + 'static> Model for Metered<M, T> {
    fn ask(&self, request: ModelRequest) -> LocalBoxStream<'static, Result<Piece, ModelError>> {
        let read = prompt_bytes(&request).div_ceil(BYTES_PER_TOKEN);
        let opened = self.till.open((self.price)(read, request.max_tokens.into()));
        let (model, till, price) = (self.model.clone(), self.till.clone(), self.price.clone());
        once(async move {
            let ticket = match opened.await {
                Ok(Some(ticket)) => ticket,
                // Without a till nobody knows what is left.
                Ok(None) | Err(_) => return once(async { Err(ModelError::Capped) }).boxed_local(),
            };
            let mut running = Running {
                till,
                ticket: Some(ticket),
                counted: None,
                has_begun: false,
                read_tokens: read,
                written_bytes: 0,
                price,
            };
            let heard = move |piece| {
                running.hear(&piece);
                piece
            };
            model.ask(request).map(heard).boxed_local()
        })
        .flatten()
        .boxed_local()
    }
}

fn prompt_bytes(request: &ModelRequest) -> u64 {
    let messages = request.messages.iter().map(|message| {
        let calls = match message {
            PromptMessage::Assistant { calls, .. } => {
                calls.iter().map(|call| call.name.len() + call.arguments.len()).sum()
            }
            _ => 0,
        };
        message.text().len() + calls
    });
    let tools = request
        .tools
        .iter()
        .map(|tool| tool.name.len() + tool.description.len() + tool.parameters.to_string().len());
    messages.chain(tools).sum::<usize>() as u64
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use futures_util::FutureExt;

    use super::*;
    use crate::ports::{ManualClock, NoChance, ScriptedModel, Usage};
    use crate::providers::{Candidate, Failover, TrackRecords};

    #[derive(Default)]
    struct MemoryTill {
        left: Cell<u64>,
        began: Cell<u32>,
        closed: RefCell<Vec<(Ticket, Spent)>>,
    }

    impl Till for MemoryTill {
        fn open(&self, micros: u64) -> LocalBoxFuture<'static, Result<Option<Ticket>, StoreError>> {
            let left = self.left.get().checked_sub(micros);
            let ticket = left.map(|left| {
                self.left.set(left);
                Ticket { id: Some(micros.to_string()), asked_ms: 0 }
            });
            Box::pin(async { Ok(ticket) })
        }

        fn began(&self, _: &Ticket) {
            self.began.set(self.began.get() + 1);
        }

        fn close(&self, ticket: Ticket, spent: Spent) {
            self.closed.borrow_mut().push((ticket, spent));
        }
    }

    fn request() -> ModelRequest {
        ModelRequest {
            messages: vec![PromptMessage::User("x".repeat(30))],
            tools: Rc::new([]),
            max_tokens: 100,
        }
    }

    /// Each token read costs 1, each one written 2; what is read is ten tokens.
    fn metered(model: ScriptedModel, left: u64) -> Metered<ScriptedModel, MemoryTill> {
        let till = MemoryTill { left: Cell::new(left), ..MemoryTill::default() };
        Metered { model: Rc::new(model), till: Rc::new(till), price: Rc::new(|i, o| i + 2 * o) }
    }

    fn closed(metered: &Metered<ScriptedModel, MemoryTill>) -> Vec<Spent> {
        metered.till.closed.borrow().iter().map(|(_, spent)| *spent).collect()
    }

    #[test]
    fn what_the_provider_counted_is_paid_once() {
        let usage = Usage { input_tokens: 9, output_tokens: 4, cost_micros: 5, ..Usage::default() };
        let mut model = ScriptedModel::says(["Hello", " there"]);
        model.pieces.push(Ok(Piece::Usage(usage)));
        let metered = metered(model, 210);
        let said: Vec<_> = metered.ask(request()).collect().now_or_never().unwrap();
        assert_eq!(said.len(), 3);
        let spent = Spent { requests: 1, input_tokens: 9, output_tokens: 4, micros: 5 };
        assert_eq!(closed(&metered), [spent]);
        assert_eq!(metered.till.began.get(), 1);
        assert_eq!(metered.till.left.get(), 0, "what it might cost at most was set aside");
    }

    #[test]
    fn an_answer_that_is_cut_short_is_paid_for_as_far_as_it_came() {
        let model = ScriptedModel { hangs: true, ..ScriptedModel::says(["123456", "789"]) };
        let metered = metered(model, 1_000);
        let mut pieces = metered.ask(request());
        for _ in 0..2 {
            pieces.next().now_or_never().unwrap().unwrap().unwrap();
        }
        assert!(pieces.next().now_or_never().is_none());
        assert_eq!(closed(&metered), []);
        drop(pieces);
        let spent = Spent { requests: 1, input_tokens: 10, output_tokens: 3, micros: 16 };
        assert_eq!(closed(&metered), [spent]);
    }

    #[test]
    fn a_request_that_fails_is_paid_for_as_far_as_it_was_answered() {
        let failed = |status| Err(ModelError::Status { status, retry_after_ms: None });
        let text = || Ok(Piece::Text("123".to_owned()));
        let usage = Usage { input_tokens: 9, cost_micros: 9, ..Usage::default() };
        let cut = || Err(ModelError::Network("cut".to_owned()));
        let of = |input_tokens, output_tokens, micros| Spent {
            requests: 1,
            input_tokens,
            output_tokens,
            micros,
        };
        for (pieces, expected, began) in [
            (vec![failed(500)], of(0, 0, 0), 0),
            (vec![cut()], of(0, 0, 0), 0),
            (vec![Err(ModelError::Silent)], of(0, 0, 0), 0),
            (vec![text(), cut()], of(10, 1, 12), 1),
            // It has read, and said nothing.
            (vec![Ok(Piece::Usage(usage)), Err(ModelError::Silent)], of(9, 0, 9), 0),
        ] {
            let metered = metered(ScriptedModel { pieces, ..ScriptedModel::default() }, 1_000);
            let _: Vec<_> = metered.ask(request()).collect().now_or_never().unwrap();
            assert_eq!(closed(&metered), [expected]);
            assert_eq!(metered.till.began.get(), began);
        }
    }

    #[test]
    fn each_provider_of_an_answer_is_set_aside_for() {
        let usage = |cost_micros| {
            Ok(Piece::Usage(Usage { input_tokens: 9, cost_micros, ..Usage::default() }))
        };
        let silent = |cost_micros| ScriptedModel {
            pieces: vec![usage(cost_micros), Err(ModelError::Silent)],
            ..ScriptedModel::default()
        };
        // Enough for three requests of 210, of which each was answered with nothing to show.
        for (left, asked, expected) in [(630, 3, ModelError::Silent), (419, 1, ModelError::Capped)]
        {
            let till = Rc::new(MemoryTill { left: Cell::new(left), ..MemoryTill::default() });
            let candidate = |name: &str| Candidate {
                name: name.to_owned(),
                model: Rc::new(Metered {
                    model: Rc::new(silent(7)),
                    till: till.clone(),
                    price: Rc::new(|i, o| i + 2 * o),
                }),
            };
            let failover = Failover::new(
                ["a", "b", "c"].map(candidate).to_vec(),
                TrackRecords::default(),
                ManualClock::default(),
                NoChance,
                |_| {},
            );
            let said: Vec<_> = failover.ask(request()).collect().now_or_never().unwrap();
            assert_eq!(said.last(), Some(&Err(expected)));
            let closed = till.closed.borrow();
            assert_eq!(closed.iter().map(|(_, spent)| spent.micros).sum::<u64>(), asked * 7);
            assert_eq!(till.left.get(), left - asked * 210, "set aside for each");
        }
    }

    #[test]
    fn a_request_that_cannot_be_paid_is_never_made() {
        let metered = metered(ScriptedModel::says(["Hello"]), 209);
        let said: Vec<_> = metered.ask(request()).collect().now_or_never().unwrap();
        assert_eq!(said, [Err(ModelError::Capped)]);
        assert!(metered.model.requests.borrow().is_empty());
        assert_eq!(closed(&metered), []);
    }

    #[test]
    fn a_request_that_is_dropped_before_it_began_costs_nothing() {
        let metered = metered(ScriptedModel::says(["Hello"]), 1_000);
        drop(metered.ask(request()));
        assert_eq!(closed(&metered), []);
    }
}
