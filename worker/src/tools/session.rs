//! What is known of whoever asks, before anything is read: it alone decides which tools there are.

use std::rc::Rc;

use aisle_core::words::Words;
use serde::{Deserialize, Serialize};

use super::{OrderDesk, Team, Tool};

/// A discount code that a shop gives out in the chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscountCode {
    /// The code.
    pub code: String,
    /// What it gives and on what terms, for the shopper.
    pub terms: String,
}

/// What can be told of orders.
#[derive(Clone, Default)]
pub enum Orders {
    /// Nothing: the shop keeps no orders here.
    #[default]
    None,
    /// Nothing yet: nobody knows who asks.
    Unproved,
    /// The asker's own.
    Own(Rc<dyn OrderDesk>),
}

/// Who asks, and what the shop allows.
#[derive(Clone, Default)]
pub struct Session {
    /// What can be told of orders.
    pub orders: Orders,
    /// The shop's team; nothing where nobody could be told.
    pub team: Option<Rc<dyn Team>>,
    /// How shoppers reach the team beside the chat; may be empty.
    pub contact: String,
    /// In which words it is told what comes next.
    pub words: &'static Words,
    /// The codes that the shop gives out.
    pub discount_codes: Vec<DiscountCode>,
    /// What the shopper wrote in this turn and the last ones.
    pub written: Vec<String>,
    /// What the shopper looks at, as positions in the index.
    pub viewed: Vec<u32>,
    /// What is in the cart, likewise.
    pub in_cart: Vec<u32>,
    /// The time, in milliseconds since the Unix epoch.
    pub now_ms: u64,
}

impl Session {
    /// The tools of the session.
    pub(super) fn tools(&self) -> Vec<Tool> {
        let mut tools = vec![
            Tool::SearchProducts,
            Tool::ProductDetails,
            Tool::CompareProducts,
            Tool::Recommendations,
            Tool::ShopDocuments,
            Tool::ProposeCartChange,
        ];
        let has_orders = matches!(self.orders, Orders::Own(_));
        if self.team.is_some() {
            tools.push(Tool::HandOver);
        }
        if has_orders {
            tools.push(Tool::OrderStatus);
        }
        if has_orders && self.team.is_some() {
            tools.push(Tool::StartReturn);
        }
        if !self.discount_codes.is_empty() {
            tools.push(Tool::DiscountCodes);
        }
        tools
    }

    /// What a model is told of how orders are proved.
    pub(super) fn advice(&self) -> &'static str {
        match self.orders {
            Orders::Unproved => {
                "- You cannot see orders now. If the shopper asks about one, ask for its number and \
                 the e-mail address that it was placed with, in one message.\n"
            }
            Orders::None | Orders::Own(_) => "",
        }
    }
}
