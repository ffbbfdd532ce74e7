//! The edge worker: conversations that are kept, and answers that are streamed and grounded in the
//! shop's own documents and products.
//!
//! What the worker does is written against the ports in [`ports`] and runs natively in tests; what
//! it runs on, Cloudflare's workers or workerd on a machine of one's own, is in `cf` alone.

pub mod access_log;
pub mod admin;
pub mod admin_key;
pub mod agent;
#[cfg(target_arch = "wasm32")]
mod cf;
pub mod checking;
pub mod conversation;
pub mod directory;
pub mod holder;
pub mod identity;
pub mod jws;
pub mod limits;
pub mod metrics;
pub mod orders;
pub mod ports;
pub mod privacy;
pub mod providers;
pub mod routing;
pub mod secrets;
pub mod session;
pub mod shops;
pub mod spend;
pub mod tools;
pub mod turn;
pub mod usage;
pub mod webhooks;
