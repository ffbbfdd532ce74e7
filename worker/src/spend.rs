//! What a shop spends on language models in a day, and the most that it wants to.
//!
//! Before a model is asked, what the request may cost at most is set aside; afterwards what it did
//! cost takes its place. Both happen in one object a shop, one after the other, so that of many
//! requests for the last unit exactly one gets it.

mod ledger;
mod memory;
mod metered;
mod till;

pub use ledger::{Opened, SpendTable};
pub use memory::MemorySpend;
pub use metered::{Metered, Price, Ticket, Till};
pub use till::{Answer, Ask, answer};

use aisle_core::protocol::SpentDay;
use serde::{Deserialize, Serialize};

/// The most that a shop spends in a day, by UTC. What is not told is not bounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cap {
    /// Money, in millionths of the currency in which providers' prices are written.
    pub micros_per_day: Option<u64>,
    /// Requests to a model.
    pub requests_per_day: Option<u32>,
}

impl Cap {
    /// Whether anything is bounded.
    pub fn is_set(&self) -> bool {
        self.micros_per_day.is_some() || self.requests_per_day.is_some()
    }
}

/// What requests to models took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Requests.
    pub requests: u32,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Money, in millionths of the currency in which providers' prices are written.
    pub micros: u64,
}

impl Spent {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            micros: self.micros.saturating_add(other.micros),
        }
    }
}

/// What a shop spent on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Days since the Unix epoch, by UTC.
    pub day: u32,
    /// What was spent.
    #[serde(flatten)]
    pub spent: Spent,
    /// Requests that were not made because of the cap.
    pub refused: u32,
}

impl From<Day> for SpentDay {
    fn from(Day { day, spent, refused }: Day) -> Self {
        let Spent { requests, input_tokens, output_tokens, micros } = spent;
        Self { day, requests, input_tokens, output_tokens, micros, refused }
    }
}
