//! The trainer: a shop's own data in, one artifact out.
//!
//! `read` takes in what the merchant has, `model` learns, `train` puts both together into an
//! artifact, `evaluate` says how good it is, `report` shows it on a
//! page, `generate` makes catalogues to measure with.

pub mod evaluate;
pub mod generate;
pub mod import;
pub mod model;
pub mod onnx;
pub mod read;
pub mod report;
pub mod train;
