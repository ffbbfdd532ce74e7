//! The pure domain of Aisle.
//!
//! Everything here is total: time and randomness come in as arguments, problems go out as data,
//! and nothing panics, whatever bytes or text arrive. The same code runs in the trainer, in the
//! shopper's browser and in the edge worker.

pub mod answer;
pub mod artifact;
pub mod chat;
pub mod date;
pub mod index;
pub mod money;
pub mod orders;
pub mod page;
pub mod protocol;
pub mod rank;
pub mod recommend;
pub mod redact;
pub mod route;
pub mod search;
pub mod sse;
pub mod text;
pub mod truth;
pub mod words;
