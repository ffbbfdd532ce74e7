//! The shop's index: products, document sections, actions and completions in one document space,
//! with a term dictionary, postings and vectors. The trainer builds it; the browser and the worker
//! open the same bytes.

mod build;
mod dictionary;
mod format;
mod postings;
mod sales;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::HashMap;
use std::ops::Range;

use fst::Map;
use thiserror::Error;

pub use build::{Document, IndexBuilder, NewAction, NewCompletion, NewProduct, NewSection};
pub use postings::Posting;
pub use sales::{MAX_NEIGHBOURS, ProductSales};

use crate::protocol::{Action, ProductCard, SectionAnswer, Source};
use crate::text::FEATURISER_VERSION;
use format::{Body, StoredProduct};

/// Version of the index's layout.
pub const INDEX_FORMAT: u16 = 2;

/// Why an index cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IndexError {
    /// Not an index at all.
    #[error("this is not an Aisle index (the first bytes are not its mark)")]
    NotAnIndex,
    /// Made by another version of the trainer.
    #[error("the index has format {found}; this build reads format {INDEX_FORMAT}: train again")]
    Format {
        /// What the header says.
        found: u16,
    },
    /// Made with other text features.
    #[error(
        "the index has text features of version {found}; this build computes version \
         {FEATURISER_VERSION}: train again"
    )]
    Featuriser {
        /// What the header says.
        found: u16,
    },
    /// Cut short, or bytes changed.
    #[error("the index is damaged: {0}")]
    Damaged(&'static str),
    /// More than the layout can hold.
    #[error("the index cannot hold this: {0}")]
    TooLarge(&'static str),
}

/// What a document of the index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// A product of the catalogue.
    Product,
    /// A section of the shop's documents.
    Section,
    /// A page of the shop to go to.
    Action,
    /// A way to finish a sentence.
    Completion,
}

/// An opened index.
#[derive(Debug)]
pub struct Index {
    body: Body,
    terms: Map<Vec<u8>>,
    by_sku: HashMap<String, u32>,
}

impl Index {
    /// Opens an index after checking its header, checksum and inner consistency.
    pub fn open(bytes: &[u8]) -> Result<Self, IndexError> {
        let mut body = format::read(bytes)?;
        let unreadable = IndexError::Damaged("the term dictionary cannot be read");
        if !dictionary::is_sound(&body.terms) {
            return Err(unreadable);
        }
        let terms = Map::new(std::mem::take(&mut body.terms)).map_err(|_| unreadable)?;
        let by_sku = body.products.iter().zip(0..).map(|(p, i)| (p.sku.clone(), i)).collect();
        Ok(Self { body, terms, by_sku })
    }

    /// ISO 4217 code of the prices.
    pub fn currency(&self) -> &str {
        &self.body.currency
    }

    /// Number of documents of all kinds.
    pub fn len(&self) -> usize {
        self.completions().end as usize
    }

    /// Whether there is nothing to find.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Documents that are products.
    pub fn products(&self) -> Range<u32> {
        0..count(&self.body.products)
    }

    /// Documents that are sections.
    pub fn sections(&self) -> Range<u32> {
        let from = self.products().end;
        from..from + count(&self.body.sections)
    }

    /// Documents that are actions.
    pub fn actions(&self) -> Range<u32> {
        let from = self.sections().end;
        from..from + count(&self.body.actions)
    }

    /// Documents that are completions.
    pub fn completions(&self) -> Range<u32> {
        let from = self.actions().end;
        from..from + count(&self.body.completions)
    }

    /// What the document is, and its position among its kind.
    pub fn kind(&self, document: u32) -> Option<(DocumentKind, u32)> {
        [
            (DocumentKind::Product, self.products()),
            (DocumentKind::Section, self.sections()),
            (DocumentKind::Action, self.actions()),
            (DocumentKind::Completion, self.completions()),
        ]
        .into_iter()
        .find(|(_, range)| range.contains(&document))
        .map(|(kind, range)| (kind, document - range.start))
    }

    /// Position of the product with this SKU.
    pub fn product_by_sku(&self, sku: &str) -> Option<u32> {
        self.by_sku.get(sku).copied()
    }

    /// What a card shows of a product.
    pub fn card(&self, product: u32) -> Option<ProductCard> {
        let stored = self.product(product)?;
        Some(ProductCard {
            sku: stored.sku.clone(),
            handle: stored.handle.clone(),
            title: stored.title.clone(),
            url: format!("/products/{}", stored.handle),
            image: stored.image.clone(),
            price_minor: stored.price_minor,
            compare_at_minor: stored.compare_at_minor,
            currency: self.body.currency.clone(),
            available: stored.available,
        })
    }

    /// The text of a section with its source, by position among the sections.
    pub fn section_answer(&self, section: u32) -> Option<SectionAnswer> {
        let stored = self.body.sections.get(section as usize)?;
        let document = self.body.documents.get(stored.document as usize)?;
        let title = if document.title == stored.title {
            stored.title.clone()
        } else {
            format!("{}: {}", document.title, stored.title)
        };
        Some(SectionAnswer {
            text: stored.text.clone(),
            source: Source { section, title, url: document.url.clone() },
        })
    }

    /// Title of a section, by position among the sections.
    pub fn section_title(&self, section: u32) -> Option<&str> {
        self.body.sections.get(section as usize).map(|section| section.title.as_str())
    }

