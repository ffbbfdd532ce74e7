//! What several pages are made of.

use maud::{Markup, PreEscaped, html};

use super::price;
use crate::catalogue::{Page, Product};
use crate::server::{Request, Shop};
use crate::theme_api::{image_url, product_url};

/// Pieces in stock from which a product is no longer said to be almost gone.
const LOW_STOCK: u32 = 6;

/// A product in a grid. Pictures far down are loaded when they come near.
pub(super) fn card(product: &Product, is_lazy: bool) -> Markup {
    html! {
        li.card {
            a.card__link href=(product_url(product)) {
                span.card__picture {
                    img src=(image_url(product)) alt="" width="400" height="400"
                        loading=[is_lazy.then_some("lazy")];
                    (badge(product))
                }
                span.card__title { (product.title) }
            }
            (prices(product))
            (add_form(product, "Add to cart", false))
        }
    }
}

/// A grid of products.
pub(super) fn grid<'a>(
    products: impl IntoIterator<Item = &'a Product>,
    lazy_after: usize,
) -> Markup {
    html! {
        ul.grid {
            @for (at, product) in products.into_iter().enumerate() {
                (card(product, at >= lazy_after))
            }
        }
    }
}

/// What is special about a product.
pub(super) fn badge(product: &Product) -> Markup {
    html! {
        @if !product.is_available() {
            span.badge.badge--gone { "Sold out" }
        } @else if let Some(former) = product.compare_at_minor {
            span.badge.badge--sale { "Save " (percent_off(product.price_minor, former)) "%" }
        } @else if product.invoices == 0 {
            span.badge { "New" }
        }
    }
}

/// Price and former price.
pub(super) fn prices(product: &Product) -> Markup {
    html! {
        p.prices {
            @if let Some(former) = product.compare_at_minor {
                span.hidden { "Now " }
                strong.prices__now { (price(product.price_minor)) }
                " " s { span.hidden { "was " } (price(former)) }
            } @else {
                strong { (price(product.price_minor)) }
            }
        }
    }
}

/// What the stock tells a shopper.
pub(super) fn stock_words(product: &Product) -> (&'static str, String) {
    match product.stock {
        0 => ("gone", "Sold out".to_owned()),
        left if left < LOW_STOCK => ("low", format!("Only {left} left")),
        _ => ("in", "In stock".to_owned()),
    }
}

/// The form that puts a product into the cart; it works without JavaScript.
pub(super) fn add_form(product: &Product, words: &str, has_quantity: bool) -> Markup {
    let label = format!("{words}: {}", product.title);
    html! {
        form.add action="/cart/add" method="post" data-add {
            input type="hidden" name="id" value=(product.variant_id);
            @if has_quantity && product.is_available() {
                label.quantity {
                    span { "Quantity" }
                    input type="number" name="quantity" value="1" min="1"
                        max=(crate::cart::limit_of(product)) inputmode="numeric";
                }
            }
            @if product.is_available() {
                button.button type="submit" aria-label=(label) { (words) }
            } @else {
                button.button type="submit" disabled { "Sold out" }
            }
        }
    }
}

/// Links to the pages of a list.
pub(super) fn pager(path: &str, request: &Request, page: &Page) -> Markup {
    let link = |number: usize| address(path, request, &[("page", &number.to_string())]);
    let near: Vec<usize> = (1..=page.count)
        .filter(|n| *n == 1 || *n == page.count || n.abs_diff(page.number) <= 1)
        .collect();
    html! {
        @if page.count > 1 {
            nav.pager aria-label="Pages" {
                @if page.number > 1 {
                    a rel="prev" href=(link(page.number - 1)) { "← Previous" }
                }
                @for (at, number) in near.iter().enumerate() {
                    @if at > 0 && near.get(at - 1).is_some_and(|before| before + 1 < *number) {
                        span aria-hidden="true" { "…" }
                    }
                    @if *number == page.number {
                        span aria-current="page" { (number) }
                    } @else {
                        a href=(link(*number)) aria-label={ "Page " (number) } { (number) }
                    }
                }
                @if page.number < page.count {
                    a rel="next" href=(link(page.number + 1)) { "Next →" }
                }
            }
        }
    }
}

