//! The files that browsers fetch: the chat itself, and the shops' artifacts.

use aisle_core::protocol::{ErrorCode, ErrorDetail};
use worker::{Env, Method, Request, Response, ResponseBuilder, Result};

use super::reply;

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

/// A file of a shop's artifact.
pub(super) async fn artifact(env: &Env, shop: &str, file: &str) -> Result<Response> {
    serve(env, ARTIFACTS, &format!("{shop}/{file}"), A_WHILE).await
}

/// The bytes of a file of a shop's artifact; `None` when there is no such file.
pub(super) async fn artifact_bytes(env: &Env, shop: &str, file: &str) -> Result<Option<Vec<u8>>> {
    let mut response = fetch(env, ARTIFACTS, &format!("{shop}/{file}")).await?;
    if response.status_code() == 200 { response.bytes().await.map(Some) } else { Ok(None) }
}

async fn fetch(env: &Env, service: &str, path: &str) -> Result<Response> {
    // On Cloudflare a worker has one folder of files, and the artifacts are a folder in it.
    let (service, folder) = match env.service(service) {
        Ok(service) => (service, ""),
        Err(_) if service == ARTIFACTS => (env.service(SITE)?, "artifacts/"),
        Err(error) => return Err(error),
    };
    // The service looks at the path alone.
    let request = Request::new(&format!("http://files/{folder}{path}"), Method::Get)?;
    service.fetch_request(request).await
}

async fn serve(env: &Env, service: &str, path: &str, caching: &str) -> Result<Response> {
    let response = fetch(env, service, path).await?;
    if response.status_code() != 200 {
        let message = "there is no such file";
        return reply::error(ErrorDetail::new(ErrorCode::NotFound, message));
    }
    let (_, body) = response.into_parts();
    Ok(ResponseBuilder::new()
        .with_header("content-type", content_type(path))?
        .with_header("cache-control", caching)?
        .body(body))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}
