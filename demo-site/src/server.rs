//! Routes, headers and files.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::extract::{DefaultBodyLimit, FromRef, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, extract};
use maud::Markup;

use crate::cart::Cart;
use crate::catalogue::Catalogue;
use crate::documents::{Document, read_documents};
use crate::illustration::illustrate;
use crate::{pages, theme_api};

/// Largest body of a request, in bytes.
const MAX_BODY_BYTES: usize = 16 << 10;
/// A picture may be kept for a day; its address does not change with its drawing.
const IMAGE_CACHE: &str = "public, max-age=86400";
/// A file whose address has its version may be kept for ever.
const ASSET_CACHE: &str = "public, max-age=31536000, immutable";

const STYLESHEET: &str = include_str!("assets/shop.css");
const SCRIPT: &str = include_str!("assets/shop.js");
const ICON: &str = include_str!("assets/icon.svg");

/// What the server is told on its command line.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Origin of the chat's server, such as `http://localhost:8787`.
    pub chat: String,
    /// Name of the shop on it.
    pub shop: String,
}

/// Everything that pages are made of.
#[derive(Debug)]
pub struct Data {
    /// The products.
    pub catalogue: Catalogue,
    /// The documents, by file name.
    pub documents: Vec<Document>,
    /// The command line.
    pub settings: Settings,
    /// Changes with the stylesheet, the script and the icon.
    pub version: String,
}

/// The data, shared by all requests.
pub type Shop = Arc<Data>;

/// What a page needs of a request, beside its own parameters.
#[derive(Debug)]
pub struct Request {
    /// The shopper's cart.
    pub cart: Cart,
    /// The parameters, in order.
    pub query: Vec<(String, String)>,
}

impl Request {
    /// The first parameter of this name, or nothing.
    pub fn parameter(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Request
where
    Shop: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let shop = Shop::from_ref(state);
        let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|c| c.to_str().ok());
        let cart = Cart::from_cookies(cookies, &shop.catalogue);
        let query = extract::Query::try_from_uri(&parts.uri).map(|q| q.0).unwrap_or_default();
        Ok(Self { cart, query })
    }
}

/// The last part of a path; empty where it is no text, so that nothing is found.
struct Segment(String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = extract::Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.map(|path| path.0).unwrap_or_default()))
    }
}

/// Reads the folder of a shop.
///
/// # Errors
/// When the catalogue or a document cannot be read.
pub fn read_shop(dir: &Path, settings: Settings) -> Result<Shop> {
    let catalogue = Catalogue::read(dir)?;
    let folder = dir.join("documents");
    let documents =
        read_documents(&folder).with_context(|| format!("reading {}", folder.display()))?;
    Ok(Arc::new(Data { catalogue, documents, settings, version: asset_version() }))
}

/// All routes of the shop.
///
/// # Errors
/// When the chat's origin cannot stand in a header.
pub fn router(shop: Shop) -> Result<Router> {
    let policy = content_security_policy(&shop.settings.chat)?;
    let router = Router::new()
        .route("/", get(home))
        .route("/collections", get(collections))
        .route("/collections/{handle}", get(collection))
        .route("/products/{handle}", get(product))
        .route("/search", get(search))
        .route("/pages", get(documents))
        .route("/pages/{slug}", get(document))
        .route("/cart", get(cart))
        .route("/cart/add", post(pages::cart::add))
        .route("/cart/change", post(pages::cart::change))
        .route("/checkout", get(checkout))
        .route("/cart.js", get(theme_api::cart))
        .route("/cart/add.js", post(theme_api::add))
        .route("/cart/change.js", post(theme_api::change))
        .route("/cart/update.js", post(theme_api::update))
        .route("/cart/clear.js", post(theme_api::clear))
        .route("/recommendations/products.json", get(theme_api::recommendations))
        .route("/images/{file}", get(image))
        .route("/assets/{file}", get(asset))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(move |request, next| {
            with_headers(policy.clone(), request, next)
        }))
        .with_state(shop);
    Ok(router)
}

