//! How a model passes over its examples: in random order, with a rate that warms up and then falls.
//! What comes of it is the mean of the last models, which is steadier than the last one.
//!
//! Source: Izmailov et al., "Averaging weights leads to wider optima and better generalization"
//! (2018), here with a moving mean.

use rand::Rng;
use rand::seq::SliceRandom;

use crate::model::encoder::Encoder;
use crate::model::learning::Labelled;

/// Examples in a step.
const BATCH: usize = 32;
/// Steps in which the rate rises to its full height.
const WARM_UP: usize = 60;
/// Share of the rate that is left at the end.
const LEFT: f32 = 0.05;
/// Share of the steps after which the mean begins.
const MEAN_FROM: f32 = 0.5;
/// Steps that the moving mean looks back on.
const MEAN_STEPS: f32 = 300.0;

/// The rate over all steps of a training.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    rate: f32,
    steps: usize,
    done: usize,
}

impl Schedule {
    /// A training of this many steps.
    pub(super) fn of_steps(rate: f32, steps: usize) -> Self {
        Self { rate, steps: steps.max(1), done: 0 }
    }

    /// A training of some passes over some examples.
    pub(super) fn of_passes(rate: f32, passes: usize, examples: usize) -> Self {
        Self::of_steps(rate, passes * examples.div_ceil(BATCH))
    }

    /// Steps in all.
    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// The rate of the next step.
    pub(super) fn next(&mut self) -> f32 {
        let warm = ((self.done + 1) as f32 / WARM_UP as f32).min(1.0);
        let gone = self.done as f32 / self.steps as f32;
        self.done += 1;
        self.rate * warm * (1.0 - (1.0 - LEFT) * gone).max(LEFT)
    }

    /// Steps since the mean began.
    fn averaged(&self) -> f32 {
        self.done as f32 - self.steps as f32 * MEAN_FROM
    }
}

/// An encoder that learns intents.
pub(super) struct Learner {
    encoder: Encoder,
    mean: Encoder,
    schedule: Schedule,
}

impl Learner {
    /// An encoder at the beginning of its training.
    pub(super) fn new(encoder: Encoder, schedule: Schedule) -> Self {
        Self { mean: encoder.clone(), encoder, schedule }
    }

    /// Learns the intents of a pass in random order. After each step `beside` may teach the
    /// encoder something else; it is told how many steps the pass has done.
    pub(super) fn pass<R: Rng>(
        &mut self,
        mut pass: Vec<Labelled>,
        rng: &mut R,
        mut beside: impl FnMut(&mut Encoder, usize, &mut R),
    ) {
        pass.shuffle(rng);
        for (at, batch) in pass.chunks(BATCH).enumerate() {
            self.encoder.learn_intents(batch, self.schedule.next(), rng.random());
            beside(&mut self.encoder, at + 1, rng);
            let share = 1.0 / self.schedule.averaged().clamp(1.0, MEAN_STEPS);
            self.mean.approach(&self.encoder, share);
        }
    }

    /// What was learnt so far.
    pub(super) fn so_far(&self) -> &Encoder {
        &self.mean
    }

    /// What was learnt: the mean of the last steps.
    pub(super) fn finish(self) -> Encoder {
        self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_warms_up_and_then_falls_but_not_to_nothing() {
        let mut schedule = Schedule::of_steps(1.0, 600);
        let rates: Vec<f32> = (0..700).map(|_| schedule.next()).collect();
        assert!(rates[0] < 0.02 && rates[60] > 0.85);
        assert!(rates[60..].windows(2).all(|w| w[1] <= w[0]));
        assert!((rates[699] - LEFT).abs() < 1e-6);
    }
}
