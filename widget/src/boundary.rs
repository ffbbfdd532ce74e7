//! Values that cross between Rust and JavaScript.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};

/// A property, if it is there.
pub(crate) fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &JsValue::from_str(name))
        .ok()
        .filter(|value| !value.is_undefined() && !value.is_null())
}

/// A property that is text.
pub(crate) fn text(object: &JsValue, name: &str) -> Option<String> {
    property(object, name)?.as_string()
}

/// A property that is a number, rounded and clamped to the range of its type.
pub(crate) fn number<T: FromNumber>(object: &JsValue, name: &str) -> Option<T> {
    property(object, name)?.as_f64().map(T::from_number)
}

/// A number type that a JavaScript number can be made into.
pub(crate) trait FromNumber {
    /// The nearest value of the type.
    fn from_number(number: f64) -> Self;
}

impl FromNumber for u32 {
    fn from_number(number: f64) -> Self {
        number as Self
    }
}

impl FromNumber for u64 {
    fn from_number(number: f64) -> Self {
        number as Self
    }
}

impl FromNumber for f32 {
    fn from_number(number: f64) -> Self {
        number as Self
    }
}

/// A property that is true; anything else counts as false.
pub(crate) fn flag(object: &JsValue, name: &str) -> bool {
    property(object, name).is_some_and(|value| value.is_truthy())
}

/// The elements of a property that is an array.
pub(crate) fn list(object: &JsValue, name: &str) -> Vec<JsValue> {
    property(object, name)
        .and_then(|value| value.dyn_into::<js_sys::Array>().ok())
        .map(|array| array.iter().collect())
        .unwrap_or_default()
}

/// A plain object.
pub(crate) fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in properties {
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

/// Fresh random id of 32 hexadecimal digits.
pub(crate) fn random_id() -> String {
    let mut bytes = [0u8; 16];
    let filled = gloo::utils::window()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    if filled.is_err() {
        // Without web crypto it need only differ from the other ids of one conversation.
        bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
    }
    let mut id = String::with_capacity(2 * bytes.len());
    for half in bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        id.push(char::from_digit(half.into(), 16).unwrap_or('0'));
    }
    id
}
