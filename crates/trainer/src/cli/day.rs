//! Days on the command line.

use aisle_core::date::{DAY_MS, Date};

/// Reads a day such as 2026-03-01.
pub(super) fn parse(text: &str) -> Result<Date, String> {
    let parts: Vec<Option<i64>> = text.split('-').map(|part| part.parse().ok()).collect();
    match parts.as_slice() {
        [Some(year), Some(month), Some(day)] => Date::new(*year, *month, *day),
        _ => None,
    }
    .filter(|date| date.days() >= 0)
    .ok_or_else(|| "write a day such as 2026-03-01".to_owned())
}

/// When a day begins in UTC, in milliseconds since the Unix epoch.
pub(super) fn start_ms(day: Date) -> u64 {
    u64::try_from(day.days()).unwrap_or_default() * DAY_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read() {
        for (text, expected) in [
            ("1970-01-02", Some(DAY_MS)),
            ("2026-03-01", Some(20_513 * DAY_MS)),
            ("2026-02-29", None),
            ("1969-12-31", None),
            ("2026-03", None),
            ("-1-2-3", None),
            ("today", None),
        ] {
            assert_eq!(parse(text).ok().map(start_ms), expected, "{text}");
        }
    }
}
