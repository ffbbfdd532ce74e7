//! The endpoints that a Shopify shop has for its theme, with the same shapes. Prices are in pence.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cart::{Cart, CartError};
use crate::catalogue::Product;
use crate::server::{Request, Shop};

/// Products that are recommended, at most and by default.
const MAX_RECOMMENDED: usize = 10;
/// Side of a picture in pixels, for the shapes that tell it.
const IMAGE_SIDE: u32 = 800;

/// A number that some themes send as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(u64),
    Text(String),
}

impl Number {
    /// A line's key, "variant:product", names its variant first.
    fn value(&self) -> Option<u64> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::Text(text) => text.split(':').next().and_then(|part| part.trim().parse().ok()),
        }
    }

    fn quantity(&self) -> Option<u32> {
        self.value().and_then(|quantity| u32::try_from(quantity).ok())
    }
}

/// Something to put into the cart.
#[derive(Deserialize)]
struct Item {
    id: Number,
    quantity: Option<Number>,
}

/// What is added: several items, or one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Addition {
    Several { items: Vec<Item> },
    One(Item),
}

/// A new number of pieces of a line, by its variant, its key or its place from 1.
#[derive(Deserialize)]
struct Change {
    id: Option<Number>,
    line: Option<Number>,
    quantity: Number,
}

/// New numbers of pieces, by variant or key.
#[derive(Deserialize)]
struct Update {
    updates: std::collections::BTreeMap<String, Number>,
}

/// `GET /cart.js`
pub(crate) async fn cart(State(shop): State<Shop>, request: Request) -> Response {
    Json(cart_json(&request.cart, &shop)).into_response()
}

/// `POST /cart/add.js`
pub(crate) async fn add(
    State(shop): State<Shop>,
    request: Request,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(addition) = parse::<Addition>(&headers, &body) else { return unreadable() };
    let (items, is_one) = match addition {
        Addition::Several { items } => (items, false),
        Addition::One(item) => (vec![item], true),
    };
    let mut cart = request.cart;
    let mut added: Vec<(&Product, u32)> = Vec::with_capacity(items.len());
    for item in &items {
        let (Some(id), Some(quantity)) =
            (item.id.value(), item.quantity.as_ref().map_or(Some(1), Number::quantity))
        else {
            return unreadable();
        };
        if let Err(e) = cart.add(id, quantity, &shop.catalogue) {
            return refused(&e);
        }
        let product = shop.catalogue.by_variant(id);
        added.extend(product.map(|product| (product, cart.quantity_of(id))));
    }
    let mut lines: Vec<Value> =
        added.into_iter().map(|(product, quantity)| line_json(product, quantity)).collect();
    let body = match lines.pop() {
        None => return unreadable(),
        Some(line) if is_one => line,
        Some(line) => {
            lines.push(line);
            json!({ "items": lines })
        }
    };
    with_cart(&cart, Json(body))
}

/// `POST /cart/change.js`
pub(crate) async fn change(
    State(shop): State<Shop>,
    request: Request,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(change) = parse::<Change>(&headers, &body) else { return unreadable() };
    let mut cart = request.cart;
    let place = change.line.as_ref().and_then(Number::value);
    let by_place = place.and_then(|place| cart.variant_at(usize::try_from(place).ok()?));
    let id = change.id.as_ref().and_then(Number::value).or(by_place);
    let (Some(id), Some(quantity)) = (id, change.quantity.quantity()) else { return unreadable() };
    if let Err(e) = cart.set(id, quantity, &shop.catalogue) {
        return refused(&e);
    }
    let body = cart_json(&cart, &shop);
    with_cart(&cart, Json(body))
}

/// `POST /cart/update.js`
pub(crate) async fn update(
    State(shop): State<Shop>,
    request: Request,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(update) = parse::<Update>(&headers, &body) else { return unreadable() };
    let mut cart = request.cart;
    for (key, quantity) in update.updates {
        let (Some(id), Some(quantity)) = (Number::Text(key).value(), quantity.quantity()) else {
            return unreadable();
        };
        if let Err(e) = cart.set(id, quantity, &shop.catalogue) {
            return refused(&e);
        }
    }
    let body = cart_json(&cart, &shop);
    with_cart(&cart, Json(body))
}

/// `POST /cart/clear.js`
pub(crate) async fn clear(State(shop): State<Shop>, request: Request) -> Response {
    let mut cart = request.cart;
    cart.clear();
    let body = cart_json(&cart, &shop);
    with_cart(&cart, Json(body))
}

/// `GET /products/{handle}.js`
pub(crate) fn product(shop: &Shop, handle: &str) -> Response {
    match shop.catalogue.by_handle(handle) {
        Some(product) => Json(product_json(product)).into_response(),
        None => error(StatusCode::NOT_FOUND, "Not Found", "There is no such product."),
    }
}

/// `GET /recommendations/products.json`
pub(crate) async fn recommendations(
    State(shop): State<Shop>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let Some(id) = value("product_id").and_then(|id| id.parse().ok()) else {
        let description = "The parameter product_id must be a product's number.";
        return error(StatusCode::UNPROCESSABLE_ENTITY, "Invalid parameter error", description);
    };
    let Some(product) = shop.catalogue.by_id(id) else {
        return error(StatusCode::NOT_FOUND, "Not Found", "There is no such product.");
    };
    let limit = value("limit").and_then(|limit| limit.parse().ok()).unwrap_or(MAX_RECOMMENDED);
    let related = shop.catalogue.related(product, limit.clamp(1, MAX_RECOMMENDED));
    let products: Vec<Value> = related.into_iter().map(product_json).collect();
    Json(json!({ "intent": "related", "products": products })).into_response()
}

