//! The demo shop's artifact in the repository is what its data and this code make, and the trainer
//! and tract agree about what it says.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

use aisle_core::artifact::{ENCODER_FILE, INDEX_FILE, MANIFEST_FILE, Manifest, RANKER_FILE};
use aisle_core::text::features;
use aisle_engine::{Engine, Files};
use aisle_trainer::model::encoder::{Encoder, Shape};
use aisle_trainer::model::softmax;
use aisle_trainer::read::{INTENTS, read_shop};
use aisle_trainer::train::{Config, committed_base, train_shop};

/// What other processors may change in a figure: the last bits of a product decide a close call.
const TOLERANCE: f32 = 0.005;

fn demo_site() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo-site")
}

fn committed(file: &str) -> Vec<u8> {
    fs::read(demo_site().join("artifact").join(file)).unwrap()
}

#[test]
fn the_committed_artifact_is_what_its_data_and_this_code_make() {
    let shop = read_shop(&demo_site().join("data")).unwrap();
    assert!(shop.products.len() >= 3_791 && shop.documents.len() >= 20);
    let made = train_shop(&shop, committed_base(), &Config::default(), &|_, _, _| {}).unwrap();
    let manifest = Manifest::parse(&committed(MANIFEST_FILE)).unwrap();
    let again = "the artifact is not that of its data: run `cargo xtask train` and commit it";
    assert_eq!(manifest.labels, made.manifest.labels, "{again}");
    assert_eq!(manifest.seed, made.manifest.seed, "{again}");
    let names = |m: &Manifest| m.evaluation.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&manifest), names(&made.manifest), "{again}");
    for (name, figure) in &manifest.evaluation {
        let other = made.manifest.evaluation[name];
        assert!((figure - other).abs() <= TOLERANCE, "{name}: {figure} and {other}; {again}");
    }
    for (file, check) in &manifest.files {
        assert_eq!(check.bytes, made.manifest.files[file].bytes, "{file}; {again}");
    }
}

#[test]
fn the_trainer_and_tract_agree() {
    let (manifest, encoder) = (committed(MANIFEST_FILE), committed(ENCODER_FILE));
    let (ranker, index) = (committed(RANKER_FILE), committed(INDEX_FILE));
    let files = Files { manifest: &manifest, encoder: &encoder, ranker: &ranker, index: &index };
    let engine = Engine::open(files).unwrap();
    let trainers = Encoder::from_onnx(&encoder, Shape::shipped(INTENTS.len())).unwrap();
    let temperature = engine.manifest().temperature;
    for text in [
        "",
        "?",
        "red mug",
        "wher is my ordr",
        "do you deliver to the Isle of Man, and what does it cost?",
        "ein Geschenk für meine Mutter",
        &"a very long message ".repeat(200),
    ] {
        let prediction = engine.predict(text).unwrap();
        let encoding = trainers.encode(&features(text));
        let logits: Vec<f32> = encoding.logits.iter().map(|l| l / temperature).collect();
        for (tract, own) in prediction.probabilities.iter().zip(softmax(&logits)) {
            assert!((tract - own).abs() < 1e-4, "{text:?}: {tract} and {own}");
        }
        for (tract, own) in prediction.vector.iter().zip(&encoding.vector) {
            assert!((f32::from(*tract) / 127.0 - own).abs() < 0.01, "{text:?}");
        }
    }
}

#[test]
fn the_demo_shop_is_read_without_a_warning_that_should_be_mended() {
    let shop = read_shop(&demo_site().join("data")).unwrap();
    let shown: Vec<String> = shop.warnings.iter().map(ToString::to_string).collect();
    let unexpected: Vec<&String> =
        shown.iter().filter(|w| !w.starts_with("sales.csv.gz: StockCode:")).collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
}
