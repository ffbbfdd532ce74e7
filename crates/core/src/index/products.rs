//! The products of an index: what a card shows of each, and the words that it is found by.

use std::sync::OnceLock;

use fst::Map;

use super::IndexError;
use super::columns::{Lists, Texts, numbers};
use super::format::StoredProducts;
use super::postings::Postings;
use super::words::{FurtherWords, TITLE, count};
use crate::text::{is_stopword, normalize, tokens};

/// Most words that shoppers may say for all products together: few bytes can name many.
const MAX_RELATED: usize = 1 << 25;
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

/// A word of a title as a search sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TitleWord {
    /// Number of its term group, if it has one.
    pub group: Option<u32>,
    /// Whether it carries no meaning.
    pub is_stopword: bool,
    /// Whether it has a letter.
    pub has_letter: bool,
}

/// The opened products.
#[derive(Debug)]
pub(super) struct Products {
    skus: Texts,
    title_words: Texts,
    /// The normalised words of each word as it is shown: "T-Light" has two.
    normal: Vec<TitleWord>,
    /// Where those of each shown word end.
    normal_ends: Vec<u32>,
    /// The groups of each shown word.
    groups: Lists,
    titles: Lists,
    flags: Vec<u8>,
    handles: Sparse,
    image_around: (String, String),
    images: Sparse,
    prices: Vec<u32>,
    former_prices: Vec<(u32, u32)>,
    popularity: Vec<u8>,
    categories: Vec<u32>,
    by_sku: OnceLock<Vec<u32>>,
    by_handle: OnceLock<Vec<(u32, u32)>>,
}

/// Texts of some products.
#[derive(Debug)]
struct Sparse {
    products: Vec<u32>,
    texts: Texts,
}

impl Sparse {
    fn read(bytes: &[u8], products: impl Iterator<Item = u32>) -> Option<Self> {
        let products: Vec<u32> = products.collect();
        Some(Self { texts: Texts::read(bytes, products.len())?, products })
    }

    fn get(&self, product: u32) -> Option<&str> {
        self.texts.get(self.products.binary_search(&product).ok()?)
    }
}

/// The groups of what shoppers say for each product, each once and in order.
fn related(stored: &StoredProducts, products: usize, groups: usize) -> Option<Lists> {
    let count = stored.saying_count as usize;
    let sayings = Lists::read(&stored.sayings, count, groups)?;
    let said = Lists::read(&stored.said, products, count)?;
    let most = said.items().iter().try_fold(0_usize, |sum, saying| {
        sum.checked_add(sayings.get(*saying as usize).len()).filter(|sum| *sum <= MAX_RELATED)
    })?;
    let mut all = Lists::with_room(products, most);
    let mut own = Vec::new();
    for product in said.iter() {
        own.clear();
        own.extend(product.iter().flat_map(|saying| sayings.get(*saying as usize)).copied());
        own.sort_unstable();
        own.dedup();
        all.push(&own);
    }
    Some(all)
}

impl Products {
    /// Opens the products, and what they are found by besides their titles. `groups` is the number
    /// of term groups.
    pub(super) fn open(
        stored: StoredProducts,
        terms: &Map<Vec<u8>>,
        groups: usize,
    ) -> Result<(Self, FurtherWords), IndexError> {
        let further = Self::further_words(&stored, groups);
        further
            .and_then(|further| Some((Self::read(stored, terms)?, further)))
            .ok_or(IndexError::Damaged("the products cannot be read"))
    }

    fn further_words(stored: &StoredProducts, groups: usize) -> Option<FurtherWords> {
        let (products, categories) = (stored.count as usize, stored.category_count as usize);
        Some(FurtherWords {
            categories: Lists::read(&stored.category_words, categories, groups)?,
            keywords: Lists::read(&stored.keywords, products, groups)?,
            related: related(stored, products, groups)?,
        })
    }

    fn read(stored: StoredProducts, terms: &Map<Vec<u8>>) -> Option<Self> {
        let count = stored.count as usize;
        if stored.flags.len() != count || stored.popularity.len() != count {
            return None;
        }
        let with = |wanted: &dyn Fn(u8) -> bool| -> Vec<u32> {
            let flags = stored.flags.iter().zip(0..);
            flags.filter(|(flags, _)| wanted(**flags)).map(|(_, product)| product).collect()
        };
        let own_handle = |flags| flags & (flag::TITLE_HANDLE | flag::SKU_HANDLE) == 0;
        let own_image = |flags| flags & flag::USUAL_IMAGE == 0;
        let reduced = with(&|flags| flags & flag::REDUCED != 0);
        let former_prices = numbers(&stored.former_prices, reduced.len())?;
        let title_words = Texts::read(&stored.title_words, stored.title_word_count as usize)?;
        let (normal, normal_ends) = normal_forms(&title_words, terms)?;
        let categories = numbers(&stored.categories, count)?;
        if categories.iter().any(|category| *category >= stored.category_count) {
            return None;
        }
        Some(Self {
            skus: Texts::read(&stored.skus, count)?,
            title_words,
            groups: Lists::new((0..normal_ends.len()).map(|word| {
                let normal = normal_of(&normal, &normal_ends, word);
                normal.iter().filter_map(|word| word.group)
            })),
            normal,
            normal_ends,
            titles: Lists::read(&stored.titles, count, stored.title_word_count as usize)?,
            handles: Sparse::read(&stored.handles, with(&own_handle).into_iter())?,
            images: Sparse::read(&stored.images, with(&own_image).into_iter())?,
            flags: stored.flags,
            image_around: stored.image_around,
            prices: numbers(&stored.prices, count)?,
            former_prices: reduced.into_iter().zip(former_prices).collect(),
            popularity: stored.popularity,
            categories,
            by_sku: OnceLock::new(),
            by_handle: OnceLock::new(),
        })
    }

