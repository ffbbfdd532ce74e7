//! What a language model is asked: messages and calls of tools, without any provider's wire format.

/// One message of what a language model is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptMessage {
    /// Rules and data from the shop.
    System(String),
    /// The shopper's words.
    User(String),
    /// What the model said before, and the tools that it called then.
    Assistant {
        /// What it said; may be empty beside calls.
        text: String,
        /// What it called.
        calls: Vec<ToolCall>,
    },
    /// What a tool gave.
    Tool {
        /// The [`ToolCall::id`] that this is the result of.
        call_id: String,
        /// The result, as text for the model.
        content: String,
    },
}

impl PromptMessage {
    /// The text of the message.
    pub fn text(&self) -> &str {
        match self {
            Self::System(text)
            | Self::User(text)
            | Self::Assistant { text, .. }
            | Self::Tool { content: text, .. } => text,
        }
    }
}

/// A tool that a language model wants to be called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCall {
    /// The provider's id of this call.
    pub id: String,
    /// Name of the tool, as the model wrote it.
    pub name: String,
    /// JSON of the arguments as the model wrote it, unvalidated; `{}` where it wrote none.
    pub arguments: String,
}
