//! Answers that rest on the shop's own documents and products: retrieval, the built-in answerer
//! that needs no language model, and the prompt for one with what it may cite.

mod citations;
mod compose;
mod fit;
mod grounding;
mod message;
mod product_section;
mod prompt;
mod question;
mod setting;
mod summary;
mod tokens;

pub use citations::{Citable, Citations};
pub use compose::{Answer, chunks, compose, lack_told};
pub use fit::Fit;
pub use grounding::{Grounding, LEAD, ground, ground_in};
pub use message::{PromptMessage, ToolCall};
pub use prompt::{Prompt, PromptParts, product_line, prompt};
pub use question::{Question, Surroundings};
pub use setting::Setting;
pub use tokens::{clip_tokens, tokens_of, tokens_of_prompt};

#[cfg(test)]
mod tests;
