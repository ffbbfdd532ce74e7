//! What each tool takes: a type, the JSON Schema that a model is told, and the bounds of both.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::ToolError;

/// The longest arguments of a call, in bytes.
const MAX_BYTES: usize = 4 * 1024;
/// The longest text of an argument, in characters.
const MAX_CHARS: usize = 300;
/// The longest id of an argument, in characters.
const MAX_ID_CHARS: usize = 64;
/// Products that are compared.
pub(super) const COMPARED: std::ops::RangeInclusive<usize> = 2..=4;
/// Pieces that are proposed for the cart.
pub(super) const QUANTITY: std::ops::RangeInclusive<u32> = 1..=20;

/// Something to search for.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    pub query: String,
}

/// One product.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OneProduct {
    pub sku: String,
}

/// Products to be compared.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Compare {
    pub skus: Vec<String>,
}

/// A product that others are to go with, or none.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recommend {
    #[serde(default)]
    pub sku: Option<String>,
}

/// An order, or the latest ones.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    #[serde(default)]
    pub number: Option<String>,
}

/// An order that is to go back.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Return {
    pub number: String,
    pub reason: String,
}

/// Something for the cart.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CartChange {
    pub sku: String,
    pub quantity: u32,
}

/// Why a person is wanted.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandOver {
    pub reason: String,
}

/// Nothing.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Reads the arguments of a call. What is wrong with them is told to the model.
pub(super) fn read<T: DeserializeOwned + Bounded>(arguments: &str) -> Result<T, ToolError> {
    if arguments.len() > MAX_BYTES {
        return Err(ToolError::Arguments("they are too long".to_owned()));
    }
    let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
    let found: T = serde_json::from_str(arguments).map_err(|error| {
        let message: String = error.to_string().chars().take(MAX_CHARS).collect();
        ToolError::Arguments(message)
    })?;
    found.check().map_err(|what| ToolError::Arguments(what.to_owned()))?;
    Ok(found)
}

/// What holds for arguments beyond their types.
pub(super) trait Bounded {
    /// What is wrong, if anything is.
    fn check(&self) -> Result<(), &'static str>;
}

fn text(text: &str) -> Result<(), &'static str> {
    let is_fine = !text.trim().is_empty() && text.chars().count() <= MAX_CHARS;
    if is_fine { Ok(()) } else { Err("a text is empty or too long") }
}

fn id(id: &str) -> Result<(), &'static str> {
    let is_fine = !id.trim().is_empty() && id.chars().count() <= MAX_ID_CHARS;
    if is_fine { Ok(()) } else { Err("a sku or number is empty or too long") }
}

impl Bounded for Search {
    fn check(&self) -> Result<(), &'static str> {
        text(&self.query)
    }
}

impl Bounded for OneProduct {
    fn check(&self) -> Result<(), &'static str> {
        id(&self.sku)
    }
}

impl Bounded for Compare {
    fn check(&self) -> Result<(), &'static str> {
        if !COMPARED.contains(&self.skus.len()) {
            return Err("two to four skus are compared");
        }
        self.skus.iter().try_for_each(|sku| id(sku))
    }
}

impl Bounded for Recommend {
    fn check(&self) -> Result<(), &'static str> {
        self.sku.as_deref().map_or(Ok(()), id)
    }
}

impl Bounded for Order {
    fn check(&self) -> Result<(), &'static str> {
        self.number.as_deref().map_or(Ok(()), id)
    }
}

impl Bounded for Return {
    fn check(&self) -> Result<(), &'static str> {
        id(&self.number).and_then(|()| text(&self.reason))
    }
}

impl Bounded for CartChange {
    fn check(&self) -> Result<(), &'static str> {
        id(&self.sku)?;
        if QUANTITY.contains(&self.quantity) { Ok(()) } else { Err("the quantity is 1 to 20") }
    }
}

impl Bounded for HandOver {
    fn check(&self) -> Result<(), &'static str> {
        text(&self.reason)
    }
}

impl Bounded for Nothing {
    fn check(&self) -> Result<(), &'static str> {
        Ok(())
    }
}

