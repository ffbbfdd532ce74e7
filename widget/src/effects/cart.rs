//! The shop's own cart, through the theme endpoints of a Shopify shop.

use std::cell::RefCell;
use std::rc::Rc;

use aisle_core::chat::{CartAddition, Event};
use aisle_core::protocol::CartLine;
use js_sys::{JSON, Number};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CustomEvent, CustomEventInit, Headers, RequestInit, Response};
use yew::Callback;

use super::spawn;
use crate::app::Msg;
use crate::boundary::{list, number, object, property, text};
use crate::config::Config;
use crate::strings::Strings;

/// What themes listen to for a cart that changed elsewhere.
const CHANGED_EVENTS: [&str; 2] = ["cart:refresh", "shopify:cart:lines-update"];

/// What was in the cart when it was read last.
#[derive(Clone, Default)]
pub(super) struct Cart {
    lines: Rc<RefCell<Vec<CartLine>>>,
}

impl Cart {
    /// Its lines, as the page has them.
    pub(super) fn lines(&self) -> Vec<CartLine> {
        self.lines.borrow().clone()
    }

    /// Handles of the products in it.
    pub(super) fn handles(&self) -> Vec<String> {
        self.lines.borrow().iter().map(|line| line.handle.clone()).collect()
    }

    /// Reads it anew, if the page has one.
    pub(super) fn read(&self, config: Rc<Config>) {
        if !config.has_cart {
            return;
        }
        let kept = self.lines.clone();
        spawn(async move {
            let url = [&config.shop_root, "cart.js"].concat();
            if let Ok((200, cart)) = fetch_json(&url, None).await {
                let lines = list(&cart, "items").iter().filter_map(line).collect();
                kept.replace(lines);
            }
        });
    }

    /// Puts something into it and tells the page.
    pub(super) fn add(&self, config: Rc<Config>, adding: CartAddition, dispatch: Callback<Msg>) {
        let cart = self.clone();
        spawn(async move {
            let (place, sku) = (adding.place, adding.product.sku.clone());
            let event = match try_add(&config.shop_root, &adding).await {
                Ok(()) => {
                    cart.read(config.clone());
                    tell_page();
                    let detail = object(&[
                        ("sku", JsValue::from_str(&sku)),
                        ("handle", JsValue::from_str(&adding.product.handle)),
                        ("quantity", adding.quantity.into()),
                    ]);
                    config.emit("cart-add", &detail);
                    Event::CartAdded { place, sku }
                }
                Err(reason) => {
                    let words = Strings::for_locale(&config.locale).cart_failed;
                    let reason = reason.unwrap_or_else(|| words.to_owned());
                    Event::CartFailed { place, sku, reason }
                }
            };
            dispatch.emit(Msg::Chat(event));
        });
    }
}

fn line(item: &JsValue) -> Option<CartLine> {
    Some(CartLine {
        sku: text(item, "sku").unwrap_or_default(),
        handle: text(item, "handle")?,
        quantity: number(item, "quantity")?,
    })
}

/// The error holds the shop's own words, if it gave any.
async fn try_add(shop_root: &str, adding: &CartAddition) -> Result<(), Option<String>> {
    let handle = String::from(js_sys::encode_uri_component(&adding.product.handle));
    let url = [shop_root, "products/", &handle, ".js"].concat();
    let (status, found) = fetch_json(&url, None).await.map_err(|_| None)?;
    if status != 200 {
        return Err(None);
    }
    let variants = list(&found, "variants");
    let id = variants
        .iter()
        .find(|variant| text(variant, "sku").as_deref() == Some(&adding.product.sku))
        .or(variants.first())
        .and_then(|variant| property(variant, "id"))
        // Nothing but a number may get into the body.
        .and_then(|id| id.dyn_into::<Number>().ok())
        .and_then(|id| JSON::stringify(&id).ok())
        .ok_or(None)?;
    let quantity = adding.quantity.to_string();
    let body = ["{\"items\":[{\"id\":", &String::from(id), ",\"quantity\":", &quantity, "}]}"];
    let url = [shop_root, "cart/add.js"].concat();
    let (status, reply) = fetch_json(&url, Some(&body.concat())).await.map_err(|_| None)?;
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
    init.set_detail(&object(&[("source", JsValue::from_str("aisle"))]));
    for name in CHANGED_EVENTS {
        if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &init) {
            // What a listener of the theme throws is not the chat's.
            let _ = gloo::utils::document().dispatch_event(&event);
        }
    }
}
