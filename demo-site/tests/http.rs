//! Every route of the shop, in process.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use aisle_demo_site::server::{Settings, read_shop, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt;

const PRODUCTS: &str = "Handle,Title,Body (HTML),Vendor,Type,Tags,Variant SKU,\
    Variant Inventory Qty,Variant Price,Variant Compare At Price\n\
    red-mug,Red Mug,<p>Red Mug.</p><ul><li>Kind: mug</li></ul>,F,\"Mugs, Cups & Tea\",\"mug, red\",M1,5,2.50,\n\
    blue-mug,Blue Mug,,F,\"Mugs, Cups & Tea\",\"mug, blue\",M2,120,1.25,\n\
    cat-bowl,Cat Bowl,,F,Tableware,bowl,B1,0,8.00,\n\
    wall-clock,Ivory Wall Clock,,F,Clocks,clock,C1,40,12.00,15.00\n\
    evil,\"<script>alert(1)</script> & \"\"Sons\"\"\",<b>x</b>,F,Clocks,\"<b>\",X1,9,0.50,\n";

const DOCUMENT: &str = "---\ntitle: Delivery\nslug: delivery\nintents: delivery_options\n---\n\n\
    # Delivery\n\n## UK & beyond\nintents: delivery_options\n\nIt costs £3.95.\n";

fn settings() -> Settings {
    Settings { chat: "http://chat.test".into(), shop: "demo".into() }
}

fn small_shop() -> Router {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("products.csv"), PRODUCTS).unwrap();
    fs::create_dir(dir.path().join("documents")).unwrap();
    fs::write(dir.path().join("documents/delivery.md"), DOCUMENT).unwrap();
    router(read_shop(dir.path(), settings()).unwrap()).unwrap()
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie that it sets, as a browser sends it back.
    fn cookie(&self) -> String {
        self.header(header::SET_COOKIE).split(';').next().unwrap().to_owned()
    }
}

