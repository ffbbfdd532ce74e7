//! The shop's index: products, document sections, actions and completions in one document space,
//! with a term dictionary, postings and vectors. The trainer builds it; the browser and the worker
//! open the same bytes.

mod build;
mod columns;
mod dictionary;
mod format;
mod inverse;
mod postings;
mod products;
mod quantize;
mod sales;
mod variants;
mod words;

#[cfg(test)]
pub(crate) mod tests;

use std::ops::Range;

use fst::Map;
use thiserror::Error;

pub use build::{Document, IndexBuilder, NewAction, NewCompletion, NewProduct, NewSection};
pub use postings::Posting;
pub use sales::{MAX_NEIGHBOURS, ProductSales};

use crate::protocol::{Action, ProductCard, SectionAnswer, Source};
use crate::search::cosine;
use crate::text::FEATURISER_VERSION;
use format::{Body, Pages};
use postings::Postings;
use products::Products;
use quantize::{Tables, Vectors};
use sales::StoredSales;
use variants::Variants;

/// Version of the index's layout.
pub const INDEX_FORMAT: u16 = 4;

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
    currency: String,
    labels: Vec<String>,
    products: Products,
    pages: Pages,
    terms: Map<Vec<u8>>,
    weights: Vec<u8>,
    impact_scale: f32,
    postings: Postings,
    vectors: Vectors,
    sales: StoredSales,
    variants: Variants,
}

/// A query vector, made ready to be compared with many documents.
#[derive(Debug)]
pub struct Comparer<'a> {
    vectors: &'a Vectors,
    query: &'a [i8],
    tables: Tables,
    products: u32,
}

impl Index {
    /// Opens an index after checking its header, checksum and inner consistency.
    pub fn open(bytes: &[u8]) -> Result<Self, IndexError> {
        Self::of(format::read(bytes)?)
    }

    /// An index of a body that [`format::check`] let pass.
    fn of(body: Body) -> Result<Self, IndexError> {
        let unreadable = IndexError::Damaged("the term dictionary cannot be read");
        if !dictionary::is_sound(&body.terms) {
            return Err(unreadable);
        }
        let terms = Map::new(body.terms).map_err(|_| unreadable)?;
        let groups = body.weights.len();
        let (products, postings) = Products::open(body.products, &body.pages, &terms, groups)?;
        let vectors =
            Vectors::open(body.vectors, products.len() as usize, body.pages.sections.len())?;
        let variants = Variants::open(body.variants, products.len())
            .ok_or(IndexError::Damaged("the variants cannot be read"))?;
        Ok(Self {
            currency: body.currency,
            labels: body.labels,
            products,
            pages: body.pages,
            terms,
            weights: body.weights,
            impact_scale: body.impact_scale,
            postings,
            vectors,
            sales: body.sales,
            variants,
        })
    }

    /// ISO 4217 code of the prices.
    pub fn currency(&self) -> &str {
        &self.currency
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
        0..self.products.len()
    }

    /// Documents that are sections.
    pub fn sections(&self) -> Range<u32> {
        let from = self.products().end;
        from..from + count(&self.pages.sections)
    }

    /// Documents that are actions.
    pub fn actions(&self) -> Range<u32> {
        let from = self.sections().end;
        from..from + count(&self.pages.actions)
    }

