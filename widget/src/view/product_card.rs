//! A product with its image, price and way into the cart. Everything is from the catalogue.

use aisle_core::chat::{CardPlace, CartAddition, CartState, Event};
use aisle_core::money::format_price;
use aisle_core::protocol::ProductCard;
use yew::prelude::*;

use super::Scene;
use super::icons::{self, icon};
use crate::app::Msg;
use crate::links;

/// A product as it is offered in one place.
pub(super) struct Offer<'a> {
    /// The product.
    pub(super) product: &'a ProductCard,
    /// Pieces that go into the cart at once.
    pub(super) quantity: u32,
    /// Why it is shown, where there is more to say than that it was asked for.
    pub(super) reason: Option<&'a str>,
    /// Where it is shown.
    pub(super) place: CardPlace,
    /// What happened to it in the cart.
    pub(super) state: Option<&'a CartState>,
}

/// An item of a list of products.
pub(super) fn product_card(offer: &Offer<'_>, scene: &Scene) -> Html {
    let product = offer.product;
    html! {
        <li class="product">
            { thumbnail(product, "product__image", "76") }
            <div class="product__text">
                <a class="product__title" href={scene.href(&product.url)} dir="auto">
                    { product.title.clone() }
                </a>
                if let Some(reason) = offer.reason {
                    <span class="product__reason" dir="auto">{ reason.to_owned() }</span>
                }
                { price(product, scene) }
                { cart(offer, scene) }
            </div>
        </li>
    }
}

/// The image in a square of `size` CSS pixels, or a placeholder of the same size.
pub(super) fn thumbnail(product: &ProductCard, class: &'static str, size: &'static str) -> Html {
    match links::image(&product.image) {
        Some(src) => html! {
            <img
                {class}
                src={src.to_owned()}
                alt=""
                width={size}
                height={size}
                loading="lazy"
                decoding="async"
            />
        },
        None => html! { <span {class}>{ icon(icons::IMAGE) }</span> },
    }
}

/// The price, the former price and whether it can be had.
pub(super) fn price(product: &ProductCard, scene: &Scene) -> Html {
    let former = product.compare_at_minor.filter(|former| *former > product.price_minor);
    let now = if former.is_some() { "price__now price__now--reduced" } else { "price__now" };
    html! {
        <span class="price">
            <span class={now}>
                { format_price(product.price_minor, &product.currency) }
            </span>
            if let Some(former) = former {
                <s class="price__former">
                    <span class="hidden">{ scene.strings.was }{ " " }</span>
                    { format_price(former, &product.currency) }
                </s>
            }
            if !product.available {
                <span class="price__sold-out">{ scene.strings.sold_out }</span>
            }
        </span>
    }
}

fn cart(offer: &Offer<'_>, scene: &Scene) -> Html {
    let strings = scene.strings;
    if !scene.config.has_cart || !offer.product.available {
        return html! {};
    }
    let is_added = offer.state == Some(&CartState::Added);
    let is_adding = offer.state == Some(&CartState::Adding);
    let label = match (offer.state, offer.quantity) {
        (Some(CartState::Added), _) => strings.added.to_owned(),
        (Some(CartState::Adding), _) => strings.adding.to_owned(),
        (_, 1) => strings.add_to_cart.to_owned(),
        (_, quantity) => {
            let [before, after] = strings.add_several;
            [before, &quantity.to_string(), after].concat()
        }
    };
    let addition = CartAddition {
        place: offer.place,
        product: offer.product.clone(),
        quantity: offer.quantity,
    };
    let add = scene.send(Msg::Chat(Event::AddToCart(addition)));
    let onclick = if is_added { Callback::noop() } else { add };
    // The button stays when the product is added, so that it keeps the keyboard focus.
    html! {
        <>
            <button
                type="button"
                class={if is_added { "add add--added" } else { "add" }}
                aria-label={[&label, ": ", &offer.product.title].concat()}
                aria-disabled={(is_adding || is_added).then_some("true")}
                {onclick}
            >
                if is_added {
                    { icon(icons::CHECK) }
                }
                { label }
            </button>
            if is_added {
                <a class="link" href={scene.href("/cart")}>{ strings.view_cart }</a>
                <span class="hidden" role="status">{ strings.added }</span>
            }
            if let Some(CartState::Failed(reason)) = offer.state {
                <p class="product__error" role="alert">{ reason.clone() }</p>
            }
        </>
    }
}
