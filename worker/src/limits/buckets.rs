//! The buckets of one shop, in memory: what is asked of them is in the way of every message.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bucket::{Rate, admit};

/// Most buckets that are kept. A bucket that is full again is as good as none.
const MAX_BUCKETS: usize = 50_000;

/// How the names of a visitor's buckets end.
pub fn visitors_bucket(visitor: &str) -> String {
    format!(":visitor:{visitor}")
}

/// A token that is taken from a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// The bucket's name.
    pub bucket: String,
    /// Its size.
    pub rate: Rate,
}

/// Buckets by name, each as the time at which it will be full again.
#[derive(Clone, Debug, Default)]
pub struct Buckets {
    full_ms: BTreeMap<String, u64>,
    changed: BTreeMap<String, u64>,
}

impl Buckets {
    /// Buckets as they were kept.
    pub fn from_kept(kept: impl IntoIterator<Item = (String, u64)>) -> Self {
        Self { full_ms: kept.into_iter().take(MAX_BUCKETS).collect(), changed: BTreeMap::new() }
    }

    /// Takes a token from every bucket, or from none: then how long to wait, in milliseconds.
    pub fn take(&mut self, draws: &[Draw], now_ms: u64) -> Result<(), u64> {
        let mut taken = Vec::with_capacity(draws.len());
        let mut wait_ms = 0;
        for draw in draws {
            let full_ms = self.full_ms.get(&draw.bucket).copied().unwrap_or_default();
            match admit(draw.rate, full_ms, now_ms) {
                Ok(full_ms) => taken.push((&draw.bucket, full_ms)),
                Err(wait) => wait_ms = wait.max(wait_ms),
            }
        }
        if wait_ms > 0 {
            return Err(wait_ms);
        }
        if self.full_ms.len() + taken.len() > MAX_BUCKETS {
            self.make_room(now_ms);
        }
        for (bucket, full_ms) in taken {
            self.full_ms.insert(bucket.clone(), full_ms);
            self.changed.insert(bucket.clone(), full_ms);
        }
        Ok(())
    }

    /// What has changed since this was asked last, to be written down.
    pub fn changed(&mut self) -> BTreeMap<String, u64> {
        std::mem::take(&mut self.changed)
    }

    /// Drops every bucket of a visitor.
    pub fn forget(&mut self, visitor: &str) {
        let end = visitors_bucket(visitor);
        self.full_ms.retain(|name, _| !name.ends_with(&end));
        self.changed.retain(|name, _| !name.ends_with(&end));
    }

    /// Drops what is full; if everything is in use, half of it, the nearly full ones.
    fn make_room(&mut self, now_ms: u64) {
        self.full_ms.retain(|_, full_ms| *full_ms > now_ms);
        if self.full_ms.len() < MAX_BUCKETS / 2 {
            return;
        }
        let mut times: Vec<u64> = self.full_ms.values().copied().collect();
        let (_, median, _) = times.select_nth_unstable(MAX_BUCKETS / 2 - 1);
        let median = *median;
        self.full_ms.retain(|_, full_ms| *full_ms > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 2, every_ms: 100 };

    fn draw(bucket: &str) -> Draw {
        Draw { bucket: bucket.into(), rate: RATE }
    }

    #[test]
    fn a_refusal_takes_nothing_from_any_bucket() {
        let mut buckets = Buckets::default();
        assert_eq!(buckets.take(&[draw("a"), draw("b")], 1_000), Ok(()));
        assert_eq!(buckets.take(&[draw("a")], 1_000), Ok(()));
        assert_eq!(buckets.take(&[draw("a"), draw("b")], 1_000), Err(100));
        assert_eq!(buckets.take(&[draw("b")], 1_000), Ok(()));
        assert_eq!(buckets.take(&[draw("b")], 1_000), Err(100));
        assert_eq!(buckets.take(&[], 1_000), Ok(()));
    }

    #[test]
    fn what_was_kept_goes_on() {
        let mut buckets = Buckets::default();
        for _ in 0..2 {
            buckets.take(&[draw("a")], 1_000).unwrap();
        }
        let kept = buckets.changed();
        assert_eq!(kept.into_iter().collect::<Vec<_>>(), [("a".to_owned(), 1_200)]);
        assert!(buckets.changed().is_empty());
        let mut again = Buckets::from_kept([("a".to_owned(), 1_200)]);
        assert_eq!(again.take(&[draw("a")], 1_000), Err(100));
        assert_eq!(again.take(&[draw("a")], 1_100), Ok(()));
    }

    #[test]
    fn there_are_never_more_than_so_many() {
        let mut buckets = Buckets::default();
        for at in 0..MAX_BUCKETS + 10 {
            buckets.take(&[draw(&at.to_string())], 1_000 + at as u64 / 1_000).unwrap();
        }
        assert!(buckets.full_ms.len() <= MAX_BUCKETS);
        // The latest are the ones that are still remembered.
        let last = draw(&(MAX_BUCKETS + 9).to_string());
        assert_eq!(buckets.take(std::slice::from_ref(&last), 1_050), Ok(()));
        assert!(buckets.take(&[last], 1_050).is_err());
    }
}
