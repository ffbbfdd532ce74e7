//! Turns and their answers. [`Turns`] begins, joins, resumes and stops them. An answer is written
//! by a task of its own ([`writer`]) into a [`log`] that any number of [`reader`]s follow, each
//! from where it was: who reads does not matter to what is written, only that somebody does.

mod changes;
mod log;
mod reader;
mod turns;
mod writer;

use std::rc::Rc;

use aisle_core::answer::{Answer, PromptMessage};
use aisle_core::truth::Facts;
use futures_util::future::ready;
use futures_util::stream::{LocalBoxStream, StreamExt};

pub use reader::Reader;
pub use turns::{Spawn, Turns};

use crate::checking::checked;
use crate::ports::{Model, ModelError, ModelRequest, Piece};

/// The most tokens that a model may write.
const MAX_ANSWER_TOKENS: u32 = 700;

/// The text of a model as it is written, checked.
pub type Pieces = LocalBoxStream<'static, Result<String, ModelError>>;

/// What an answer is made of.
pub struct Material {
    /// The answer from the shop's documents alone: what is said where there is no model, or none
    /// that speaks.
    pub grounded: Answer,
    /// A model's answer, if there is a model. It is asked when the first piece is wanted, and let
    /// go when the stream is dropped.
    pub model: Option<Pieces>,
}

/// Asks a model, and checks what it says against the facts.
pub fn ask(model: &dyn Model, messages: Vec<PromptMessage>, facts: Facts) -> Pieces {
    let request = ModelRequest { messages, tools: Rc::new([]), max_tokens: MAX_ANSWER_TOKENS };
    let text = |piece| match piece {
        Ok(Piece::Text(text)) => Some(Ok(text)),
        Ok(Piece::Call(_) | Piece::Usage(_)) => None,
        Err(error) => Some(Err(error)),
    };
    let texts = model.ask(request).filter_map(move |piece| ready(text(piece)));
    checked(texts.boxed_local(), facts)
}

#[cfg(test)]
mod tests;
