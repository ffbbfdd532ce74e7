//! Dates as shops' programs write them.

use crate::read::parse_minutes;

/// Which part of a date such as 1/2/2026 comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// The day.
    DayFirst,
    /// The month.
    MonthFirst,
}

/// Why a text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DateError {
    /// It is none.
    #[error("is not a date such as 2026-09-30 14:05")]
    NotADate,
    /// Day and month could be either way round.
    #[error("may be day or month first; say which with --dates")]
    Ambiguous,
}

/// Reads "2026-09-30 14:05", "2026-09-30T14:05:59+01:00", "30.9.2026" or "9/30/2026 2:05 PM" into
/// "2026-09-30 14:05". Time zones are not looked at: it is the shop's own clock.
pub(super) fn parse_date(text: &str, order: Option<DateOrder>) -> Result<String, DateError> {
    let text = text.trim();
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, time.trim()),
        None => (text, ""),
    };
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let [first, second, third] = parts.as_slice() else { return Err(DateError::NotADate) };
    let number = |part: &str| part.parse::<u32>().map_err(|_| DateError::NotADate);
    let (year, month, day) = if first.len() == 4 {
        (number(first)?, number(second)?, number(third)?)
    } else {
        let year = number(third)?;
        let year = if third.len() == 2 { 2000 + year } else { year };
        let (first, second) = (number(first)?, number(second)?);
        match order {
            Some(DateOrder::DayFirst) => (year, second, first),
            Some(DateOrder::MonthFirst) => (year, first, second),
            None if first > 12 || first == second => (year, second, first),
            None if second > 12 => (year, first, second),
            None => return Err(DateError::Ambiguous),
        }
    };
    let (hour, minute) = parse_time(time).ok_or(DateError::NotADate)?;
    let written = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}");
    // Whether there is such a day is known to one place alone.
    parse_minutes(&written).map(|_| written).ok_or(DateError::NotADate)
}

/// Reads what [`parse_date`] reads into milliseconds since the Unix epoch. A time zone at the end is
/// looked at; without one it is UTC.
pub(super) fn parse_moment(text: &str, order: Option<DateOrder>) -> Result<u64, DateError> {
    let minutes = parse_minutes(&parse_date(text, order)?).ok_or(DateError::NotADate)?;
    let minutes = minutes - zone_minutes(text.trim());
    u64::try_from(minutes * 60_000).map_err(|_| DateError::NotADate)
}

/// Minutes by which the clock is ahead of UTC, of a text that ends in "+01:00" or "-0500"; else 0.
fn zone_minutes(text: &str) -> i64 {
    let Some((_, time)) = text.split_once(':') else { return 0 };
    let Some(at) = time.rfind(['+', '-']) else { return 0 };
    let (_, zone) = time.split_at(at);
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let number = |from, to| digits.get(from..to).and_then(|part| part.parse::<i64>().ok());
    match (number(0, 2), number(2, 4)) {
        (Some(hours), Some(minutes)) if digits.len() == 4 => {
            let ahead = hours * 60 + minutes;
            if zone.starts_with('-') { -ahead } else { ahead }
        }
        _ => 0,
    }
}

fn parse_time(text: &str) -> Option<(u32, u32)> {
    if text.is_empty() {
        return Some((0, 0));
    }
    let (hour, rest) = text.split_once(':')?;
    let minute: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let (mut hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let lower = text.to_ascii_lowercase();
    if lower.contains("pm") && hour < 12 {
        hour += 12;
    } else if lower.contains("am") && hour == 12 {
        hour = 0;
    }
    Some((hour, minute))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates() {
        use DateError::{Ambiguous, NotADate};
        use DateOrder::{DayFirst, MonthFirst};
        for (text, order, expected) in [
            ("2026-09-30", None, Ok("2026-09-30 00:00")),
            ("2026-09-30T14:05:59+01:00", None, Ok("2026-09-30 14:05")),
            ("2026-01-05 10:00:00 +0000", None, Ok("2026-01-05 10:00")),
            ("30.9.2026", None, Ok("2026-09-30 00:00")),
            ("9/30/2026 2:05 PM", None, Ok("2026-09-30 14:05")),
            ("12/1/10 8:26", Some(MonthFirst), Ok("2010-12-01 08:26")),
            ("12/1/2010 12:01 am", Some(DayFirst), Ok("2010-01-12 00:01")),
            ("12/1/2010", None, Err(Ambiguous)),
            ("1/1/2010", None, Ok("2010-01-01 00:00")),
            ("31/2/2010", None, Err(NotADate)),
            ("2026-13-01", None, Err(NotADate)),
            ("99999-01-01", None, Err(NotADate)),
            ("2026-01-01 25:00", None, Err(NotADate)),
            ("yesterday", None, Err(NotADate)),
            ("", None, Err(NotADate)),
        ] {
            assert_eq!(parse_date(text, order).as_deref().map_err(|e| *e), expected, "{text}");
        }
    }

    #[test]
    fn moments() {
        let noon = Ok(1_767_571_200_000 + 12 * 3_600_000);
        for (text, expected) in [
            ("2026-01-05 12:00:00 +0000", noon),
            ("2026-01-05 07:00:00 -0500", noon),
            ("2026-01-05T13:30:00+01:30", noon),
            ("2026-01-05T12:00:00Z", noon),
            ("2026-01-05 12:00", noon),
            ("5/1/2026 12:00 PM", Err(DateError::Ambiguous)),
            ("2026-01-05", Ok(1_767_571_200_000)),
            ("1969-01-05", Err(DateError::NotADate)),
        ] {
            assert_eq!(parse_moment(text, None), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,30}", near in "[0-9/.: T-]{0,24}") {
            for order in [None, Some(DateOrder::DayFirst)] {
                let _ = (parse_date(&text, order), parse_date(&near, order));
                let _ = (parse_moment(&text, order), parse_moment(&near, order));
            }
        }
    }
}
