//! The wire formats of language models' providers.

pub mod openai;
