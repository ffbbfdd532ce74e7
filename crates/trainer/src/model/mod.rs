//! The models: what they compute, how they learn, and how they are written as ONNX.

pub mod augment;
pub mod encoder;
pub mod optimizer;
pub mod ranker;
