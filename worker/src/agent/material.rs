//! From a turn to what its answer is made of.

use std::rc::Rc;

use aisle_core::answer::{
    Answer, Grounding, PromptParts, Question, Surroundings, compose, ground_in, prompt,
};
use aisle_core::index::Index;
use aisle_core::protocol::{Message, Role, TurnRequest};

use super::Assignment;
use crate::checking::{FactsOf, facts};
use crate::conversation::question;
use crate::shops::Shop;
use crate::tools::{Orders, Session, Team, Toolbox};

/// Earlier messages of the shopper whose words count as theirs for a tool.
const WRITTEN: usize = 4;
/// Earlier messages that are looked at for those.
const EARLIER: usize = 12;

/// A turn, and what is known where it is asked.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The shop.
    pub shop: &'a Shop,
    /// Its index.
    pub index: &'a Rc<Index>,
    /// The turn.
    pub turn: &'a TurnRequest,
    /// The messages before it, oldest first.
    pub earlier: &'a [Message],
    /// The time, in milliseconds since the Unix epoch.
    pub now_ms: u64,
}

impl<'a> Asked<'a> {
    fn question(&self) -> Question<'a> {
        question(self.turn)
    }

    /// What the shop knows about the question.
    pub fn ground(&self) -> Grounding {
        let turn = self.turn;
        let around =
            Surroundings { page: turn.page.as_deref(), cart: &turn.cart, earlier: self.earlier };
        ground_in(self.index, &self.question(), &around)
    }
}

/// The answer from the shop's documents alone.
pub fn grounded(asked: Asked<'_>, grounding: &Grounding) -> Answer {
    compose(asked.shop.words(), &asked.shop.name, &asked.question(), grounding)
}

/// What a model is given to answer a turn, with what it may reach for it.
pub fn assignment(
    asked: Asked<'_>,
    grounding: &Grounding,
    orders: Orders,
    team: Option<Rc<dyn Team>>,
) -> Assignment {
    let Asked { shop, index, turn, earlier, now_ms } = asked;
    let position = |sku: &str| index.product_by_sku(sku);
    let setting = &grounding.setting;
    let said = earlier.iter().rev().take(EARLIER).filter(|m| m.role == Role::Shopper);
    let said = said.take(WRITTEN).map(|m| m.text.clone());
    let written = std::iter::once(turn.text.clone()).chain(said);
    let contact = contact(shop, index);
    let session = Session {
        orders,
        team,
        contact: contact.clone(),
        discount_codes: shop.discount_codes.clone(),
        words: shop.words(),
        written: written.collect(),
        viewed: setting.looks_at.iter().filter_map(|p| position(&p.sku)).collect(),
        in_cart: setting.in_cart.iter().filter_map(|(_, p)| position(&p.sku)).collect(),
        now_ms,
    };
    let toolbox = Toolbox::new(index.clone(), session);
    let question = asked.question();
    let instructions = shop.instructions();
    let parts = PromptParts {
        shop: &shop.name,
        rules: &instructions,
        advice: toolbox.advice(),
        earlier,
        question: &question,
        grounding,
    };
    let (shop_name, origins, hosts) = (&shop.name, &shop.origins, &shop.link_hosts);
    let of = FactsOf { shop: shop_name, origins, hosts, contact: &contact, index };
    let products = if grounding.asks_for_products { grounding.products.clone() } else { vec![] };
    Assignment {
        prompt: prompt(&parts),
        facts: facts(of, grounding, earlier, question.text),
        toolbox,
        products,
    }
}

/// Intents of whoever wants to reach the shop.
const CONTACT_INTENTS: [&str; 2] = ["human_agent", "contact_info"];

/// How shoppers reach the shop's team: as its settings say, or else on the page that the index has
/// for it. Empty where neither says anything.
fn contact(shop: &Shop, index: &Index) -> String {
    if !shop.contact.trim().is_empty() {
        return shop.contact.trim().to_owned();
    }
    let labels = index.labels();
    let is_contact = |intent: &u16| {
        let label = labels.get(usize::from(*intent));
        label.is_some_and(|label| CONTACT_INTENTS.contains(&label.as_str()))
    };
    let first = index.actions().start;
    let found = index.actions().find(|document| index.intents(*document).iter().any(is_contact));
    let page = found.and_then(|document| index.action(document.saturating_sub(first)));
    page.map_or_else(String::new, |page| page.url)
}
