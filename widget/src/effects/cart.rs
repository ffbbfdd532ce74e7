//! The shop's own cart, through the theme endpoints of a Shopify shop.

use std::rc::Rc;

use aisle_core::chat::Event;
use aisle_core::protocol::ProductCard;
use js_sys::{JSON, Number};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CustomEvent, CustomEventInit, Headers, RequestInit, Response};
use yew::Callback;

use super::spawn;
use crate::app::Msg;
use crate::boundary::{list, object, property, text};
use crate::config::Config;
use crate::strings::Strings;

/// What themes listen to for a cart that changed elsewhere.
const CHANGED_EVENTS: [&str; 2] = ["cart:refresh", "shopify:cart:lines-update"];

/// Puts one of a product into the cart and tells the page.
pub(super) fn add(config: Rc<Config>, product: ProductCard, dispatch: Callback<Msg>) {
    spawn(async move {
        let event = match try_add(&config.shop_root, &product).await {
            Ok(()) => {
                tell_page();
                let detail = object(&[("sku", &product.sku), ("handle", &product.handle)]);
                config.emit("cart-add", &detail);
                Event::CartAdded { sku: product.sku }
            }
            Err(reason) => {
                let words = Strings::for_locale(&config.locale).cart_failed;
                let reason = reason.unwrap_or_else(|| words.to_owned());
                Event::CartFailed { sku: product.sku, reason }
            }
        };
        dispatch.emit(Msg::Chat(event));
    });
}

/// Handles of the products in the cart.
pub(super) async fn handles(shop_root: &str) -> Vec<String> {
    let url = [shop_root, "cart.js"].concat();
    match fetch_json(&url, None).await {
        Ok((200, cart)) => {
            list(&cart, "items").iter().filter_map(|item| text(item, "handle")).collect()
        }
        _ => vec![],
    }
}

/// The error holds the shop's own words, if it gave any.
async fn try_add(shop_root: &str, product: &ProductCard) -> Result<(), Option<String>> {
    let handle = String::from(js_sys::encode_uri_component(&product.handle));
    let url = [shop_root, "products/", &handle, ".js"].concat();
    let (status, found) = fetch_json(&url, None).await.map_err(|_| None)?;
    if status != 200 {
        return Err(None);
    }
    let variants = list(&found, "variants");
    let id = variants
        .iter()
        .find(|variant| text(variant, "sku").as_deref() == Some(&product.sku))
        .or(variants.first())
        .and_then(|variant| property(variant, "id"))
        // Nothing but a number may get into the body.
        .and_then(|id| id.dyn_into::<Number>().ok())
        .and_then(|id| JSON::stringify(&id).ok())
        .ok_or(None)?;
    let body = ["{\"items\":[{\"id\":", &String::from(id), ",\"quantity\":1}]}"].concat();
    let url = [shop_root, "cart/add.js"].concat();
    let (status, reply) = fetch_json(&url, Some(&body)).await.map_err(|_| None)?;
    if status == 200 {
        return Ok(());
    }
    Err(text(&reply, "description").or_else(|| text(&reply, "message")))
}

/// Status and body of a request to the shop, in the shopper's own session.
async fn fetch_json(url: &str, json: Option<&str>) -> Result<(u16, JsValue), JsValue> {
    let init = RequestInit::new();
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    if let Some(json) = json {
        init.set_method("POST");
        headers.set("content-type", "application/json")?;
        init.set_body(&JsValue::from_str(json));
    }
    init.set_headers(&headers);
    let fetched = gloo::utils::window().fetch_with_str_and_init(url, &init);
    let response: Response = JsFuture::from(fetched).await?.dyn_into()?;
    let body = JsFuture::from(response.json()?).await?;
    Ok((response.status(), body))
}

fn tell_page() {
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_detail(&object(&[("source", "aisle")]));
    for name in CHANGED_EVENTS {
        if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &init) {
            // What a listener of the theme throws is not the chat's.
            let _ = gloo::utils::document().dispatch_event(&event);
        }
    }
}
