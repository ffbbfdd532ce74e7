//! What the browser's Web Worker calls.

use std::sync::Arc;

use aisle_core::protocol::{EngineReply, EngineRequest, ProductCard, Understanding};
use aisle_core::search::{Query, Resolved, best_of_kinds, search_words};
use aisle_core::text::features;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{Engine, EngineError, Search};

/// Search by words alone, for JavaScript.
#[wasm_bindgen(js_name = Search)]
#[derive(Debug)]
pub struct WebSearch {
    search: Arc<Search>,
}

#[wasm_bindgen(js_class = Search)]
impl WebSearch {
    /// Opens an index. Throws an `Error` with a stable `code`.
    pub fn open(manifest: &[u8], index: &[u8]) -> Result<WebSearch, JsValue> {
        let search = Search::open(manifest, index).map_err(|e| to_js_error(&e))?;
        Ok(Self { search: Arc::new(search) })
    }

    /// Adds the models. The engine shares the index with this search, which goes on. Throws an
    /// `Error` with a stable `code`.
    pub fn load(&self, encoder: &[u8], ranker: &[u8]) -> Result<WebEngine, JsValue> {
        let engine =
            Engine::load(Arc::clone(&self.search), encoder, ranker).map_err(|e| to_js_error(&e))?;
        Ok(WebEngine { engine })
    }

    /// Takes an `EngineRequest` and returns its `EngineReply`, both as plain objects. What a
    /// message means is not known without a model.
    pub fn handle(&self, request: JsValue) -> Result<JsValue, JsValue> {
        to_js(&match serde_wasm_bindgen::from_value(request)? {
            EngineRequest::Suggest { seq, text, signals } => {
                EngineReply::Suggested { seq, items: self.search.suggest(&text, &signals) }
            }
            EngineRequest::Understand { seq, .. } => {
                EngineReply::Understood { seq, understanding: Understanding::default() }
            }
            EngineRequest::Recommend { seq, signals, history, now_ms, limit } => {
                let items = self.search.recommend(&signals, &history, now_ms, limit as usize);
                EngineReply::Recommended { seq, items }
            }
        })
    }

    /// Cards of the products that fit a draft best, at most `limit`, as plain objects.
    pub fn products(&self, draft: &str, limit: usize) -> Result<JsValue, JsValue> {
        let index = self.search.index();
        let resolved = Resolved::new(index, &Query::draft(draft));
        let matches = search_words(index, &resolved);
        let (best, _) = best_of_kinds(index, &matches, [limit; 4]);
        let cards: Vec<ProductCard> =
            best.iter().filter_map(|found| index.card(found.document)).collect();
        to_js(&cards)
    }
}

/// The engine for JavaScript.
#[wasm_bindgen(js_name = Engine)]
#[derive(Debug)]
pub struct WebEngine {
    engine: Engine,
}

#[wasm_bindgen(js_class = Engine)]
impl WebEngine {
    /// Takes an `EngineRequest` and returns its `EngineReply`, both as plain objects.
    pub fn handle(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let request: EngineRequest = serde_wasm_bindgen::from_value(request)?;
        let reply = match request {
            EngineRequest::Suggest { seq, text, signals } => self
                .engine
                .suggest(&text, &signals)
                .map(|items| EngineReply::Suggested { seq, items }),
            EngineRequest::Understand { seq, text } => self
                .engine
                .understand(&text)
                .map(|understanding| EngineReply::Understood { seq, understanding }),
            EngineRequest::Recommend { seq, signals, history, now_ms, limit } => {
                let items =
                    self.engine.search().recommend(&signals, &history, now_ms, limit as usize);
                Ok(EngineReply::Recommended { seq, items })
            }
        }
        .map_err(|e| to_js_error(&e))?;
        to_js(&reply)
    }

    /// Intent probabilities of a text, in the order of the manifest's labels.
    pub fn probabilities(&self, text: &str) -> Result<Vec<f32>, JsValue> {
        self.engine.predict(text).map(|p| p.probabilities).map_err(|e| to_js_error(&e))
    }
}

/// What the input `ids` of the encoder is for a text, word after word.
#[wasm_bindgen(js_name = encoderInput)]
pub fn encoder_input(text: &str) -> Vec<i64> {
    features(text).into_iter().flatten().map(i64::from).collect()
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    Ok(value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
}

fn to_js_error(error: &EngineError) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    // Setting a property of a fresh Error cannot fail.
    let _ = js_sys::Reflect::set(&js, &"code".into(), &error.code().into());
    js.into()
}
