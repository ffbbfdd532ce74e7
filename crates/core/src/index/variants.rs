//! SKUs of the further forms in which a product is sold, such as its sizes: orders name those.

use serde::{Deserialize, Serialize};

use super::columns::{Texts, numbers, push_number};

/// Variants as they are stored, in the order of their SKUs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct StoredVariants {
    count: u32,
    /// Texts.
    #[serde(with = "serde_bytes")]
    skus: Vec<u8>,
    /// Numbers: the product of each.
    #[serde(with = "serde_bytes")]
    products: Vec<u8>,
}

impl StoredVariants {
    /// The SKUs of each product, in the order of the products.
    pub(super) fn pack<'a>(skus: impl Iterator<Item = &'a [String]>) -> Self {
        let of_product = |(skus, product): (&'a [String], u32)| {
            skus.iter().map(move |sku| (sku.as_str(), product))
        };
        let mut all: Vec<(&str, u32)> = skus.zip(0..).flat_map(of_product).collect();
        all.sort_unstable();
        let mut products = Vec::new();
        all.iter().for_each(|(_, product)| push_number(&mut products, *product));
        let skus = Texts::write(all.iter().map(|(sku, _)| *sku));
        Self { count: all.len() as u32, skus, products }
    }

    /// Whether no product has any.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// The opened variants.
#[derive(Debug, Default)]
pub(super) struct Variants {
    skus: Texts,
    products: Vec<u32>,
}

impl Variants {
    /// Opens variants of so many products; nothing where a variant is of none.
    pub(super) fn open(stored: StoredVariants, products: u32) -> Option<Self> {
        let count = stored.count as usize;
        let variants = Self {
            skus: Texts::open(stored.skus, count)?,
            products: numbers(&stored.products, count)?,
        };
        let has_product = variants.products.iter().all(|product| *product < products);
        has_product.then_some(variants)
    }

    /// The product of which a variant has exactly this SKU.
    pub(super) fn by_sku(&self, sku: &str) -> Option<u32> {
        let mut from = 0;
        let mut to = self.products.len();
        while from < to {
            let middle = from + (to - from) / 2;
            match self.skus.get(middle)?.as_str().cmp(sku) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return self.products.get(middle).copied(),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_variant_of_no_product_is_refused() {
        let skus = [vec!["A".to_owned()], vec![]];
        let stored = StoredVariants::pack(skus.iter().map(Vec::as_slice));
        assert!(Variants::open(stored.clone(), 2).is_some());
        assert!(Variants::open(stored, 0).is_none());
    }

    proptest! {
        #[test]
        fn every_variant_leads_to_its_product(
            skus in prop::collection::btree_map("[a-cA-C0-9-]{1,4}", 0_u32..5, 0..30),
            other in "\\PC{0,5}",
        ) {
            let of = |product: u32| -> Vec<String> {
                skus.iter().filter(|(_, p)| **p == product).map(|(sku, _)| sku.clone()).collect()
            };
            let all: Vec<Vec<String>> = (0..5).map(of).collect();
            let stored = StoredVariants::pack(all.iter().map(Vec::as_slice));
            prop_assert_eq!(stored.is_empty(), skus.is_empty());
            let opened = Variants::open(stored, 5).unwrap();
            for (sku, product) in &skus {
                prop_assert_eq!(opened.by_sku(sku), Some(*product));
            }
            prop_assert_eq!(opened.by_sku(&other), skus.get(&other).copied());
        }
    }
}
