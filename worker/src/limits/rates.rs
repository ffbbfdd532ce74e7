//! What a shop allows, and which buckets an action draws from.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::bucket::Rate;
use super::buckets::{Draw, visitors_bucket};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
/// Reading is cheap: a page that is opened in ten tabs is not to be refused.
const READS_PER_MINUTE: u32 = 240;
/// An address may have this many visitors' worth of reading and opening behind it, as a school or
/// a mobile network has.
const VISITORS_BEHIND_ADDRESS: u32 = 10;
/// The highest number of any limit.
const MOST: u32 = 1_000_000;

/// A limit that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{name} must be from 1 to {MOST}")]
pub struct LimitError {
    name: &'static str,
}

/// What one shop allows. Each number is also what is allowed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Messages of one visitor.
    pub turns_per_minute: u32,
    /// Messages from one network address.
    pub address_turns_per_minute: u32,
    /// Conversations that one visitor opens.
    pub conversations_per_hour: u32,
    /// Visitors who come from one network address.
    pub sessions_per_hour: u32,
    /// Messages of one conversation, answers as well.
    pub messages_per_conversation: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            turns_per_minute: 20,
            address_turns_per_minute: 120,
            conversations_per_hour: 20,
            sessions_per_hour: 120,
            messages_per_conversation: 20_000,
        }
    }
}

impl Limits {
    /// Refuses numbers that nothing could be served with.
    pub fn check(&self) -> Result<(), LimitError> {
        let all = [
            ("turns_per_minute", self.turns_per_minute),
            ("address_turns_per_minute", self.address_turns_per_minute),
            ("conversations_per_hour", self.conversations_per_hour),
            ("sessions_per_hour", self.sessions_per_hour),
            ("messages_per_conversation", self.messages_per_conversation),
        ];
        match all.into_iter().find(|(_, number)| !(1..=MOST).contains(number)) {
            Some((name, _)) => Err(LimitError { name }),
            None => Ok(()),
        }
    }
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A session for a new visitor, or a new one for a known visitor.
    Session,
    /// A conversation is opened.
    Open,
    /// A message.
    Turn,
    /// Anything else.
    Read,
}

/// The buckets that an action draws from: the visitor's, and the address's where it is known.
/// `address` is a name for it, not the address itself.
pub fn draws(
    action: Action,
    limits: &Limits,
    visitor: Option<&str>,
    address: Option<&str>,
) -> Vec<Draw> {
    let (name, by_visitor, by_address) = match action {
        Action::Session => {
            // A known visitor renews; that costs the address as much as a new one.
            let rate = per(HOUR_MS, limits.sessions_per_hour);
            ("session", rate, rate)
        }
        Action::Open => {
            let number = limits.conversations_per_hour;
            let behind = number.saturating_mul(VISITORS_BEHIND_ADDRESS);
            ("open", per(HOUR_MS, number), per(HOUR_MS, behind))
        }
        Action::Turn => (
            "turn",
            per(MINUTE_MS, limits.turns_per_minute),
            per(MINUTE_MS, limits.address_turns_per_minute),
        ),
        Action::Read => {
            let behind = READS_PER_MINUTE * VISITORS_BEHIND_ADDRESS;
            ("read", per(MINUTE_MS, READS_PER_MINUTE), per(MINUTE_MS, behind))
        }
    };
    let draw = |of: String, rate| Draw { bucket: [name, &of].concat(), rate };
    let mut draws = Vec::with_capacity(2);
    draws.extend(visitor.map(|visitor| draw(visitors_bucket(visitor), by_visitor)));
    draws.extend(address.map(|address| draw(format!(":address:{address}"), by_address)));
    draws
}

/// A rate of so many in a time.
fn per(time_ms: u64, number: u32) -> Rate {
    Rate { burst: number, every_ms: (time_ms / u64::from(number.max(1))).max(1) }
}

#[cfg(test)]
mod tests {
    use super::super::Buckets;
    use super::*;

    #[test]
    fn each_visitor_has_buckets_of_their_own_and_an_address_has_one_for_all() {
        let limits =
            Limits { turns_per_minute: 2, address_turns_per_minute: 3, ..Limits::default() };
        let mut buckets = Buckets::default();
        let mut turn = |visitor, address, now_ms| {
            let draws = draws(Action::Turn, &limits, Some(visitor), address);
            buckets.take(&draws, now_ms).is_ok()
        };
        assert_eq!([turn("a", Some("x"), 0), turn("a", Some("x"), 0)], [true, true]);
        assert!(!turn("a", Some("x"), 0), "the visitor's is empty");
        assert!(turn("b", Some("x"), 0));
        assert!(!turn("b", Some("x"), 0), "the address's is empty");
        assert!(turn("b", Some("y"), 0));
        assert!(turn("c", None, 0), "no address is known");
        assert!(turn("a", Some("x"), 30_000), "time has filled both");
    }

    #[test]
    fn actions_do_not_draw_from_each_others_buckets() {
        let limits = Limits::default();
        let all = [Action::Session, Action::Open, Action::Turn, Action::Read];
        let mut names: Vec<String> = all
            .into_iter()
            .flat_map(|action| draws(action, &limits, Some("a"), Some("a")))
            .map(|draw| draw.bucket)
            .collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 8);
    }

    #[test]
    fn a_limit_is_a_number_that_something_can_be_served_with() {
        assert_eq!(Limits::default().check(), Ok(()));
        for (json, is_good) in [
            ("{}", true),
            (r#"{"turns_per_minute":1}"#, true),
            (r#"{"turns_per_minute":0}"#, false),
            (r#"{"sessions_per_hour":1000001}"#, false),
        ] {
            let limits: Limits = serde_json::from_str(json).unwrap();
            assert_eq!(limits.check().is_ok(), is_good, "{json}");
        }
        assert!(serde_json::from_str::<Limits>(r#"{"turns":1}"#).is_err());
        assert!(serde_json::from_str::<Limits>(r#"{"turns_per_minute":-1}"#).is_err());
    }
}
