//! A product with its image, price and way into the cart. Everything is from the catalogue.

use aisle_core::chat::{CartState, Event};
use aisle_core::money::format_price;
use aisle_core::protocol::ProductCard;
use yew::prelude::*;

use super::Scene;
use super::icons::{self, icon};
use crate::app::Msg;
use crate::links;

/// An item of a list of products; `reason` says why it is there.
pub(super) fn product_card(
    product: &ProductCard,
    reason: Option<&str>,
    state: Option<&CartState>,
    scene: &Scene,
) -> Html {
    html! {
        <li class="product">
            { thumbnail(product, "product__image", "76") }
            <div class="product__text">
                <a class="product__title" href={scene.href(&product.url)} dir="auto">
                    { product.title.clone() }
                </a>
                if let Some(reason) = reason {
                    <span class="product__reason" dir="auto">{ reason.to_owned() }</span>
                }
                { price(product, scene) }
                { cart(product, state, scene) }
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
    html! {
        <span class="price">
            <span class={if former.is_some() { "price__now price__now--reduced" } else { "price__now" }}>
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

fn cart(product: &ProductCard, state: Option<&CartState>, scene: &Scene) -> Html {
    let strings = scene.strings;
    if !scene.config.has_cart || !product.available {
        return html! {};
    }
    let is_added = state == Some(&CartState::Added);
    let is_adding = state == Some(&CartState::Adding);
    let label = match state {
        Some(CartState::Added) => strings.added,
        Some(CartState::Adding) => strings.adding,
        _ => strings.add_to_cart,
    };
    let add = scene.send(Msg::Chat(Event::AddToCart(product.clone())));
    let onclick = if is_added { Callback::noop() } else { add };
    // The button stays when the product is added, so that it keeps the keyboard focus.
    html! {
        <>
            <button
                type="button"
                class={if is_added { "add add--added" } else { "add" }}
                aria-label={[label, ": ", &product.title].concat()}
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
            if let Some(CartState::Failed(reason)) = state {
                <p class="product__error" role="alert">{ reason.clone() }</p>
            }
        </>
    }
}
