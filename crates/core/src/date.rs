//! Days of the Gregorian calendar, without a clock and without time zones of one's own.
//!
//! Days are counted from the March of a year that 400 divides, so that every leap day is the last
//! of its year. Source of the method: the Gregorian calendar's cycle of 146,097 days in 400 years.

/// Days in 400 years.
const DAYS_OF_ERA: i64 = 146_097;
/// 1970-01-01, counted from 0000-03-01.
const EPOCH: i64 = 719_468;
/// Milliseconds in a day.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year; 0 is the one before the year 1.
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Date {
    /// The day that is so many days after 1970-01-01.
    pub fn from_days(days: i64) -> Self {
        let days = days.saturating_add(EPOCH);
        let era = days.div_euclid(DAYS_OF_ERA);
        let day = days.rem_euclid(DAYS_OF_ERA);
        let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = (from_march + 2) % 12 + 1;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        Self {
            year: era * 400 + year_of_era + i64::from(month < 3),
            month: u8::try_from(month).unwrap_or(1),
            day: u8::try_from(day).unwrap_or(1),
        }
    }

    /// The day of a time in milliseconds since the Unix epoch, in UTC.
    pub fn from_ms(at_ms: u64) -> Self {
        Self::from_days(i64::try_from(at_ms / DAY_MS).unwrap_or_default())
    }

    /// A day by its numbers; nothing where there is no such day.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            _ => return None,
        };
        let is_day = (0..=9_999).contains(&year) && (1..=length).contains(&day);
        is_day.then_some(Self {
            year,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
        })
    }

    /// Days after 1970-01-01.
    pub fn days(self) -> i64 {
        let year = if self.month < 3 { self.year - 1 } else { self.year };
        let month = (i64::from(self.month) + 9) % 12;
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        365 * year + leap_days + day_of_year - EPOCH
    }

    /// Name of the month, in English.
    pub fn month_name(self) -> &'static str {
        usize::from(self.month).checked_sub(1).and_then(|at| MONTHS.get(at)).unwrap_or(&"")
    }
}

/// As an answer says it: "5 March 2026".
impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.day, self.month_name(), self.year)
    }
}

/// Reads a time such as "2026-03-05T10:20:30.5Z" or "2026-03-05T10:20:30+01:00" into milliseconds
/// since the Unix epoch; nothing for times before it. Source: RFC 3339, section 5.6.
pub fn parse_rfc3339(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        let all = digits.bytes().all(|b| b.is_ascii_digit());
        if all { digits.parse::<i64>().ok() } else { None }
    };
    let is = |at: usize, marks: &[u8]| text.as_bytes().get(at).is_some_and(|b| marks.contains(b));
    let date = Date::new(number(0, 4)?, number(5, 7)?, number(8, 10)?)?;
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let has_marks = is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":");
    // A leap second is the second after it.
    if !has_marks || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = text.get(19..)?;
    let zone = rest
        .strip_prefix('.')
        .map_or(rest, |fraction| fraction.trim_start_matches(|c: char| c.is_ascii_digit()));
    let offset = match zone.as_bytes() {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let at = text.len() - zone.len();
            let (hours, minutes) = (number(at + 1, at + 3)?, number(at + 4, at + 6)?);
            let minutes = hours * 60 + minutes;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    let minutes = date.days() * 24 * 60 + hour * 60 + minute - offset;
    u64::try_from((minutes * 60 + second) * 1_000).ok()
}

/// A time in milliseconds since the Unix epoch, such as "2026-03-05T12:00:00.250Z". Source: RFC
/// 3339, section 5.6.
pub fn rfc3339(at_ms: u64) -> String {
    let Date { year, month, day } = Date::from_ms(at_ms);
    let ms = at_ms % DAY_MS;
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, shown) in [
            (0, "1 January 1970"),
            (-1, "31 December 1969"),
            (11_016, "29 February 2000"),
            (11_017, "1 March 2000"),
            (20_454, "1 January 2026"),
            (20_517, "5 March 2026"),
        ] {
            assert_eq!(Date::from_days(days).to_string(), shown);
            assert_eq!(Date::from_days(days).days(), days);
        }
        assert_eq!(Date::new(2026, 2, 29), None);
        assert_eq!(Date::new(2026, 13, 1), None);
        assert_eq!(Date::new(2026, 12, 0), None);
    }

    #[test]
    fn times_are_read_with_their_zone() {
        let noon = Some(20_517 * DAY_MS + 12 * 3_600_000);
        for (text, expected) in [
            ("2026-03-05T12:00:00Z", noon),
            ("2026-03-05T12:00:00.123456Z", noon),
            ("2026-03-05t13:00:00+01:00", noon),
            ("2026-03-05 06:30:00-05:30", noon),
            ("2026-03-05T12:00:00", None),
            ("2026-03-05", None),
            ("2026-02-30T12:00:00Z", None),
            ("2026-03-05T24:00:00Z", None),
            ("2026-03-05T12:00:00+1:00", None),
            ("1969-03-05T12:00:00Z", None),
            ("2026-03-05T12:00:00ZZ", None),
            ("+026-03-05T12:00:00Z", None),
        ] {
            assert_eq!(parse_rfc3339(text), expected, "{text}");
        }
    }

    #[test]
    fn times_are_written_as_they_are_read() {
        let noon = 20_517 * DAY_MS + 12 * 3_600_000;
        assert_eq!(rfc3339(noon + 250), "2026-03-05T12:00:00.250Z");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
    }

    proptest! {
        #[test]
        fn a_written_time_is_read_to_the_second(at_ms in 0_u64..253_402_300_800_000) {
            prop_assert_eq!(parse_rfc3339(&rfc3339(at_ms)), Some(at_ms / 1_000 * 1_000));
        }

        #[test]
        fn every_day_comes_back(days in -700_000_i64..2_900_000) {
            let date = Date::from_days(days);
            prop_assert_eq!(date.days(), days);
            prop_assert_eq!(Date::new(date.year, date.month.into(), date.day.into()), Some(date));
        }

        #[test]
        fn any_number_and_any_text_is_looked_at(days: i64, text in "\\PC{0,30}|[0-9TZ:.+-]{0,30}") {
            prop_assert!(!Date::from_days(days).month_name().is_empty());
            let _ = parse_rfc3339(&text);
        }
    }
}
