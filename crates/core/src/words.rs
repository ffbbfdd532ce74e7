//! What is said to shoppers in words that are neither the shop's nor a model's, by language: one
//! table each, in a file of its own.
//!
//! The words of the panel itself are the widget's; it looks its table up by [`of_locale`] as well.

mod english;
mod french;
mod german;
mod spanish;

pub use english::ENGLISH;

/// The words of one language. `{}` stands for what [`fill`] puts there, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// Before products that were found.
    pub found: &'static str,
    /// Before products that were found beside a text.
    pub found_as_well: &'static str,
    /// Nothing was found in the shop, `{}`.
    pub not_found: &'static str,
    /// The shop, `{}`, has no such thing.
    pub no_such_thing: &'static str,
    /// What to do then.
    pub try_again: &'static str,
    /// The shop, `{}`, has no such thing at that price.
    pub no_such_price: &'static str,
    /// The shop, `{}`, has it only with what is not wanted, `{}`.
    pub only_with: &'static str,
    /// The answer to a greeting, for the shop `{}`.
    pub greeting: &'static str,
    /// The answer to thanks.
    pub closing: &'static str,
    /// The answer to a yes.
    pub affirm: &'static str,
    /// The answer to a no.
    pub deny: &'static str,
    /// A product that is proposed for the cart.
    pub cart_question: &'static str,
    /// The wish to send the order `{}` back is before the team.
    pub return_noted: &'static str,
    /// How that goes on is to be asked at `{}`.
    pub return_contact: &'static str,
    /// The wish for a person is before the team, who do not answer in the chat.
    pub person_noted: &'static str,
    /// An answer to that is to be had at `{}`.
    pub person_contact: &'static str,
}

/// Tables by language.
static TABLES: [(&str, &Words); 4] =
    [("en", &ENGLISH), ("de", &german::GERMAN), ("fr", &french::FRENCH), ("es", &spanish::SPANISH)];

impl Words {
    /// The words for a language tag such as `de-CH`; English where there are none.
    pub fn for_locale(locale: &str) -> &'static Self {
        of_locale(&TABLES, locale).unwrap_or(&ENGLISH)
    }
}

impl Default for &'static Words {
    fn default() -> Self {
        &ENGLISH
    }
}

/// The table of a language tag such as `en-GB`, by the tag's language.
pub fn of_locale<T>(tables: &[(&str, &'static T)], locale: &str) -> Option<&'static T> {
    let language = locale.split(['-', '_']).next().unwrap_or_default();
    let found = tables.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(language));
    found.map(|(_, table)| *table)
}

/// A phrase with something in the place of each `{}`, in order. What is put in is not read again.
pub fn fill(phrase: &str, parts: &[&str]) -> String {
    let mut parts = parts.iter();
    let mut pieces = phrase.split("{}");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str(parts.next().copied().unwrap_or_default());
        text.push_str(piece);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Words {
        /// Every phrase with how much is put in.
        fn all(&self) -> [(&'static str, usize); 16] {
            [
                (self.found, 0),
                (self.found_as_well, 0),
                (self.not_found, 1),
                (self.no_such_thing, 1),
                (self.try_again, 0),
                (self.no_such_price, 1),
                (self.only_with, 2),
                (self.greeting, 1),
                (self.closing, 0),
                (self.affirm, 0),
                (self.deny, 0),
                (self.cart_question, 0),
                (self.return_noted, 1),
                (self.return_contact, 1),
                (self.person_noted, 0),
                (self.person_contact, 1),
            ]
        }
    }

    #[test]
    fn every_language_says_everything_in_words_of_its_own() {
        for (language, words) in TABLES {
            for ((phrase, places), (english, _)) in words.all().into_iter().zip(ENGLISH.all()) {
                assert!(!phrase.trim().is_empty(), "{language}: {english}");
                assert_eq!(phrase.matches("{}").count(), places, "{language}: {phrase}");
                assert!(language == "en" || phrase != english, "{language}: {phrase}");
                assert_eq!(phrase, phrase.trim(), "{language}");
            }
        }
    }

    #[test]
    fn any_locale_has_words() {
        for (locale, found) in [
            ("en", "Here is what I found:"),
            ("DE-ch", "Das habe ich gefunden:"),
            ("fr_CA", "Voici ce que j’ai trouvé :"),
            ("es", "Esto es lo que he encontrado:"),
            ("xx", ENGLISH.found),
            ("", ENGLISH.found),
            ("-", ENGLISH.found),
        ] {
            assert_eq!(Words::for_locale(locale).found, found, "{locale}");
        }
    }

    #[test]
    fn what_is_put_in_is_not_read_again() {
        assert_eq!(fill("{} has {}.", &["The {} shop", "it"]), "The {} shop has it.");
        assert_eq!(fill("{} and {}", &["one"]), "one and ");
        assert_eq!(fill("none", &["one"]), "none");
    }
}
