//! From logits to probabilities that mean what they say, and the thresholds that rest on them.
//!
//! Source: Guo et al., "On calibration of modern neural networks" (2017).

use aisle_core::artifact::Thresholds;
use aisle_core::route::Policy;

use crate::model::encoder::softmax;

/// A held-out message: its logits, its right label, and whether its answer could be given on the
/// device at all.
#[derive(Clone, Debug)]
pub(super) struct HeldOut {
    pub(super) logits: Vec<f32>,
    pub(super) label: usize,
}

/// Share of wrong answers on the device that is still taken.
const MAX_WRONG: f32 = 0.03;
/// Share of messages in scope that may be taken for out of scope.
const MAX_FALSE_REJECTION: f32 = 0.05;
/// Distance to the second best that is asked for in any case.
const MIN_MARGIN: f32 = 0.1;

/// The temperature that makes the held-out messages most likely.
pub(super) fn temperature(held_out: &[HeldOut]) -> f32 {
    let loss = |temperature: f32| -> f32 {
        held_out
            .iter()
            .map(|h| {
                let p = softmax(&scaled(&h.logits, temperature));
                -p.get(h.label).copied().unwrap_or(0.0).max(1e-9).ln()
            })
            .sum()
    };
    (4..=60)
        .map(|step| step as f32 / 20.0)
        .min_by(|a, b| loss(*a).total_cmp(&loss(*b)))
        .unwrap_or(1.0)
}

fn scaled(logits: &[f32], temperature: f32) -> Vec<f32> {
    logits.iter().map(|l| l / temperature).collect()
}

/// The lowest thresholds that keep to the stated shares. `answerable` says which labels a document
/// answers, `outside` is the label of what is out of scope.
pub(super) fn thresholds(
    held_out: &[HeldOut],
    temperature: f32,
    answerable: &[bool],
    outside: usize,
) -> Thresholds {
    let judged: Vec<(Vec<f32>, usize)> =
        held_out.iter().map(|h| (softmax(&scaled(&h.logits, temperature)), h.label)).collect();
    let grid = || (20..=99).map(|step| step as f32 / 100.0);
    let wrong_share = |min_probability: f32| {
        let policy = Policy { min_probability, min_margin: MIN_MARGIN };
        let (mut given, mut wrong) = (0.0_f32, 0.0_f32);
        for (p, label) in &judged {
            let (best, sorted) = best_and_sorted(p);
            if answerable.get(best) == Some(&true) && policy.is_confident(&sorted) {
                given += 1.0;
                wrong += f32::from(u8::from(best != *label));
            }
        }
        if given == 0.0 { 0.0 } else { wrong / given }
    };
    let min_probability = grid().find(|t| wrong_share(*t) <= MAX_WRONG).unwrap_or(0.99);
    let mut in_scope_scores: Vec<f32> = judged
        .iter()
        .filter(|(_, label)| *label != outside)
        .map(|(p, _)| {
            let (best, _) = best_and_sorted(p);
            if best == outside { 0.0 } else { p.get(best).copied().unwrap_or(0.0) }
        })
        .collect();
    in_scope_scores.sort_by(f32::total_cmp);
    let at = (in_scope_scores.len() as f32 * MAX_FALSE_REJECTION) as usize;
    let in_scope = in_scope_scores.get(at).copied().unwrap_or(0.0).min(0.5);
    Thresholds { min_probability, min_margin: MIN_MARGIN, in_scope }
}

/// Position of the highest probability, and all of them in descending order.
fn best_and_sorted(probabilities: &[f32]) -> (usize, Vec<f32>) {
    let order = aisle_core::rank::top_intents(probabilities, probabilities.len());
    let sorted = order.iter().filter_map(|at| probabilities.get(*at).copied()).collect();
    (order.first().copied().unwrap_or(0), sorted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(logits: [f32; 3], label: usize) -> HeldOut {
        HeldOut { logits: logits.to_vec(), label }
    }

    #[test]
    fn too_sure_a_model_is_cooled_down() {
        let mut sure = vec![held([8.0, 0.0, 0.0], 0); 6];
        sure.extend(vec![held([8.0, 0.0, 0.0], 1); 4]);
        assert!(temperature(&sure) > 2.0);
        let right = vec![held([1.0, 0.0, 0.0], 0); 10];
        assert!(temperature(&right) < 0.5);
    }

    #[test]
    fn thresholds_keep_wrong_answers_rare() {
        // Sure and right, or unsure and wrong.
        let mut all = vec![held([4.0, 0.0, 0.0], 0); 90];
        all.extend(vec![held([1.2, 0.0, 0.0], 1); 10]);
        let sure = softmax(&[4.0, 0.0, 0.0])[0];
        let unsure = softmax(&[1.2, 0.0, 0.0])[0];
        let chosen = thresholds(&all, 1.0, &[true, true, false], 2);
        assert!(chosen.min_probability > unsure && chosen.min_probability <= sure);
        assert!(thresholds(&all, 1.0, &[false; 3], 2).min_probability <= unsure);
    }
}