/// Reads a body of JSON, or of a form, in which `updates[id]` and `items[0][id]` are not read.
fn parse<T: for<'a> Deserialize<'a>>(headers: &HeaderMap, body: &[u8]) -> Option<T> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body).ok();
    }
    let text = std::str::from_utf8(body).ok()?;
    let uri = format!("/?{text}").parse().ok()?;
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&uri).ok()?;
    let fields = pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    serde_json::from_value(Value::Object(fields)).ok()
}

fn with_cart(cart: &Cart, body: impl IntoResponse) -> Response {
    ([(header::SET_COOKIE, cart.to_set_cookie())], body).into_response()
}

fn refused(reason: &CartError) -> Response {
    error(StatusCode::UNPROCESSABLE_ENTITY, "Cart Error", &reason.to_string())
}

fn unreadable() -> Response {
    let description = "The request must name a variant by id and a quantity.";
    error(StatusCode::BAD_REQUEST, "Bad Request", description)
}

fn error(status: StatusCode, message: &str, description: &str) -> Response {
    let body = json!({ "status": status.as_u16(), "message": message, "description": description });
    (status, Json(body)).into_response()
}

fn cart_json(cart: &Cart, shop: &Shop) -> Value {
    let items = cart.items(&shop.catalogue);
    let lines: Vec<Value> = items.iter().map(|(p, quantity)| line_json(p, *quantity)).collect();
    let total = cart.total_minor(&shop.catalogue);
    json!({
        "token": "cookie",
        "note": "",
        "attributes": {},
        "original_total_price": total,
        "total_price": total,
        "total_discount": 0,
        "total_weight": 0.0,
        "item_count": cart.count(),
        "items": lines,
        "requires_shipping": !items.is_empty(),
        "currency": "GBP",
        "items_subtotal_price": total,
        "cart_level_discount_applications": [],
    })
}

fn line_json(product: &Product, quantity: u32) -> Value {
    let price = product.price_minor;
    let line_price = u64::from(price) * u64::from(quantity);
    json!({
        "id": product.variant_id,
        "properties": {},
        "quantity": quantity,
        "variant_id": product.variant_id,
        "key": format!("{}:{}", product.variant_id, product.id),
        "title": product.title,
        "price": price,
        "original_price": price,
        "discounted_price": price,
        "line_price": line_price,
        "original_line_price": line_price,
        "total_discount": 0,
        "discounts": [],
        "sku": product.sku,
        "grams": 0,
        "vendor": product.vendor,
        "taxable": true,
        "product_id": product.id,
        "product_has_only_default_variant": true,
        "gift_card": false,
        "final_price": price,
        "final_line_price": line_price,
        "url": product_url(product),
        "featured_image": {
            "aspect_ratio": 1.0,
            "alt": product.title,
            "height": IMAGE_SIDE,
            "url": image_url(product),
            "width": IMAGE_SIDE,
        },
        "image": image_url(product),
        "handle": product.handle,
        "requires_shipping": true,
        "product_type": product.category,
        "product_title": product.title,
        "product_description": product.description_html,
        "variant_title": null,
        "variant_options": ["Default Title"],
        "options_with_values": [{ "name": "Title", "value": "Default Title" }],
        "line_level_discount_allocations": [],
    })
}

fn product_json(product: &Product) -> Value {
    let (price, compare_at) = (product.price_minor, product.compare_at_minor);
    json!({
        "id": product.id,
        "title": product.title,
        "handle": product.handle,
        "description": product.description_html,
        "vendor": product.vendor,
        "type": product.category,
        "tags": product.tags,
        "price": price,
        "price_min": price,
        "price_max": price,
        "available": product.is_available(),
        "price_varies": false,
        "compare_at_price": compare_at,
        "compare_at_price_min": compare_at.unwrap_or(0),
        "compare_at_price_max": compare_at.unwrap_or(0),
        "compare_at_price_varies": false,
        "variants": [{
            "id": product.variant_id,
            "title": "Default Title",
            "option1": "Default Title",
            "option2": null,
            "option3": null,
            "sku": product.sku,
            "requires_shipping": true,
            "taxable": true,
            "featured_image": null,
            "available": product.is_available(),
            "name": product.title,
            "public_title": null,
            "options": ["Default Title"],
            "price": price,
            "weight": 0,
            "compare_at_price": compare_at,
            "inventory_management": "shopify",
            "barcode": "",
        }],
        "images": [image_url(product)],
        "featured_image": image_url(product),
        "options": [{ "name": "Title", "position": 1, "values": ["Default Title"] }],
        "url": product_url(product),
    })
}

/// Address of a product's page.
pub(crate) fn product_url(product: &Product) -> String {
    format!("/products/{}", product.handle)
}

/// Address of a product's picture.
pub(crate) fn image_url(product: &Product) -> String {
    format!("/images/{}.svg", product.handle)
}
