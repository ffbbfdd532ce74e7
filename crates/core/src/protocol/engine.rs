//! Between the widget and the engine: what is asked about a draft or a message, and what is found.

use serde::{Deserialize, Serialize};

use super::{ProductCard, Purchase, SectionAnswer, Suggestion};

/// One intent with its calibrated probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntentScore {
    /// Label of the taxonomy.
    pub intent: String,
    /// Probability, 0 to 1.
    pub probability: f32,
}

/// What the engine makes of a message that was sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Understanding {
    /// The most probable intents, best first, at most three.
    pub intents: Vec<IntentScore>,
    /// Query vector, quantised to -127..=127; empty when there is no model.
    pub vector: Vec<i8>,
    /// The section that answers the best intent, if the shop has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<SectionAnswer>,
    /// Products found for the message, best first.
    pub products: Vec<ProductCard>,
    /// True when the message meets the shop's thresholds for an answer on the device.
    pub confident: bool,
}

/// What the shopper does on the page, as far as it helps ranking. It never leaves the device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signals {
    /// Handles of products looked at, latest first.
    #[serde(default)]
    pub viewed: Vec<String>,
    /// Handles of products in the cart.
    #[serde(default)]
    pub in_cart: Vec<String>,
}

/// Why no product is what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LackReason {
    /// There is no such thing.
    Thing,
    /// There is, but not at that price.
    Price,
    /// There is, but only with what is not wanted.
    Without,
}

/// Why a product is recommended; the sentence of the recommendation says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecommendationReason {
    /// The shopper bought it.
    BoughtBefore,
    /// Others buy it with what the shopper bought, viewed or has in the cart.
    OftenBoughtWith,
    /// It is like what the shopper bought, viewed or has in the cart.
    Like,
    /// It sells well now.
    Popular,
}

/// A product that the shopper may want, with why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The product.
    pub product: ProductCard,
    /// Why, for a machine.
    pub reason: RecommendationReason,
    /// Why, for the shopper: one sentence without a full stop.
    pub sentence: String,
}

/// Widget to engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EngineRequest {
    /// Suggestions for a draft.
    Suggest {
        /// Number of the request; the reply carries it back.
        seq: u32,
        /// The draft as it stands.
        text: String,
        /// The shopper's own signals.
        signals: Signals,
    },
    /// Everything about a message that was sent.
    Understand {
        /// Number of the request; the reply carries it back.
        seq: u32,
        /// The message.
        text: String,
    },
    /// Products that the shopper may want, before anything is written.
    Recommend {
        /// Number of the request; the reply carries it back.
        seq: u32,
        /// The shopper's own signals.
        signals: Signals,
        /// What the shopper bought, in any order; empty when it is not known.
        #[serde(default)]
        history: Vec<Purchase>,
        /// The time, in milliseconds since the Unix epoch.
        now_ms: u64,
        /// Most products.
        limit: u32,
    },
}

/// Engine to widget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EngineReply {
    /// The index is open: drafts are answered by their words, and products recommended.
    Searching,
    /// The models are warm as well: everything is answered.
    Ready,
    /// The engine cannot serve; everything goes to the worker.
    Failed {
        /// Stable code.
        code: String,
        /// For the developer's console.
        message: String,
    },
    /// Answer to [`EngineRequest::Suggest`].
    Suggested {
        /// Number of the request.
        seq: u32,
        /// Best first.
        items: Vec<Suggestion>,
    },
    /// Answer to [`EngineRequest::Understand`].
    Understood {
        /// Number of the request.
        seq: u32,
        /// What was understood.
        understanding: Understanding,
    },
    /// Answer to [`EngineRequest::Recommend`].
    Recommended {
        /// Number of the request.
        seq: u32,
        /// Best first.
        items: Vec<Recommendation>,
    },
}
