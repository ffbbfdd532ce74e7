//! Prices as merchants write them, to minor units.

use aisle_core::money::format_price;
use thiserror::Error;

/// Marks that may stand beside a price, with the currencies that they are used for.
const MARKS: &[(&str, &[&str])] = &[
    ("£", &["GBP"]),
    ("€", &["EUR"]),
    ("$", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"]),
    ("¥", &["JPY", "CNY"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
    ("zł", &["PLN"]),
];

/// Why a cell is not a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum PriceError {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// It is below zero.
    #[error("is negative")]
    Negative,
    /// It names a currency that is not the shop's.
    #[error("is in another currency than the shop's")]
    OtherCurrency,
    /// It is no number.
    #[error("is not a price")]
    NotAPrice,
    /// It is more than can be held.
    #[error("is too large")]
    TooLarge,
}

/// Reads "4.25", "1,234.50", "1.234,50", "1 234,50" or "£4" into minor units of the currency,
/// rounded to the nearest.
///
/// The last of two different marks is the decimal one. A single comma before exactly three digits
/// divides thousands, a single point is always the decimal one: that is how Shopify writes.
pub(crate) fn parse_price(text: &str, currency: &str) -> Result<u32, PriceError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(PriceError::Empty);
    }
    let (negative, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let number = without_currency(text, currency)?;
    let (negative, number) = match number.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (negative, number),
    };
    let (whole, decimals) = split_decimals(number).ok_or(PriceError::NotAPrice)?;
    let minor = to_minor(&whole, decimals, minor_digits(currency)).ok_or(PriceError::TooLarge)?;
    if negative && minor > 0 { Err(PriceError::Negative) } else { Ok(minor) }
}

/// Whether a price may be meant a thousand times as high: its only mark is a point before exactly
/// three digits, which elsewhere divides thousands.
pub(crate) fn may_be_thousands(text: &str) -> bool {
    let number = text.trim_matches(|c: char| !c.is_ascii_digit());
    let are_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    number.split_once('.').is_some_and(|(whole, rest)| {
        (1..=3).contains(&whole.len())
            && rest.len() == 3
            && !whole.starts_with('0')
            && are_digits(whole)
            && are_digits(rest)
    })
}

/// A price as [`parse_price`] reads it in any currency: digits and at most a point.
pub(crate) fn write_price(minor: u32, currency: &str) -> String {
    match minor_digits(currency) {
        0 => minor.to_string(),
        _ => format!("{}.{:02}", minor / 100, minor % 100),
    }
}

/// Decimals of a price. A currency without a minor unit is shown without them.
fn minor_digits(currency: &str) -> usize {
    if format_price(0, currency).contains('.') { 2 } else { 0 }
}

/// Takes a currency's mark or code off either end.
fn without_currency<'a>(text: &'a str, currency: &str) -> Result<&'a str, PriceError> {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '−');
    let from = text.find(is_number).ok_or(PriceError::NotAPrice)?;
    let to = text.rfind(|c: char| c.is_ascii_digit()).ok_or(PriceError::NotAPrice)? + 1;
    let (Some(before), Some(number), Some(after)) =
        (text.get(..from), text.get(from..to), text.get(to..))
    else {
        return Err(PriceError::NotAPrice);
    };
    for mark in [before.trim(), after.trim()] {
        if mark.is_empty() || mark.eq_ignore_ascii_case(currency) {
            continue;
        }
        match MARKS.iter().find(|(known, _)| known.eq_ignore_ascii_case(mark)) {
            Some((_, currencies)) if currencies.contains(&currency) => {}
            Some(_) => return Err(PriceError::OtherCurrency),
            None if mark.len() == 3 && mark.bytes().all(|b| b.is_ascii_alphabetic()) => {
                return Err(PriceError::OtherCurrency);
            }
            None => return Err(PriceError::NotAPrice),
        }
    }
    Ok(number)
}

