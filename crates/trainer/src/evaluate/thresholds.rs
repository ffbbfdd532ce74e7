//! Thresholds that keep to a stated precision on judged messages.

use aisle_core::route::Policy;

use super::intents::{ScoredMessage, in_scope_probability};
use super::routing::{RoutedMessage, answers};
use crate::read::OUT_OF_SCOPE;

/// Steps of a threshold from 0 to 1: finer ones would fit single messages.
const STEPS: u16 = 100;
/// The greatest margin that is tried, in those steps.
const MAX_MARGIN: u16 = 50;

/// The greatest threshold of being in scope at which no more than this share of the messages in
/// scope is refused, cut to three digits; nothing where none is in scope.
pub fn in_scope_threshold(
    messages: &[ScoredMessage],
    labels: &[String],
    false_rejection: f64,
) -> Option<f32> {
    let inside = messages.iter().filter(|message| message.intent != OUT_OF_SCOPE);
    let mut inside: Vec<f32> = inside.map(|m| in_scope_probability(m, labels)).collect();
    inside.sort_by(f32::total_cmp);
    let refused = (inside.len() as f64 * false_rejection) as usize;
    // Below the least there is nothing; at a share of 1 all may be refused.
    let least_kept = inside.get(refused).or(inside.last())?;
    Some((least_kept * 1000.0).floor() / 1000.0)
}

/// The policy that has the most messages answered rightly on the device, of those under which no
/// more than this share of all answers there is wrong; of two alike, the more careful one. Nothing
/// where each has more wrong ones.
pub fn local_thresholds(messages: &[RoutedMessage], wrong: f64) -> Option<Policy> {
    let step = |steps: u16| f32::from(steps) / f32::from(STEPS);
    let policies = (0..=STEPS).flat_map(|probability| {
        (0..=MAX_MARGIN).map(move |margin| Policy {
            min_probability: step(probability),
            min_margin: step(margin),
        })
    });
    policies
        .filter_map(|policy| {
            let counted = answers(messages.iter(), policy);
            let is_precise = counted.wrong_share().is_none_or(|share| share <= wrong);
            is_precise.then_some((counted.right, policy))
        })
        .max_by_key(|(right, _)| *right)
        .map(|(_, policy)| policy)
}

#[cfg(test)]
mod tests {
    use aisle_core::route::Route::{Edge, LocalSection};

    use super::super::routing::message;
    use super::*;

    #[test]
    fn no_more_is_refused_than_is_allowed() {
        let labels = ["warranty", OUT_OF_SCOPE].map(str::to_owned);
        let scored = |intent: &str, inside: f32| ScoredMessage {
            intent: intent.to_owned(),
            probabilities: vec![inside, 1.0 - inside],
        };
        let mut messages: Vec<ScoredMessage> =
            (1..=10).map(|tenths| scored("warranty", tenths as f32 / 10.0)).collect();
        messages.push(scored(OUT_OF_SCOPE, 0.05));
        for (allowed, refused) in [(0.0, 0), (0.05, 0), (0.1, 1), (0.35, 3), (1.0, 9)] {
            let threshold = in_scope_threshold(&messages, &labels, allowed).unwrap();
            let inside = messages.iter().filter(|m| m.intent != OUT_OF_SCOPE);
            let found = inside.filter(|m| in_scope_probability(m, &labels) < threshold).count();
            assert_eq!(found, refused, "{allowed}: {threshold}");
        }
        assert_eq!(in_scope_threshold(&messages[10..], &labels, 0.05), None);
    }

    #[test]
    fn the_most_is_answered_that_stays_precise() {
        let right = |best| message("warranty", "warranty", best, LocalSection);
        let wrong = |best| message("out_of_scope", "warranty", best, LocalSection);
        let mut messages = vec![wrong([0.72, 0.2]), wrong([0.9, 0.08]), right([0.7, 0.3])];
        messages.extend([[0.75, 0.2], [0.8, 0.1], [0.95, 0.05]].map(right));
        messages.push(message("warranty", "invoice", [1.0, 0.0], Edge));
        let chosen = |share| {
            let policy = local_thresholds(&messages, share).unwrap();
            let counted = answers(messages.iter(), policy);
            (counted.right, counted.wrong)
        };
        assert_eq!(chosen(0.0), (1, 0));
        assert_eq!(chosen(0.25), (3, 1));
        assert_eq!(chosen(0.5), (4, 2));
        let hopeless = [wrong([1.0, 0.0])];
        assert_eq!(local_thresholds(&hopeless, 0.5), None);
        // Nobody is answered, so nobody is answered wrongly.
        assert!(local_thresholds(&[], 0.0).is_some());
    }
}