/// A path with the request's parameters, some of them replaced; empty ones are left out.
fn address(path: &str, request: &Request, replaced: &[(&str, &str)]) -> String {
    let kept = request.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let kept = kept.filter(|(name, _)| {
        super::collection::PARAMETERS.contains(name) && !replaced.iter().any(|(n, _)| n == name)
    });
    let pairs = kept.chain(replaced.iter().copied()).filter(|(_, value)| !value.is_empty());
    let query: Vec<String> =
        pairs.map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

fn percent_encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.bytes()
        .map(|b| if is_plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn percent_off(now: u32, former: u32) -> u32 {
    100 - (u64::from(now) * 100).div_ceil(u64::from(former.max(1))).min(100) as u32
}

/// The way to a page.
pub(super) fn crumbs(steps: &[(&str, &str)], here: &str) -> Markup {
    html! {
        nav.crumbs aria-label="You are here" {
            ol {
                @for (href, name) in steps { li { a href=(href) { (name) } } }
                li aria-current="page" { (here) }
            }
        }
    }
}

/// A section with a row of products and a way to more of them.
pub(super) fn shelf(shop: &Shop, title: &str, products: &[usize], more: Option<&str>) -> Markup {
    html! {
        @if !products.is_empty() {
            section.shelf.wrap {
                div.shelf__head {
                    h2 { (title) }
                    @if let Some(href) = more { a href=(href) { "See all" } }
                }
                (grid(products.iter().filter_map(|at| shop.catalogue.get(*at)), 4))
            }
        }
    }
}

/// A drawing in the colour of the text.
fn icon(paths: &str) -> Markup {
    html! {
        svg.icon viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false" {
            (PreEscaped(paths))
        }
    }
}

pub(super) fn fern() -> Markup {
    icon(
        "<path d=\"M12 22V5M12 8C9 8 7 6 7 3c3 0 5 2 5 5zM12 8c3 0 5-2 5-5-3 0-5 2-5 5zM12 13c-4 \
          0-6-2-6-5 4 0 6 2 6 5zM12 13c4 0 6-2 6-5-4 0-6 2-6 5zM12 18c-5 0-7-2-7-5 5 0 7 2 7 5zM12 \
          18c5 0 7-2 7-5-5 0-7 2-7 5z\"/>",
    )
}

pub(super) fn magnifier() -> Markup {
    icon("<circle cx=\"10.5\" cy=\"10.5\" r=\"6.5\"/><path d=\"M15.5 15.5L21 21\"/>")
}

pub(super) fn person() -> Markup {
    icon("<circle cx=\"12\" cy=\"8\" r=\"4\"/><path d=\"M4 21c0-5 4-7 8-7s8 2 8 7\"/>")
}

pub(super) fn basket() -> Markup {
    icon("<path d=\"M4 9h16l-2 11H6zM8 9c0-7 8-7 8 0\"/>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cart::Cart;

    #[test]
    fn addresses_keep_known_parameters_only() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let query = vec![
            pair("q", "a&b \"c\""),
            pair("page", "2"),
            pair("utm_source", "x"),
            pair("colour", ""),
        ];
        let request = Request { cart: Cart::default(), query };
        assert_eq!(
            address("/search", &request, &[("page", "3")]),
            "/search?q=a%26b%20%22c%22&page=3"
        );
        let bare = Request { cart: Cart::default(), query: vec![] };
        assert_eq!(address("/x", &bare, &[]), "/x");
    }

    #[test]
    fn a_saving_is_never_overstated() {
        for (now, former, expected) in [(50, 100, 50), (67, 100, 33), (2, 3, 33), (0, 0, 100)] {
            assert_eq!(percent_off(now, former), expected, "{now} of {former}");
        }
    }
}
