//! Figures of intent recognition.

use std::collections::{BTreeMap, BTreeSet};

use aisle_core::rank::top_intents;
use serde::Serialize;

use super::confidence::calibration_error;
use crate::read::OUT_OF_SCOPE;

/// Intents among which the right one must be for `top3_accuracy`.
const TOP: usize = 3;

/// A message whose intent is known, with what the model makes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredMessage {
    /// The right intent.
    pub intent: String,
    /// Calibrated probability of every label, in the order of the labels.
    pub probabilities: Vec<f32>,
}

/// Shares of 0 to 1; nothing where there is no message that the share could be of.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct IntentFigures {
    /// Messages judged.
    pub messages: usize,
    /// Messages whose right intent is not `out_of_scope`.
    pub in_scope_messages: usize,
    /// The most probable label is right, over all messages.
    pub accuracy: Option<f64>,
    /// The most probable label is right, over the messages in scope.
    pub in_scope_accuracy: Option<f64>,
    /// The right label is among the three most probable ones, over all messages.
    pub top3_accuracy: Option<f64>,
    /// Refused at the threshold, over the messages out of scope.
    pub out_of_scope_recall: Option<f64>,
    /// Refused at the threshold, over the messages in scope.
    pub false_rejection: Option<f64>,
    /// Mean F1 of the most probable label over the intents that occur among the messages.
    pub macro_f1: Option<f64>,
    /// Mean distance between the highest probability and the share of right ones, in 15 bins of
    /// equal width.
    pub expected_calibration_error: Option<f64>,
    /// By intent that occurs among the messages.
    pub per_intent: BTreeMap<String, IntentFigure>,
}

/// Figures of one intent, for the most probable label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct IntentFigure {
    /// Messages of this intent.
    pub messages: usize,
    /// Right, over the messages predicted to be of this intent.
    pub precision: Option<f64>,
    /// Right, over the messages of this intent.
    pub recall: f64,
    /// Harmonic mean of both; 0 where nothing was right.
    pub f1: f64,
}

/// Computes the figures. A message is refused when the probability that it is in scope, of all
/// intents but `out_of_scope` together, is below `in_scope`. A right intent that is not among the
/// labels can only be missed.
pub fn intent_figures(
    messages: &[ScoredMessage],
    labels: &[String],
    in_scope: f32,
) -> IntentFigures {
    let judged: Vec<Judged<'_>> = messages.iter().map(|m| judge(m, labels, in_scope)).collect();
    let outside = |j: &&Judged<'_>| j.gold == OUT_OF_SCOPE;
    let inside = |j: &&Judged<'_>| j.gold != OUT_OF_SCOPE;
    let per_intent = per_intent(&judged);
    IntentFigures {
        messages: judged.len(),
        in_scope_messages: judged.iter().filter(inside).count(),
        accuracy: share(judged.iter(), Judged::is_right),
        in_scope_accuracy: share(judged.iter().filter(inside), Judged::is_right),
        top3_accuracy: share(judged.iter(), |j| j.in_top),
        out_of_scope_recall: share(judged.iter().filter(outside), |j| j.refused),
        false_rejection: share(judged.iter().filter(inside), |j| j.refused),
        macro_f1: mean(per_intent.values().map(|figure| figure.f1)),
        expected_calibration_error: calibration_error(&judged),
        per_intent,
    }
}

pub(super) struct Judged<'a> {
    pub(super) gold: &'a str,
    /// The most probable label.
    pub(super) predicted: &'a str,
    pub(super) confidence: f64,
    in_top: bool,
    refused: bool,
}

impl Judged<'_> {
    pub(super) fn is_right(&self) -> bool {
        self.gold == self.predicted
    }
}

pub(super) fn judge<'a>(
    message: &'a ScoredMessage,
    labels: &'a [String],
    in_scope: f32,
) -> Judged<'a> {
    let order = top_intents(&message.probabilities, message.probabilities.len());
    let label = |at: &usize| labels.get(*at).map_or("", String::as_str);
    let probability = |at: &usize| message.probabilities.get(*at).copied().unwrap_or(0.0);
    let predicted = order.first().map_or("", label);
    Judged {
        gold: &message.intent,
        predicted,
        confidence: f64::from(order.first().map_or(0.0, probability)),
        in_top: order.iter().take(TOP).any(|at| label(at) == message.intent),
        refused: in_scope_probability(message, labels) < in_scope,
    }
}

/// The probability of all intents but `out_of_scope` together.
pub(super) fn in_scope_probability(message: &ScoredMessage, labels: &[String]) -> f32 {
    let outside = labels.iter().position(|label| label == OUT_OF_SCOPE);
    1.0 - outside.and_then(|at| message.probabilities.get(at)).copied().unwrap_or(0.0)
}

