//! `aisle evaluate baskets` on a shop small enough to know the answer.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use aisle_core::artifact::{ENCODER_FILE, INDEX_FILE, MANIFEST_FILE, RANKER_FILE};
use aisle_core::protocol::{Purchase, RecommendationReason, Signals};
use aisle_engine::{Engine, Files};
use aisle_trainer::read::read_shop;
use aisle_trainer::train::{Config, committed_base, train_shop};
use serde_json::Value;
use tempfile::TempDir;

const SALES: &str = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n";

/// Mug and teapot are bought together, lantern and candle are.
const HISTORY: &str = "1,10001,1,2011-03-01,2.50,a\n1,10002,1,2011-03-01,9.00,a\n\
    2,10001,1,2011-03-02,2.50,b\n2,10002,1,2011-03-02,9.00,b\n\
    3,10003,1,2011-03-03,5.00,c\n3,10004,1,2011-03-03,1.00,c\n\
    4,10003,1,2011-03-04,5.00,d\n4,10004,1,2011-03-04,1.00,d\n";

fn train(dir: &Path) {
    let products = "Handle,Title,Variant SKU,Variant Price\nmug,Mug,10001,2.50\n\
        teapot,Teapot,10002,9.00\nlantern,Lantern,10003,5.00\ncandle,Candle,10004,1.00\n";
    fs::write(dir.join("shop.toml"), "name = \"Shop\"\ncurrency = \"GBP\"\n").unwrap();
    fs::write(dir.join("products.csv"), products).unwrap();
    fs::write(dir.join("sales.csv"), [SALES, HISTORY].concat()).unwrap();
    let config =
        Config { shop_epochs: 1, shipped_messages: 400, ranker_queries: 20, ..Config::default() };
    let shop = read_shop(dir).unwrap();
    train_shop(&shop, committed_base(), &config, &|_, _, _| {}).unwrap().write(dir).unwrap();
}

fn evaluate(dir: &Path, files: &[(&str, &str)], more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aisle"));
    command.args(["evaluate", "baskets", "--artifact"]).arg(dir);
    for (at, (option, rows)) in files.iter().enumerate() {
        let path = dir.join(format!("part-{at}.csv"));
        fs::write(&path, [SALES, rows].concat()).unwrap();
        command.arg(option).arg(path);
    }
    command.args(more).output().unwrap()
}

#[test]
fn the_next_basket_is_predicted_and_scored() {
    let dir = TempDir::new().unwrap();
    train(dir.path());
    let (first, second) = HISTORY.split_at(HISTORY.find("3,").unwrap());
    // One knows what it had, one buys what goes with it, one has no history; one row is broken.
    let targets = "9,10001,1,2011-04-01,2.50,a\n9,99999,1,2011-04-01,1.00,a\n\
        10,10004,1,2011-04-02,1.00,e\n11,10002,1,2011-04-03,9.00,f\n\
        12,10003,x,2011-04-03,9.00,c\n13,10001,1,2011-04-09,2.50,z\n";
    let more = "5,10003,1,2011-03-05,5.00,e\n6,10001,1,2011-03-06,2.50,f\n";
    let files =
        [("--history", first), ("--history", second), ("--history", more), ("--targets", targets)];
    let output = evaluate(dir.path(), &files, &["--json"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{error}");
    assert!(error.contains("part-3.csv:6: Quantity: \"x\" is not a whole number"), "{error}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let figure = |list: &str, name: &str| report[list][name].as_f64().unwrap();
    assert_eq!(report["overall"]["customers"], 3);
    assert_eq!(report["repeat"]["customers"], 1);
    assert_eq!(report["novel"]["customers"], 3);
    assert_eq!(figure("overall", "hr10"), 1.0);
    assert_eq!((figure("repeat", "hr10"), figure("repeat", "recall10")), (1.0, 1.0));
    // The code that is no product of the shop cannot be found; the two others lead their lists.
    assert!((figure("novel", "ndcg10") - 2.0 / 3.0).abs() < 1e-9, "{report}");

    let table = evaluate(dir.path(), &files, &[]);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.contains("overall             3   1.000"), "{table}");
}

#[test]
fn the_engine_recommends_by_the_names_of_the_wire() {
    let dir = TempDir::new().unwrap();
    train(dir.path());
    let read = |file: &str| fs::read(dir.path().join(file)).unwrap();
    let (manifest, encoder) = (read(MANIFEST_FILE), read(ENCODER_FILE));
    let (ranker, index) = (read(RANKER_FILE), read(INDEX_FILE));
    let files = Files { manifest: &manifest, encoder: &encoder, ranker: &ranker, index: &index };
    let engine = Engine::open(files).unwrap();
    // 1 March and 1 April 2011.
    let (march, april) = (1_298_937_600_000, 1_301_616_000_000);
    let bought = |sku: &str| Purchase { sku: sku.into(), at_ms: march, quantity: 1 };
    let signals =
        Signals { viewed: vec!["gone".into(), "lantern".into()], in_cart: vec!["mug".into()] };
    let list = engine.search().recommend(&signals, &[bought("10002"), bought("99999")], april, 4);
    let mut shown: Vec<(&str, RecommendationReason, &str)> =
        list.iter().map(|r| (&*r.product.handle, r.reason, &*r.sentence)).collect();
    shown.sort_unstable_by_key(|(handle, ..)| *handle);
    let expected = [
        ("candle", RecommendationReason::OftenBoughtWith, "Often bought with Lantern"),
        ("teapot", RecommendationReason::BoughtBefore, "You bought this in March"),
    ];
    assert_eq!(shown, expected);
    let extremes = engine.search().recommend(&Signals::default(), &[bought("10001")], u64::MAX, 1);
    assert_eq!(extremes.len(), 1);
    assert!(engine.search().recommend(&signals, &[], 0, 0).is_empty());
}

#[test]
fn targets_without_a_sale_are_an_error() {
    let dir = TempDir::new().unwrap();
    train(dir.path());
    let output = evaluate(dir.path(), &[("--history", HISTORY), ("--targets", "")], &[]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(error.starts_with("error: ") && error.contains("part-1.csv holds no sale"), "{error}");
}
