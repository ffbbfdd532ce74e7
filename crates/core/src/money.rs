//! Prices in minor units, shown the way a shopper reads them.

/// Writes a price such as `£4.25` or `12.00 CHF`.
///
/// `price_minor` is in hundredths, except for currencies that have no minor unit.
pub fn format_price(price_minor: u32, currency: &str) -> String {
    let amount = if has_no_minor_unit(currency) {
        price_minor.to_string()
    } else {
        format!("{}.{:02}", price_minor / 100, price_minor % 100)
    };
    match currency {
        "GBP" => format!("£{amount}"),
        "USD" => format!("${amount}"),
        "EUR" => format!("€{amount}"),
        "JPY" => format!("¥{amount}"),
        _ => format!("{amount} {currency}"),
    }
}

fn has_no_minor_unit(currency: &str) -> bool {
    matches!(currency, "JPY" | "KRW" | "VND" | "CLP" | "ISK")
}

/// Reads an amount as programs write it, such as `4.25`, `10.0` or `7`, into minor units; what is
/// below a minor unit is cut off. Nothing for what is no amount, is negative or cannot be held.
pub fn parse_decimal(text: &str, currency: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !are_digits(whole) || !are_digits(decimals) {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    if has_no_minor_unit(currency) {
        return Some(whole);
    }
    let hundredths: String = decimals.chars().chain("0".chars()).take(2).collect();
    whole.checked_mul(100)?.checked_add(hundredths.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::{format_price, parse_decimal};
    use proptest::prelude::*;

    #[test]
    fn prices_read_as_a_shopper_expects() {
        for (minor, currency, shown) in [
            (425, "GBP", "£4.25"),
            (5, "GBP", "£0.05"),
            (100_000, "USD", "$1000.00"),
            (1200, "JPY", "¥1200"),
            (1200, "CHF", "12.00 CHF"),
        ] {
            assert_eq!(format_price(minor, currency), shown);
        }
    }

    #[test]
    fn amounts_of_programs_are_read_exactly() {
        for (text, currency, expected) in [
            ("4.25", "GBP", Some(425)),
            ("10.0", "GBP", Some(1_000)),
            ("7", "GBP", Some(700)),
            ("0.059", "GBP", Some(5)),
            ("1200.0", "JPY", Some(1_200)),
            ("42949672.95", "GBP", Some(u32::MAX)),
            ("42949672.96", "GBP", None),
            ("-4.25", "GBP", None),
            ("4,25", "GBP", None),
            ("1e3", "GBP", None),
            (".5", "GBP", None),
            ("5.", "GBP", None),
            ("", "GBP", None),
        ] {
            assert_eq!(parse_decimal(text, currency), expected, "{text} {currency}");
        }
    }

    proptest! {
        /// A price that was shown can be read back, whatever the shop calls its currency.
        #[test]
        fn every_price_is_shown_whole(minor: u32, currency in "GBP|USD|EUR|JPY|KRW|[A-Z]{3}|\\PC{0,8}") {
            let shown = format_price(minor, &currency);
            let amount = shown.strip_suffix(&format!(" {currency}")).unwrap_or(&shown);
            let digits: String = amount.chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(digits.parse(), Ok(minor));
        }
    }
}
