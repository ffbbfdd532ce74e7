//! The conversation as the shopper sees it: a pure state machine.
//!
//! [`Chat::update`] takes one [`Event`] and returns the [`Effect`]s to run. The widget runs them
//! and feeds what comes of them back as events. Every asynchronous result carries the number of
//! the request that it answers; a stale one is dropped here and nowhere else.

mod deletion;
mod history;
mod reading;
mod state;
mod turns;
mod update;

#[cfg(test)]
mod tests;

pub use deletion::Deletion;
pub use state::{
    CardPlace, CartAddition, CartState, Chat, Effect, EngineState, Entry, EntryStatus, Event,
    HistoryError, Notice, TurnError,
};
