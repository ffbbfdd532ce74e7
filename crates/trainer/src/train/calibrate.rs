//! From logits to probabilities that mean what they say.
//!
//! Source: Guo et al., "On calibration of modern neural networks" (2017).

use crate::model::softmax;

/// A held-out message: its logits and its right label.
#[derive(Clone, Debug)]
pub(super) struct HeldOut {
    pub(super) logits: Vec<f32>,
    pub(super) label: usize,
}

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
}
