//! A model with the shop's tools, as one stream of what is said.
//!
//! The model is asked; what it calls is done and told to it; it is asked again, until it calls
//! nothing more or has used up its steps. Its text goes through two filters while it streams: marks
//! of what it cites ([`aisle_core::answer::Citations`]), then the truth check, which knows what the
//! tools told meanwhile.

mod loop_state;
mod material;

use std::rc::Rc;

use aisle_core::answer::Prompt;
use aisle_core::protocol::{ProductCard, Requested, Source};
use aisle_core::truth::Facts;
use futures_util::stream::{LocalBoxStream, StreamExt, unfold};

use crate::ports::{Model, ModelError, Usage};
use crate::tools::Toolbox;

pub use material::{Asked, assignment, grounded};

/// Calls of tools in one turn.
pub const MAX_STEPS: usize = 6;
/// The most tokens that a model may write at a time.
const MAX_ANSWER_TOKENS: u32 = 700;
/// The longest text of a model at a time, in bytes.
const MAX_SAID_BYTES: usize = 16 * 1024;

/// What an answer is made of.
pub struct Assignment {
    /// What the model is asked, and what it may cite.
    pub prompt: Prompt,
    /// What may be said.
    pub facts: Facts,
    /// What it may have done.
    pub toolbox: Toolbox,
    /// Products that are shown where the model names none.
    pub products: Vec<ProductCard>,
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// More text, checked.
    Text(String),
    /// A tool was used; there is nothing to show.
    Step,
    /// What one request to the model took.
    Usage(Usage),
    /// What belongs to the text. It comes last, and only if the answer is whole.
    Beside(Beside),
}

/// What belongs to an answer beside its text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// What it cites: `[1]` in the text is the first.
    pub sources: Vec<Source>,
    /// Products that it names.
    pub products: Vec<ProductCard>,
    /// What it asks for on the shopper's behalf.
    pub requested: Vec<Requested>,
}

/// The answer of a model with tools. An error ends it, after what was held back and holds. The
/// model is asked when the first item is wanted; dropping the stream ends every request.
pub fn answer(
    model: Rc<dyn Model>,
    assignment: Assignment,
) -> LocalBoxStream<'static, Result<Item, ModelError>> {
    unfold(loop_state::Loop::new(model, assignment), |mut state| async move {
        let item = state.next().await?;
        Some((item, state))
    })
    .boxed_local()
}

#[cfg(test)]
mod tests;
