//! The files that browsers fetch: the chat itself, and the shops' artifacts.

use std::rc::Rc;

use aisle_core::protocol::{ErrorCode, ErrorDetail};
use worker::{Env, Method, Request, Response, ResponseBuilder, Result};

use super::{desk, reply, settings};
use crate::admin::{Answer, Ask, Publication};

/// Binding of the service that has the built site.
const SITE: &str = "SITE";
/// Binding of the service that has the artifacts.
const ARTIFACTS: &str = "ARTIFACTS";

/// The name of an asset changes with its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The loader and the artifacts keep their names; a new one is to be in use soon.
const A_WHILE: &str = "public, max-age=300, stale-while-revalidate=86400";

/// A file of the built site.
pub(super) async fn site(env: &Env, path: &str) -> Result<Response> {
    let caching = if path.starts_with("assets/") { FOR_EVER } else { A_WHILE };
    serve(env, SITE, path, caching).await
}

/// A file of the artifact that a shop has in use.
pub(super) async fn artifact(env: &Env, shop: &str, file: &str) -> Result<Response> {
    match in_use(env, shop).await {
        Some(published) => serve_published(env, shop, &published, file, A_WHILE).await,
        None => serve(env, ARTIFACTS, &format!("{shop}/{file}"), A_WHILE).await,
    }
}

/// A file of an artifact that was published; it never changes.
pub(super) async fn published(env: &Env, shop: &str, id: &str, file: &str) -> Result<Response> {
    // A shop that is not there has no object, and gets none by being asked for.
    if settings::base(env, shop).is_err() {
        return missing();
    }
    match desk::ask(env, shop, &Ask::Read).await? {
        Answer::Holds { published, .. } => match published.iter().find(|one| one.id == id) {
            Some(published) => serve_published(env, shop, published, file, FOR_EVER).await,
            None => missing(),
        },
        _ => missing(),
    }
}

/// The bytes of a file of the artifact that a shop has in use; `None` when there is no such file.
pub(super) async fn artifact_bytes(env: &Env, shop: &str, file: &str) -> Result<Option<Vec<u8>>> {
    let mut response = match in_use(env, shop).await {
        Some(published) => match published.files.get(file) {
            Some(hash) => desk::file(env, shop, hash).await?,
            None => return Ok(None),
        },
        None => fetch(env, ARTIFACTS, &format!("{shop}/{file}")).await?,
    };
    if response.status_code() == 200 { response.bytes().await.map(Some) } else { Ok(None) }
}

/// The artifact that was published last, if the shop goes by it.
async fn in_use(env: &Env, shop: &str) -> Option<Rc<Publication>> {
    settings::of_shop(env, shop).await.ok()?.artifact
}

async fn serve_published(
    env: &Env,
    shop: &str,
    published: &Publication,
    file: &str,
    caching: &str,
) -> Result<Response> {
    let Some(hash) = published.files.get(file) else { return missing() };
    typed(desk::file(env, shop, hash).await?, file, caching)
}

async fn fetch(env: &Env, service: &str, path: &str) -> Result<Response> {
    // The service looks at the path alone.
    let request = Request::new(&format!("http://files/{path}"), Method::Get)?;
    env.service(service)?.fetch_request(request).await
}

async fn serve(env: &Env, service: &str, path: &str, caching: &str) -> Result<Response> {
    typed(fetch(env, service, path).await?, path, caching)
}

fn typed(response: Response, path: &str, caching: &str) -> Result<Response> {
    if response.status_code() != 200 {
        return missing();
    }
    let (_, body) = response.into_parts();
    Ok(ResponseBuilder::new()
        .with_header("content-type", content_type(path))?
        .with_header("cache-control", caching)?
        .body(body))
}

fn missing() -> Result<Response> {
    reply::error(ErrorDetail::new(ErrorCode::NotFound, "there is no such file"))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}
