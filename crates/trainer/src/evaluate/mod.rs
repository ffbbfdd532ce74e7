//! How good an artifact is: figures over judged data, as pure functions.

mod baskets;
mod confidence;
mod confusion;
mod gate;
mod intents;
mod routing;
mod search;
mod thresholds;

pub use baskets::{
    BasketFigures, BasketReport, Customer, LIST_LENGTH, Lists, basket_report, customers,
};
pub use confidence::{Bin, CALIBRATION_BINS, Coverage, coverage, reliability};
pub use confusion::{Confusion, Mistake};
pub use gate::{Compared, Contender, Decision, Figure, Limits, Refusal, decide};
pub use intents::{IntentFigure, IntentFigures, ScoredMessage, intent_figures};
pub use routing::{RoutedMessage, RoutingFigures, routing_figures};
pub use search::{
    FoundProducts, LackFigures, RUN_LENGTH, SearchFigures, SearchReport, search_report, write_run,
};
pub use thresholds::{in_scope_threshold, local_thresholds};
