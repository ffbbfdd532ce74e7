//! Building an index from a shop's products, documents, actions and completions.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{Texts, push_number};
use super::format::{
    self, Body, Pages, StoredAction, StoredCompletion, StoredDocument, StoredLists, StoredProducts,
    StoredSection, StoredVectors,
};
use super::products::{MOST_POPULAR, flag, slug, with_sku};
use super::quantize::{learn, unsigned};
use super::sales::{ProductSales, StoredSales};
use super::variants::StoredVariants;
use super::{Index, IndexError, count};
use crate::text::{is_stopword, normalize, tokens};

/// A product to be indexed.
#[derive(Clone, Debug, Default)]
pub struct NewProduct {
    /// Stock-keeping unit, unique.
    pub sku: String,
    /// SKUs of the further forms in which it is sold.
    pub variant_skus: Vec<String>,
    /// URL handle, unique.
    pub handle: String,
    /// Title as shown.
    pub title: String,
    /// Image, relative to the shop; may be empty.
    pub image: String,
    /// Price in minor units.
    pub price_minor: u32,
    /// Former price in minor units.
    pub compare_at_minor: Option<u32>,
    /// Whether it can be bought.
    pub available: bool,
    /// 0 to 1.
    pub popularity: f32,
    /// Category; products of one category are alike.
    pub category: String,
    /// The merchant's own further words for it: tags, vendor.
    pub keywords: String,
    /// What shoppers may say for it that the shop does not, and telling words of its description.
    /// Sayings that many products have are stored once.
    pub related: Vec<String>,
    /// Vector of the encoder, of the index's vector length, or empty.
    pub vector: Vec<i8>,
}

/// A page of the shop's documents.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Title as shown.
    pub title: String,
    /// Page, relative to the shop.
    pub url: String,
    /// Its sections.
    pub sections: Vec<NewSection>,
}

/// A part of a document that answers by itself.
#[derive(Clone, Debug, Default)]
pub struct NewSection {
    /// Heading.
    pub title: String,
    /// Text with the light markup of the protocol.
    pub text: String,
    /// Intents that it answers.
    pub intents: Vec<String>,
    /// Vector of the encoder, or empty.
    pub vector: Vec<i8>,
}

/// A page of the shop to go to.
#[derive(Clone, Debug, Default)]
pub struct NewAction {
    /// What the button says.
    pub label: String,
    /// Page, relative to the shop.
    pub url: String,
    /// Further words to be found by.
    pub keywords: String,
    /// Intents that it serves.
    pub intents: Vec<String>,
}

/// A way to finish a sentence.
#[derive(Clone, Debug, Default)]
pub struct NewCompletion {
    /// The whole sentence.
    pub text: String,
    /// 0 to 1.
    pub popularity: f32,
}

/// Everything that goes into an index.
#[derive(Clone, Debug, Default)]
pub struct IndexBuilder {
    /// ISO 4217 code of the prices.
    pub currency: String,
    /// Labels of the intents, in the order of the encoder's logits.
    pub labels: Vec<String>,
    /// Length of the vectors; 0 for none.
    pub vector_length: u32,
    /// The catalogue.
    pub products: Vec<NewProduct>,
    /// What sales tell of the products, in their order; empty when there are none.
    pub sales: Vec<ProductSales>,
    /// The documents.
    pub documents: Vec<Document>,
    /// The actions.
    pub actions: Vec<NewAction>,
    /// The completions.
    pub completions: Vec<NewCompletion>,
}

impl IndexBuilder {
    /// Writes the index. `stem` maps a normalised word to the word group that it belongs to; words
    /// of one group find each other.
    pub fn build(self, stem: &dyn Fn(&str) -> String) -> Result<Vec<u8>, IndexError> {
        let vectors = self.vectors()?;
        let terms = Terms::of(&self, stem);
        let mut body = Body {
            terms: terms.dictionary()?,
            weights: vec![u8::MAX; terms.groups.len()],
            impact_scale: 1.0,
            products: products(&self.products, &terms)?,
            vectors,
            sales: StoredSales::pack(&self.sales),
            variants: StoredVariants::pack(self.products.iter().map(|p| p.variant_skus.as_slice())),
            currency: self.currency,
            pages: pages(self.documents, self.actions, self.completions, &self.labels),
            labels: self.labels,
        };
        format::check(&body)?;
        let index = Index::of(body.clone())?;
        let all = index.len();
        let most = inverse_frequency(all, 0);
        body.weights = (0..terms.groups.len() as u64)
            .map(|group| to_byte(inverse_frequency(all, index.postings(group).count()) / most))
            .collect();
        let index = Index::of(body.clone())?;
        let impacts = (0..terms.groups.len() as u64).flat_map(|group| index.postings(group));
        body.impact_scale =
            impacts.map(|p| p.impact).fold(*format::IMPACT_SCALES.start(), f32::max);
        format::seal(&body)
    }

