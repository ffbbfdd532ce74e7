//! `aisle gate` on a shop small enough to know the answer.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod small_shop;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use aisle_core::artifact::MANIFEST_FILE;
use serde_json::{Value, json};
use small_shop::{copy, train};
use tempfile::TempDir;

const PRODUCTS: [(&str, &str); 5] =
    [("1", "Red Mug"), ("2", "Tall Teapot"), ("3", "Lantern"), ("4", "Candle"), ("5", "Towel")];

/// A copy of an artifact with other entries in its manifest.
fn changed(dir: &Path, from: &str, name: &str, change: impl FnOnce(&mut Value)) -> String {
    let candidate = dir.join(name);
    copy(&dir.join(from), &candidate);
    let path = candidate.join(MANIFEST_FILE);
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    fs::write(path, manifest.to_string()).unwrap();
    name.to_owned()
}

fn gate(dir: &Path, candidate: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aisle"));
    command.current_dir(dir).args(["gate", "--current", "current", "--candidate", candidate]);
    command.args(more).output().unwrap()
}

#[test]
fn a_candidate_is_accepted_or_refused_with_the_reason() {
    let dir = TempDir::new().unwrap();
    let dir = dir.path();
    train(&dir.join("made"), "Shop", &PRODUCTS);
    // An encoder that knows nothing is not sure of anything; here it need not be.
    changed(dir, "made", "current", |m| m["thresholds"]["in_scope"] = json!(0.0));
    train(&dir.join("fewer"), "Shop", &PRODUCTS[1..]);
    fs::write(dir.join("m.tsv"), "text\tintent\nhello\tgreeting\nmy invoice\tinvoice\n").unwrap();
    fs::write(dir.join("q.csv"), "query_id,query\nq,red mug\n").unwrap();
    fs::write(dir.join("j.csv"), "query_id,sku,grade\nq,1,3\n").unwrap();
    fs::create_dir(dir.join("empty")).unwrap();
    let messages = ["--messages", "m.tsv"];
    let search = ["--queries", "q.csv", "--judgements", "j.csv"];

    let set = |name, key: &'static str, value: Value| {
        changed(dir, "current", name, |manifest| *manifest.pointer_mut(key).unwrap() = value)
    };
    let same = changed(dir, "current", "same", |_| {});
    let worse = set("worse", "/evaluation/top3_accuracy", json!(0.0));
    let anxious = set("anxious", "/thresholds/in_scope", json!(1.0));
    let foreign = set("foreign", "/currency", json!("EUR"));
    let relabelled = set("relabelled", "/labels/0", json!("other"));
    let unjudged = set("unjudged", "/evaluation", json!({}));

    // candidate, options, part of the reason
    let cases: &[(&str, &[&str], &str)] = &[
        (&same, &[], ""),
        (&same, &[&messages[..], &search].concat(), ""),
        (&worse, &[], "top-3 accuracy fell from "),
        (&worse, &[], " to 0.0000, by more than the margin of 0.01"),
        (&worse, &["--margin", "1"], ""),
        // Figures on given data count, not those of the manifest.
        (&worse, &messages, ""),
        (&anxious, &[], ""),
        (&anxious, &messages, "false rejection rose from "),
        (&anxious, &["--messages", "m.tsv", "--margin", "1"], ""),
        (&foreign, &search, "the currency is EUR and was GBP"),
        (&unjudged, &[], "is not known of the candidate"),
        (&relabelled, &[], "the candidate cannot be opened: "),
        ("empty", &[], "the candidate cannot be opened: "),
        ("fewer", &["--margin", "1"], ""),
        ("fewer", &["--margin", "1", "--max-lost", "0.1"], "1 of 5 products are gone"),
        ("fewer", &search, "search nDCG@10 fell from 1.0000 to 0.0000"),
    ];
    for (candidate, options, reason) in cases {
        let output = gate(dir, candidate, options);
        let error = String::from_utf8(output.stderr).unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        let status = i32::from(!reason.is_empty());
        assert_eq!(output.status.code(), Some(status), "{candidate} {options:?}: {error}");
        assert!(error.contains(reason), "{candidate} {options:?}: {error}");
        assert_eq!(shown.contains("The candidate may be used."), reason.is_empty(), "{shown}");
        assert_eq!(error.starts_with("error: the candidate is refused: "), !reason.is_empty());
    }

    let output = gate(dir, "fewer", &[&search[..], &["--json"]].concat());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!((&told["accepted"], &told["lost_products"]), (&json!(false), &json!(1)));
    let figure =
        json!({"figure": "search_ndcg10", "current": 1.0, "candidate": 0.0, "worse": true});
    assert_eq!(told["figures"], json!([figure]));
    assert!(told["refusals"][0].as_str().unwrap().starts_with("search nDCG@10 fell"));

    for (options, reason) in [
        (&["--margin", "2"][..], "not from 0 to 1"),
        (&["--max-lost", "few"], "not a number"),
        (&["--queries", "q.csv"], "--judgements"),
    ] {
        let output = gate(dir, &same, options);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8(output.stderr).unwrap().contains(reason), "{options:?}");
    }
    let mut swapped = Command::new(env!("CARGO_BIN_EXE_aisle"));
    swapped.current_dir(dir).args(["gate", "--current", "empty", "--candidate", "current"]);
    let error = String::from_utf8(swapped.output().unwrap().stderr).unwrap();
    assert!(error.starts_with("error: the current artifact cannot be opened: "), "{error}");
}
