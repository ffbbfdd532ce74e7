//! Why a product is recommended, as a sentence.

use crate::index::Index;

/// Minutes of a day.
const DAY: i64 = 24 * 60;
/// Days of 400 years of the Gregorian calendar, after which it repeats.
const DAYS_OF_ERA: i64 = 146_097;
/// Days after which the name of a month needs its year.
const NAMELESS_AFTER: i64 = 330;

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

/// Year and month of a time, in the Gregorian calendar. Days are counted from the March of a year
/// that 400 divides, so that every leap day is the last of its year.
fn month_of(minutes: i64) -> (i64, &'static str) {
    // 719,468 is 1970-01-01 so counted.
    let days = minutes.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(DAYS_OF_ERA);
    let day = days.rem_euclid(DAYS_OF_ERA);
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = (from_march + 2) % 12;
    let year = era * 400 + year_of_era + i64::from(month < 2);
    let name = usize::try_from(month).ok().and_then(|at| MONTHS.get(at));
    (year, name.copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn every_time_has_a_month(minutes: i64) {
            let (_, month) = month_of(minutes);
            prop_assert!(MONTHS.contains(&month));
        }
    }
}
