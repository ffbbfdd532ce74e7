//! Building an index from a shop's products, documents, actions and completions.

use std::collections::BTreeMap;

use super::format::{
    self, Body, StoredAction, StoredCompletion, StoredDocument, StoredProduct, StoredSection,
};
use super::postings::{self, Posting};
use super::{IndexError, count};
use crate::text::{is_stopword, normalize, tokens};

/// Term saturation of BM25.
const K1: f32 = 1.2;
/// Length normalisation of BM25; titles are short, so it is weak.
const B: f32 = 0.4;
/// Weight of a product's keywords and of a section's body against the title.
const BODY_WEIGHT: f32 = 0.45;
/// Weight of what shoppers may say for a product against the title.
const RELATED_WEIGHT: f32 = 0.3;

/// A product to be indexed.
#[derive(Clone, Debug, Default)]
pub struct NewProduct {
    /// Stock-keeping unit, unique.
    pub sku: String,
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
    /// Further words to be found by: tags, description.
    pub keywords: String,
    /// What shoppers may say for it that the shop does not.
    pub related: String,
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
    /// The documents.
    pub documents: Vec<Document>,
    /// The actions.
    pub actions: Vec<NewAction>,
    /// The completions.
    pub completions: Vec<NewCompletion>,
}

/// The words of one document with their weighted counts.
type Bag = BTreeMap<String, f32>;

impl IndexBuilder {
    /// Writes the index. `stem` maps a normalised word to the word group that it belongs to; words
    /// of one group find each other.
    pub fn build(self, stem: &dyn Fn(&str) -> String) -> Result<Vec<u8>, IndexError> {
        let bags = self.bags();
        let all: usize = bags.iter().map(Vec::len).sum();
        if all > format::MAX_DOCUMENTS {
            return Err(IndexError::TooLarge("more documents than the layout can number"));
        }
        let inverted = invert(&bags, stem);
        let mut body = self.store()?;
        body.terms = dictionary(&inverted)?;
        let max_impact =
            inverted.lists.iter().flatten().map(|(_, i)| *i).fold(f32::MIN_POSITIVE, f32::max);
        let max_weight = inverse_frequency(all, 0);
        for list in &inverted.lists {
            let list: Vec<Posting> = list
                .iter()
                .map(|(document, impact)| Posting {
                    document: *document,
                    impact: to_byte(impact / max_impact).max(1),
                })
                .collect();
            postings::encode(&list, &mut body.postings);
            body.posting_ends.push(
                u32::try_from(body.postings.len())
                    .map_err(|_| IndexError::TooLarge("the postings"))?,
            );
            body.weights.push(to_byte(inverse_frequency(all, list.len()) / max_weight));
        }
        format::write(&body)
    }

    /// Bags of words of every document, by kind, in the order of the document numbers.
    fn bags(&self) -> [Vec<Bag>; 4] {
        let bag = |fields: &[(&str, f32)]| {
            let mut bag = Bag::new();
            for (text, weight) in fields {
                for token in tokens(&normalize(text)) {
                    *bag.entry(token.to_owned()).or_default() += weight;
                }
            }
            bag
        };
        [
            self.products
                .iter()
                .map(|p| {
                    bag(&[
                        (&p.title, 1.0),
                        (&p.category, BODY_WEIGHT),
                        (&p.keywords, BODY_WEIGHT),
                        (&p.related, RELATED_WEIGHT),
                        (&p.sku, 1.0),
                    ])
                })
                .collect(),
            self.documents
                .iter()
                .flat_map(|d| d.sections.iter().map(move |s| (d, s)))
                .map(|(d, s)| {
                    bag(&[(&s.title, 1.0), (&d.title, BODY_WEIGHT), (&s.text, BODY_WEIGHT)])
                })
                .collect(),
            self.actions
                .iter()
                .map(|a| bag(&[(&a.label, 1.0), (&a.keywords, BODY_WEIGHT)]))
                .collect(),
            self.completions.iter().map(|c| bag(&[(&c.text, 1.0)])).collect(),
        ]
    }

