//! Levenshtein automata for `fst`.
//!
//! Source: Schulz and Mihov, "Fast string correction with Levenshtein automata" (2002), as built
//! by the crate `levenshtein_automata`; `fst`'s own automaton takes milliseconds to build.

use std::sync::OnceLock;

use fst::Automaton;
use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};

/// Words within a distance of the query word; a transposition counts as one edit.
pub(super) struct Fuzzy {
    dfa: DFA,
    max: u8,
}

impl Fuzzy {
    /// `max` is 1 or 2 edits. With `prefix`, words that go on after the match are taken too.
    pub(super) fn new(word: &str, max: u8, prefix: bool) -> Self {
        static ONE: OnceLock<LevenshteinAutomatonBuilder> = OnceLock::new();
        static TWO: OnceLock<LevenshteinAutomatonBuilder> = OnceLock::new();
        let builder = if max <= 1 {
            ONE.get_or_init(|| LevenshteinAutomatonBuilder::new(1, true))
        } else {
            TWO.get_or_init(|| LevenshteinAutomatonBuilder::new(2, true))
        };
        let dfa = if prefix { builder.build_prefix_dfa(word) } else { builder.build_dfa(word) };
        Self { dfa, max: max.min(2) }
    }

    /// Edits between the query word and a word that matched.
    pub(super) fn distance(&self, word: &[u8]) -> Option<u8> {
        match self.dfa.eval(word) {
            Distance::Exact(distance) if distance <= self.max => Some(distance),
            _ => None,
        }
    }
}

impl Automaton for Fuzzy {
    type State = u32;

    fn start(&self) -> u32 {
        self.dfa.initial_state()
    }

    fn is_match(&self, state: &u32) -> bool {
        matches!(self.dfa.distance(*state), Distance::Exact(distance) if distance <= self.max)
    }

    fn can_match(&self, state: &u32) -> bool {
        *state != SINK_STATE
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        self.dfa.transition(*state, byte)
    }
}
