//! What is not there.

use maud::{Markup, html};

use super::{Frame, parts};
use crate::server::{Request, Shop};

/// The page for whatever has no page.
pub(crate) fn page(shop: &Shop, request: &Request) -> Markup {
    let best = &shop.catalogue.best_sellers;
    let main = html! {
        div.wrap.text {
            h1 { "We cannot find this page" }
            p { "It may have moved, or the address has a slip in it." }
            p {
                a.button href="/collections/all" { "Shop everything" }
                " "
                a.button.button--quiet href="/pages" { "Get help" }
            }
        }
        (parts::shelf(shop, "Everyone's favourites", best.get(..4).unwrap_or(&[]), None))
    };
    let description = "There is no such page.";
    Frame { shop, request, title: "Page not found", description }.around(&main)
}
