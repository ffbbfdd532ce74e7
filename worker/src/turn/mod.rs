//! Turns and their answers. [`Turns`] begins, joins, resumes and stops them. An answer is written
//! by a task of its own ([`writer`]) into a [`log`] that any number of [`reader`]s follow, each
//! from where it was: who reads does not matter to what is written, only that somebody does.

mod changes;
mod log;
mod reader;
mod silence;
mod turns;
mod watch;
mod writer;

use std::future::poll_fn;
use std::task::Poll;

use aisle_core::answer::Answer;
use futures_util::stream::{LocalBoxStream, StreamExt};

pub use reader::Reader;
pub use turns::{Spawn, Turns};
pub use watch::{Happening, Watch};

use crate::agent::Item;
use crate::ports::ModelError;

/// What a model says as it is written, checked.
pub type Pieces = LocalBoxStream<'static, Result<Item, ModelError>>;

/// What an answer is made of.
pub struct Material {
    /// The answer from the shop's documents alone: what is said where there is no model, or none
    /// that speaks.
    pub grounded: Answer,
    /// A model's answer, if there is a model. It is asked when the first piece is wanted, and let
    /// go when the stream is dropped.
    pub model: Option<Pieces>,
}

impl Material {
    /// Asks the model, and does not wait for what it says. What leaves an object is held back until
    /// what the object has written is on disk; a request that goes before anything is written saves
    /// the shopper that time.
    async fn asked(self) -> Self {
        let Some(model) = self.model else { return self };
        let mut model = Box::pin(model.peekable());
        // What it may have said already is kept for whoever reads.
        poll_fn(|context| {
            let _ = model.as_mut().poll_peek(context);
            Poll::Ready(())
        })
        .await;
        Self { model: Some(model), ..self }
    }
}

#[cfg(test)]
mod tests;
