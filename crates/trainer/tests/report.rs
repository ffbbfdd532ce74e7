//! `aisle report` on a shop small enough to know the answer.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod small_shop;

use std::fs;
use std::process::{Command, Output};

use small_shop::train;
use tempfile::TempDir;

#[test]
fn a_page_is_written_about_an_artifact_and_judged_data() {
    let dir = TempDir::new().unwrap();
    let dir = dir.path();
    train(&dir.join("artifact"), "<b>Mugs</b>", &[("1", "Red Mug"), ("2", "Tall Teapot")]);
    fs::write(dir.join("m.tsv"), "text\tintent\nhello\tgreeting\nmy invoice\tinvoice\n").unwrap();
    fs::write(dir.join("q.csv"), "query_id,query,kind\nq,red mug,<i>easy</i>\n").unwrap();
    fs::write(dir.join("j.csv"), "query_id,sku,grade\nq,1,3\n").unwrap();
    let report = |more: &[&str]| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aisle"));
        command.current_dir(dir).args(["report", "--artifact", "artifact"]).args(more);
        command.output().unwrap()
    };
    let judged = ["--messages", "m.tsv", "--queries", "q.csv", "--judgements", "j.csv"];
    let done = report(&[&judged[..], &["--out", "page.html"]].concat());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(done.stdout, b"written to page.html\n");
    let page = fs::read_to_string(dir.join("page.html")).unwrap();
    for part in [
        "<title>Artifact of &lt;b&gt;Mugs&lt;/b&gt;</title>",
        "<dt>products</dt><dd>2</dd>",
        "2 judged messages, 2 of them in scope.",
        "<dt>nDCG@10</dt><dd>1.000</dd>",
        "&lt;i&gt;easy&lt;/i&gt;",
        "understand a query and find products",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<b>") && !page.contains("<i>"));

    let bare = report(&["--out", "bare.html"]);
    assert!(bare.status.success());
    let page = fs::read_to_string(dir.join("bare.html")).unwrap();
    assert!(page.contains("What training says of itself") && !page.contains("Search"));
    assert!(page.contains("Learning curve. 0 passes: "));
    fs::remove_file(dir.join("artifact/training.json")).unwrap();
    assert!(report(&["--out", "bare.html"]).status.success());
    assert!(!fs::read_to_string(dir.join("bare.html")).unwrap().contains("Learning curve"));
    fs::write(dir.join("artifact/training.json"), "{").unwrap();
    let spoilt = report(&["--out", "spoilt.html"]);
    assert_eq!(spoilt.status.code(), Some(1));
    let error = String::from_utf8(spoilt.stderr).unwrap();
    assert!(error.contains("training.json is not what `aisle train` writes"), "{error}");
    fs::remove_file(dir.join("artifact/training.json")).unwrap();
    let nowhere = report(&["--out", "missing/page.html"]);
    assert_eq!(nowhere.status.code(), Some(1));
    let error = String::from_utf8(nowhere.stderr).unwrap();
    assert!(error.starts_with("error: missing/page.html cannot be written"), "{error}");
}
