//! Looking ahead in a text of which the rest has not come yet.

use super::lexeme::{Kind, Lexeme};

/// Lexemes beyond this many are not looked at, so no more than these are ever held back.
pub(super) const WINDOW: usize = 48;

/// Reads lexemes from a place on. Whoever reads past what is there has no right to an answer: it
/// waits for more. So what comes later never changes what was decided.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    lexemes: &'a [Lexeme],
    at: usize,
    is_over: bool,
    is_short: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lexemes: &'a [Lexeme], is_over: bool) -> Self {
        Self { lexemes, at: 0, is_over, is_short: false }
    }

    /// How many lexemes were passed.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Whether something was wanted that has not come yet.
    pub(super) fn is_short(&self) -> bool {
        self.is_short
    }

    /// The lexeme at this place.
    pub(super) fn peek(&mut self) -> Option<&'a Lexeme> {
        if self.at >= WINDOW {
            return None;
        }
        let found = self.lexemes.get(self.at);
        self.is_short |= found.is_none() && !self.is_over;
        found
    }

    /// The lexeme at this place, which is passed.
    pub(super) fn take(&mut self) -> Option<&'a Lexeme> {
        let found = self.peek()?;
        self.at += 1;
        Some(found)
    }

    /// The next lexeme that is read, whatever emphasis and space is before it.
    pub(super) fn read(&mut self) -> Option<&'a Lexeme> {
        while let Some(lexeme) = self.peek() {
            match lexeme.kind {
                Kind::Space | Kind::Mark => self.at += 1,
                _ => return Some(lexeme),
            }
        }
        None
    }

    /// Passes the next lexeme that is read, if it is as wanted.
    pub(super) fn accept(&mut self, is_wanted: impl Fn(&Lexeme) -> bool) -> Option<&'a Lexeme> {
        let before = self.at;
        match self.read() {
            Some(lexeme) if is_wanted(lexeme) => {
                self.at += 1;
                Some(lexeme)
            }
            _ => {
                self.at = before;
                None
            }
        }
    }

    /// Passes the next word, if it is this one.
    pub(super) fn accept_word(&mut self, word: &str) -> bool {
        self.accept(|lexeme| lexeme.is(word)).is_some()
    }

    /// Passes these words, if all of them come.
    pub(super) fn accept_words(&mut self, words: &str) -> bool {
        let before = self.at;
        for word in words.split(' ') {
            self.accept(|lexeme| lexeme.is("-"));
            if !self.accept_word(word) {
                self.at = before;
                return false;
            }
        }
        true
    }

    /// Goes back to a place.
    pub(super) fn back_to(&mut self, at: usize) {
        self.at = at;
    }

    /// A reader at this place; what it lacks is told by [`Reader::absorb`].
    pub(super) fn rest(&self) -> Self {
        self.clone()
    }

    /// Learns whether another reader lacked something.
    pub(super) fn absorb(&mut self, other: &Reader<'_>) {
        self.is_short |= other.is_short;
    }
}