    fn vectors(&self) -> Result<StoredVectors, IndexError> {
        let length = self.vector_length as usize;
        let products: Vec<Vec<i8>> = self.products.iter().map(|p| p.vector.clone()).collect();
        let sections = self.documents.iter().flat_map(|d| &d.sections).map(|s| &s.vector);
        if products.iter().chain(sections.clone()).any(|vector| vector.len() != length) {
            return Err(IndexError::Damaged("a vector has another length than the index"));
        }
        let (codebook, codes) = learn(&products, length);
        let sections = unsigned(sections.flatten().copied());
        Ok(StoredVectors { length: self.vector_length, codebook, codes, sections })
    }
}

fn pages(
    documents: Vec<Document>,
    actions: Vec<NewAction>,
    completions: Vec<NewCompletion>,
    labels: &[String],
) -> Pages {
    let intents_of = |names: &[String]| -> Vec<u16> {
        let position = |name| labels.iter().position(|label| label == name);
        names.iter().filter_map(position).filter_map(|at| u16::try_from(at).ok()).collect()
    };
    let mut pages = Pages::default();
    for d in documents {
        let document = count(&pages.documents);
        pages.documents.push(StoredDocument { title: d.title, url: d.url });
        pages.sections.extend(d.sections.into_iter().map(|s| StoredSection {
            document,
            intents: intents_of(&s.intents),
            title: s.title,
            text: s.text,
        }));
    }
    let action = |a: NewAction| StoredAction {
        intents: intents_of(&a.intents),
        label: a.label,
        url: a.url,
        keywords: a.keywords,
    };
    pages.actions = actions.into_iter().map(action).collect();
    let completion =
        |c: NewCompletion| StoredCompletion { text: c.text, popularity: to_byte(c.popularity) };
    pages.completions = completions.into_iter().map(completion).collect();
    pages
}

fn products(products: &[NewProduct], terms: &Terms) -> Result<StoredProducts, IndexError> {
    let shown: BTreeSet<&str> = products.iter().flat_map(|p| p.title.split(' ')).collect();
    let place: BTreeMap<&str, u32> = shown.iter().copied().zip(0..).collect();
    let mut categories: Vec<&str> = Vec::new();
    let mut category_at: BTreeMap<&str, u32> = BTreeMap::new();
    let image_around = usual_image(products);
    let mut stored = StoredProducts {
        count: count(products),
        skus: Texts::write(products.iter().map(|p| p.sku.as_str())),
        skus_in_order: products.is_sorted_by_key(|p| p.sku.replace('\0', "").to_ascii_lowercase()),
        title_words: Texts::write(shown.iter().copied()),
        title_word_count: shown.len() as u32,
        ..StoredProducts::default()
    };
    let (mut titles, mut keywords, mut said) = (vec![], vec![], vec![]);
    let mut sayings: Vec<Vec<u32>> = Vec::new();
    let mut saying_at: BTreeMap<&str, u32> = BTreeMap::new();
    let (mut handles, mut images) = (vec![], vec![]);
    for p in products {
        let mut flags = 0;
        titles.push(p.title.split(' ').filter_map(|word| place.get(word).copied()).collect());
        let slug = slug(&p.title);
        if p.handle == slug {
            flags |= flag::TITLE_HANDLE;
        } else if p.handle == with_sku(&slug, &p.sku) {
            flags |= flag::SKU_HANDLE;
        } else {
            handles.push(p.handle.as_str());
        }
        if p.image == format!("{}{}{}", image_around.0, p.handle, image_around.1) {
            flags |= flag::USUAL_IMAGE;
        } else {
            images.push(p.image.as_str());
        }
        if let Some(price) = p.compare_at_minor {
            flags |= flag::REDUCED;
            push_number(&mut stored.former_prices, price);
        }
        if p.available {
            flags |= flag::AVAILABLE;
        }
        stored.flags.push(flags);
        push_number(&mut stored.prices, p.price_minor);
        let most = f32::from(MOST_POPULAR);
        stored.popularity.push((p.popularity.clamp(0.0, 1.0) * most).round() as u8);
        let category = *category_at.entry(&p.category).or_insert_with(|| {
            categories.push(&p.category);
            categories.len() as u32 - 1
        });
        push_number(&mut stored.categories, category);
        let mut own_keywords = terms.groups_of(&p.keywords);
        own_keywords.extend(sku_words(&p.sku).iter().flat_map(|word| terms.groups_of(word)));
        keywords.push(own_keywords);
        let own_sayings = p.related.iter().map(|saying| {
            *saying_at.entry(saying).or_insert_with(|| {
                sayings.push(terms.groups_of(saying));
                sayings.len() as u32 - 1
            })
        });
        said.push(own_sayings.collect());
    }
    let category_words: Vec<Vec<u32>> = categories.iter().map(|c| terms.groups_of(c)).collect();
    let lists = [&titles, &keywords, &sayings, &said, &category_words];
    if lists.into_iter().flatten().flatten().any(|item| *item >= 1 << 24) {
        return Err(IndexError::TooLarge("more than 16,777,216 words"));
    }
    stored.handles = Texts::write(handles);
    stored.images = Texts::write(images);
    stored.image_around = image_around;
    stored.titles = StoredLists::write(&titles);
    stored.keywords = StoredLists::write(&keywords);
    stored.sayings = StoredLists::write(&sayings);
    stored.saying_count = sayings.len() as u32;
    stored.said = StoredLists::write(&said);
    stored.category_words = StoredLists::write(&category_words);
    stored.category_count = categories.len() as u32;
    Ok(stored)
}

