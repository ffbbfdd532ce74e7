//! Setting money aside and settling what it became.

use super::{Cap, Day, Spent};
use crate::ports::StoreError;

/// Milliseconds of a day.
pub(super) const DAY_MS: u64 = 24 * 3_600_000;
/// A request that says nothing of its end for this long, in milliseconds, is counted as if it had
/// cost all that was set aside: whoever made it is gone.
const MAX_OPEN_MS: u64 = 15 * 60_000;
/// Days that are kept.
const KEPT_DAYS: u32 = 400;

/// Money that is set aside for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Name of the request.
    pub id: String,
    /// The day that it counts for.
    pub day: u32,
    /// What is set aside.
    pub micros: u64,
    /// Until when.
    pub until_ms: u64,
}

/// What is kept of a shop's spending.
pub trait SpendTable {
    /// A day; an empty one where there is none.
    fn day(&self, day: u32) -> Result<Day, StoreError>;

    /// Keeps a day.
    fn set_day(&self, day: Day) -> Result<(), StoreError>;

    /// Days from this one on, the first one first.
    fn days_from(&self, day: u32) -> Result<Vec<Day>, StoreError>;

    /// Forgets the days before.
    fn forget_before(&self, day: u32) -> Result<(), StoreError>;

    /// Everything that is set aside.
    fn opened(&self) -> Result<Vec<Opened>, StoreError>;

    /// Sets aside.
    fn insert(&self, opened: &Opened) -> Result<(), StoreError>;

    /// Takes back what was set aside for a request; `None` where there is nothing.
    fn remove(&self, id: &str) -> Result<Option<Opened>, StoreError>;
}

/// The day of a time.
pub(super) fn day_of(now_ms: u64) -> u32 {
    u32::try_from(now_ms / DAY_MS).unwrap_or(u32::MAX)
}

/// Sets aside what a request may cost, unless that is more than the cap leaves.
pub(super) fn open(
    table: &impl SpendTable,
    cap: &Cap,
    id: &str,
    micros: u64,
    now_ms: u64,
) -> Result<bool, StoreError> {
    end_overdue(table, now_ms)?;
    let today = day_of(now_ms);
    let day = table.day(today)?;
    let opened = table.opened()?;
    let of_today = || opened.iter().filter(|opened| opened.day == today);
    let held = of_today().fold(0_u64, |sum, opened| sum.saturating_add(opened.micros));
    let total = day.spent.micros.saturating_add(held).saturating_add(micros);
    let requests = of_today().count() + day.spent.requests as usize + 1;
    if cap.micros_per_day.is_some_and(|most| total > most)
        || cap.requests_per_day.is_some_and(|most| requests > most as usize)
    {
        table.set_day(Day { refused: day.refused.saturating_add(1), ..day })?;
        return Ok(false);
    }
    let until_ms = now_ms.saturating_add(MAX_OPEN_MS);
    table.insert(&Opened { id: id.to_owned(), day: today, micros, until_ms })?;
    Ok(true)
}

/// Counts what a request took. One that was settled already, or was overdue, is not counted again;
/// one without an `id` had nothing set aside.
pub(super) fn close(
    table: &impl SpendTable,
    id: Option<&str>,
    spent: Spent,
    now_ms: u64,
) -> Result<(), StoreError> {
    let day = match id {
        Some(id) => match table.remove(id)? {
            Some(opened) => opened.day,
            None => return Ok(()),
        },
        None => day_of(now_ms),
    };
    add(table, day, spent)
}

/// The last days, the first one first; those without any spending are left out.
pub(super) fn days(
    table: &impl SpendTable,
    last: u32,
    now_ms: u64,
) -> Result<Vec<Day>, StoreError> {
    end_overdue(table, now_ms)?;
    table.days_from(day_of(now_ms).saturating_add(1).saturating_sub(last))
}

fn add(table: &impl SpendTable, day: u32, spent: Spent) -> Result<(), StoreError> {
    let before = table.day(day)?;
    if before.spent == Spent::default() {
        table.forget_before(day.saturating_sub(KEPT_DAYS))?;
    }
    table.set_day(Day { spent: before.spent.plus(spent), ..before })
}

