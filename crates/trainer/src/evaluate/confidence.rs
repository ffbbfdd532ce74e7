//! What the highest probability of a message is worth: calibration, and what a threshold costs.

use serde::Serialize;

use super::ScoredMessage;
use super::intents::{Judged, judge};

/// Bins of the calibration error (Guo et al., "On calibration of modern neural networks", 2017).
pub const CALIBRATION_BINS: usize = 15;
/// Thresholds of a coverage curve: 0, 1/50 and so on up to 1.
const STEPS: usize = 50;

/// Messages whose highest probability lies in one bin of equal width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Bin {
    /// How many there are.
    pub messages: usize,
    /// Mean of the highest probability; 0 for none.
    pub confidence: f64,
    /// Share whose most probable label is right; 0 for none.
    pub accuracy: f64,
}

/// What is left of the messages at a threshold of the highest probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// The threshold.
    pub threshold: f64,
    /// Share of the messages that reach it.
    pub coverage: f64,
    /// Share of those whose most probable label is right; nothing where none reaches it.
    pub accuracy: Option<f64>,
}

/// The bins of a reliability diagram, those without a message included.
pub fn reliability(messages: &[ScoredMessage], labels: &[String]) -> [Bin; CALIBRATION_BINS] {
    let judged: Vec<Judged<'_>> = messages.iter().map(|m| judge(m, labels, 0.0)).collect();
    bins(&judged)
}

pub(super) fn bins(judged: &[Judged<'_>]) -> [Bin; CALIBRATION_BINS] {
    let mut bins = [Bin::default(); CALIBRATION_BINS];
    for j in judged {
        let at = (j.confidence * CALIBRATION_BINS as f64) as usize;
        if let Some(bin) = bins.get_mut(at.min(CALIBRATION_BINS - 1)) {
            bin.messages += 1;
            bin.confidence += j.confidence;
            bin.accuracy += f64::from(u8::from(j.is_right()));
        }
    }
    for bin in &mut bins {
        let messages = bin.messages.max(1) as f64;
        bin.confidence /= messages;
        bin.accuracy /= messages;
    }
    bins
}

/// The distance between confidence and accuracy, averaged over the messages.
pub(super) fn calibration_error(judged: &[Judged<'_>]) -> Option<f64> {
    let gap = |bin: &Bin| bin.messages as f64 * (bin.confidence - bin.accuracy).abs();
    let total: f64 = bins(judged).iter().map(gap).sum();
    (!judged.is_empty()).then(|| total / judged.len() as f64)
}

/// How many messages a threshold leaves, and how many of them are right, threshold by threshold.
pub fn coverage(messages: &[ScoredMessage], labels: &[String]) -> Vec<Coverage> {
    let judged: Vec<Judged<'_>> = messages.iter().map(|m| judge(m, labels, 0.0)).collect();
    (0..=STEPS)
        .map(|step| {
            let threshold = step as f64 / STEPS as f64;
            let left = judged.iter().filter(|j| j.confidence >= threshold);
            let right = left.clone().filter(|j| j.is_right()).count();
            let left = left.count();
            Coverage {
                threshold,
                coverage: left as f64 / judged.len().max(1) as f64,
                accuracy: (left > 0).then(|| right as f64 / left as f64),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(rows: &[(&str, f32)]) -> Vec<ScoredMessage> {
        let message = |(intent, p): &(&str, f32)| ScoredMessage {
            intent: (*intent).to_owned(),
            probabilities: vec![*p, 1.0 - p],
        };
        rows.iter().map(message).collect()
    }

    fn labels() -> Vec<String> {
        vec!["a".to_owned(), "b".to_owned()]
    }

    #[test]
    fn a_bin_holds_the_mean_of_its_messages() {
        let bins = reliability(&scored(&[("a", 1.0), ("a", 0.75), ("b", 0.75)]), &labels());
        assert_eq!(bins.iter().map(|b| b.messages).sum::<usize>(), 3);
        assert_eq!(bins[14], Bin { messages: 1, confidence: 1.0, accuracy: 1.0 });
        assert_eq!(bins[11], Bin { messages: 2, confidence: 0.75, accuracy: 0.5 });
        assert_eq!(reliability(&[], &labels()), [Bin::default(); CALIBRATION_BINS]);
    }

    #[test]
    fn a_threshold_trades_coverage_for_accuracy() {
        let curve = coverage(&scored(&[("a", 0.9), ("a", 0.8), ("b", 0.6), ("b", 0.7)]), &labels());
        let at = |threshold: f64| {
            let point = curve.iter().find(|c| (c.threshold - threshold).abs() < 1e-9).unwrap();
            (point.coverage, point.accuracy)
        };
        assert_eq!(at(0.0), (1.0, Some(0.5)));
        assert_eq!(at(0.62), (0.75, Some(2.0 / 3.0)));
        assert_eq!(at(0.72), (0.5, Some(1.0)));
        assert_eq!(at(1.0), (0.0, None));
        assert!(coverage(&[], &labels()).iter().all(|c| c.coverage == 0.0));
    }
}
