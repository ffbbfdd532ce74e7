//! The engine: opens an artifact and answers keystrokes, natively and in a Web Worker.

mod engine;
mod recommend;
mod session;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use engine::{Engine, EngineError, Files, Prediction};
