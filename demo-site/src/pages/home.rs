//! The first page.

use maud::{Markup, html};

use super::{Frame, parts};
use crate::server::{Request, Shop};
use crate::theme_api::{image_url, product_url};

/// Departments that are shown with a picture, by handle.
const TILES: [(&str, &str); 8] = [
    ("bags", "Bags"),
    ("mugs-cups-tea", "Mugs & tea"),
    ("candle-holders-lanterns", "Candlelight"),
    ("party-bunting", "Party & bunting"),
    ("baking-cake", "Baking"),
    ("christmas", "Christmas"),
    ("stationery", "Stationery"),
    ("jewellery", "Jewellery"),
];
/// Products of the picture at the top, by words of their title.
const HERO_WORDS: [&str; 6] = [
    "White Hanging Heart T-Light Holder",
    "Regency Cake Stand 3 Tier",
    "Party Bunting",
    "Jumbo Bag Red Retrospot",
    "Alarm Clock Bakelike Green",
    "Spaceboy Lunch Box",
];
/// Products in a row of the page.
const SHELF: usize = 8;

/// `GET /`
pub(crate) fn page(shop: &Shop, request: &Request) -> Markup {
    let best = &shop.catalogue.best_sellers;
    let pick = |keep: &dyn Fn(&crate::catalogue::Product) -> bool, count: usize| -> Vec<usize> {
        let kept = best.iter().copied().filter(|at| {
            shop.catalogue.get(*at).is_some_and(|product| product.is_available() && keep(product))
        });
        kept.take(count).collect()
    };
    let loved = pick(&|_| true, SHELF);
    let new = pick(&|product| product.invoices == 0, SHELF / 2);
    let sale = pick(&|product| product.compare_at_minor.is_some(), SHELF / 2);
    let main = html! {
        (hero(shop, best))
        section.wrap.promises aria-label="Why shop with us" {
            p { strong { "Free delivery" } "on UK orders of £40 or more" }
            p { strong { "30 days" } "to change your mind" }
            p { strong { "Two shops" } "in Bristol and York" }
            p { strong { "Ask us anything" } "in the chat, at any hour" }
        }
        (tiles(shop))
        (parts::shelf(shop, "Everyone's favourites", &loved, Some("/collections/all")))
        section.story {
            div.wrap {
                h2 { "From a market stall to your mantelpiece" }
                p {
                    "Fernside & Co began in Bristol in 2009. Today about sixty of us choose, draw and \
                     pack around 3,800 things, half of them our own designs."
                }
                a.button.button--light href="/pages/about-fernside" { "Our story and shops" }
            }
        }
        (parts::shelf(shop, "Now for less", &sale, Some("/collections/sale")))
        (parts::shelf(shop, "New in", &new, Some("/collections/new")))
    };
    let description = "Gifts and homeware with a little charm: mugs, bunting, candlelight, bags and \
        cards from Bristol and York.";
    Frame { shop, request, title: "Gifts and homeware", description }.around(&main)
}

fn hero(shop: &Shop, best: &[usize]) -> Markup {
    let chosen = HERO_WORDS
        .iter()
        .filter_map(|title| shop.catalogue.products.iter().find(|product| product.title == *title));
    let sellers = best.iter().filter_map(|at| shop.catalogue.get(*at));
    html! {
        section.hero {
            div.wrap.hero__grid {
                div.hero__words {
                    h1 { "Little things that make a house a home" }
                    p {
                        "Cake stands and candlelight, bunting and bakelite clocks: gifts with a story, \
                         from pennies upwards."
                    }
                    p.hero__links {
                        a.button href="/collections/all" { "Shop everything" }
                        a.button.button--quiet href="/collections/new" { "See what is new" }
                    }
                }
                ul.hero__pictures {
                    @for product in chosen.chain(sellers).take(HERO_WORDS.len()) {
                        li {
                            a href=(product_url(product)) {
                                img src=(image_url(product)) alt=(product.title) width="300" height="300";
                            }
                        }
                    }
                }
            }
        }
    }
}

fn tiles(shop: &Shop) -> Markup {
    let tiles = TILES.iter().filter_map(|(handle, name)| {
        let collection = shop.catalogue.collection(handle)?;
        let product = collection.products.first().and_then(|at| shop.catalogue.get(*at))?;
        Some((handle, name, product, collection.products.len()))
    });
    html! {
        section.wrap.departments {
            div.shelf__head {
                h2 { "Find your corner" }
                a href="/collections" { "All departments" }
            }
            ul.tiles {
                @for (handle, name, product, count) in tiles {
                    li {
                        a.tile href={ "/collections/" (handle) } {
                            img src=(image_url(product)) alt="" width="200" height="200" loading="lazy";
                            span { strong { (name) } span { (count) " products" } }
                        }
                    }
                }
            }
        }
    }
}
