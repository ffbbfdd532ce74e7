//! What a model may have done for it, within one turn.
//!
//! Which tools there are is decided by the session alone: by who is signed in or proved an address,
//! and by the shop's settings. Nothing that a tool returns changes it. A call is read into a type
//! or refused ([`arguments`]); what is wrong is told to the model as data. What a tool found is
//! given to the truth check, so it may be said, and nothing else.

mod arguments;
mod catalogue;
mod desk;
mod orders;
mod requests;
mod session;
mod team;

use std::rc::Rc;

use aisle_core::answer::{Citable, ToolCall, clip_tokens};
use aisle_core::index::Index;
use aisle_core::protocol::{ProductCard, Requested};
use aisle_core::truth::Facts;
use serde_json::{Value, json};
use thiserror::Error;

use crate::orders::LookupError;
use crate::ports::ToolSpec;

pub use desk::{MemoryDesk, OrderDesk};
pub use session::{DiscountCode, Orders, Session};
pub use team::{MemoryTeam, Team, TeamError};

/// Tokens of what a tool tells, at most.
const RESULT_TOKENS: usize = 800;
/// What may be asked for in one turn.
const MAX_REQUESTED: usize = 4;

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Products by words.
    SearchProducts,
    /// One product, with what is written about it.
    ProductDetails,
    /// Products side by side.
    CompareProducts,
    /// What goes with a product or with what the shopper has.
    Recommendations,
    /// The shop's documents by words.
    ShopDocuments,
    /// How far an order of the asker has come.
    OrderStatus,
    /// Asks the shop's team to take an order back.
    StartReturn,
    /// Asks the shopper whether something goes into the cart.
    ProposeCartChange,
    /// The codes that the shop gives out.
    DiscountCodes,
    /// Asks for a person.
    HandOver,
}

/// Why a call did nothing. It is told to the model.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ToolError {
    /// There is no such tool in this turn.
    #[error("there is no such tool")]
    Unknown,
    /// The arguments are not as they must be.
    #[error("the arguments are refused: {0}")]
    Arguments(String),
    /// Nothing is there by that id.
    #[error("nothing is found")]
    NotFound,
    /// It is not to be done.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// It cannot be done now.
    #[error("it cannot be reached now")]
    Unavailable,
}

impl From<LookupError> for ToolError {
    fn from(error: LookupError) -> Self {
        match error {
            LookupError::Unknown => Self::NotFound,
            LookupError::Limited(_) | LookupError::Source(_) => Self::Unavailable,
        }
    }
}

/// What a tool found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// For the model.
    content: Value,
    /// For the shopper, where the model says nothing after all.
    plain: String,
    products: Vec<ProductCard>,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What the model is told: JSON.
    pub content: String,
    /// What can be said to the shopper without a model; empty where there is nothing.
    pub plain: String,
    /// Products that belong to that.
    pub products: Vec<ProductCard>,
}

/// The tools of one turn, and what they did.
pub struct Toolbox {
    index: Rc<Index>,
    session: Session,
    offered: Vec<Tool>,
    /// What was asked for so far.
    requested: Vec<Requested>,
    /// What the shopper has to know of it.
    notes: Vec<String>,
}

impl Toolbox {
    /// The tools that a session has.
    pub fn new(index: Rc<Index>, session: Session) -> Self {
        let offered = session.tools();
        Self { index, session, offered, requested: Vec::new(), notes: Vec::new() }
    }

    /// What a model is told of them.
    pub fn specs(&self) -> Rc<[ToolSpec]> {
        self.offered.iter().map(|tool| tool.spec()).collect()
    }

