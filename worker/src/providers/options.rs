//! What a request may do without where a provider does not take it.
//!
//! Models of one provider differ in what they refuse, and say so with the status 400: newer ones
//! of Anthropic take no `temperature`, those of OpenAI want `max_completion_tokens` for
//! `max_tokens`, and some compatible servers do not know `stream_options`.

/// Which optional parts a request has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// A `temperature` is asked for.
    pub has_temperature: bool,
    /// The usage is asked for, with `stream_options`.
    pub has_stream_options: bool,
    /// The bound of the answer is `max_completion_tokens` instead of `max_tokens`.
    pub has_max_completion_tokens: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { has_temperature: true, has_stream_options: true, has_max_completion_tokens: false }
    }
}

impl Options {
    /// The request without the part that a refusal names; `None` if it names none that is there.
    pub(super) fn without_refused(self, refusal: &str) -> Option<Self> {
        let names = |part: &str| refusal.contains(part);
        if self.has_stream_options && (names("stream_options") || names("include_usage")) {
            Some(Self { has_stream_options: false, ..self })
        } else if self.has_temperature && names("temperature") {
            Some(Self { has_temperature: false, ..self })
        } else if !self.has_max_completion_tokens && names("max_completion_tokens") {
            Some(Self { has_max_completion_tokens: true, ..self })
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_part_is_left_out_once() {
        let all = Options::default();
        let no_temperature = Options { has_temperature: false, ..all };
        for (refusal, expected) in [
            ("`temperature` is deprecated for this model.", Some(no_temperature)),
            (
                "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options')}]",
                Some(Options { has_stream_options: false, ..all }),
            ),
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
                 'max_completion_tokens' instead.",
                Some(Options { has_max_completion_tokens: true, ..all }),
            ),
            ("max_tokens is too large", None),
            ("", None),
        ] {
            let found = all.without_refused(refusal);
            assert_eq!(found, expected, "{refusal}");
            assert_eq!(found.and_then(|options| options.without_refused(refusal)), None);
        }
    }
}
