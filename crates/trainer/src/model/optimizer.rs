//! Adagrad, dense and by row.
//!
//! Source: Duchi, Hazan and Singer, "Adaptive subgradient methods" (2011). It needs no schedule
//! for rare features, which is what hashed n-grams are.

/// A block of parameters with its accumulated squared gradients.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The values.
    pub values: Vec<f32>,
    accumulated: Vec<f32>,
}

/// Keeps the first steps from being huge.
const INITIAL: f32 = 1e-3;

impl Parameters {
    /// Parameters with a fresh history.
    pub fn new(values: Vec<f32>) -> Self {
        Self { accumulated: vec![INITIAL; values.len()], values }
    }

    /// One step on the values from `at` on. `scale` multiplies the gradient.
    pub fn step_at(&mut self, at: usize, gradient: &[f32], rate: f32, scale: f32) {
        let values = self.values.iter_mut().skip(at);
        let accumulated = self.accumulated.iter_mut().skip(at);
        for ((value, sum), g) in values.zip(accumulated).zip(gradient) {
            let g = g * scale;
            *sum += g * g;
            *value -= rate * g / sum.sqrt();
        }
    }

    /// One step on all values; clears the gradient.
    pub fn step(&mut self, gradient: &mut [f32], rate: f32, scale: f32) {
        self.step_at(0, gradient, rate, scale);
        gradient.fill(0.0);
    }
}
