//! The cart. It lives in a cookie, so that the server keeps nothing.

use std::fmt::Write as _;

use thiserror::Error;

use crate::catalogue::{Catalogue, Product};

/// Name of the cookie.
pub const COOKIE: &str = "cart";
/// Different products that a cart holds, so that the cookie stays well below 4 KB.
const MAX_LINES: usize = 60;
/// Pieces of one product that a cart holds.
pub const MAX_QUANTITY: u32 = 500;
/// Seconds for which a browser keeps the cookie: two weeks.
const MAX_AGE_SECONDS: u32 = 14 * 24 * 60 * 60;

/// Why something cannot be put into the cart, in words for the shopper.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CartError {
    /// There is no such variant.
    #[error("We no longer have this product.")]
    Unknown,
    /// There is nothing left of it.
    #[error("\"{0}\" is sold out.")]
    SoldOut(String),
    /// There are fewer pieces than asked for.
    #[error("We have only {left} of \"{title}\", and all of them are in your cart.")]
    NotEnough {
        /// The product.
        title: String,
        /// Pieces in stock.
        left: u32,
    },
    /// The cart is full.
    #[error("Your cart holds {MAX_LINES} different products. Please order these first.")]
    Full,
    /// The number of pieces is none.
    #[error("Please choose at least one piece.")]
    NoQuantity,
}

/// One product in the cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Number of the variant.
    pub variant_id: u64,
    /// Pieces, at least 1.
    pub quantity: u32,
}

/// A shopper's cart, what was added last at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cart {
    lines: Vec<Line>,
}

impl Cart {
    /// Reads a cart from the values of all Cookie headers. What is not understood, is of no
    /// product or is too much is dropped.
    pub fn from_cookies<'a>(headers: impl Iterator<Item = &'a str>, catalogue: &Catalogue) -> Self {
        let pairs = headers.flat_map(|header| header.split(';'));
        let value =
            pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(n, _)| *n == COOKIE);
        let mut cart = Self::default();
        for part in value.map_or("", |(_, value)| value).split('.').take(MAX_LINES) {
            let Some((id, quantity)) = part.split_once('-') else { continue };
            if let (Ok(id), Ok(quantity)) = (id.parse(), quantity.parse()) {
                // A stale cookie may ask for more than there is.
                let _ = cart.set(id, quantity, catalogue);
            }
        }
        cart
    }

    /// The Set-Cookie header that stores this cart.
    pub fn to_set_cookie(&self) -> String {
        let mut value = String::new();
        for line in &self.lines {
            let dot = if value.is_empty() { "" } else { "." };
            // Writing to a string cannot fail.
            let _ = write!(value, "{dot}{}-{}", line.variant_id, line.quantity);
        }
        let age = if self.lines.is_empty() { 0 } else { MAX_AGE_SECONDS };
        format!("{COOKIE}={value}; Path=/; Max-Age={age}; SameSite=Lax; HttpOnly")
    }

    /// Adds pieces of a variant.
    ///
    /// # Errors
    /// When it is unknown, sold out or not there in that number; the cart is then unchanged.
    pub fn add(&mut self, id: u64, quantity: u32, catalogue: &Catalogue) -> Result<(), CartError> {
        let product = catalogue.by_variant(id).ok_or(CartError::Unknown)?;
        if !product.is_available() {
            return Err(CartError::SoldOut(product.title.clone()));
        }
        if quantity == 0 {
            return Err(CartError::NoQuantity);
        }
        let wanted = self.quantity_of(id).saturating_add(quantity);
        if wanted > limit_of(product) {
            let (title, left) = (product.title.clone(), limit_of(product));
            return Err(CartError::NotEnough { title, left });
        }
        self.put(id, wanted)
    }

    /// Sets the pieces of a variant, at most what is in stock; none takes it out.
    ///
    /// # Errors
    /// When it is unknown, or the cart is full.
    pub fn set(&mut self, id: u64, quantity: u32, catalogue: &Catalogue) -> Result<(), CartError> {
        let product = catalogue.by_variant(id).ok_or(CartError::Unknown)?;
        self.put(id, quantity.min(limit_of(product)))
    }

    fn put(&mut self, variant_id: u64, quantity: u32) -> Result<(), CartError> {
        if quantity == 0 {
            self.lines.retain(|line| line.variant_id != variant_id);
        } else if let Some(line) = self.lines.iter_mut().find(|l| l.variant_id == variant_id) {
            line.quantity = quantity;
        } else if self.lines.len() < MAX_LINES {
            self.lines.push(Line { variant_id, quantity });
        } else {
            return Err(CartError::Full);
        }
        Ok(())
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.lines.clear();
    }

    /// Pieces of a variant.
    pub fn quantity_of(&self, variant_id: u64) -> u32 {
        self.lines.iter().find(|l| l.variant_id == variant_id).map_or(0, |line| line.quantity)
    }

    /// Number of the variant at a place, from 1.
    pub fn variant_at(&self, place: usize) -> Option<u64> {
        let at = place.checked_sub(1)?;
        self.lines.get(at).map(|line| line.variant_id)
    }

    /// Pieces of everything.
    pub fn count(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity).sum()
    }

    /// Products with their pieces.
    pub fn items<'a>(&'a self, catalogue: &'a Catalogue) -> Vec<(&'a Product, u32)> {
        let found = |line: &Line| catalogue.by_variant(line.variant_id).map(|p| (p, line.quantity));
        self.lines.iter().filter_map(found).collect()
    }

    /// Price of everything in pence.
    pub fn total_minor(&self, catalogue: &Catalogue) -> u64 {
        let items = self.items(catalogue).into_iter();
        items.map(|(p, quantity)| u64::from(p.price_minor) * u64::from(quantity)).sum()
    }
}

