//! The pages: a frame that all share, and what goes into it.

pub(crate) mod cart;
pub(crate) mod collection;
pub(crate) mod document;
pub(crate) mod home;
pub(crate) mod not_found;
pub(crate) mod product;
pub(crate) mod search;

mod parts;

use maud::{DOCTYPE, Markup, html};

use crate::server::{Request, Shop};

/// Name of the shop.
const SHOP_NAME: &str = "Fernside & Co";

/// Departments in the bar at the top.
const BAR: [(&str, &str); 8] = [
    ("/collections/all", "Shop all"),
    ("/collections/new", "New in"),
    ("/collections/bags", "Bags"),
    ("/collections/mugs-cups-tea", "Mugs & tea"),
    ("/collections/candle-holders-lanterns", "Candlelight"),
    ("/collections/party-bunting", "Party"),
    ("/collections/christmas", "Christmas"),
    ("/collections/sale", "Sale"),
];

/// Columns of links at the bottom.
const FOOTER: [(&str, &[(&str, &str)]); 3] = [
    (
        "Help",
        &[
            ("/pages/tracking", "Track an order"),
            ("/pages/start-a-return", "Returns"),
            ("/pages/delivery", "Delivery"),
            ("/pages/payment", "Payment"),
            ("/pages/gift-cards", "Gift cards"),
            ("/pages", "All help pages"),
        ],
    ),
    (
        "Fernside & Co",
        &[
            ("/pages/about-fernside", "About us and our shops"),
            ("/pages/fern-points", "Fern Points"),
            ("/pages/placing-an-order#bulk-and-trade-orders", "Trade"),
            ("/pages/about-fernside#jobs-press-and-suppliers", "Jobs"),
            ("/pages/newsletter-and-reviews", "Newsletter"),
        ],
    ),
    (
        "Contact",
        &[
            ("/pages/contact-and-complaints", "Contact us"),
            ("/pages/newsletter-and-reviews", "Feedback"),
            ("/pages/assistant", "About the chat"),
            ("/pages/privacy", "Privacy"),
            ("/pages/privacy", "Cookies"),
        ],
    ),
];

/// The frame around a page.
struct Frame<'a> {
    shop: &'a Shop,
    request: &'a Request,
    /// Title of the page, without the shop's name.
    title: &'a str,
    /// One sentence for search engines.
    description: &'a str,
}

impl Frame<'_> {
    /// The whole page with this in its middle.
    fn around(&self, main: &Markup) -> Markup {
        let Self { shop, request, title, description } = self;
        let settings = &shop.settings;
        let version = &shop.version;
        html! {
            (DOCTYPE)
            html lang="en-GB" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (title) " · " (SHOP_NAME) }
                    meta name="description" content=(description);
                    meta name="theme-color" content="#23483c";
                    link rel="icon" type="image/svg+xml" href={ "/assets/icon.svg?v=" (version) };
                    link rel="stylesheet" href={ "/assets/shop.css?v=" (version) };
                    script src={ "/assets/shop.js?v=" (version) } defer {}
                    script src={ (settings.chat) "/aisle.js" } data-shop=(settings.shop) defer {}
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    (header(request))
                    main #main tabindex="-1" { (main) }
                    (footer())
                    p.announcer role="status" aria-live="polite" data-announcer {}
                }
            }
        }
    }
}

fn header(request: &Request) -> Markup {
    let count = request.cart.count();
    html! {
        p.notice { "Free UK delivery on orders of £40 or more" }
        header.top {
            div.top__row.wrap {
                a.brand href="/" {
                    (parts::fern())
                    span { (SHOP_NAME) }
                }
                form.find role="search" action="/search" {
                    label.hidden for="q" { "Search products" }
                    input #q type="search" name="q" placeholder="Search 3,800 lovely things"
                        value=(request.parameter("q")) autocomplete="off" maxlength="100";
                    button type="submit" aria-label="Search" { (parts::magnifier()) }
                }
                nav.account aria-label="Your account" {
                    a href="/pages/account" { (parts::person()) span { "Sign in" } }
                    a.basket href="/cart" {
                        (parts::basket())
                        span { "Cart" }
                        span.basket__count data-cart-count hidden[count == 0] { (count) }
                        span.hidden { " pieces in the cart" }
                    }
                }
            }
            nav.bar aria-label="Departments" {
                ul.wrap {
                    @for (href, name) in BAR { li { a href=(href) { (name) } } }
                    li { a href="/collections" { "All departments" } }
                }
            }
        }
    }
}

fn footer() -> Markup {
    html! {
        footer.bottom {
            div.wrap.bottom__grid {
                div {
                    p.brand { (parts::fern()) span { (SHOP_NAME) } }
                    p { "Gifts and homeware with a little charm, from our shops in Bristol and York." }
                    p.small { "020 7946 0123 · Monday to Friday, 9 am to 5.30 pm" }
                }
                @for (title, links) in FOOTER {
                    nav aria-label=(title) {
                        h2 { (title) }
                        ul { @for (href, name) in links { li { a href=(href) { (name) } } } }
                    }
                }
            }
            p.wrap.small.bottom__note {
                "A demonstration shop: nothing can really be bought here. Products and sales are \
                 derived from the Online Retail data set (D. Chen, UCI, CC BY 4.0)."
            }
        }
    }
}

/// "425" as "£4.25".
fn price(minor: impl Into<u64>) -> String {
    let minor = minor.into();
    format!("£{}.{:02}", minor / 100, minor % 100)
}
