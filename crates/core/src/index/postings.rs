//! Which documents have a term, and what it contributes to each. Not stored: turned round from the
//! words of the documents when an index is opened.
//!
//! A contribution is the document's BM25 gain for the term (Robertson and Zaragoza, "The
//! probabilistic relevance framework", 2009) times the term's weight.

use super::IndexError;

/// Term saturation of BM25.
const K1: f32 = 1.2;
/// Length normalisation of BM25; titles are short, so it is weak.
const B: f32 = 0.4;
/// Most postings of an index: 128 MB.
const MAX_POSTINGS: u64 = 1 << 25;

/// A document that has a term.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posting {
    /// Number of the document.
    pub document: u32,
    /// What the term contributes, 0 to 1.
    pub impact: f32,
}

/// The postings of all groups, each list in ascending order of document.
#[derive(Debug, Default)]
pub(super) struct Postings {
    lists: Vec<List>,
    /// Document in the upper 24 bits, its frequency, in units, in the lower 8.
    entries: Vec<u32>,
    /// For each document the frequency, in units, that gives half of what any frequency can.
    saturations: Vec<f32>,
}

#[derive(Clone, Copy, Debug)]
struct List {
    start: u32,
    end: u32,
}

impl Postings {
    /// Room for so many postings of each group. The documents are then given in their order.
    pub(super) fn with_room(counts: &[u32]) -> Result<Self, IndexError> {
        let mut all: u64 = 0;
        let mut lists = Vec::with_capacity(counts.len());
        for count in counts {
            let start = u32::try_from(all).unwrap_or(u32::MAX);
            lists.push(List { start, end: start });
            all += u64::from(*count);
        }
        if all > MAX_POSTINGS {
            return Err(IndexError::TooLarge("more than 33,554,432 postings"));
        }
        let entries = vec![0; usize::try_from(all).unwrap_or(0)];
        Ok(Self { lists, entries, saturations: Vec::new() })
    }

    /// Adds words of a document, by the numbers of their groups.
    pub(super) fn add(&mut self, document: u32, groups: &[u32], units: u8) {
        for group in groups {
            let Some(list) = self.lists.get_mut(*group as usize) else { continue };
            // A word that the document has already said is the last of its list.
            if list.end > list.start
                && let Some(last) = self.entries.get_mut(list.end as usize - 1)
                && *last >> 8 == document
            {
                *last = document << 8 | u32::from((*last as u8).saturating_add(units));
            } else if let Some(entry) = self.entries.get_mut(list.end as usize) {
                *entry = document << 8 | u32::from(units);
                list.end += 1;
            }
        }
    }

    /// Adds the lengths, in units, of all documents of the next kind. Lengths are compared with
    /// those of the same kind.
    pub(super) fn add_lengths(&mut self, lengths: &[u32]) {
        let sum: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
        let average = (sum as f32 / lengths.len().max(1) as f32).max(UNIT);
        let saturation = |length: &u32| K1 * UNIT * (1.0 - B + B * *length as f32 / average);
        self.saturations.extend(lengths.iter().map(saturation));
    }

    /// Number of documents that have a term of the group.
    pub(super) fn having(&self, group: usize) -> usize {
        self.lists.get(group).map_or(0, |list| (list.end - list.start) as usize)
    }

    /// The documents of a group, each with its gain times `weight`.
    pub(super) fn of(&self, group: usize, weight: f32) -> impl Iterator<Item = Posting> {
        let list = self.lists.get(group);
        let range = list.map_or(0..0, |list| list.start as usize..list.end as usize);
        let entries = self.entries.get(range).unwrap_or_default();
        let factor = weight * (K1 + 1.0);
        entries.iter().map(move |entry| {
            let document = entry >> 8;
            let units = f32::from(*entry as u8);
            let saturation = self.saturations.get(document as usize).copied().unwrap_or(UNIT);
            Posting { document, impact: factor * units / (units + saturation) }
        })
    }
}

/// Units of one mention of a word in a title.
pub(super) const UNIT: f32 = 20.0;
