//! The network as providers of language models use it: a request, and a reply that is streamed.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use futures_util::future::{LocalBoxFuture, pending, ready};
use futures_util::stream::{self, LocalBoxStream, StreamExt};

use super::ModelError;

/// A `POST` of JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamRequest {
    /// Where to.
    pub url: String,
    /// Headers beside those of the content's types.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// The head of a reply, and its bytes as they come.
pub struct UpstreamReply {
    /// The HTTP status.
    pub status: u16,
    /// How long the server asks to be left alone, in milliseconds.
    pub retry_after_ms: Option<u32>,
    /// The body. Dropping it closes the connection.
    pub bytes: LocalBoxStream<'static, Result<Vec<u8>, ModelError>>,
}

/// The network.
pub trait Upstream {
    /// Sends a request. Dropping the future ends it.
    fn post(
        &self,
        request: UpstreamRequest,
    ) -> LocalBoxFuture<'static, Result<UpstreamReply, ModelError>>;
}

/// What a [`ScriptedUpstream`] does with one request.
#[derive(Clone, Debug)]
pub enum ScriptedReply {
    /// It gives no answer at all.
    Hangs,
    /// There is no connection.
    Unreachable,
    /// A reply.
    Reply {
        /// The HTTP status.
        status: u16,
        /// What the header `retry-after` says.
        retry_after_ms: Option<u32>,
        /// The body as it comes.
        chunks: Vec<Vec<u8>>,
        /// Whether the connection stays open after it.
        stays_open: bool,
    },
}

impl ScriptedReply {
    /// A whole reply in one chunk.
    pub fn new(status: u16, body: &str) -> Self {
        let chunks = vec![body.as_bytes().to_vec()];
        Self::Reply { status, retry_after_ms: None, chunks, stays_open: false }
    }
}

/// A network that does what it is told, a reply a request, and keeps the requests.
#[derive(Clone, Debug, Default)]
pub struct ScriptedUpstream {
    /// The replies to come. After them nobody is reached.
    pub replies: Rc<RefCell<VecDeque<ScriptedReply>>>,
    /// The requests so far.
    pub requests: Rc<RefCell<Vec<UpstreamRequest>>>,
}

impl ScriptedUpstream {
    /// A network with these replies.
    pub fn new(replies: impl IntoIterator<Item = ScriptedReply>) -> Self {
        let replies = Rc::new(RefCell::new(replies.into_iter().collect()));
        Self { replies, ..Self::default() }
    }
}

impl Upstream for ScriptedUpstream {
    fn post(
        &self,
        request: UpstreamRequest,
    ) -> LocalBoxFuture<'static, Result<UpstreamReply, ModelError>> {
        self.requests.borrow_mut().push(request);
        match self.replies.borrow_mut().pop_front() {
            Some(ScriptedReply::Hangs) => Box::pin(pending()),
            Some(ScriptedReply::Reply { status, retry_after_ms, chunks, stays_open }) => {
                let chunks = stream::iter(chunks.into_iter().map(Ok));
                let bytes = if stays_open {
                    chunks.chain(stream::pending()).boxed_local()
                } else {
                    chunks.boxed_local()
                };
                Box::pin(ready(Ok(UpstreamReply { status, retry_after_ms, bytes })))
            }
            Some(ScriptedReply::Unreachable) | None => {
                Box::pin(ready(Err(ModelError::Network("connection refused".to_owned()))))
            }
        }
    }
}
