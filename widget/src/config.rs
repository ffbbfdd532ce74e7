//! What the loader tells the chat.

use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};

use aisle_core::protocol::Purchase;

use crate::boundary::{flag, property, text};
use crate::wire::purchases;

/// The longest SKU that the page may tell, in bytes.
const MAX_SKU_BYTES: usize = 64;

/// Where the parts of the engine are; absolute URLs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EngineAssets {
    /// Glue of the engine's Wasm, an ES module.
    pub(crate) glue: String,
    /// The engine's Wasm.
    pub(crate) wasm: String,
    /// The script of the Web Worker, an ES module.
    pub(crate) worker: String,
    /// Subresource integrity of the Wasm; empty for none.
    pub(crate) wasm_integrity: String,
}

/// Everything that the loader passes to `mount`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Config {
    /// Origin of the edge worker.
    pub(crate) origin: String,
    /// The shop's name on the edge worker.
    pub(crate) shop: String,
    /// Language tag of the interface.
    pub(crate) locale: String,
    /// The engine's files; `None` where it is not to be loaded.
    pub(crate) engine: Option<EngineAssets>,
    /// Whether the page has the cart of a Shopify theme.
    pub(crate) has_cart: bool,
    /// What the paths of the shop's pages start with, such as `/` or `/fr/`.
    pub(crate) shop_root: String,
    /// Where the shopper can write to without the chat.
    pub(crate) contact_url: String,
    /// What the signed-in shopper bought, where the page tells; it stays on this page.
    pub(crate) history: Vec<Purchase>,
    /// Whether the browser says that its user objects to the use of what the page knows.
    pub(crate) is_private: bool,
    /// The visitor's session: when it is to be renewed, in milliseconds since the Unix epoch, and
    /// the promise of its token.
    pub(crate) session: RefCell<Option<(f64, JsValue)>>,
    /// The loader's object: it tells the customer's token as it is now.
    page: JsValue,
    on_event: Option<Function>,
}

impl Config {
    /// Reads the loader's object. Throws an `Error` when the origin or the shop is missing.
    pub(crate) fn read(object: &JsValue) -> Result<Self, JsValue> {
        let required = |name: &str| {
            text(object, name)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| JsValue::from(js_sys::Error::new(name)))
        };
        let saves_data = flag(object, "saveData");
        Ok(Self {
            origin: required("origin")?,
            shop: required("shop")?,
            locale: text(object, "locale").unwrap_or_default(),
            engine: property(object, "assets")
                .filter(|_| !saves_data)
                .and_then(|assets| engine_assets(&assets)),
            has_cart: text(object, "cart").as_deref() == Some("shopify"),
            shop_root: text(object, "shopRoot").unwrap_or_else(|| "/".to_owned()),
            contact_url: text(object, "contactUrl").unwrap_or_default(),
            history: purchases(object),
            is_private: flag(object, "isPrivate"),
            session: RefCell::default(),
            page: object.clone(),
            on_event: property(object, "onEvent").and_then(|value| value.dyn_into().ok()),
        })
    }

    /// URL of a resource of the shop on the edge worker.
    pub(crate) fn api(&self, path: &str) -> String {
        [&self.origin, "/v1/shops/", &self.shop, path].concat()
    }

    /// The token of a signed-in customer, where the page has told one.
    pub(crate) fn customer(&self) -> Option<String> {
        text(&self.page, "customer").filter(|token| !token.is_empty())
    }

    /// SKU of the product whose page it is, where the page has told one of a fit length.
    pub(crate) fn product(&self) -> Option<String> {
        text(&self.page, "product").filter(|sku| (1..=MAX_SKU_BYTES).contains(&sku.len()))
    }

    /// Whether something may be stored in the browser now, and what the page knows be used.
    pub(crate) fn has_consent(&self) -> bool {
        flag(&self.page, "consent")
    }

    /// Tells the loader, and through it the page, that something happened.
    pub(crate) fn emit(&self, name: &str, detail: &JsValue) {
        if let Some(on_event) = &self.on_event {
            // What a listener throws is not the chat's.
            let _ = on_event.call2(&JsValue::NULL, &JsValue::from_str(name), detail);
        }
    }
}

fn engine_assets(assets: &JsValue) -> Option<EngineAssets> {
    Some(EngineAssets {
        glue: text(assets, "engine")?,
        wasm: text(assets, "engineWasm")?,
        worker: text(assets, "engineWorker")?,
        wasm_integrity: text(assets, "integrity").unwrap_or_default(),
    })
}
