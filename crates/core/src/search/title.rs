//! How well a query fits the title of a document.

use super::lexical::Resolved;
use crate::index::Index;
use crate::text::{is_stopword, normalize, tokens};

/// How the words of a query stand in a title; every value is 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TitleFit {
    /// Share of the query's meaning that the title has.
    pub coverage: f32,
    /// Share of the title that is asked for.
    pub share: f32,
    /// 1 if what the title ends in, which names the thing, is asked for.
    pub names_it: f32,
    /// Share of the query's neighbouring words that are neighbours in the title too, in order.
    pub phrase: f32,
}

impl Resolved {
    /// How well the words of the query stand in a title.
    pub fn title_fit(&self, index: &Index, title: &str) -> TitleFit {
        let normalized = normalize(title);
        let asked = self.asked();
        let mut best = vec![0.0_f32; asked.len()];
        let (mut all, mut hit, mut names_it) = (0.0_f32, 0.0_f32, 0.0);
        let mut neighbours = vec![false; asked.len()];
        let mut before: Option<usize> = None;
        for word in tokens(&normalized).filter(|word| !is_stopword(word)) {
            let group = index.terms().get(word);
            let (mut closeness, mut by) = (0.0_f32, None);
            for (at, (term, best)) in asked.iter().zip(&mut best).enumerate() {
                let close = group.map_or(0.0, |group| term.closeness(group));
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
        TitleFit {
            coverage: covered / meaning.max(f32::MIN_POSITIVE),
            share: hit / all.max(1.0),
            names_it,
            phrase: pairs / asked.len().saturating_sub(1).max(1) as f32,
        }
    }
}
