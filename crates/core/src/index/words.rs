//! The words that documents are found by, as they are turned round into postings.

use std::collections::HashMap;

use fst::Map;

use super::format::Pages;
use super::postings::{UNIT, Word, Words};
use super::products::Products;
use crate::text::{normalize, tokens};

/// Weight of a product's keywords and of a section's body against the title.
const BODY_WEIGHT: f32 = 0.45;
/// Weight of what shoppers may say for a product against the title.
const RELATED_WEIGHT: f32 = 0.3;

const TITLE: u8 = UNIT as u8;
const BODY: u8 = (BODY_WEIGHT * UNIT) as u8;
const RELATED: u8 = (RELATED_WEIGHT * UNIT) as u8;

/// The words of every document of an index.
pub(super) struct Vocabulary<'a> {
    products: &'a Products,
    /// Those of sections, actions and completions.
    pages: Vec<(u32, Word)>,
    documents: usize,
}

impl<'a> Vocabulary<'a> {
    pub(super) fn new(products: &'a Products, pages: &Pages, terms: &Map<Vec<u8>>) -> Self {
        let mut known: HashMap<String, Option<u32>> = HashMap::new();
        let mut words = Vec::new();
        let mut document = products.len();
        let mut add = |document: u32, text: &str, units: u8| {
            for token in tokens(&normalize(text)) {
                let group = match known.get(token) {
                    Some(group) => *group,
                    None => {
                        let group = terms.get(token).and_then(|group| u32::try_from(group).ok());
                        *known.entry(token.to_owned()).or_insert(group)
                    }
                };
                words.extend(group.map(|group| (document, (group, units))));
            }
        };
        for section in &pages.sections {
            let page = pages.documents.get(section.document as usize);
            add(document, &section.title, TITLE);
            add(document, page.map_or("", |page| &page.title), BODY);
            add(document, &section.text, BODY);
            document += 1;
        }
        for action in &pages.actions {
            add(document, &action.label, TITLE);
            add(document, &action.keywords, BODY);
            document += 1;
        }
        for completion in &pages.completions {
            add(document, &completion.text, TITLE);
            document += 1;
        }
        Self { products, pages: words, documents: document as usize }
    }
}

impl Words for Vocabulary<'_> {
    fn documents(&self) -> usize {
        self.documents
    }

    fn each(&self, word: &mut impl FnMut(u32, Word)) {
        for product in 0..self.products.len() {
            for title_word in self.products.words_of_title(product) {
                if let Some(group) = title_word.group {
                    word(product, (group, TITLE));
                }
            }
            let [category, keywords, related] = self.products.further_words(product);
            category.chain(keywords).for_each(|group| word(product, (group, BODY)));
            related.for_each(|group| word(product, (group, RELATED)));
        }
        self.pages.iter().for_each(|(document, of_page)| word(*document, *of_page));
    }
}
