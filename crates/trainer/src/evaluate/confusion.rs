//! Which intents are taken for which.

use std::collections::{BTreeMap, BTreeSet};

use super::ScoredMessage;
use super::intents::judge;

/// Counts of messages by right and by most probable intent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Intents that occur as either, by name.
    pub intents: Vec<String>,
    /// Messages by position of the right intent and of the most probable one; none where absent.
    counts: BTreeMap<(usize, usize), usize>,
}

/// Intents that are taken for each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mistake<'a> {
    /// The right intent.
    pub right: &'a str,
    /// What it was taken for.
    pub taken_for: &'a str,
    /// How often.
    pub messages: usize,
    /// The same as a share of the messages of the right intent.
    pub share: f64,
}

impl Confusion {
    /// Counts messages.
    pub fn of(messages: &[ScoredMessage], labels: &[String]) -> Self {
        let pairs: Vec<(&str, &str)> = messages
            .iter()
            .map(|message| {
                let judged = judge(message, labels, 0.0);
                (judged.gold, judged.predicted)
            })
            .collect();
        let names: BTreeSet<&str> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let mut counts = BTreeMap::new();
        for (right, predicted) in &pairs {
            if let (Ok(row), Ok(column)) =
                (names.binary_search(right), names.binary_search(predicted))
            {
                *counts.entry((row, column)).or_default() += 1;
            }
        }
        Self { intents: names.into_iter().map(str::to_owned).collect(), counts }
    }

    /// The cells with a message: row of the right intent, column of the most probable one, count,
    /// and the count as a share of the row.
    pub fn cells(&self) -> impl Iterator<Item = (usize, usize, usize, f64)> {
        let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
        for ((row, _), count) in &self.counts {
            *rows.entry(*row).or_default() += count;
        }
        self.counts.iter().map(move |((row, column), count)| {
            let all = rows.get(row).copied().unwrap_or(*count);
            (*row, *column, *count, *count as f64 / all as f64)
        })
    }

    /// The most frequent mistakes, the most frequent first.
    pub fn worst(&self, limit: usize) -> Vec<Mistake<'_>> {
        let name = |at: usize| self.intents.get(at).map_or("", String::as_str);
        let mut mistakes: Vec<Mistake<'_>> = self
            .cells()
            .filter(|(row, column, ..)| row != column)
            .map(|(row, column, messages, share)| Mistake {
                right: name(row),
                taken_for: name(column),
                messages,
                share,
            })
            .collect();
        mistakes.sort_by(|a, b| b.messages.cmp(&a.messages).then(b.share.total_cmp(&a.share)));
        mistakes.truncate(limit);
        mistakes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_counted_by_what_they_are_and_what_they_were_taken_for() {
        let labels = ["b", "a", "unused"].map(str::to_owned);
        let scored = |right: &str, p: [f32; 3]| ScoredMessage {
            intent: right.to_owned(),
            probabilities: p.to_vec(),
        };
        let confusion = Confusion::of(
            &[
                scored("a", [0.9, 0.1, 0.0]),
                scored("a", [0.8, 0.2, 0.0]),
                scored("a", [0.1, 0.9, 0.0]),
                scored("a", [0.1, 0.9, 0.0]),
                scored("c", [0.1, 0.9, 0.0]),
                scored("b", [0.6, 0.4, 0.0]),
            ],
            &labels,
        );
        assert_eq!(confusion.intents, ["a", "b", "c"]);
        let cells: Vec<_> = confusion.cells().collect();
        assert_eq!(cells, [(0, 0, 2, 0.5), (0, 1, 2, 0.5), (1, 1, 1, 1.0), (2, 0, 1, 1.0)]);
        let worst = [
            Mistake { right: "a", taken_for: "b", messages: 2, share: 0.5 },
            Mistake { right: "c", taken_for: "a", messages: 1, share: 1.0 },
        ];
        assert_eq!(confusion.worst(5), worst);
        assert_eq!(confusion.worst(1), worst[..1]);
        assert_eq!(Confusion::of(&[], &labels), Confusion::default());
    }
}
