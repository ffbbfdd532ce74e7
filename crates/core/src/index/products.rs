//! The products of an index: what a card shows of each, and the words that it is found by.

use std::sync::OnceLock;

use fst::Map;

use super::IndexError;
use super::columns::{Lists, Texts, Words, numbers};
use super::format::{Pages, StoredProducts};
use super::postings::Postings;
use super::words::{self, ProductWords};
use crate::text::{normalize, tokens};

/// Greatest stored popularity.
pub(super) const MOST_POPULAR: u8 = 63;

/// Bits of a product's flags.
pub(super) mod flag {
    /// It can be bought.
    pub(in super::super) const AVAILABLE: u8 = 1;
    /// It has a former price.
    pub(in super::super) const REDUCED: u8 = 1 << 1;
    /// Its handle is its title's slug.
    pub(in super::super) const TITLE_HANDLE: u8 = 1 << 2;
    /// Its handle is its title's slug and its SKU.
    pub(in super::super) const SKU_HANDLE: u8 = 1 << 3;
    /// Its image follows the pattern.
    pub(in super::super) const USUAL_IMAGE: u8 = 1 << 4;
}

/// The opened products.
#[derive(Debug)]
pub(super) struct Products {
    skus: Texts,
    skus_in_order: bool,
    title_words: Words,
    titles: Lists,
    flags: Vec<u8>,
    handles: Texts,
    own_handles: Few,
    image_around: (String, String),
    images: Texts,
    own_images: Few,
    prices: Vec<u32>,
    former_prices: Vec<u32>,
    reduced: Few,
    popularity: Vec<u8>,
    categories: Vec<u32>,
    by_sku: OnceLock<Vec<u32>>,
    by_handle: OnceLock<Vec<(u32, u32)>>,
}

/// Some of the products, by their flags, and the place that each has in a column of theirs.
#[derive(Debug)]
struct Few {
    mask: u8,
    value: u8,
    /// For each block of products how many of them come before it.
    before: Vec<u32>,
}

/// Products of a block.
const BLOCK: usize = 64;

impl Few {
    /// Those whose flags under the mask are the value; and how many they are.
    fn of(flags: &[u8], mask: u8, value: u8) -> (Self, usize) {
        let mut some = Self { mask, value, before: Vec::with_capacity(flags.len() / BLOCK + 1) };
        let mut all = 0;
        for block in flags.chunks(BLOCK) {
            some.before.push(all);
            all += some.count(block);
        }
        (some, all as usize)
    }

    fn count(&self, flags: &[u8]) -> u32 {
        flags.iter().map(|flags| u32::from(flags & self.mask == self.value)).sum()
    }

    fn place(&self, flags: &[u8], product: u32) -> Option<usize> {
        let product = product as usize;
        flags.get(product).filter(|flags| **flags & self.mask == self.value)?;
        let block = product / BLOCK;
        let within = self.count(flags.get(block * BLOCK..product)?);
        Some((self.before.get(block)? + within) as usize)
    }
}

impl Products {
    /// Opens the products, and what all documents are found by. `groups` is the number of term
    /// groups.
    pub(super) fn open(
        mut stored: StoredProducts,
        pages: &Pages,
        terms: &Map<Vec<u8>>,
        groups: usize,
    ) -> Result<(Self, Postings), IndexError> {
        let damaged = IndexError::Damaged("the products cannot be read");
        let (products, categories) = (stored.count as usize, stored.category_count as usize);
        let opened = (|| {
            let further = (
                Lists::open(std::mem::take(&mut stored.category_words), categories)?,
                Lists::open(std::mem::take(&mut stored.keywords), products)?,
                Lists::open(std::mem::take(&mut stored.sayings), stored.saying_count as usize)?,
                Lists::open(std::mem::take(&mut stored.said), products)?,
            );
            Some((Self::read(stored)?, further))
        })();
        let (products, (category_words, keywords, sayings, said)) = opened.ok_or(damaged)?;
        let words = ProductWords {
            shown: &products.title_words,
            titles: &products.titles,
            categories: &products.categories,
            category_words,
            keywords,
            sayings,
            said,
        };
        let postings = words::postings(&words, pages, terms, groups)?;
        Ok((products, postings))
    }

    fn read(stored: StoredProducts) -> Option<Self> {
        let count = stored.count as usize;
        if stored.flags.len() != count || stored.popularity.len() != count {
            return None;
        }
        let flags = stored.flags;
        let (own_handles, handles) = Few::of(&flags, flag::TITLE_HANDLE | flag::SKU_HANDLE, 0);
        let (own_images, images) = Few::of(&flags, flag::USUAL_IMAGE, 0);
        let (reduced, former_prices) = Few::of(&flags, flag::REDUCED, flag::REDUCED);
        let title_words = Texts::open(stored.title_words, stored.title_word_count as usize)?;
        Some(Self {
            skus: Texts::open(stored.skus, count)?,
            skus_in_order: stored.skus_in_order,
            title_words: Words::of(&title_words)?,
            titles: Lists::open(stored.titles, count)?,
            handles: Texts::open(stored.handles, handles)?,
            own_handles,
            images: Texts::open(stored.images, images)?,
            own_images,
            flags,
            image_around: stored.image_around,
            prices: numbers(&stored.prices, count)?,
            former_prices: numbers(&stored.former_prices, former_prices)?,
            reduced,
            popularity: stored.popularity,
            categories: numbers(&stored.categories, count)?,
            by_sku: OnceLock::new(),
            by_handle: OnceLock::new(),
        })
    }