    /// Documents that are completions.
    pub fn completions(&self) -> Range<u32> {
        let from = self.actions().end;
        from..from + count(&self.pages.completions)
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

    /// Position of the product with this SKU, or of which a variant has it.
    pub fn product_by_sku(&self, sku: &str) -> Option<u32> {
        self.products.by_sku(sku).or_else(|| self.variants.by_sku(sku))
    }

    /// What a card shows of a product.
    pub fn card(&self, product: u32) -> Option<ProductCard> {
        let handle = self.products.handle(product)?;
        Some(ProductCard {
            sku: self.products.sku(product)?,
            title: self.products.title(product)?,
            url: format!("/products/{handle}"),
            image: self.products.image(product, &handle),
            price_minor: self.products.price(product)?,
            compare_at_minor: self.products.former_price(product),
            currency: self.currency.clone(),
            available: self.products.is_available(product),
            handle,
        })
    }

    /// The text of a section with its source, by position among the sections.
    pub fn section_answer(&self, section: u32) -> Option<SectionAnswer> {
        let stored = self.pages.sections.get(section as usize)?;
        let document = self.pages.documents.get(stored.document as usize)?;
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

    /// The sections of a page of the shop, by position among the sections.
    pub fn sections_of_page(&self, url: &str) -> impl Iterator<Item = u32> {
        let is_of_page = move |document: u32| {
            self.pages.documents.get(document as usize).is_some_and(|known| known.url == url)
        };
        let sections = self.pages.sections.iter().zip(0..);
        sections.filter(move |(s, _)| is_of_page(s.document)).map(|(_, at)| at)
    }

    /// Title of a section, by position among the sections.
    pub fn section_title(&self, section: u32) -> Option<&str> {
        self.pages.sections.get(section as usize).map(|section| section.title.as_str())
    }

    /// Whether a section, by position among the sections, is the first of its document: what a
    /// merchant puts first is what most people want to know.
    pub fn leads_document(&self, section: u32) -> bool {
        let document = |at: u32| self.pages.sections.get(at as usize).map(|s| s.document);
        let before = section.checked_sub(1).and_then(document);
        document(section).is_some() && before != document(section)
    }

    /// An action, by position among the actions.
    pub fn action(&self, action: u32) -> Option<Action> {
        let stored = self.pages.actions.get(action as usize)?;
        Some(Action { label: stored.label.clone(), url: stored.url.clone() })
    }

    /// The whole text of a completion, by position among the completions.
    pub fn completion(&self, completion: u32) -> Option<&str> {
        self.pages.completions.get(completion as usize).map(|c| c.text.as_str())
    }

    /// Popularity of a document, 0 to 1: of a product by its sales, of a completion by its use.
    pub fn popularity(&self, document: u32) -> f32 {
        match self.kind(document) {
            Some((DocumentKind::Product, at)) => self.products.popularity(at),
            Some((DocumentKind::Completion, at)) => {
                let stored = self.pages.completions.get(at as usize);
                f32::from(stored.map_or(0, |completion| completion.popularity)) / 255.0
            }
            _ => 0.0,
        }
    }

    /// Whether the product can be bought; true for everything else.
    pub fn available(&self, document: u32) -> bool {
        document >= self.products.len() || self.products.is_available(document)
    }

    /// Price of a product in minor units; nothing for everything else.
    pub fn price(&self, document: u32) -> Option<u32> {
        self.products.price(document)
    }

    /// Title of a product as the shop writes it.
    pub fn title(&self, document: u32) -> Option<String> {
        self.products.title(document)
    }

    /// Category of a product, as a number that is equal for products of one category.
    pub fn category(&self, product: u32) -> Option<u32> {
        self.products.category(product)
    }

    /// Position of the product with this handle.
    pub fn product_by_handle(&self, handle: &str) -> Option<u32> {
        self.products.by_handle(handle)
    }

    /// Log-odds, up to a constant, that a customer who has bought a product buys it again; nothing
    /// for a product that was never sold.
    pub fn bought_again(&self, product: u32) -> Option<f32> {
        self.sales.again(product)
    }

    /// Log-odds, up to the same constant, that a customer who has never bought a product buys it;
    /// nothing for a product that was never sold.
    pub fn bought_first(&self, product: u32) -> Option<f32> {
        self.sales.fresh(product)
    }

    /// Calls `each` with a product, one that is bought with it, and the weight of that, 0 to 1.
    pub fn for_each_neighbour(&self, each: impl FnMut(u32, u32, f32)) {
        self.sales.for_each_neighbour(each);
    }

    /// Intents (positions in [`Index::labels`]) that a section or an action serves.
    pub fn intents(&self, document: u32) -> &[u16] {
        let found = match self.kind(document) {
            Some((DocumentKind::Section, at)) => {
                self.pages.sections.get(at as usize).map(|s| s.intents.as_slice())
            }
            Some((DocumentKind::Action, at)) => {
                self.pages.actions.get(at as usize).map(|a| a.intents.as_slice())
            }
            _ => None,
        };
        found.unwrap_or_default()
    }

    /// Labels of the intents.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Length of the vectors; 0 when the index has none.
    pub fn vector_length(&self) -> usize {
        self.vectors.length()
    }

    /// Makes a query vector of -127..=127 ready; nothing when it has another length than the
    /// index's vectors, or none.
    pub fn comparer<'a>(&'a self, query: &'a [i8]) -> Option<Comparer<'a>> {
        (query.len() == self.vector_length() && !query.is_empty()).then(|| Comparer {
            vectors: &self.vectors,
            query,
            tables: self.vectors.tables(query),
            products: self.products.len(),
        })
    }

    /// The vector of a product as far as its code tells it; nothing where the index has no vectors.
    pub fn product_vector(&self, product: u32) -> Option<Vec<i8>> {
        self.vectors.decoded(product)
    }

    /// The term dictionary: surface form to number of the term group. SKUs are not in it.
    pub fn terms(&self) -> &Map<Vec<u8>> {
        &self.terms
    }

    /// The products whose SKU begins with a normalised word, in the order of their SKUs: number of
    /// the term group that stands for the product, and length of the SKU.
    pub fn sku_groups(&self, word: &str) -> impl Iterator<Item = (u64, usize)> {
        let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
        let products = has_digit.then(|| self.products.with_sku_from(word));
        let groups = self.weights.len() as u64;
        products.into_iter().flatten().map_while(move |product| {
            let sku = self.products.sku(product)?;
            let begins = sku.get(..word.len())?.eq_ignore_ascii_case(word);
            begins.then(|| (groups + u64::from(product), sku.len()))
        })
    }

    /// Postings of a term group.
    pub fn postings(&self, group: u64) -> impl Iterator<Item = Posting> {
        let (in_dictionary, by_sku) = match group.checked_sub(self.weights.len() as u64) {
            None => {
                let weight = self.weight(group) / self.impact_scale;
                (Some(self.postings.of(group as usize, weight)), None)
            }
            Some(product) => {
                let product = u32::try_from(product).ok();
                let product = product.filter(|product| *product < self.products.len());
                (None, product.map(|document| Posting { document, impact: 1.0 }))
            }
        };
        in_dictionary.into_iter().flatten().chain(by_sku)
    }

    /// How much a term group tells, 0 to 1: rare words tell more.
    pub fn weight(&self, group: u64) -> f32 {
        let stored = usize::try_from(group).ok().and_then(|at| self.weights.get(at));
        f32::from(stored.copied().unwrap_or(255)) / 255.0
    }
}

impl Comparer<'_> {
    /// Cosine of the query and a product or a section, -1 to 1; of a product with the loss of its
    /// code, a hundredth or a few.
    pub fn cosine(&self, document: u32) -> Option<f32> {
        match document.checked_sub(self.products) {
            None => self.vectors.code(document).map(|code| self.of_code(code)),
            Some(section) => self.vectors.section(section).map(|v| cosine(v, self.query)),
        }
    }

    /// Cosines of the query and these products, in order.
    pub fn products(&self, products: Range<u32>) -> impl Iterator<Item = f32> {
        self.vectors.codes(products).map(|code| self.of_code(code))
    }

    fn of_code(&self, code: &[u8]) -> f32 {
        self.tables.dot(code) as f32 / (127.0 * 127.0)
    }
}

/// Lengths are checked against `u32` when an index is built and when it is read.
fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}
