//! The wire types as the chat reads and writes them: by hand, field by field. What serde derives is
//! a fifth of the whole module that a shopper downloads.

mod read;
mod write;

pub(crate) use read::{
    created_conversation, engine_reply, error_detail, history, purchases, shop_profile,
    stream_event,
};
pub(crate) use write::{engine_request, turn_request};
