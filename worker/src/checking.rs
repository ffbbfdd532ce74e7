//! What a model's answer is held against: the facts of a turn.

use aisle_core::answer::Grounding;
use aisle_core::index::Index;
use aisle_core::page::product_handle;
use aisle_core::protocol::{Message, Role, SectionAnswer};
use aisle_core::truth::Facts;

/// Earlier messages whose words may be said again; a model is given no more of them.
const EARLIER: usize = 16;

/// The shop whose facts they are.
#[derive(Clone, Copy, Debug)]
pub struct FactsOf<'a> {
    /// Its name.
    pub shop: &'a str,
    /// Origins of its pages.
    pub origins: &'a [String],
    /// Further hosts whose addresses may be shown where its documents have them.
    pub hosts: &'a [String],
    /// How its team is reached; may be empty.
    pub contact: &'a str,
    /// Its index.
    pub index: &'a Index,
}

/// What an answer may rest on: what the model is given, and what was said before.
pub fn facts(of: FactsOf<'_>, grounding: &Grounding, earlier: &[Message], question: &str) -> Facts {
    let mut facts = Facts::new(of.shop, of.origins);
    of.hosts.iter().for_each(|host| facts.allow_host(host));
    for product in grounding.all_products() {
        facts.product(product);
    }
    for section in grounding.all_sections() {
        know_section(&mut facts, section);
    }
    let actions = of.index.actions();
    for document in actions.clone() {
        if let Some(action) = of.index.action(document.saturating_sub(actions.start)) {
            facts.link(&action.url);
        }
    }
    facts.text(of.contact);
    for word in of.contact.split_whitespace() {
        // An address of it is the shop's own word, wherever it leads.
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
        if word.contains(['@', '/']) {
            facts.link(word);
        }
    }
    for message in earlier.iter().rev().take(EARLIER) {
        match message.role {
            Role::Shopper => facts.hear(&message.text),
            Role::Assistant => facts.text(&message.text),
        }
        for product in &message.products {
            facts.product(product);
        }
    }
    facts.hear(question);
    facts
}

/// A section that the model is given.
pub fn know_section(facts: &mut Facts, section: &SectionAnswer) {
    facts.text(&section.source.title);
    // What is kept about a product, such as its reviews, is not all the shop's own.
    if product_handle(&section.source.url).is_some() {
        facts.quote(&section.text);
    } else {
        facts.text(&section.text);
    }
    facts.link(&section.source.url);
}
