//! How much is answered on the device, and how much of that wrongly.

use std::collections::BTreeSet;

use aisle_core::route::{PRODUCT_INTENTS, Policy, Route};
use serde::Serialize;

/// A message whose intent is known, with where it is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct RoutedMessage {
    /// The right intent.
    pub intent: String,
    /// The most probable intent.
    pub predicted: String,
    /// The highest probabilities, best first.
    pub best_first: Vec<f32>,
    /// Where it is answered by a model that is sure.
    pub if_sure: Route,
}

/// Shares of 0 to 1; nothing where there is nothing that the share could be of. An answer on the
/// device is right when it is a section found by the right intent, or a list of products for who
/// wants one.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RoutingFigures {
    /// Messages whose right intent is one that a section of the shop's documents answers.
    pub answerable_messages: usize,
    /// Answered rightly on the device, over those.
    pub answered_locally: Option<f64>,
    /// Wrong, over the answers that those get on the device.
    pub wrong_locally: Option<f64>,
    /// Answers on the device, to whatever message.
    pub local_answers: usize,
    /// Wrong, over all of them.
    pub wrong_of_local_answers: Option<f64>,
}

/// Answers on the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) right: usize,
    pub(super) wrong: usize,
}

impl Answers {
    /// Wrong ones over all; nothing where there are none.
    pub(super) fn wrong_share(self) -> Option<f64> {
        share(self.wrong, self.right + self.wrong)
    }
}

/// Computes the figures. `answerable` are the intents that a section answers.
pub fn routing_figures(
    messages: &[RoutedMessage],
    answerable: &BTreeSet<String>,
    policy: Policy,
) -> RoutingFigures {
    let of_documents = || messages.iter().filter(|m| answerable.contains(&m.intent));
    let answerable_messages = of_documents().count();
    let (found, all) = (answers(of_documents(), policy), answers(messages.iter(), policy));
    RoutingFigures {
        answerable_messages,
        answered_locally: share(found.right, answerable_messages),
        wrong_locally: found.wrong_share(),
        local_answers: all.right + all.wrong,
        wrong_of_local_answers: all.wrong_share(),
    }
}

/// What is answered on the device under a policy.
pub(super) fn answers<'a>(
    messages: impl Iterator<Item = &'a RoutedMessage>,
    policy: Policy,
) -> Answers {
    let mut counted = Answers::default();
    for message in messages.filter(|message| policy.is_confident(&message.best_first)) {
        match message.if_sure {
            Route::Edge => {}
            Route::LocalSection if message.predicted == message.intent => counted.right += 1,
            Route::LocalProducts if PRODUCT_INTENTS.contains(&message.intent.as_str()) => {
                counted.right += 1;
            }
            Route::LocalSection | Route::LocalProducts => counted.wrong += 1,
        }
    }
    counted
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
pub(super) fn message(
    intent: &str,
    predicted: &str,
    best_first: [f32; 2],
    if_sure: Route,
) -> RoutedMessage {
    RoutedMessage {
        intent: intent.to_owned(),
        predicted: predicted.to_owned(),
        best_first: best_first.to_vec(),
        if_sure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_on_the_device_are_counted_and_judged() {
        use Route::{Edge, LocalProducts, LocalSection};
        let sure = [0.9, 0.05];
        let messages = [
            message("warranty", "warranty", sure, LocalSection),
            message("warranty", "invoice", sure, LocalSection),
            message("warranty", "warranty", [0.7, 0.1], LocalSection),
            message("warranty", "warranty", [0.9, 0.85], LocalSection),
            message("invoice", "invoice", sure, Edge),
            message("availability", "product_search", sure, LocalProducts),
            message("out_of_scope", "warranty", sure, LocalSection),
        ];
        let answerable = ["warranty", "invoice"].map(str::to_owned).into();
        let policy = Policy { min_probability: 0.8, min_margin: 0.1 };
        let figures = routing_figures(&messages, &answerable, policy);
        let expected = RoutingFigures {
            answerable_messages: 5,
            answered_locally: Some(0.2),
            wrong_locally: Some(0.5),
            local_answers: 4,
            wrong_of_local_answers: Some(0.5),
        };
        assert_eq!(figures, expected);
        assert_eq!(routing_figures(&[], &answerable, policy), RoutingFigures::default());
    }
}