    /// Whether a section, by position among the sections, is the first of its document: what a
    /// merchant puts first is what most people want to know.
    pub fn leads_document(&self, section: u32) -> bool {
        let document = |at: u32| self.body.sections.get(at as usize).map(|s| s.document);
        let before = section.checked_sub(1).and_then(document);
        document(section).is_some() && before != document(section)
    }

    /// An action, by position among the actions.
    pub fn action(&self, action: u32) -> Option<Action> {
        let stored = self.body.actions.get(action as usize)?;
        Some(Action { label: stored.label.clone(), url: stored.url.clone() })
    }

    /// The whole text of a completion, by position among the completions.
    pub fn completion(&self, completion: u32) -> Option<&str> {
        self.body.completions.get(completion as usize).map(|c| c.text.as_str())
    }

    /// Popularity of a document, 0 to 1: of a product by its sales, of a completion by its use.
    pub fn popularity(&self, document: u32) -> f32 {
        let stored = match self.kind(document) {
            Some((DocumentKind::Product, at)) => self.product(at).map(|p| p.popularity),
            Some((DocumentKind::Completion, at)) => {
                self.body.completions.get(at as usize).map(|c| c.popularity)
            }
            _ => None,
        };
        f32::from(stored.unwrap_or(0)) / 255.0
    }

    /// Whether the product can be bought; true for everything else.
    pub fn available(&self, document: u32) -> bool {
        self.product(document).is_none_or(|p| p.available)
    }

    /// Price of a product in minor units; nothing for everything else.
    pub fn price(&self, document: u32) -> Option<u32> {
        self.product(document).map(|p| p.price_minor)
    }

    /// Title of a product as the shop writes it.
    pub fn title(&self, document: u32) -> Option<&str> {
        self.product(document).map(|p| p.title.as_str())
    }

    /// Category of a product, as a number that is equal for products of one category.
    pub fn category(&self, product: u32) -> Option<u16> {
        self.product(product).map(|p| p.category)
    }

    /// Position of the product with this handle. Linear: for the shopper's few signals.
    pub fn product_by_handle(&self, handle: &str) -> Option<u32> {
        self.body.products.iter().zip(0..).find(|(p, _)| p.handle == handle).map(|(_, at)| at)
    }

    /// Log-odds, up to a constant, that a customer who has bought a product buys it again; nothing
    /// for a product that was never sold.
    pub fn bought_again(&self, product: u32) -> Option<f32> {
        self.body.sales.again(product)
    }

    /// Log-odds, up to the same constant, that a customer who has never bought a product buys it;
    /// nothing for a product that was never sold.
    pub fn bought_first(&self, product: u32) -> Option<f32> {
        self.body.sales.fresh(product)
    }

    /// Calls `each` with a product, one that is bought with it, and the weight of that, 0 to 1.
    pub fn for_each_neighbour(&self, each: impl FnMut(u32, u32, f32)) {
        self.body.sales.for_each_neighbour(each);
    }

    /// Intents (positions in [`Index::labels`]) that a section or an action serves.
    pub fn intents(&self, document: u32) -> &[u16] {
        let found = match self.kind(document) {
            Some((DocumentKind::Section, at)) => {
                self.body.sections.get(at as usize).map(|s| s.intents.as_slice())
            }
            Some((DocumentKind::Action, at)) => {
                self.body.actions.get(at as usize).map(|a| a.intents.as_slice())
            }
            _ => None,
        };
        found.unwrap_or_default()
    }

    /// Labels of the intents.
    pub fn labels(&self) -> &[String] {
        &self.body.labels
    }

    /// Length of the vectors; 0 when the index has none.
    pub fn vector_length(&self) -> usize {
        self.body.vector_length as usize
    }

    /// Vector of a product or a section, quantised to -127..=127.
    pub fn vector(&self, document: u32) -> Option<&[i8]> {
        let length = self.vector_length();
        let from = (document as usize).checked_mul(length)?;
        self.body.vectors.get(from..from.checked_add(length)?).filter(|v| !v.is_empty())
    }

    /// The term dictionary: surface form to number of the term group.
    pub fn terms(&self) -> &Map<Vec<u8>> {
        &self.terms
    }

    /// Postings of a term group.
    pub fn postings(&self, group: u64) -> impl Iterator<Item = Posting> {
        let bytes = usize::try_from(group)
            .ok()
            .and_then(|at| self.body.posting_ends.get(at).map(|end| (at, *end as usize)))
            .and_then(|(at, end)| {
                let from = at.checked_sub(1).and_then(|b| self.body.posting_ends.get(b));
                self.body.postings.get(from.map_or(0, |b| *b as usize)..end)
            })
            .unwrap_or_default();
        postings::decode(bytes)
    }

    /// How much a term group tells, 0 to 1: rare words tell more.
    pub fn weight(&self, group: u64) -> f32 {
        let stored = usize::try_from(group).ok().and_then(|at| self.body.weights.get(at));
        f32::from(stored.copied().unwrap_or(255)) / 255.0
    }

    fn product(&self, product: u32) -> Option<&StoredProduct> {
        self.body.products.get(product as usize)
    }
}

/// Lengths are checked against `u32` when an index is built and when it is read.
fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}
