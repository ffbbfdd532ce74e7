//! What the browser's Web Worker calls.

use aisle_core::index::Index;
use aisle_core::protocol::{EngineReply, EngineRequest, ProductCard};
use aisle_core::search::{Query, Resolved, best_of_kinds, search_words};
use aisle_core::text::features;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{Engine, EngineError, Files};

/// The engine for JavaScript.
#[wasm_bindgen(js_name = Engine)]
#[derive(Debug)]
pub struct WebEngine {
    engine: Engine,
}

#[wasm_bindgen(js_class = Engine)]
impl WebEngine {
    /// Opens an artifact. Throws an `Error` with a stable `code`.
    pub fn open(
        manifest: &[u8],
        encoder: &[u8],
        ranker: &[u8],
        index: &[u8],
    ) -> Result<WebEngine, JsValue> {
        let engine = Engine::open(Files { manifest, encoder, ranker, index })
            .map_err(|e| to_js_error(&e))?;
        Ok(Self { engine })
    }

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
                let items = self.engine.recommend(&signals, &history, now_ms, limit as usize);
                Ok(EngineReply::Recommended { seq, items })
            }
        }
        .map_err(|e| to_js_error(&e))?;
        Ok(reply.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
    }

    /// Intent probabilities of a text, in the order of the manifest's labels.
    pub fn probabilities(&self, text: &str) -> Result<Vec<f32>, JsValue> {
        self.engine.predict(text).map(|p| p.probabilities).map_err(|e| to_js_error(&e))
    }
}

/// Search by words alone, for JavaScript: it needs the index and no model.
#[wasm_bindgen(js_name = Search)]
#[derive(Debug)]
pub struct WebSearch {
    index: Index,
}

#[wasm_bindgen(js_class = Search)]
impl WebSearch {
    /// Opens an index. Throws an `Error` with a stable `code`.
    pub fn open(index: &[u8]) -> Result<WebSearch, JsValue> {
        let index = Index::open(index).map_err(|e| to_js_error(&EngineError::from(e)))?;
        Ok(Self { index })
    }

    /// Cards of the products that fit a draft best, at most `limit`, as plain objects.
    pub fn products(&self, draft: &str, limit: usize) -> Result<JsValue, JsValue> {
        let resolved = Resolved::new(&self.index, &Query::draft(draft));
        let matches = search_words(&self.index, &resolved);
        let (best, _) = best_of_kinds(&self.index, &matches, [limit; 4]);
        let cards: Vec<ProductCard> =
            best.iter().filter_map(|found| self.index.card(found.document)).collect();
        Ok(cards.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
    }
}

/// What the input `ids` of the encoder is for a text, word after word.
#[wasm_bindgen(js_name = encoderInput)]
pub fn encoder_input(text: &str) -> Vec<i64> {
    features(text).into_iter().flatten().map(i64::from).collect()
}

fn to_js_error(error: &EngineError) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    // Setting a property of a fresh Error cannot fail.
    let _ = js_sys::Reflect::set(&js, &"code".into(), &error.code().into());
    js.into()
}