/// The digits before and after the decimal mark, with the marks of thousands checked.
fn split_decimals(number: &str) -> Option<(String, &str)> {
    let last = number.rfind(['.', ',']);
    let decimal_at = last.filter(|at| {
        let mark = number.get(*at..=*at).unwrap_or_default();
        let is_only = number.matches(mark).count() == 1;
        let has_other = number.contains(if mark == "." { ',' } else { '.' });
        let three_follow = number.len() - at == 4;
        is_only && (mark == "." || has_other || !three_follow)
    });
    let (whole, decimals) = match decimal_at {
        Some(at) => (number.get(..at)?, number.get(at + 1..)?),
        None => (number, ""),
    };
    let is_group_mark = |c: char| matches!(c, '.' | ',' | '\'' | '’') || c.is_whitespace();
    let mut groups = whole.split(is_group_mark);
    let first = groups.next()?;
    let mut all = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.is_empty() || first.len() > 3 {
            return None;
        }
        all.push_str(group);
    }
    let are_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let some = !(all.is_empty() && decimals.is_empty());
    (some && are_digits(&all) && are_digits(decimals)).then_some((all, decimals))
}

fn to_minor(whole: &str, decimals: &str, digits: usize) -> Option<u32> {
    let mut minor: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut decimals = decimals.bytes().map(|b| u64::from(b - b'0'));
    for _ in 0..digits {
        minor = minor.checked_mul(10)?.checked_add(decimals.next().unwrap_or(0))?;
    }
    let rounds_up = decimals.next().is_some_and(|next| next >= 5);
    u32::try_from(minor.checked_add(u64::from(rounds_up))?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prices_of_many_writings() {
        use PriceError::{Empty, Negative, NotAPrice, OtherCurrency, TooLarge};
        for (text, currency, expected) in [
            ("4.25", "GBP", Ok(425)),
            ("4", "GBP", Ok(400)),
            ("4.5", "GBP", Ok(450)),
            (".5", "GBP", Ok(50)),
            ("4,25", "EUR", Ok(425)),
            ("1,234.50", "GBP", Ok(123_450)),
            ("1.234,50", "EUR", Ok(123_450)),
            ("1,234", "GBP", Ok(123_400)),
            ("1.234", "GBP", Ok(123)),
            ("1.234.567", "EUR", Ok(123_456_700)),
            ("1 234,50", "EUR", Ok(123_450)),
            ("1\u{a0}234,50 €", "EUR", Ok(123_450)),
            ("1'234.50", "CHF", Ok(123_450)),
            ("4.2550000000000003", "GBP", Ok(426)),
            ("£4", "GBP", Ok(400)),
            ("4.25 GBP", "GBP", Ok(425)),
            ("gbp4.25", "GBP", Ok(425)),
            ("$4", "CAD", Ok(400)),
            ("1200", "JPY", Ok(1200)),
            ("1200.5", "JPY", Ok(1201)),
            ("0.00", "GBP", Ok(0)),
            ("-0", "GBP", Ok(0)),
            ("$4", "GBP", Err(OtherCurrency)),
            ("4 USD", "GBP", Err(OtherCurrency)),
            ("-4", "GBP", Err(Negative)),
            ("£-4", "GBP", Err(Negative)),
            ("-£4", "GBP", Err(Negative)),
            ("", "GBP", Err(Empty)),
            ("free", "GBP", Err(NotAPrice)),
            ("4.25.1", "GBP", Err(NotAPrice)),
            ("1,2,3", "GBP", Err(NotAPrice)),
            ("12e3", "GBP", Err(NotAPrice)),
            ("4-5", "GBP", Err(NotAPrice)),
            (".", "GBP", Err(NotAPrice)),
            ("٤", "GBP", Err(NotAPrice)),
            ("99999999999999999999", "GBP", Err(TooLarge)),
            ("42949672.96", "GBP", Err(TooLarge)),
        ] {
            assert_eq!(parse_price(text, currency), expected, "{text:?} {currency}");
        }
    }

    #[test]
    fn a_point_may_divide_thousands() {
        for (text, expected) in [
            ("1.234", true),
            ("€ 12.500", true),
            ("1.234,50", false),
            ("1.23", false),
            ("0.125", false),
            ("1234.567", false),
            ("4.2550000000000003", false),
            ("1.234.567", false),
            ("", false),
        ] {
            assert_eq!(may_be_thousands(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_price_that_is_shown_is_read_back(
            minor: u32,
            currency in prop::sample::select(vec!["GBP", "USD", "EUR", "JPY", "CHF", "ISK"]),
        ) {
            prop_assert_eq!(parse_price(&format_price(minor, currency), currency), Ok(minor));
            prop_assert_eq!(parse_price(&write_price(minor, currency), currency), Ok(minor));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = parse_price(&text, "GBP");
        }
    }
}
