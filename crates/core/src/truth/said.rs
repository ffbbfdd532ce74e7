//! What of the answer was said before: the sentence so far, and which products it is about.

use super::lexeme::{Kind, Lexeme};
use super::lexicon::Class;

/// Words of a sentence that are remembered.
const MEMORY: usize = 40;

/// One word or sign of the sentence.
#[derive(Clone, Debug)]
struct Heard {
    text: String,
    class: Class,
}

/// The sentence so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    heard: Vec<Heard>,
    /// Products named in this sentence.
    pub(super) named: Vec<usize>,
    /// Those of them whose price was not told yet.
    pub(super) unpriced: Vec<usize>,
    /// Those of them whose stock was not told yet.
    pub(super) unstocked: Vec<usize>,
    /// Products named in the last sentence that named any.
    pub(super) carried: Vec<usize>,
    /// Whether what the text is about was withheld.
    pub(super) is_unknown: bool,
    was_named: bool,
    ends: bool,
    is_after_amount: bool,
    /// Whether the last lexeme was emphasis or an opening quotation mark.
    pub(super) is_emphasised: bool,
    /// Whether a line has just begun with the mark of a list item.
    pub(super) is_item: bool,
    is_inside_line: bool,
    /// Whether the last lexeme was white space.
    pub(super) is_after_space: bool,
    languages: [u8; 4],
}

impl Said {
    /// Remembers a lexeme that was shown.
    pub(super) fn note(&mut self, lexeme: &Lexeme) {
        self.is_after_space = lexeme.kind == Kind::Space;
        match lexeme.kind {
            Kind::Space => {
                if lexeme.breaks_line() || self.ends {
                    self.end_sentence();
                }
                self.is_inside_line &= !lexeme.breaks_line();
                self.is_emphasised &= !lexeme.breaks_line();
                return;
            }
            Kind::Mark => {
                self.is_emphasised = true;
                self.is_item |= !self.is_inside_line && lexeme.raw == "*";
                return;
            }
            Kind::Sign => self.note_sign(lexeme),
            Kind::Link => self.ends = false,
            Kind::Word | Kind::Number => {
                self.ends = false;
                self.is_emphasised = false;
                self.is_item = !self.is_inside_line && lexeme.kind == Kind::Number;
                self.is_after_amount &=
                    lexeme.is_one_of(&["to", "and", "or", "bis", "a", "et", "y"]);
                for (language, words) in LANGUAGE_WORDS.iter().enumerate() {
                    if let Some(count) = self.languages.get_mut(language)
                        && words.contains(&lexeme.text.as_str())
                    {
                        *count = count.saturating_add(1);
                    }
                }
            }
        }
        if lexeme.kind != Kind::Number && !(lexeme.is("-") || lexeme.is("•")) {
            self.is_inside_line = true;
        }
        if self.heard.len() >= MEMORY {
            self.heard.remove(0);
        }
        self.heard.push(Heard { text: lexeme.text.clone(), class: lexeme.class });
    }

    fn note_sign(&mut self, lexeme: &Lexeme) {
        let is_closing = lexeme.is_one_of(&["\"", "'", ")", "]", "”", "»"]);
        self.ends = lexeme.is_one_of(&[".", "!", "?"]) || (self.ends && is_closing);
        self.is_emphasised = lexeme.is_one_of(&["\"", "“", "„", "«", "'", "["]);
        self.is_item = (!self.is_inside_line && lexeme.is_one_of(&["-", "•"]))
            || (self.is_item && lexeme.is_one_of(&[".", ")"]));
        self.is_after_amount &= lexeme.is_one_of(&["-", "/", ","]);
    }

    /// Remembers that an amount was told.
    pub(super) fn note_amount(&mut self) {
        self.unpriced.clear();
        self.is_after_amount = true;
    }

    /// Remembers that products were named.
    pub(super) fn name(&mut self, products: &[usize]) {
        if !self.was_named {
            self.was_named = true;
            self.is_unknown = false;
        }
        self.named.extend_from_slice(products);
        self.unpriced.extend_from_slice(products);
        self.unstocked.extend_from_slice(products);
        self.named.truncate(MEMORY);
        self.unpriced.truncate(MEMORY);
        self.unstocked.truncate(MEMORY);
    }

    /// Remembers that a name was withheld.
    pub(super) fn forget_subject(&mut self) {
        self.named.clear();
        self.unpriced.clear();
        self.unstocked.clear();
        self.carried.clear();
        self.is_unknown = true;
        self.was_named = false;
    }

    fn end_sentence(&mut self) {
        if !self.named.is_empty() {
            self.carried = std::mem::take(&mut self.named);
        }
        self.unpriced.clear();
        self.unstocked.clear();
        self.heard.clear();
        self.was_named = false;
        self.ends = false;
        self.is_after_amount = false;
        self.is_item = false;
    }

    /// Whether nothing of the sentence was said yet.
    pub(super) fn begins(&self) -> bool {
        self.heard.is_empty()
    }

    pub(super) fn is_after_amount(&self) -> bool {
        self.is_after_amount
    }

    /// Whether one of the last words of the sentence is of a class.
    pub(super) fn is_near(&self, words: usize, is_wanted: impl Fn(Class) -> bool) -> bool {
        self.heard.iter().rev().take(words).any(|heard| is_wanted(heard.class))
    }

    /// Whether one of the last words of the clause is one of these.
    pub(super) fn has_near(&self, words: usize, wanted: &[&str]) -> bool {
        self.heard.iter().rev().take(words).any(|heard| wanted.contains(&heard.text.as_str()))
    }

    /// Whether what comes now is not claimed but supposed: if, once, whether, within some words.
    pub(super) fn is_supposed(&self) -> bool {
        let clause = self.heard.iter().rev().take_while(|heard| heard.text != ",");
        clause.take(5).any(|heard| heard.class == Class::If)
    }

    /// Whether a word was said in this sentence.
    pub(super) fn has(&self, is_wanted: impl Fn(&str, Class) -> bool) -> bool {
        self.heard.iter().any(|heard| is_wanted(&heard.text, heard.class))
    }

    /// The last words and signs of the sentence, latest first.
    pub(super) fn last(&self) -> Option<&str> {
        self.heard.last().map(|heard| heard.text.as_str())
    }

    /// The word or sign before the last one.
    pub(super) fn before_last(&self) -> Option<&str> {
        self.heard.iter().rev().nth(1).map(|heard| heard.text.as_str())
    }

    /// The language of the text so far: 0 English, 1 German, 2 French, 3 Spanish.
    pub(super) fn language(&self) -> usize {
        let [english, german, french, spanish] = self.languages;
        match german.max(french).max(spanish) {
            most if most <= english => 0,
            most if most == german => 1,
            most if most == french => 2,
            _ => 3,
        }
    }
}

/// Words by which the languages are told apart.
pub(super) const LANGUAGE_WORDS: [&[&str]; 4] = [
    &["the", "is", "your", "you", "and", "of", "it", "we", "for", "has"],
    &["der", "die", "das", "ist", "und", "ihr", "ihre", "sie", "wir", "fur", "kostet", "mit"],
    &["le", "la", "les", "est", "et", "votre", "vous", "nous", "pour", "avec", "coute"],
    &["el", "los", "es", "y", "su", "usted", "nosotros", "con", "cuesta", "tu", "esta", "pedido"],
];
