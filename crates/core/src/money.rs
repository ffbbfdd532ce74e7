//! Prices in minor units, shown the way a shopper reads them.

/// Writes a price such as `£4.25` or `12.00 CHF`.
///
/// `price_minor` is in hundredths, except for currencies that have no minor unit.
pub fn format_price(price_minor: u32, currency: &str) -> String {
    let zero_decimal = matches!(currency, "JPY" | "KRW" | "VND" | "CLP" | "ISK");
    let amount = if zero_decimal {
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

#[cfg(test)]
mod tests {
    use super::format_price;
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
