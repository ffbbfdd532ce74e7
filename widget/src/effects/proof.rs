//! The work that a shop may ask new visitors for. The hashes are the browser's own, which are
//! computed beside the page.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(inline_js = "
export async function ofWork({ challenge: { challenge, bits } }) {
  const encoder = new TextEncoder();
  const hash = (nonce) =>
    crypto.subtle.digest('SHA-256', encoder.encode(`${challenge}.${nonce}`));
  for (let first = 0; ; first += 512) {
    const hashes = await Promise.all(Array.from({ length: 512 }, (_, at) => hash(first + at)));
    const found = hashes.findIndex((bytes) => Math.clz32(new DataView(bytes).getUint32(0)) >= bits);
    if (found >= 0) return JSON.stringify({ challenge, nonce: first + found });
  }
}
")]
extern "C" {
    /// The body that answers a refusal for want of work. Rejects what is no such refusal.
    #[wasm_bindgen(js_name = ofWork)]
    pub(super) fn of_work(refusal: &JsValue) -> Promise;
}
