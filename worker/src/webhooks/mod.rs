//! What other systems tell the worker by themselves.

mod shopify;

pub use shopify::{Notice, NoticeError, is_signed, read};
