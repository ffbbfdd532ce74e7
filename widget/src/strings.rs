//! Every word that the panel shows or says, by locale.

use aisle_core::words::of_locale;

/// The words of one language.
#[derive(Debug, PartialEq)]
pub(crate) struct Strings {
    pub(crate) default_title: &'static str,
    pub(crate) disclosure: &'static str,
    pub(crate) close: &'static str,
    pub(crate) conversation: &'static str,
    pub(crate) greeting: &'static str,
    pub(crate) starters: &'static [&'static str],
    pub(crate) starters_label: &'static str,
    pub(crate) recommendations: &'static str,
    pub(crate) message: &'static str,
    pub(crate) placeholder: &'static str,
    pub(crate) send: &'static str,
    pub(crate) stop: &'static str,
    pub(crate) retry: &'static str,
    pub(crate) edit: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) delete_question: &'static str,
    pub(crate) delete_failed: &'static str,
    pub(crate) deleting: &'static str,
    pub(crate) deleted: &'static str,
    pub(crate) keep: &'static str,
    pub(crate) latest: &'static str,
    pub(crate) answering: &'static str,
    pub(crate) stopped: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) sources: &'static str,
    /// Before the number of one.
    pub(crate) source: &'static str,
    pub(crate) products: &'static str,
    pub(crate) suggestions: &'static str,
    pub(crate) one_suggestion: &'static str,
    /// Follows the number.
    pub(crate) many_suggestions: &'static str,
    pub(crate) you: &'static str,
    pub(crate) assistant: &'static str,
    pub(crate) add_to_cart: &'static str,
    /// Before and after a number of pieces.
    pub(crate) add_several: [&'static str; 2],
    pub(crate) adding: &'static str,
    pub(crate) added: &'static str,
    pub(crate) view_cart: &'static str,
    pub(crate) sold_out: &'static str,
    pub(crate) was: &'static str,
    pub(crate) show_more: &'static str,
    pub(crate) cart_failed: &'static str,
    pub(crate) loading_history: &'static str,
    pub(crate) history_unavailable: &'static str,
    pub(crate) not_served: &'static str,
    pub(crate) contact: &'static str,
    pub(crate) too_long: &'static str,
    pub(crate) redacted: &'static str,
}

impl Strings {
    /// The words for a language tag such as `en-GB`; English where there are none.
    pub(crate) fn for_locale(locale: &str) -> &'static Self {
        of_locale(&LOCALES, locale).unwrap_or(&ENGLISH)
    }

    /// Says how many suggestions there are.
    pub(crate) fn count_suggestions(&self, count: usize) -> String {
        match count {
            1 => self.one_suggestion.to_owned(),
            _ => [&count.to_string(), " ", self.many_suggestions].concat(),
        }
    }
}

static LOCALES: [(&str, &Strings); 1] = [("en", &ENGLISH)];

static ENGLISH: Strings = Strings {
    default_title: "Chat with us",
    disclosure: "Chatting with an AI assistant",
    close: "Close chat",
    conversation: "Conversation",
    greeting: "Hello! Ask me about products, delivery, returns or an order. \
               Answers appear as you type.",
    starters: &[
        "How long does delivery take?",
        "What is your returns policy?",
        "Where is my order?",
    ],
    starters_label: "Common questions",
    recommendations: "You may like",
    message: "Message",
    placeholder: "Ask about products, delivery…",
    send: "Send",
    stop: "Stop answering",
    retry: "Try again",
    edit: "Edit",
    delete: "Delete conversation",
    delete_question: "Delete this conversation for good, here and at the shop?",
    delete_failed: "It could not be deleted. Please try again.",
    deleting: "Deleting…",
    deleted: "The conversation was deleted.",
    keep: "Keep it",
    latest: "Latest message",
    answering: "Writing an answer",
    stopped: "Stopped.",
    failed: "Sorry, the answer did not get through.",
    sources: "Sources",
    source: "Source",
    products: "Products",
    suggestions: "Suggestions",
    one_suggestion: "1 suggestion",
    many_suggestions: "suggestions",
    you: "You:",
    assistant: "Assistant:",
    add_to_cart: "Add to cart",
    add_several: ["Add ", " to cart"],
    adding: "Adding…",
    added: "Added to cart",
    view_cart: "View cart",
    sold_out: "Sold out",
    was: "was",
    show_more: "Show more",
    cart_failed: "It could not be added. Please try again.",
    loading_history: "Loading earlier messages…",
    history_unavailable: "Earlier messages could not be loaded.",
    not_served: "The chat cannot answer on this page.",
    contact: "Contact us",
    redacted: "Personal data was removed before sending.",
    too_long: "That message is too long. Please keep it under 2,000 characters.",
};

#[cfg(test)]
mod tests {
    use super::Strings;

    #[test]
    fn any_locale_has_words() {
        for locale in ["en", "en-GB", "EN_us", "xx", "", "-"] {
            assert_eq!(Strings::for_locale(locale).send, "Send", "{locale}");
        }
    }

    #[test]
    fn suggestions_are_counted() {
        let strings = Strings::for_locale("en");
        assert_eq!(strings.count_suggestions(1), "1 suggestion");
        assert_eq!(strings.count_suggestions(4), "4 suggestions");
    }
}
