//! The commands that measure, run to the end on tiny data: their JSON keys are held to.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod small_shop;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use small_shop::train;
use tempfile::TempDir;

const PRODUCTS: [(&str, &str); 3] = [("1", "Red Mug"), ("2", "Tall Teapot"), ("3", "Lantern")];

/// What a command tells with `--json`; arguments are divided by blanks.
fn told(dir: &Path, arguments: &str) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aisle"));
    command.current_dir(dir).args(arguments.split(' ')).arg("--json");
    let output = command.output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments}: {error}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Asserts that an object has these keys, divided by blanks, and no others.
fn keys(object: &Value, expected: &str) {
    let found: BTreeSet<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(found, expected.split(' ').collect(), "{object:#}");
}

fn shop() -> TempDir {
    let dir = TempDir::new().unwrap();
    train(&dir.path().join("a"), "Shop", &PRODUCTS);
    dir
}

const INTENTS: &str = "messages in_scope_messages accuracy in_scope_accuracy top3_accuracy \
    out_of_scope_recall false_rejection macro_f1 expected_calibration_error per_intent \
    answerable_messages answered_locally wrong_locally local_answers wrong_of_local_answers";

#[test]
fn intents_are_evaluated_and_thresholds_chosen() {
    let dir = shop();
    let dir = dir.path();
    fs::write(dir.join("m.tsv"), "text\tintent\nhello\tgreeting\nmy invoice\tinvoice\n").unwrap();
    fs::write(dir.join("n.tsv"), "text\tintent\nwrite me a poem\tout_of_scope\n").unwrap();
    let figures = told(dir, "evaluate intents --artifact a --file m.tsv --file n.tsv");
    keys(&figures, INTENTS);
    keys(&figures["per_intent"], "greeting invoice out_of_scope");
    keys(&figures["per_intent"]["invoice"], "messages precision recall f1");
    assert_eq!((&figures["messages"], &figures["in_scope_messages"]), (&3.into(), &2.into()));
    // This shop has no documents.
    assert_eq!(figures["answerable_messages"], 0);
    let cut = told(dir, "evaluate intents --artifact a --file m.tsv --cut 0.1");
    keys(&cut, INTENTS);

    let manifest = || -> Value {
        serde_json::from_slice(&fs::read(dir.join("a/manifest.json")).unwrap()).unwrap()
    };
    let before = manifest();
    let calibrate = "calibrate --artifact a --file m.tsv --file n.tsv --false-rejection 0.5";
    let chosen = told(dir, &format!("{calibrate} --dry-run"));
    keys(
        &chosen,
        "thresholds out_of_scope_recall false_rejection answerable_messages answered_locally \
         wrong_locally local_answers wrong_of_local_answers",
    );
    assert_eq!(chosen["false_rejection"], 0.5);
    assert_eq!(manifest(), before);
    assert_eq!(told(dir, calibrate), chosen);
    let after = manifest();
    assert_eq!(after["thresholds"], chosen["thresholds"]);
    assert!(after["evaluation"].get("false_rejection").is_none());
    assert_eq!(after["evaluation"]["accuracy"], before["evaluation"]["accuracy"]);
    let again = told(dir, "evaluate intents --artifact a --file m.tsv --file n.tsv");
    assert_eq!(again["false_rejection"], 0.5, "the artifact opens, and keeps to what was chosen");
}

