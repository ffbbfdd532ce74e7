//! How well a query fits the title of a document.

use super::lexical::Resolved;
use crate::index::Index;
use crate::text::{is_stopword, normalize, tokens};

/// How the words of a query stand in a title; every value but the score is 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TitleFit {
    /// Share of the query's meaning that the title has.
    pub coverage: f32,
    /// BM25 of the title alone, in the units of the words' weights.
    pub score: f32,
    /// Share of the title that is asked for.
    pub share: f32,
    /// 1 if what the title ends in, which names the thing, is asked for.
    pub names_it: f32,
    /// Share of the query's neighbouring words that are neighbours in the title too, in order.
    pub phrase: f32,
}

/// Saturation and length normalisation of BM25, and the length of a usual title in words.
const K1: f32 = 1.2;
const B: f32 = 0.75;
const USUAL_WORDS: f32 = 5.0;

/// What a word counts that is a part of another word's name.
const PART_OF_NAME: f32 = 0.6;

impl Resolved {
    /// How well the words of the query stand in a title.
    pub fn title_fit(&self, index: &Index, title: &str) -> TitleFit {
        let normalized = normalize(title);
        let asked = self.asked();
        let mut best = vec![0.0_f32; asked.len()];
        let (mut all, mut hit, mut names_it) = (0.0_f32, 0.0_f32, 0.0);
        let mut neighbours = vec![false; asked.len()];
        let mut before: Option<usize> = None;
        let mut behind_letter = false;
        for word in tokens(&normalized).filter(|word| !is_stopword(word)) {
            let group = index.terms().get(word);
            // A T-light is no light, unless the letter is asked for too.
            let named = if behind_letter && before.is_none() { PART_OF_NAME } else { 1.0 };
            behind_letter = word.len() == 1 && word.chars().all(char::is_alphabetic);
            let (mut closeness, mut by) = (0.0_f32, None);
            for (at, (term, best)) in asked.iter().zip(&mut best).enumerate() {
                let close = named * group.map_or(0.0, |group| term.closeness(group, word));
                *best = best.max(close);
                if close > closeness {
                    (closeness, by) = (close, Some(at));
                }
            }
            if let (Some(first), Some(second)) = (before, by)
                && first + 1 == second
                && let Some(pair) = neighbours.get_mut(first)
            {
                *pair = true;
            }
            before = by;
            all += 1.0;
            hit += closeness;
            if word.chars().any(char::is_alphabetic) {
                names_it = closeness;
            }
        }
        let meaning: f32 = asked.iter().map(|term| term.weight()).sum();
        let covered: f32 = asked.iter().zip(&best).map(|(term, best)| term.weight() * best).sum();
        let pairs = neighbours.iter().filter(|pair| **pair).count() as f32;
        let saturation = K1 * (1.0 - B + B * all / USUAL_WORDS);
        TitleFit {
            coverage: covered / meaning.max(f32::MIN_POSITIVE),
            score: covered * (K1 + 1.0) / (1.0 + saturation),
            share: hit / all.max(1.0),
            names_it,
            phrase: pairs / asked.len().saturating_sub(1).max(1) as f32,
        }
    }
}
