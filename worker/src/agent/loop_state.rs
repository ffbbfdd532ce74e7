//! The loop of asking a model and doing what it calls.

use std::collections::VecDeque;
use std::rc::Rc;

use aisle_core::answer::{Citable, Citations, PromptMessage, ToolCall};
use aisle_core::protocol::{ProductCard, Requested};
use aisle_core::truth::Checker;
use futures_util::stream::{LocalBoxStream, StreamExt};

use super::{Assignment, Beside, Item, MAX_ANSWER_TOKENS, MAX_SAID_BYTES, MAX_STEPS};
use crate::ports::{Model, ModelError, ModelRequest, Piece, ToolSpec};
use crate::tools::Toolbox;

/// What is told of a call beyond the last step.
const NO_MORE: &str = r#"{"error":"no more tools in this answer; answer now"}"#;
/// Requests to the model in one turn: one after each step, and the first.
const MAX_REQUESTS: usize = MAX_STEPS + 1;

/// An answer on its way.
pub(super) struct Loop {
    model: Rc<dyn Model>,
    toolbox: Toolbox,
    specs: Rc<[ToolSpec]>,
    messages: Vec<PromptMessage>,
    citable: Citable,
    citations: Citations,
    checker: Checker,
    /// The answer to the request at hand; nothing between requests.
    pieces: Option<LocalBoxStream<'static, Result<Piece, ModelError>>>,
    /// What the model said and called in it.
    said: String,
    calls: Vec<ToolCall>,
    requests: usize,
    steps: usize,
    /// Whether the shopper was shown any text.
    has_spoken: bool,
    /// What is said and shown if the model says nothing after its tools.
    plain: String,
    plain_products: Vec<ProductCard>,
    /// Products that are shown where the model names none.
    products: Vec<ProductCard>,
    ready: VecDeque<Result<Item, ModelError>>,
    is_over: bool,
}

impl Loop {
    pub(super) fn new(model: Rc<dyn Model>, assignment: Assignment) -> Self {
        let Assignment { prompt, facts, toolbox, products } = assignment;
        Self {
            model,
            specs: toolbox.specs(),
            toolbox,
            messages: prompt.messages,
            citable: prompt.citable,
            citations: Citations::default(),
            checker: Checker::new(facts),
            pieces: None,
            said: String::new(),
            calls: Vec::new(),
            requests: 0,
            steps: 0,
            has_spoken: false,
            plain: String::new(),
            plain_products: Vec::new(),
            products,
            ready: VecDeque::new(),
            is_over: false,
        }
    }

    pub(super) async fn next(&mut self) -> Option<Result<Item, ModelError>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(item);
            }
            if self.is_over {
                return None;
            }
            let Some(pieces) = &mut self.pieces else {
                self.ask();
                continue;
            };
            match pieces.next().await {
                Some(Ok(Piece::Text(text))) => self.hear(&text),
                Some(Ok(Piece::Call(call))) => {
                    // More than that is not done anyway.
                    if self.calls.len() <= MAX_STEPS {
                        self.calls.push(call);
                    }
                }
                Some(Ok(Piece::Usage(usage))) => self.ready.push_back(Ok(Item::Usage(usage))),
                Some(Err(error)) => self.end(Some(error)),
                None if self.calls.is_empty() => self.end(None),
                None => self.work().await,
            }
        }
    }

    fn ask(&mut self) {
        self.requests += 1;
        let request = ModelRequest {
            messages: self.messages.clone(),
            tools: self.specs.clone(),
            max_tokens: MAX_ANSWER_TOKENS,
        };
        self.pieces = Some(self.model.ask(request));
    }

    /// Takes in text of the model. What it says after a tool is a paragraph of its own.
    fn hear(&mut self, text: &str) {
        if self.said.is_empty() && self.has_spoken {
            self.say("\n\n");
        }
        self.said.push_str(text);
        self.say(text);
        if self.said.len() > MAX_SAID_BYTES {
            self.end(Some(ModelError::Protocol("an endless answer".to_owned())));
        }
    }

    fn say(&mut self, text: &str) {
        let cited = self.citations.push(text, &self.citable);
        let checked = self.checker.push(&cited);
        self.show(checked);
    }

    fn show(&mut self, text: String) {
        if !text.is_empty() {
            self.has_spoken |= !text.trim().is_empty();
            self.ready.push_back(Ok(Item::Text(text)));
        }
    }

    /// Does what the model called, and tells it what came of that.
    async fn work(&mut self) {
        self.pieces = None;
        let calls = std::mem::take(&mut self.calls);
        let text = std::mem::take(&mut self.said);
        self.messages.push(PromptMessage::Assistant { text, calls: calls.clone() });
        for call in calls {
            let content = if self.steps < MAX_STEPS {
                self.steps += 1;
                let facts = self.checker.facts_mut();
                let outcome = self.toolbox.call(&call, &mut self.citable, facts).await;
                if !outcome.plain.is_empty() {
                    (self.plain, self.plain_products) = (outcome.plain, outcome.products);
                }
                outcome.content
            } else {
                NO_MORE.to_owned()
            };
            self.messages.push(PromptMessage::Tool { call_id: call.id, content });
        }
        self.ready.push_back(Ok(Item::Step));
        if self.requests >= MAX_REQUESTS {
            self.end(None);
        }
    }

    /// Ends the answer. What the tools found is said where the model said nothing, and what the
    /// shopper has to know of what they did in any case; where there is nothing of that either, it
    /// is an error.
    fn end(&mut self, error: Option<ModelError>) {
        self.pieces = None;
        self.is_over = true;
        let cited = self.citations.finish();
        let mut rest = self.checker.push(&cited);
        rest.push_str(&self.checker.finish());
        self.show(rest);
        let mut beside = Beside {
            sources: self.citations.sources(&self.citable),
            products: self.citations.products(&self.citable),
            requested: self.toolbox.requested().to_vec(),
        };
        let was_silent = !self.has_spoken;
        if was_silent && !self.plain.is_empty() {
            let plain = std::mem::take(&mut self.plain);
            self.show(plain);
            beside.products = std::mem::take(&mut self.plain_products);
        }
        for note in self.toolbox.notes().to_vec() {
            let gap = if self.has_spoken { "\n\n" } else { "" };
            self.show(format!("{gap}{note}"));
        }
        if was_silent && !self.has_spoken {
            let empty = || ModelError::Protocol("an empty answer".to_owned());
            self.ready.push_back(Err(error.unwrap_or_else(empty)));
            return;
        }
        if let Some(error) = error.filter(|_| !was_silent) {
            self.ready.push_back(Err(error));
            return;
        }
        // What is proposed for the cart is a card, from which the shopper adds it or does not.
        for requested in &beside.requested {
            if let Requested::CartChange { product, .. } = requested
                && beside.products.iter().all(|shown| shown.sku != product.sku)
            {
                beside.products.push(product.clone());
            }
        }
        if beside.products.is_empty() {
            beside.products = std::mem::take(&mut self.products);
        }
        self.ready.push_back(Ok(Item::Beside(beside)));
    }
}
