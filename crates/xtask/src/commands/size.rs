//! `cargo xtask size`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::iter::Sum;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use crate::progress::step;
use crate::project::Project;
use crate::{child, dist};

/// Node has the compressors that servers use.
const COMPRESS: &str = include_str!("size.mjs");

/// Tells what shoppers download and what is deployed, in bytes.
///
/// Each part is the sum of its files, raw and compressed one by one: gzip at level 9, brotli at
/// quality 11 with a window of 2^22. WebAssembly and its JavaScript count together.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cargo xtask size
  cargo xtask size --json | jq .widget.brotli")]
pub(super) struct Size {
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

/// Bytes of a file, or of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Bytes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, bytes| Self {
            raw: sum.raw + bytes.raw,
            gzip: sum.gzip + bytes.gzip,
            brotli: sum.brotli + bytes.brotli,
        })
    }
}

/// What is measured, in the order of a shopper's visit.
#[derive(Debug, Serialize)]
struct Sizes {
    loader: Bytes,
    widget: Bytes,
    engine: Bytes,
    model: Bytes,
    index: Bytes,
    worker: Bytes,
}

/// The most that a part may have.
struct Budget {
    raw: Option<u64>,
    brotli: Option<u64>,
}

const LOADER: Budget = Budget { raw: Some(10_000), brotli: Some(4_000) };
const WIDGET: Budget = Budget { raw: None, brotli: Some(100_000) };
const ENGINE: Budget = Budget { raw: None, brotli: Some(700_000) };
const WORKER: Budget = Budget { raw: None, brotli: Some(800_000) };
const FREE: Budget = Budget { raw: None, brotli: None };

impl Size {
    pub(super) fn run(&self, project: &Project) -> Result<()> {
        dist::build(project)?;
        let sizes = step("compressing", |_| measure(&project.dist()))?;
        if self.json {
            println!("{}", serde_json::to_string(&sizes).context("the sizes as JSON")?);
        } else {
            print!("{}", table(&sizes));
        }
        Ok(())
    }
}

fn measure(dist: &Path) -> Result<Sizes> {
    let mut files: BTreeMap<&'static str, Vec<PathBuf>> = BTreeMap::new();
    for entry in WalkDir::new(dist).sort_by_file_name() {
        let path = entry.context("what was built")?.into_path();
        let inside = path.strip_prefix(dist).map(|p| p.to_string_lossy().replace('\\', "/"));
        if let Some(part) = inside.ok().and_then(|inside| part_of(&inside)) {
            files.entry(part).or_default().push(path);
        }
    }
    let size = |part: &str| -> Result<Bytes> {
        let Some(files) = files.get(part) else { bail!("{} has no {part}", dist.display()) };
        Ok(compressed(files)?.into_iter().sum())
    };
    Ok(Sizes {
        loader: size("loader")?,
        widget: size("widget")?,
        engine: size("engine")?,
        model: size("model")?,
        index: size("index")?,
        worker: size("worker")?,
    })
}

/// What a file of the built folder is a part of.
fn part_of(path: &str) -> Option<&'static str> {
    let is_code = path.ends_with(".js") || path.ends_with(".wasm");
    if let Some(asset) = path.strip_prefix("site/assets/") {
        return ["widget", "engine"].into_iter().find(|part| asset.starts_with(part));
    }
    match path {
        "site/aisle.js" => Some("loader"),
        "artifacts/demo/index.bin" => Some("index"),
        _ if path.starts_with("artifacts/demo/") => Some("model"),
        _ if path.starts_with("worker/") && is_code => Some("worker"),
        _ => None,
    }
}

fn compressed(files: &[PathBuf]) -> Result<Vec<Bytes>> {
    let mut node = Command::new("node");
    node.args(["--input-type=module", "--eval", COMPRESS, "--"]).args(files);
    let json = child::output(&mut node)?;
    serde_json::from_str(&json).context("the sizes that Node tells")
}

