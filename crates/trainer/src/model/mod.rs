//! The models: what they compute, how they learn, and how they are written as ONNX.

pub mod augment;
pub mod encoder;
mod file;
mod layers;
pub mod learning;
pub mod optimizer;
pub mod ranker;
mod weights;

#[cfg(test)]
mod tests;

pub use layers::softmax;
