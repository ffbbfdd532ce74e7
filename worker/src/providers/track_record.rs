//! What is known of providers from having asked them, as long as the isolate lives.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::options::Options;

/// Failures one after another that make a provider be left alone.
const MAX_FAILURES: u32 = 3;
/// How long it is left alone then, in milliseconds. The next failure does the same again.
const REST_MS: u64 = 10_000;
/// The longest rest that a provider can ask for itself, in milliseconds.
const MAX_REST_MS: u64 = 60_000;
/// Providers that are known at once. More of them would be a mistake, and everything is forgotten.
const MAX_PROVIDERS: usize = 64;

#[derive(Clone, Copy, Debug, Default)]
struct Record {
    options: Options,
    failures: u32,
    rests_until_ms: u64,
}

/// What is known of providers, by their names. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct TrackRecords(Rc<RefCell<BTreeMap<String, Record>>>);

impl TrackRecords {
    /// Which optional parts a request to this provider has.
    pub fn options(&self, provider: &str) -> Options {
        self.0.borrow().get(provider).map(|record| record.options).unwrap_or_default()
    }

    /// Remembers which optional parts a provider takes.
    pub fn set_options(&self, provider: &str, options: Options) {
        self.change(provider, |record| record.options = options);
    }

    /// Whether a provider is to be left alone.
    pub fn rests(&self, provider: &str, now_ms: u64) -> bool {
        self.0.borrow().get(provider).is_some_and(|record| now_ms < record.rests_until_ms)
    }

    /// It has answered.
    pub fn succeeded(&self, provider: &str) {
        self.change(provider, |record| {
            record.failures = 0;
            record.rests_until_ms = 0;
        });
    }

    /// It has failed, and asked for a rest or not.
    pub fn failed(&self, provider: &str, now_ms: u64, wanted_rest_ms: Option<u32>) {
        self.change(provider, |record| {
            record.failures = record.failures.saturating_add(1);
            let tired = if record.failures < MAX_FAILURES { 0 } else { REST_MS };
            let wanted = wanted_rest_ms.map_or(0, |ms| u64::from(ms).min(MAX_REST_MS));
            let until_ms = now_ms.saturating_add(tired.max(wanted));
            record.rests_until_ms = record.rests_until_ms.max(until_ms);
        });
    }

    fn change(&self, provider: &str, change: impl FnOnce(&mut Record)) {
        let mut records = self.0.borrow_mut();
        if records.len() >= MAX_PROVIDERS && !records.contains_key(provider) {
            records.clear();
        }
        change(records.entry(provider.to_owned()).or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_failure_brings_rest_and_success_ends_it() {
        let records = TrackRecords::default();
        for at_ms in [1, 2] {
            records.failed("a", at_ms, None);
            assert!(!records.rests("a", at_ms));
        }
        records.failed("a", 3, None);
        assert!(records.rests("a", 3) && records.rests("a", 2 + REST_MS));
        assert!(!records.rests("a", 3 + REST_MS) && !records.rests("b", 3));
        // Tried again: one more failure is enough, one success is, too.
        records.failed("a", 20_000, None);
        assert!(records.rests("a", 20_001));
        records.succeeded("a");
        records.failed("a", 20_002, None);
        assert!(!records.rests("a", 20_003));
    }

    #[test]
    fn a_provider_may_ask_for_rest_within_bounds() {
        let records = TrackRecords::default();
        records.failed("a", 0, Some(5_000));
        assert!(records.rests("a", 4_999) && !records.rests("a", 5_000));
        records.failed("b", 0, Some(u32::MAX));
        assert!(!records.rests("b", MAX_REST_MS));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let records = TrackRecords::default();
        let refused = Options { has_temperature: false, ..Options::default() };
        records.set_options("a", refused);
        assert_eq!(records.options("a"), refused);
        for number in 0..MAX_PROVIDERS {
            records.failed(&number.to_string(), 0, None);
        }
        assert!(records.0.borrow().len() <= MAX_PROVIDERS);
        assert_eq!(records.options("a"), Options::default());
    }
}
