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

/// A model that is paid for.
pub struct Metered<M, T> {
    /// The model.
    pub model: Rc<M>,
    /// Who pays.
    pub till: Rc<T>,
    /// The highest price that a request may have.
    pub price: Price,
}

/// A request that is on its way. Whenever it ends, it is counted once.
struct Running<T: Till> {
    till: Rc<T>,
    ticket: Option<Ticket>,
    spent: Spent,
    /// What it seems to have taken so far, until the provider says what it did take.
    is_counted: bool,
    has_begun: bool,
    written_bytes: u64,
    price: Price,
}

impl<T: Till> Running<T> {
    fn hear(&mut self, piece: &Piece) {
        if !std::mem::replace(&mut self.has_begun, true)
            && let Some(ticket) = &self.ticket
        {
            self.till.began(ticket);
        }
        match piece {
            Piece::Text(text) => self.written_bytes += text.len() as u64,
            Piece::Call(call) => {
                self.written_bytes += (call.name.len() + call.arguments.len()) as u64;
            }
            Piece::Usage(usage) => {
                self.is_counted = true;
                self.spent.input_tokens = usage.input_tokens.into();
                self.spent.output_tokens = usage.output_tokens.into();
                self.spent.micros = usage.cost_micros;
            }
        }
    }
}

impl<T: Till> Drop for Running<T> {
    fn drop(&mut self) {
        if !self.is_counted {
            self.spent.output_tokens = self.written_bytes.div_ceil(BYTES_PER_TOKEN);
            self.spent.micros = (self.price)(self.spent.input_tokens, self.spent.output_tokens);
        }
        if let Some(ticket) = self.ticket.take() {
            self.till.close(ticket, self.spent);
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
            let spent = Spent { requests: 1, input_tokens: read, ..Spent::default() };
            let mut running = Running {
                till,
                ticket: Some(ticket),
                spent,
                is_counted: false,
                has_begun: false,
                written_bytes: 0,
                price,
            };
            let heard = move |piece: Result<Piece, ModelError>| {
                if let Ok(piece) = &piece {
                    running.hear(piece);
                }
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
    use crate::ports::{ScriptedModel, Usage};

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
