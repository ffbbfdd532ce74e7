//! The words that documents are found by, made ready to be gathered into postings.

use fst::Map;

use super::IndexError;
use super::columns::{Lists, Words};
use super::format::Pages;
use super::inverse::Inverse;
use super::postings::{BODY, Postings, TITLE, Through};
use crate::text::{normalize, tokens};

/// Most postings of an index, 128 MB: few bytes can name many.
const MAX_POSTINGS: u64 = 1 << 25;

/// What products are found by.
#[derive(Debug)]
pub(super) struct ProductWords<'a> {
    /// The words of all titles as they are shown.
    pub(super) shown: &'a Words,
    /// For each product the words of its title.
    pub(super) titles: &'a Lists,
    /// For each product its category.
    pub(super) categories: &'a [u32],
    /// For each category the groups of its words.
    pub(super) category_words: Lists,
    /// For each product the groups of its keywords.
    pub(super) keywords: Lists,
    /// For each saying the groups of its words.
    pub(super) sayings: Lists,
    /// For each product the sayings that it is found by.
    pub(super) said: Lists,
}

/// Makes the words of all documents ready. `groups` is the number of term groups.
pub(super) fn postings(
    words: &ProductWords<'_>,
    pages: &Pages,
    terms: &Map<Vec<u8>>,
    groups: usize,
) -> Result<Postings, IndexError> {
    let mut lookup = Lookup::new(terms);
    let mut shown = Vec::new();
    for (word, at) in words.shown.iter().zip(0..) {
        lookup.groups(word, |group| shown.push((at, group)));
    }
    let pages = PageWords::of(pages, &mut lookup);
    let mut postings = of_products(words, &shown, groups)
        .ok_or(IndexError::Damaged("the products cannot be read"))?;
    let lists = |lists: &Lists, through: &Through| -> u64 {
        let times = |at: usize| through.products.get(at).len() as u64;
        lists.lengths().zip(0..).map(|(length, at)| u64::from(length) * times(at)).sum()
    };
    let of_word = |(word, _): &(u32, u32)| postings.titles.products.get(*word as usize).len();
    let all = shown.iter().map(|pair| of_word(pair) as u64).sum::<u64>()
        + lists(&words.category_words, &postings.categories)
        + lists(&words.sayings, &postings.sayings)
        + words.keywords.count() as u64;
    if all > MAX_POSTINGS {
        return Err(IndexError::TooLarge("more than 33,554,432 postings"));
    }
    let turned = |pairs: &[(u32, u32)]| Inverse::of_pairs(pairs.iter().copied(), groups);
    postings.first_page = words.categories.len() as u32;
    postings.pages = [&pages.titles, &pages.bodies].map(|pairs| turned(pairs).unwrap_or_default());
    pages.lengths.iter().for_each(|lengths| postings.add_lengths(lengths));
    postings.known.resize_with(groups, Default::default);
    Ok(postings)
}

/// Nothing where a list has what is not there. `shown` is each word of the titles with each group
/// that it has.
fn of_products(words: &ProductWords<'_>, shown: &[(u32, u32)], groups: usize) -> Option<Postings> {
    let through = |of_group: &Lists, products: Inverse| {
        Some(Through { of_group: Inverse::of(of_group, groups)?, products })
    };
    let (category_words, sayings) = (&words.category_words, &words.sayings);
    let categories = (0..).zip(words.categories.iter().copied());
    let mut postings = Postings {
        titles: Through {
            of_group: Inverse::of_pairs(shown.iter().copied(), groups)?,
            products: Inverse::of(words.titles, words.shown.len())?,
        },
        categories: through(category_words, Inverse::of_pairs(categories, category_words.len())?)?,
        keywords: Inverse::of(&words.keywords, groups)?,
        sayings: through(sayings, Inverse::of(&words.said, sayings.len())?)?,
        ..Postings::default()
    };
    // What shoppers may say for a product makes it no longer.
    let of_category: Vec<u32> = category_words.lengths().collect();
    let further = words.keywords.lengths().zip(words.categories);
    let further = further.map(|(own, at)| own + of_category.get(*at as usize).unwrap_or(&0));
    let lengths = words.titles.lengths().zip(further);
    let lengths: Vec<u32> =
        lengths.map(|(title, further)| title * TITLE + further * BODY).collect();
    postings.add_lengths(&lengths);
    Some(postings)
}

/// The groups of words. Those that come again and again are remembered: each in its place by a hash,
/// where it stays until another word of that place comes.
struct Lookup<'a> {
    terms: &'a Map<Vec<u8>>,
    known: Vec<(String, Option<u32>)>,
}

/// Words that are remembered.
const REMEMBERED: usize = 1024;

impl<'a> Lookup<'a> {
    fn new(terms: &'a Map<Vec<u8>>) -> Self {
        Self { terms, known: vec![Default::default(); REMEMBERED] }
    }

    /// Calls `each` with the group of each word of a text.
    fn groups(&mut self, text: &str, each: impl FnMut(u32)) {
        let normal = normalize(text);
        tokens(&normal).filter_map(|word| self.group(word)).for_each(each);
    }

    fn group(&mut self, word: &str) -> Option<u32> {
        let hash = word
            .bytes()
            .fold(0_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let (known, group) = self.known.get_mut(hash as usize % REMEMBERED)?;
        if known != word {
            *group = self.terms.get(word).and_then(|group| u32::try_from(group).ok());
            known.clear();
            known.push_str(word);
        }
        *group
    }
}

/// The words of sections, actions and completions, in this order.
#[derive(Default)]
struct PageWords {
    /// Each page with each group of its title.
    titles: Vec<(u32, u32)>,
    /// Each page with each group of what it says besides.
    bodies: Vec<(u32, u32)>,
    /// Of each kind the length of each page, in units.
    lengths: [Vec<u32>; 3],
}

impl PageWords {
    fn of(pages: &Pages, lookup: &mut Lookup<'_>) -> Self {
        let mut all = Self::default();
        let mut page = 0;
        let [mut sections, mut actions, mut completions] = [const { Vec::new() }; 3];
        let mut add = |title: &str, body: &[&str]| {
            let mut length = 0;
            lookup.groups(title, |group| {
                length += TITLE;
                all.titles.push((page, group));
            });
            for text in body {
                lookup.groups(text, |group| {
                    length += BODY;
                    all.bodies.push((page, group));
                });
            }
            page += 1;
            length
        };
        for section in &pages.sections {
            let document = pages.documents.get(section.document as usize);
            let document = document.map_or("", |document| &document.title);
            sections.push(add(&section.title, &[document, &section.text]));
        }
        for action in &pages.actions {
            actions.push(add(&action.label, &[&action.keywords]));
        }
        for completion in &pages.completions {
            completions.push(add(&completion.text, &[]));
        }
        all.lengths = [sections, actions, completions];
        all
    }
}