fn per_intent(judged: &[Judged<'_>]) -> BTreeMap<String, IntentFigure> {
    let intents: BTreeSet<&str> = judged.iter().map(|j| j.gold).collect();
    intents
        .into_iter()
        .map(|intent| {
            let of_gold = judged.iter().filter(|j| j.gold == intent);
            let of_predicted = judged.iter().filter(|j| j.predicted == intent);
            let precision = share(of_predicted, Judged::is_right);
            let recall = share(of_gold.clone(), Judged::is_right).unwrap_or(0.0);
            let sum = precision.unwrap_or(0.0) + recall;
            let f1 = if sum > 0.0 { 2.0 * precision.unwrap_or(0.0) * recall / sum } else { 0.0 };
            (intent.to_owned(), IntentFigure { messages: of_gold.count(), precision, recall, f1 })
        })
        .collect()
}

fn share<'a, 'b: 'a>(
    judged: impl Iterator<Item = &'a Judged<'b>>,
    counts: impl Fn(&Judged<'b>) -> bool,
) -> Option<f64> {
    mean(judged.map(|j| f64::from(u8::from(counts(j)))))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LABELS: [&str; 4] = ["greeting", "deny", "invoice", OUT_OF_SCOPE];

    fn figures(messages: &[(&str, [f32; 4])], in_scope: f32) -> IntentFigures {
        let messages: Vec<ScoredMessage> = messages
            .iter()
            .map(|(intent, p)| ScoredMessage {
                intent: (*intent).into(),
                probabilities: p.to_vec(),
            })
            .collect();
        intent_figures(&messages, &LABELS.map(str::to_owned), in_scope)
    }

    fn check(found: Option<f64>, expected: Option<f64>) {
        match (found, expected) {
            (Some(a), Some(b)) => assert!((a - b).abs() < 1e-6, "{a} is not {b}"),
            (a, b) => assert_eq!(a, b),
        }
    }

    #[test]
    fn figures_of_a_small_table() {
        let f = figures(
            &[
                ("greeting", [0.9, 0.1, 0.0, 0.0]),
                ("greeting", [0.2, 0.7, 0.1, 0.0]),
                ("deny", [0.3, 0.4, 0.3, 0.0]),
                ("invoice", [0.1, 0.0, 0.2, 0.7]),
                (OUT_OF_SCOPE, [0.4, 0.3, 0.2, 0.1]),
                (OUT_OF_SCOPE, [0.0, 0.0, 0.6, 0.4]),
                (OUT_OF_SCOPE, [0.1, 0.1, 0.1, 0.7]),
                ("refund_status", [0.8, 0.1, 0.05, 0.05]),
            ],
            0.7,
        );
        assert_eq!((f.messages, f.in_scope_messages), (8, 5));
        check(f.accuracy, Some(3.0 / 8.0));
        check(f.in_scope_accuracy, Some(2.0 / 5.0));
        check(f.top3_accuracy, Some(6.0 / 8.0));
        check(f.out_of_scope_recall, Some(2.0 / 3.0));
        check(f.false_rejection, Some(1.0 / 5.0));
        let greeting = f.per_intent["greeting"];
        assert_eq!((greeting.messages, greeting.recall), (2, 0.5));
        check(greeting.precision, Some(1.0 / 3.0));
        check(Some(greeting.f1), Some(0.4));
        assert_eq!(f.per_intent["invoice"].f1, 0.0);
        assert_eq!(f.per_intent["refund_status"].precision, None);
        // greeting .4, deny 2/3, invoice 0, out_of_scope 2*.5*(1/3)/(5/6) = .4, refund_status 0
        check(f.macro_f1, Some((0.4 + 2.0 / 3.0 + 0.4) / 5.0));
    }

    #[test]
    fn calibration_compares_confidence_with_success_bin_by_bin() {
        let at = |p: f32| [p, 1.0 - p, 0.0, 0.0];
        let error = |rows: &[(&str, [f32; 4])]| figures(rows, 0.0).expected_calibration_error;
        check(error(&[("greeting", at(1.0)), ("greeting", at(1.0))]), Some(0.0));
        check(error(&[("greeting", at(0.75)), ("deny", at(0.75))]), Some(0.25));
        // Two bins, one message each: .1 too sure, .4 not sure enough.
        check(error(&[("deny", at(0.9)), ("greeting", at(0.6))]), Some((0.9 + 0.4) / 2.0));
    }

    #[test]
    fn shares_of_nothing_are_nothing() {
        let none = figures(&[], 0.5);
        assert_eq!(none, IntentFigures::default());
        let inside = figures(&[("deny", [0.0, 1.0, 0.0, 0.0])], 0.5);
        assert_eq!(inside.out_of_scope_recall, None);
        assert_eq!(inside.false_rejection, Some(0.0));
        let outside = figures(&[(OUT_OF_SCOPE, [0.0, 1.0, 0.0, 0.0])], 0.5);
        assert_eq!((outside.in_scope_accuracy, outside.false_rejection), (None, None));
    }

    proptest! {
        #[test]
        fn every_figure_is_a_share(
            rows in prop::collection::vec(
                (prop::sample::select(LABELS.to_vec()), prop::array::uniform4(0.0_f32..1.0)), 0..20),
            in_scope in 0.0_f32..1.0,
        ) {
            let f = figures(&rows, in_scope);
            let shares = [f.accuracy, f.in_scope_accuracy, f.top3_accuracy, f.out_of_scope_recall,
                f.false_rejection, f.macro_f1, f.expected_calibration_error];
            for share in shares.into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&share));
            }
            prop_assert!(f.accuracy <= f.top3_accuracy);
        }
    }
}
