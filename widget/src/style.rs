//! The panel's stylesheets, adopted by the shadow root: no inline style, so that a strict content
//! security policy needs no exception.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{Element, VisualViewport};

/// All of `widget/style/`, see `build.rs`.
const CSS: &str = include_str!(concat!(env!("OUT_DIR"), "/style.css"));

#[wasm_bindgen]
extern "C" {
    /// A constructable stylesheet.
    #[wasm_bindgen(js_name = CSSStyleSheet)]
    #[derive(Clone, Debug, PartialEq)]
    type Sheet;

    #[wasm_bindgen(constructor, js_class = "CSSStyleSheet", catch)]
    fn new() -> Result<Sheet, JsValue>;

    #[wasm_bindgen(method, js_name = replaceSync, catch)]
    fn replace_sync(this: &Sheet, css: &str) -> Result<(), JsValue>;
}

/// The sheets of one panel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sheets {
    viewport: Sheet,
}

/// Adds the panel's stylesheets to those of the shadow root that holds `element`.
pub(crate) fn adopt(element: &Element) -> Result<Sheets, JsValue> {
    let sheet = Sheet::new()?;
    sheet.replace_sync(CSS)?;
    let viewport = Sheet::new()?;
    let root = element.get_root_node();
    let name = JsValue::from_str("adoptedStyleSheets");
    let sheets: Array = Reflect::get(&root, &name)?.dyn_into()?;
    // The first is the loader's own; what follows is of a panel that crashed before this one.
    let all = sheets.slice(0, 1).concat(&Array::of2(&sheet, &viewport));
    Reflect::set(&root, &name, &all)?;
    Ok(Sheets { viewport })
}

impl Sheets {
    /// Fits a full-screen panel into what the keyboard of a phone leaves of the screen.
    pub(crate) fn fit(&self, viewport: &VisualViewport) {
        let px = |length: f64| (length as i32).to_string();
        let css = [
            ":host{--_viewport-height:",
            &px(viewport.height()),
            "px;--_viewport-top:",
            &px(viewport.offset_top()),
            "px}",
        ]
        .concat();
        // The text is always valid; a sheet that keeps its former text does no harm.
        let _ = self.viewport.replace_sync(&css);
    }
}
