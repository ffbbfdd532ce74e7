//! What sales tell of each product, packed: how likely it is bought again, how likely it is bought
//! by someone new to it, and which products are bought with it.
//!
//! The neighbours are a stream of bits, product after product, least significant bit first: four
//! bits of count, then for each neighbour the distance from the one before it (Rice code: quotient
//! in ones and a zero, then `rice` bits) and four bits of weight. A neighbour costs about 14 bits,
//! near the 10 that its place among a few thousand carries; brotli finds nothing more in them.

use serde::{Deserialize, Serialize};

use super::IndexError;

/// Most neighbours of a product.
pub const MAX_NEIGHBOURS: usize = 15;
/// Largest log-odds that is stored; the least is its negative.
const MAX_LOG_ODDS: f32 = 8.0;
/// Bits of a count and of a weight.
const SMALL_BITS: u32 = 4;
const MAX_SMALL: u32 = (1 << SMALL_BITS) - 1;
/// Longest quotient of a Rice code; with the parameter that `pack` chooses it is never reached.
const MAX_QUOTIENT: u32 = 1 << 16;

/// What the sales of one product tell; a product that was never sold has nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductSales {
    /// Log-odds, up to a constant, that a customer who has it buys it again.
    pub again: Option<f32>,
    /// Log-odds, up to the same constant, that a customer who does not have it buys it.
    pub fresh: Option<f32>,
    /// Products bought with it, as positions among the products, with weights above 0 and at most
    /// 1; at most [`MAX_NEIGHBOURS`], no position twice.
    pub neighbours: Vec<(u32, f32)>,
}

/// The sales of all products; empty when the shop has none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredSales {
    #[serde(with = "serde_bytes")]
    again: Vec<u8>,
    #[serde(with = "serde_bytes")]
    fresh: Vec<u8>,
    rice: u32,
    #[serde(with = "serde_bytes")]
    neighbours: Vec<u8>,
}

impl StoredSales {
    /// Packs the sales of products in the order of the index.
    pub(super) fn pack(sales: &[ProductSales]) -> Self {
        let links: usize = sales.iter().map(|s| s.neighbours.len()).sum();
        let lists = sales.iter().filter(|s| !s.neighbours.is_empty()).count();
        // A list cuts the products into one part more than it has neighbours; Rice codes are
        // shortest with a parameter near the logarithm of 0.7 of the mean length.
        let mean = sales.len() * lists.max(1) / (links + lists).max(1);
        let mut bits = Bits::default();
        let rice = (mean * 7 / 10).max(1).ilog2();
        for product in sales {
            let mut list: Vec<(u32, f32)> = product.neighbours.clone();
            list.truncate(MAX_NEIGHBOURS);
            list.sort_unstable_by_key(|(at, _)| *at);
            bits.push(list.len() as u32, SMALL_BITS);
            let mut next = 0;
            for (at, weight) in list {
                let distance = at.saturating_sub(next);
                for _ in 0..distance >> rice {
                    bits.push(1, 1);
                }
                bits.push(0, 1);
                bits.push(distance & ((1 << rice) - 1), rice);
                bits.push(weight_to_bits(weight), SMALL_BITS);
                next = at + 1;
            }
        }
        Self {
            again: sales.iter().map(|s| odds_to_byte(s.again)).collect(),
            fresh: sales.iter().map(|s| odds_to_byte(s.fresh)).collect(),
            rice,
            neighbours: bits.bytes,
        }
    }

    /// Refuses columns that do not fit the number of products.
    pub(super) fn check(&self, products: usize) -> Result<(), IndexError> {
        let fits = |column: &Vec<u8>| column.is_empty() || column.len() == products;
        if !fits(&self.again) || self.fresh.len() != self.again.len() || self.rice >= 32 {
            return Err(IndexError::Damaged("the sales do not match the products"));
        }
        Ok(())
    }

    pub(super) fn again(&self, product: u32) -> Option<f32> {
        self.again.get(product as usize).copied().and_then(byte_to_odds)
    }

    pub(super) fn fresh(&self, product: u32) -> Option<f32> {
        self.fresh.get(product as usize).copied().and_then(byte_to_odds)
    }

    /// Calls `each` with every product, neighbour and weight, by product and then by neighbour.
    /// What cannot be read is as if it were not there.
    pub(super) fn for_each_neighbour(&self, mut each: impl FnMut(u32, u32, f32)) {
        let mut bits = BitReader { bytes: &self.neighbours, at: 0 };
        let products = self.again.len() as u32;
        for product in 0..products {
            let Some(count) = bits.take(SMALL_BITS) else { return };
            let mut next = 0_u32;
            for _ in 0..count {
                let (Some(distance), Some(weight)) =
                    (bits.take_rice(self.rice), bits.take(SMALL_BITS))
                else {
                    return;
                };
                let Some(at) = next.checked_add(distance).filter(|at| *at < products) else {
                    return;
                };
                each(product, at, bits_to_weight(weight));
                next = at + 1;
            }
        }
    }
}

