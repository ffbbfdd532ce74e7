//! How long a conversation is kept.

use aisle_core::date::DAY_MS;
use serde::{Deserialize, Serialize};

/// The longest time until a conversation looks again whether its time is over, in milliseconds: a
/// shop may have shortened it meanwhile.
const LOOK_AGAIN_MS: u64 = 7 * DAY_MS;

/// How long a shop's conversations are kept after their last message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Retention {
    /// So many days; 0 keeps them until somebody asks for their deletion.
    Days(u32),
    /// So many seconds. For tests.
    Seconds(u32),
}

impl Default for Retention {
    fn default() -> Self {
        Self::Days(90)
    }
}

impl Retention {
    /// In milliseconds; nothing where it does not end by itself.
    pub fn ms(self) -> Option<u64> {
        match self {
            Self::Days(0) | Self::Seconds(0) => None,
            Self::Days(days) => Some(u64::from(days) * DAY_MS),
            Self::Seconds(seconds) => Some(u64::from(seconds) * 1_000),
        }
    }
}

/// What is to be done with a conversation now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Its time is over.
    Now,
    /// To be asked again at this time, in milliseconds since the Unix epoch.
    At(u64),
}

/// Whether the time of a conversation is over whose last message came at `last_ms`.
pub fn due(retention: Retention, last_ms: u64, now_ms: u64) -> Due {
    let look_ms = now_ms.saturating_add(LOOK_AGAIN_MS);
    match retention.ms().map(|kept_ms| last_ms.saturating_add(kept_ms)) {
        Some(end_ms) if end_ms <= now_ms => Due::Now,
        Some(end_ms) => Due::At(end_ms.min(look_ms)),
        None => Due::At(look_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_time_is_over_so_long_after_the_last_message() {
        let last = 1_000 * DAY_MS;
        for (retention, now, expected) in [
            (Retention::Days(90), last + 90 * DAY_MS, Due::Now),
            (Retention::Days(90), last + 90 * DAY_MS - 1, Due::At(last + 90 * DAY_MS)),
            (Retention::Days(90), last, Due::At(last + 7 * DAY_MS)),
            (Retention::Days(0), last + 9_000 * DAY_MS, Due::At(last + 9_007 * DAY_MS)),
            (Retention::Seconds(2), last + 1_999, Due::At(last + 2_000)),
            (Retention::Seconds(2), last + 2_000, Due::Now),
            // A clock that went back deletes nothing.
            (Retention::Seconds(2), 0, Due::At(7 * DAY_MS)),
        ] {
            assert_eq!(due(retention, last, now), expected, "{retention:?} {now}");
        }
        assert_eq!(Retention::default().ms(), Some(90 * DAY_MS));
    }

    proptest! {
        /// Asked at the times that it gives, a conversation ends at its end, and never before.
        #[test]
        fn it_ends_at_its_end(days in 1_u32..400, last in 0_u64..1 << 42) {
            let retention = Retention::Days(days);
            let (mut now, end) = (last, last + u64::from(days) * DAY_MS);
            loop {
                match due(retention, last, now) {
                    Due::Now => break,
                    Due::At(next) => {
                        prop_assert!(next > now && next <= end);
                        now = next;
                    }
                }
            }
            prop_assert_eq!(now, end);
        }

        #[test]
        fn any_time_has_an_answer(days: u32, last: u64, now: u64) {
            let _ = due(Retention::Days(days), last, now);
        }
    }
}
