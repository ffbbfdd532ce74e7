//! The shop's own search.

use maud::{Markup, html};

use super::collection::listing;
use super::{Frame, parts};
use crate::catalogue::search;
use crate::server::{Request, Shop};

/// `GET /search`
pub(crate) fn page(shop: &Shop, request: &Request) -> Markup {
    let query = request.parameter("q").trim();
    let found = search(&shop.catalogue, query);
    let best = &shop.catalogue.best_sellers;
    let main = html! {
        @if query.is_empty() {
            div.wrap.text {
                h1 { "Search" }
                p { "Type what you are looking for into the field at the top, or ask in the chat." }
            }
        } @else if found.is_empty() {
            div.wrap.text {
                h1 { "Nothing found for “" (query) "”" }
                p { "Try fewer or other words, or describe it in your own words in the chat." }
            }
            (parts::shelf(shop, "Everyone's favourites", best.get(..4).unwrap_or(&[]), None))
        } @else {
            div.wrap {
                h1 { "“" (query) "”" }
                (listing(shop, request, "/search", &found))
            }
        }
    };
    let description = "Search the products of Fernside & Co.";
    Frame { shop, request, title: "Search", description }.around(&main)
}
