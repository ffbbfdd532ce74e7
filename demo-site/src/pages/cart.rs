//! The cart, and where a checkout would begin.

use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::{Frame, price};
use crate::cart::{Cart, CartError, limit_of};
use crate::catalogue::Product;
use crate::server::{self, Request, Shop};
use crate::theme_api::{image_url, product_url};

/// From this on, standard UK delivery is free, in pence.
const FREE_DELIVERY_MINOR: u64 = 4_000;
/// Standard UK delivery below that, in pence.
const DELIVERY_MINOR: u64 = 395;

/// The fields of a form, in order.
type Fields = Form<Vec<(String, String)>>;

/// `GET /cart`; `problem` is why something could not be added.
pub(crate) fn page(shop: &Shop, request: &Request, problem: Option<&CartError>) -> Markup {
    let items = request.cart.items(&shop.catalogue);
    let main = html! {
        div.wrap data-cart {
            h1 { "Your cart" }
            @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
            @if items.is_empty() {
                div.empty {
                    p { "There is nothing in it yet." }
                    a.button href="/collections/all" { "Shop everything" }
                }
            } @else {
                div.cart {
                    ul.cart__lines {
                        @for (product, quantity) in &items { (line(product, *quantity)) }
                    }
                    (summary(request.cart.total_minor(&shop.catalogue)))
                }
            }
        }
    };
    let description = "What you have chosen at Fernside & Co.";
    Frame { shop, request, title: "Your cart", description }.around(&main)
}

fn line(product: &Product, quantity: u32) -> Markup {
    let total = u64::from(product.price_minor) * u64::from(quantity);
    html! {
        li.line {
            a href=(product_url(product)) tabindex="-1" aria-hidden="true" {
                img src=(image_url(product)) alt="" width="120" height="120";
            }
            div.line__words {
                a href=(product_url(product)) { (product.title) }
                p.small { (price(product.price_minor)) " each" }
            }
            form.line__quantity action="/cart/change" method="post" {
                input type="hidden" name="id" value=(product.variant_id);
                label {
                    span.hidden { "Quantity of " (product.title) }
                    input type="number" name="quantity" value=(quantity) min="0"
                        max=(limit_of(product)) inputmode="numeric";
                }
                button.link type="submit" { "Update" }
                button.link type="submit" name="quantity" value="0"
                    aria-label={ "Remove " (product.title) } formnovalidate { "Remove" }
            }
            strong.line__total { (price(total)) }
        }
    }
}

fn summary(total: u64) -> Markup {
    let delivery = if total >= FREE_DELIVERY_MINOR { 0 } else { DELIVERY_MINOR };
    html! {
        section.summary aria-labelledby="summary" {
            h2 #summary { "Summary" }
            dl {
                div { dt { "Products" } dd { (price(total)) } }
                div {
                    dt { "Standard UK delivery" }
                    dd { @if delivery == 0 { "Free" } @else { (price(delivery)) } }
                }
                div.summary__total { dt { "Total" } dd { (price(total + delivery)) } }
            }
            @if delivery > 0 {
                p.small { "Add " (price(FREE_DELIVERY_MINOR - total)) " for free UK delivery." }
            }
            a.button href="/checkout" { "Check out" }
        }
    }
}

/// `GET /checkout`
pub(crate) fn checkout(shop: &Shop, request: &Request) -> Markup {
    let main = html! {
        div.wrap.text {
            h1 { "This is where you would pay" }
            p {
                "Fernside & Co is a demonstration, so nothing can be ordered. Your cart stays as it is."
            }
            p { a.button href="/cart" { "Back to the cart" } }
        }
    };
    let description = "The checkout of a demonstration shop.";
    Frame { shop, request, title: "Checkout", description }.around(&main)
}

/// `POST /cart/add`, for browsers without JavaScript.
pub(crate) async fn add(
    State(shop): State<Shop>,
    mut request: Request,
    fields: Result<Fields, axum::extract::rejection::FormRejection>,
) -> Response {
    let fields = fields.map(|form| form.0).unwrap_or_default();
    let (id, quantity) = (number(&fields, "id"), number(&fields, "quantity").or(Some(1)));
    let quantity = quantity.and_then(|quantity| u32::try_from(quantity).ok()).unwrap_or(u32::MAX);
    match request.cart.add(id.unwrap_or(0), quantity, &shop.catalogue) {
        Ok(()) => see_cart(&request.cart),
        Err(problem) => {
            let markup = page(&shop, &request, Some(&problem));
            server::html(StatusCode::UNPROCESSABLE_ENTITY, markup)
        }
    }
}

/// `POST /cart/change`, for browsers without JavaScript.
pub(crate) async fn change(
    State(shop): State<Shop>,
    mut request: Request,
    fields: Result<Fields, axum::extract::rejection::FormRejection>,
) -> Response {
    let fields = fields.map(|form| form.0).unwrap_or_default();
    let id = number(&fields, "id").unwrap_or(0);
    let quantity = number(&fields, "quantity").and_then(|quantity| u32::try_from(quantity).ok());
    let quantity = quantity.unwrap_or_else(|| request.cart.quantity_of(id));
    match request.cart.set(id, quantity, &shop.catalogue) {
        Ok(()) => see_cart(&request.cart),
        Err(problem) => {
            let markup = page(&shop, &request, Some(&problem));
            server::html(StatusCode::UNPROCESSABLE_ENTITY, markup)
        }
    }
}

/// The last field of this name: the button that was pressed comes after the fields.
fn number(fields: &[(String, String)], name: &str) -> Option<u64> {
    fields.iter().rev().find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok())
}

fn see_cart(cart: &Cart) -> Response {
    ([(header::SET_COOKIE, cart.to_set_cookie())], Redirect::to("/cart")).into_response()
}