/// 0 stands for nothing.
fn odds_to_byte(odds: Option<f32>) -> u8 {
    let Some(odds) = odds else { return 0 };
    let share = (odds / MAX_LOG_ODDS + 1.0) / 2.0;
    1 + (share.clamp(0.0, 1.0) * 254.0).round() as u8
}

fn byte_to_odds(byte: u8) -> Option<f32> {
    let share = f32::from(byte.checked_sub(1)?) / 254.0;
    Some((share * 2.0 - 1.0) * MAX_LOG_ODDS)
}

/// Weights are stored by their square root, because small ones are the most common.
fn weight_to_bits(weight: f32) -> u32 {
    let root = weight.clamp(0.0, 1.0).sqrt();
    ((root * MAX_SMALL as f32).round() as u32).clamp(1, MAX_SMALL)
}

fn bits_to_weight(bits: u32) -> f32 {
    let root = bits as f32 / MAX_SMALL as f32;
    root * root
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for bit in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> bit & 1) as u8) << (self.used % 8);
            }
            self.used += 1;
        }
    }
}

struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl BitReader<'_> {
    fn bit(&mut self) -> Option<u32> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (self.at % 8) & 1;
        self.at += 1;
        Some(u32::from(bit))
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for at in 0..count {
            value |= self.bit()? << at;
        }
        Some(value)
    }

    fn take_rice(&mut self, rice: u32) -> Option<u32> {
        let mut quotient = 0_u32;
        while self.bit()? == 1 {
            quotient += 1;
            if quotient > MAX_QUOTIENT {
                return None;
            }
        }
        quotient.checked_mul(1 << rice)?.checked_add(self.take(rice)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn neighbours(stored: &StoredSales) -> Vec<Vec<(u32, f32)>> {
        let mut all = vec![vec![]; stored.again.len()];
        stored.for_each_neighbour(|product, at, weight| all[product as usize].push((at, weight)));
        all
    }

    #[test]
    fn a_shop_without_sales_costs_nothing() {
        let stored = StoredSales::pack(&[]);
        assert_eq!(stored.check(5), Ok(()));
        assert_eq!((stored.again(0), stored.fresh(0)), (None, None));
        assert!(stored.neighbours.is_empty() && neighbours(&stored).is_empty());
    }

    proptest! {
        #[test]
        fn what_is_packed_is_read(
            lists in prop::collection::vec(
                prop::collection::btree_map(0_u32..40, 0.001_f32..1.0, 0..MAX_NEIGHBOURS), 40),
            again in -9.0_f32..9.0,
        ) {
            let sales: Vec<ProductSales> = lists
                .iter()
                .map(|list| ProductSales {
                    again: Some(again),
                    fresh: (again > 0.0).then_some(-again),
                    neighbours: list.iter().map(|(at, w)| (*at, *w)).collect(),
                })
                .collect();
            let stored = StoredSales::pack(&sales);
            prop_assert_eq!(stored.check(40), Ok(()));
            for (found, packed) in neighbours(&stored).iter().zip(&lists) {
                prop_assert_eq!(found.len(), packed.len());
                for ((at, weight), (packed_at, packed_weight)) in found.iter().zip(packed) {
                    prop_assert_eq!(at, packed_at);
                    prop_assert!((weight.sqrt() - packed_weight.sqrt()).abs() < 0.07);
                }
            }
            let step = 2.0 * MAX_LOG_ODDS / 254.0;
            let kept = again.clamp(-MAX_LOG_ODDS, MAX_LOG_ODDS);
            prop_assert!((stored.again(7).unwrap() - kept).abs() <= step);
            match stored.fresh(7) {
                Some(fresh) => prop_assert!((fresh + kept).abs() <= step),
                None => prop_assert!(again <= 0.0),
            }
        }

        #[test]
        fn no_bits_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..60), rice in 0_u32..40, products in 0_usize..9,
        ) {
            let stored = StoredSales {
                again: vec![0; products],
                fresh: vec![0; products],
                rice,
                neighbours: bytes,
            };
            if stored.check(products).is_ok() {
                stored.for_each_neighbour(|product, at, _| {
                    assert!((product as usize) < products && (at as usize) < products);
                });
            }
        }
    }
}
