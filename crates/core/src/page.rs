//! Which page a shopper is on, as far as it tells nothing of who the shopper is; and which product
//! a page is about.

use crate::protocol::MAX_PAGE_BYTES;
use crate::redact::redact;

/// Segments of a path under which pages are a shopper's own, or lead to a payment.
const OWN: [&str; 14] = [
    "account",
    "accounts",
    "address",
    "addresses",
    "checkout",
    "checkouts",
    "customer",
    "customers",
    "login",
    "my-account",
    "order",
    "orders",
    "register",
    "user",
];

/// What comes before the handle in the path of a product's page.
const PRODUCTS: &str = "/products/";

/// The shortest run of letters and digits that may be a secret or somebody's id, in bytes.
const SECRET_BYTES: usize = 12;
/// Digits that such a run has at least; words have none and the names of goods few.
const SECRET_DIGITS: usize = 3;

/// The path of a page, without query and fragment, where it says what the page is and nothing of
/// who looks at it. `None` for an account, a checkout, an order, a link with a token, and for
/// whatever is no path.
pub fn public_path(path: &str) -> Option<&str> {
    let bare = bare_path(path);
    let is_path = bare.starts_with('/') && bare.len() <= MAX_PAGE_BYTES;
    let is_public = bare.split('/').all(|segment| {
        OWN.iter().all(|own| !segment.eq_ignore_ascii_case(own)) && !has_secret(segment)
    });
    // A percent-encoded `@` would not be seen as one.
    let has_at = bare.as_bytes().windows(3).any(|three| three == b"%40");
    let has_address = has_at || !redact(bare).found.is_empty();
    (is_path && is_public && !has_address).then_some(bare)
}

/// A path without its query and its fragment.
pub(crate) fn bare_path(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

/// The handle of the product that a page is about, whatever comes before it (a language, a
/// collection) and after it. `None` for every other page.
pub fn product_handle(path: &str) -> Option<&str> {
    let (_, rest) = bare_path(path).rsplit_once(PRODUCTS)?;
    rest.split('/').next().filter(|handle| !handle.is_empty())
}

fn has_secret(segment: &str) -> bool {
    segment.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| {
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        run.len() >= SECRET_BYTES && digits >= SECRET_DIGITS
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_pages_of_everybody_are_told() {
        for path in [
            "/",
            "/products/red-spot-mug",
            "/fr/collections/mugs/products/regency-cake-stand-3-tier",
            "/products/lantern-white-2009-edition",
            "/products/22423",
            "/pages/returns",
            "/blogs/news/how-to-order-a-mug",
            "/search",
            "/cart",
        ] {
            assert_eq!(public_path(path), Some(path));
        }
        for path in [
            "",
            "products/red-spot-mug",
            "https://shop.example/products/red-spot-mug",
            "/account",
            "/account/orders/1042",
            "/fr/Account/addresses",
            "/checkouts/cn/Z2NwLXVzLWVhc3QxOjAx",
            "/checkout",
            "/548380009/orders/2f5d0e8c1b7a4e3c",
            "/reset/8c1b7a4e3c2f5d0e",
            "/invite/550e8400-e29b-41d4-a716-446655440000",
            "/wishlists/ann@shop.example",
            "/wishlists/ann%40shop.example",
            "/call/+44-20-7946-0958",
        ] {
            assert_eq!(public_path(path), None, "{path}");
        }
        assert_eq!(public_path("/search?q=gift+for+ann#top"), Some("/search"));
        assert_eq!(public_path(&format!("/{}", "x".repeat(MAX_PAGE_BYTES))), None);
    }

    #[test]
    fn a_products_page_tells_its_handle() {
        for (path, handle) in [
            ("/products/red-spot-mug", Some("red-spot-mug")),
            ("/products/red-spot-mug/", Some("red-spot-mug")),
            ("/en/collections/all/products/red-spot-mug?variant=1#top", Some("red-spot-mug")),
            ("/products/red-spot-mug/reviews", Some("red-spot-mug")),
            ("https://shop.example/products/red-spot-mug", Some("red-spot-mug")),
            ("/collections/products/products/mug", Some("mug")),
            ("/products/", None),
            ("/products", None),
            ("/pages/returns?from=/products/mug", None),
            ("", None),
        ] {
            assert_eq!(product_handle(path), handle, "{path}");
        }
    }

    proptest! {
        #[test]
        fn what_is_told_is_the_beginning_of_a_path(path in "/\\PC{0,80}|\\PC{0,20}") {
            if let Some(told) = public_path(&path) {
                prop_assert!(told.starts_with('/') && path.starts_with(told));
                prop_assert!(!told.contains(['?', '#']));
            }
        }
    }
}
