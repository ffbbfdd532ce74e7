//! Which documents have a term, and what it contributes to each. Not stored: turned round from the
//! words of the documents when an index is opened.
//!
//! A contribution is the document's BM25 gain for the term (Robertson and Zaragoza, "The
//! probabilistic relevance framework", 2009) times the term's weight, scaled to 1..=255.

use super::IndexError;

/// Term saturation of BM25.
const K1: f32 = 1.2;
/// Length normalisation of BM25; titles are short, so it is weak.
const B: f32 = 0.4;
/// Most postings of an index: 128 MB.
const MAX_POSTINGS: u64 = 1 << 25;

/// A document that has a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Number of the document.
    pub document: u32,
    /// What the term contributes, 0 to 255.
    pub impact: u8,
}

/// A word of a document: number of its group, and its frequency in units.
pub(super) type Word = (u32, u8);

/// The postings of all groups, each list in ascending order of document.
#[derive(Debug, Default)]
pub(super) struct Postings {
    lists: Vec<List>,
    /// Document in the upper 24 bits; in the lower 8 its frequency, then its impact.
    entries: Vec<u32>,
    /// Sum of the frequencies of each document.
    lengths: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct List {
    start: u32,
    count: u32,
}

/// Where the words of the documents come from; asked twice, and says the same each time.
pub(super) trait Words {
    /// Number of documents.
    fn documents(&self) -> usize;

    /// Gives every word of every document, in ascending order of document.
    fn each(&self, word: &mut impl FnMut(u32, Word));
}

impl Postings {
    /// Turns the words of documents round. Words of no group are left out.
    pub(super) fn invert(words: &impl Words, groups: usize) -> Result<Self, IndexError> {
        let mut lists = vec![List::default(); groups];
        let mut lengths = vec![0_u32; words.documents()];
        words.each(&mut |document, (group, units)| {
            if let Some(list) = lists.get_mut(group as usize) {
                list.count = list.count.saturating_add(1);
            }
            if let Some(length) = lengths.get_mut(document as usize) {
                *length = length.saturating_add(u32::from(units));
            }
        });
        let mut all: u64 = 0;
        for list in &mut lists {
            list.start = u32::try_from(all).unwrap_or(u32::MAX);
            all += u64::from(std::mem::take(&mut list.count));
        }
        if all > MAX_POSTINGS {
            return Err(IndexError::TooLarge("more than 33,554,432 postings"));
        }
        let mut entries = vec![0_u32; usize::try_from(all).unwrap_or(0)];
        words.each(&mut |document, (group, units)| {
            let Some(list) = lists.get_mut(group as usize) else { return };
            let end = (list.start + list.count) as usize;
            // A word that the document has already said is the last of its list.
            if list.count > 0
                && let Some(last) = entries.get_mut(end.wrapping_sub(1))
                && *last >> 8 == document
            {
                let units = (*last as u8).saturating_add(units);
                *last = document << 8 | u32::from(units);
            } else if let Some(entry) = entries.get_mut(end) {
                *entry = document << 8 | u32::from(units);
                list.count += 1;
            }
        });
        Ok(Self { lists, entries, lengths })
    }

    /// Number of documents that have a term of the group.
    pub(super) fn having(&self, group: usize) -> usize {
        self.lists.get(group).map_or(0, |list| list.count as usize)
    }

    /// Puts impacts in the place of frequencies. `kinds` are the ends of the ranges of documents of
    /// one kind, whose lengths are comparable; `scale` is what the greatest impact is to be.
    /// Returns that greatest impact as it is.
    pub(super) fn weigh(&mut self, weights: &[u8], kinds: &[u32], scale: f32) -> f32 {
        let saturations = self.saturations(kinds);
        let mut greatest = 0.0_f32;
        for (list, weight) in self.lists.iter().zip(weights) {
            let weight = f32::from(*weight) / 255.0;
            let (start, end) = (list.start as usize, (list.start + list.count) as usize);
            for entry in self.entries.get_mut(start..end).unwrap_or_default() {
                let document = *entry >> 8;
                let saturation = saturations.get(document as usize).copied().unwrap_or(1.0);
                let units = f32::from(*entry as u8);
                let impact = weight * units * (K1 + 1.0) / (units + saturation);
                greatest = greatest.max(impact);
                let byte = (impact / scale * 255.0).round().clamp(1.0, 255.0) as u8;
                *entry = document << 8 | u32::from(byte);
            }
        }
        greatest
    }

    /// For each document the frequency, in units, that gives half of what any frequency can.
    fn saturations(&mut self, kinds: &[u32]) -> Vec<f32> {
        let lengths = std::mem::take(&mut self.lengths);
        let mut saturations = Vec::with_capacity(lengths.len());
        let mut from = 0;
        for end in kinds {
            let of_kind = lengths.get(from..*end as usize).unwrap_or_default();
            let sum: u64 = of_kind.iter().map(|length| u64::from(*length)).sum();
            let average = (sum as f32 / of_kind.len().max(1) as f32).max(UNIT);
            let saturation = |length: &u32| K1 * UNIT * (1.0 - B + B * *length as f32 / average);
            saturations.extend(of_kind.iter().map(saturation));
            from = *end as usize;
        }
        saturations
    }

    /// The documents of a group.
    pub(super) fn of(&self, group: usize) -> impl Iterator<Item = Posting> {
        let list = self.lists.get(group).copied().unwrap_or_default();
        let (start, end) = (list.start as usize, (list.start + list.count) as usize);
        let entries = self.entries.get(start..end).unwrap_or_default();
        entries.iter().map(|entry| Posting { document: entry >> 8, impact: *entry as u8 })
    }
}

/// Units of one mention of a word in a title.
pub(super) const UNIT: f32 = 20.0;
