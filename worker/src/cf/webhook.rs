//! Webhooks: acknowledged once what they ask for is written down.

use aisle_core::protocol::{ErrorCode, ErrorDetail};
use worker::{Env, Request, Result};

use super::inside::call;
use super::timing::RuntimeClock;
use super::{Handled, body, objects, order_secret, reply, report, shops, text_binding};
use crate::directory::{Request as Asked, Subject, SubjectError};
use crate::orders::Origin;
use crate::ports::Clock;
use crate::privacy::DirectoryCall;
use crate::secrets;
use crate::shops::is_name;
use crate::webhooks::{is_signed, read};

/// JSON of the client secrets of the shops' apps.
pub(super) const SECRETS: &str = "AISLE_SHOPIFY_SECRETS";
/// The largest body that is read, in bytes.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Takes a webhook of Shopify's.
pub(super) async fn receive(request: Request, env: &Env, shop: &str) -> Result<Handled> {
    let unauthorized =
        || ErrorDetail::new(ErrorCode::Unauthorized, "the webhook is not signed for this shop");
    let header = |name| request.headers().get(name).map(Option::unwrap_or_default);
    let (signature, topic) = (header("x-shopify-hmac-sha256")?, header("x-shopify-topic")?);
    let id = format!("shopify-{}", header("x-shopify-webhook-id")?);
    let Some(secret) = text_binding(env, SECRETS).and_then(|json| secrets::of_shop(&json, shop))
    else {
        return Ok(Err(unauthorized()));
    };
    let body = match body::read(request, MAX_BODY_BYTES).await? {
        Ok(body) => body,
        Err(detail) => return Ok(Err(detail)),
    };
    if !is_signed(&secret, &body, &signature) {
        return Ok(Err(unauthorized()));
    }
    let malformed =
        |message: String| Ok(Err(ErrorDetail::new(ErrorCode::MalformedRequest, message)));
    let notice = match read(&topic, &body) {
        Ok(notice) => notice,
        Err(error) => return malformed(error.to_string()),
    };
    if !is_name(&id) {
        return malformed("x-shopify-webhook-id is missing or is none".to_owned());
    }
    // One secret signs for all shops of an app; this one is another's.
    if domain(env, shop).is_some_and(|domain| domain != notice.domain) {
        return Ok(Err(unauthorized()));
    }
    let secret = order_secret(env);
    let found = match &notice.subject {
        None => Ok((Subject::whole_shop(), vec!["shop".to_owned()])),
        Some(subject) => Subject::resolve(secret.as_ref(), shop, subject),
    };
    let subject = match found {
        Ok(subject) => subject,
        // To be sent again, when the worker is set up.
        Err(error @ SubjectError::NoSecret) => {
            report(&error.to_string());
            return Ok(Err(ErrorDetail::new(ErrorCode::Internal, error.to_string())));
        }
        Err(error) => return malformed(error.to_string()),
    };
    let request = Asked::new(id, notice.action, subject, RuntimeClock.now_ms());
    let begin = DirectoryCall::Begin { shop: shop.to_owned(), request };
    let kept: Asked = call(&objects::directory(env, shop)?, &begin).await?;
    reply::json(200, &kept.receipt()).map(Ok)
}

/// The domain of a shop whose orders are at Shopify.
fn domain(env: &Env, shop: &str) -> Option<String> {
    let settings = shops(env).ok()?.find(shop).ok()?.clone();
    match settings.orders.origin {
        Origin::Shopify { domain } => Some(domain),
        Origin::Table | Origin::Http { .. } => None,
    }
}
