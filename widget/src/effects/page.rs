//! The page that the shopper is on: what of it is used on the device, and what is told.

use aisle_core::page::public_path;
use aisle_core::protocol::{CartLine, MAX_CART_LINES, TurnRequest};

use super::cart::Cart;
use crate::config::Config;

/// The segment of a path that the handle of a product follows.
const PRODUCTS: &str = "products";

/// The longest SKU and handle together of a line of the cart that is told of, in bytes.
const MAX_LINE_BYTES: usize = 512;

/// Handle of the product whose page this is.
pub(super) fn viewed_product() -> Option<String> {
    let path = path()?;
    let mut segments = path.split('/').skip_while(|segment| *segment != PRODUCTS);
    segments.next()?;
    segments.next().map(str::to_owned)
}

/// Adds to a turn what page this is and what is in the cart, where the shopper does not object and
/// the page is not one of the shopper's own, such as the checkout.
pub(super) fn describe(turn: TurnRequest, config: &Config, cart: &Cart) -> TurnRequest {
    let path = path().unwrap_or_default();
    let told = public_path(&path).filter(|_| config.has_consent() && !config.is_private);
    let Some(path) = told else { return turn };
    let is_short = |line: &CartLine| line.sku.len() + line.handle.len() <= MAX_LINE_BYTES;
    let cart = cart.lines().into_iter().filter(is_short).take(MAX_CART_LINES).collect();
    let page = config.product().unwrap_or_else(|| path.to_owned());
    TurnRequest { page: Some(page), cart, ..turn }
}

fn path() -> Option<String> {
    gloo::utils::window().location().pathname().ok()
}
