//! The demo shop: a storefront over a real catalogue and real sales.

pub mod attributes;
pub mod cart;
pub mod catalogue;
mod date;
pub mod documents;
pub mod illustration;
pub mod kind;
mod pages;
pub mod prepare;
pub mod server;
mod theme_api;
