//! Tools that read the shop's index: products, what is written about them, the shop's documents.

use aisle_core::answer::{Citable, Question, clip_tokens, ground, product_line};
use aisle_core::index::Index;
use aisle_core::protocol::{ProductCard, SectionAnswer};
use aisle_core::recommend::{Shopper, Wanted, recommend};
use aisle_core::truth::Facts;
use aisle_core::words::Words;
use serde_json::{Value, json};

use super::arguments::{Compare, OneProduct, Recommend, Search};
use super::{Found, Session, ToolError};
use crate::checking::know_section;

/// Products of one result.
const MAX_PRODUCTS: usize = 6;
/// Sections about one product.
const MAX_SECTIONS: usize = 3;
/// Tokens of one section.
const SECTION_TOKENS: usize = 220;
/// Milliseconds of a minute.
const MINUTE_MS: u64 = 60_000;

/// What a model is told, which it may cite and say from then on.
pub(super) struct Told<'a> {
    pub index: &'a Index,
    pub citable: &'a mut Citable,
    pub facts: &'a mut Facts,
    pub words: &'static Words,
}

impl Told<'_> {
    pub(super) fn search(&mut self, asked: &Search) -> Result<Found, ToolError> {
        let intent = Some("product_search");
        let question = Question { text: &asked.query, vector: &[], intent };
        self.list(ground(self.index, &question).products)
    }

    pub(super) fn details(&mut self, asked: &OneProduct) -> Result<Found, ToolError> {
        let product = self.product(&asked.sku)?;
        let sections: Vec<Value> = self
            .index
            .sections_of_page(&product.url)
            .take(MAX_SECTIONS)
            .filter_map(|section| self.index.section_answer(section))
            .map(|section| self.section(&section))
            .collect();
        let mut found = self.list(vec![product])?;
        if let Some(content) = found.content.as_object_mut() {
            content.insert("written_about_it".to_owned(), Value::Array(sections));
        }
        Ok(found)
    }

    pub(super) fn compare(&mut self, asked: &Compare) -> Result<Found, ToolError> {
        let products: Result<_, _> = asked.skus.iter().map(|sku| self.product(sku)).collect();
        self.list(products?)
    }

    pub(super) fn recommend(
        &mut self,
        asked: &Recommend,
        session: &Session,
    ) -> Result<Found, ToolError> {
        let with = match &asked.sku {
            Some(sku) => Some(self.index.product_by_sku(sku).ok_or(ToolError::NotFound)?),
            None => None,
        };
        let viewed: Vec<u32> = with.into_iter().chain(session.viewed.iter().copied()).collect();
        let shopper = Shopper { history: &[], viewed: &viewed, in_cart: &session.in_cart };
        let now = i64::try_from(session.now_ms / MINUTE_MS).unwrap_or(i64::MAX);
        let best = recommend(self.index, &shopper, now, Wanted::best(MAX_PRODUCTS));
        self.list(best.iter().filter_map(|found| self.index.card(found.product)).collect())
    }

    pub(super) fn documents(&mut self, asked: &Search) -> Result<Found, ToolError> {
        let question = Question { text: &asked.query, vector: &[], intent: None };
        let sections = ground(self.index, &question).sections;
        let plain = sections.first().map(|section| section.text.clone());
        let told: Vec<Value> = sections.iter().map(|section| self.section(section)).collect();
        Ok(Found {
            content: json!({"sections": told}),
            plain: plain.unwrap_or_default(),
            products: vec![],
        })
    }

    /// The product of a SKU.
    pub(super) fn product(&self, sku: &str) -> Result<ProductCard, ToolError> {
        let product = self.index.product_by_sku(sku.trim());
        product.and_then(|product| self.index.card(product)).ok_or(ToolError::NotFound)
    }

    /// Tells of products.
    pub(super) fn list(&mut self, products: Vec<ProductCard>) -> Result<Found, ToolError> {
        let mut lines = Vec::new();
        for product in products.iter().take(MAX_PRODUCTS) {
            let Some(mark) = self.citable.product(product) else { break };
            self.facts.product(product);
            lines.push(format!("{mark} {}", product_line(product)));
        }
        let plain = if lines.is_empty() { "" } else { self.words.found };
        Ok(Found { content: json!({"products": lines}), plain: plain.to_owned(), products })
    }

    fn section(&mut self, section: &SectionAnswer) -> Value {
        let mark = self.citable.source(&section.source).unwrap_or_default();
        know_section(self.facts, section);
        let text = clip_tokens(&section.text, SECTION_TOKENS);
        json!({"mark": mark, "title": section.source.title, "text": text})
    }
}