/// Pieces of a product that can be in a cart.
pub fn limit_of(product: &Product) -> u32 {
    product.stock.min(MAX_QUANTITY)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalogue::tests::catalogue;

    fn from(cookie: &str, catalogue: &Catalogue) -> Cart {
        Cart::from_cookies(std::iter::once(cookie), catalogue)
    }

    #[test]
    fn things_are_put_in_and_taken_out() {
        let catalogue = catalogue("");
        let id = |handle| catalogue.by_handle(handle).unwrap().variant_id;
        let mut cart = Cart::default();
        assert_eq!(cart.add(id("red-mug"), 2, &catalogue), Ok(()));
        assert_eq!(cart.add(id("red-mug"), 3, &catalogue), Ok(()));
        let error = cart.add(id("red-mug"), 1, &catalogue).unwrap_err();
        assert_eq!(
            error.to_string(),
            "We have only 5 of \"Red Mug\", and all of them are in your cart."
        );
        let sold_out = cart.add(id("cat-bowl"), 1, &catalogue);
        assert_eq!(sold_out, Err(CartError::SoldOut("Cat Bowl".into())));
        assert_eq!(cart.add(1, 1, &catalogue), Err(CartError::Unknown));
        assert_eq!(cart.add(id("blue-mug"), 0, &catalogue), Err(CartError::NoQuantity));
        assert!(cart.add(id("blue-mug"), u32::MAX, &catalogue).is_err());
        assert_eq!((cart.count(), cart.total_minor(&catalogue)), (5, 1250));
        assert_eq!(cart.variant_at(1), Some(id("red-mug")));
        assert_eq!((cart.variant_at(0), cart.variant_at(2)), (None, None));
        cart.set(id("red-mug"), 99, &catalogue).unwrap();
        assert_eq!(cart.quantity_of(id("red-mug")), 5);
        cart.set(id("red-mug"), 0, &catalogue).unwrap();
        assert_eq!(cart, Cart::default());
    }

    #[test]
    fn a_cart_survives_its_cookie() {
        let catalogue = catalogue("");
        let mut cart = Cart::default();
        for handle in ["red-mug", "wall-clock"] {
            cart.add(catalogue.by_handle(handle).unwrap().variant_id, 2, &catalogue).unwrap();
        }
        let header = cart.to_set_cookie();
        let cookie = header.split(';').next().unwrap();
        assert_eq!(from(&format!("theme=dark; {cookie}; b=c"), &catalogue), cart);
        assert!(header.ends_with("; Path=/; Max-Age=1209600; SameSite=Lax; HttpOnly"));
        assert_eq!(
            Cart::default().to_set_cookie(),
            "cart=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly"
        );
    }

    #[test]
    fn hostile_cookies_are_tolerated() {
        let catalogue = catalogue("");
        let id = catalogue.by_handle("red-mug").unwrap().variant_id;
        for (cookie, pieces) in [
            (format!("cart={id}-2.{id}-3"), 3),
            (format!("cart={id}-99999999999999999999"), 0),
            (format!("cart={id}-4294967295"), 5),
            (format!("cart={id}--1"), 0),
            (format!("cart=..-.-1.1-.x-y.{id}-1"), 1),
            ("cart".to_owned(), 0),
            (format!("cart=1-1;cart={id}-2"), 0),
            (format!("cart={}", "9-9.".repeat(100_000)), 0),
        ] {
            assert_eq!(from(&cookie, &catalogue).count(), pieces, "{:.60}", cookie);
        }
    }

    proptest! {
        #[test]
        fn no_cookie_panics_and_every_cart_is_bounded(
            cookie in "(cart=)?([0-9]{0,20}-[0-9]{0,11}[.;]?|\\PC){0,20}",
            quantity in any::<u32>(),
        ) {
            let catalogue = catalogue("");
            let id = catalogue.by_handle("blue-mug").unwrap().variant_id;
            let mut cart = from(&format!("{cookie}cart={id}-{quantity}"), &catalogue);
            let _ = cart.add(id, quantity, &catalogue);
            prop_assert!(cart.quantity_of(id) <= 120);
            let header = cart.to_set_cookie();
            prop_assert!(header.len() < 4096);
            prop_assert_eq!(from(header.split(';').next().unwrap(), &catalogue), cart);
        }
    }
}
