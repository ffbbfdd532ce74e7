//! The command line as a user meets it.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

fn aisle(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_aisle")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn help_teaches_every_command_with_an_example() {
    let commands: &[&[&str]] = &[
        &[],
        &["import"],
        &["import", "products"],
        &["import", "orders"],
        &["import", "reviews"],
        &["import", "chats"],
        &["train"],
        &["train-base"],
        &["index"],
        &["calibrate"],
        &["benchmark", "encoder"],
        &["publish"],
        &["rollback"],
        &["generate"],
        &["generate-store"],
        &["inspect"],
        &["search"],
        &["ask"],
        &["score"],
        &["evaluate", "intents"],
        &["evaluate", "search"],
        &["evaluate", "baskets"],
        &["gate"],
        &["report"],
    ];
    for command in commands {
        let output = aisle(&[*command, &["--help"]].concat());
        assert!(output.status.success(), "{command:?}");
        assert!(text(&output.stdout).contains("Example"), "{command:?}");
        assert!(text(&output.stderr).is_empty(), "{command:?}");
    }
}

#[test]
fn failures_are_one_clear_line_and_a_status() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    fs::write(path("bad.tsv"), "text\tintent\nhi\tsanta\n").unwrap();
    fs::write(path("good.tsv"), "text\tintent\nhi\tgreeting\n").unwrap();
    fs::create_dir(path("damaged")).unwrap();
    for file in ["manifest.json", "encoder.onnx", "ranker.onnx", "index.bin"] {
        fs::write(path("damaged") + "/" + file, "{}").unwrap();
    }
    let (none, damaged) = (path("none"), path("damaged"));
    let (bad, good) = (path("bad.tsv"), path("good.tsv"));
    let cases: &[(&[&str], &str)] = &[
        (&["train", "--shop", &none, "--out", &damaged], "not found; expected a folder"),
        (&["train", "--shop", &damaged, "--out", &none], "shop.toml: not found; expected TOML"),
        (
            &["import", "products", "--from", &none, "--shop", &damaged],
            "there is no shop.toml yet; give --currency",
        ),
        (
            &["import", "orders", "--from", &none, "--shop", &none, "--map", "x"],
            "--map x: write FIELD=COLUMN",
        ),
        (
            &["train-base", "--public", &none, "--lessons", &none, "--out", &none],
            "train.tsv.gz: not found",
        ),
        (&["inspect", "--artifact", &none], "an artifact's folder?"),
        (&["search", "--artifact", &none, "mug"], "an artifact's folder?"),
        (&["inspect", "--artifact", &damaged], "manifest.json cannot be read"),
        (&["ask", "--artifact", &damaged, "hello"], "manifest.json cannot be read"),
        (
            &["evaluate", "intents", "--artifact", &none, "--file", &bad],
            "none of its 1 rows can be used",
        ),
        (
            &["evaluate", "intents", "--artifact", &damaged, "--file", &good],
            "manifest.json cannot be read",
        ),
        (
            &["evaluate", "baskets", "--artifact", &none, "--history", &good, "--targets", &good],
            "an artifact's folder?",
        ),
        (&["score", "--artifact", &none, "--file", &none], "not found; expected plain text"),
    ];
    for (arguments, expected) in cases {
        let output = aisle(arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
        assert!(error.starts_with("error: "), "{error}");
        assert!(error.contains(expected), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(output.stdout.is_empty());
    }
    let usage = aisle(&["evaluate", "search", "--artifact", &none, "--queries", &good]);
    assert_eq!(usage.status.code(), Some(2));
}

#[test]
fn what_is_in_an_artifact_is_a_table_of_names_and_values() {
    let artifact = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo-site/artifact");
    let told = text(&aisle(&["inspect", "--artifact", artifact]).stdout);
    assert!(told.lines().count() > 15, "{told}");
    for line in told.lines() {
        let (name, value) = line.split_at_checked(27).unwrap();
        assert!(name.ends_with(' ') && !value.starts_with(' '), "{line}");
    }
}

#[test]
fn a_catalogue_is_imported_into_a_new_shop() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    let rows: String = (0..30).map(|at| format!("Mug {at};bad;{at}\n")).collect();
    fs::write(path("stock.csv"), format!("name;price;sku\nMug;4,50;M\n{rows}")).unwrap();
    let (stock, shop) = (path("stock.csv"), path("shop"));
    let import = ["import", "products", "--from", &stock, "--shop", &shop];
    let trial = aisle(&[&import[..], &["--currency", "EUR", "--dry-run"]].concat());
    assert!(text(&trial.stdout).ends_with("nothing was written\n"), "{}", text(&trial.stdout));
    assert!(!dir.path().join("shop").exists());
    let done = aisle(&[&import[..], &["--currency", "EUR", "--name", "Mugs", "--json"]].concat());
    let summary: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    for (key, expected) in [
        ("format", "csv".into()),
        ("records", 31.into()),
        ("added", 1.into()),
        ("left_out", 30.into()),
        ("total", 1.into()),
        ("warning_count", serde_json::Value::from(61)),
    ] {
        assert_eq!(summary[key], expected, "{key}");
    }
    let told = text(&done.stderr);
    assert!(told.contains("stock.csv:3: price: \"bad\" is not a price; not used"), "{told}");
    assert!(
        told.contains("10 more like \"price: _ is not a price; not used\", 30 in all"),
        "{told}"
    );
    let written = fs::read_to_string(path("shop/shop.toml")).unwrap();
    assert!(written.contains("currency = \"EUR\""), "{written}");
    let again = aisle(&import);
    assert!(
        text(&again.stdout).contains("0 new, 0 updated, 1 unchanged"),
        "{}",
        text(&again.stdout)
    );
}