    fn store(self) -> Result<Body, IndexError> {
        let mut body =
            Body { currency: self.currency, vector_length: self.vector_length, ..Body::default() };
        let length = self.vector_length as usize;
        let mut push_vector = |vector: Vec<i8>| {
            if vector.len() != length {
                return Err(IndexError::Damaged("a vector has another length than the index"));
            }
            body.vectors.extend(vector);
            Ok(())
        };
        let intents_of = |names: &[String]| -> Vec<u16> {
            let position = |name| self.labels.iter().position(|label| label == name);
            names.iter().filter_map(position).filter_map(|at| u16::try_from(at).ok()).collect()
        };
        let mut categories: Vec<String> = Vec::new();
        for p in self.products {
            push_vector(p.vector)?;
            let category = categories.iter().position(|c| *c == p.category).unwrap_or_else(|| {
                categories.push(p.category);
                categories.len() - 1
            });
            body.products.push(StoredProduct {
                sku: p.sku,
                handle: p.handle,
                title: p.title,
                image: p.image,
                price_minor: p.price_minor,
                compare_at_minor: p.compare_at_minor,
                available: p.available,
                popularity: to_byte(p.popularity),
                category: u16::try_from(category)
                    .map_err(|_| IndexError::TooLarge("more than 65,536 categories"))?,
            });
        }
        for d in self.documents {
            let document = count(&body.documents);
            body.documents.push(StoredDocument { title: d.title, url: d.url });
            for s in d.sections {
                push_vector(s.vector)?;
                body.sections.push(StoredSection {
                    document,
                    title: s.title,
                    text: s.text,
                    intents: intents_of(&s.intents),
                });
            }
        }
        body.actions = self
            .actions
            .into_iter()
            .map(|a| StoredAction { intents: intents_of(&a.intents), label: a.label, url: a.url })
            .collect();
        body.completions = self
            .completions
            .into_iter()
            .map(|c| StoredCompletion { text: c.text, popularity: to_byte(c.popularity) })
            .collect();
        body.labels = self.labels;
        Ok(body)
    }
}

/// Words of a document, weighted. What shoppers may say for a product makes it no longer.
fn length(bag: &Bag) -> f32 {
    bag.values().filter(|frequency| **frequency > RELATED_WEIGHT).sum()
}

/// Word groups: which surface forms lead to them, and which documents have them.
struct Inverted {
    surfaces: BTreeMap<String, u64>,
    lists: Vec<Vec<(u32, f32)>>,
}

fn invert(bags: &[Vec<Bag>], stem: &dyn Fn(&str) -> String) -> Inverted {
    let mut surfaces = BTreeMap::new();
    let mut groups: BTreeMap<String, BTreeMap<u32, f32>> = BTreeMap::new();
    let all: usize = bags.iter().map(Vec::len).sum();
    let mut document = 0;
    for bags_of_kind in bags {
        let lengths: f32 = bags_of_kind.iter().map(length).sum();
        let average = (lengths / bags_of_kind.len().max(1) as f32).max(1.0);
        for bag in bags_of_kind {
            let length = length(bag);
            for (word, frequency) in bag {
                let group = stem(word);
                surfaces.insert(word.clone(), group.clone());
                let saturation = K1 * (1.0 - B + B * length / average);
                let gain = frequency * (K1 + 1.0) / (frequency + saturation);
                *groups.entry(group).or_default().entry(document).or_default() += gain;
            }
            document += 1;
        }
    }
    let numbers: BTreeMap<&String, u64> = groups.keys().zip(0..).collect();
    let surfaces = with_inflections(surfaces)
        .into_iter()
        .filter_map(|(surface, group)| numbers.get(&group).map(|number| (surface, *number)))
        .collect();
    let lists = groups
        .values()
        .map(|list| {
            let weight = inverse_frequency(all, list.len());
            list.iter().map(|(document, gain)| (*document, gain * weight)).collect()
        })
        .collect();
    Inverted { surfaces, lists }
}

/// Adds the regular singular or plural of every word that the shop does not use itself, and the
/// stem, so that a query needs no stemmer.
fn with_inflections(surfaces: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = surfaces.clone();
    let mut add = |form: String, group: &String| {
        all.entry(form).or_insert_with(|| group.clone());
    };
    for (word, group) in &surfaces {
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

fn dictionary(inverted: &Inverted) -> Result<Vec<u8>, IndexError> {
    let mut builder = fst::MapBuilder::memory();
    builder
        .extend_iter(inverted.surfaces.iter().map(|(surface, group)| (surface, *group)))
        .and_then(|()| builder.into_inner())
        .map_err(|_| IndexError::TooLarge("the term dictionary"))
}

/// BM25's inverse document frequency.
fn inverse_frequency(all: usize, having: usize) -> f32 {
    let (all, having) = (all as f32, having as f32);
    (1.0 + (all - having + 0.5) / (having + 0.5)).ln()
}

fn to_byte(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}
