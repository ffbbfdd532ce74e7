//! How good an artifact is: figures over judged data, as pure functions.

mod baskets;
mod intents;
mod search;

pub use baskets::{
    BasketFigures, BasketReport, Customer, LIST_LENGTH, Lists, basket_report, customers,
};
pub use intents::{IntentFigure, IntentFigures, ScoredMessage, intent_figures};
pub use search::{
    FoundProducts, RUN_LENGTH, SearchFigures, SearchReport, search_report, write_run,
};