fn end_overdue(table: &impl SpendTable, now_ms: u64) -> Result<(), StoreError> {
    for overdue in table.opened()?.iter().filter(|opened| opened.until_ms <= now_ms) {
        table.remove(&overdue.id)?;
        add(table, overdue.day, Spent { requests: 1, micros: overdue.micros, ..Spent::default() })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::MemorySpend;
    use super::*;

    const NOW_MS: u64 = 20_000 * DAY_MS + 5;

    fn cost(micros: u64) -> Spent {
        Spent { requests: 1, input_tokens: 10, output_tokens: 2, micros }
    }

    fn cap(micros: Option<u64>, requests: Option<u32>) -> Cap {
        Cap { micros_per_day: micros, requests_per_day: requests }
    }

    #[test]
    fn what_is_set_aside_is_not_to_be_had_twice() {
        let table = MemorySpend::default();
        let cap = cap(Some(100), None);
        let ask = |id, micros, now_ms| open(&table, &cap, id, micros, now_ms).unwrap();
        assert!(ask("a", 60, NOW_MS));
        assert!(!ask("b", 41, NOW_MS));
        assert!(ask("c", 40, NOW_MS));
        // The first one cost less than it might have.
        close(&table, Some("a"), cost(10), NOW_MS).unwrap();
        assert!(ask("d", 50, NOW_MS));
        assert!(!ask("e", 1, NOW_MS));
        // A new day, a new cap; what began yesterday still counts for yesterday.
        let tomorrow = NOW_MS + DAY_MS - 60_000;
        assert!(!ask("f", 1, NOW_MS + 60_000));
        assert!(ask("g", 100, tomorrow + 60_000));
        let found = days(&table, 2, tomorrow + 60_000).unwrap();
        assert_eq!(found.first().map(|day| (day.spent.micros, day.refused)), Some((100, 3)));
    }

    #[test]
    fn requests_are_counted_where_there_are_no_prices() {
        let table = MemorySpend::default();
        let cap = cap(None, Some(2));
        let ask = |id| open(&table, &cap, id, 0, NOW_MS).unwrap();
        assert!(ask("a"));
        close(&table, Some("a"), cost(0), NOW_MS).unwrap();
        assert!(ask("b"));
        assert!(!ask("c"));
        assert_eq!(table.day(20_000).unwrap().refused, 1);
    }

    #[test]
    fn a_request_is_settled_once_or_counted_in_full() {
        let table = MemorySpend::default();
        let cap = cap(Some(1_000), None);
        for id in ["a", "b"] {
            assert!(open(&table, &cap, id, 300, NOW_MS).unwrap());
        }
        close(&table, Some("a"), cost(7), NOW_MS).unwrap();
        close(&table, Some("a"), cost(7), NOW_MS).unwrap();
        assert_eq!(table.day(20_000).unwrap().spent, cost(7));
        // Nothing is heard of the other one.
        let late = NOW_MS + MAX_OPEN_MS;
        let found = days(&table, 1, late).unwrap();
        assert_eq!(found.first().unwrap().spent.micros, 307);
        close(&table, Some("b"), cost(9), late).unwrap();
        assert_eq!(table.day(20_000).unwrap().spent.micros, 307);
        // One for which nothing was set aside is counted as it is.
        close(&table, None, cost(1), late).unwrap();
        assert_eq!(table.day(20_000).unwrap().spent.micros, 308);
    }

    #[test]
    fn old_days_are_forgotten() {
        let table = MemorySpend::default();
        close(&table, None, cost(1), NOW_MS).unwrap();
        close(&table, None, cost(1), NOW_MS + u64::from(KEPT_DAYS + 1) * DAY_MS).unwrap();
        assert_eq!(table.days_from(0).unwrap().len(), 1);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Open(u64),
        Close { at: prop::sample::Index, share: u64 },
        Wait(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0_u64..60).prop_map(Step::Open),
            3 => (any::<prop::sample::Index>(), 0_u64..=100)
                .prop_map(|(at, share)| Step::Close { at, share }),
            1 => (0..MAX_OPEN_MS).prop_map(Step::Wait),
        ]
    }

    proptest! {
        /// Whatever is asked, settled, forgotten or late: no day costs more than its cap.
        #[test]
        fn no_day_costs_more_than_its_cap(
            most in 0_u64..300,
            requests in 0_u32..20,
            steps in prop::collection::vec(step(), 1..80),
        ) {
            let table = MemorySpend::default();
            let cap = cap(Some(most), Some(requests));
            let mut now_ms = NOW_MS;
            let mut open_ids: Vec<(String, u64)> = vec![];
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Open(micros) => {
                        let id = number.to_string();
                        if open(&table, &cap, &id, micros, now_ms).unwrap() {
                            open_ids.push((id, micros));
                        }
                    }
                    Step::Close { at, share } if !open_ids.is_empty() => {
                        let (id, micros) = open_ids.swap_remove(at.index(open_ids.len()));
                        let spent = cost(micros * share / 100);
                        close(&table, Some(&id), spent, now_ms).unwrap();
                    }
                    Step::Close { .. } => {}
                    Step::Wait(ms) => now_ms += ms,
                }
            }
            for day in days(&table, 400, now_ms + MAX_OPEN_MS).unwrap() {
                prop_assert!(day.spent.micros <= most, "{day:?}");
                prop_assert!(day.spent.requests <= requests, "{day:?}");
            }
        }
    }
}
