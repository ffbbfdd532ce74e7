//! The figures of this isolate: all of a worker of one's own, one of many on Cloudflare.

use std::cell::RefCell;

use worker::{Response, ResponseBuilder, Result};

use crate::metrics::{CONTENT_TYPE, Metrics};

thread_local! {
    static METRICS: RefCell<Metrics> = RefCell::default();
}

/// Counts something.
pub(super) fn count(change: impl FnOnce(&mut Metrics)) {
    METRICS.with_borrow_mut(change);
}

/// Counts a request that was answered.
pub(super) fn answered(method: &'static str, route: &'static str, status: u16) {
    count(|metrics| metrics.answered(method, route, status));
}

/// The figures as Prometheus reads them.
pub(super) fn reply() -> Result<Response> {
    let text = METRICS.with_borrow(Metrics::render);
    Ok(ResponseBuilder::new()
        .with_header("content-type", CONTENT_TYPE)?
        .with_header("cache-control", "no-store")?
        .fixed(text.into_bytes()))
}
