//! An artifact with the models of another one and the index of another catalogue.

use aisle_core::artifact::{FileCheck, INDEX_FILE};
use aisle_engine::Engine;

use super::described::Described;
use super::indexing::build_index;
use super::related::Related;
use super::{Artifact, TrainError};
use crate::read::Shop;

/// Indexes a shop with the models of an opened artifact, whose files are given. The figures of the
/// manifest stay those of the models.
pub fn index_shop(
    shop: &Shop,
    engine: &Engine,
    encoder: Vec<u8>,
    ranker: Vec<u8>,
) -> Result<Artifact, TrainError> {
    let related = Related::shipped();
    let mut manifest = engine.manifest().clone();
    let vector = |text: &str| Ok(engine.predict(text)?.vector);
    let described = Described::of(&shop.products);
    let index = build_index(shop, &described, &related, &vector, manifest.vector_length)?;
    manifest.files.insert(INDEX_FILE.to_owned(), FileCheck::of(&index));
    manifest.shop.clone_from(&shop.profile.name);
    manifest.currency.clone_from(&shop.profile.currency);
    let manifest_json = serde_json::to_vec_pretty(&manifest)?;
    Ok(Artifact { manifest, manifest_json, encoder, ranker, index, training: None })
}
