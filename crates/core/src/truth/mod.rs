//! What a language model says, held against what the shop knows, while it is being said.
//!
//! The text is cut into lexemes ([`lexeme`]). At each of them every kind of statement is looked for
//! ([`claim`]); prose is shown at once, a statement as soon as its end is known. It is shown
//! unchanged if the turn's [`Facts`] say the same, replaced by the shop's own value if a product is
//! meant whose value is known, and otherwise withheld behind a short phrase ([`phrases`]).
//!
//! Whatever reads ahead goes through [`reader`], which waits rather than guess. So the result does
//! not depend on how the text was cut when it arrived, and no more than [`reader::WINDOW`] lexemes
//! and one run without white space are ever held back.

mod claim;
mod code;
mod facts;
mod judge;
mod lexeme;
mod lexicon;
mod link;
mod money;
mod names;
mod order;
mod phrases;
mod reader;
mod said;
mod stock;
mod time;

use claim::claim_at;
pub use facts::Facts;
use judge::{Verdict, judge};
use lexeme::{Kind, Lexeme, Runs};
use reader::Reader;
use said::Said;

/// Marks and signs that are shown after what was replaced.
const MAX_CLOSING: usize = 4;

/// Checks a text while it comes.
#[derive(Clone, Debug)]
pub struct Checker {
    facts: Facts,
    runs: Runs,
    held: Vec<Lexeme>,
    said: Said,
    /// Whether something was replaced in the run at hand. What is glued to it goes with it: with
    /// another beginning it could be an address.
    is_replaced: bool,
}

/// What is done with the lexemes that come first.
enum Step {
    /// More must come first.
    Wait,
    /// So many are shown.
    Show(usize),
    /// So many are replaced.
    Say(usize, String),
}

impl Checker {
    /// A checker that knows these facts.
    pub fn new(facts: Facts) -> Self {
        Self {
            facts,
            runs: Runs::default(),
            held: Vec::new(),
            said: Said::default(),
            is_replaced: false,
        }
    }

    /// What is known, to be added to: a tool may tell more while the text comes.
    pub fn facts_mut(&mut self) -> &mut Facts {
        &mut self.facts
    }

    /// Takes the next piece of the text; returns what may be shown by now.
    pub fn push(&mut self, delta: &str) -> String {
        let before = self.held.len();
        self.runs.push(delta, &mut self.held);
        if self.held.len() == before { String::new() } else { self.advance(false) }
    }

    /// The text is over; returns the rest of what may be shown.
    pub fn finish(&mut self) -> String {
        self.runs.finish(&mut self.held);
        self.advance(true)
    }

    fn advance(&mut self, is_over: bool) -> String {
        let held = std::mem::take(&mut self.held);
        let mut out = String::new();
        let mut at = 0;
        while at < held.len() {
            let ahead = held.get(at..).unwrap_or_default();
            if self.is_replaced {
                let end = ahead.iter().position(|l| l.kind == Kind::Space);
                let run = ahead.get(..end.unwrap_or(ahead.len())).unwrap_or_default();
                let closing = closing(run);
                at += run.len() - closing.len();
                if end.is_none() && !is_over {
                    break;
                }
                for lexeme in closing {
                    out.push_str(&lexeme.raw);
                    self.said.note(lexeme);
                }
                at += closing.len();
                self.is_replaced = false;
                continue;
            }
            match self.step(ahead, is_over) {
                Step::Wait => break,
                Step::Show(count) => {
                    for lexeme in ahead.iter().take(count) {
                        out.push_str(&lexeme.raw);
                        self.said.note(lexeme);
                    }
                    at += count.max(1);
                }
                Step::Say(count, text) => {
                    self.is_replaced = true;
                    out.push_str(&text);
                    for lexeme in lexeme::lexemes(&text) {
                        self.said.note(&lexeme);
                    }
                    at += count.max(1);
                }
            }
        }
        self.held = held.into_iter().skip(at).collect();
        out
    }

    fn step(&mut self, ahead: &[Lexeme], is_over: bool) -> Step {
        let mut reader = Reader::new(ahead, is_over);
        if let Some((products, length)) = self.facts.named_at(&mut reader) {
            if reader.is_short() {
                return Step::Wait;
            }
            self.said.name(&products);
            return Step::Show(length);
        }
        let claim = claim_at(&mut reader, &self.said);
        if reader.is_short() {
            return Step::Wait;
        }
        let Some((claim, length)) = claim else {
            reader.back_to(0);
            let invented = names::invented(&mut reader, &self.said, &self.facts);
            return match invented {
                _ if reader.is_short() => Step::Wait,
                Some(length) => {
                    self.said.forget_subject();
                    Step::Say(length, phrases::name(self.said.language()).to_owned())
                }
                None => Step::Show(1),
            };
        };
        let verdict = judge(&claim, &mut reader, &self.said, &self.facts);
        if reader.is_short() {
            return Step::Wait;
        }
        let step = match verdict {
            Verdict::Keep => Step::Show(length),
            Verdict::Say(text) => Step::Say(length, text),
            Verdict::Withhold => {
                Step::Say(length, phrases::withheld(&claim, self.said.language()).to_owned())
            }
        };
        match claim {
            claim::Claim::Money(_) => self.said.note_amount(),
            claim::Claim::Stock { .. } => self.said.unstocked.clear(),
            _ => {}
        }
        step
    }
}

/// The marks and the punctuation at the end of a run, a few at most.
fn closing(run: &[Lexeme]) -> &[Lexeme] {
    let closes = |l: &Lexeme| {
        l.kind == Kind::Mark
            || l.raw.chars().all(|c| matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')'))
    };
    let rest = run.iter().rposition(|l| !closes(l)).map_or(0, |last| last + 1);
    run.get(rest.max(run.len().saturating_sub(MAX_CLOSING))..).unwrap_or_default()
}

#[cfg(test)]
mod tests;
