//! How many tokens a text costs, by an estimate that needs no vocabulary.
//!
//! The estimate leans to the high side for the tokenisers of current models: four ASCII letters or
//! blanks are a token, as are two digits or signs; a character of two bytes is three quarters of
//! one, of three bytes one and a half, of four bytes three.

use super::PromptMessage;

/// What the frame around a message costs.
const PER_MESSAGE: usize = 4;

/// An estimate of the tokens of a text.
pub fn tokens_of(text: &str) -> usize {
    text.chars().map(quarters).sum::<usize>().div_ceil(4)
}

/// An estimate of the tokens of a prompt, the calls and results of tools included.
pub fn tokens_of_prompt(messages: &[PromptMessage]) -> usize {
    let calls = |message: &PromptMessage| match message {
        PromptMessage::Assistant { calls, .. } => calls
            .iter()
            .map(|call| PER_MESSAGE + tokens_of(&call.name) + tokens_of(&call.arguments))
            .sum(),
        _ => 0,
    };
    messages.iter().map(|m| PER_MESSAGE + tokens_of(m.text()) + calls(m)).sum()
}

/// The longest beginning of a text that costs at most so many tokens.
pub fn clip_tokens(text: &str, most: usize) -> &str {
    let mut left = most.saturating_mul(4);
    let over = text.char_indices().find(|(_, c)| match left.checked_sub(quarters(*c)) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    });
    over.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn quarters(c: char) -> usize {
    match c.len_utf8() {
        1 if c.is_ascii_alphabetic() || c == ' ' => 1,
        1 => 2,
        2 => 3,
        3 => 6,
        _ => 12,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_cost_what_they_are_made_of() {
        for (text, tokens) in [
            ("", 0),
            ("a", 1),
            ("Thirty days from delivery", 7),
            ("£4.25", 3),
            ("1234567890", 5),
            ("größe", 3),
            ("価格は", 5),
            ("🎁", 3),
        ] {
            assert_eq!(tokens_of(text), tokens, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_clipped_fits_and_begins_the_text(text in "\\PC{0,200}", most in 0usize..80) {
            let clipped = clip_tokens(&text, most);
            prop_assert!(tokens_of(clipped) <= most);
            prop_assert!(text.starts_with(clipped));
            // One more character would be too much.
            if let Some(next) = text.get(clipped.len()..).and_then(|rest| rest.chars().next()) {
                let longer = format!("{clipped}{next}");
                prop_assert!(tokens_of(&longer) > most);
            }
        }
    }
}
