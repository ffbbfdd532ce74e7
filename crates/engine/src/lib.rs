//! The engine: opens an artifact and answers keystrokes, natively and in a Web Worker.

mod engine;
mod error;
mod recommend;
mod search;
mod session;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use engine::{Engine, Files, Prediction};
pub use error::EngineError;
pub use search::Search;
