//! The runtime's clock.

use std::time::Duration;

use futures_util::future::{FutureExt, LocalBoxFuture};
use worker::{Date, Delay};

use crate::ports::Clock;

/// The runtime's clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct RuntimeClock;

impl Clock for RuntimeClock {
    fn now_ms(&self) -> u64 {
        Date::now().as_millis()
    }

    fn sleep(&self, ms: u32) -> LocalBoxFuture<'static, ()> {
        // A delay alone wakes only the task that waited for it first.
        Box::pin(Delay::from(Duration::from_millis(u64::from(ms))).shared())
    }
}
