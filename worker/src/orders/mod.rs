//! A shop's orders: where they come from, whose they are, and how a shopper asks for one.
//!
//! A source answers for one shop. What it finds carries whose it is, and [`Asker::owns`] decides in
//! one place whether the asker may see it. "There is none" and "it is not yours" are one answer.

mod http;
mod load;
mod lookup;
mod memory;
mod owner;
mod settings;
mod shopify;
mod signed;
mod source;
mod table;

pub use http::{Http, HttpError, HttpReply, HttpRequest};
pub use load::load;
pub use lookup::{Guest, LookupError, SignedIn, history, look_up, own};
pub use memory::{MemoryTable, ScriptedHttp};
pub use owner::{Asker, EmailKey, OrderSecret, Owner};
pub use settings::{OrdersError, OrdersSettings, Origin};
pub use shopify::Shopify;
pub use signed::Signed;
pub use source::{Found, OrderSource, SourceError};
pub use table::{OrderTable, Row, TableError, TableSource};

#[cfg(test)]
mod tests;