/// The schema of an object with these properties, those that are needed first.
fn object(properties: &Value, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn of_text(description: &str) -> Value {
    json!({"type": "string", "description": description, "minLength": 1, "maxLength": MAX_CHARS})
}

fn of_id(description: &str) -> Value {
    json!({"type": "string", "description": description, "minLength": 1, "maxLength": MAX_ID_CHARS})
}

pub(super) fn search_schema() -> Value {
    object(&json!({"query": of_text("what is looked for, in the shop's language")}), &["query"])
}

pub(super) fn product_schema() -> Value {
    object(&json!({"sku": of_id("sku of the product")}), &["sku"])
}

pub(super) fn compare_schema() -> Value {
    let skus = json!({
        "type": "array",
        "items": of_id("sku of a product"),
        "minItems": COMPARED.start(),
        "maxItems": COMPARED.end(),
    });
    object(&json!({"skus": skus}), &["skus"])
}

pub(super) fn recommend_schema() -> Value {
    object(&json!({"sku": of_id("sku of a product that others are to go with")}), &[])
}

pub(super) fn order_schema() -> Value {
    object(&json!({"number": of_id("number of the order; without it, the latest orders")}), &[])
}

pub(super) fn return_schema() -> Value {
    let reason = of_text("why it goes back, and what of it");
    object(
        &json!({"number": of_id("number of the order"), "reason": reason}),
        &["number", "reason"],
    )
}

pub(super) fn cart_schema() -> Value {
    let quantity =
        json!({"type": "integer", "minimum": QUANTITY.start(), "maximum": QUANTITY.end()});
    object(&json!({"sku": of_id("sku of the product"), "quantity": quantity}), &["sku", "quantity"])
}

pub(super) fn hand_over_schema() -> Value {
    object(&json!({"reason": of_text("what the person is to help with")}), &["reason"])
}

pub(super) fn nothing_schema() -> Value {
    object(&json!({}), &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_read<T: DeserializeOwned + Bounded>(arguments: &str) -> bool {
        read::<T>(arguments).is_ok()
    }

    #[test]
    fn arguments_are_what_the_schema_says_or_refused() {
        let long = format!(r#"{{"query":"{}"}}"#, "a".repeat(MAX_CHARS + 1));
        let huge = format!(r#"{{"query":"{}"}}"#, " ".repeat(MAX_BYTES));
        for (found, expected) in [
            (is_read::<Search>(r#"{"query":"red mug"}"#), true),
            (is_read::<Search>(r#"{"query":" "}"#), false),
            (is_read::<Search>(r#"{"query":7}"#), false),
            (is_read::<Search>(r#"{"query":"a","limit":9}"#), false),
            (is_read::<Search>(&long), false),
            (is_read::<Search>(&huge), false),
            (is_read::<Search>("{}"), false),
            (is_read::<Search>("not json"), false),
            (is_read::<Search>("[]"), false),
            (is_read::<Compare>(r#"{"skus":["a","b"]}"#), true),
            (is_read::<Compare>(r#"{"skus":["a"]}"#), false),
            (is_read::<Compare>(r#"{"skus":["a","b","c","d","e"]}"#), false),
            (is_read::<Order>("{}"), true),
            (is_read::<Order>(""), true),
            (is_read::<Order>(r#"{"number":"1","email":"ann@shop.example"}"#), false),
            (is_read::<CartChange>(r#"{"sku":"a","quantity":20}"#), true),
            (is_read::<CartChange>(r#"{"sku":"a","quantity":21}"#), false),
            (is_read::<CartChange>(r#"{"sku":"a","quantity":-1}"#), false),
            (is_read::<CartChange>(r#"{"sku":"a","quantity":1.5}"#), false),
            (is_read::<Return>(r#"{"number":"1","reason":"broken"}"#), true),
            (is_read::<Return>(r#"{"number":"","reason":"broken"}"#), false),
            (is_read::<Nothing>("{}"), true),
            (is_read::<Nothing>(r#"{"shop":"other"}"#), false),
        ]
        .into_iter()
        {
            assert_eq!(found, expected);
        }
    }

    /// Each schema names the fields of its type: with all of them the type is read, and without
    /// one that is required it is not.
    #[test]
    fn schemas_and_types_agree() {
        fn agree<T: DeserializeOwned + Bounded>(schema: &Value) {
            let sample = |schema: &Value| match schema["type"].as_str() {
                Some("integer") => json!(1),
                Some("array") => json!(["a", "b"]),
                _ => json!("a"),
            };
            let properties = schema["properties"].as_object().unwrap();
            let all: serde_json::Map<String, Value> =
                properties.iter().map(|(name, s)| (name.clone(), sample(s))).collect();
            let reads = |all: &serde_json::Map<String, Value>| {
                is_read::<T>(&Value::Object(all.clone()).to_string())
            };
            assert!(reads(&all), "{schema}");
            for name in properties.keys() {
                let mut less = all.clone();
                less.remove(name);
                let is_required = schema["required"].as_array().unwrap().contains(&json!(name));
                assert_eq!(reads(&less), !is_required, "{schema} without {name}");
            }
            let mut more = all;
            more.insert("more".into(), json!(1));
            assert!(!reads(&more));
        }
        agree::<Search>(&search_schema());
        agree::<OneProduct>(&product_schema());
        agree::<Compare>(&compare_schema());
        agree::<Recommend>(&recommend_schema());
        agree::<Order>(&order_schema());
        agree::<Return>(&return_schema());
        agree::<CartChange>(&cart_schema());
        agree::<HandOver>(&hand_over_schema());
        agree::<Nothing>(&nothing_schema());
    }

    proptest! {
        #[test]
        fn any_arguments_are_read_or_refused(arguments in "\\PC{0,80}|\\{\"sku\":\"\\PC{0,90}\"\\}") {
            if let Ok(found) = read::<OneProduct>(&arguments) {
                prop_assert!(found.sku.chars().count() <= MAX_ID_CHARS);
            }
        }
    }
}
