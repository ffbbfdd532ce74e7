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
/// A frequency beyond this, in units, counts as this much.
const MOST_UNITS: u32 = 255;
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
    /// Where the list of each group ends, and the next one begins.
    ends: Vec<u32>,
    /// Document in the upper 24 bits, a frequency, in units, in the lower 8. A document may come
    /// several times, one after the other: its frequency is the sum.
    entries: Vec<u32>,
    /// For each document the frequency, in units, that gives half of what any frequency can.
    saturations: Vec<f32>,
}

impl Postings {
    /// Room for so many words of each group. They are then added in the order of their documents.
    pub(super) fn with_room(counts: &[u32]) -> Result<Self, IndexError> {
        let mut all: u64 = 0;
        let mut ends = Vec::with_capacity(counts.len());
        for count in counts {
            ends.push(u32::try_from(all).unwrap_or(u32::MAX));
            all += u64::from(*count);
        }
        if all > MAX_POSTINGS {
            return Err(IndexError::TooLarge("more than 33,554,432 postings"));
        }
        let entries = vec![0; usize::try_from(all).unwrap_or(0)];
        Ok(Self { ends, entries, saturations: Vec::new() })
    }

    /// Adds words of a document, by the numbers of their groups.
    pub(super) fn add(&mut self, document: u32, groups: &[u32], units: u8) {
        for group in groups {
            if let Some(end) = self.ends.get_mut(*group as usize)
                && let Some(entry) = self.entries.get_mut(*end as usize)
            {
                *entry = document << 8 | u32::from(units);
                *end += 1;
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

    /// The documents of a group, each with its gain times `weight`.
    pub(super) fn of(&self, group: usize, weight: f32) -> impl Iterator<Item = Posting> {
        let start = group.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = start.map_or(0, |start| *start as usize);
        let end = self.ends.get(group).map_or(start, |end| *end as usize);
        let mut entries = self.entries.get(start..end).unwrap_or_default().iter().peekable();
        let factor = weight * (K1 + 1.0);
        std::iter::from_fn(move || {
            let entry = *entries.next()?;
            let document = entry >> 8;
            let mut units = entry & 0xff;
            while let Some(again) = entries.next_if(|again| **again >> 8 == document) {
                units += again & 0xff;
            }
            let units = units.min(MOST_UNITS) as f32;
            let saturation = self.saturations.get(document as usize).copied().unwrap_or(UNIT);
            Some(Posting { document, impact: factor * units / (units + saturation) })
        })
    }
}

/// Units of one mention of a word in a title.
pub(super) const UNIT: f32 = 20.0;
