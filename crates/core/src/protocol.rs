//! Every type that crosses a boundary as JSON or as a structured-clone message: widget to worker,
//! worker to widget, widget to engine and back. Nothing else in the project defines wire types.
//!
//! The version is sent with every turn; a worker accepts its own version and the one before.

mod admin;
mod conversation;
mod engine;
mod error;
mod orders;
mod privacy;
mod requested;
mod stream;
mod tickets;
mod turn;

use serde::{Deserialize, Serialize};

pub use admin::*;
pub use conversation::*;
pub use engine::*;
pub use error::*;
pub use orders::*;
pub use privacy::*;
pub use requested::*;
pub use stream::*;
pub use tickets::*;
pub use turn::*;

/// Version of the wire protocol that this build speaks.
pub const PROTOCOL_VERSION: u16 = 1;

/// A document section that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Number of the section in the shop's index.
    pub section: u32,
    /// Title of the document and of the section, ready to show.
    pub title: String,
    /// Where the shopper can read it, relative to the shop.
    pub url: String,
}

/// What a product card shows. All of it comes from the catalogue, never from a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductCard {
    /// Stock-keeping unit, unique in the shop.
    pub sku: String,
    /// The shop's URL handle.
    pub handle: String,
    /// Title as the shop writes it.
    pub title: String,
    /// Product page, relative to the shop.
    pub url: String,
    /// Image, relative to the shop; empty if there is none.
    pub image: String,
    /// Price in minor units (pence, cents).
    pub price_minor: u32,
    /// Former price in minor units, where the shop states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at_minor: Option<u32>,
    /// ISO 4217 code.
    pub currency: String,
    /// Whether it can be bought now.
    pub available: bool,
}

/// An answer taken from one section of the shop's documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionAnswer {
    /// The text of the section: paragraphs divided by blank lines, list items led by `- `.
    pub text: String,
    /// Where it is from.
    pub source: Source,
}

/// Something that the shopper can do with one tap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What the button says.
    pub label: String,
    /// Page of the shop that it opens, relative to the shop.
    pub url: String,
}

/// One line of the list under the composer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Suggestion {
    /// A product of the catalogue.
    Product(ProductCard),
    /// A document that answers; choosing it shows the answer without a request.
    Answer(SectionAnswer),
    /// A page of the shop.
    Action(Action),
    /// A way to finish the sentence.
    Completion {
        /// The whole text that replaces the draft.
        text: String,
    },
}

/// Reply of `GET /v1/shops/{shop}/config`: what the widget needs to know and may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopProfile {
    /// Protocol version of the worker.
    pub v: u16,
    /// The shop's name.
    pub name: String,
    /// Where the artifact's files are, relative to the worker.
    pub artifact: String,
    /// What the files are, where they were published: they never change under that path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub integrity: Vec<FileIntegrity>,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileIntegrity {
    /// Its name.
    pub file: String,
    /// Its hash in the form of Subresource Integrity.
    pub integrity: String,
}