    pub(super) fn len(&self) -> u32 {
        self.flags.len() as u32
    }

    pub(super) fn sku(&self, product: u32) -> Option<&str> {
        self.skus.get(product as usize)
    }

    pub(super) fn title(&self, product: u32) -> Option<String> {
        self.flags.get(product as usize)?;
        let mut title = String::with_capacity(40);
        for word in self.titles.get(product as usize) {
            title.push_str(self.title_words.get(*word as usize).unwrap_or_default());
            title.push(' ');
        }
        title.pop();
        Some(title)
    }

    /// The normalised words of a title.
    pub(super) fn words_of_title(&self, product: u32) -> impl Iterator<Item = TitleWord> {
        self.titles.get(product as usize).iter().flat_map(|word| self.normal(*word)).copied()
    }

    /// Adds the words of a title to postings, and returns how many there are.
    pub(super) fn add_groups_of_title(&self, product: u32, postings: &mut Postings) -> u32 {
        let words = self.titles.get(product as usize);
        for word in words {
            postings.add(product, self.groups.get(*word as usize), TITLE);
        }
        words.len() as u32
    }

    /// Counts in how many titles each group has a word.
    pub(super) fn count_groups_of_titles(&self, counts: &mut [u32]) {
        let mut times = vec![0; self.groups.len()];
        count(&mut times, self.titles.items(), 1);
        for (groups, times) in self.groups.iter().zip(times) {
            count(counts, groups, times);
        }
    }

    /// Number of products in each category.
    pub(super) fn in_categories(&self, categories: usize) -> Vec<u32> {
        let mut counts = vec![0; categories];
        count(&mut counts, &self.categories, 1);
        counts
    }

    fn normal(&self, word: u32) -> &[TitleWord] {
        normal_of(&self.normal, &self.normal_ends, word as usize)
    }

    pub(super) fn handle(&self, product: u32) -> Option<String> {
        if let Some(own) = self.handles.get(product) {
            return Some(own.to_owned());
        }
        let slug = slug(&self.title(product)?);
        let flags = self.flags(product);
        Some(if flags & flag::SKU_HANDLE != 0 { with_sku(&slug, self.sku(product)?) } else { slug })
    }

    pub(super) fn image(&self, product: u32, handle: &str) -> String {
        match self.images.get(product) {
            Some(own) => own.to_owned(),
            None => format!("{}{handle}{}", self.image_around.0, self.image_around.1),
        }
    }

    pub(super) fn price(&self, product: u32) -> Option<u32> {
        self.prices.get(product as usize).copied()
    }

    pub(super) fn former_price(&self, product: u32) -> Option<u32> {
        let at = self.former_prices.binary_search_by_key(&product, |(product, _)| *product).ok()?;
        self.former_prices.get(at).map(|(_, price)| *price)
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
        self.with_sku_from(&key)
            .take_while(|product| self.sku(*product).is_some_and(|s| s.eq_ignore_ascii_case(sku)))
            .find(|product| self.sku(*product) == Some(sku))
    }

    /// Products whose SKU, in lower case, is this or comes after it, in the order of their SKUs.
    pub(super) fn with_sku_from(&self, key: &str) -> impl Iterator<Item = u32> {
        let order = self.by_sku.get_or_init(|| {
            let mut order: Vec<u32> = (0..self.len()).collect();
            let compare = |a: &u32, b: &u32| {
                lower_case(self.sku(*a)).cmp(lower_case(self.sku(*b))).then(a.cmp(b))
            };
            // Most shops export in this order.
            if !order.is_sorted_by(|a, b| compare(a, b).is_le()) {
                order.sort_unstable_by(compare);
            }
            order
        });
        let before = |product: &u32| lower_case(self.sku(*product)).lt(lower_case(Some(key)));
        order.get(order.partition_point(before)..).unwrap_or_default().iter().copied()
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

/// Reads how many products have one of the flags.
fn lower_case(text: Option<&str>) -> impl Iterator<Item = u8> {
    text.unwrap_or_default().bytes().map(|byte| byte.to_ascii_lowercase())
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

fn normal_of<'a>(normal: &'a [TitleWord], ends: &[u32], word: usize) -> &'a [TitleWord] {
    let end = ends.get(word).map_or(0, |end| *end as usize);
    let start = word.checked_sub(1).and_then(|before| ends.get(before));
    normal.get(start.map_or(0, |start| *start as usize)..end).unwrap_or_default()
}

/// The normalised words of every shown word, and where those of each end.
fn normal_forms(shown: &Texts, terms: &Map<Vec<u8>>) -> Option<(Vec<TitleWord>, Vec<u32>)> {
    let mut words = Vec::with_capacity(shown.len());
    let mut ends = Vec::with_capacity(shown.len());
    for shown in shown.iter() {
        let normal = normalize(shown);
        words.extend(tokens(&normal).map(|word| TitleWord {
            group: terms.get(word).and_then(|group| u32::try_from(group).ok()),
            is_stopword: is_stopword(word),
            has_letter: word.chars().any(char::is_alphabetic),
        }));
        ends.push(u32::try_from(words.len()).ok()?);
    }
    Some((words, ends))
}
