//! What requests to language models take, in tokens and money.

use aisle_core::protocol::ConversationUsage;
use serde::{Deserialize, Serialize};

use crate::ports::Usage;

/// Bytes of text that are taken for a token where the provider does not count.
const BYTES_PER_TOKEN: usize = 4;
/// The highest price that is believed, per million tokens.
const MAX_PRICE: f64 = 100_000.0;

/// What a provider takes for a token. As a price per million tokens is millionths of it per token,
/// thousandths of millionths are kept: that is exact down to 0.001 per million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prices {
    /// Thousandths of a millionth of the currency for a token that is read.
    pub input_nanos: u64,
    /// The same for a token that is written.
    pub output_nanos: u64,
}

impl Prices {
    /// Prices per million tokens, in the currency. `None` for what is no price.
    pub fn per_million(input: f64, output: f64) -> Option<Self> {
        let nanos = |price: f64| {
            (0.0..=MAX_PRICE).contains(&price).then(|| (price * 1_000.0).round() as u64)
        };
        Some(Self { input_nanos: nanos(input)?, output_nanos: nanos(output)? })
    }

    /// The cost of so many tokens in millionths of the currency, rounded up.
    pub fn micros(&self, input_tokens: u64, output_tokens: u64) -> u64 {
        let input = self.input_nanos.saturating_mul(input_tokens);
        let output = self.output_nanos.saturating_mul(output_tokens);
        input.saturating_add(output).div_ceil(1_000)
    }
}

/// Tokens of so many bytes, by an estimate that holds for English and leans to the high side for
/// everything else.
pub fn estimated_tokens(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(BYTES_PER_TOKEN)).unwrap_or(u32::MAX)
}

/// What many requests took together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Requests.
    pub requests: u64,
    /// Those of them whose tokens are estimated.
    pub estimated: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Cost, in millionths of the currency in which the prices are written.
    pub cost_micros: u64,
}

impl Total {
    /// Adds one request.
    pub fn add(&mut self, usage: &Usage) {
        *self = Self {
            requests: self.requests.saturating_add(1),
            estimated: self.estimated.saturating_add(usage.is_estimated.into()),
            input_tokens: self.input_tokens.saturating_add(usage.input_tokens.into()),
            output_tokens: self.output_tokens.saturating_add(usage.output_tokens.into()),
            cost_micros: self.cost_micros.saturating_add(usage.cost_micros),
        };
    }
}

impl From<Total> for ConversationUsage {
    fn from(total: Total) -> Self {
        Self {
            requests: total.requests,
            estimated: total.estimated,
            input_tokens: total.input_tokens,
            output_tokens: total.output_tokens,
            micros: total.cost_micros,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_price_per_million_tokens_is_millionths_per_token() {
        let prices = Prices::per_million(3.0, 15.0).unwrap();
        assert_eq!(prices.micros(1_000_000, 0), 3_000_000);
        assert_eq!(prices.micros(1_000, 200), 6_000);
        let cheap = Prices::per_million(0.075, 0.3).unwrap();
        assert_eq!(cheap.micros(1_000, 10), 78);
        assert_eq!(cheap.micros(1, 0), 1, "rounded up");
        assert_eq!(Prices::default().micros(u64::MAX, u64::MAX), 0);
        for wrong in [-1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(Prices::per_million(wrong, 0.0), None);
            assert_eq!(Prices::per_million(0.0, wrong), None);
        }
    }

    #[test]
    fn requests_add_up() {
        let mut total = Total::default();
        let usage = Usage { input_tokens: 5, output_tokens: 2, cost_micros: 7, ..Usage::default() };
        total.add(&usage);
        total.add(&Usage { is_estimated: true, ..usage });
        let expected = Total {
            requests: 2,
            estimated: 1,
            input_tokens: 10,
            output_tokens: 4,
            cost_micros: 14,
        };
        assert_eq!(total, expected);
    }

    proptest! {
        #[test]
        fn more_never_costs_less(
            prices in (0.0..MAX_PRICE, 0.0..MAX_PRICE),
            input in any::<u64>(),
            output in any::<u64>(),
            less in 0u64..9,
        ) {
            let prices = Prices::per_million(prices.0, prices.1).unwrap();
            let whole = prices.micros(input, output);
            prop_assert!(prices.micros(input.saturating_sub(less), output) <= whole);
            prop_assert!(prices.micros(input, output.saturating_sub(less)) <= whole);
        }
    }
}