/// What most images have before and after the handle.
fn usual_image(products: &[NewProduct]) -> (String, String) {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for p in products.iter().filter(|p| !p.handle.is_empty()) {
        if let Some(around) = p.image.split_once(p.handle.as_str()) {
            *counts.entry(around).or_default() += 1;
        }
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map(|((before, after), _)| (before.to_owned(), after.to_owned())).unwrap_or_default()
}

/// The words of a SKU that is not found as a whole: it has no digit, or is not one word.
fn sku_words(sku: &str) -> Vec<String> {
    let normal = normalize(sku);
    let is_whole =
        normal == sku.to_ascii_lowercase() && sku.bytes().any(|byte| byte.is_ascii_digit());
    if is_whole { vec![] } else { tokens(&normal).map(str::to_owned).collect() }
}

/// The words of a shop and the groups that they belong to.
struct Terms {
    surfaces: BTreeMap<String, String>,
    groups: BTreeMap<String, u32>,
}

impl Terms {
    fn of(shop: &IndexBuilder, stem: &dyn Fn(&str) -> String) -> Self {
        let mut surfaces = BTreeMap::new();
        let mut add = |text: &str| {
            for token in tokens(&normalize(text)) {
                if !surfaces.contains_key(token) {
                    surfaces.insert(token.to_owned(), stem(token));
                }
            }
        };
        for p in &shop.products {
            // By its words, as the title is stored: a text of very many words is cut as a whole.
            p.title.split(' ').for_each(&mut add);
            [&p.category, &p.keywords].into_iter().chain(&p.related).for_each(|text| add(text));
            sku_words(&p.sku).iter().for_each(|word| add(word));
        }
        for d in &shop.documents {
            add(&d.title);
            d.sections.iter().flat_map(|s| [&s.title, &s.text]).for_each(|text| add(text));
        }
        shop.actions.iter().flat_map(|a| [&a.label, &a.keywords]).for_each(|text| add(text));
        shop.completions.iter().for_each(|c| add(&c.text));
        let names: BTreeSet<&String> = surfaces.values().collect();
        let groups = names.into_iter().cloned().zip(0..).collect();
        Self { surfaces, groups }
    }

    fn group_of(&self, word: &str) -> Option<u32> {
        self.groups.get(self.surfaces.get(word)?).copied()
    }

    /// The groups of the words of a text.
    fn groups_of(&self, text: &str) -> Vec<u32> {
        tokens(&normalize(text)).filter_map(|word| self.group_of(word)).collect()
    }

    fn dictionary(&self) -> Result<Vec<u8>, IndexError> {
        let all = with_inflections(&self.surfaces);
        let numbered = all
            .iter()
            .filter_map(|(surface, group)| Some((surface, u64::from(*self.groups.get(group)?))));
        let mut builder = fst::MapBuilder::memory();
        builder
            .extend_iter(numbered)
            .and_then(|()| builder.into_inner())
            .map_err(|_| IndexError::TooLarge("the term dictionary"))
    }
}

/// Adds the regular singular or plural of every word that the shop does not use itself, and the
/// stem, so that a query needs no stemmer.
fn with_inflections(surfaces: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = surfaces.clone();
    let mut add = |form: String, group: &String| {
        all.entry(form).or_insert_with(|| group.clone());
    };
    for (word, group) in surfaces {
        add(group.clone(), group);
        if word.len() < 3 || is_stopword(word) || !word.bytes().all(|b| b.is_ascii_alphabetic()) {
            continue;
        }
        if let Some(stem) = word.strip_suffix("ies") {
            add(format!("{stem}y"), group);
        } else if let Some(stem) = word.strip_suffix("es") {
            add(stem.to_owned(), group);
            add(format!("{stem}e"), group);
        } else if let Some(stem) = word.strip_suffix('s').filter(|s| !s.ends_with('s')) {
            add(stem.to_owned(), group);
        } else if let Some(stem) = word.strip_suffix('y') {
            add(format!("{stem}ies"), group);
            add(format!("{word}s"), group);
        } else if ["s", "x", "ch", "sh"].iter().any(|end| word.ends_with(end)) {
            add(format!("{word}es"), group);
        } else {
            add(format!("{word}s"), group);
        }
    }
    all
}

/// BM25's inverse document frequency.
fn inverse_frequency(all: usize, having: usize) -> f32 {
    let (all, having) = (all as f32, having as f32);
    (1.0 + (all - having + 0.5) / (having + 0.5)).ln()
}

fn to_byte(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}
