//! The bodies of requests, no more of them than allowed.

use aisle_core::protocol::{ErrorCode, ErrorDetail};
use futures_util::StreamExt;
use worker::{Request, Result};

/// Reads a body of at most `most` bytes.
pub(super) async fn read(
    mut request: Request,
    most: usize,
) -> Result<std::result::Result<Vec<u8>, ErrorDetail>> {
    let mut body = Vec::new();
    if request.inner().body().is_none() {
        return Ok(Ok(body));
    }
    let mut chunks = request.stream()?;
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk?);
        if body.len() > most {
            let message = format!("the body has more than {most} bytes");
            return Ok(Err(ErrorDetail::new(ErrorCode::MessageTooLong, message)));
        }
    }
    Ok(Ok(body))
}
