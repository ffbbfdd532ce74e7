//! The same data, base and seed give the same bytes.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use aisle_trainer::read::{Shop, read_shop};
use aisle_trainer::train::{Config, committed_base, train_shop};
use tempfile::TempDir;

fn shop(dir: &Path) -> Shop {
    let rows: String = ["Red Mug", "Tall Teapot", "Oak Lantern", "Wool Throw", "Tea Towel"]
        .iter()
        .zip(10_001..)
        .map(|(title, sku)| format!("product-{sku},{title},{sku},2.50\n"))
        .collect();
    let sale = "1,10001,1,2011-03-01,2.50,a\n1,10002,1,2011-03-01,9.00,a\n";
    let columns = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n";
    for (name, text) in [
        ("shop.toml", "name = \"Shop\"\ncurrency = \"GBP\"\n".to_owned()),
        ("products.csv", "Handle,Title,Variant SKU,Variant Price\n".to_owned() + &rows),
        ("sales.csv", columns.to_owned() + sale),
        ("queries.csv", "query_id,query\nq1,red mug\nq2,something for tea\n".to_owned()),
        ("judgements.csv", "query_id,sku,grade\nq1,10001,3\nq2,10002,2\nq2,10005,2\n".to_owned()),
        ("documents/sizes.md", "# Sizes\n\n## Size guide\nintents: size_fit\n\nMeasure.\n".into()),
    ] {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    read_shop(dir).unwrap()
}

/// The files of an artifact.
fn trained(shop: &Shop, seed: u64) -> BTreeMap<String, Vec<u8>> {
    let config = Config {
        seed,
        shop_epochs: 1,
        shipped_messages: 600,
        ranker_queries: 60,
        ..Config::default()
    };
    let dir = TempDir::new().unwrap();
    train_shop(shop, committed_base(), &config, &|_, _, _| {}).unwrap().write(dir.path()).unwrap();
    let files = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap());
    files
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        .collect()
}

#[test]
fn a_shop_trained_twice_is_the_same_in_every_byte() {
    let dir = TempDir::new().unwrap();
    let shop = shop(dir.path());
    let (first, second) = (trained(&shop, 7), trained(&shop, 7));
    assert_eq!(first.len(), 5, "{:?}", first.keys());
    for (name, bytes) in &first {
        assert!(second.get(name) == Some(bytes), "{name}");
    }
    let other = trained(&shop, 8);
    for name in ["encoder.onnx", "ranker.onnx", "training.json"] {
        assert!(other[name] != first[name], "the seed does not reach {name}");
    }
}
