//! Why a product is recommended, as a sentence.

use crate::date::Date;
use crate::index::Index;

/// Minutes of a day.
const DAY: i64 = 24 * 60;
/// Days after which the name of a month needs its year.
const NAMELESS_AFTER: i64 = 330;

/// Why a product is recommended. Products are positions in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The shopper bought it, last at this time (minutes from 1970-01-01).
    BoughtBefore {
        /// The last time.
        at: i64,
    },
    /// Others buy it with this product, which the shopper bought, viewed or has in the cart.
    OftenBoughtWith {
        /// The other product.
        product: u32,
    },
    /// It is like this product, which the shopper bought, viewed or has in the cart.
    Like {
        /// The other product.
        product: u32,
    },
    /// It sells well now.
    Popular,
}

impl Reason {
    /// The reason as a shopper reads it, such as "You bought this in March".
    pub fn sentence(self, index: &Index, now: i64) -> String {
        let title = |product| index.title(product).unwrap_or_else(|| "what you chose".to_owned());
        match self {
            Self::BoughtBefore { at } => {
                let (year, month) = month_of(at);
                let days = now.saturating_sub(at) / DAY;
                if (0..=NAMELESS_AFTER).contains(&days) {
                    format!("You bought this in {month}")
                } else {
                    format!("You bought this in {month} {year}")
                }
            }
            Self::OftenBoughtWith { product } => format!("Often bought with {}", title(product)),
            Self::Like { product } => format!("Similar to {}", title(product)),
            Self::Popular => "Popular now".to_owned(),
        }
    }
}

/// Year and month of a time.
fn month_of(minutes: i64) -> (i64, &'static str) {
    let date = Date::from_days(minutes.div_euclid(DAY));
    (date.year, date.month_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months() {
        for (days, expected) in [
            (0, (1970, "January")),
            (-1, (1969, "December")),
            (58, (1970, "February")),
            (59, (1970, "March")),
            (11_016, (2000, "February")),
            (11_017, (2000, "March")),
            (14_944, (2010, "December")),
            (15_225, (2011, "September")),
            (20_454, (2026, "January")),
        ] {
            assert_eq!(month_of(days * DAY), expected, "{days}");
            assert_eq!(month_of(days * DAY + DAY - 1), expected, "{days}");
        }
    }
}
