//! Which documents have a term, and what it contributes to each. Not stored, and not made when an
//! index is opened: a term's list is put together when a search first asks for it, from the words of
//! titles, the categories and the sayings that have the term, each with its documents.
//!
//! A contribution is the document's BM25 gain for the term (Robertson and Zaragoza, "The
//! probabilistic relevance framework", 2009) times the term's weight.

use std::sync::OnceLock;

use super::inverse::Inverse;

/// Term saturation of BM25.
const K1: f32 = 1.2;
/// Length normalisation of BM25; titles are short, so it is weak.
const B: f32 = 0.4;
/// A frequency beyond this, in units, counts as this much.
const MOST_UNITS: u32 = 255;
/// Units of one mention of a word in a title.
const UNIT: f32 = 20.0;
/// Weight of a product's keywords and of a section's body against the title.
const BODY_WEIGHT: f32 = 0.45;
/// Weight of what shoppers may say for a product against the title.
const RELATED_WEIGHT: f32 = 0.3;

/// Units of a mention in a title.
pub(super) const TITLE: u32 = UNIT as u32;
/// Units of a mention in what a document says besides.
pub(super) const BODY: u32 = (BODY_WEIGHT * UNIT) as u32;
const RELATED: u32 = (RELATED_WEIGHT * UNIT) as u32;

/// A document that has a term.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posting {
    /// Number of the document.
    pub document: u32,
    /// What the term contributes, 0 to 1.
    pub impact: f32,
}

/// The products or pages that have something, and who has that.
#[derive(Debug, Default)]
pub(super) struct Through {
    /// For each group the words, categories or sayings that have it.
    pub(super) of_group: Inverse,
    /// For each of those the products.
    pub(super) products: Inverse,
}

impl Through {
    fn products(&self, group: usize) -> impl Iterator<Item = u32> {
        let of_group = self.of_group.get(group).iter();
        of_group.flat_map(|it| self.products.get(*it as usize)).copied()
    }
}

/// Where the postings of all groups come from.
#[derive(Debug, Default)]
pub(super) struct Postings {
    pub(super) titles: Through,
    pub(super) categories: Through,
    /// For each group the products that have it among their keywords.
    pub(super) keywords: Inverse,
    pub(super) sayings: Through,
    /// For each group the pages with it in their title and in what they say.
    pub(super) pages: [Inverse; 2],
    /// Number of the first page among the documents.
    pub(super) first_page: u32,
    /// For each document the frequency, in units, that gives half of what any frequency can.
    pub(super) saturations: Vec<f32>,
    /// The lists of groups that were asked for: document in the upper 24 bits, frequency, in units,
    /// in the lower 8.
    pub(super) known: Vec<OnceLock<Box<[u32]>>>,
}

impl Postings {
    /// Adds the lengths, in units, of all documents of the next kind. Lengths are compared with
    /// those of the same kind.
    pub(super) fn add_lengths(&mut self, lengths: &[u32]) {
        let sum: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
        let average = (sum as f32 / lengths.len().max(1) as f32).max(UNIT);
        let saturation = |length: &u32| K1 * UNIT * (1.0 - B + B * *length as f32 / average);
        self.saturations.extend(lengths.iter().map(saturation));
    }

    /// The documents of a group in ascending order, each with its gain times `weight`.
    pub(super) fn of(&self, group: usize, weight: f32) -> impl Iterator<Item = Posting> {
        let known = self.known.get(group);
        let entries = known.map(|known| known.get_or_init(|| self.gather(group)));
        let factor = weight * (K1 + 1.0);
        entries.into_iter().flatten().map(move |entry| {
            let document = entry >> 8;
            let units = (entry & 0xff) as f32;
            let saturation = self.saturations.get(document as usize).copied().unwrap_or(UNIT);
            Posting { document, impact: factor * units / (units + saturation) }
        })
    }

    fn gather(&self, group: usize) -> Box<[u32]> {
        let entry = |units: u32| move |document: u32| document << 8 | units;
        // However many sayings have it, a product is said to be it once.
        let mut all: Vec<u32> = self.sayings.products(group).map(entry(RELATED)).collect();
        all.sort();
        all.dedup();
        all.extend(self.titles.products(group).map(entry(TITLE)));
        all.extend(self.categories.products(group).map(entry(BODY)));
        all.extend(self.keywords.get(group).iter().copied().map(entry(BODY)));
        for (pages, units) in self.pages.iter().zip([TITLE, BODY]) {
            let pages = pages.get(group).iter();
            all.extend(pages.map(|page| self.first_page + page).map(entry(units)));
        }
        // Made of sorted lists, which a stable sort merges.
        all.sort();
        all.dedup_by(|next, kept| {
            let same = *next >> 8 == *kept >> 8;
            if same {
                let units = ((*next & 0xff) + (*kept & 0xff)).min(MOST_UNITS);
                *kept = *kept & !0xff | units;
            }
            same
        });
        all.into_boxed_slice()
    }
}