    /// What a model is told of how orders are proved; nothing where there are none.
    pub fn advice(&self) -> &'static str {
        self.session.advice()
    }

    /// What was asked for so far.
    pub fn requested(&self) -> &[Requested] {
        &self.requested
    }

    /// What the shopper has to be told of that, whatever the model says.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Does what a model asks for. What it may cite and say from now on is added to.
    pub async fn call(
        &mut self,
        call: &ToolCall,
        citable: &mut Citable,
        facts: &mut Facts,
    ) -> Outcome {
        let found = match self.offered.iter().find(|tool| tool.name() == call.name) {
            Some(tool) => self.run(*tool, &call.arguments, citable, facts).await,
            None => Err(ToolError::Unknown),
        };
        let found = found.unwrap_or_else(|error| Found {
            content: json!({"error": error.to_string()}),
            ..Found::default()
        });
        let content = found.content.to_string();
        Outcome {
            content: clip_tokens(&content, RESULT_TOKENS).to_owned(),
            plain: found.plain,
            products: found.products,
        }
    }

    async fn run(
        &mut self,
        tool: Tool,
        arguments: &str,
        citable: &mut Citable,
        facts: &mut Facts,
    ) -> Result<Found, ToolError> {
        let words = self.session.words;
        let mut told = catalogue::Told { index: &self.index, citable, facts, words };
        match tool {
            Tool::SearchProducts => told.search(&arguments::read(arguments)?),
            Tool::ProductDetails => told.details(&arguments::read(arguments)?),
            Tool::CompareProducts => told.compare(&arguments::read(arguments)?),
            Tool::Recommendations => told.recommend(&arguments::read(arguments)?, &self.session),
            Tool::ShopDocuments => told.documents(&arguments::read(arguments)?),
            Tool::OrderStatus => {
                orders::status(&self.session, &arguments::read(arguments)?, facts).await
            }
            Tool::StartReturn => {
                let asked = arguments::read(arguments)?;
                let requested = orders::start_return(&self.session, &asked, facts).await?;
                self.tell_team(requested, facts).await
            }
            Tool::ProposeCartChange => {
                let (found, requested) = requests::cart(&mut told, &arguments::read(arguments)?)?;
                self.ask_for(requested)?;
                Ok(found)
            }
            Tool::DiscountCodes => {
                let arguments::Nothing {} = arguments::read(arguments)?;
                Ok(requests::codes(&self.session.discount_codes, facts))
            }
            Tool::HandOver => {
                let requested = requests::hand_over(&arguments::read(arguments)?);
                self.tell_team(requested, facts).await
            }
        }
    }

    /// Puts a wish before the shop's team, and notes what the shopper has to know of it.
    async fn tell_team(
        &mut self,
        requested: Requested,
        facts: &mut Facts,
    ) -> Result<Found, ToolError> {
        let team = self.session.team.clone().ok_or(ToolError::Unknown)?;
        self.make_room(&requested)?;
        team.tell(&requested).await?;
        let note =
            team::note(self.session.words, &requested, &self.session.contact).unwrap_or_default();
        facts.text(&note);
        if !self.notes.contains(&note) {
            self.notes.push(note.clone());
        }
        self.requested.push(requested);
        // What is said is the note: nothing else is found.
        let content = json!({"noted": true, "the_shopper_reads_below_your_answer": note});
        Ok(Found { content, ..Found::default() })
    }

    /// Notes what is asked for.
    fn ask_for(&mut self, requested: Requested) -> Result<(), ToolError> {
        self.make_room(&requested)?;
        self.requested.push(requested);
        Ok(())
    }

    /// Makes room for what is asked for: the same twice is once.
    fn make_room(&mut self, requested: &Requested) -> Result<(), ToolError> {
        let is_same = |known: &Requested| match (known, requested) {
            (
                Requested::CartChange { product: a, .. },
                Requested::CartChange { product: b, .. },
            ) => a.sku == b.sku,
            (Requested::Return { order: a, .. }, Requested::Return { order: b, .. }) => a == b,
            (Requested::HandOver { .. }, Requested::HandOver { .. }) => true,
            _ => false,
        };
        self.requested.retain(|known| !is_same(known));
        if self.requested.len() >= MAX_REQUESTED {
            return Err(ToolError::Refused("enough was asked for in this answer"));
        }
        Ok(())
    }
}

impl Tool {
    /// The name by which a model calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SearchProducts => "search_products",
            Self::ProductDetails => "product_details",
            Self::CompareProducts => "compare_products",
            Self::Recommendations => "recommendations",
            Self::ShopDocuments => "shop_documents",
            Self::OrderStatus => "order_status",
            Self::StartReturn => "start_return",
            Self::ProposeCartChange => "propose_cart_change",
            Self::DiscountCodes => "discount_codes",
            Self::HandOver => "hand_over",
        }
    }

    fn spec(self) -> ToolSpec {
        let (description, parameters) = match self {
            Self::SearchProducts => (
                "Finds products by words, a price bound or what they are for.",
                arguments::search_schema(),
            ),
            Self::ProductDetails => {
                ("Tells of one product and what is written about it.", arguments::product_schema())
            }
            Self::CompareProducts => {
                ("Tells of two to four products side by side.", arguments::compare_schema())
            }
            Self::Recommendations => (
                "Finds what goes with a product, or with what the shopper looks at or has.",
                arguments::recommend_schema(),
            ),
            Self::ShopDocuments => (
                "Finds what the shop's pages say, such as on delivery or returns.",
                arguments::search_schema(),
            ),
            Self::OrderStatus => {
                ("Tells how far an order of the shopper has come.", arguments::order_schema())
            }
            Self::StartReturn => (
                "Notes for the shop's team that an order is to go back, when the shopper wants that \
                 and named the order's number.",
                arguments::return_schema(),
            ),
            Self::ProposeCartChange => (
                "Asks the shopper whether a product is to go into the cart.",
                arguments::cart_schema(),
            ),
            Self::DiscountCodes => {
                ("Tells the discount codes that the shop gives out.", arguments::nothing_schema())
            }
            Self::HandOver => (
                "Notes for the shop's team that the shopper wants a person, or that you cannot \
                 help. Nobody joins the chat: promise no answer and no time.",
                arguments::hand_over_schema(),
            ),
        };
        ToolSpec { name: self.name(), description, parameters }
    }
}

#[cfg(test)]
pub(crate) mod tests;