async fn send(app: &Router, request: Request<Body>) -> Reply {
    let response = app.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Reply { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

async fn get(app: &Router, uri: &str) -> Reply {
    get_with(app, uri, "").await
}

async fn get_with(app: &Router, uri: &str, cookie: &str) -> Reply {
    let request = Request::get(uri).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
    send(app, request).await
}

async fn post(app: &Router, uri: &str, cookie: &str, kind: &str, body: &str) -> Reply {
    let request = Request::post(uri)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(body.to_owned()))
        .unwrap();
    send(app, request).await
}

async fn post_json(app: &Router, uri: &str, cookie: &str, body: &Value) -> Reply {
    post(app, uri, cookie, "application/json", &body.to_string()).await
}

const FORM: &str = "application/x-www-form-urlencoded";

async fn variant(app: &Router, handle: &str) -> u64 {
    let product = get(app, &format!("/products/{handle}.js")).await.json();
    product["variants"][0]["id"].as_u64().unwrap()
}

#[tokio::test]
async fn pages_have_what_they_are_for() {
    let app = small_shop();
    for (uri, status, part) in [
        ("/", 200, "<h1>Little things"),
        ("/collections", 200, "/collections/mugs-cups-tea"),
        ("/collections/all", 200, "5 products"),
        ("/collections/clocks", 200, "2 products"),
        ("/collections/sale", 200, "Save 20%"),
        ("/collections/new", 200, "5 products"),
        (
            "/collections/all?in_stock=1&price=1-5&colour=red&sort_by=title-ascending",
            200,
            "1 product<",
        ),
        (
            "/collections/all?page=-7&price=x&colour=%00&sort_by=%ff&utm_source=%3Cb%3E",
            200,
            "5 products",
        ),
        ("/collections/all?colour=lime", 200, "Clear the filters"),
        ("/collections/sofas", 404, "We cannot find this page"),
        ("/products/red-mug", 200, "Only 5 left"),
        ("/products/wall-clock", 200, "£15.00"),
        ("/products/cat-bowl", 200, "Sold out"),
        ("/products/nothing", 404, "We cannot find this page"),
        ("/products/%ff", 404, "We cannot find this page"),
        ("/products/..%2f..%2fetc%2fpasswd", 404, "We cannot find this page"),
        ("/search?q=mug", 200, "2 products"),
        ("/search?q=zebra", 200, "Nothing found"),
        ("/search", 200, "Type what you are looking for"),
        ("/pages", 200, "/pages/delivery#uk-beyond"),
        ("/pages/delivery", 200, "<h2 id=\"uk-beyond\">UK &amp; beyond</h2>"),
        ("/pages/nothing", 404, "We cannot find this page"),
        ("/cart", 200, "There is nothing in it yet"),
        ("/checkout", 200, "nothing can be ordered"),
        ("/.env", 404, "We cannot find this page"),
        ("/a/b/c", 404, "We cannot find this page"),
    ] {
        let reply = get(&app, uri).await;
        assert_eq!(reply.status.as_u16(), status, "{uri}");
        assert!(reply.body.contains(part), "{uri} lacks {part:?}");
        let script = "<script src=\"http://chat.test/aisle.js\" data-shop=\"demo\" defer></script>";
        assert!(reply.body.contains(script), "{uri} has no chat");
        assert_eq!(reply.header(header::CACHE_CONTROL), "private, no-cache");
        assert_eq!(reply.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        let policy = reply.header(header::CONTENT_SECURITY_POLICY);
        assert!(
            policy.contains("script-src 'self' http://chat.test 'wasm-unsafe-eval';"),
            "{policy}"
        );
        assert!(
            policy.contains("worker-src blob:") && !policy.contains("unsafe-inline"),
            "{policy}"
        );
        assert!(!reply.body.contains(" style=") && !reply.body.contains("<style"), "{uri}");
        assert!(!reply.body.contains("intents:"), "{uri}");
    }
}

#[tokio::test]
async fn text_of_others_is_escaped() {
    let app = small_shop();
    for uri in [
        "/",
        "/products/evil",
        "/collections/clocks",
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/collections/all?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ] {
        let body = get(&app, uri).await.body;
        assert!(!body.contains("<script>"), "{uri}");
        assert!(!body.contains("=\"\"><"), "{uri}");
    }
    let items = json!({"items": [{"id": variant(&app, "evil").await, "quantity": 1}]});
    let cart = post_json(&app, "/cart/add.js", "", &items).await;
    let page = get_with(&app, "/cart", &cart.cookie()).await.body;
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>"));
}

#[tokio::test]
async fn moved_pages_lead_on() {
    let app = small_shop();
    for (uri, target) in [
        ("/pages/contact", "/pages/contact-and-complaints"),
        ("/pages/faq", "/pages"),
        ("/pages/help", "/pages"),
        ("/cart/", "/cart"),
        ("/pages/delivery//", "/pages/delivery"),
    ] {
        let reply = get(&app, uri).await;
        assert_eq!(reply.status, StatusCode::PERMANENT_REDIRECT, "{uri}");
        assert_eq!(reply.header(header::LOCATION), target, "{uri}");
    }
    // No way to another host.
    assert_eq!(get(&app, "//evil.test/").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn files_are_served_and_kept() {
    let app = small_shop();
    let home = get(&app, "/").await.body;
    for name in ["shop.css", "shop.js", "icon.svg"] {
        let start = home.find(&format!("/assets/{name}?v=")).unwrap();
        let uri = home[start..].split('"').next().unwrap();
        let reply = get(&app, uri).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.header(header::CACHE_CONTROL), "public, max-age=31536000, immutable");
        let stale = get(&app, &format!("/assets/{name}?v=old")).await;
        assert_eq!(stale.header(header::CACHE_CONTROL), "no-cache");
    }
    assert_eq!(get(&app, "/assets/../main.rs").await.status, StatusCode::NOT_FOUND);
    let image = get(&app, "/images/red-mug.svg").await;
    assert_eq!(image.header(header::CONTENT_TYPE), "image/svg+xml");
    assert_eq!(image.header(header::CACHE_CONTROL), "public, max-age=86400");
    assert!(image.body.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    for uri in ["/images/red-mug", "/images/nothing.svg", "/images/%ff.svg"] {
        assert_eq!(get(&app, uri).await.status, StatusCode::NOT_FOUND, "{uri}");
    }
}

#[tokio::test]
async fn the_theme_finds_a_shopify_shop() {
    let app = small_shop();
    let product = get(&app, "/products/wall-clock.js").await.json();
    assert_eq!(product["price"], 1200);
    assert_eq!(product["compare_at_price"], 1500);
    assert_eq!(product["variants"][0]["sku"], "C1");
    assert_eq!(product["variants"][0]["available"], true);
    assert_eq!(product["url"], "/products/wall-clock");
    assert_eq!(get(&app, "/products/cat-bowl.js").await.json()["available"], false);
    assert_eq!(get(&app, "/products/nothing.js").await.status, StatusCode::NOT_FOUND);

    let mug = get(&app, "/products/red-mug.js").await.json()["id"].as_u64().unwrap();
    let uri = format!("/recommendations/products.json?product_id={mug}&limit=1");
    let related = get(&app, &uri).await.json();
    assert_eq!(related["products"].as_array().unwrap().len(), 1);
    assert_eq!(related["products"][0]["handle"], "blue-mug");
    for (query, status) in [("", 422), ("?product_id=x", 422), ("?product_id=1", 404)] {
        let reply = get(&app, &format!("/recommendations/products.json{query}")).await;
        assert_eq!(reply.status.as_u16(), status, "{query}");
        assert_eq!(reply.json()["status"], status);
    }
}

#[tokio::test]
async fn the_cart_of_the_theme() {
    let app = small_shop();
    let (red, blue) = (variant(&app, "red-mug").await, variant(&app, "blue-mug").await);
    let empty = get(&app, "/cart.js").await.json();
    assert_eq!((&empty["item_count"], &empty["currency"]), (&json!(0), &json!("GBP")));

    let items = json!({"items": [{"id": red, "quantity": 2}, {"id": blue.to_string()}]});
    let added = post_json(&app, "/cart/add.js", "", &items).await;
    assert_eq!(added.status, StatusCode::OK);
    assert_eq!(added.json()["items"][0]["line_price"], 500);
    let cookie = added.cookie();
    let cart = get_with(&app, "/cart.js", &cookie).await.json();
    assert_eq!((&cart["item_count"], &cart["total_price"]), (&json!(3), &json!(625)));
    assert_eq!(cart["items"][0]["handle"], "red-mug");
    let page = get_with(&app, "/", &cookie).await.body;
    assert!(page.contains("data-cart-count>3<"));

    let one = post(&app, "/cart/add.js", &cookie, FORM, &format!("id={red}&quantity=1")).await;
    assert_eq!((one.status, &one.json()["quantity"]), (StatusCode::OK, &json!(3)));

    let by_id = json!({"id": format!("{red}:1"), "quantity": 1});
    assert_eq!(post_json(&app, "/cart/change.js", &cookie, &by_id).await.json()["item_count"], 2);
    let by_line = json!({"line": 2, "quantity": 0});
    let changed = post_json(&app, "/cart/change.js", &cookie, &by_line).await;
    assert_eq!(changed.json()["items"].as_array().unwrap().len(), 1);
    let mut updates = serde_json::Map::new();
    updates.insert(red.to_string(), json!(0));
    updates.insert(blue.to_string(), json!("4"));
    let updated = post_json(&app, "/cart/update.js", &cookie, &json!({"updates": updates})).await;
    assert_eq!(updated.json()["total_price"], 500);
    let cleared = post_json(&app, "/cart/clear.js", &cookie, &json!({})).await;
    assert_eq!(cleared.json()["item_count"], 0);
    assert!(cleared.header(header::SET_COOKIE).contains("Max-Age=0"));
}

#[tokio::test]
async fn the_cart_refuses_with_reasons() {
    let app = small_shop();
    let (red, bowl) = (variant(&app, "red-mug").await, variant(&app, "cat-bowl").await);
    for (body, status, description) in [
        (json!({"items": [{"id": bowl, "quantity": 1}]}), 422, "\"Cat Bowl\" is sold out."),
        (json!({"items": [{"id": 1, "quantity": 1}]}), 422, "We no longer have this product."),
        (
            json!({"id": red, "quantity": 6}),
            422,
            "We have only 5 of \"Red Mug\", and all of them are in your cart.",
        ),
        (json!({"items": []}), 400, "The request must name a variant by id and a quantity."),
        (json!({"id": "x"}), 400, "The request must name a variant by id and a quantity."),
        (json!([]), 400, "The request must name a variant by id and a quantity."),
    ] {
        let reply = post_json(&app, "/cart/add.js", "", &body).await;
        assert_eq!(reply.status.as_u16(), status, "{body}");
        let error = reply.json();
        assert_eq!(
            (&error["status"], &error["description"]),
            (&json!(status), &json!(description))
        );
        assert_eq!(reply.header(header::SET_COOKIE), "");
    }
    for uri in ["/cart/add.js", "/cart/change.js", "/cart/update.js"] {
        for (kind, body) in [("application/json", "{"), ("text/plain", "\u{0}"), (FORM, "%ff=%ff&")]
        {
            assert_eq!(
                post(&app, uri, "", kind, body).await.status,
                StatusCode::BAD_REQUEST,
                "{uri}"
            );
        }
        let huge = post(&app, uri, "", FORM, &"x".repeat(20 << 10)).await;
        assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
        let request = Request::builder().method(Method::GET).uri(uri).body(Body::empty()).unwrap();
        assert_eq!(send(&app, request).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn everything_works_without_javascript() {
    let app = small_shop();
    let (red, bowl) = (variant(&app, "red-mug").await, variant(&app, "cat-bowl").await);
    let added = post(&app, "/cart/add", "", FORM, &format!("id={red}&quantity=2")).await;
    assert_eq!((added.status, added.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/cart"));
    let cookie = added.cookie();
    let page = get_with(&app, "/cart", &cookie).await.body;
    assert!(page.contains("Red Mug") && page.contains("£5.00") && page.contains("£8.95"));

    // The button that removes sends its quantity after the field's.
    let gone =
        post(&app, "/cart/change", &cookie, FORM, &format!("id={red}&quantity=2&quantity=0")).await;
    assert!(get_with(&app, "/cart", &gone.cookie()).await.body.contains("nothing in it yet"));

    let refused = post(&app, "/cart/add", &cookie, FORM, &format!("id={bowl}")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("is sold out.") && refused.body.contains("role=\"alert\""));
    for body in ["", "id=x", "id=1&quantity=99999999999999", "%"] {
        for uri in ["/cart/add", "/cart/change"] {
            let reply = post(&app, uri, "", FORM, body).await;
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{uri} {body}");
        }
    }
}

/// The committed data: what pages link to is there, and every picture is small.
#[tokio::test]
async fn the_real_shop_has_no_dead_end() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let shop = read_shop(&data, settings()).unwrap();
    let app = router(shop.clone()).unwrap();
    let mut known: HashSet<String> = HashSet::new();
    let mut seen: Vec<String> =
        vec!["/".into(), "/collections/all?page=7&sort_by=title-ascending".into()];
    let mut at = 0;
    while let Some(uri) = seen.get(at).cloned() {
        at += 1;
        let path = uri.split('#').next().unwrap();
        let reply = get(&app, path).await;
        let is_fine = reply.status.is_success() || reply.status.is_redirection();
        assert!(is_fine, "{uri} is {}", reply.status);
        if let Some((_, anchor)) = uri.split_once('#') {
            assert!(reply.body.contains(&format!("id=\"{anchor}\"")), "{uri} leads nowhere");
        }
        // One page of each list and the products on the first pages are enough.
        if uri.contains("page=") || uri.starts_with("/products/") {
            continue;
        }
        let (links, files) = (reply.body.split("href=\""), reply.body.split("src=\""));
        for part in links.skip(1).chain(files.skip(1)) {
            let link = part.split('"').next().unwrap().replace("&amp;", "&");
            let is_ours = link.starts_with('/') && !link.starts_with("//");
            if is_ours && known.insert(link.clone()) {
                seen.push(link);
            }
        }
    }
    assert!(seen.len() > 500, "only {} links were found", seen.len());
    assert_eq!(shop.catalogue.products.len(), 3791);
    for product in &shop.catalogue.products {
        let svg = aisle_demo_site::illustration::illustrate(&product.title);
        assert!(svg.len() < 4096, "{} has {} bytes", product.title, svg.len());
    }
    let curios = shop.catalogue.collection("gifts-curios").map_or(0, |c| c.products.len());
    assert!(curios < 40, "{curios} products have no department");
}