    pub(super) fn len(&self) -> u32 {
        self.flags.len() as u32
    }

    pub(super) fn sku(&self, product: u32) -> Option<String> {
        self.skus.get(product as usize)
    }

    pub(super) fn title(&self, product: u32) -> Option<String> {
        self.flags.get(product as usize)?;
        let mut title = String::with_capacity(40);
        for word in self.titles.get(product as usize) {
            title.push_str(self.title_words.get(word as usize).unwrap_or_default());
            title.push(' ');
        }
        title.pop();
        Some(title)
    }

    pub(super) fn handle(&self, product: u32) -> Option<String> {
        if let Some(place) = self.own_handles.place(&self.flags, product) {
            return self.handles.get(place);
        }
        let slug = slug(&self.title(product)?);
        let flags = self.flags(product);
        Some(if flags & flag::SKU_HANDLE != 0 {
            with_sku(&slug, &self.sku(product)?)
        } else {
            slug
        })
    }

    pub(super) fn image(&self, product: u32, handle: &str) -> String {
        match self.own_images.place(&self.flags, product) {
            Some(place) => self.images.get(place).unwrap_or_default(),
            None => format!("{}{handle}{}", self.image_around.0, self.image_around.1),
        }
    }

    pub(super) fn price(&self, product: u32) -> Option<u32> {
        self.prices.get(product as usize).copied()
    }

    pub(super) fn former_price(&self, product: u32) -> Option<u32> {
        self.former_prices.get(self.reduced.place(&self.flags, product)?).copied()
    }

    pub(super) fn is_available(&self, product: u32) -> bool {
        self.flags(product) & flag::AVAILABLE != 0
    }

    fn flags(&self, product: u32) -> u8 {
        self.flags.get(product as usize).copied().unwrap_or(0)
    }

    /// 0 to 1.
    pub(super) fn popularity(&self, product: u32) -> f32 {
        let stored = self.popularity.get(product as usize).copied().unwrap_or(0);
        f32::from(stored.min(MOST_POPULAR)) / f32::from(MOST_POPULAR)
    }

    pub(super) fn category(&self, product: u32) -> Option<u32> {
        self.categories.get(product as usize).copied()
    }

    /// The product with exactly this SKU.
    pub(super) fn by_sku(&self, sku: &str) -> Option<u32> {
        let key = sku.to_ascii_lowercase();
        let same = self.with_sku_from(&key).map(|product| (product, self.sku(product)));
        same.take_while(|(_, other)| other.as_ref().is_some_and(|o| o.eq_ignore_ascii_case(sku)))
            .find(|(_, other)| other.as_deref() == Some(sku))
            .map(|(product, _)| product)
    }

    /// Products whose SKU, in lower case, is this or comes after it, in the order of their SKUs.
    pub(super) fn with_sku_from(&self, key: &str) -> impl Iterator<Item = u32> {
        let order = (!self.skus_in_order).then(|| {
            self.by_sku.get_or_init(|| {
                let mut keys = Vec::with_capacity(self.skus.len());
                self.skus.for_each(0, self.skus.len(), |_, sku| {
                    keys.push(sku.to_ascii_lowercase());
                    Some(())
                });
                let mut order: Vec<u32> = (0..keys.len() as u32).collect();
                order.sort_by_key(|product| keys.get(*product as usize));
                order
            })
        });
        let at = move |place: u32| match order {
            Some(order) => order.get(place as usize).copied(),
            None => Some(place).filter(|place| *place < self.len()),
        };
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from + (to - from) / 2;
            let sku = at(middle).and_then(|product| self.sku(product)).unwrap_or_default();
            if sku.bytes().map(|byte| byte.to_ascii_lowercase()).lt(key.bytes()) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        (from..self.len()).map_while(at)
    }

    /// The product with exactly this handle.
    pub(super) fn by_handle(&self, handle: &str) -> Option<u32> {
        let hashes = self.by_handle.get_or_init(|| {
            let handles = (0..self.len()).map(|product| self.handle(product).unwrap_or_default());
            let mut hashes: Vec<(u32, u32)> =
                handles.zip(0..).map(|(handle, product)| (hash(&handle), product)).collect();
            hashes.sort_unstable();
            hashes
        });
        let hash = hash(handle);
        let from = hashes.partition_point(|(other, _)| *other < hash);
        let same = hashes.get(from..)?.iter().take_while(|(other, _)| *other == hash);
        let mut products = same.map(|(_, product)| *product);
        products.find(|product| self.handle(*product).as_deref() == Some(handle))
    }
}

fn hash(handle: &str) -> u32 {
    crc32fast::hash(handle.as_bytes())
}

/// A title as shops make handles of it: its words, joined by hyphens.
pub(super) fn slug(title: &str) -> String {
    let normal = normalize(title);
    let words = tokens(&normal).filter(|word| word.starts_with(char::is_alphanumeric));
    words.collect::<Vec<_>>().join("-")
}

/// A slug that several titles have, told apart by the SKU.
pub(super) fn with_sku(slug: &str, sku: &str) -> String {
    format!("{slug}-{}", sku.to_lowercase())
}
