//! Days, as sales count them.

/// Days from 1970-01-01 of a text that begins with a date such as "2011-09-30".
pub(crate) fn day_number(text: &str) -> Option<i64> {
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let has_marks = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    if !has_marks || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years are counted from March, so that a leap day is the last of its year.
    let year = if month < 3 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let leap_days = year / 4 - year / 100 + year / 400;
    Some(365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468)
}

#[cfg(test)]
mod tests {
    use super::day_number;

    #[test]
    fn days() {
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("2000-03-01 10:00", Some(11_017)),
            ("2010-12-01 08:26:00", Some(14_944)),
            ("2011-13-01", None),
            ("2011/12/01", None),
            ("2011", None),
            ("", None),
        ] {
            assert_eq!(day_number(text), expected, "{text}");
        }
    }
}