fn table(sizes: &Sizes) -> String {
    let rows = [
        ("loader", sizes.loader, LOADER),
        ("widget", sizes.widget, WIDGET),
        ("engine", sizes.engine, ENGINE),
        ("model", sizes.model, FREE),
        ("index", sizes.index, FREE),
        ("worker", sizes.worker, WORKER),
    ];
    let mut table = format!("{:<8}{:>12}{:>12}{:>12}   budget\n", "bytes", "raw", "gzip", "brotli");
    for (name, Bytes { raw, gzip, brotli }, budget) in rows {
        let budget = judged(&Bytes { raw, gzip, brotli }, &budget);
        let line = format!("{name:<8}{raw:>12}{gzip:>12}{brotli:>12}   {budget}");
        let _ = writeln!(table, "{}", line.trim_end());
    }
    table
}

/// A budget, and whether it is kept.
fn judged(bytes: &Bytes, budget: &Budget) -> String {
    let limits = [("raw", bytes.raw, budget.raw), ("brotli", bytes.brotli, budget.brotli)];
    let limits = limits.into_iter().filter_map(|(name, size, limit)| Some((name, size, limit?)));
    let words = limits.map(|(name, size, limit)| {
        let verdict = if size <= limit { "PASS" } else { "OVER" };
        format!("{verdict} ({name} <= {limit})")
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn bytes(raw: u64, gzip: u64, brotli: u64) -> Bytes {
        Bytes { raw, gzip, brotli }
    }

    #[test]
    fn every_file_counts_for_its_part() {
        for (path, part) in [
            ("site/aisle.js", Some("loader")),
            ("site/assets/widget-0123.wasm", Some("widget")),
            ("site/assets/engine-0123.js", Some("engine")),
            ("site/assets/engine-worker-0123.js", Some("engine")),
            ("artifacts/demo/ranker.onnx", Some("model")),
            ("artifacts/demo/manifest.json", Some("model")),
            ("artifacts/demo/index.bin", Some("index")),
            ("worker/snippets/a/inline0.js", Some("worker")),
            ("worker/index_bg.wasm", Some("worker")),
            ("worker/config.capnp", None),
        ] {
            assert_eq!(part_of(path), part, "{path}");
        }
    }

    #[test]
    fn a_budget_is_kept_up_to_its_last_byte() {
        assert_eq!(judged(&bytes(0, 0, 100_000), &WIDGET), "PASS (brotli <= 100000)");
        assert_eq!(judged(&bytes(0, 0, 100_001), &WIDGET), "OVER (brotli <= 100000)");
        let loader = judged(&bytes(10_001, 0, 4_000), &LOADER);
        assert_eq!(loader, "OVER (raw <= 10000), PASS (brotli <= 4000)");
        assert_eq!(judged(&bytes(1, 1, 1), &FREE), "");
    }

    #[test]
    fn the_files_of_a_part_are_compressed_one_by_one_and_added() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["one.js", "two.js"].map(|name| folder.path().join(name));
        for file in &files {
            fs::write(file, "aisle ".repeat(1_000)).unwrap();
        }
        let [one, two] = compressed(&files).unwrap().try_into().unwrap();
        assert_eq!(one, two);
        assert_eq!(one.raw, 6_000);
        assert!(one.brotli < one.gzip && one.gzip < 100, "{one:?}");
        let sum: Bytes = [one, two].into_iter().sum();
        assert_eq!(sum, bytes(12_000, 2 * one.gzip, 2 * one.brotli));
    }

    #[test]
    fn the_json_has_the_agreed_shape() {
        let one = bytes(3, 2, 1);
        let sizes =
            Sizes { loader: one, widget: one, engine: one, model: one, index: one, worker: one };
        let json = serde_json::to_string(&sizes).unwrap();
        assert!(
            json.starts_with(r#"{"loader":{"raw":3,"gzip":2,"brotli":1},"widget":{"#),
            "{json}"
        );
        assert!(json.ends_with(r#""worker":{"raw":3,"gzip":2,"brotli":1}}"#), "{json}");
    }
}
