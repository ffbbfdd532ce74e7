//! Where a message is answered: on the device, or by the edge worker.

use crate::protocol::Understanding;
use crate::redact::names_order;

/// When a prediction is sure enough for an answer on the device. Chosen by the trainer on
/// development data and carried in the artifact's manifest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Least calibrated probability of the best intent, 0 to 1.
    pub min_probability: f32,
    /// Least distance to the second best, 0 to 1.
    pub min_margin: f32,
}

impl Policy {
    /// Applies the policy to probabilities in descending order.
    pub fn is_confident(&self, best_first: &[f32]) -> bool {
        match best_first {
            [] => false,
            [best, rest @ ..] => {
                let second = rest.first().copied().unwrap_or(0.0);
                *best >= self.min_probability && best - second >= self.min_margin
            }
        }
    }
}

/// Least probability of an intent that counts as what the shopper means.
const LIKELY: f32 = 0.5;

/// The best intent, unless it is a mere guess.
pub fn likely_intent(understanding: &Understanding) -> Option<&str> {
    let best = understanding.intents.first().filter(|best| best.probability >= LIKELY)?;
    Some(&best.intent)
}

/// Intents whose answer is a list of products.
pub const PRODUCT_INTENTS: [&str; 2] = ["product_search", "availability"];

/// Intents that are about one order where a message names one. What became of it is not known on
/// the device.
const ORDER_INTENTS: [&str; 10] = [
    "track_order",
    "change_order",
    "cancel_order",
    "order_problem",
    "delivery_time",
    "shipping_address",
    "start_return",
    "refund_request",
    "refund_status",
    "invoice",
];

/// Where to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Show the section of the shop's documents.
    LocalSection,
    /// Show the products that were found.
    LocalProducts,
    /// Ask the worker.
    Edge,
}

/// Decides for a message that was sent. Anything doubtful goes to the worker, and so does what is
/// asked of one order.
pub fn route(text: &str, understanding: &Understanding) -> Route {
    let Some(best) = understanding.intents.first() else { return Route::Edge };
    if !understanding.confident {
        return Route::Edge;
    }
    if ORDER_INTENTS.contains(&best.intent.as_str()) && names_order(text) {
        return Route::Edge;
    }
    if PRODUCT_INTENTS.contains(&best.intent.as_str()) && !understanding.products.is_empty() {
        return Route::LocalProducts;
    }
    if understanding.answer.is_some() {
        return Route::LocalSection;
    }
    Route::Edge
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{IntentScore, ProductCard, SectionAnswer, Source};

    #[test]
    fn a_policy_wants_probability_and_margin() {
        let policy = Policy { min_probability: 0.6, min_margin: 0.2 };
        for (probabilities, expected) in [
            (&[][..], false),
            (&[0.59][..], false),
            (&[0.7][..], true),
            (&[0.7, 0.55][..], false),
            (&[0.7, 0.45][..], true),
            (&[f32::NAN, 0.1][..], false),
        ] {
            assert_eq!(policy.is_confident(probabilities), expected, "{probabilities:?}");
        }
    }

    #[test]
    fn a_guess_is_no_intent() {
        let likely = |probability| {
            let intents = vec![IntentScore { intent: "warranty".into(), probability }];
            likely_intent(&Understanding { intents, ..Understanding::default() }).map(str::to_owned)
        };
        assert_eq!(likely(0.5).as_deref(), Some("warranty"));
        assert_eq!(likely(0.4), None);
        assert_eq!(likely_intent(&Understanding::default()), None);
    }

    #[test]
    fn only_a_sure_and_answerable_message_stays_on_the_device() {
        let answer = SectionAnswer {
            text: "Thirty days.".into(),
            source: Source { section: 0, title: "Returns".into(), url: "/pages/returns".into() },
        };
        let card = ProductCard {
            sku: "1".into(),
            handle: "mug".into(),
            title: "Mug".into(),
            url: "/products/mug".into(),
            image: String::new(),
            price_minor: 100,
            compare_at_minor: None,
            currency: "GBP".into(),
            available: true,
        };
        let asked = |text: &str, intent: &str, confident, with_answer, with_products| {
            let understanding = Understanding {
                intents: vec![IntentScore { intent: intent.into(), probability: 0.9 }],
                vector: vec![],
                answer: if with_answer { Some(answer.clone()) } else { None },
                products: if with_products { vec![card.clone()] } else { vec![] },
                confident,
            };
            route(text, &understanding)
        };
        let case = |intent: &str, confident, with_answer, with_products| {
            asked("mug 350 ml", intent, confident, with_answer, with_products)
        };
        assert_eq!(case("return_policy", true, true, false), Route::LocalSection);
        assert_eq!(case("return_policy", false, true, true), Route::Edge);
        assert_eq!(case("return_policy", true, false, true), Route::Edge);
        assert_eq!(case("product_search", true, false, true), Route::LocalProducts);
        assert_eq!(case("product_search", true, false, false), Route::Edge);
        assert_eq!(route("mug", &Understanding::default()), Route::Edge);
        for (text, intent, expected) in [
            ("where is my order", "track_order", Route::LocalSection),
            ("where is my order #7", "track_order", Route::Edge),
            ("where is T-1004?", "track_order", Route::Edge),
            ("I want to send 1042 back", "start_return", Route::Edge),
            ("does a code of 2026 still work", "price_promo", Route::LocalSection),
        ] {
            assert_eq!(asked(text, intent, true, true, false), expected, "{text}");
        }
    }
}
