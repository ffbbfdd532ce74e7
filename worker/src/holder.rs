//! Whose a conversation is. Anyone else is answered as if it did not exist.

use serde::{Deserialize, Serialize};

/// Whose a conversation is, or who asks for one. Empty names are of nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The visitor of a session. Empty where the worker makes no sessions.
    pub visitor: String,
}

impl Holder {
    /// Whether a conversation of this holder may be read and continued by whoever asks. One that
    /// was opened without a session is anybody's who knows its id.
    pub fn admits(&self, asker: &Self) -> bool {
        self.visitor.is_empty() || self.visitor == asker.visitor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_its_visitors_alone() {
        for (kept, asker, expected) in [
            ("", "", true),
            ("", "ann", true),
            ("ann", "ann", true),
            ("ann", "bob", false),
            ("ann", "", false),
        ] {
            let of = |visitor: &str| Holder { visitor: visitor.to_owned() };
            assert_eq!(of(kept).admits(&of(asker)), expected, "{kept} {asker}");
        }
    }
}