/// What pages may load and run. The chat starts a worker from a blob, which inherits this policy
/// and imports a module from the chat's origin.
fn content_security_policy(chat: &str) -> Result<HeaderValue> {
    let policy = format!(
        "default-src 'self'; script-src 'self' {chat} 'wasm-unsafe-eval'; \
         connect-src 'self' {chat}; worker-src blob:; img-src 'self'; style-src 'self'; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    );
    HeaderValue::from_str(&policy).context("the chat's origin cannot stand in a header")
}

/// Adds the headers that every answer has.
async fn with_headers(policy: HeaderValue, request: extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
    ];
    for (name, value) in fixed {
        headers.insert(name, value);
    }
    // A page shows the shopper's own cart.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    response
}

/// An answer with a page.
pub(crate) fn html(status: StatusCode, markup: Markup) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, kind, markup.into_string()).into_response()
}

fn page_or_nothing(shop: &Shop, request: &Request, markup: Option<Markup>) -> Response {
    match markup {
        Some(markup) => html(StatusCode::OK, markup),
        None => html(StatusCode::NOT_FOUND, pages::not_found::page(shop, request)),
    }
}

async fn home(State(shop): State<Shop>, request: Request) -> Response {
    html(StatusCode::OK, pages::home::page(&shop, &request))
}

async fn collections(State(shop): State<Shop>, request: Request) -> Response {
    html(StatusCode::OK, pages::collection::index(&shop, &request))
}

async fn collection(State(shop): State<Shop>, handle: Segment, request: Request) -> Response {
    page_or_nothing(&shop, &request, pages::collection::page(&shop, &request, &handle.0))
}

async fn product(State(shop): State<Shop>, handle: Segment, request: Request) -> Response {
    if let Some(handle) = handle.0.strip_suffix(".js") {
        return theme_api::product(&shop, handle);
    }
    page_or_nothing(&shop, &request, pages::product::page(&shop, &request, &handle.0))
}

async fn search(State(shop): State<Shop>, request: Request) -> Response {
    html(StatusCode::OK, pages::search::page(&shop, &request))
}

async fn documents(State(shop): State<Shop>, request: Request) -> Response {
    html(StatusCode::OK, pages::document::index(&shop, &request))
}

async fn document(State(shop): State<Shop>, slug: Segment, request: Request) -> Response {
    match slug.0.as_str() {
        "contact" => Redirect::permanent("/pages/contact-and-complaints").into_response(),
        "faq" | "help" => Redirect::permanent("/pages").into_response(),
        slug => page_or_nothing(&shop, &request, pages::document::page(&shop, &request, slug)),
    }
}

async fn cart(State(shop): State<Shop>, request: Request) -> Response {
    html(StatusCode::OK, pages::cart::page(&shop, &request, None))
}

async fn checkout(State(shop): State<Shop>, request: Request) -> Response {
    html(StatusCode::OK, pages::cart::checkout(&shop, &request))
}

/// Whatever has no route; addresses with a slash too many lead to those without.
async fn nothing(State(shop): State<Shop>, request: Request, uri: Uri) -> Response {
    let path = uri.path();
    let is_plain = !path.starts_with("//") && path.len() > 1 && path.ends_with('/');
    if is_plain && let Ok(target) = path.trim_end_matches('/').parse::<PathAndQuery>() {
        return Redirect::permanent(target.as_str()).into_response();
    }
    page_or_nothing(&shop, &request, None)
}

async fn image(State(shop): State<Shop>, file: Segment) -> Response {
    let product = file.0.strip_suffix(".svg").and_then(|handle| shop.catalogue.by_handle(handle));
    let Some(product) = product else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, IMAGE_CACHE)];
    (headers, illustrate(&product.title)).into_response()
}

async fn asset(State(shop): State<Shop>, file: Segment, request: Request) -> Response {
    let (kind, text) = match file.0.as_str() {
        "shop.css" => ("text/css; charset=utf-8", STYLESHEET),
        "shop.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "icon.svg" => ("image/svg+xml", ICON),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let is_current = request.parameter("v") == shop.version;
    let cache = if is_current { ASSET_CACHE } else { "no-cache" };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)], text).into_response()
}

/// A number that changes with the files (FNV-1a, 64 bits).
fn asset_version() -> String {
    let bytes = [STYLESHEET, SCRIPT, ICON].into_iter().flat_map(str::bytes);
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
