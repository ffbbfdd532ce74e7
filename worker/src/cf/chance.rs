//! The runtime's chance.

use crate::ports::Chance;

/// The runtime's chance; good enough for pauses, not for secrets.
#[derive(Clone, Copy, Debug)]
pub(super) struct RuntimeChance;

impl Chance for RuntimeChance {
    fn below(&self, bound: u32) -> u32 {
        ((js_sys::Math::random() * f64::from(bound)) as u32).min(bound.saturating_sub(1))
    }
}
