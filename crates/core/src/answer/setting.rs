//! What the index knows of the page that the shopper is on, of the cart and of what was shown.

use super::Surroundings;
use crate::index::Index;
use crate::page::{bare_path, product_handle};
use crate::protocol::{CartLine, MAX_CART_LINES, MAX_PAGE_BYTES, ProductCard};

/// Products of earlier answers that are remembered.
const MAX_SHOWN: usize = 4;
/// The most pieces of one product that a cart is believed to hold.
const MAX_QUANTITY: u32 = 999;

/// Where the question is asked, as far as the index knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setting {
    /// The product whose page it is.
    pub looks_at: Option<ProductCard>,
    /// Path of the page, where it is no product's.
    pub path: Option<String>,
    /// What is in the cart, with how many.
    pub in_cart: Vec<(u32, ProductCard)>,
    /// What was shown before, latest first.
    pub shown: Vec<ProductCard>,
}

impl Setting {
    /// Looks everything up; what the index does not know is left out.
    pub fn new(index: &Index, around: &Surroundings<'_>) -> Self {
        let page = around.page.filter(|page| page.len() <= MAX_PAGE_BYTES);
        let card = |sku: &str| index.card(index.product_by_sku(sku)?);
        let looks_at = page.and_then(|page| card(page).or_else(|| by_path(index, page)));
        let path = page.filter(|page| looks_at.is_none() && page.starts_with('/')).map(bare);
        let in_cart = around
            .cart
            .iter()
            .take(MAX_CART_LINES)
            .filter(|line| (1..=MAX_QUANTITY).contains(&line.quantity))
            .filter_map(|line| Some((line.quantity, line_card(index, line)?)))
            .collect();
        let mut shown: Vec<ProductCard> = Vec::new();
        for product in around.earlier.iter().rev().flat_map(|message| &message.products) {
            if shown.len() == MAX_SHOWN {
                break;
            }
            if shown.iter().all(|known| known.sku != product.sku) {
                // As it is now, not as it was then.
                shown.extend(card(&product.sku));
            }
        }
        Self { looks_at, path: path.map(str::to_owned), in_cart, shown }
    }

    /// Every product of it.
    pub fn products(&self) -> impl Iterator<Item = &ProductCard> {
        let in_cart = self.in_cart.iter().map(|(_, product)| product);
        self.looks_at.iter().chain(in_cart).chain(&self.shown)
    }
}

fn line_card(index: &Index, line: &CartLine) -> Option<ProductCard> {
    let by_handle = || index.product_by_handle(&line.handle);
    index.card(index.product_by_sku(&line.sku).or_else(by_handle)?)
}

fn by_path(index: &Index, page: &str) -> Option<ProductCard> {
    index.card(index.product_by_handle(product_handle(page)?)?)
}

/// A path without its query, its fragment and a slash at its end.
fn bare(path: &str) -> &str {
    bare_path(path).trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::tests::small_shop;
    use proptest::prelude::*;

    #[test]
    fn pages_are_products_or_paths() {
        let index = small_shop();
        for (page, product, path) in [
            ("22001", Some("red-spot-mug"), None),
            ("/products/red-spot-mug", Some("red-spot-mug"), None),
            ("/en/collections/all/products/red-spot-mug/?a=1#b", Some("red-spot-mug"), None),
            ("/products/no-such-thing", None, Some("/products/no-such-thing")),
            ("/pages/returns?x", None, Some("/pages/returns")),
            ("https://evil.example/products/", None, None),
            ("", None, None),
        ] {
            let around = Surroundings { page: Some(page), ..Surroundings::default() };
            let setting = Setting::new(&index, &around);
            assert_eq!(setting.looks_at.as_ref().map(|p| p.handle.as_str()), product, "{page}");
            assert_eq!(setting.path.as_deref(), path, "{page}");
        }
    }

    #[test]
    fn lines_of_the_cart_are_products() {
        let index = small_shop();
        for (sku, handle, quantity, expected) in [
            ("22001", "", 2, Some("22001")),
            ("22001", "blue-spot-mug", 1, Some("22001")),
            ("22001-XL", "red-spot-mug", 1, Some("22001")),
            ("", "red-spot-mug", 1, Some("22001")),
            ("22001-XL", "", 1, None),
            ("22001", "", 0, None),
            ("22001", "", MAX_QUANTITY + 1, None),
        ] {
            let cart = [CartLine { sku: sku.into(), handle: handle.into(), quantity }];
            let around = Surroundings { cart: &cart, ..Surroundings::default() };
            let found = Setting::new(&index, &around).in_cart;
            let skus: Vec<&str> = found.iter().map(|(_, product)| product.sku.as_str()).collect();
            assert_eq!(skus, expected.into_iter().collect::<Vec<_>>(), "{sku} {handle}");
        }
    }

    proptest! {
        #[test]
        fn a_setting_is_bounded_and_of_the_index(
            page in prop::option::of("\\PC{0,600}|/products/[a-z-]{0,20}"),
            cart in prop::collection::vec(
                ("2200[0-9]|\\PC{0,9}", "red-spot-mug|\\PC{0,9}", any::<u32>()),
                0..40,
            ),
        ) {
            let index = small_shop();
            let line = |(sku, handle, quantity)| CartLine { sku, handle, quantity };
            let cart: Vec<CartLine> = cart.into_iter().map(line).collect();
            let around = Surroundings { page: page.as_deref(), cart: &cart, earlier: &[] };
            let setting = Setting::new(&index, &around);
            prop_assert!(setting.products().count() <= MAX_CART_LINES + 1);
            for product in setting.products() {
                prop_assert!(index.product_by_sku(&product.sku).is_some());
            }
        }
    }
}