#[test]
fn search_is_evaluated() {
    let dir = shop();
    let dir = dir.path();
    fs::write(dir.join("q.csv"), "query_id,query,kind\nq1,red mug,head\n").unwrap();
    fs::write(dir.join("r.csv"), "query_id,query,kind\nq2,lantern,head\nq3,tea,prefix\n").unwrap();
    fs::write(dir.join("j.csv"), "query_id,sku,grade\nq1,1,3\nq3,2,3\n").unwrap();
    fs::write(dir.join("k.csv"), "query_id,sku,grade\nq1,1,0\nq2,3,2\n").unwrap();
    let all = "evaluate search --artifact a --queries q.csv --queries r.csv";
    let report = told(dir, &format!("{all} --judgements j.csv --judgements k.csv --run run.csv"));
    keys(&report, "queries ndcg10 p10 r25 r25cap mrr judged10 wrong_lack by_kind lack");
    keys(&report["by_kind"], "head prefix");
    keys(&report["by_kind"]["head"], "queries ndcg10 p10 r25 r25cap mrr judged10 wrong_lack");
    keys(&report["lack"], "queries told");
    assert_eq!(report["queries"], 3);
    assert_eq!(report["by_kind"]["head"]["ndcg10"], 1.0, "the first grade of a pair counts");
    let run = fs::read_to_string(dir.join("run.csv")).unwrap();
    assert!(run.starts_with("query_id,sku,rank\nq1,1,1\n"), "{run}");

    let mut twice = Command::new(env!("CARGO_BIN_EXE_aisle"));
    twice.current_dir(dir).args("evaluate search --artifact a --queries q.csv".split(' '));
    let output = twice.args(["--queries", "q.csv", "--run", "x.csv"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, "error: two of the files have a query q1\n");
}

#[test]
fn baskets_are_evaluated() {
    let dir = shop();
    let dir = dir.path();
    let columns = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n";
    for (name, row) in [
        ("h.csv", "1,10001,1,2011-03-01,2.50,a"),
        ("t.csv", "2,10001,1,2011-04-01,2.50,a"),
        ("u.csv", "3,10002,1,2011-04-02,2.50,b"),
    ] {
        fs::write(dir.join(name), format!("{columns}{row}\n")).unwrap();
    }
    let report =
        told(dir, "evaluate baskets --artifact a --history h.csv --targets t.csv --targets u.csv");
    keys(&report, "overall repeat novel");
    for list in ["overall", "repeat", "novel"] {
        keys(&report[list], "hr10 ndcg10 recall10 customers");
    }
}

#[test]
fn the_base_is_benchmarked() {
    let dir = TempDir::new().unwrap();
    let dir = dir.path();
    let rows = |labels: &[&str]| {
        let rows =
            labels.iter().flat_map(|label| (1..4).map(move |n| format!("{label} {n}\t{label}\n")));
        "text\tlabel\n".to_owned() + &rows.collect::<String>()
    };
    fs::write(dir.join("in.tsv"), rows(&["apple", "boat"])).unwrap();
    fs::write(dir.join("oos.tsv"), rows(&["oos"])).unwrap();
    let both = |option: &str| format!("--{option} in.tsv --{option} oos.tsv");
    let (train, dev, test) = (both("train"), both("dev"), both("test"));
    let figures = told(dir, &format!("benchmark encoder {train} {dev} {test} --epochs 1"));
    keys(
        &figures,
        "in_scope_accuracy out_of_scope_recall false_rejection parameters bytes texts labels",
    );
    assert_eq!((&figures["texts"], &figures["labels"]), (&9.into(), &3.into()));
    let inside = "benchmark encoder --train in.tsv --dev in.tsv --test in.tsv --epochs 1";
    keys(&told(dir, inside), "in_scope_accuracy parameters bytes texts labels");

    fs::write(dir.join("one.tsv"), rows(&["apple"])).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_aisle"));
    let one = "benchmark encoder --train one.tsv --dev one.tsv --test one.tsv";
    let output = command.current_dir(dir).args(one.split(' ')).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("a labelled set needs two labels"), "{error}");
}

#[test]
fn a_question_is_answered_as_the_chat_answers_it() {
    let dir = shop();
    let told = told(dir.path(), "ask --artifact a red mug");
    keys(&told, "understanding route answer sources products");
    keys(&told["understanding"], "intents vector products confident");
    // An encoder that knows nothing is not sure of anything.
    assert_eq!(told["route"], "edge");
    assert!(told["answer"].as_str().unwrap().len() > 10);
    assert_eq!(told["products"][0]["sku"], "1");
}

#[test]
fn what_makes_files_tells_what_was_made() {
    let dir = shop();
    let dir = dir.path();
    fs::create_dir(dir.join("data")).unwrap();
    fs::write(dir.join("data/shop.toml"), "name = \"Shop\"\ncurrency = \"GBP\"\n").unwrap();
    let products = "Handle,Title,Variant SKU,Variant Price\nred-mug,Red Mug,M1,4\n";
    fs::write(dir.join("data/products.csv"), products).unwrap();
    fs::write(dir.join("m.tsv"), "text\tintent\nhello\tgreeting\n").unwrap();
    for (command, expected) in [
        ("index --shop data --models a --out next", "products manifest"),
        ("generate --shop data --artifact a --products 5 --out big", "products index_bytes"),
        ("generate-store --orders 0 --out store", "products variants customers orders"),
        ("report --artifact a --messages m.tsv --out r.html", "page intents search times"),
    ] {
        keys(&told(dir, command), expected);
    }
}
