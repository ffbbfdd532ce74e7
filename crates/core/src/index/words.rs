//! The words that documents are found by, as they are turned round into postings.

use std::collections::HashMap;

use fst::Map;

use super::IndexError;
use super::columns::Lists;
use super::format::Pages;
use super::postings::{Postings, UNIT};
use super::products::Products;
use crate::text::{normalize, tokens};

/// Weight of a product's keywords and of a section's body against the title.
const BODY_WEIGHT: f32 = 0.45;
/// Weight of what shoppers may say for a product against the title.
const RELATED_WEIGHT: f32 = 0.3;

pub(super) const TITLE: u8 = UNIT as u8;
const BODY: u8 = (BODY_WEIGHT * UNIT) as u8;
const RELATED: u8 = (RELATED_WEIGHT * UNIT) as u8;

/// Groups of the words of products that are found by more than their titles.
#[derive(Debug)]
pub(super) struct FurtherWords {
    /// Of each category.
    pub(super) categories: Lists,
    /// Of each product.
    pub(super) keywords: Lists,
    /// What shoppers say for each product.
    pub(super) related: Lists,
}

/// Turns the words of all documents round. `groups` is the number of term groups.
pub(super) fn invert(
    products: &Products,
    further: &FurtherWords,
    pages: &Pages,
    terms: &Map<Vec<u8>>,
    groups: usize,
) -> Result<Postings, IndexError> {
    let pages = PageWords::of(pages, terms);
    let mut counts = vec![0_u32; groups];
    products.count_groups_of_titles(&mut counts);
    let of_categories = products.in_categories(further.categories.len());
    for (category, products) in further.categories.iter().zip(of_categories) {
        count(&mut counts, category, products);
    }
    count(&mut counts, further.keywords.items(), 1);
    count(&mut counts, further.related.items(), 1);
    pages.words.iter().for_each(|word| count(&mut counts, &[word.group], 1));

    let mut postings = Postings::with_room(&counts)?;
    let mut lengths = Vec::with_capacity(products.len() as usize);
    let own = further.keywords.iter().zip(further.related.iter());
    for (product, (keywords, related)) in (0..products.len()).zip(own) {
        let category = products.category(product).map_or(usize::MAX, |at| at as usize);
        let category = further.categories.get(category);
        let words = products.add_groups_of_title(product, &mut postings);
        postings.add(product, category, BODY);
        postings.add(product, keywords, BODY);
        postings.add(product, related, RELATED);
        // What shoppers may say for a product makes it no longer.
        lengths.push(
            words * u32::from(TITLE) + (category.len() + keywords.len()) as u32 * u32::from(BODY),
        );
    }
    postings.add_lengths(&lengths);
    for word in &pages.words {
        postings.add(products.len() + word.page, &[word.group], word.units);
    }
    pages.lengths.iter().for_each(|lengths| postings.add_lengths(lengths));
    Ok(postings)
}

/// Adds to the count of each of these groups.
pub(super) fn count(counts: &mut [u32], groups: &[u32], times: u32) {
    for group in groups {
        if let Some(count) = counts.get_mut(*group as usize) {
            *count = count.saturating_add(times);
        }
    }
}

/// The words of sections, actions and completions.
struct PageWords {
    words: Vec<PageWord>,
    /// Of each kind the sum of the units of each page.
    lengths: [Vec<u32>; 3],
}

struct PageWord {
    page: u32,
    group: u32,
    units: u8,
}

impl PageWords {
    fn of(pages: &Pages, terms: &Map<Vec<u8>>) -> Self {
        let mut known: HashMap<String, Option<u32>> = HashMap::new();
        let mut words = Vec::new();
        let mut page = 0;
        let mut add = |texts: &[(&str, u8)]| {
            let mut length = 0;
            for (text, units) in texts {
                for token in tokens(&normalize(text)) {
                    length += u32::from(*units);
                    let group = match known.get(token) {
                        Some(group) => *group,
                        None => {
                            let group = terms.get(token).and_then(|g| u32::try_from(g).ok());
                            *known.entry(token.to_owned()).or_insert(group)
                        }
                    };
                    words.extend(group.map(|group| PageWord { page, group, units: *units }));
                }
            }
            page += 1;
            length
        };
        let mut lengths = [const { Vec::new() }; 3];
        let [sections, actions, completions] = &mut lengths;
        for section in &pages.sections {
            let document = pages.documents.get(section.document as usize);
            let document = document.map_or("", |document| &document.title);
            let texts = [(&*section.title, TITLE), (document, BODY), (&*section.text, BODY)];
            sections.push(add(&texts));
        }
        for action in &pages.actions {
            actions.push(add(&[(&action.label, TITLE), (&action.keywords, BODY)]));
        }
        for completion in &pages.completions {
            completions.push(add(&[(&completion.text, TITLE)]));
        }
        Self { words, lengths }
    }
}
