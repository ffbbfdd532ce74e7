//! Artifacts of tiny shops, made in seconds: the encoder knows nothing, the ranker next to nothing.

#![allow(clippy::unwrap_used, dead_code, reason = "a failed set-up is a failed test")]

use std::fs;
use std::path::Path;

use aisle_trainer::model::encoder::{Encoder, Shape};
use aisle_trainer::read::{INTENTS, read_shop};
use aisle_trainer::train::{Config, train_shop};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

/// Makes the artifact of a shop with these products (SKU, title) into a folder.
pub(crate) fn train(out: &Path, name: &str, products: &[(&str, &str)]) {
    let data = TempDir::new().unwrap();
    let rows: String = products
        .iter()
        .map(|(sku, title)| format!("product-{sku},\"{title}\",{sku},2.50\n"))
        .collect();
    let table = "Handle,Title,Variant SKU,Variant Price\n".to_owned() + &rows;
    fs::write(data.path().join("products.csv"), table).unwrap();
    let profile = format!("name = '{name}'\ncurrency = \"GBP\"\n");
    fs::write(data.path().join("shop.toml"), profile).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let base = Encoder::new(Shape::shipped(INTENTS.len()), &mut rng).to_onnx();
    let config = Config { shop_epochs: 0, ranker_queries: 20, ..Config::default() };
    let shop = read_shop(data.path()).unwrap();
    train_shop(&shop, &base, &config, &|_, _, _| {}).unwrap().write(out).unwrap();
}

/// Copies the files of a folder into a new one.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
