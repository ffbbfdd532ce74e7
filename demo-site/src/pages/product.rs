//! A product.

use maud::{Markup, html};

use super::{Frame, parts, price};
use crate::catalogue::{Product, collection_handle};
use crate::server::{Request, Shop};
use crate::theme_api::image_url;

/// Products that are shown as often bought with one.
const RELATED: usize = 4;

/// `GET /products/{handle}`; nothing where there is no such product.
pub(crate) fn page(shop: &Shop, request: &Request, handle: &str) -> Option<Markup> {
    let product = shop.catalogue.by_handle(handle)?;
    let title = product.title.as_str();
    let department = format!("/collections/{}", collection_handle(&product.category));
    let related = shop.catalogue.related(product, RELATED);
    let main = html! {
        div.wrap {
            (parts::crumbs(&[("/", "Home"), (&department, &product.category)], title))
            article.product {
                div.product__picture {
                    img src=(image_url(product)) alt={ "Illustration: " (title) } width="800" height="800";
                    (parts::badge(product))
                }
                (details(product))
            }
        }
        @if !related.is_empty() {
            section.shelf.wrap {
                div.shelf__head { h2 { "Often bought with" } }
                (parts::grid(related, 0))
            }
        }
    };
    let description = format!("{title}, {}, at Fernside & Co.", price(product.price_minor));
    Some(Frame { shop, request, title, description: &description }.around(&main))
}

fn details(product: &Product) -> Markup {
    let (state, words) = parts::stock_words(product);
    html! {
        div.product__words {
            h1 { (product.title) }
            (parts::prices(product))
            p.stock data-state=(state) { (words) }
            (parts::add_form(product, "Add to cart", true))
            @if !product.is_available() {
                p.small { "We do not know yet when it comes back. The chat can suggest something similar." }
            }
            dl.facts {
                @for (name, value) in &product.facts { div { dt { (name) } dd { (value) } } }
                div { dt { "Article" } dd { (product.sku) } }
            }
            ul.product__notes {
                li {
                    "Standard UK delivery £3.95, free from £40, in 3 to 5 working days. "
                    a href="/pages/delivery" { "Delivery" }
                }
                li { "Changed your mind? " a href="/pages/returns-policy" { "Returns" } }
                li { "Care and materials: " a href="/pages/product-guide" { "Product guide" } }
            }
        }
    }
}
