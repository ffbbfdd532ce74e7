//! A bucket of tokens, kept as the one time at which it will be full again.
//!
//! Source: the generic cell rate algorithm of ITU-T I.371, the virtual scheduling form.

use serde::{Deserialize, Serialize};

/// A bucket's size and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Tries that are allowed at once.
    pub burst: u32,
    /// Milliseconds after which one more is allowed.
    pub every_ms: u64,
}

/// Takes a token: when the bucket will be full again, to be kept. Where there is none, how long to
/// wait for one, in milliseconds. `full_ms` is what was kept, 0 for a bucket that never was used.
pub fn admit(rate: Rate, full_ms: u64, now_ms: u64) -> Result<u64, u64> {
    let taken_ms = full_ms.max(now_ms).saturating_add(rate.every_ms);
    let allowed_ms = now_ms.saturating_add(rate.every_ms.saturating_mul(rate.burst.into()));
    if taken_ms <= allowed_ms { Ok(taken_ms) } else { Err(taken_ms - allowed_ms) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bucket_empties_and_fills() {
        let rate = Rate { burst: 3, every_ms: 100 };
        let mut full = 0;
        for _ in 0..3 {
            full = admit(rate, full, 1_000).unwrap();
        }
        assert_eq!(admit(rate, full, 1_000), Err(100));
        assert_eq!(admit(rate, full, 1_060), Err(40));
        full = admit(rate, full, 1_100).unwrap();
        assert_eq!(admit(rate, full, 1_100), Err(100));
        // After a long time it is full, and not fuller.
        let mut full = admit(rate, full, 99_000).unwrap();
        for _ in 0..2 {
            full = admit(rate, full, 99_000).unwrap();
        }
        assert!(admit(rate, full, 99_000).is_err());
    }

    proptest! {
        /// In any stretch of time no more is admitted than the burst and what has come in since.
        #[test]
        fn no_more_is_admitted_than_allowed(
            burst in 1_u32..9,
            every_ms in 1_u64..1_000,
            pauses in prop::collection::vec(0_u64..2_000, 1..80),
        ) {
            let rate = Rate { burst, every_ms };
            let (mut full, mut now, mut admitted) = (0, 5_000, 0_u64);
            for pause in pauses {
                now += pause;
                match admit(rate, full, now) {
                    Ok(next) => (full, admitted) = (next, admitted + 1),
                    Err(wait) => {
                        prop_assert!(wait > 0 && wait <= every_ms);
                        prop_assert!(admit(rate, full, now + wait).is_ok());
                    }
                }
                prop_assert!(admitted <= u64::from(burst) + (now - 5_000) / every_ms);
            }
        }

        #[test]
        fn any_time_has_an_answer(full: u64, now: u64, burst: u32, every_ms: u64) {
            let _ = admit(Rate { burst, every_ms }, full, now);
        }
    }
}
