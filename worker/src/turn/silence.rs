//! How long nothing has come, by one timer for many things that come: setting and clearing one for
//! each word costs more than passing the word on.

use futures_util::future::LocalBoxFuture;

use crate::ports::Clock;

/// Watches for a silence of a certain length.
pub(super) struct Silence<C> {
    clock: C,
    limit_ms: u32,
    heard_ms: u64,
    timer: LocalBoxFuture<'static, ()>,
}

impl<C: Clock> Silence<C> {
    /// Begins to listen.
    pub(super) fn of(limit_ms: u32, clock: C) -> Self {
        let heard_ms = clock.now_ms();
        let timer = clock.sleep(limit_ms);
        Self { clock, limit_ms, heard_ms, timer }
    }

    /// Something has come.
    pub(super) fn heard(&mut self) {
        self.heard_ms = self.clock.now_ms();
    }

    /// Resolves when nothing has come for the whole time, and listens anew. It may be dropped before
    /// and asked again.
    pub(super) async fn lasted(&mut self) {
        loop {
            (&mut self.timer).await;
            let silent_ms = self.clock.now_ms().saturating_sub(self.heard_ms);
            let silent_ms = u32::try_from(silent_ms).unwrap_or(u32::MAX);
            let left_ms = self.limit_ms.saturating_sub(silent_ms);
            if left_ms == 0 {
                self.heard();
                self.timer = self.clock.sleep(self.limit_ms);
                return;
            }
            self.timer = self.clock.sleep(left_ms);
        }
    }
}
